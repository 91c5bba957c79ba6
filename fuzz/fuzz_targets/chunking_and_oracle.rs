//! Laws 1, 2 and 5: every partition of every input gives what the oracle says.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{Case, chunking_and_oracle};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| chunking_and_oracle(&case));
