//! The token identifier in front of a secret: what may be told of it.

use std::borrow::Cow;
use std::ops::Range;

use crate::engine::Engine;
use crate::escapes::{ESC, Escapes};
use crate::unit::Unit;

/// The length of a prefix, without its dot.
const PREFIX_LEN: usize = 6;

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
        let identifier = in_text(&text)?;
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

/// The same of bytes that are text.
fn in_text(before: &[u8]) -> Option<&[u8]> {
    let before = trim_colour_codes(before);
    let (before, dot) = match trim_dot(before) {
        Some(trimmed) => (trimmed, true),
        None => (before, false),
    };
    if dot {
        return identifier_at_end(before);
    }
    // A wrapped token: the first part of the secret and a line wrap stand in between.
    let mut before = trim_end(before, |b| b == b' ' || b == b'\t');
    for wrap in [&b"\r\n"[..], b"\n", br"\r\n", br"\n"] {
        if let Some(rest) = before.strip_suffix(wrap) {
            before = rest;
            break;
        }
    }
    let before = before.strip_suffix(b"=").unwrap_or(before);
    let part = trim_end(before, |b| b.is_ascii_uppercase() || b.is_ascii_digit());
    // A percent-encoded dot ends in characters that a secret may hold too.
    let dotted = [
        part.len(),
        part.len() + "2E".len(),
        part.len() + "002E".len(),
    ]
    .into_iter()
    .filter_map(|end| before.get(..end))
    .find_map(trim_dot)?;
    identifier_at_end(dotted)
}

/// The identifier at the very end of `before`.
fn identifier_at_end(before: &[u8]) -> Option<&[u8]> {
    let is_prefix = |bytes: &[u8]| {
        matches!(bytes, [d, t, b'0', letter, tens, units]
            if d | 0x20 == b'd' && t | 0x20 == b't' && letter.is_ascii_alphabetic()
                && tens.is_ascii_digit() && units.is_ascii_digit())
    };
    // A tenant token has no public portion.
    if before.len() >= PREFIX_LEN && is_prefix(&before[before.len() - PREFIX_LEN..]) {
        let prefix = &before[before.len() - PREFIX_LEN..];
        if prefix[3..].eq_ignore_ascii_case(b"a02") {
            return Some(prefix);
        }
    }
    let rest = trim_end(before, |b| {
        b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
    });
    let public = rest.len();
    [public, public + 2, public + 5]
        .into_iter()
        .filter_map(|end| before.get(..end))
        .filter_map(trim_dot)
        .find(|head| head.len() >= PREFIX_LEN && is_prefix(&head[head.len() - PREFIX_LEN..]))
        .map(|head| &before[head.len() - PREFIX_LEN..])
}

/// `bytes` without the dot at its end, plain, percent-encoded or escaped.
fn trim_dot(bytes: &[u8]) -> Option<&[u8]> {
    [&b"."[..], b"%2E", b"%2e", br"\u002E", br"\u002e"]
        .into_iter()
        .find_map(|dot| bytes.strip_suffix(dot))
}

/// `bytes` without the colour codes at its end.
fn trim_colour_codes(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b'm' | b'K'] = bytes {
        let parameters = trim_end(rest, |b| b.is_ascii_digit() || b == b';');
        match parameters.strip_suffix(b"\x1b[") {
            Some(rest) => bytes = rest,
            None => break,
        }
    }
    bytes
}

fn trim_end(bytes: &[u8], trimmed: impl Fn(u8) -> bool) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|&b| !trimmed(b))
        .map_or(0, |at| at + 1);
    &bytes[..end]
}
