//! Law 6: no more is withheld than must be, and an abnormal end masks it.

#![no_main]

#[path = "../../crates/dtmask-core/tests/common/mod.rs"]
mod common;

use common::checks::{Case, bounded};

libfuzzer_sys::fuzz_target!(|case: Case<'_>| bounded(&case));
