//! The moving part: what is remembered of a text, and how the intervals of it that are
//! secret are found.
//!
//! Nothing here depends on how the text is cut into blocks. A block is scanned lane by
//! lane; what its end leaves open (a place in an automaton, a run of secret bytes) is
//! carried on.

use crate::automaton::Cursor;
use crate::engine::{Engine, Family, Glance, Lane, Start};
use crate::known::{Known, Place};
use crate::prefilter::{Edges, Hit};
use crate::runs::{Block, Runs};
use crate::tail::{MAX_TAIL, Tail};
use crate::unit::Unit;

/// A part of the input that one group of patterns makes secret, in stream offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interval {
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// The index of the rule in the table.
    pub(crate) rule: usize,
    /// Its characters.
    pub(crate) unit: Unit,
}

impl Interval {
    /// Of bytes.
    pub(crate) fn new(start: u64, end: u64, rule: usize) -> Self {
        Self {
            start,
            end,
            rule,
            unit: Unit::Byte,
        }
    }
}

/// What is remembered between blocks.
pub(crate) struct Scan {
    /// The offset of the block's first byte in the stream.
    base: u64,
    families: Vec<FamilyScan>,
    runs: Runs,
    /// The last bytes of earlier blocks, where a match may have begun whose anchor
    /// is not complete yet.
    tail: Tail,
    /// Where the text stands in the known values, if there are any.
    known: Option<Place>,
    /// The smallest offset at which an undecided run starts; `u64::MAX` if none.
    undecided: u64,
}

#[derive(Default)]
struct FamilyScan {
    cursor: Cursor,
    /// Whether the cursor stands at `at`, or nowhere.
    active: bool,
    /// All ends up to here are known; an offset in the block.
    at: usize,
    /// The cursor must not become idle before this offset in the block.
    busy_until: usize,
    /// How long the cursor was kept from being idle behind the last anchor: longer and
    /// longer while anchors come so close that waking it costs more than walking on.
    awake: usize,
}

impl FamilyScan {
    fn follow(&mut self, other: &Self) {
        let Self {
            cursor,
            active,
            at,
            busy_until,
            awake,
        } = other;
        self.cursor.follow(cursor);
        self.active = *active;
        self.at = *at;
        self.busy_until = *busy_until;
        self.awake = *awake;
    }
}

/// The distance between anchors that costs as much to walk as waking the cursor does.
const NEAR: usize = 24;
/// The most bytes that a cursor is kept awake behind an anchor.
const MAX_AWAKE: usize = 1024;

impl Scan {
    pub(crate) fn new(engine: &Engine) -> Self {
        let mut scan = Self {
            base: 0,
            families: engine.families().map(|_| FamilyScan::default()).collect(),
            runs: Runs::new(engine.group_count),
            tail: Tail::default(),
            known: None,
            undecided: u64::MAX,
        };
        scan.reset(engine, 0);
        scan
    }

    /// The offset of the next block.
    pub(crate) fn base(&self) -> u64 {
        self.base
    }

