//! A byte stream, redacted chunk by chunk.

mod segments;

use std::fmt;
use std::sync::Arc;

use self::segments::End;
pub use self::segments::{Segment, Segments};
use crate::engine::Glance;
use crate::redactor::{Redactor, Shared};
use crate::regions::{Regions, Told};
use crate::scanner::Scanner;
use crate::stats::Stats;

/// The bytes of a chunk that are scanned before what was found in them is handed on;
/// bounds what has to be remembered of it.
pub(crate) const BLOCK: usize = 64 << 10;

/// The most bytes that are glanced at before they are scanned: what is longer takes so much
/// longer to search that little is won.
pub(crate) const GLANCE: usize = 4 << 10;

const LEAKED: &str = "segments of this stream were leaked, so its state is unknown";

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

/// What a chunk masked in place releases; see [`Stream::push_in_place`].
#[derive(Clone, Copy)]
#[must_use = "what was held back is in it, and how much of the chunk may be used"]
#[non_exhaustive]
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
        let mut scanned = 0;
        // Block by block, so that what was found in one can be forgotten. What is masked was
        // scanned, and is not looked at again.
        loop {
            let block = scanned..chunk.len().min(scanned + BLOCK);
            scanned = block.end;
            self.regions
                .scan(engine, &mut self.scan, &chunk[block], None);
            let whole = scanned == chunk.len();
            while let Some(piece) = self.regions.next(engine, whole) {
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
            if whole {
                break;
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
        if end != End::Chunk {
            self.regions.end(base);
        }
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
            end,
            piece: None,
        }
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

impl fmt::Debug for InPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InPlace")
            .field("held", &self.held.len())
            .field("ready", &self.ready.len())
            .finish()
    }
}
