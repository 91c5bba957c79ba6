//! What the rules make of a text, and how large their tables are.

use super::{Automaton, ENDS, IDLE, OUTGROWN, ROW, TABLE_LIMIT, Threads};
use crate::redactor::Redactor;

/// Where a byte leads to.
pub(crate) struct Step {
    pub(crate) row: u32,
    pub(crate) idle: bool,
    /// Whether an expression ends there.
    pub(crate) ends: bool,
}

impl Automaton {
    pub(crate) fn first_row(&self) -> u32 {
        self.stride
    }

    pub(crate) fn class_of(&self, byte: u8) -> u8 {
        self.byte_classes[usize::from(byte)]
    }

    pub(crate) fn step(&self, row: u32, byte: u8) -> Step {
        let mut cursor = self.start();
        cursor.row = row;
        let entry = self.extend(&mut cursor, byte);
        assert_eq!(entry & OUTGROWN, 0, "the table is too small");
        Step {
            row: entry & ROW,
            idle: entry & IDLE != 0,
            ends: entry & ENDS != 0,
        }
    }

    pub(crate) fn is_idle_behind(&self, text: &str) -> bool {
        self.entries(&[text])[0] & IDLE != 0
    }
}

/// Computes every row there is, and says how many entries of the table they take.
fn explore(automaton: &Automaton) -> usize {
    let stride = automaton.stride;
    let mut row = stride;
    loop {
        let rows = automaton.lock().sets.len() as u32;
        if row == rows * stride {
            return row as usize;
        }
        for byte in 0..=255 {
            automaton.step(row, byte);
        }
        row += stride;
    }
}

#[test]
fn the_tables_of_the_built_in_rules_are_far_from_the_limit() {
    let everything = crate::builtin_rules()
        .fold(Redactor::builder(), |builder, rule| {
            builder.with(rule.name())
        })
        .hide_id("dt0s01")
        .hide_id("dt0s06")
        .build()
        .expect("the rules are built in");
    for redactor in [Redactor::new(), Redactor::published(), everything] {
        for family in redactor.engine().families() {
            let size = explore(family.automaton());
            assert!(size <= TABLE_LIMIT * 3 / 4, "{size}");
        }
    }
}

#[test]
fn what_stands_before_a_needle_of_a_built_in_rule_is_within_a_line() {
    let redactor = Redactor::builder().hide_id("dt0s01").build();
    let redactor = redactor.expect("the rules are built in");
    for redactor in [redactor, Redactor::published()] {
        for lane in &redactor.engine().lanes {
            assert!(lane.anchored && !lane.may_cross(b"\n"));
            for family in &lane.families {
                let Automaton {
                    nfa, forgettable, ..
                } = family.automaton();
                let mut next = Threads::default();
                for state in nfa.reachable(&nfa.start).states {
                    if forgettable[state as usize] {
                        nfa.step(state, b'\n', &mut next);
                    }
                }
                assert!(next.states.is_empty() && next.ends == 0);
            }
        }
    }
}
