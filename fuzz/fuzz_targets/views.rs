//! Views: a text with escape sequences in it, and in UTF-16.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{Case, views};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| views(&case));
