//! What stands in a secret's place.

use crate::error::{Error, ErrorKind};
use crate::regions::Piece;
use crate::unit::Unit;

/// The longest piece of a fill mask that is handed out at once.
const FILL_LEN: usize = 256;
const FIRST_PRINTABLE: u8 = b' ';
const LAST_PRINTABLE: u8 = b'~';
const PRINTABLE: usize = (LAST_PRINTABLE - FIRST_PRINTABLE + 1) as usize;

/// Fill masks for every printable byte, so that a mask never has to be allocated.
static FILLS: [[u8; FILL_LEN]; PRINTABLE] = {
    let mut fills = [[0; FILL_LEN]; PRINTABLE];
    let mut index = 0;
    while index < PRINTABLE {
        fills[index] = [FIRST_PRINTABLE + index as u8; FILL_LEN];
        index += 1;
    }
    fills
};

/// The substitute for secret bytes.
///
/// A mask that could itself become part of a secret, with its neighbours in the output,
/// is refused when the redactor is built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Fill(u8),
    Text(String),
}

impl Mask {
    /// One `byte` for each secret byte, so that lengths and offsets stay true.
    ///
    /// # Errors
    ///
    /// If `byte` is not printable ASCII.
    pub fn fill(byte: u8) -> Result<Self, Error> {
        if (FIRST_PRINTABLE..=LAST_PRINTABLE).contains(&byte) {
            Ok(Self(Kind::Fill(byte)))
        } else {
            Err(Error::new(
                ErrorKind::Mask,
                "a mask character must be one printable ASCII byte",
            ))
        }
    }

    /// `text` once for each contiguous secret.
    ///
    /// # Errors
    ///
    /// If `text` is empty or holds what is not printable: control and format characters, and
    /// spaces other than the common one.
    pub fn text(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        if text.is_empty() {
            Err(Error::new(ErrorKind::Mask, "a mask text must not be empty"))
        } else if !text.chars().all(is_printable) {
            Err(Error::new(
                ErrorKind::Mask,
                "a mask text must be printable, without line breaks or other control characters",
            ))
        } else {
            Ok(Self(Kind::Text(text)))
        }
    }

    /// The byte of a fill mask.
    pub fn fill_byte(&self) -> Option<u8> {
        match self.0 {
            Kind::Fill(byte) => Some(byte),
            Kind::Text(_) => None,
        }
    }

    /// The longest piece a stream hands out of a fill mask, for those who can make use
    /// of bytes that live for ever: every [`Segment::Mask`](crate::Segment::Mask) is as
    /// long or shorter.
    pub fn fill_piece(&self) -> Option<&'static [u8]> {
        self.fill_byte().map(fill)
    }

    /// The text of a text mask.
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Kind::Fill(_) => None,
            Kind::Text(text) => Some(text),
        }
    }

    /// What is looked at to know whether the mask could become secret: of a fill mask,
    /// which may be of any length, one byte.
    pub(crate) fn sample(&self) -> &[u8] {
        match &self.0 {
            Kind::Fill(byte) => &fill(*byte)[..1],
            Kind::Text(text) => text.as_bytes(),
        }
    }
}

/// Whether a character is seen by itself. These three are escaped for other reasons.
fn is_printable(character: char) -> bool {
    matches!(character, '"' | '\'' | '\\') || character.escape_debug().len() == 1
}

/// A mask for characters of every kind.
#[derive(Debug)]
pub(crate) struct Masks {
    mask: Mask,
    /// For UTF-16, unless there is none.
    wide: Option<Wide>,
}

/// A mask in UTF-16.
#[derive(Debug)]
struct Wide {
    /// A fill mask, each character with the zero behind it, and one more of them.
    fill: Vec<u8>,
    little_endian: Vec<u8>,
    big_endian: Vec<u8>,
}

impl Masks {
    pub(crate) fn new(mask: Mask, utf16: bool) -> Self {
        let text = mask.as_text().unwrap_or_default();
        let wide = utf16.then(|| Wide {
            fill: [mask.in_place_byte(), 0].repeat(FILL_LEN / 2 + 1),
            little_endian: text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            big_endian: text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        });
        Self { mask, wide }
    }

    pub(crate) fn mask(&self) -> &Mask {
        &self.mask
    }

    /// The mask for the first bytes of a secret piece, and how many of them it stands for.
    pub(crate) fn of(&self, piece: &Piece) -> (&[u8], u64) {
        let len = piece.end - piece.start;
        match (&self.mask.0, piece.unit, &self.wide) {
            (Kind::Fill(byte), ..) => {
                let len = len.min(FILL_LEN as u64);
                let fill = match (piece.unit, &self.wide) {
                    (Unit::Wide { .. }, Some(wide)) => {
                        &wide.fill[usize::from(!piece.unit.is_telling(piece.start))..]
                    }
                    _ => fill(*byte),
                };
                (&fill[..len as usize], len)
            }
            (Kind::Text(_), ..) if !piece.first => (&[], len),
            (Kind::Text(_), Unit::Wide { big_endian, .. }, Some(wide)) if big_endian => {
                (&wide.big_endian, len)
            }
            (Kind::Text(_), Unit::Wide { .. }, Some(wide)) => (&wide.little_endian, len),
            (Kind::Text(text), ..) => (text.as_bytes(), len),
        }
    }

    /// Masks bytes of a secret where they stand, of which the first is at this offset of
    /// the stream. A text mask can not be used for that: it is `*` then.
    pub(crate) fn fill(&self, bytes: &mut [u8], offset: u64, unit: Unit) {
        let mask = self.mask.in_place_byte();
        match unit {
            Unit::Byte => bytes.fill(mask),
            Unit::Wide { .. } => {
                for (byte, at) in bytes.iter_mut().zip(offset..) {
                    *byte = if unit.is_telling(at) { mask } else { 0 };
                }
            }
        }
    }
}

impl Mask {
    /// The byte that masks in place.
    fn in_place_byte(&self) -> u8 {
        self.fill_byte().unwrap_or(b'*')
    }
}

/// A fill mask of a printable byte.
fn fill(byte: u8) -> &'static [u8] {
    &FILLS[usize::from(byte - FIRST_PRINTABLE)]
}

impl Default for Mask {
    /// Fills with `*`.
    fn default() -> Self {
        Self(Kind::Fill(b'*'))
    }
}
