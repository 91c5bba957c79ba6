//! The nondeterministic automaton of a family of expressions, reduced to what the
//! deterministic one is built from.

use aho_corasick::automaton::Automaton as _;
use aho_corasick::{Anchored, nfa::noncontiguous::NFA as Needles};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_syntax::hir::Hir;

use crate::prefilter::Needle;

/// The size limit of the nondeterministic automaton of a rule, in bytes.
pub const MAX_AUTOMATON_SIZE: usize = 1 << 20;

/// A Thompson automaton over bytes, without captures and look-around.
#[derive(Debug)]
pub(crate) struct Nfa {
    states: Vec<State>,
    /// What each byte is to the automaton: bytes of one class are never told apart.
    pub(crate) byte_classes: [u8; 256],
    pub(crate) class_count: usize,
    /// The consuming states a match begins in.
    pub(crate) start: Vec<u32>,
}

#[derive(Debug)]
enum State {
    /// Consumes a byte in one of the inclusive, ordered ranges.
    Ranges(Box<[(u8, u8, u32)]>),
    /// Consumes nothing.
    Epsilon(Box<[u32]>),
    /// An expression of this group ends here.
    End(u8),
}

/// States collected without order or repetition.
#[derive(Debug, Default)]
pub(crate) struct Threads {
    /// Consuming states.
    pub(crate) states: Vec<u32>,
    /// A bit for each group of which an expression ends here.
    pub(crate) ends: u32,
    seen: Vec<bool>,
    visited: Vec<u32>,
    stack: Vec<u32>,
}

impl Threads {
    pub(crate) fn clear(&mut self) {
        for state in self.visited.drain(..) {
            self.seen[state as usize] = false;
        }
        self.states.clear();
        self.ends = 0;
    }
}

