//! What the bytes of a content stand for, as far as lines and columns need it.

/// The first bytes of a content by which it is told to be text or not.
const PROBE: usize = 8 * 1024;

/// How characters are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// ASCII, UTF-8, or anything else that has ASCII's line feeds.
    Bytes,
    /// UTF-16 with a byte order mark.
    Utf16 { big: bool },
}

impl Encoding {
    /// Of a content with this start.
    pub(super) fn of(start: &[u8]) -> Encoding {
        match start {
            [0xff, 0xfe, ..] => Encoding::Utf16 { big: false },
            [0xfe, 0xff, ..] => Encoding::Utf16 { big: true },
            _ => Encoding::Bytes,
        }
    }

    /// The bytes of a character of ASCII.
    pub(super) fn width(self) -> u64 {
        match self {
            Encoding::Bytes => 1,
            Encoding::Utf16 { .. } => 2,
        }
    }

    /// One byte for each unit of UTF-16: ASCII as it is, the second half of a pair as a
    /// byte that continues a character of UTF-8, everything else as a question mark.
    pub(super) fn narrow(self, odd: &mut Option<u8>, bytes: &[u8]) -> Vec<u8> {
        let big = self == Encoding::Utf16 { big: true };
        let mut text = Vec::with_capacity(bytes.len() / 2 + 1);
        for &byte in bytes {
            let Some(first) = odd.take() else {
                *odd = Some(byte);
                continue;
            };
            let pair = [first, byte];
            let unit = if big {
                u16::from_be_bytes(pair)
            } else {
                u16::from_le_bytes(pair)
            };
            text.push(match unit {
                0..=0x7f => pair[usize::from(big)],
                0xdc00..=0xdfff => 0x80,
                _ => b'?',
            });
        }
        text
    }
}

/// Whether a content with this start is no text.
pub(super) fn is_binary(start: &[u8]) -> bool {
    let probe = &start[..start.len().min(PROBE)];
    Encoding::of(probe) == Encoding::Bytes && memchr::memchr(0, probe).is_some()
}

#[cfg(test)]
mod tests {
    use super::{PROBE, is_binary};

    #[test]
    fn a_nul_near_the_start_makes_a_content_binary() {
        assert!(!is_binary(b""));
        assert!(is_binary(b"a\0b"));
        assert!(!is_binary(b"\xff\xfea\0"));
        assert!(!is_binary(b"\xfe\xff\0a"));
        let mut content = vec![b'a'; PROBE];
        content.push(0);
        assert!(!is_binary(&content));
        content[PROBE - 1] = 0;
        assert!(is_binary(&content));
    }
}
