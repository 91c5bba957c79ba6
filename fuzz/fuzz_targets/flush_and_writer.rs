//! Laws 8 and 9: the writer, flushed at every point, and in front of one that fails.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{Case, flush_and_writer};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| flush_and_writer(&case));
