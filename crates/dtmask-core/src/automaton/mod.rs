//! Where expressions end: a deterministic automaton that is built while it runs.
//!
//! It is unanchored and reports *all* ends of all matches, so that it needs no
//! priorities: a state is the set of places in the expressions where matches may
//! stand now. Rows of its table are computed the first time an input needs them and
//! then shared by every stream of every thread; reading the table takes no lock. A
//! set of expressions whose table would outgrow the limit goes on without one, more
//! slowly, in memory that is bounded by the expressions.

mod nfa;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

pub use self::nfa::MAX_AUTOMATON_SIZE;
pub(crate) use self::nfa::{Nfa, Threads};
use self::rows::Subsets;
use crate::engine::Group;
use crate::grammar;
use crate::prefilter::{Landing, Needle};

/// An expression ends behind the byte that led to this state.
const ENDS: u32 = 1 << 31;
/// No match that began here has a complete needle yet: the state can be forgotten.
const IDLE: u32 = 1 << 30;
/// The state is not in the table; the cursor knows it.
const OUTGROWN: u32 = 1 << 29;
/// A leap begins at this row.
const LEAPS: u32 = 1 << 28;
/// Not computed yet.
const UNKNOWN: u32 = 1 << 27;
const ROW: u32 = UNKNOWN - 1;

/// The most entries of a table; the families of the built-in rules need half of it.
const TABLE_LIMIT: usize = 1 << 16;
/// The most states the sets behind the rows may have together.
const SETS_LIMIT: usize = 1 << 18;

/// An automaton over the expressions of a family.
pub(crate) struct Automaton {
    nfa: Nfa,
    /// For each state of `nfa`, whether a match in it will be found by its needle again.
    forgettable: Vec<bool>,
    byte_classes: [u8; 256],
    /// For each group a bit for each other one that says as much at the same end.
    implied: Vec<u32>,
    /// For each byte a bit for each group that has it in its class: an end of another
    /// group in front of it is none.
    secret_to: Box<[u32; 256]>,
    /// Entries a row has: one for each class of bytes, and its ends.
    stride: u32,
    /// `table[row + class]` is the row behind a byte of that class, with flags; the last
    /// entry of a row has a bit for each group of which an expression ends there. Row 0
    /// is not used, so that 0 means unknown.
    table: Box<[AtomicU32]>,
    /// The entries of the samples of guards.
    starts: Vec<u32>,
    leaps: Vec<Leap>,
    subsets: Mutex<Subsets>,
}

/// A [`grammar::Leap`](crate::grammar::Leap) with its rows.
struct Leap {
    from: u32,
    over: fn(&[u8], usize) -> Option<Landing>,
    /// The entries of the samples.
    to: Vec<u32>,
}

/// Where a stream stands in an automaton.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// A row, or `OUTGROWN`.
    row: u32,
    /// The set, where the row is `OUTGROWN`.
    outgrown: Vec<u32>,
}

impl Cursor {
    /// Stands where `other` does, in the memory that this has.
    pub(crate) fn follow(&mut self, other: &Self) {
        let Self { row, outgrown } = other;
        self.row = *row;
        self.outgrown.clone_from(outgrown);
    }
}

impl std::fmt::Debug for Automaton {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Automaton")
            .field("nfa_states", &self.nfa.state_count())
            .field("stride", &self.stride)
            .finish_non_exhaustive()
    }
}

impl Automaton {
    /// Whether `needles` really anchor every match of `nfa`.
    pub(crate) fn is_anchored_by(nfa: &Nfa, needles: &[Needle]) -> bool {
        nfa.before_needle(needles).is_some()
    }

    /// An automaton without rows yet. Without needles it is never idle.
    pub(crate) fn new(
        nfa: Nfa,
        needles: &[Needle],
        groups: &[Group],
        leaps: &grammar::Leaps,
    ) -> Self {
        let forgettable = nfa
            .before_needle(needles)
            .unwrap_or_else(|| vec![false; nfa.state_count()]);
        let stride = nfa.class_count as u32 + 1;
        let rows = TABLE_LIMIT / stride as usize;
        let mut automaton = Self {
            byte_classes: nfa.byte_classes,
            implied: groups
                .iter()
                .map(|group| {
                    let others = groups.iter().enumerate();
                    let implying = others.filter(|(_, other)| other.implies(group));
                    implying.fold(0, |bits, (index, _)| bits | 1 << index)
                })
                .collect(),
            secret_to: Box::new(std::array::from_fn(|byte| {
                let groups = groups.iter().enumerate();
                let having = groups.filter(|(_, group)| group.class.contains(byte as u8));
                having.fold(0, |bits, (index, _)| bits | 1 << index)
            })),
            nfa,
            forgettable,
            stride,
            table: (0..rows * stride as usize)
                .map(|_| AtomicU32::new(UNKNOWN))
                .collect(),
            starts: Vec::new(),
            leaps: Vec::new(),
            subsets: Mutex::default(),
        };
        let mut subsets = automaton.lock();
        subsets.sets.push(Arc::default());
        automaton.intern(&mut subsets, &[0]);
        drop(subsets);
        automaton.starts = automaton.entries(leaps.starts);
        automaton.leaps = leaps
            .others
            .iter()
            .map(|leap| automaton.leap(leap))
            .collect();
        // Rules that were left out may have been all that goes on.
        automaton.leaps.retain(|leap| leap.from != stride);
        automaton.mark_leaps();
        automaton
    }

