//! The moving part: what one stream remembers of its input, and how it finds the
//! intervals that are secret.
//!
//! Nothing here depends on how the input is cut into chunks. A chunk is scanned lane by
//! lane and block by block; what a chunk's end leaves open (a place in an automaton, a
//! run of secret bytes) is carried on.

use std::collections::VecDeque;

use crate::automaton::{Cursor, ENDS, IDLE};
use crate::engine::{Engine, Family, Group, Lane, MAX_TAIL};

/// A part of the input that one group of patterns makes secret, in stream offsets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Interval {
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// The index of the rule in the table.
    pub(crate) rule: usize,
}

/// What a stream remembers between chunks.
#[derive(Debug)]
pub(crate) struct Scan {
    /// The offset of the chunk's first byte in the stream.
    base: u64,
    families: Vec<FamilyScan>,
    /// By the index of the family's first group and the group within it.
    groups: Vec<GroupScan>,
    /// The last bytes of earlier chunks, where a match may have begun whose anchor
    /// is not complete yet.
    tail: Vec<u8>,
    /// The smallest offset at which an undecided run starts; `u64::MAX` if none.
    undecided: u64,
}

#[derive(Debug, Default)]
struct FamilyScan {
    cursor: Cursor,
    /// Whether the cursor stands at `at`, or nowhere.
    active: bool,
    /// All ends up to here are known; an offset in the chunk.
    at: usize,
    /// The cursor must not become idle before this offset in the chunk.
    busy_until: usize,
}

/// The last run of a group's class, as far as it matters.
#[derive(Debug, Default)]
struct GroupScan {
    /// Where the run ends, in the chunk. What is between its start and here needs no
    /// second look.
    run_end: usize,
    /// Whether an expression ended in this run, with a first end still undecided or
    /// its bytes secret.
    live: bool,
    /// Up to where the run is secret if it lasts as long.
    covered: u64,
    /// The offsets of ends in this run whose bytes are undecided; more than one only
    /// if the group has a maximum.
    pending: VecDeque<u64>,
}

impl Scan {
    pub(crate) fn new(engine: &Engine) -> Self {
        let families = engine.families().map(|family| FamilyScan {
            active: !family.is_anchored(),
            cursor: if family.is_anchored() {
                Cursor::default()
            } else {
                family.automaton().start()
            },
            ..FamilyScan::default()
        });
        Self {
            base: 0,
            families: families.collect(),
            groups: (0..engine.group_count)
                .map(|_| GroupScan::default())
                .collect(),
            tail: Vec::new(),
            undecided: u64::MAX,
        }
    }

    /// Forgets the stream so far; the next chunk is the first of another.
    pub(crate) fn reset(&mut self, engine: &Engine) {
        let base = self.base;
        *self = Self::new(engine);
        self.base = base;
    }

    /// The smallest offset at which an undecided run starts; `u64::MAX` if there is
    /// none.
    pub(crate) fn undecided(&self) -> u64 {
        self.undecided
    }

    /// Takes up a chunk that is not empty.
    pub(crate) fn begin(&mut self, engine: &Engine, chunk: &[u8], found: &mut Vec<Interval>) {
        for family in &mut self.families {
            family.at = 0;
            family.busy_until = 0;
        }
        self.undecided = u64::MAX;
        for family in engine.families() {
            let groups = &mut self.groups[family.first_group..];
            for (group, scan) in family.groups.iter().zip(groups) {
                scan.resume(group, chunk, self.base, found);
                let first = scan.pending.front().copied().unwrap_or(u64::MAX);
                self.undecided = self.undecided.min(first);
            }
        }
        if !self.tail.is_empty() {
            let mut families = self.families.as_mut_slice();
            for lane in &engine.lanes {
                let (of_lane, rest) = families.split_at_mut(lane.families.len());
                families = rest;
                if lane.anchored {
                    cross_seam(lane, of_lane, &self.tail, chunk);
                }
            }
        }
    }

