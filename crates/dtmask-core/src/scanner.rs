//! A stream under all its readings: as it is, and by views where those differ.

use crate::engine::{Engine, Glance, Start};
use crate::escapes::ESC;
use crate::scan::{Interval, Scan};
use crate::unit::Unit;
use crate::view::View;

/// What a stream remembers between chunks.
///
/// Its input is taken in blocks; nothing depends on how it is cut into them.
pub(crate) struct Scanner {
    plain: Scan,
    /// As UTF-16, behind what looks like its byte order mark: as it is, and as a terminal
    /// shows it.
    wide: Vec<View>,
    /// As a terminal shows it. Whatever the encoding may be: bytes that only look like a mark
    /// must not hide this. Kept for its memory while it would be the same as `plain`.
    shown: Option<Box<View>>,
    /// Whether it is another reading.
    shown_differs: bool,
    encoding: Encoding,
}

/// What is known of a stream's encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    /// Nothing: it has not begun.
    Unknown,
    /// It began with this half of a byte order mark.
    Half(u8),
    /// There is a view for it, or no need of one.
    Settled,
}

impl Scanner {
    pub(crate) fn new(engine: &Engine) -> Self {
        Self {
            plain: Scan::new(engine),
            wide: Vec::new(),
            shown: None,
            shown_differs: false,
            encoding: Encoding::Unknown,
        }
    }

    /// Forgets the stream so far; the next block is the first of another and starts at
    /// this offset.
    pub(crate) fn reset(&mut self, engine: &Engine, base: u64) {
        self.plain.reset(engine, base);
        self.wide.clear();
        self.shown_differs = false;
        self.encoding = Encoding::Unknown;
    }

    /// The offset up to which everything is decided.
    pub(crate) fn decided(&self) -> u64 {
        let plain = self.plain.undecided().min(self.plain.base());
        if self.has_view() {
            plain.min(self.undecided_in_views())
        } else {
            plain
        }
    }

    /// Whether characters of two bytes are among the readings.
    pub(crate) fn is_wide(&self) -> bool {
        !self.wide.is_empty()
    }

    /// How characters stand in what is undecided.
    pub(crate) fn unit(&self) -> Unit {
        self.wide.first().map_or(Unit::Byte, View::unit)
    }

    /// Whether there is another reading now.
    fn has_view(&self) -> bool {
        !self.wide.is_empty() || self.shown_differs
    }

    #[inline(never)]
    fn undecided_in_views(&self) -> u64 {
        let shown = self.shown.as_deref().filter(|_| self.shown_differs);
        let views = self.wide.iter().chain(shown);
        views.map(View::undecided).min().unwrap_or(u64::MAX)
    }

    /// What the needles alone tell of the block; it has been scanned if that is all there is
    /// to know.
    pub(crate) fn glance(&mut self, engine: &Engine, block: &[u8]) -> Glance {
        if self.has_view() || (engine.utf16 && self.encoding != Encoding::Settled) {
            return Glance::Unclear;
        }
        self.plain.glance(engine, block)
    }

    /// Finds every interval that starts in the block, unless it is still undecided, and
    /// the undecided ones of earlier blocks that this one decides.
    /// `start` is where the block's anchors start if that is known.
    pub(crate) fn scan(
        &mut self,
        engine: &Engine,
        block: &[u8],
        start: Option<&Start>,
        found: &mut Vec<Interval>,
    ) {
        let mut behind_mark = 0;
        if engine.utf16 && self.encoding != Encoding::Settled {
            behind_mark = self.settle(engine, block);
        }
        if engine.ansi && !self.shown_differs && memchr::memchr(ESC, block).is_some() {
            let shown = || Box::new(View::shown(engine));
            self.shown.get_or_insert_with(shown).follow(&self.plain);
            self.shown_differs = true;
        }
        self.plain.scan(engine, block, start, found);
        if self.has_view() {
            self.scan_views(engine, block, behind_mark, found);
        }
    }

    #[inline(never)]
    fn scan_views(
        &mut self,
        engine: &Engine,
        block: &[u8],
        behind_mark: usize,
        found: &mut Vec<Interval>,
    ) {
        for wide in &mut self.wide {
            wide.scan(engine, &block[behind_mark..], found);
        }
        if self.shown_differs
            && let Some(shown) = &mut self.shown
        {
            shown.scan(engine, block, found);
            self.shown_differs = !shown.is_as(&self.plain);
        }
    }

    /// Looks for a byte order mark, and says where in the block it ends.
    fn settle(&mut self, engine: &Engine, block: &[u8]) -> usize {
        for (at, &byte) in block.iter().enumerate() {
            let big_endian = match (self.encoding, byte) {
                (Encoding::Unknown, 0xfe | 0xff) => {
                    self.encoding = Encoding::Half(byte);
                    continue;
                }
                (Encoding::Half(0xff), 0xfe) => Some(false),
                (Encoding::Half(0xfe), 0xff) => Some(true),
                _ => None,
            };
            self.encoding = Encoding::Settled;
            let Some(big_endian) = big_endian else { break };
            let origin = self.plain.base() + at as u64 + 1;
            let unit = Unit::wide(big_endian, origin);
            self.wide.push(View::utf16(engine, unit, origin, false));
            if engine.ansi {
                self.wide.push(View::utf16(engine, unit, origin, true));
            }
            return at + 1;
        }
        0
    }
}
