//! That guards refuse nothing of which an expression makes something: for every text they
//! refuse, the automaton itself is asked.

mod leaps;

use super::base64::{BASE64_PREFIXES, guard_base64};
use super::key::{KEY_LEAD, PROSE, guard_key};
use super::token::guard_prefix;
use super::{CONTEXT_MIN, WORD_CLASS};
use crate::automaton::{Automaton, Nfa, Threads};
use crate::engine::Family;
use crate::prefilter::Edges;
use crate::redactor::Redactor;
use crate::rules::Rule;

const WORDS: [&str; 5] = ["api", "paas", "tenant", "cluster", "ingest"];

/// The default rules, the published one, the default rules without each of them, and each
/// of them alone.
fn rule_sets() -> Vec<Redactor> {
    let whole = [Redactor::new(), Redactor::published()];
    let names: Vec<&str> = whole[0].rules().map(Rule::name).collect();
    let without = |left_out: &dyn Fn(&str) -> bool| {
        let left_out = names.iter().filter(|name| left_out(name));
        let builder = left_out.fold(Redactor::builder(), |builder, name| builder.without(*name));
        builder.build().expect("the rules are built in")
    };
    let subsets = names.iter().flat_map(|one| {
        [
            without(&|name: &str| name == *one),
            without(&|name: &str| name != *one),
        ]
    });
    let subsets: Vec<Redactor> = subsets.collect();
    whole.into_iter().chain(subsets).collect()
}

/// The family of which an expression goes on behind a text, if there is one.
fn family<'r>(redactor: &'r Redactor, text: &str) -> Option<&'r Family> {
    let mut families = redactor.engine().families();
    families.find(|family| !family.automaton().is_idle_behind(text))
}

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

/// The rows that one such byte leads to. No expression may end there.
fn stepped(automaton: &Automaton, rows: &[u32], bytes: impl Fn(u8) -> bool) -> Vec<u32> {
    let mut next = Vec::new();
    for &row in rows {
        for byte in (0..=255).filter(|&byte| bytes(byte)) {
            let step = automaton.step(row, byte);
            assert!(!step.ends, "{}", byte.escape_ascii());
            next.push(step.row);
        }
    }
    next.sort_unstable();
    next.dedup();
    next
}

