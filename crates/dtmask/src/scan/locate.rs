//! Lines and columns of secrets, and what else takes their bytes to know: whether their
//! line may hold them, and hashes to recognise them by. Needs to be told which bytes are
//! secret, and holds none of them.

use sha2::{Digest as _, Sha256};

use super::encoding::Encoding;
use super::search::Found;
use crate::report;

/// A line that holds this is passed over.
pub(crate) const MARKER: &[u8] = b"dtmask:allow";

/// How much of the start of a line its hash is made of.
const HEAD: usize = 256;

/// Where a secret stands in a text, and what to recognise it by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) start: Position,
    /// Behind the last byte.
    pub(crate) end: Position,
    /// Whether the line in which the secret starts has the marker.
    pub(crate) allowed: bool,
    /// The first bytes of the secret's SHA-256.
    pub(crate) digest: [u8; 8],
    /// The first bytes of the SHA-256 of the start of the line, masked and without blanks.
    pub(crate) line_hash: [u8; 8],
}

/// Line and columns, all from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) line: u64,
    /// In bytes.
    pub(crate) column: u64,
    /// In characters.
    pub(crate) character: u64,
}

/// Follows a content from its start to its end.
#[derive(Debug)]
pub(super) struct Locator {
    encoding: Encoding,
    /// The first byte of a character whose second did not come yet.
    odd: Option<u8>,
    /// The offset of the next character.
    at: u64,
    line: Line,
    open: Option<Open>,
    /// Secrets that start in the current line and are over.
    waiting: Vec<Place>,
    /// Secrets whose line is over.
    places: Vec<Place>,
}

/// The current line as far as it was seen.
#[derive(Debug)]
struct Line {
    number: u64,
    start: u64,
    characters: u64,
    /// Its first bytes, masked.
    head: Vec<u8>,
    /// How many bytes of the marker the line ends with.
    matched: usize,
    marked: bool,
}

/// A secret whose end did not come yet.
#[derive(Debug)]
struct Open {
    place: Place,
    digest: Sha256,
    /// Whether the line in which it starts is over.
    line_over: bool,
}

