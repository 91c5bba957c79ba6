//! UTF-16 under rules drawn at random, which can fit the bytes as they are too.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{UserCase, views_of_user_rules};

libfuzzer_sys::fuzz_target!(|case: UserCase<'_>| views_of_user_rules(&case));
