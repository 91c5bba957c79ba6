//! Chunks in, redacted frames out: what the codec and the stream adapter share.

use std::fmt;
use std::ops::Range;

use bytes::{Buf, Bytes};
use dtmask_core::{Redactor, Segment, Segments, Stats, Stream};

use crate::mask::MaskFrames;

/// The most pieces there is room for while none wait, so that one odd chunk does not
/// leave its mark for good. More than a chunk of 64 KiB of nothing but tokens has.
const ROOM: usize = 4096;

/// A byte stream as frames.
pub(crate) struct Frames {
    stream: Stream,
    masks: MaskFrames,
    /// What is redacted, in order. The first `taken` were handed out as frames; emptied
    /// when all were.
    pieces: Vec<Piece>,
    taken: usize,
    /// What clean pieces are ranges of; empty when no piece waits, so that the
    /// allocation can be used again.
    chunk: Bytes,
    /// What held pieces are ranges of. Few bytes, of chunks that are gone.
    held: Vec<u8>,
}

/// A frame that costs nothing before it is wanted. None is empty.
enum Piece {
    Clean(Range<usize>),
    Held(Range<usize>),
    Mask(usize),
}

impl Frames {
    pub(crate) fn new(redactor: &Redactor) -> Self {
        Self {
            stream: redactor.stream(),
            masks: MaskFrames::new(redactor.mask()),
            pieces: Vec::new(),
            taken: 0,
            chunk: Bytes::new(),
            held: Vec::new(),
        }
    }

    /// Redacts the next chunk. Its clean frames share its allocation. No frame may wait.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        debug_assert!(self.is_empty(), "frames of the chunk before would be lost");
        note(
            self.stream.push(&chunk),
            &chunk,
            &self.masks,
            &mut self.pieces,
            &mut self.held,
        );
        self.chunk = chunk;
        self.tidy();
    }

    /// The clean end of the stream: what is held becomes a frame as it is.
    pub(crate) fn finish(&mut self) {
        let segments = self.stream.finish();
        note(segments, &[], &self.masks, &mut self.pieces, &mut self.held);
    }

    /// An abnormal end of the stream: what is held becomes a mask.
    pub(crate) fn abort(&mut self) {
        let segments = self.stream.abort();
        note(segments, &[], &self.masks, &mut self.pieces, &mut self.held);
    }

    /// The next frame.
    pub(crate) fn next(&mut self) -> Option<Bytes> {
        let piece = self.pieces.get(self.taken)?;
        self.taken += 1;
        let frame = match piece {
            // The last one takes the chunk along: nobody else wants it.
            Piece::Clean(range) if self.taken == self.pieces.len() => {
                let mut frame = std::mem::take(&mut self.chunk);
                frame.truncate(range.end);
                frame.advance(range.start);
                frame
            }
            Piece::Clean(range) => self.chunk.slice(range.clone()),
            Piece::Held(range) => Bytes::copy_from_slice(&self.held[range.clone()]),
            Piece::Mask(len) => self.masks.frame(*len),
        };
        self.tidy();
        Some(frame)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.taken == self.pieces.len()
    }

    pub(crate) fn stats(&self) -> Stats<'_> {
        self.stream.stats()
    }

    /// Lets go of what no piece needs any more.
    fn tidy(&mut self) {
        if self.is_empty() {
            self.pieces.clear();
            self.pieces.shrink_to(ROOM);
            self.taken = 0;
            self.chunk = Bytes::new();
            self.held.clear();
        }
    }
}

/// Notes down where segments stand: clean ones in the chunk, others in no place that lasts.
fn note(
    segments: Segments<'_>,
    chunk: &[u8],
    masks: &MaskFrames,
    pieces: &mut Vec<Piece>,
    held: &mut Vec<u8>,
) {
    for segment in segments {
        pieces.push(match segment {
            Segment::Clean(bytes) => {
                let start = bytes.as_ptr() as usize - chunk.as_ptr() as usize;
                Piece::Clean(start..start + bytes.len())
            }
            Segment::Mask(bytes) if masks.is_one(bytes) => Piece::Mask(bytes.len()),
            Segment::Held(bytes) | Segment::Mask(bytes) => {
                let start = held.len();
                held.extend_from_slice(bytes);
                Piece::Held(start..held.len())
            }
        });
    }
}

impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames")
            .field("stream", &self.stream)
            .field("waiting", &(self.pieces.len() - self.taken))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_when_all_frames_are_taken() {
        let mut frames = Frames::new(&Redactor::new());
        // A run that is undecided at the end of every chunk, and one that is masked there.
        let chunks = ["api-token=short", " api-token=FAKE_legacy-tok3n_abc"];
        for chunk in chunks.repeat(2 * ROOM) {
            let chunk = Bytes::copy_from_slice(chunk.as_bytes());
            frames.push(chunk.clone());
            while frames.next().is_some() {}
            assert!(chunk.is_unique());
            assert!(frames.pieces.is_empty() && frames.held.is_empty());
        }
        assert!(frames.held.capacity() <= 64);
        // One odd chunk leaves no more behind than a common one.
        frames.push(Bytes::from("dt0a02.A-".repeat(4 * ROOM)));
        assert!(frames.pieces.len() > 8 * ROOM);
        while frames.next().is_some() {}
        assert!(frames.pieces.capacity() <= ROOM);
        assert_eq!(frames.stats().secrets(), 6 * ROOM as u64);
    }

    #[test]
    fn masks_of_other_encodings_are_handed_on_as_they_are() {
        let wide = |text: &str| -> Bytes {
            let units = [0xfeff].into_iter().chain(text.encode_utf16());
            units.flat_map(u16::to_le_bytes).collect()
        };
        let redactor = Redactor::builder().utf16(true).build().unwrap();
        let mut frames = Frames::new(&redactor);
        let mut out = Vec::new();
        frames.push(wide("tenantToken=FAKEtenantTok3n0;"));
        while let Some(frame) = frames.next() {
            out.extend_from_slice(&frame);
        }
        assert_eq!(out, wide("tenantToken=****************;"));
    }
}
