//! That guards refuse nothing of which an expression makes something: for every text they
//! refuse, the automaton itself is asked.

mod leaps;

use super::base64::{BASE64_PREFIXES, guard_base64};
use super::classes::{CLASSES, WORD_CLASS, known_class};
use super::key::{KEY_LEAD, SPECIAL, TEXT_LEN, guard_key, may_go_on, sift_keys};
use super::token::guard_prefix;
use super::{BUILTINS, CONTEXT_MIN};
use crate::automaton::{Automaton, Nfa, Threads};
use crate::engine::Family;
use crate::prefilter::{Edges, Starts};
use crate::redactor::Redactor;
use crate::rules::{Rule, parse_class};

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
fn classes_are_those_of_their_expressions() {
    for (expression, class) in &CLASSES {
        assert_eq!(
            parse_class(expression).as_ref(),
            Some(*class),
            "{expression}"
        );
    }
    for builtin in BUILTINS.iter() {
        for pattern in builtin.rule.patterns() {
            assert!(
                known_class(pattern.secret()).is_some(),
                "{}",
                pattern.secret()
            );
        }
    }
}

#[test]
fn no_expression_goes_on_with_prose_behind_a_key() {
    let redactor = Redactor::new();
    let family = family(&redactor, "api-token").expect("keys have a family");
    let nfa = family.nfa();
    let step = |states: &[u32], bytes: &dyn Fn(u8) -> bool| {
        let mut next = Threads::default();
        for byte in (0..=255).filter(|&byte| bytes(byte)) {
            for &state in states {
                nfa.step(state, byte, &mut next);
            }
        }
        next
    };
    let mut states = Vec::new();
    for word in WORDS {
        for separator in ["", "-", "_", ".", " "] {
            let key = format!("{word}{separator}token");
            states.extend(key.bytes().fold(nfa.start.clone(), |states, byte| {
                step(&states, &|one| one == byte).states
            }));
        }
    }
    let in_word = |byte| WORD_CLASS.contains(byte);
    let in_gap = |byte| !in_word(byte) && !SPECIAL.contains(byte);
    loop {
        let known = states.len();
        states.extend(step(&states, &in_gap).states);
        states.sort_unstable();
        states.dedup();
        if states.len() == known {
            break;
        }
    }
    assert!(states.len() > 10);
    let mut refused = 0;
    for initial in (0..=255).filter(|&byte| in_word(byte)) {
        let mut word = step(&states, &|byte| byte == initial);
        for len in 1..CONTEXT_MIN {
            if !may_go_on(initial, len) {
                refused += 1;
                let behind = step(&word.states, &|byte| !in_word(byte));
                assert_eq!(word.ends, 0, "{} {len}", initial.escape_ascii());
                assert!(behind.states.is_empty() && behind.ends == 0);
            }
            word = step(&word.states, &in_word);
        }
    }
    assert!(refused > 50 * 14);
    // What is shorter than this is no secret where an expression ends in front of the word.
    for group in &family.groups {
        assert!(group.min >= u64::from(CONTEXT_MIN) && group.class == WORD_CLASS);
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
fn the_sieve_of_keys_leaves_what_the_guard_passes() {
    let fillers = ["", "-", "_", ".", " ", "x", "\"", "api", "the next "];
    let mut words: Vec<&str> = WORDS.to_vec();
    words.extend(["", "refresh", "pi", "Ingest", "clusteR", "napi"]);
    let tails = [
        "en",
        "EN",
        "em",
        "eN=FAKE_legacy-tok3n_abc",
        "en is not set",
        "en: Some(FAKE",
        "en some",
        "en value=x",
        "en values of it",
        "en: b'FAKE",
        "en: both",
        "en=%20x",
        "en\\u003ax",
        "en ",
        "en: {{ .Values.x }}",
        "en: |2\n  FAKE",
        "en                             x",
        "en                           FAKE_legacy-tok3n_abc",
        "en a-word-of-16-chars ",
        "en a-word-of15char ",
    ];
    let (mut kept, mut dropped) = (0, 0);
    for before in fillers {
        for word in &words {
            for separator in fillers {
                for tail in tails {
                    let front = [before, word, separator].concat();
                    let behind = " ; and so on, to the end of the line";
                    let whole = [&front, "tok", tail, behind].concat();
                    let needle = front.len();
                    for end in needle..=whole.len() {
                        let text = &whole.as_bytes()[..end];
                        let mut starts = Starts::default();
                        starts.clear(needle);
                        starts.add(0, 1);
                        sift_keys(text, &mut starts);
                        let sifted = starts.next() == Some(needle);
                        let passes = |edges| guard_key(text, needle, edges).is_some();
                        // Whatever stands in front of what is there.
                        let mut fronts = WORDS.map(|word| ["far from ", word].concat()).to_vec();
                        if needle >= KEY_LEAD {
                            fronts = vec![front.clone()];
                        }
                        for front in &fronts {
                            let text = [front.as_bytes(), &text[needle..]].concat();
                            let guarded = guard_key(&text, front.len(), Edges::Cut);
                            assert!(sifted || guarded.is_none(), "{whole} {end}");
                        }
                        // Less than a needle is none.
                        let is_one = end >= needle + "token".len();
                        assert!(sifted || !is_one || !passes(Edges::Whole), "{whole} {end}");
                        let far = needle >= KEY_LEAD && end >= needle + "token".len() + TEXT_LEN;
                        if far && WORDS.contains(word) && separator.len() < 2 {
                            assert_eq!(sifted, passes(Edges::Cut), "{whole}");
                        }
                        kept += usize::from(sifted);
                        dropped += usize::from(!sifted);
                    }
                }
            }
        }
    }
    assert!(kept > 10_000 && dropped > 10_000);
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
