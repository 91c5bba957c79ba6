//! Known values that overlap, with escape sequences in them.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{UserCase, known_values_in_views};

libfuzzer_sys::fuzz_target!(|case: UserCase<'_>| known_values_in_views(&case));
