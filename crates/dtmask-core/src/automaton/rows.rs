//! The rows of an automaton, computed when an input first needs them.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::{Automaton, Cursor, ENDS, IDLE, LEAPS, OUTGROWN, SETS_LIMIT, Threads};

/// The sets that the rows stand for: of each its ends, a bit for each group, and then
/// its states in order, without those that every set has because a match may begin
/// anywhere.
#[derive(Default)]
pub(super) struct Subsets {
    /// By row number.
    pub(super) sets: Vec<Arc<[u32]>>,
    rows: HashMap<Arc<[u32]>, u32>,
    /// Entries of all sets.
    size: usize,
    scratch: Threads,
    next: Vec<u32>,
}

impl Automaton {
    pub(super) fn lock(&self) -> MutexGuard<'_, Subsets> {
        // The subsets are consistent between any two statements that can panic.
        self.subsets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Computes where the cursor goes on `byte`.
    #[cold]
    #[inline(never)]
    pub(super) fn extend(&self, cursor: &mut Cursor, byte: u8) -> u32 {
        let mut subsets = self.lock();
        let mut scratch = std::mem::take(&mut subsets.scratch);
        let mut next = std::mem::take(&mut subsets.next);
        scratch.clear();
        let outgrown = cursor.row & OUTGROWN != 0;
        let set = if outgrown {
            &*cursor.outgrown
        } else {
            &*subsets.sets[(cursor.row / self.stride) as usize]
        };
        for &state in set[1..].iter().chain(&self.nfa.start) {
            self.nfa.step(state, byte, &mut scratch);
        }
        let is_start = |state: &&u32| self.nfa.start.contains(state);
        next.clear();
        next.push(self.telling(scratch.ends));
        next.extend(scratch.states.iter().filter(|state| !is_start(state)));
        next[1..].sort_unstable();
        let flags = self.flags(&next);
        let row = subsets.rows.get(next.as_slice()).copied().or_else(|| {
            let fits = (subsets.sets.len() + 1) * self.stride as usize <= self.table.len()
                && subsets.size + next.len() <= SETS_LIMIT;
            fits.then(|| self.intern(&mut subsets, &next))
        });
        let entry = match row {
            Some(row) => {
                let leaps = self.leaps.iter().any(|leap| leap.from == row);
                row | flags | if leaps { LEAPS } else { 0 }
            }
            None => {
                cursor.outgrown.clone_from(&next);
                OUTGROWN | flags
            }
        };
        if !outgrown && row.is_some() {
            let class = usize::from(self.byte_classes[usize::from(byte)]);
            self.table[cursor.row as usize + class].store(entry, Ordering::Release);
        }
        // Kept for the memory they have.
        subsets.scratch = scratch;
        subsets.next = next;
        entry
    }

    /// Those of the groups in `ends` that make something secret that no other one does.
    fn telling(&self, ends: u32) -> u32 {
        let groups = self.implied.iter().enumerate();
        groups
            .filter(|(group, implied)| ends >> group & 1 == 1 && ends & **implied != 0)
            .fold(ends, |ends, (group, _)| ends & !(1 << group))
    }

    fn flags(&self, set: &[u32]) -> u32 {
        let ends = if set[0] == 0 { 0 } else { ENDS };
        let idle = set[1..]
            .iter()
            .all(|&state| self.forgettable[state as usize]);
        // Where nothing anchors a match, even the empty set must be kept going.
        let anchored = self.nfa.start.iter().all(|&s| self.forgettable[s as usize]);
        ends | if idle && anchored { IDLE } else { 0 }
    }

    /// The row of a set that has none yet.
    pub(super) fn intern(&self, subsets: &mut Subsets, set: &[u32]) -> u32 {
        let row = subsets.sets.len() as u32 * self.stride;
        self.ends_of(row as usize).store(set[0], Ordering::Release);
        let set: Arc<[u32]> = set.into();
        subsets.size += set.len();
        subsets.sets.push(Arc::clone(&set));
        subsets.rows.insert(set, row);
        row
    }
}
