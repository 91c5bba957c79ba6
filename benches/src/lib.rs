//! What the benches of dtmask run on: corpora made by the project, at run time.
//!
//! - `cargo bench --bench engines`: every engine over every corpus, in one process.
//! - `cargo bench --bench micro`: one line, one push, one redactor.
//! - `benches/peers.sh`: the binary against cat, sd, ripgrep, perl and sed.
//! - `cargo run --release -p benches --example corpus`: a corpus as a file.

/// The README's examples, which need every crate of the workspace as this one does.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

pub mod corpora;
pub mod rng;
pub mod scene;
pub mod tokens;
