//! Masking in place gives the same as handing on.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{Case, in_place};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| in_place(&case));
