//! Known values in union with rules drawn at random.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{UserCase, known_values};

libfuzzer_sys::fuzz_target!(|case: UserCase<'_>| known_values(&case));
