//! A byte stream, redacted chunk by chunk.

use std::fmt;
use std::sync::Arc;

use crate::engine::{Engine, Glance, Start};
use crate::mask::Masks;
use crate::redactor::{Redactor, Shared};
use crate::regions::{Piece, Regions, Told};
use crate::scanner::Scanner;
use crate::stats::Stats;

/// The bytes of a chunk that are scanned before what was found in them is handed on;
/// bounds what has to be remembered of it.
pub(crate) const BLOCK: usize = 64 << 10;

/// The most bytes that are glanced at before they are scanned: what is longer takes so much
/// longer to search that little is won.
pub(crate) const GLANCE: usize = 4 << 10;

/// The redactor's state for one byte stream.
///
/// Its memory is bounded by the rules, not by the input: where the automata stand, and
/// the first bytes of an undecided run, at most [`Redactor::max_held`].
///
/// # Examples
///
/// ```
/// use dtmask_core::Redactor;
///
/// let mut stream = Redactor::new().stream();
/// let mut out = Vec::new();
/// for chunk in ["tenantToken=FAKEten", "antTok3n0 ok\nlogin: "] {
///     for segment in stream.push(chunk.as_bytes()) {
///         out.extend_from_slice(segment.as_bytes());
///     }
/// }
/// // The prompt is there at once, nothing of it is held back.
/// assert_eq!(out, b"tenantToken=**************** ok\nlogin: ");
/// for segment in stream.finish() {
///     out.extend_from_slice(segment.as_bytes());
/// }
/// ```
pub struct Stream {
    shared: Arc<Shared>,
    scan: Scanner,
    regions: Regions,
    /// Bytes that are not handed on yet: the first of an undecided run, and those
    /// behind them.
    held: Vec<u8>,
    /// What was held before the current chunk.
    released: Vec<u8>,
    /// The offset of the end of all chunks.
    end: u64,
    /// Whether a chunk is being handed on; stays if that was leaked.
    busy: bool,
}

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
    engine: &'s Engine,
    masks: &'s Masks,
    scan: &'s mut Scanner,
    regions: &'s mut Regions,
    chunk: &'s [u8],
    /// What was held before the chunk, and its offset in the stream.
    released: &'s [u8],
    released_start: u64,
    held: &'s mut Vec<u8>,
    busy: &'s mut bool,
    /// The chunk's offset in the stream.
    base: u64,
    /// How much of the chunk is scanned.
    scanned: usize,
    /// What starts before this offset in the stream is decided.
    limit: u64,
    end: End,
    piece: Option<Piece>,
}

/// Why segments end where they do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The chunk ends, the stream goes on.
    Chunk,
    /// The stream ends.
    Clean,
    /// The stream was cut off.
    Abnormal,
}

/// What a chunk masked in place releases; see [`Stream::push_in_place`].
#[derive(Clone, Copy)]
pub struct InPlace<'s> {
    /// Bytes of earlier chunks that were held back, masked where they are secret.
    pub held: &'s [u8],
    /// The decided bytes at the front of the chunk, masked where they are secret. What
    /// is behind them in the chunk is held back and must not be used.
    pub ready: &'s [u8],
}

