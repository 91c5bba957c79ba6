//! That guards refuse nothing of which an expression makes something: for every text they
//! refuse, the automaton itself is asked.

use super::{CONTEXT_MIN, PROSE, WORD_CLASS};
use crate::automaton::Automaton;
use crate::redactor::Redactor;

/// Every row that such bytes lead to from one of these, and these.
fn reachable(automaton: &Automaton, from: Vec<u32>, bytes: impl Fn(u8) -> bool) -> Vec<u32> {
    let mut rows = from;
    let mut next = 0;
    while let Some(&row) = rows.get(next) {
        next += 1;
        for byte in (0..=255).filter(|&byte| bytes(byte)) {
            let row = automaton.step(row, byte).row;
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
    }
    rows
}

/// The row behind a text.
fn behind(automaton: &Automaton, text: &str) -> u32 {
    let start = automaton.first_row();
    text.bytes()
        .fold(start, |row, byte| automaton.step(row, byte).row)
}

/// Asserts that each of these bytes ends all matches, in front of nothing secret.
fn assert_dead(automaton: &Automaton, rows: &[u32], bytes: impl Fn(u8) -> bool) {
    for &row in rows {
        for byte in (0..=255).filter(|&byte| bytes(byte)) {
            let step = automaton.step(row, byte);
            assert!(step.idle && !step.ends, "{}", byte.escape_ascii());
        }
    }
}

#[test]
fn no_expression_goes_on_with_prose_behind_a_key() {
    let redactor = Redactor::new();
    let mut families = redactor.engine().families();
    let family = families.find(|family| !family.automaton().is_idle_behind("api-token"));
    let family = family.expect("keys have a family");
    let automaton = family.automaton();
    let mut keys = Vec::new();
    for word in ["api", "paas", "tenant", "cluster", "ingest"] {
        for separator in ["", "-", "_", ".", " "] {
            keys.push(behind(automaton, &format!("{word}{separator}token")));
        }
    }
    let gap = |byte| !WORD_CLASS.contains(byte) && !PROSE.special.contains(byte);
    let rows = reachable(automaton, keys, gap);
    assert!(rows.len() > 10);
    assert_dead(automaton, &rows, |byte| PROSE.initial.contains(byte));
    // What is shorter than this is no secret where an expression ends in front of the word.
    for group in &family.groups {
        assert!(group.min >= u64::from(CONTEXT_MIN) && group.class == *WORD_CLASS);
    }
}

#[test]
fn no_expression_goes_on_behind_an_identifier_alone() {
    for redactor in [Redactor::new(), Redactor::published()] {
        let mut families = redactor.engine().families();
        let family = families.find(|family| !family.automaton().is_idle_behind("dt0c01."));
        let automaton = family.expect("tokens have a family").automaton();
        let letters = ('a'..='z').chain('A'..='Z');
        let prefixes: Vec<u32> = letters
            .flat_map(|letter| ["dt0", "DT0"].map(|dt0| format!("{dt0}{letter}01.")))
            .chain(["dt0a03.".to_owned(), "dt0c02.".to_owned()])
            .map(|prefix| behind(automaton, &prefix))
            .collect();
        assert_dead(automaton, &prefixes, |byte| byte == b'.');
        let rows = reachable(automaton, prefixes, |byte| WORD_CLASS.contains(byte));
        assert!(rows.len() > 10);
        for &row in &rows {
            for byte in (0..=255).filter(|&byte| WORD_CLASS.contains(byte)) {
                assert!(!automaton.step(row, byte).ends);
            }
        }
        assert_dead(automaton, &rows, |byte| {
            !WORD_CLASS.contains(byte) && !b".%\\".contains(&byte)
        });
    }
}
