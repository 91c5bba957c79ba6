//! The secrets of one content: a file, an object of git, or standard input.
//!
//! What fits a buffer is searched there. Anything longer is read twice if it can be:
//! once to find its secrets, and if there are any, once more to tell where they stand.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek};

use dtmask_core::{Redactor, Segment};

use super::encoding::{self, Encoding};
use super::locate::{Locator, Place};
use super::search::{self, Found, Search};

/// Bytes read at once.
const BUFFER: usize = 128 * 1024;

/// What can be read a second time.
pub(super) trait Rewind: Read {
    /// Goes back to the start.
    fn rewind(&mut self) -> io::Result<()>;
}

impl Rewind for File {
    fn rewind(&mut self) -> io::Result<()> {
        Seek::rewind(self)
    }
}

/// What is looked at, and what is told of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope {
    /// Also contents that are no text.
    pub(crate) binary: bool,
    /// Also tokens that are cut off.
    pub(crate) cut_off: bool,
}

/// A secret and where it stands.
pub(super) type Located = (Found, Place);

/// The secrets of a content in order; `None` if it is no text and was not looked at.
pub(super) type Looked = Option<Vec<Located>>;

/// Searches one content after the other.
pub(super) struct Scanner<'r> {
    redactor: &'r Redactor,
    scope: Scope,
    buffer: Vec<u8>,
}