    /// Finds all ends in `from..to` of the chunk and so every interval that starts
    /// there, unless it is still undecided.
    pub(crate) fn scan(
        &mut self,
        engine: &Engine,
        chunk: &[u8],
        from: usize,
        to: usize,
        found: &mut Vec<Interval>,
    ) {
        let mut first = 0;
        for lane in &engine.lanes {
            let mut walk = Walk {
                chunk,
                base: self.base,
                to,
                groups: &mut self.groups,
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
            if lane.anchored {
                scan_anchors(lane, families, &mut walk, from);
            }
        }
    }

    /// Lets go of a chunk that was scanned to its end.
    pub(crate) fn end(&mut self, engine: &Engine, chunk: &[u8]) {
        for scan in &mut self.groups {
            if !(scan.live && scan.run_end == chunk.len()) {
                scan.live = false;
                scan.covered = 0;
                scan.pending.clear();
            }
        }
        let anchored = engine.lanes.iter().filter(|lane| lane.anchored);
        let reach = anchored
            .flat_map(|lane| &lane.families)
            .map(Family::reach)
            .max();
        let len = reach
            .map_or(0, |reach| reach.saturating_sub(1))
            .min(MAX_TAIL);
        if chunk.len() >= len {
            self.tail.clear();
        } else {
            let kept = len - chunk.len();
            self.tail.drain(..self.tail.len().saturating_sub(kept));
        }
        self.tail.extend(&chunk[chunk.len().saturating_sub(len)..]);
        self.base += chunk.len() as u64;
    }
}

/// Wakes the families of a lane that have an anchor across the seam, or so shortly
/// behind it that its match may have begun before.
fn cross_seam(lane: &Lane, scans: &mut [FamilyScan], tail: &[u8], chunk: &[u8]) {
    let mut seam = [0; 2 * MAX_TAIL];
    let head = &chunk[..chunk.len().min(MAX_TAIL)];
    let seam = &mut seam[..tail.len() + head.len()];
    seam[..tail.len()].copy_from_slice(tail);
    seam[tail.len()..].copy_from_slice(head);
    let mut hits = lane.prefilter().hits(0, seam.len());
    while let Some(hit) = hits.next(seam) {
        let (family, scan) = (&lane.families[hit.family], &mut scans[hit.family]);
        let began = usize::try_from(hit.began).unwrap_or(0);
        if hit.end <= tail.len() || began >= tail.len() {
            continue;
        }
        if !scan.active {
            let automaton = family.automaton();
            scan.cursor = automaton.start();
            scan.active = true;
            let mut at = began;
            // Ends in the tail were found when it was part of a chunk.
            while at < tail.len() {
                at += automaton
                    .advance(&mut scan.cursor, &tail[at..], usize::MAX)
                    .0;
            }
        }
        scan.busy_until = scan.busy_until.max(hit.end - tail.len());
    }
}

/// Walks the lane's automata from its anchors.
fn scan_anchors(lane: &Lane, scans: &mut [FamilyScan], walk: &mut Walk<'_>, from: usize) {
    let mut hits = lane.prefilter().hits(from, walk.to);
    for (index, scan) in scans.iter().enumerate() {
        hits.skip(index, scan.at);
    }
    while let Some(hit) = hits.next(walk.chunk) {
        let (family, scan) = (&lane.families[hit.family], &mut scans[hit.family]);
        // A cursor that is still active stands at the block's end.
        if scan.active || hit.end <= scan.at {
            continue;
        }
        // What began in front of the chunk was found at the seam.
        let began = usize::try_from(hit.began).unwrap_or(0);
        let known = std::mem::replace(&mut scan.at, began);
        scan.cursor = family.automaton().start();
        scan.active = true;
        scan.busy_until = hit.end;
        if known > began {
            walk.run_again(family, scan, known);
        }
        walk.run(family, scan);
        hits.skip(hit.family, scan.at);
    }
}

/// A block of a chunk, and what is found in it.
struct Walk<'a> {
    chunk: &'a [u8],
    base: u64,
    /// The block's end.
    to: usize,
    groups: &'a mut [GroupScan],
    undecided: &'a mut u64,
    found: &'a mut Vec<Interval>,
}

impl Walk<'_> {
    /// Walks an active family until it is idle or the block ends.
    fn run(&mut self, family: &Family, scan: &mut FamilyScan) {
        let automaton = family.automaton();
        while scan.at < self.to {
            let busy = scan.busy_until.saturating_sub(scan.at);
            let bytes = &self.chunk[scan.at..self.to];
            let (walked, entry) = automaton.advance(&mut scan.cursor, bytes, busy);
            scan.at += walked;
            if entry & ENDS != 0 {
                let mut ends = automaton.ends(&scan.cursor);
                while ends != 0 {
                    self.end(family, ends.trailing_zeros() as usize, scan.at);
                    ends &= ends - 1;
                }
            }
            if entry & IDLE != 0 && scan.at >= scan.busy_until {
                scan.active = false;
                return;
            }
        }
    }

    /// Walks bytes again that an anchor reaches back to, whose ends are known.
    fn run_again(&mut self, family: &Family, scan: &mut FamilyScan, known: usize) {
        let automaton = family.automaton();
        while scan.at < known {
            let bytes = &self.chunk[scan.at..known];
            scan.at += automaton.advance(&mut scan.cursor, bytes, usize::MAX).0;
        }
    }

    /// An expression of the group ends at `at`.
    fn end(&mut self, family: &Family, group: usize, at: usize) {
        let scan = &mut self.groups[family.first_group + group];
        let group = &family.groups[group];
        let len = self.chunk.len();
        if at > scan.run_end || (at == scan.run_end && at != len) {
            // Another run; what was pending in the last one was settled with it.
            scan.run_end = group.class.run_end(self.chunk, at);
            scan.live = false;
            scan.covered = 0;
        } else if scan.live && group.max == u64::MAX {
            // An earlier end of the same run says it all.
            return;
        }
        let end = self.base + at as u64;
        let run_end = self.base + scan.run_end as u64;
        if run_end - end >= group.min {
            scan.decide(group, end, run_end, self.found);
        } else if scan.run_end == len {
            scan.live = true;
            scan.pending.push_back(end);
            *self.undecided = (*self.undecided).min(end);
        }
    }
}

impl GroupScan {
    /// The bytes behind `end` are secret, in a run that goes on to `run_end` at least.
    fn decide(&mut self, group: &Group, end: u64, run_end: u64, found: &mut Vec<Interval>) {
        let covered = end.saturating_add(group.max);
        self.live = true;
        self.covered = self.covered.max(covered);
        found.push(Interval {
            start: end,
            end: covered.min(run_end),
            rule: group.rule,
        });
    }

    /// Carries a run on into the next chunk, which starts at `base`.
    fn resume(&mut self, group: &Group, chunk: &[u8], base: u64, found: &mut Vec<Interval>) {
        if !self.live {
            self.run_end = 0;
            return;
        }
        self.run_end = group.class.run_end(chunk, 0);
        let run_end = base + self.run_end as u64;
        if self.covered > base && run_end > base {
            found.push(Interval {
                start: base,
                end: self.covered.min(run_end),
                rule: group.rule,
            });
        }
        while let Some(&end) = self.pending.front()
            && run_end - end >= group.min
        {
            self.pending.pop_front();
            self.decide(group, end, run_end, found);
        }
        if self.run_end < chunk.len() {
            self.pending.clear();
        }
    }
}