    /// Whether `other` finds the same from here on, offsets apart. Not told of scans in
    /// the middle of a run, or of what may be a known value: these are never the same.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        let mut families = self.families.iter().zip(&other.families);
        self.undecided == u64::MAX
            && other.undecided == u64::MAX
            && self.tail == other.tail
            && self.known == other.known
            && self.runs.at_rest()
            && other.runs.at_rest()
            && families.all(|(a, b)| {
                // Where an idle cursor stands does not matter.
                a.active == b.active && (!a.active || a.cursor == b.cursor)
            })
    }

    /// Stands where `other` does, in the memory that this has.
    pub(crate) fn follow(&mut self, other: &Self) {
        let Self {
            base,
            families,
            runs,
            tail,
            known,
            undecided,
        } = other;
        self.base = *base;
        for (family, other) in self.families.iter_mut().zip(families) {
            family.follow(other);
        }
        self.runs.follow(runs);
        self.tail.clone_from(tail);
        self.known.clone_from(known);
        self.undecided = *undecided;
    }

    /// Forgets the text so far; the next block is the first of another and starts at this
    /// offset.
    pub(crate) fn reset(&mut self, engine: &Engine, base: u64) {
        self.base = base;
        self.families
            .iter_mut()
            .for_each(|scan| scan.active = false);
        let mut first = 0;
        for lane in &engine.lanes {
            let scans = &mut self.families[first..];
            first += lane.families.len();
            if !lane.anchored {
                for (family, scan) in lane.families.iter().zip(scans) {
                    family.automaton().restart(&mut scan.cursor);
                    scan.active = true;
                }
            }
        }
        self.runs.reset();
        self.tail.clear();
        self.known = engine.known.as_ref().map(Known::start);
        self.undecided = u64::MAX;
    }

    /// The smallest offset at which an undecided run starts; `u64::MAX` if there is
    /// none.
    pub(crate) fn undecided(&self) -> u64 {
        self.undecided
    }

    /// What the needles alone tell of the block. If that is all there is to know, because
    /// nothing is left open and nothing is in it, this has scanned it.
    pub(crate) fn glance(&mut self, engine: &Engine, block: &[u8]) -> Glance {
        let tail = self.tail.as_slice();
        let crosses = |lane: &Lane| lane.anchored && lane.may_cross(tail);
        let at_rest = self.runs.at_rest()
            && self.known.is_none()
            && self.families.iter().all(|family| !family.active)
            && (tail.is_empty() || !engine.lanes.iter().any(crosses));
        if !at_rest {
            return Glance::Unclear;
        }
        let glance = engine.glance(block, Edges::Cut);
        if matches!(glance, Glance::Clean) {
            self.undecided = u64::MAX;
            self.remember(engine, block);
        }
        glance
    }

    /// Finds every interval that starts in the block, unless it is still undecided, and
    /// the undecided ones of earlier blocks that this one decides. The block is not empty;
    /// `start` is where its anchors start if that is known.
    pub(crate) fn scan(
        &mut self,
        engine: &Engine,
        block: &[u8],
        start: Option<&Start>,
        found: &mut Vec<Interval>,
    ) {
        let block = Block {
            bytes: block,
            base: self.base,
        };
        self.begin(engine, block, found);
        let mut first = 0;
        for (index, lane) in engine.lanes.iter().enumerate() {
            let mut walk = Walk {
                block,
                runs: &mut self.runs,
                undecided: &mut self.undecided,
                found,
            };
            let families = &mut self.families[first..first + lane.families.len()];
            first += lane.families.len();
            for (family, scan) in lane.families.iter().zip(&mut *families) {
                if scan.active {
                    walk.run(family, scan);
                }
            }
            let start = match start {
                Some(start) if index < start.lane => continue,
                start => start.filter(|start| start.lane == index),
            };
            if lane.anchored {
                scan_anchors(lane, families, start, &mut walk);
            }
        }
        if let (Some(known), Some(place)) = (&engine.known, &mut self.known) {
            let undecided = known.scan(place, block, found);
            self.undecided = self.undecided.min(undecided);
        }
        self.runs.settle(block.bytes.len());
        self.remember(engine, block.bytes);
    }

    /// Takes up a block.
    fn begin(&mut self, engine: &Engine, block: Block<'_>, found: &mut Vec<Interval>) {
        for family in &mut self.families {
            family.at = 0;
            family.busy_until = 0;
            family.awake = 0;
        }
        self.undecided = self.runs.resume(engine, block, found);
        let tail = self.tail.as_slice();
        if !tail.is_empty() {
            let mut families = self.families.as_mut_slice();
            for lane in &engine.lanes {
                let (of_lane, rest) = families.split_at_mut(lane.families.len());
                families = rest;
                if lane.anchored && lane.may_cross(tail) {
                    cross_seam(lane, of_lane, tail, block.bytes);
                }
            }
        }
    }

    /// Keeps of a block what matters to the next one.
    fn remember(&mut self, engine: &Engine, block: &[u8]) {
        self.tail.push(block, engine.tail_len);
        self.base += block.len() as u64;
    }
}

