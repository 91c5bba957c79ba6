//! What is read into.

use std::ops::{Deref, DerefMut};

/// How much is read at once. A pipe holds 64 KiB, files and sockets give more; beyond
/// this size nothing gets faster and the cache is worse off.
pub(crate) const SIZE: usize = 256 * 1024;

/// The kernel copies faster to and from the start of a page.
const PAGE: usize = 4096;

/// [`SIZE`] bytes from the start of a page on.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// With room to begin at a page.
    room: Vec<u8>,
    start: usize,
}

impl Buffer {
    pub(crate) fn new() -> Buffer {
        let room = vec![0; SIZE + PAGE];
        // It may say that it does not know.
        let start = room.as_ptr().align_offset(PAGE).min(PAGE);
        Buffer { room, start }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.room[self.start..self.start + SIZE]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.room[self.start..self.start + SIZE]
    }
}

#[cfg(test)]
mod tests {
    use super::{Buffer, PAGE, SIZE};

    #[test]
    fn it_begins_at_a_page() {
        let mut buffer = Buffer::new();
        assert_eq!(buffer.len(), SIZE);
        assert_eq!(buffer.as_ptr().addr() % PAGE, 0);
        buffer.fill(1);
    }
}
