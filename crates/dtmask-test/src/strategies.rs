//! The inputs, chunkings and rules of [`crate::expand`] and
//! [`crate::user_rules`] as proptest strategies.
//!
//! All are maps over vectors of decisions, so they shrink by leaving decisions
//! out and taking simpler ones.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::SizeRange;

use crate::expand::{self, Dice};
use crate::oracle::OracleRule;
use crate::user_rules;

/// A partition that any input can be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunking {
    seed: Vec<u8>,
}

impl Chunking {
    /// The parts of `input`; put together they are `input`.
    pub fn split<'i>(&self, input: &'i [u8]) -> Vec<&'i [u8]> {
        expand::chunks(input, &self.seed)
    }
}

/// Rules drawn at random with an input over the same few letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCase {
    /// One to three valid rules.
    pub rules: Vec<OracleRule>,
    /// What they are tried on.
    pub input: Vec<u8>,
}

/// Inputs rich in tokens, contexts and what nearly is one.
pub fn input() -> impl Strategy<Value = Vec<u8>> {
    seed(0..80).prop_map(|seed| expand::input(&seed))
}

/// Inputs of few pieces, short enough for quadratic checks.
pub fn short_input() -> impl Strategy<Value = Vec<u8>> {
    seed(0..16).prop_map(|seed| {
        let mut input = expand::input(&seed);
        input.truncate(200);
        input
    })
}

/// Inputs with nothing to find in most of them: any bytes at all.
pub fn noise() -> impl Strategy<Value = Vec<u8>> {
    seed(0..600)
}

/// Partitions: whole, single bytes, in two, mixed with empty parts.
pub fn chunking() -> impl Strategy<Value = Chunking> {
    seed(1..60).prop_map(|seed| Chunking { seed })
}

/// One to three valid rules over the letters `a`, `b` and `c`.
pub fn user_rules() -> impl Strategy<Value = Vec<OracleRule>> {
    seed(1..60).prop_map(|seed| user_rules::rules(&mut Dice::new(&seed)))
}

/// Such rules and an input for them.
pub fn user_case() -> impl Strategy<Value = UserCase> {
    let input = seed(0..120).prop_map(|seed| user_rules::input(&seed));
    (user_rules(), input).prop_map(|(rules, input)| UserCase { rules, input })
}

fn seed(size: impl Into<SizeRange>) -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), size)
}
