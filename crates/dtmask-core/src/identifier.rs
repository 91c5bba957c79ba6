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
        let text = Text::of(engine, near, unit);
        let characters = &*text.characters;
        let identifier = identifier_before_end(characters)?;
        let start = identifier.as_ptr().addr() - characters.as_ptr().addr();
        let place = start..start + identifier.len();
        let offset_of = |character| first + text.place(character) as u64;
        let from = offset_of(place.start);
        let hiding = &self.secrets[self.secrets.partition_point(|secret| secret.end <= from)..];
        if hiding
            .first()
            .is_none_or(|secret| secret.start > offset_of(place.end - 1))
        {
            return Some(match text.characters {
                Cow::Borrowed(text) => Cow::Borrowed(&text[place]),
                Cow::Owned(text) => Cow::Owned(text[place].to_vec()),
            });
        }
        // A mask is as visible as what it stands for.
        let masked = place.map(|character| {
            let at = offset_of(character);
            let is_secret = hiding.iter().any(|secret| secret.contains(&at));
            if is_secret {
                MASK
            } else {
                characters[character]
            }
        });
        Some(Cow::Owned(masked.collect()))
    }
}

/// What bytes are, read in characters of which some are visible.
struct Text<'h> {
    /// The visible ones.
    characters: Cow<'h, [u8]>,
    /// The place of the byte that tells the first of all characters, and the bytes from one
    /// to the next.
    first: usize,
    width: usize,
    /// Where the visible characters part from all of them: the number of one, and its number
    /// among all. None if all are visible.
    marks: Vec<(usize, usize)>,
}

impl<'h> Text<'h> {
    fn of(engine: &Engine, bytes: &'h [u8], unit: Unit) -> Self {
        let (first, all) = match unit {
            Unit::Byte => (0, Cow::Borrowed(bytes)),
            Unit::Wide { big_endian, .. } => {
                let first = bytes.len() % 2 + usize::from(big_endian);
                (
                    first,
                    bytes.iter().skip(first).step_by(2).copied().collect(),
                )
            }
        };
        let mut text = Self {
            characters: all,
            first,
            width: unit.width() as usize,
            marks: Vec::new(),
        };
        if engine.ansi && text.characters.contains(&ESC) {
            let all = std::mem::take(&mut text.characters);
            let mut visible = Vec::with_capacity(all.len());
            let mut escapes = Escapes::default();
            let mut at = 0;
            while at < all.len() {
                let run = escapes.next_run(&all[at..]);
                let from = at + run.start;
                at += run.end;
                text.marks.push((visible.len(), from));
                visible.extend_from_slice(&all[from..at]);
            }
            text.characters = visible.into();
        }
        text
    }

    /// The place of the byte that tells this character.
    fn place(&self, character: usize) -> usize {
        let next = self.marks.partition_point(|&(mark, _)| mark <= character);
        let all = match next.checked_sub(1).map(|last| self.marks[last]) {
            Some((mark, all)) => all + (character - mark),
            None => character,
        };
        self.first + all * self.width
    }
}
