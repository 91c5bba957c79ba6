//! From intervals to what is handed on: regions of the stream in order, each clean or
//! secret, and the count of the secrets.

use crate::engine::Engine;
use crate::scan::Interval;
use crate::unit::Unit;

/// A part of the stream that is decided, in stream offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) secret: bool,
    /// Whether a secret begins here, as opposed to going on.
    pub(crate) first: bool,
    /// Its characters, if it is secret.
    pub(crate) unit: Unit,
}

impl Piece {
    /// A part that is not secret.
    pub(crate) fn clean(start: u64, end: u64) -> Self {
        Self {
            start,
            end,
            secret: false,
            first: false,
            unit: Unit::Byte,
        }
    }
}

/// A secret: a maximal contiguous region of secret bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// The first rule in table order that makes its first byte secret.
    pub(crate) rule: usize,
    /// Whether a token rule covers enough of it; `false` if that is not told.
    pub(crate) complete: bool,
    /// Its first characters.
    pub(crate) unit: Unit,
}

/// What is told of secrets besides where they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Told {
    /// Nothing.
    #[default]
    Nothing,
    /// By which rule each was found.
    Rules,
    /// That, and whether it is complete.
    Completeness,
}

#[derive(Debug)]
struct Coverage {
    rule: usize,
    /// The characters that make a secret complete.
    needed: u64,
    covered: u64,
    /// The end of the last interval counted.
    end: u64,
}

/// Merges intervals into regions.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    /// Found and not handed on; sorted from `next` on, after [`Regions::sort`].
    pub(crate) intervals: Vec<Interval>,
    next: usize,
    /// Everything before this offset was handed on.
    frontier: u64,
    open: Option<Region>,
    told: Told,
    /// How much of the open region each rule covers that can complete it, if that is told.
    coverage: Vec<Coverage>,
    /// The last secret that ended and was not told of; `None` also if none is.
    closed: Option<Region>,
    /// Secrets by rule.
    counts: Vec<u64>,
}

impl Regions {
    /// Of `engine`'s rules.
    pub(crate) fn new(engine: &Engine, told: Told) -> Self {
        let mut regions = Self::default();
        regions.reset(engine, told);
        regions
    }

    /// Forgets everything; the memory is kept.
    pub(crate) fn reset(&mut self, engine: &Engine, told: Told) {
        self.intervals.clear();
        self.next = 0;
        self.frontier = 0;
        self.open = None;
        self.told = told;
        self.coverage.clear();
        self.closed = None;
        self.counts.clear();
        self.counts.resize(engine.rules.len(), 0);
    }

    pub(crate) fn counts(&self) -> &[u64] {
        &self.counts
    }

    pub(crate) fn frontier(&self) -> u64 {
        self.frontier
    }

    /// The last secret that ended, once.
    pub(crate) fn take_closed(&mut self) -> Option<Region> {
        self.closed.take()
    }

    /// Puts in order what was found since the last call.
    pub(crate) fn sort(&mut self) {
        self.intervals.drain(..self.next);
        self.next = 0;
        if !self.intervals.is_sorted() {
            self.intervals.sort_unstable();
        }
    }

    /// The next piece if it is decided: every interval that starts before `limit` is
    /// known. Clean bytes that go on behind `limit` are a piece only if asked for.
    #[inline(always)]
    pub(crate) fn next(&mut self, engine: &Engine, limit: u64, all: bool) -> Option<Piece> {
        while let Some(&interval) = self.intervals.get(self.next) {
            if interval.start > self.frontier {
                if interval.start > limit {
                    break;
                }
                return Some(self.clean(interval.start));
            }
            self.next += 1;
            let start = self.frontier;
            if interval.end <= start && self.open.is_none() {
                // It is in a secret that was told of: a known value may begin in the midst
                // of another, and end behind what a view passes over.
                continue;
            }
            self.attribute(engine, interval);
            if interval.end > start {
                self.frontier = interval.end;
                let region = self.open.as_ref();
                return Some(Piece {
                    start,
                    end: interval.end,
                    secret: true,
                    first: region.is_some_and(|region| region.start == start),
                    unit: interval.unit,
                });
            }
        }
        (all && self.frontier < limit).then(|| self.clean(limit))
    }

    /// Makes everything up to `end` secret that was not handed on, on behalf of no rule.
    pub(crate) fn abort(&mut self, end: u64) -> Option<Piece> {
        self.intervals.clear();
        self.next = 0;
        let start = self.frontier;
        let first = self.open.is_none();
        self.close();
        self.frontier = end;
        (start < end).then_some(Piece {
            start,
            end,
            secret: true,
            first,
            unit: Unit::Byte,
        })
    }

    /// Ends the open region at the end of the stream.
    pub(crate) fn close(&mut self) {
        if let Some(mut region) = self.open.take() {
            self.counts[region.rule] += 1;
            if self.told != Told::Nothing {
                let mut coverage = self.coverage.drain(..);
                region.complete = coverage.any(|rule| rule.covered >= rule.needed);
                self.closed = Some(region);
            }
        }
    }

    /// Hands on everything up to `end`, of which nothing is secret and nothing was found
    /// that was not handed on.
    #[inline]
    pub(crate) fn pass(&mut self, end: u64) {
        debug_assert!(
            self.intervals
                .iter()
                .all(|found| found.end <= self.frontier)
        );
        self.intervals.clear();
        self.next = 0;
        self.clean(end);
    }

    #[inline]
    fn clean(&mut self, end: u64) -> Piece {
        self.close();
        Piece::clean(std::mem::replace(&mut self.frontier, end), end)
    }

    /// Counts an interval that touches the frontier towards the open region.
    #[inline]
    fn attribute(&mut self, engine: &Engine, interval: Interval) {
        let region = self.open.get_or_insert(Region {
            start: interval.start,
            end: interval.end,
            rule: interval.rule,
            complete: false,
            unit: interval.unit,
        });
        region.end = region.end.max(interval.end);
        // Only an interval that starts with the region covers its first byte.
        if interval.start == region.start {
            region.rule = region.rule.min(interval.rule);
        }
        if self.told == Told::Completeness
            && let Some(needed) = engine.rules[interval.rule].complete_at()
        {
            let coverage = &mut self.coverage;
            let known = coverage.iter().position(|c| c.rule == interval.rule);
            let index = known.unwrap_or_else(|| {
                coverage.push(Coverage {
                    rule: interval.rule,
                    needed,
                    covered: 0,
                    end: 0,
                });
                coverage.len() - 1
            });
            let coverage = &mut coverage[index];
            let from = interval.start.max(coverage.end);
            coverage.covered += interval.end.saturating_sub(from) / interval.unit.width();
            coverage.end = coverage.end.max(interval.end);
        }
    }
}
