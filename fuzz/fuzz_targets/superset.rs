//! Law 3: what the published expression calls secret is masked by default.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{Case, superset};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| superset(&case));
