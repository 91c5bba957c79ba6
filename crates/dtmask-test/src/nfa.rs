//! A set simulation of a Thompson NFA, which finds every end of every match.
//!
//! The automata of regex-automata stop at leftmost matches or report an end one
//! byte late. Here there is nothing to get wrong: the set of live states after
//! each byte, with the start state added at every offset, and an end wherever
//! the set holds a match state.

use regex_automata::nfa::thompson::{Compiler, Config, NFA, State, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::syntax;

/// An expression over bytes, compiled for the simulation.
#[derive(Clone)]
pub(crate) struct Nfa {
    /// Compiled without captures; only its anchored start is used.
    nfa: NFA,
}

impl Nfa {
    /// Compiles `expression` with Unicode and UTF-8 mode off.
    ///
    /// # Panics
    ///
    /// If the expression does not parse or looks around.
    pub(crate) fn new(expression: &str) -> Nfa {
        let nfa = Compiler::new()
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .configure(
                Config::new()
                    .utf8(false)
                    .which_captures(WhichCaptures::None),
            )
            .build(expression)
            .unwrap_or_else(|error| panic!("expression {expression:?}: {error}"));
        let looks = |state: &State| matches!(state, State::Look { .. });
        assert!(
            !nfa.states().iter().any(looks),
            "expression {expression:?}: look-around is no part of a rule"
        );
        Nfa { nfa }
    }

    /// Whether the expression matches the whole of `input`.
    pub(crate) fn matches_whole(&self, input: &[u8]) -> bool {
        let mut live = Set::new(self.nfa.states().len());
        self.close(self.nfa.start_anchored(), &mut live);
        for &byte in input {
            live = self.step(&live, byte);
        }
        live.has_match
    }

    /// Every offset at which some match ends that began at any offset, in
    /// ascending order and without repeats.
    pub(crate) fn ends(&self, input: &[u8]) -> Vec<usize> {
        let mut ends = Vec::new();
        let mut live = Set::new(self.nfa.states().len());
        let mut next = Set::new(self.nfa.states().len());
        for (at, &byte) in input.iter().enumerate() {
            self.close(self.nfa.start_anchored(), &mut live);
            if live.has_match {
                ends.push(at);
            }
            next.clear();
            self.step_into(&live, byte, &mut next);
            std::mem::swap(&mut live, &mut next);
        }
        self.close(self.nfa.start_anchored(), &mut live);
        if live.has_match {
            ends.push(input.len());
        }
        ends
    }

    fn step(&self, live: &Set, byte: u8) -> Set {
        let mut next = Set::new(self.nfa.states().len());
        self.step_into(live, byte, &mut next);
        next
    }

    fn step_into(&self, live: &Set, byte: u8, next: &mut Set) {
        for &id in &live.consuming {
            let target = match self.nfa.state(id) {
                State::ByteRange { trans } => trans.matches_byte(byte).then_some(trans.next),
                State::Sparse(transitions) => transitions.matches_byte(byte),
                State::Dense(transitions) => transitions.matches_byte(byte),
                _ => unreachable!("only byte-consuming states are kept"),
            };
            if let Some(target) = target {
                self.close(target, next);
            }
        }
    }

    /// Adds `start` and everything reachable from it without a byte.
    fn close(&self, start: StateID, set: &mut Set) {
        let mut stack = vec![start];
        while let Some(id) = stack.pop() {
            if std::mem::replace(&mut set.seen[id.as_usize()], true) {
                continue;
            }
            set.touched.push(id);
            match self.nfa.state(id) {
                State::ByteRange { .. } | State::Sparse(_) | State::Dense(_) => {
                    set.consuming.push(id);
                }
                State::Union { alternates } => stack.extend(alternates.iter()),
                State::BinaryUnion { alt1, alt2 } => stack.extend([*alt1, *alt2]),
                State::Capture { next, .. } => stack.push(*next),
                State::Match { .. } => set.has_match = true,
                State::Fail => {}
                State::Look { .. } => unreachable!("refused when compiled"),
            }
        }
    }
}

/// A set of NFA states.
struct Set {
    /// Indexed by state: whether it is in the set.
    seen: Vec<bool>,
    /// Every state in the set, so that clearing is as cheap as filling was.
    touched: Vec<StateID>,
    /// Those of them that read a byte.
    consuming: Vec<StateID>,
    has_match: bool,
}

impl Set {
    fn new(states: usize) -> Set {
        Set {
            seen: vec![false; states],
            touched: Vec::new(),
            consuming: Vec::new(),
            has_match: false,
        }
    }

    fn clear(&mut self) {
        for id in self.touched.drain(..) {
            self.seen[id.as_usize()] = false;
        }
        self.consuming.clear();
        self.has_match = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_of_every_start() {
        assert_eq!(Nfa::new("ab*").ends(b"xabba"), [2, 3, 4, 5]);
        assert_eq!(Nfa::new("ab*?").ends(b"xabba"), [2, 3, 4, 5]);
        assert_eq!(Nfa::new("a|ab|abc").ends(b"abc"), [1, 2, 3]);
        assert_eq!(Nfa::new("aa").ends(b"aaaa"), [2, 3, 4]);
    }

    #[test]
    fn bytes_and_not_characters() {
        assert_eq!(Nfa::new(r"[\x80-\xff]").ends("é".as_bytes()), [1, 2]);
        assert_eq!(Nfa::new(r"(?s).").ends(b"\xff\n"), [1, 2]);
        assert_eq!(Nfa::new("(?i:k)").ends("kK\u{212a}".as_bytes()), [1, 2]);
    }

    #[test]
    fn whole() {
        assert!(Nfa::new("a|ab").matches_whole(b"ab"));
        assert!(!Nfa::new("a|ab").matches_whole(b"abc"));
        assert!(!Nfa::new("[a-z]").matches_whole(b""));
    }
}