/// Wakes the families of a lane that have an anchor across the seam, or so shortly
/// behind it that its match may have begun before.
fn cross_seam(lane: &Lane, scans: &mut [FamilyScan], tail: &[u8], block: &[u8]) {
    let mut seam = [0; 2 * MAX_TAIL];
    let head = &block[..block.len().min(MAX_TAIL)];
    let seam = &mut seam[..tail.len() + head.len()];
    seam[..tail.len()].copy_from_slice(tail);
    seam[tail.len()..].copy_from_slice(head);
    let mut hits = lane.prefilter().hits(seam, Edges::Cut, 0);
    while let Some(hit) = hits.next() {
        let (family, scan) = (&lane.families[hit.family], &mut scans[hit.family]);
        let began = usize::try_from(hit.began).unwrap_or(0);
        if hit.end <= tail.len() || began >= tail.len() {
            continue;
        }
        if !scan.active {
            let automaton = family.automaton();
            automaton.restart(&mut scan.cursor);
            scan.active = true;
            // Ends in the tail were found when it was part of a block.
            automaton.walk(&mut scan.cursor, tail, began, usize::MAX, |_, _| ());
        }
        scan.busy_until = scan.busy_until.max(hit.end - tail.len());
    }
}

/// Walks the lane's automata from its anchors.
fn scan_anchors(lane: &Lane, scans: &mut [FamilyScan], start: Option<&Start>, walk: &mut Walk<'_>) {
    let rest_from = start.map_or(0, |start| start.rest_from);
    let mut hits = lane
        .prefilter()
        .hits(walk.block.bytes, Edges::Cut, rest_from);
    let mut first = start.map(|start| start.first);
    for (index, scan) in scans.iter().enumerate().filter(|(_, scan)| scan.at > 0) {
        hits.skip(index, scan.at);
    }
    while let Some(hit) = first.take().or_else(|| hits.next()) {
        let (family, scan) = (&lane.families[hit.family], &mut scans[hit.family]);
        // A cursor that is still active stands at the block's end.
        if scan.active || hit.end <= scan.at {
            continue;
        }
        walk.wake(family, scan, hit);
        hits.skip(hit.family, scan.at);
    }
}

/// A block, and what is found in it.
struct Walk<'a> {
    block: Block<'a>,
    runs: &'a mut Runs,
    undecided: &'a mut u64,
    found: &'a mut Vec<Interval>,
}

impl Walk<'_> {
    /// Walks an idle family from where a match with an anchor may have begun.
    fn wake(&mut self, family: &Family, scan: &mut FamilyScan, hit: Hit) {
        let automaton = family.automaton();
        let near = scan.at + NEAR;
        // What began in front of the block was found at the seam.
        let began = usize::try_from(hit.began).unwrap_or(0);
        let block = self.block.bytes;
        let ended = |at, groups| self.end(family, at, groups);
        let landing = hit.leap;
        let leapt = landing.map(|to| automaton.land(&mut scan.cursor, to, block, ended));
        if let Some((end, _)) = leapt {
            scan.at = end;
        } else if scan.at <= began {
            automaton.restart(&mut scan.cursor);
            scan.at = began;
        }
        // A cursor that stands behind the start of the match has seen it.
        scan.awake = if scan.at < near {
            (2 * scan.awake).clamp(4, MAX_AWAKE)
        } else {
            0
        };
        scan.busy_until = hit.end + scan.awake;
        scan.active = !leapt.is_some_and(|(end, idle)| idle && end >= scan.busy_until);
        if scan.active {
            self.run(family, scan);
        }
    }

    /// Walks an active family until it is idle or the block ends.
    fn run(&mut self, family: &Family, scan: &mut FamilyScan) {
        let automaton = family.automaton();
        let (block, at, busy) = (self.block.bytes, scan.at, scan.busy_until);
        let ended = |at, groups| self.end(family, at, groups);
        let (at, idle) = automaton.walk(&mut scan.cursor, block, at, busy, ended);
        (scan.at, scan.active) = (at, !idle);
    }

    /// Expressions of the family end at `at`: of each group that has a bit in `groups`.
    fn end(&mut self, family: &Family, at: usize, mut groups: u32) {
        while groups != 0 {
            let group = groups.trailing_zeros() as usize;
            let index = family.first_group + group;
            let group = &family.groups[group];
            if self
                .runs
                .expression_ends(index, group, self.block, at, self.found)
            {
                *self.undecided = (*self.undecided).min(self.block.base + at as u64);
            }
            groups &= groups - 1;
        }
    }
}
