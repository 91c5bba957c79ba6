//! Law 10: the cost is linear, whatever is repeated.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{Case, linear};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| linear(&case));