/// The rows behind a text in any mixture of upper and lower case.
fn spelt(automaton: &Automaton, mut rows: Vec<u32>, text: &str) -> Vec<u32> {
    for letter in text.bytes() {
        rows = stepped(automaton, &rows, |byte| byte.eq_ignore_ascii_case(&letter));
    }
    rows
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

/// The states that these bytes lead matches to that begin with them. None ends.
fn states_behind(nfa: &Nfa, states: &[u32], bytes: impl Iterator<Item = u8>) -> Vec<u32> {
    let mut next = Threads::default();
    for byte in bytes {
        for &state in states {
            nfa.step(state, byte, &mut next);
        }
    }
    assert_eq!(next.ends, 0);
    next.states
}

#[test]
fn no_expression_goes_on_with_prose_behind_a_key() {
    let redactor = Redactor::new();
    let family = family(&redactor, "api-token").expect("keys have a family");
    let automaton = family.automaton();
    let mut keys = Vec::new();
    for word in WORDS {
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
        let family = family(&redactor, "dt0c01.").expect("tokens have a family");
        let automaton = family.automaton();
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

#[test]
fn no_expression_goes_on_with_what_is_no_prefix() {
    let hidden = Redactor::builder().hide_id("dt0s01").hide_id("dt0s06");
    let hidden = hidden.build().expect("the prefixes are such");
    let mut families = 0;
    for redactor in rule_sets().iter().chain([&hidden]) {
        let Some(family) = family(redactor, "dt0") else {
            continue;
        };
        families += 1;
        let automaton = family.automaton();
        let mut rows = spelt(automaton, vec![automaton.first_row()], "dt0");
        let parts: [fn(u8) -> bool; 4] = [
            |byte| byte.is_ascii_alphabetic(),
            |byte| byte.is_ascii_digit(),
            |byte| byte.is_ascii_digit(),
            |byte| b".%\\".contains(&byte),
        ];
        // What is in their place here, the guard refuses, and nothing else.
        let mut text = b"dt0".to_vec();
        for (index, part) in parts.into_iter().enumerate() {
            assert_dead(automaton, &rows, |byte| !part(byte));
            for byte in 0..=255 {
                let haystack = [&text[..], &[byte], &b"c01."[index + 1..]].concat();
                let guarded = guard_prefix(&haystack, 0, Edges::Whole);
                assert_eq!(guarded.is_some(), part(byte), "{}", byte.escape_ascii());
            }
            if index < 3 {
                rows = stepped(automaton, &rows, part);
            }
            text.push(b"c01."[index]);
        }
    }
    assert!(families > 10);
}

/// What the guard says of a key that is followed by what may be secret.
fn guarded_key(front: &[u8], token: &[u8]) -> Option<(usize, usize, usize)> {
    let text = [front, token, b"=FAKE_legacy-tok3n_abc"].concat();
    let anchor = guard_key(&text, front.len(), Edges::Whole)?;
    let leap = anchor.leap.expect("a key is leapt over");
    Some((anchor.lead, leap.at, leap.sample))
}

/// Adds every text, in lower case, that a match can have in front of its first `tok`.
fn fronts_of_keys(nfa: &Nfa, states: &[u32], front: &[u8], fronts: &mut Vec<Vec<u8>>) {
    assert!(front.len() < KEY_LEAD + "tok".len());
    for byte in (0..=255).filter(|byte: &u8| !byte.is_ascii_uppercase()) {
        let next = states_behind(nfa, states, [byte].into_iter());
        let upper = [byte.to_ascii_uppercase()].into_iter();
        assert_eq!(next, states_behind(nfa, states, upper));
        if !next.is_empty() {
            let front = [front, &[byte]].concat();
            match front.strip_suffix(b"tok") {
                Some(front) => fronts.push(front.to_vec()),
                None => fronts_of_keys(nfa, &next, &front, fronts),
            }
        }
    }
}

#[test]
fn no_expression_goes_on_with_what_is_no_key() {
    let mut families = 0;
    for redactor in rule_sets() {
        let Some(family) = family(&redactor, "api-token") else {
            continue;
        };
        families += 1;
        let nfa = family.nfa();
        let mut fronts = Vec::new();
        fronts_of_keys(&nfa, &nfa.start, b"", &mut fronts);
        assert!(fronts.len() >= 3 * WORDS.len());
        for front in &fronts {
            // The guard knows all of them, whatever stands before them.
            for before in (0..=255).map(|byte| vec![byte]).chain([vec![]]) {
                for front in [front.clone(), front.to_ascii_uppercase()] {
                    let text = [&before[..], &front].concat();
                    let guarded = guarded_key(&text, b"tOkEn");
                    let lead = guarded.map(|(lead, ..)| lead);
                    assert_eq!(lead, Some(front.len()), "{}", text.escape_ascii());
                }
            }
            let key = [front, &b"tok"[..]].concat();
            let states = key.iter().fold(nfa.start.clone(), |states, &byte| {
                states_behind(&nfa, &states, [byte].into_iter())
            });
            let no = |letter: u8| (0..=255).filter(move |b: &u8| !b.eq_ignore_ascii_case(&letter));
            assert!(states_behind(&nfa, &states, no(b'e')).is_empty());
            let states = states_behind(&nfa, &states, [b'e', b'E'].into_iter());
            assert!(!states.is_empty() && states_behind(&nfa, &states, no(b'n')).is_empty());
        }
    }
    assert!(families > 10);
}

#[test]
fn no_expression_goes_on_with_what_is_no_base64_of_a_prefix() {
    let redactor = Redactor::new();
    let family = family(&redactor, "ZHQwYz").expect("base64 has a family");
    let nfa = family.nfa();
    let guards = [
        guard_base64::<0, 0>,
        guard_base64::<1, 1>,
        guard_base64::<2, 1>,
    ];
    let needles = [(0, "ZHQw"), (1, "R0M"), (1, "kdDB")];
    for ((classes, guard), (lead, needle)) in BASE64_PREFIXES.iter().zip(guards).zip(needles) {
        let needle = lead..lead + needle.len();
        assert_eq!(classes.len(), 10);
        let first = |index: usize| (0..=255).find(|&byte| classes[index].contains(byte));
        let text: Vec<u8> = (0..10)
            .map(|index| first(index).expect("it has one"))
            .collect();
        for index in (0..10).filter(|index| !needle.contains(index)) {
            for byte in 0..=255 {
                let mut haystack = text.clone();
                haystack[index] = byte;
                let guarded = guard(&haystack, lead, Edges::Cut).is_some();
                assert_eq!(guarded, classes[index].contains(byte));
            }
        }
        for wrong in (0..10).filter(|index| !needle.contains(index)) {
            for byte in (0..=255).filter(|&byte| !classes[wrong].contains(byte)) {
                // All texts at once that are refused for this byte.
                let mut states = nfa.start.clone();
                let seen = needle.end.max(wrong + 1);
                for (index, class) in classes.iter().enumerate().take(seen) {
                    let stands = |b: &u8| {
                        if index == wrong {
                            *b == byte
                        } else {
                            class.contains(*b)
                        }
                    };
                    states = states_behind(&nfa, &states, (0..=255).filter(stands));
                }
                assert!(states.is_empty(), "{wrong}: {}", byte.escape_ascii());
            }
        }
    }
}