    /// Flags the ways to the rows where leaps begin, which were found without knowing so.
    fn mark_leaps(&mut self) {
        let begins: Vec<u32> = self.leaps.iter().map(|leap| leap.from).collect();
        let mark = |entry: &mut u32| {
            if begins.contains(&(*entry & ROW)) {
                *entry |= LEAPS;
            }
        };
        let rows = self.lock().sets.len();
        let stride = self.stride as usize;
        for row in self.table[..rows * stride].chunks_mut(stride) {
            let (_ends, entries) = row.split_last_mut().expect("a row has its ends");
            entries.iter_mut().for_each(|entry| mark(entry.get_mut()));
        }
        self.starts.iter_mut().for_each(mark);
        for leap in &mut self.leaps {
            leap.to.iter_mut().for_each(mark);
        }
    }

    /// Finds the rows of a leap.
    fn leap(&self, leap: &grammar::Leap) -> Leap {
        Leap {
            from: self.entries(&[leap.from])[0] & ROW,
            over: leap.over,
            to: self.entries(leap.to),
        }
    }

    /// The entries that lead behind these texts.
    fn entries(&self, texts: &[&str]) -> Vec<u32> {
        let walk = |text: &&str| {
            let mut cursor = self.start();
            text.bytes().fold(cursor.row, |entry, byte| {
                cursor.row = entry & ROW;
                self.extend(&mut cursor, byte)
            })
        };
        texts.iter().map(walk).collect()
    }

    /// A cursor before the first byte.
    pub(crate) fn start(&self) -> Cursor {
        let mut cursor = Cursor::default();
        self.restart(&mut cursor);
        cursor
    }

    /// Puts the cursor before the first byte.
    pub(crate) fn restart(&self, cursor: &mut Cursor) {
        cursor.row = self.stride;
    }

    /// Sets the cursor to where the leap of a guard ends, or another one that begins there.
    /// Says where that is, and whether the cursor is idle there. Tells `ended` what
    /// [`walk`](Self::walk) does.
    #[inline]
    pub(crate) fn land(
        &self,
        cursor: &mut Cursor,
        landing: Landing,
        bytes: &[u8],
        mut ended: impl FnMut(usize, u32),
    ) -> (usize, bool) {
        let entry = self.starts[landing.sample];
        let (at, entry) = self.arrive(cursor, entry, bytes, landing.at, &mut ended);
        (at, entry & IDLE != 0)
    }

    /// Takes the cursor over `bytes[at..]`, or to where it is idle at `busy` or behind.
    /// Says where it stands then, and whether it is idle.
    ///
    /// Every offset at which expressions end goes to `ended`, with a bit for each of
    /// their groups that has the next byte in its class, if there is one.
    #[inline]
    pub(crate) fn walk(
        &self,
        cursor: &mut Cursor,
        bytes: &[u8],
        mut at: usize,
        busy: usize,
        mut ended: impl FnMut(usize, u32),
    ) -> (usize, bool) {
        // Read once: what follows an atomic load may not be taken from before it.
        let (table, classes) = (&*self.table, &self.byte_classes);
        let mut row = cursor.row;
        while let Some(&byte) = bytes.get(at) {
            let slot = row as usize + usize::from(classes[usize::from(byte)]);
            // An outgrown row is beyond the table.
            let mut next = match table.get(slot) {
                Some(next) => next.load(Ordering::Acquire),
                None => UNKNOWN,
            };
            at += 1;
            let from = row;
            row = next & (ROW | OUTGROWN);
            if next & (ENDS | IDLE | LEAPS | UNKNOWN) == 0 {
                continue;
            }
            if next == UNKNOWN {
                cursor.row = from;
                next = self.extend(cursor, byte);
                row = next & (ROW | OUTGROWN);
            }
            // Most ends are in front of a byte that cannot be secret.
            let ends = next & ENDS != 0 && self.secret_to(bytes, at) != 0;
            if ends || next & LEAPS != 0 {
                (at, next) = self.arrive(cursor, next, bytes, at, &mut ended);
                row = cursor.row;
            }
            if next & IDLE != 0 && at >= busy {
                cursor.row = row;
                return (at, true);
            }
        }
        cursor.row = row;
        (at, false)
    }

    /// Puts the cursor where an entry leads, tells of what ends there, and leaps on.
    #[inline]
    fn arrive(
        &self,
        cursor: &mut Cursor,
        mut entry: u32,
        bytes: &[u8],
        mut at: usize,
        ended: &mut impl FnMut(usize, u32),
    ) -> (usize, u32) {
        loop {
            cursor.row = entry & (ROW | OUTGROWN);
            if entry & ENDS != 0 {
                let groups = self.secret_to(bytes, at) & self.ends(cursor);
                if groups != 0 {
                    ended(at, groups);
                }
            }
            // There is nothing to be found behind a leap of an idle cursor.
            if entry & (LEAPS | IDLE) != LEAPS {
                return (at, entry);
            }
            let leap = self.leaps.iter().find(|leap| leap.from == cursor.row);
            match leap.and_then(|leap| Some((leap, (leap.over)(bytes, at)?))) {
                Some((leap, landing)) => (at, entry) = (landing.at, leap.to[landing.sample]),
                None => return (at, entry),
            }
        }
    }

    /// A bit for each group that has the byte at `at` in its class, if there is one.
    #[inline]
    fn secret_to(&self, bytes: &[u8], at: usize) -> u32 {
        bytes
            .get(at)
            .map_or(u32::MAX, |&byte| self.secret_to[usize::from(byte)])
    }

    /// The groups of which an expression ends where the cursor stands, a bit for each.
    fn ends(&self, cursor: &Cursor) -> u32 {
        if cursor.row & OUTGROWN != 0 {
            return cursor.outgrown[0];
        }
        self.ends_of(cursor.row as usize).load(Ordering::Acquire)
    }

    fn ends_of(&self, row: usize) -> &AtomicU32 {
        &self.table[row + self.stride as usize - 1]
    }
}
