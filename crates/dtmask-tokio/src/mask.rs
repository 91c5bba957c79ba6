//! Masks as frames that cost no allocation.

use bytes::Bytes;
use dtmask_core::Mask;

/// Makes frames of a redactor's masks.
#[derive(Debug)]
pub(crate) enum MaskFrames {
    /// A fill mask, as long as the core hands out any.
    Fill(&'static [u8]),
    /// A text mask.
    Text(Bytes),
}

impl MaskFrames {
    pub(crate) fn new(mask: &Mask) -> Self {
        match (mask.fill_piece(), mask.as_text()) {
            (Some(fill), _) => Self::Fill(fill),
            (None, text) => Self::Text(Bytes::copy_from_slice(text.unwrap_or_default().as_bytes())),
        }
    }

    /// Whether this mask is one of these: those of other encodings are not.
    pub(crate) fn is_one(&self, mask: &[u8]) -> bool {
        match self {
            Self::Fill(fill) => mask.as_ptr() == fill.as_ptr(),
            Self::Text(text) => mask == text,
        }
    }

    /// The frame for a mask of `len` bytes.
    pub(crate) fn frame(&self, len: usize) -> Bytes {
        match self {
            Self::Fill(fill) => Bytes::from_static(&fill[..len]),
            // Always whole: a text stands once for each secret.
            Self::Text(text) => text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(byte: u8) -> Mask {
        Mask::fill(byte).expect("the byte is printable")
    }

    #[test]
    fn fill_frames_are_static_for_every_printable_byte() {
        for byte in b' '..=b'~' {
            let [one, other] =
                [fill(byte), fill(byte)].map(|mask| MaskFrames::new(&mask).frame(200));
            assert_eq!(one, vec![byte; 200]);
            // Two that share nothing but the program have the same bytes.
            assert_eq!(one.as_ptr(), other.as_ptr());
        }
    }

    #[test]
    fn a_text_is_shared_by_all_frames() {
        let mask = Mask::text("[REDACTED]").expect("the text is printable");
        let frames = MaskFrames::new(&mask);
        let [one, other] = [(); 2].map(|()| frames.frame(10));
        assert_eq!(one, "[REDACTED]");
        assert_eq!(one.as_ptr(), other.as_ptr());
    }
}
