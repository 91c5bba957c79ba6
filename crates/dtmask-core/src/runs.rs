//! The runs of secret bytes behind the ends of expressions: one of each group, the last one.

use std::collections::VecDeque;

use crate::engine::{Engine, Group};
use crate::scan::Interval;

/// The last runs of all groups.
pub(crate) struct Runs {
    /// By the index of the group among those of all families.
    runs: Vec<Run>,
    /// Those that are not at rest: a bit for each, shared by every 64th.
    touched: u64,
}

/// The last run of a group's class, as far as it matters.
#[derive(Default)]
struct Run {
    /// Where it ends, in the block. What is between its start and here needs no second
    /// look.
    end: usize,
    /// Whether an expression ended in it, with a first end still undecided or its bytes
    /// secret.
    live: bool,
    /// Up to where it is secret if it lasts as long.
    covered: u64,
    /// The offsets of ends in it whose bytes are undecided; more than one only if the
    /// group has a maximum.
    pending: VecDeque<u64>,
}

/// A part of a text.
#[derive(Clone, Copy)]
pub(crate) struct Block<'b> {
    pub(crate) bytes: &'b [u8],
    /// The offset of its first byte.
    pub(crate) base: u64,
}

/// How many runs have bits of their own.
const BITS: usize = u64::BITS as usize;

/// The bit of a run.
fn bit(index: usize) -> u64 {
    1 << (index % BITS)
}

impl Runs {
    pub(crate) fn new(groups: usize) -> Self {
        Self {
            runs: std::iter::repeat_with(Run::default).take(groups).collect(),
            touched: 0,
        }
    }

    /// Stands where `other` does, in the memory that this has.
    pub(crate) fn follow(&mut self, other: &Self) {
        let Self { runs, touched } = other;
        for (run, other) in self.runs.iter_mut().zip(runs) {
            run.follow(other);
        }
        self.touched = *touched;
    }

    /// Whether no run goes on into the next block. Not told within a block.
    pub(crate) fn at_rest(&self) -> bool {
        self.touched == 0
    }

    /// Forgets all runs.
    pub(crate) fn reset(&mut self) {
        let touched = std::mem::take(&mut self.touched);
        for_each(&mut self.runs, touched, |_, run| run.rest());
    }

    /// Carries what is open on into the next block. Says where the first of what is still
    /// undecided starts; `u64::MAX` if nothing is.
    pub(crate) fn resume(
        &mut self,
        engine: &Engine,
        block: Block<'_>,
        found: &mut Vec<Interval>,
    ) -> u64 {
        let mut undecided = u64::MAX;
        for_each(&mut self.runs, self.touched, |index, run| {
            run.resume(engine.group(index), block, found);
            let first = run.pending.front().copied().unwrap_or(u64::MAX);
            undecided = undecided.min(first);
        });
        undecided
    }

    /// An expression of the group ends at `at`, in front of a byte of its class or at the
    /// end of the block. Says so if what is behind is undecided.
    pub(crate) fn expression_ends(
        &mut self,
        index: usize,
        group: &Group,
        block: Block<'_>,
        at: usize,
        found: &mut Vec<Interval>,
    ) -> bool {
        self.touched |= bit(index);
        let run = &mut self.runs[index];
        if at > run.end {
            // Another run; what was pending in the last one was settled with it.
            run.end = group.class.run_end(block.bytes, at);
            run.live = false;
            run.covered = 0;
        } else if run.live && group.max == u64::MAX {
            // An earlier end of the same run says it all.
            return false;
        }
        let start = block.base + at as u64;
        let end = block.base + run.end as u64;
        if end - start >= group.min {
            run.decide(group, start, end, found);
            return false;
        }
        let undecided = run.end == block.bytes.len();
        if undecided {
            run.live = true;
            run.pending.push_back(start);
        }
        undecided
    }

    /// Lets go of all that ends in a block of this length.
    pub(crate) fn settle(&mut self, len: usize) {
        let touched = std::mem::take(&mut self.touched);
        for_each(&mut self.runs, touched, |index, run| {
            if run.live && run.end == len {
                self.touched |= bit(index);
            } else {
                run.rest();
            }
        });
    }
}

/// Goes over the runs that have these bits.
fn for_each(runs: &mut [Run], bits: u64, mut with: impl FnMut(usize, &mut Run)) {
    for (nth, runs) in runs.chunks_mut(BITS).enumerate() {
        let mut bits = bits;
        while let index = bits.trailing_zeros() as usize
            && let Some(run) = runs.get_mut(index)
        {
            with(BITS * nth + index, run);
            bits &= bits - 1;
        }
    }
}

impl Run {
    fn follow(&mut self, other: &Self) {
        let Self {
            end,
            live,
            covered,
            pending,
        } = other;
        self.end = *end;
        self.live = *live;
        self.covered = *covered;
        self.pending.clone_from(pending);
    }

    fn rest(&mut self) {
        self.end = 0;
        self.live = false;
        self.covered = 0;
        self.pending.clear();
    }

    /// The bytes behind `start` are secret, in a run that goes on to `end` at least.
    fn decide(&mut self, group: &Group, start: u64, end: u64, found: &mut Vec<Interval>) {
        let covered = start.saturating_add(group.max);
        self.live = true;
        self.covered = self.covered.max(covered);
        found.push(Interval::new(start, covered.min(end), group.rule));
    }

    fn resume(&mut self, group: &Group, block: Block<'_>, found: &mut Vec<Interval>) {
        if !self.live {
            self.end = 0;
            return;
        }
        let Block { bytes, base } = block;
        self.end = group.class.run_end(bytes, 0);
        let end = base + self.end as u64;
        while let Some(&start) = self.pending.front()
            && end - start >= group.min
        {
            self.pending.pop_front();
            self.decide(group, start, end, found);
        }
        // Behind these, so that what is found is in order.
        if self.covered > base && end > base {
            let covered = self.covered.min(end);
            found.push(Interval::new(base, covered, group.rule));
        }
        if self.end < bytes.len() {
            self.pending.clear();
        }
    }
}