impl<'r> Scanner<'r> {
    pub(super) fn new(redactor: &'r Redactor, scope: Scope) -> Scanner<'r> {
        Scanner {
            redactor,
            scope,
            buffer: vec![0; BUFFER],
        }
    }

    /// Looks for the secrets of `content`.
    ///
    /// # Errors
    ///
    /// Those of `content`.
    pub(super) fn scan(&mut self, content: &mut impl Rewind) -> io::Result<Looked> {
        let start = match self.begin(content)? {
            Begun::Done(looked) => return Ok(looked),
            Begun::Longer(encoding) => encoding,
        };
        let mut search = Search::new(self.redactor);
        let mut filled = self.buffer.len();
        while filled > 0 {
            search.push(&self.buffer[..filled]);
            filled = fill(content, &mut self.buffer)?;
        }
        let found = search.finish();
        if !found.iter().any(|found| self.is_wanted(found)) {
            return Ok(Some(Vec::new()));
        }
        content.rewind()?;
        let mut locator = Locator::new(start);
        let mut rest = found.as_slice();
        while let filled @ 1.. = fill(content, &mut self.buffer)? {
            locator.chunk(&self.buffer[..filled], &mut rest);
        }
        Ok(Some(self.wanted(found, locator.finish())))
    }

    /// The same for what can be read only once. Slower: while the content passes, one
    /// search tells what is found in it, and one where.
    ///
    /// # Errors
    ///
    /// Those of `content`.
    pub(super) fn scan_once(&mut self, content: &mut impl Read) -> io::Result<Looked> {
        let encoding = match self.begin(content)? {
            Begun::Done(looked) => return Ok(looked),
            Begun::Longer(encoding) => encoding,
        };
        let mut search = Search::new(self.redactor);
        let mut stream = self.redactor.stream();
        let mut locator = Locator::new(encoding);
        // What the stream did not decide on yet.
        let mut undecided = Vec::new();
        let mut filled = self.buffer.len();
        while filled > 0 {
            let chunk = &self.buffer[..filled];
            search.push(chunk);
            undecided.extend_from_slice(chunk);
            let mut decided = 0;
            for segment in stream.push(chunk) {
                decided += follow(&mut locator, segment, &undecided[decided..]);
            }
            undecided.drain(..decided);
            filled = fill(content, &mut self.buffer)?;
        }
        let mut decided = 0;
        for segment in stream.finish() {
            decided += follow(&mut locator, segment, &undecided[decided..]);
        }
        Ok(Some(self.wanted(search.finish(), locator.finish())))
    }

    /// Reads the first bytes, and is done if there are no more or if they are no text.
    fn begin(&mut self, content: &mut impl Read) -> io::Result<Begun> {
        // Most contents are short: their end is seen without a further look.
        let filled = fill(content, &mut self.buffer)?;
        let start = &self.buffer[..filled];
        if !self.scope.binary && encoding::is_binary(start) {
            return Ok(Begun::Done(None));
        }
        let encoding = Encoding::of(start);
        if filled == self.buffer.len() {
            return Ok(Begun::Longer(encoding));
        }
        let found = search::whole(self.redactor, start);
        if !found.iter().any(|found| self.is_wanted(found)) {
            return Ok(Begun::Done(Some(Vec::new())));
        }
        let mut locator = Locator::new(encoding);
        locator.chunk(start, &mut found.as_slice());
        Ok(Begun::Done(Some(self.wanted(found, locator.finish()))))
    }

    /// Puts together what is known of each secret, and leaves out what nobody asked for.
    fn wanted(&self, found: Vec<Found>, mut places: Vec<Place>) -> Vec<Located> {
        // A file that became shorter between two looks lost the places of its last
        // secrets. They were there all the same.
        places.resize_with(found.len(), Place::default);
        let located = found.into_iter().zip(places);
        located
            .filter(|(found, place)| self.is_wanted(found) && !place.allowed)
            .collect()
    }

    fn is_wanted(&self, found: &Found) -> bool {
        self.scope.cut_off || found.complete || !self.finds_tokens(&found.rule)
    }

    /// Whether a rule could tell complete tokens from those that are cut off.
    fn finds_tokens(&self, name: &str) -> bool {
        let mut rules = self.redactor.rules();
        rules.any(|rule| rule.name() == name && rule.complete_at().is_some())
    }
}

/// What the first bytes of a content tell.
enum Begun {
    /// They are all of it, or it is not looked at.
    Done(Looked),
    /// There may be more.
    Longer(Encoding),
}

/// Fills `buffer` unless the end comes first.
fn fill(content: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match content.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Tells `locator` of a segment, whose bytes in the content are the first of `content`,
/// and returns its length. Masks have the length of what they replace.
fn follow(locator: &mut Locator, segment: Segment<'_>, content: &[u8]) -> usize {
    let length = segment.as_bytes().len();
    let secret = matches!(segment, Segment::Mask(_));
    locator.part(&content[..length], secret);
    length
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use dtmask_test::samples;

    use super::*;

    impl Rewind for Cursor<&[u8]> {
        fn rewind(&mut self) -> io::Result<()> {
            self.set_position(0);
            Ok(())
        }
    }

    const ALL: Scope = Scope {
        binary: false,
        cut_off: true,
    };

    /// Texts around the size of the buffer, with secrets at all of its ends.
    fn texts() -> Vec<String> {
        let token = samples::api_token();
        let line = format!("x {token}\n");
        [BUFFER - 100, BUFFER, BUFFER + 1, 3 * BUFFER]
            .into_iter()
            .flat_map(|size| {
                let line = &line;
                (0..100).step_by(7).map(move |shift| {
                    let pad = "é\n".repeat(size / 3 - 30);
                    format!(
                        "{}{line}{pad}{line}{line} dtmask:allow {line}",
                        "y".repeat(shift)
                    )
                })
            })
            .collect()
    }

    #[test]
    fn all_ways_to_read_tell_the_same() {
        let redactor = Redactor::new();
        let mut scanner = Scanner::new(&redactor, ALL);
        for text in texts() {
            let found = search::whole(&redactor, text.as_bytes());
            let mut locator = Locator::new(Encoding::Bytes);
            locator.chunk(text.as_bytes(), &mut found.as_slice());
            let expected = scanner.wanted(found, locator.finish());
            assert_eq!(expected.len(), 3);
            let twice = scanner.scan(&mut Cursor::new(text.as_bytes()));
            assert!(twice.unwrap().as_ref() == Some(&expected), "{}", text.len());
            let once = scanner.scan_once(&mut text.as_bytes());
            assert!(once.unwrap().as_ref() == Some(&expected), "{}", text.len());
        }
    }

    /// Becomes shorter once it was read.
    struct Shrinking<'t>(Cursor<&'t [u8]>);

    impl Read for Shrinking<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl Rewind for Shrinking<'_> {
        fn rewind(&mut self) -> io::Result<()> {
            self.0 = Cursor::new(b"gone");
            Ok(())
        }
    }

    #[test]
    fn what_vanishes_is_told_all_the_same() {
        let redactor = Redactor::new();
        let text = format!("{}{}", " ".repeat(BUFFER), samples::api_token());
        let mut content = Shrinking(Cursor::new(text.as_bytes()));
        let looked = Scanner::new(&redactor, ALL).scan(&mut content).unwrap();
        let located = looked.unwrap();
        assert_eq!(located.len(), 1);
        assert_eq!(located[0].1, Place::default());
    }

    #[test]
    fn cut_off_tokens_are_told_if_asked_for() {
        let redactor = Redactor::new();
        let text = &samples::api_token()[..60];
        for cut_off in [false, true] {
            let scope = Scope {
                binary: false,
                cut_off,
            };
            let looked = Scanner::new(&redactor, scope).scan_once(&mut text.as_bytes());
            assert_eq!(looked.unwrap().unwrap().len(), usize::from(cut_off));
        }
    }
}
