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
        // A mask is as visible as what it stands for.
        let characters = visible(engine, near, unit).skip(place.start);
        let masked = characters.take(place.len()).map(|(at, character)| {
            let at = first + at as u64;
            let is_secret = self.secrets.iter().any(|secret| secret.contains(&at));
            if is_secret { MASK } else { character }
        });
        Some(Cow::Owned(masked.collect()))
    }
}

/// What `bytes` are, read in these characters.
fn text<'h>(engine: &Engine, bytes: &'h [u8], unit: Unit) -> Cow<'h, [u8]> {
    if unit == Unit::Byte && !(engine.ansi && bytes.contains(&ESC)) {
        return Cow::Borrowed(bytes);
    }
    let characters = visible(engine, bytes, unit).map(|(_, character)| character);
    Cow::Owned(characters.collect())
}

/// The visible characters of `bytes`, each with the place of the byte that tells it.
fn visible(engine: &Engine, bytes: &[u8], unit: Unit) -> impl Iterator<Item = (usize, u8)> {
    let (first, width) = match unit {
        Unit::Byte => (0, 1),
        Unit::Wide { big_endian, .. } => (bytes.len() % 2 + usize::from(big_endian), 2),
    };
    let mut escapes = engine.ansi.then(Escapes::default);
    let characters = bytes.iter().copied().enumerate().skip(first).step_by(width);
    characters.filter(move |&(_, character)| {
        let escapes = escapes.as_mut();
        escapes.is_none_or(|escapes| escapes.is_visible(character))
    })
}