impl Locator {
    pub(super) fn new(encoding: Encoding) -> Locator {
        Locator {
            encoding,
            odd: None,
            at: 0,
            line: Line::new(1, 0),
            open: None,
            waiting: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Follows a chunk of a content whose secrets are known, and takes those from
    /// `found` that end in it.
    pub(super) fn chunk(&mut self, mut chunk: &[u8], found: &mut &[Found]) {
        while !chunk.is_empty() {
            let at = self.at + self.odd.iter().len() as u64;
            let (until, secret) = match found {
                [] => (u64::MAX, false),
                [next, ..] if at < next.range.start => (next.range.start, false),
                [next, ..] => (next.range.end, true),
            };
            let length = usize::try_from(until - at).map_or(chunk.len(), |n| n.min(chunk.len()));
            let (part, rest) = chunk.split_at(length);
            self.part(part, secret);
            if secret && at + length as u64 == until {
                *found = &found[1..];
            }
            chunk = rest;
        }
    }

    /// Follows bytes that are all secret, or none of which is.
    pub(super) fn part(&mut self, bytes: &[u8], secret: bool) {
        if bytes.is_empty() {
            return;
        }
        match (secret, &mut self.open) {
            (true, None) => {
                let place = Place {
                    start: self.position(),
                    ..Place::default()
                };
                self.open = Some(Open {
                    place,
                    digest: Sha256::new(),
                    line_over: false,
                });
            }
            (false, Some(_)) => self.close(),
            _ => {}
        }
        if let Some(open) = &mut self.open {
            open.digest.update(bytes);
        }
        match self.encoding {
            Encoding::Bytes => self.text(bytes, secret),
            Encoding::Utf16 { .. } => {
                let text = self.encoding.narrow(&mut self.odd, bytes);
                self.text(&text, secret);
            }
        }
    }

    /// The end of the content: the places of its secrets in order.
    pub(super) fn finish(mut self) -> Vec<Place> {
        self.close();
        self.end_line();
        self.places
    }

    /// `text` has one byte for each unit of the encoding.
    fn text(&mut self, mut text: &[u8], secret: bool) {
        let width = self.encoding.width();
        if !secret
            && self.waiting.is_empty()
            && let Some(last) = memchr::memrchr(b'\n', text)
        {
            // Nothing of these lines matters but their number.
            let lines = memchr::memchr_iter(b'\n', &text[..=last]).count() as u64;
            self.at += (last as u64 + 1) * width;
            self.line = Line::new(self.line.number + lines, self.at);
            text = &text[last + 1..];
        }
        while let Some(end) = memchr::memchr(b'\n', text) {
            self.line.extend(&text[..end], secret);
            self.at += (end as u64 + 1) * width;
            self.end_line();
            text = &text[end + 1..];
            if !secret && !text.is_empty() {
                // Nobody waits any more.
                return self.text(text, secret);
            }
        }
        self.line.extend(text, secret);
        self.at += text.len() as u64 * width;
    }

    fn position(&self) -> Position {
        Position {
            line: self.line.number,
            column: self.at - self.line.start + 1,
            character: self.line.characters + 1,
        }
    }

    /// The end of the open secret, if there is one.
    fn close(&mut self) {
        let end = self.position();
        let Some(mut open) = self.open.take() else {
            return;
        };
        open.place.end = end;
        open.place.digest = first_bytes(open.digest);
        if open.line_over {
            self.places.push(open.place);
        } else {
            self.waiting.push(open.place);
        }
    }

    /// The end of the current line is known, and with it all about the secrets that
    /// start in it.
    fn end_line(&mut self) {
        let open = self.open.as_mut().filter(|open| !open.line_over);
        if open.is_some() || !self.waiting.is_empty() {
            let line_hash = self.line.hash();
            let settle = |place: &mut Place| {
                place.allowed = self.line.marked;
                place.line_hash = line_hash;
            };
            self.waiting.iter_mut().for_each(settle);
            self.places.append(&mut self.waiting);
            if let Some(open) = open {
                settle(&mut open.place);
                open.line_over = true;
            }
        }
        self.line = Line::new(self.line.number + 1, self.at);
    }
}

impl Line {
    fn new(number: u64, start: u64) -> Line {
        Line {
            number,
            start,
            characters: 0,
            head: Vec::new(),
            matched: 0,
            marked: false,
        }
    }

    fn extend(&mut self, part: &[u8], secret: bool) {
        let continues = |byte: &&u8| **byte & 0xc0 == 0x80;
        self.characters += (part.len() - part.iter().filter(continues).count()) as u64;
        let head = &part[..part.len().min(HEAD - self.head.len())];
        if secret {
            self.head.resize(self.head.len() + head.len(), b'*');
            self.matched = 0;
        } else {
            self.head.extend_from_slice(head);
            self.look_for_marker(part);
        }
    }

    /// The marker may be cut in two. Its first byte is nowhere else in it, so after a
    /// mismatch it can begin at that byte only.
    fn look_for_marker(&mut self, mut part: &[u8]) {
        while !self.marked {
            if self.matched == 0 {
                let Some(start) = memchr::memchr(MARKER[0], part) else {
                    return;
                };
                part = &part[start..];
            }
            let Some((&byte, rest)) = part.split_first() else {
                return;
            };
            self.matched = if byte == MARKER[self.matched] {
                self.matched + 1
            } else {
                usize::from(byte == MARKER[0])
            };
            self.marked = self.matched == MARKER.len();
            part = rest;
        }
    }

    /// A hash that says nothing of a secret, not even of one that is not looked for.
    fn hash(&self) -> [u8; 8] {
        let mut head = self.head.clone();
        let mut stream = report::redactor().stream();
        let ready = stream.push_in_place(&mut head).ready.len();
        // The head may end in the midst of a secret.
        head[ready..].fill(b'*');
        head.retain(|byte| !byte.is_ascii_whitespace());
        first_bytes(Sha256::new_with_prefix(head))
    }
}

fn first_bytes(digest: Sha256) -> [u8; 8] {
    let digest = digest.finalize();
    std::array::from_fn(|index| digest[index])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(range: std::ops::Range<u64>) -> Found {
        Found {
            rule: "token".into(),
            range,
            identifier: None,
            complete: true,
        }
    }

    fn places(encoding: Encoding, chunks: &[&[u8]], found: &[Found]) -> Vec<Place> {
        let mut locator = Locator::new(encoding);
        let mut rest = found;
        for chunk in chunks {
            locator.chunk(chunk, &mut rest);
        }
        assert!(rest.is_empty());
        locator.finish()
    }

    fn positions(place: &Place) -> [u64; 6] {
        let Place { start, end, .. } = place;
        [
            start.line,
            start.column,
            start.character,
            end.line,
            end.column,
            end.character,
        ]
    }

    #[test]
    fn places_do_not_depend_on_chunks() {
        let text = "one\ntwö SECRET x\n\nthree SEC dtmask:allow RET\r\nSECRET\nlast SE\nCRET end";
        let at = |nth: usize, word: &str| {
            let start = text.match_indices(word).nth(nth).unwrap().0 as u64;
            start..start + word.len() as u64
        };
        let found = [
            found(at(0, "SECRET")),
            found(at(0, "SEC ").start..at(0, "SEC ").end - 1),
            found(at(0, "RET\r").start..at(0, "RET\r").end - 1),
            found(at(1, "SECRET")),
            found(at(0, "SE\nCRET")),
        ];
        let text = text.as_bytes();
        let whole = places(Encoding::Bytes, &[text], &found);
        assert_eq!(
            whole.iter().map(positions).collect::<Vec<_>>(),
            [
                [2, 6, 5, 2, 12, 11],
                [4, 7, 7, 4, 10, 10],
                [4, 24, 24, 4, 27, 27],
                [5, 1, 1, 5, 7, 7],
                [6, 6, 6, 7, 5, 5],
            ]
        );
        let allowed: Vec<bool> = whole.iter().map(|place| place.allowed).collect();
        assert_eq!(allowed, [false, true, true, false, false]);
        assert_eq!(whole[0].digest, whole[3].digest);
        assert_ne!(whole[0].digest, whole[1].digest);
        for size in 1..text.len() {
            let chunks: Vec<&[u8]> = text.chunks(size).collect();
            assert_eq!(places(Encoding::Bytes, &chunks, &found), whole, "{size}");
        }
    }

    #[test]
    fn utf_16_has_the_places_of_its_text() {
        let text = "\u{feff}a\u{1f600}ਊ\nb SECRET dtmask:allow\nSECRET";
        for big in [false, true] {
            let bytes: Vec<u8> = text
                .encode_utf16()
                .flat_map(|unit| {
                    if big {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                })
                .collect();
            let encoding = Encoding::of(&bytes);
            assert_eq!(encoding, Encoding::Utf16 { big });
            let found = [found(16..28), found(56..68)];
            let whole = places(encoding, &[&bytes], &found);
            assert_eq!(positions(&whole[0]), [2, 5, 3, 2, 17, 9]);
            assert_eq!(positions(&whole[1]), [3, 1, 1, 3, 13, 7]);
            assert_eq!((whole[0].allowed, whole[1].allowed), (true, false));
            for size in 1..bytes.len() {
                let chunks: Vec<&[u8]> = bytes.chunks(size).collect();
                assert_eq!(places(encoding, &chunks, &found), whole, "{size}");
            }
        }
    }

    #[test]
    fn the_hash_of_a_line_is_that_of_its_masked_text() {
        let hash = |text: &str, start: u64| {
            let found = [found(start..start + 6)];
            places(Encoding::Bytes, &[text.as_bytes()], &found)[0].line_hash
        };
        let first = hash("key = SECRET;\n", 6);
        assert_eq!(hash("\n\tkey=OTHERS;\r\n", 6), first);
        assert_ne!(hash("kex = SECRET;\n", 6), first);
        // What other rules find does not count either.
        let other = |value: &str| hash(&format!("SECRET api-token={value}"), 0);
        assert_eq!(
            other("FAKE_legacy-tok3n_abc"),
            other("FAKE_legacy-tok3n_xyz")
        );
        let cut = |value: &str| hash(&format!("SECRET{} api-token={value}", "x".repeat(235)), 0);
        assert_eq!(cut("FAKE_legacy-tok3n_abc"), cut("EVIL_legacy-tok3n_xyz"));
    }
}
