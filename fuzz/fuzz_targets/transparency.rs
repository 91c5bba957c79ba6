//! Law 4: clean bytes are handed on where they stand.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{Case, transparency};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| transparency(&case));
