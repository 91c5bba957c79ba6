//! The laws for rules drawn at random.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{UserCase, user_rules};

libfuzzer_sys::fuzz_target!(|case: UserCase<'_>| user_rules(&case));
