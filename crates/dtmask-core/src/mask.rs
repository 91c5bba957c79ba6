//! What stands in a secret's place.

use crate::error::{Error, ErrorKind};

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
    /// If `text` is empty or holds a control character.
    pub fn text(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        if text.is_empty() {
            Err(Error::new(ErrorKind::Mask, "a mask text must not be empty"))
        } else if text.chars().any(char::is_control) {
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

    /// The mask for the next bytes of a secret of which `len` are left, and how many of
    /// them it stands for.
    pub(crate) fn piece(&self, len: u64, first: bool) -> (&[u8], u64) {
        match &self.0 {
            Kind::Fill(byte) => {
                let piece = len.min(FILL_LEN as u64);
                (&fill(*byte)[..piece as usize], piece)
            }
            Kind::Text(text) if first => (text.as_bytes(), len),
            Kind::Text(_) => (&[], len),
        }
    }

    /// The byte that masks in place.
    pub(crate) fn in_place_byte(&self) -> u8 {
        self.fill_byte().unwrap_or(b'*')
    }

    /// What is looked at to know whether the mask could become secret: of a fill mask,
    /// which may be of any length, one byte.
    pub(crate) fn sample(&self) -> &[u8] {
        self.piece(1, true).0
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
