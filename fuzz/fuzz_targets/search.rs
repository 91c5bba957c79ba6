//! A search of chunks finds what is in the whole.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{Case, search};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| search(&case));