impl Stream {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            scan: Scanner::new(&shared.engine),
            regions: Regions::new(&shared.engine, Told::Nothing),
            shared: Arc::clone(shared),
            held: Vec::new(),
            released: Vec::new(),
            end: 0,
            busy: false,
        }
    }

    /// Redacts the next chunk of the stream.
    ///
    /// The output is the same however a stream is cut into chunks. All bytes are handed
    /// on at once but the first ones of an undecided run.
    ///
    /// # Panics
    ///
    /// If the segments of an earlier chunk were leaked with [`std::mem::forget`].
    ///
    /// # Complexity
    ///
    /// Linear in the chunk; no allocation in the steady state.
    pub fn push<'s>(&'s mut self, chunk: &'s [u8]) -> Segments<'s> {
        let glance = self.glance(chunk);
        self.push_glanced(chunk, glance)
    }

    /// What a glance tells of the next chunk. If that is that it is clean, it is done with
    /// and has to be handed on as it is.
    pub(crate) fn glance(&mut self, chunk: &[u8]) -> Glance {
        assert!(!self.busy, "{LEAKED}");
        if !self.held.is_empty() || !(1..=GLANCE).contains(&chunk.len()) {
            return Glance::Unclear;
        }
        let glance = self.scan.glance(&self.shared.engine, chunk);
        if matches!(glance, Glance::Clean) {
            self.end += chunk.len() as u64;
            self.regions.pass(self.end);
        }
        glance
    }

    /// [`push`](Self::push) of a chunk behind a glance at it.
    pub(crate) fn push_glanced<'s>(&'s mut self, chunk: &'s [u8], glance: Glance) -> Segments<'s> {
        let mut segments = match glance {
            Glance::Clean => self.segments(chunk, self.end - chunk.len() as u64, End::Chunk),
            Glance::Anchor(_) | Glance::Unclear => {
                let base = self.end;
                self.end += chunk.len() as u64;
                self.segments(chunk, base, End::Chunk)
            }
        };
        segments.begin(glance);
        segments
    }

    /// The clean end of the stream: what is held is no secret and comes out as it is. The
    /// stream is then as new, but for its statistics.
    pub fn finish(&mut self) -> Segments<'_> {
        self.segments(&[], self.end, End::Clean)
    }

    /// An abnormal end of the stream: what is held may be the start of a secret and comes
    /// out masked. The stream is then as new, but for its statistics.
    pub fn abort(&mut self) -> Segments<'_> {
        self.segments(&[], self.end, End::Abnormal)
    }

    /// Redacts the next chunk where it stands.
    ///
    /// The mask is the redactor's fill mask, or `*` if it has a text. The output is
    /// `held`, then `ready`; the rest of the chunk is held back in the stream. Calls may
    /// be mixed with [`push`](Self::push).
    ///
    /// # Panics
    ///
    /// As [`push`](Self::push).
    ///
    /// # Complexity
    ///
    /// Linear in the chunk; no allocation in the steady state.
    pub fn push_in_place<'s>(&'s mut self, chunk: &'s mut [u8]) -> InPlace<'s> {
        let Shared { engine, masks, .. } = &*self.shared;
        let base = self.end;
        // Nothing is handed on while this runs, so nothing can be leaked midway.
        assert!(!self.busy, "{LEAKED}");
        std::mem::swap(&mut self.held, &mut self.released);
        self.held.clear();
        let released_start = base - self.released.len() as u64;
        self.end += chunk.len() as u64;
        for block in chunk.chunks(BLOCK) {
            self.scan.scan(engine, block, &mut self.regions.intervals);
        }
        self.regions.sort();
        let limit = self.end.min(self.scan.undecided());
        while let Some(piece) = self.regions.next(engine, limit, true) {
            if piece.secret {
                // The part before `base` stands in what was held, the rest in the chunk.
                let part = |at: u64, start: u64| at.saturating_sub(start) as usize;
                let seam = piece.end.min(base);
                let start = piece.start.min(seam);
                let held = part(start, released_start)..part(seam, released_start);
                masks.fill(&mut self.released[held], start, piece.unit);
                let rest = part(piece.start, base)..part(piece.end, base);
                masks.fill(&mut chunk[rest], piece.start.max(base), piece.unit);
            }
        }
        let frontier = self.regions.frontier();
        let ready = frontier.saturating_sub(base) as usize;
        let released = (frontier.min(base) - released_start) as usize;
        self.held.extend_from_slice(&self.released[released..]);
        self.held.extend_from_slice(&chunk[ready..]);
        InPlace {
            held: &self.released[..released],
            ready: &chunk[..ready],
        }
    }

    /// How many bytes are held back now.
    pub fn held_len(&self) -> usize {
        self.held.len()
    }

    /// What this stream has seen and masked so far, over all its ends.
    ///
    /// A secret is counted when it ends.
    pub fn stats(&self) -> Stats<'_> {
        Stats::new(&self.shared.engine.rules, self.regions.counts(), self.end)
    }

    /// The redactor this stream belongs to.
    pub fn redactor(&self) -> Redactor {
        Redactor::from_shared(Arc::clone(&self.shared))
    }

    /// The segments of a chunk at this offset of the stream, none of it scanned.
    fn segments<'s>(&'s mut self, chunk: &'s [u8], base: u64, end: End) -> Segments<'s> {
        assert!(!self.busy, "{LEAKED}");
        self.busy = true;
        let Shared { engine, masks, .. } = &*self.shared;
        std::mem::swap(&mut self.held, &mut self.released);
        self.held.clear();
        Segments {
            engine,
            masks,
            scan: &mut self.scan,
            regions: &mut self.regions,
            chunk,
            released_start: base - self.released.len() as u64,
            released: &self.released,
            held: &mut self.held,
            busy: &mut self.busy,
            base,
            scanned: 0,
            limit: base,
            end,
            piece: None,
        }
    }
}

const LEAKED: &str = "segments of this stream were leaked, so its state is unknown";

impl<'s> Segments<'s> {
    /// Takes up the chunk behind a glance at it.
    fn begin(&mut self, glance: Glance) {
        match glance {
            Glance::Clean => {
                self.piece = Some(Piece::clean(self.base, self.base + self.chunk.len() as u64));
                *self.busy = false;
            }
            Glance::Anchor(start) => self.scan_block(Some(&start)),
            Glance::Unclear => self.limit = self.base.min(self.scan.undecided()),
        }
    }

    /// The next decided piece of the stream, scanning as far as that takes.
    #[inline]
    fn next_piece(&mut self) -> Option<Piece> {
        if self.end == End::Abnormal
            && let Some(piece) = self.regions.abort(self.base)
        {
            return Some(piece);
        }
        loop {
            let whole = self.scanned == self.chunk.len();
            let piece = self.regions.next(self.engine, self.limit, whole);
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
        let found = &mut self.regions.intervals;
        self.scan.scan_from(self.engine, block, start, found);
        self.regions.sort();
        self.scanned = to;
        self.limit = (self.base + to as u64).min(self.scan.undecided());
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

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("bytes_in", &self.end)
            .field("held", &self.held.len())
            .finish_non_exhaustive()
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

impl fmt::Debug for InPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InPlace")
            .field("held", &self.held.len())
            .field("ready", &self.ready.len())
            .finish()
    }
}
