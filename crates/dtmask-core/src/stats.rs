//! What was masked, in numbers.

use std::fmt;

use crate::rules::Rule;

/// Counts of a stream; they never hold a secret.
#[derive(Clone, Copy)]
pub struct Stats<'s> {
    rules: &'s [Rule],
    counts: &'s [u64],
    bytes_in: u64,
}

impl<'s> Stats<'s> {
    pub(crate) fn new(rules: &'s [Rule], counts: &'s [u64], bytes_in: u64) -> Self {
        Self {
            rules,
            counts,
            bytes_in,
        }
    }

    /// The bytes pushed.
    pub fn bytes_in(&self) -> u64 {
        self.bytes_in
    }

    /// The secrets masked. A secret is a maximal contiguous run of secret bytes.
    pub fn secrets(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The secrets masked by each active rule, in table order. A secret counts for the
    /// first rule that makes its first byte secret.
    pub fn by_rule(&self) -> impl Iterator<Item = (&'s str, u64)> {
        let names = self.rules.iter().map(Rule::name);
        names.zip(self.counts.iter().copied())
    }
}

impl fmt::Debug for Stats<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stats")
            .field("bytes_in", &self.bytes_in)
            .field("secrets", &self.secrets())
            .finish_non_exhaustive()
    }
}
