//! Any rule at all is refused, or does what the oracle says.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{RuleCase, any_rule};

libfuzzer_sys::fuzz_target!(|case: RuleCase<'_>| any_rule(&case));
