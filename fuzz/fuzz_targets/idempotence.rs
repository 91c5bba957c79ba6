//! Law 7: masking twice equals masking once.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{Case, idempotence};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| idempotence(&case));
