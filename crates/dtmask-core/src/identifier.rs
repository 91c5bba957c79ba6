//! The token identifier in front of a secret: what may be told of it.

use std::borrow::Cow;
use std::ops::Range;

use crate::engine::Engine;
use crate::escapes::{ESC, Escapes};
use crate::grammar::identifier_before_end;
use crate::unit::Unit;

/// How many bytes in front of a secret are looked at; longer identifiers are not told.
pub(crate) const REACH: usize = 1024;

/// What masks the bytes of an identifier that are secret.
const MASK: u8 = b'*';

/// Tells the identifiers of the secrets of a stream, one after the other.
#[derive(Debug, Default)]
pub(crate) struct Identifiers {
    /// The secrets so far that stand near the last one: one may be a part of the
    /// identifier of another.
    secrets: Vec<Range<u64>>,
}

impl Identifiers {
    /// Takes note of a secret that was found behind all others.
    pub(crate) fn note(&mut self, secret: Range<u64>) {
        self.forget(secret.end.saturating_sub(REACH as u64));
        self.secrets.push(secret);
    }

    /// Forgets the secrets in front of this offset.
    fn forget(&mut self, first: u64) {
        let far = self.secrets.partition_point(|secret| secret.end <= first);
        self.secrets.drain(..far);
    }

    /// The token identifier (prefix and public portion) of the token whose secret
    /// portion, or the rest of it after a line wrap, starts at this offset, behind
    /// `before`. Bytes of it that are secret themselves are masked.
    pub(crate) fn before<'h>(
        &mut self,
        engine: &Engine,
        before: &'h [u8],
        offset: u64,
        unit: Unit,
    ) -> Option<Cow<'h, [u8]>> {
        let near = &before[before.len().saturating_sub(REACH)..];
        let first = offset - near.len() as u64;
        self.forget(first);
        let text = text(engine, near, unit);
        let identifier = identifier_before_end(&text)?;
        let start = identifier.as_ptr().addr() - text.as_ptr().addr();
        let place = start..start + identifier.len();
        if self.secrets.is_empty() {
            return Some(match text {
                Cow::Borrowed(text) => Cow::Borrowed(&text[place]),
                Cow::Owned(text) => Cow::Owned(text[place].to_vec()),
            });
        }
        let mut masked = near.to_vec();
        for secret in &self.secrets {
            let at = |offset: u64| (offset.max(first) - first) as usize;
            masked[at(secret.start)..at(secret.end)].fill(MASK);
        }
        // A mask is as visible as what it stands for.
        Some(Cow::Owned(
            self::text(engine, &masked, unit)[place].to_vec(),
        ))
    }
}

/// What `bytes` are, read in these characters.
fn text<'h>(engine: &Engine, bytes: &'h [u8], unit: Unit) -> Cow<'h, [u8]> {
    let text = match unit {
        Unit::Byte => Cow::Borrowed(bytes),
        Unit::Wide { big_endian, .. } => {
            let characters = bytes.as_rchunks::<2>().1.iter();
            Cow::Owned(
                characters
                    .map(|pair| pair[usize::from(big_endian)])
                    .collect(),
            )
        }
    };
    if engine.ansi && text.contains(&ESC) {
        return Cow::Owned(Escapes::strip(&text));
    }
    text
}