impl Nfa {
    /// Compiles expressions, each with the group it belongs to (less than 32).
    /// `None` if the automaton is over the size limit.
    pub(crate) fn new(expressions: &[(Hir, u8)]) -> Option<Self> {
        let keeps: Vec<&Hir> = expressions.iter().map(|(keep, _)| keep).collect();
        let config = thompson::Config::new()
            .utf8(false)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(MAX_AUTOMATON_SIZE));
        let thompson = thompson::Compiler::new()
            .configure(config)
            .build_many_from_hir(&keeps)
            .ok()?;
        let range = |t: &thompson::Transition| (t.start, t.end, t.next.as_u32());
        let epsilon = |next: &[StateID]| State::Epsilon(next.iter().map(StateID::as_u32).collect());
        let states: Vec<State> = thompson
            .states()
            .iter()
            .map(|state| match state {
                thompson::State::ByteRange { trans } => State::Ranges([range(trans)].into()),
                thompson::State::Sparse(sparse) => {
                    State::Ranges(sparse.transitions.iter().map(range).collect())
                }
                thompson::State::Dense(dense) => {
                    let targets = dense.transitions.iter().zip(0u8..=255);
                    // State 0 always fails, and so stands for no transition.
                    let targets = targets.filter(|(target, _)| target.as_u32() != 0);
                    State::Ranges(targets.map(|(t, byte)| (byte, byte, t.as_u32())).collect())
                }
                thompson::State::Union { alternates } => epsilon(alternates),
                thompson::State::BinaryUnion { alt1, alt2 } => epsilon(&[*alt1, *alt2]),
                thompson::State::Capture { next, .. } => epsilon(&[*next]),
                // Look-around was refused before; a state that fails leads nowhere.
                thompson::State::Look { .. } | thompson::State::Fail => epsilon(&[]),
                thompson::State::Match { pattern_id } => {
                    State::End(expressions[pattern_id.as_usize()].1)
                }
            })
            .collect();
        let classes = thompson.byte_classes();
        let mut nfa = Self {
            states,
            byte_classes: std::array::from_fn(|byte| classes.get(byte as u8)),
            class_count: usize::from(classes.get(u8::MAX)) + 1,
            start: Vec::new(),
        };
        let mut start = Threads::default();
        nfa.close(thompson.start_anchored().as_u32(), &mut start);
        nfa.start = start.states;
        Some(nfa)
    }

    pub(crate) fn state_count(&self) -> usize {
        self.states.len()
    }

    /// Adds to `next` all that `state` leads to on `byte`.
    pub(crate) fn step(&self, state: u32, byte: u8, next: &mut Threads) {
        if let State::Ranges(ranges) = &self.states[state as usize]
            && let Some(&(_, _, target)) = ranges
                .iter()
                .find(|(first, last, _)| (*first..=*last).contains(&byte))
        {
            self.close(target, next);
        }
    }

    /// Adds what is reachable from `state` without a byte.
    fn close(&self, state: u32, threads: &mut Threads) {
        threads.seen.resize(self.states.len(), false);
        threads.stack.push(state);
        while let Some(state) = threads.stack.pop() {
            if std::mem::replace(&mut threads.seen[state as usize], true) {
                continue;
            }
            threads.visited.push(state);
            match &self.states[state as usize] {
                State::Ranges(_) => threads.states.push(state),
                State::Epsilon(next) => threads.stack.extend(next),
                State::End(group) => threads.ends |= 1 << group,
            }
        }
    }

    /// For each state, whether no path to it has a complete needle yet: a match
    /// that is in such a state will be found again by its needle.
    ///
    /// `None` if some match has no needle, or more bytes in front of its first one than
    /// the needle says: such needles anchor nothing.
    pub(crate) fn before_needle(&self, needles: &[Needle]) -> Option<Vec<bool>> {
        let reach = needles.iter().map(Needle::reach).max()?;
        let (reaches, spellings): (Vec<usize>, Vec<Vec<u8>>) = needles
            .iter()
            .flat_map(|needle| needle.spellings().into_iter().map(|s| (needle.reach(), s)))
            .unzip();
        let needles = Needles::new(spellings).ok()?;
        let root = needles.start_state(Anchored::No).ok()?;
        let mut after = Vec::new();
        // Breadth first, one byte a round; what is left after `reach` rounds is too deep.
        let mut round: Vec<_> = self.start.iter().map(|&state| (state, root)).collect();
        let mut closed = Threads::default();
        for depth in 0..reach {
            let mut next_round = Vec::new();
            for (state, progress) in round {
                let State::Ranges(ranges) = &self.states[state as usize] else {
                    continue;
                };
                for &(first, last, target) in ranges {
                    closed.clear();
                    self.close(target, &mut closed);
                    let mut met = Vec::new();
                    for byte in first..=last {
                        let progress = needles.next_state(Anchored::No, progress, byte);
                        if met.contains(&progress) {
                            continue;
                        }
                        met.push(progress);
                        if needles.is_match(progress) {
                            let first = needles.match_pattern(progress, 0);
                            if depth >= reaches[first.as_usize()] {
                                return None;
                            }
                            after.extend(&closed.states);
                        } else if closed.ends != 0 {
                            return None;
                        } else {
                            next_round.extend(closed.states.iter().map(|&s| (s, progress)));
                        }
                    }
                }
            }
            next_round.sort_unstable();
            next_round.dedup();
            round = next_round;
        }
        if !round.is_empty() {
            return None;
        }
        let mut before = vec![true; self.states.len()];
        for state in self.reachable(&after).states {
            before[state as usize] = false;
        }
        Some(before)
    }

    /// What can be reached from `states`, themselves included.
    pub(crate) fn reachable(&self, from: &[u32]) -> Threads {
        let mut reached = Threads::default();
        let mut next = 0;
        for &state in from {
            self.close(state, &mut reached);
        }
        while let Some(&state) = reached.states.get(next) {
            next += 1;
            if let State::Ranges(ranges) = &self.states[state as usize] {
                for &(_, _, target) in ranges {
                    self.close(target, &mut reached);
                }
            }
        }
        reached
    }
}
