//! The last bytes of a text.

/// The most bytes that are remembered.
pub(crate) const MAX_TAIL: usize = 15;

/// The room for them; with one more they are copied in one step.
const ROOM: usize = MAX_TAIL + 1;

/// The last few bytes of a text that comes in blocks.
#[derive(Clone, Default)]
pub(crate) struct Tail {
    /// They stand at the end.
    bytes: [u8; ROOM],
    len: usize,
}

impl Tail {
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes[ROOM - self.len..]
    }

    /// Goes on to the end of the next block, of which and of what was before it `len` bytes
    /// are kept.
    #[inline]
    pub(crate) fn push(&mut self, block: &[u8], len: usize) {
        let seen = if let Some(last) = block.last_chunk() {
            self.bytes = *last;
            ROOM
        } else {
            self.bytes.copy_within(block.len().., 0);
            self.bytes[ROOM - block.len()..].copy_from_slice(block);
            self.len + block.len()
        };
        self.len = seen.min(len).min(MAX_TAIL);
    }
}

impl PartialEq for Tail {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_TAIL, Tail};

    #[test]
    fn it_is_the_end_of_all_blocks() {
        let text: Vec<u8> = (0..200).collect();
        for len in 0..=MAX_TAIL {
            let (mut tail, mut at) = (Tail::default(), 0);
            for size in [0, 1, 3, 16, 2, 15, 1, 40, 14, 0, 17] {
                tail.push(&text[at..at + size], len);
                at += size;
                assert_eq!(tail.as_slice(), &text[at.saturating_sub(len)..at]);
            }
        }
    }
}
