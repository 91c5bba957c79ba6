//! The reader, behind one that is slow, interrupted and fails.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{Case, reader};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| reader(&case));
