//! How characters stand in the input.

/// The bytes of a character, all of which is secret or nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    /// It is one byte.
    #[default]
    Byte,
    /// It is two bytes of UTF-16.
    Wide {
        big_endian: bool,
        /// Whether characters begin at odd offsets of the stream.
        odd: bool,
    },
}

impl Unit {
    /// That of UTF-16 from this offset of the stream on.
    pub(crate) fn wide(big_endian: bool, origin: u64) -> Self {
        Self::Wide {
            big_endian,
            odd: origin % 2 == 1,
        }
    }

    /// The bytes of a character.
    pub(crate) fn width(self) -> u64 {
        match self {
            Self::Byte => 1,
            Self::Wide { .. } => 2,
        }
    }

    /// Whether the byte at this offset of the stream is the one that tells ASCII
    /// characters apart; the other one is zero.
    pub(crate) fn is_telling(self, offset: u64) -> bool {
        match self {
            Self::Byte => true,
            Self::Wide { big_endian, odd } => {
                let first = (offset % 2 == 1) == odd;
                first != big_endian
            }
        }
    }
}
