//! Escape sequences of terminals, ECMA-48: what has to be passed over to read a text
//! as a terminal shows it.

use std::ops::Range;

/// The most bytes of escape sequences between two visible bytes that are passed over,
/// so that what has to be withheld with an undecided byte is bounded. What is longer
/// is text from there on.
pub(crate) const MAX_LEN: usize = 256;

/// What every sequence begins with.
pub(crate) const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;

/// Tells visible bytes from those of escape sequences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Escapes {
    state: State,
    /// The bytes of escape sequences since the last visible one.
    len: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Ground,
    /// Behind an escape character.
    Escape,
    /// Behind an escape character and bytes that select a character set, say.
    Intermediate,
    /// In a control sequence, such as a colour code.
    Control,
    /// In a string for the terminal, such as a title or a link.
    Text,
    /// Behind an escape character in such a string.
    TextEscape,
}

/// Whether `byte` can stand in a sequence.
pub(crate) fn may_hold(byte: u8) -> bool {
    byte >= b' ' || matches!(byte, ESC | BEL)
}

impl Escapes {
    /// Takes the bytes up to the end of the first visible ones that follow each other, and
    /// says where those are. They are none if all of `bytes` is of sequences.
    pub(crate) fn next_run(&mut self, bytes: &[u8]) -> Range<usize> {
        let Some(start) = bytes.iter().position(|&byte| self.is_visible(byte)) else {
            return bytes.len()..bytes.len();
        };
        // Behind a visible byte, a sequence begins with its first byte and with no other.
        let rest = &bytes[start + 1..];
        start..start + 1 + memchr::memchr(ESC, rest).unwrap_or(rest.len())
    }

    /// Takes the next byte, and says whether it is visible.
    pub(crate) fn is_visible(&mut self, byte: u8) -> bool {
        use State::{Control, Escape, Ground, Intermediate, Text, TextEscape};

        let (next, visible) = match (self.state, byte) {
            (TextEscape, b'\\') | (Text, BEL) => (Ground, false),
            // A new sequence, wherever it begins.
            (Text, ESC) => (TextEscape, false),
            (_, ESC) => (Escape, false),
            (Ground, _) => (Ground, true),
            (Escape | TextEscape, b'[') => (Control, false),
            (Escape | TextEscape, b']' | b'P' | b'X' | b'^' | b'_') => (Text, false),
            (Escape | TextEscape | Intermediate, b' '..=b'/') => (Intermediate, false),
            (Escape | TextEscape | Intermediate, b'0'..=b'~') => (Ground, false),
            (Control, b' '..=b'?') => (Control, false),
            (Control, b'@'..=b'~') => (Ground, false),
            (Text, b' '..) => (Text, false),
            // A line break, say: nothing that breaks off swallows more than its own line.
            (_, _) => (Ground, true),
        };
        self.state = next;
        self.len = if visible { 0 } else { self.len + 1 };
        if self.len > MAX_LEN {
            *self = Self::default();
            return true;
        }
        visible
    }
}

#[cfg(test)]
mod tests {
    use super::{Escapes, MAX_LEN};

    /// `text` without its escape sequences.
    fn strip(text: &[u8]) -> Vec<u8> {
        let mut escapes = Escapes::default();
        let visible = text.iter().filter(|&&byte| escapes.is_visible(byte));
        let visible: Vec<u8> = visible.copied().collect();
        assert_eq!(strip_in_runs(text), visible);
        visible
    }

    fn strip_in_runs(mut text: &[u8]) -> Vec<u8> {
        let mut escapes = Escapes::default();
        let mut visible = Vec::new();
        while !text.is_empty() {
            let run = escapes.next_run(text);
            visible.extend_from_slice(&text[run.clone()]);
            text = &text[run.end..];
        }
        visible
    }

    #[test]
    fn sequences_of_every_kind_are_passed_over() {
        for sequence in [
            "\x1b[m",
            "\x1b[0;38;5;196m",
            "\x1b[2K",
            "\x1b[?25l",
            "\x1b[ q",
            "\x1b(B",
            "\x1b%G",
            "\x1b7",
            "\x1b=",
            "\x1bM",
            "\x1b]0;a title\x07",
            "\x1b]8;;https://example.com\x1b\\",
            "\x1bP$q\"p\x1b\\",
            "\x1b]0;not ended\x1b[1m",
        ] {
            let text = format!("ab{sequence}cd");
            assert_eq!(strip(text.as_bytes()), b"abcd", "{sequence:?}");
        }
    }

    #[test]
    fn a_sequence_that_breaks_off_ends_with_its_line() {
        for begun in ["\x1b", "\x1b[", "\x1b[1;", "\x1b]0;title", "\x1bP", "\x1b("] {
            let text = format!("ab{begun}\ncd");
            assert_eq!(strip(text.as_bytes()), b"ab\ncd", "{begun:?}");
        }
        assert_eq!(strip(b"a\x1b[1\xffb"), b"a\xffb");
    }

    #[test]
    fn a_sequence_that_is_too_long_becomes_text() {
        let endless = |len: usize| [b"\x1b]", vec![b'x'; len].as_slice(), b"\x07|"].concat();
        assert_eq!(strip(&endless(MAX_LEN - 3)), b"|");
        assert_eq!(strip(&endless(MAX_LEN)), b"xx\x07|");
        let many = "\x1b[m".repeat(MAX_LEN);
        // The byte that is one too many is text, and those that go on behind it.
        let text = String::from_utf8(strip(many.as_bytes())).unwrap();
        assert!(text.len() < 16 && text.starts_with('['), "{text:?}");
    }
}
