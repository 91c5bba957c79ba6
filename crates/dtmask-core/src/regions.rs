//! From intervals to what is handed on: regions of the stream in order, each clean or
//! secret, and the count of the secrets.

use crate::engine::{Engine, Start};
use crate::scan::Interval;
use crate::scanner::Scanner;
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

/// How far what is handed on is secret, for each width of characters.
#[derive(Debug, Default)]
struct Wide {
    bytes_to: u64,
    wide_to: u64,
    /// The characters of two bytes.
    unit: Unit,
}

/// Merges intervals into regions.
#[derive(Debug, Default)]
pub(crate) struct Regions {
    /// Found and not handed on; sorted from `next` on.
    intervals: Vec<Interval>,
    next: usize,
    /// Everything before this offset was handed on.
    frontier: u64,
    /// What starts before this offset is decided: every interval of it is known.
    limit: u64,
    /// If the stream is read in characters of two bytes too: how far these are secret.
    wide: Option<Box<Wide>>,
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
        self.limit = 0;
        self.wide = None;
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

    /// Whether the open region may turn out to belong to a rule that finds whole tokens.
    pub(crate) fn may_be_token(&self, engine: &Engine) -> bool {
        let finds_tokens = |rule: usize| engine.rules[rule].complete_at().is_some();
        let Some(open) = &self.open else { return false };
        let others = &self.intervals[self.next..];
        let mut others = others.iter().take_while(|other| other.start <= open.start);
        // Those that begin at the limit may not all be known.
        open.start >= self.limit
            || finds_tokens(open.rule)
            || others.any(|other| finds_tokens(other.rule))
    }

    /// The last secret that ended, once.
    pub(crate) fn take_closed(&mut self) -> Option<Region> {
        self.closed.take()
    }

    /// Takes up what is found in the next block of the stream, of which a glance may have
    /// told where its anchors start.
    pub(crate) fn scan(
        &mut self,
        engine: &Engine,
        scanner: &mut Scanner,
        block: &[u8],
        start: Option<&Start>,
    ) {
        // What waits for a decision is moved once for each that did not have to.
        if self.next * 2 >= self.intervals.len() {
            self.intervals.drain(..self.next);
            self.next = 0;
        }
        let known = self.intervals.len();
        scanner.scan(engine, block, start, &mut self.intervals);
        self.sort(known);
        self.limit = scanner.decided();
        if scanner.is_wide() {
            self.wide.get_or_insert_default();
        } else if self.wide.is_some() {
            self.wide = None;
        }
    }

    /// Puts in order what was found behind the first `known` intervals, which are.
    #[inline]
    fn sort(&mut self, known: usize) {
        let (before, new) = self.intervals.split_at_mut(known);
        if !new.is_sorted() {
            new.sort_unstable();
        }
        let (Some(first), true) = (new.first(), self.next < known) else {
            return;
        };
        // Most of what waits stands before it.
        let from = self.next + before[self.next..].partition_point(|waits| waits <= first);
        if from < known {
            self.intervals[from..].sort_unstable();
        }
    }

    /// The stream ends here, so nothing is undecided any more.
    pub(crate) fn end(&mut self, end: u64) {
        self.limit = end;
    }

    /// The next piece if it is decided. Clean bytes that go on behind what is decided are a
    /// piece only if asked for.
    #[inline(always)]
    pub(crate) fn next(&mut self, engine: &Engine, all: bool) -> Option<Piece> {
        if self.wide.is_some() {
            return self.next_of_widths(engine, all);
        }
        while let Some(&interval) = self.intervals.get(self.next) {
            if interval.start > self.frontier {
                if interval.start > self.limit {
                    break;
                }
                return Some(self.clean(interval.start));
            }
            self.next += 1;
            let start = self.frontier;
            self.attribute(engine, interval);
            if interval.end > start {
                return Some(self.secret(interval.end, interval.unit));
            }
        }
        (all && self.frontier < self.limit).then(|| self.clean(self.limit))
    }

    /// The next piece where a byte may be secret by itself and as a part of a character of
    /// two: it is masked as the character then. Whether that is so is known only of what is
    /// decided, so no piece goes further.
    #[inline(never)]
    fn next_of_widths(&mut self, engine: &Engine, all: bool) -> Option<Piece> {
        let (start, limit) = (self.frontier, self.limit);
        let mut next = limit;
        while let Some(&interval) = self.intervals.get(self.next) {
            // Those that begin at the limit may not all be known.
            if interval.start > start || interval.start >= limit {
                next = limit.min(interval.start);
                break;
            }
            self.next += 1;
            self.attribute(engine, interval);
            let wide = self.wide.as_mut()?;
            if interval.unit == Unit::Byte {
                wide.bytes_to = wide.bytes_to.max(interval.end);
            } else {
                wide.wide_to = wide.wide_to.max(interval.end);
                wide.unit = interval.unit;
            }
        }
        let Wide {
            bytes_to,
            wide_to,
            unit,
        } = **self.wide.as_ref()?;
        if start >= limit {
            None
        } else if wide_to > start {
            Some(self.secret(wide_to.min(limit), unit))
        } else if bytes_to > start {
            Some(self.secret(bytes_to.min(next), Unit::Byte))
        } else if next < limit || all {
            Some(self.clean(next))
        } else {
            None
        }
    }

    /// Makes everything up to `end` secret that was not handed on, on behalf of no rule.
    pub(crate) fn abort(&mut self, end: u64, unit: Unit) -> Option<Piece> {
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
            unit,
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

    /// A secret piece, of the region that is open.
    #[inline]
    fn secret(&mut self, end: u64, unit: Unit) -> Piece {
        let start = std::mem::replace(&mut self.frontier, end);
        let region = self.open.as_ref();
        Piece {
            start,
            end,
            secret: true,
            first: region.is_some_and(|region| region.start == start),
            unit,
        }
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
            region.unit = region.unit.max(interval.unit);
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
