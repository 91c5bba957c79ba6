//! What a case is grown from.

use arbitrary::Arbitrary;
use dtmask_test::{expand, samples};

/// What stands in the braces of a case written by hand.
const SAMPLES: [(&[u8], &str); 7] = [
    (b"{P24}", samples::P24),
    (b"{P8}", samples::P8),
    (b"{S64}", samples::S64),
    (b"{HEX64}", samples::HEX64),
    (b"{A24}", samples::A24),
    (b"{L21}", samples::L21),
    (b"{T16}", samples::T16),
];

/// The most bytes of an input grown from a seed.
pub(super) const LONGEST: usize = 600;

/// An input, and how it is cut into chunks.
///
/// The first byte says how the input is made, 16 bytes decide on the chunks, and the rest
/// is the input's seed. So a case can be written by hand: `=`, then `1` and 15 blanks for
/// single bytes (see [`expand::chunks`]), then the input, with names of samples in braces.
#[derive(Arbitrary, Debug)]
pub(crate) struct Case<'a> {
    pub(super) form: u8,
    pub(super) chunking: [u8; 16],
    pub(super) seed: &'a [u8],
}

/// The same for rules that are drawn, too.
#[derive(Arbitrary, Debug)]
pub(crate) struct UserCase<'a> {
    pub(super) rules: [u8; 48],
    pub(super) chunking: [u8; 16],
    pub(super) seed: &'a [u8],
}

/// A rule that may be no rule at all, and an input for it.
#[derive(Arbitrary, Debug)]
pub(crate) struct RuleCase<'a> {
    pub(super) min: u8,
    pub(super) max: Option<u8>,
    pub(super) keep: &'a str,
    pub(super) secret: &'a str,
    pub(super) input: &'a [u8],
}

impl Case<'_> {
    pub(super) fn input(&self) -> Vec<u8> {
        if self.form != b'=' {
            let mut input = expand::input(self.seed);
            // The oracle is slow, and what is to be found is never far apart.
            input.truncate(LONGEST);
            return input;
        }
        let mut out = Vec::new();
        let mut rest = self.seed;
        while let Some((&byte, behind)) = rest.split_first() {
            let named = SAMPLES.iter().find(|(name, _)| rest.starts_with(name));
            if let Some((name, sample)) = named {
                out.extend_from_slice(sample.as_bytes());
                rest = &rest[name.len()..];
            } else {
                out.push(byte);
                rest = behind;
            }
        }
        out
    }

    pub(super) fn chunks<'i>(&self, input: &'i [u8]) -> Vec<&'i [u8]> {
        expand::chunks(input, &self.chunking)
    }
}
