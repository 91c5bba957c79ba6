//! What a chunk of a stream becomes, handed on as it is scanned.

use std::fmt;

use super::BLOCK;
use crate::engine::{Engine, Glance, Start};
use crate::mask::Masks;
use crate::regions::{Piece, Regions};
use crate::scanner::Scanner;

/// A part of the redacted stream.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Segment<'s> {
    /// Bytes without a secret: a slice of the chunk that was pushed last.
    Clean(&'s [u8]),
    /// Bytes of earlier chunks that were held back and turned out to be no secret.
    Held(&'s [u8]),
    /// A mask.
    Mask(&'s [u8]),
}

/// The segments of a chunk, or of the end of a stream.
///
/// Lazy; dropping it midway finishes the scan of the chunk, so that what comes later
/// is redacted as if all of it had been used.
#[must_use = "the chunk is redacted as the segments are taken"]
pub struct Segments<'s> {
    pub(super) engine: &'s Engine,
    pub(super) masks: &'s Masks,
    pub(super) scan: &'s mut Scanner,
    pub(super) regions: &'s mut Regions,
    pub(super) chunk: &'s [u8],
    /// What was held before the chunk, and its offset in the stream.
    pub(super) released: &'s [u8],
    pub(super) released_start: u64,
    pub(super) held: &'s mut Vec<u8>,
    pub(super) busy: &'s mut bool,
    /// The chunk's offset in the stream.
    pub(super) base: u64,
    /// How much of the chunk is scanned.
    pub(super) scanned: usize,
    pub(super) end: End,
    pub(super) piece: Option<Piece>,
}

/// Why segments end where they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The chunk ends, the stream goes on.
    Chunk,
    /// The stream ends.
    Clean,
    /// The stream was cut off.
    Abnormal,
}

impl<'s> Segments<'s> {
    /// Takes up the chunk behind a glance at it.
    pub(super) fn begin(&mut self, glance: Glance) {
        match glance {
            Glance::Clean => {
                self.piece = Some(Piece::clean(self.base, self.base + self.chunk.len() as u64));
                *self.busy = false;
            }
            Glance::Anchor(start) => self.scan_block(Some(&start)),
            Glance::Unclear => (),
        }
    }

    /// The next decided piece of the stream, scanning as far as that takes.
    #[inline]
    fn next_piece(&mut self) -> Option<Piece> {
        if self.end == End::Abnormal
            && let Some(piece) = self.regions.abort(self.base, self.scan.unit())
        {
            return Some(piece);
        }
        loop {
            let whole = self.scanned == self.chunk.len();
            let piece = self.regions.next(self.engine, whole);
            if piece.is_some() || whole {
                return piece;
            }
            self.scan_block(None);
        }
    }

    #[inline(never)]
    fn scan_block(&mut self, start: Option<&Start>) {
        let to = self.chunk.len().min(self.scanned + BLOCK);
        let block = &self.chunk[self.scanned..to];
        self.regions.scan(self.engine, self.scan, block, start);
        self.scanned = to;
    }

    /// The next segment of a piece, which is left with what remains of it.
    #[inline]
    fn segment(&self, piece: &mut Piece) -> Segment<'s> {
        if piece.secret {
            let (mask, len) = self.masks.of(piece);
            piece.start += len;
            piece.first = false;
            Segment::Mask(mask)
        } else if piece.start < self.base {
            let end = piece.end.min(self.base);
            let range = piece.start - self.released_start..end - self.released_start;
            piece.start = end;
            Segment::Held(&self.released[range.start as usize..range.end as usize])
        } else {
            let range = piece.start - self.base..piece.end - self.base;
            piece.start = piece.end;
            Segment::Clean(&self.chunk[range.start as usize..range.end as usize])
        }
    }

    /// Leaves the stream as it has to be for what comes next, when there are no more pieces.
    fn complete(&mut self) {
        if self.end == End::Chunk {
            let frontier = self.regions.frontier();
            let held = frontier.saturating_sub(self.released_start) as usize;
            let rest = self.released.get(held..).unwrap_or_default();
            self.held.extend_from_slice(rest);
            let chunk = frontier.saturating_sub(self.base) as usize;
            self.held.extend_from_slice(&self.chunk[chunk..]);
        } else {
            self.regions.close();
            self.scan.reset(self.engine, self.base);
        }
        *self.busy = false;
    }
}

impl<'s> Iterator for Segments<'s> {
    type Item = Segment<'s>;

    #[inline]
    fn next(&mut self) -> Option<Segment<'s>> {
        while self.piece.is_some() || *self.busy {
            let Some(mut piece) = self.piece.take().or_else(|| self.next_piece()) else {
                self.complete();
                break;
            };
            let segment = self.segment(&mut piece);
            if piece.start < piece.end {
                self.piece = Some(piece);
            }
            if !segment.as_bytes().is_empty() {
                return Some(segment);
            }
        }
        None
    }
}

impl std::iter::FusedIterator for Segments<'_> {}

impl Drop for Segments<'_> {
    fn drop(&mut self) {
        if *self.busy {
            while self.next_piece().is_some() {}
            self.complete();
        }
    }
}

impl<'s> Segment<'s> {
    /// The bytes to hand on.
    pub fn as_bytes(&self) -> &'s [u8] {
        match *self {
            Self::Clean(bytes) | Self::Held(bytes) | Self::Mask(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, bytes) = match self {
            Self::Clean(bytes) => ("Clean", bytes),
            Self::Held(bytes) => ("Held", bytes),
            Self::Mask(bytes) => ("Mask", bytes),
        };
        write!(f, "{name}({} bytes)", bytes.len())
    }
}

impl fmt::Debug for Segments<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segments")
            .field("chunk", &self.chunk.len())
            .field("scanned", &self.scanned)
            .finish_non_exhaustive()
    }
}
