//! User rules at the limits: large, slow, many, and over bytes that are no text.

mod common;

use common::{
    assert_output, assert_secrets, chunkings, no_rules, push, redactor_of, text, with_rules,
};
use dtmask_core::{MAX_MIN, Mask, Redactor, Rule};
use dtmask_test::expand::Dice;
use dtmask_test::oracle::{Oracle, OraclePattern, OracleRule};
use dtmask_test::rules;
use dtmask_test::samples::api_token;
use dtmask_test::strategies::{chunking, input};
use proptest::prelude::*;

fn pattern(keep: &str, secret: &str, min: u32, max: Option<u32>) -> OraclePattern {
    OraclePattern {
        keep: keep.to_owned(),
        secret: secret.to_owned(),
        min,
        max,
    }
}

fn rule(name: &str, patterns: Vec<OraclePattern>) -> OracleRule {
    OracleRule {
        name: name.to_owned(),
        patterns,
    }
}

fn judged(rules: &[OracleRule]) -> (Redactor, Oracle) {
    (redactor_of(rules, Mask::default()), Oracle::new(rules))
}

fn judged_beside_the_default_rules(user_rules: &[OracleRule]) -> (Redactor, Oracle) {
    let redactor = with_rules(Redactor::builder(), user_rules).build();
    let all = [&rules::default_rules(), user_rules].concat();
    (redactor.expect("the rules are valid"), Oracle::new(&all))
}

/// Pseudo-random choices from `alphabet`.
fn letters(alphabet: &[u8], len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        alphabet[(state >> 24) as usize % alphabet.len()]
    };
    std::iter::repeat_with(next).take(len).collect()
}

fn slow_rule() -> OracleRule {
    rule("slow", vec![pattern("(?s)a.{1,200}b", "[a-z]", 4, Some(9))])
}

#[test]
fn a_rule_that_outgrows_its_table_goes_on_without_one() {
    let (redactor, oracle) = judged(&[slow_rule()]);
    // One redactor for all: its table is full after the first few thousand bytes.
    for seed in 0..6 {
        // Each pattern of gaps between the `a`s is a state of its own.
        let input = letters(b"aabcdefgh.", 4000, seed);
        assert_output(&redactor, &oracle, &[&input]);
        assert_output(&redactor, &oracle, &input.chunks(1).collect::<Vec<_>>());
        assert_output(&redactor, &oracle, &input.chunks(37).collect::<Vec<_>>());
        assert_secrets(&redactor, &oracle, &[&input]);
    }
    // And comes back to it where the input is simple again.
    let input = [
        letters(b"ab", 600, 7),
        b".".repeat(300),
        b"a-bcdefg-".repeat(3),
    ]
    .concat();
    assert_output(&redactor, &oracle, &[&input]);
    assert_output(&redactor, &oracle, &input.chunks(100).collect::<Vec<_>>());
}

#[test]
fn slow_rules_beside_each_other_and_beside_the_default_ones() {
    let other = rule(
        "other",
        vec![pattern("(?s)(?:b|cc).{0,60}c{2}", "[^a]", 3, None)],
    );
    let (redactor, oracle) = judged_beside_the_default_rules(&[slow_rule(), other]);
    let token = api_token();
    for seed in 0..4 {
        let noise = letters(b"aabbccdefgh.", 1500, seed);
        let input = [
            &noise[..700],
            token.as_bytes(),
            &noise[700..],
            b" api-token=",
            &noise,
        ]
        .concat();
        assert_output(&redactor, &oracle, &[&input]);
        assert_output(&redactor, &oracle, &input.chunks(61).collect::<Vec<_>>());
        assert_secrets(&redactor, &oracle, &[&input]);
    }
}

#[test]
fn law_6_as_many_bytes_are_held_as_a_rule_asks_for() {
    for (min, max) in [
        (MAX_MIN, None),
        (MAX_MIN, Some(MAX_MIN)),
        (3000, Some(3500)),
        (2, None),
    ] {
        let (redactor, oracle) = judged(&[rule("long", vec![pattern("k=", "[x]", min, max)])]);
        let min = min as usize;
        assert_eq!(redactor.max_held(), min - 1);
        for (run, end) in [
            (min - 1, "."),
            (min, "."),
            (min + 1, "k=x"),
            (2 * min, "xk"),
            (min - 1, "k="),
        ] {
            let input = [b"ab k=", &b"x".repeat(run)[..], end.as_bytes()].concat();
            let mut stream = redactor.stream();
            let mut out = Vec::new();
            for chunk in input.chunks(min / 7 + 1) {
                push(&mut stream, chunk, &mut out);
                assert!(stream.held_len() < min);
            }
            push(&mut stream, b"", &mut out);
            assert_eq!(out.len() + stream.held_len(), input.len());
            assert_eq!(stream.held_len(), oracle.held(&input));
            for size in [1, 100, 1000, min, input.len()] {
                assert_output(&redactor, &oracle, &input.chunks(size).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn the_last_byte_decides_a_long_run() {
    let (redactor, _) = judged(&[rule("long", vec![pattern("k=", "[x]", MAX_MIN, None)])]);
    let run = "x".repeat(MAX_MIN as usize - 1);
    for (last, expected) in [
        ("x", "*".repeat(MAX_MIN as usize)),
        (".", format!("{run}.")),
    ] {
        let mut stream = redactor.stream();
        let mut out = Vec::new();
        push(&mut stream, b"k=", &mut out);
        push(&mut stream, run.as_bytes(), &mut out);
        assert_eq!((out.len(), stream.held_len()), (2, run.len()));
        push(&mut stream, last.as_bytes(), &mut out);
        assert_eq!(text(&out), format!("k={expected}"));
        assert_eq!(stream.held_len(), 0);
    }
}

#[test]
fn several_long_runs_may_be_undecided_at_once() {
    let (redactor, oracle) = judged(&[
        rule("longest", vec![pattern("a", "[a-d]", 900, None)]),
        rule(
            "long",
            vec![
                pattern("b", "[bcd]", 300, Some(301)),
                pattern("c", "[cd]", 40, None),
            ],
        ),
        rule("short", vec![pattern("d", "[d]", 3, Some(3))]),
    ]);
    for seed in 0..8 {
        let mut input = letters(b"abcd", 400, seed);
        input.extend(letters(b"bcd", 310, seed));
        input.extend(letters(b"cd", 300, seed));
        input.extend_from_slice(&b"dddd.a"[seed as usize % 4..]);
        for size in [1, 50, 333, input.len()] {
            assert_output(&redactor, &oracle, &input.chunks(size).collect::<Vec<_>>());
        }
        for cut in [300, 899, 900, 901, 950] {
            assert_output(&redactor, &oracle, &[&input[..cut]]);
        }
    }
}

#[test]
fn classes_and_expressions_of_any_bytes() {
    let (redactor, oracle) = judged(&[
        rule("high", vec![pattern(r"\xff\x00", r"[\x80-\xff]", 2, None)]),
        rule("all", vec![pattern(r"\n\n\n", r"[\x00-\xff]", 5, Some(7))]),
        rule(
            "odd",
            vec![pattern(
                "é",
                r"[\x01\x03\x05\x07\x09\x0b\x0d\x0f\x11]",
                1,
                None,
            )],
        ),
        rule("not", vec![pattern(r"[^\x00-\xf0]:", r"[^a-z\n]", 3, None)]),
    ]);
    let alphabet = b"\xff\xff\x00\x00\x80\x90\n\n\n\xc3\xa9\x01\x03\x02\xf1::ab ";
    for seed in 0..60 {
        let input = letters(alphabet, 300, seed);
        for size in [1, 7, 300] {
            assert_output(&redactor, &oracle, &input.chunks(size).collect::<Vec<_>>());
        }
        assert_secrets(&redactor, &oracle, &[&input]);
    }
}

#[test]
fn needles_that_look_like_nothing_at_all_are_found_where_they_are() {
    // Frequent ones, so that they are compared, up to the end of the input and no further.
    for keep in ["   ", "\\x00\\x00\\x00", " a ", "\\x00\\x00 "] {
        let rules = [rule("own", vec![pattern(keep, "[b-z]", 1, None)])];
        let (redactor, oracle) = judged(&rules);
        let needle = keep.replace("\\x00", "\0");
        for len in 1..40 {
            let input = format!("{needle}b").repeat(len);
            for end in input.len() - 4..=input.len() {
                let input = &input.as_bytes()[..end];
                assert_output(&redactor, &oracle, &[input]);
            }
        }
    }
}

#[test]
fn text_stays_text() {
    let redactor = |keep: &str, secret: &str| {
        let rule = Rule::new("part").pattern(keep, secret, 1, None);
        no_rules().rule(rule).build().expect("the rule is valid")
    };
    // Whole characters.
    assert_eq!(
        redactor("k=", r"[\x80-\xff]").redact_str("k=äöü ä"),
        "k=****** ä"
    );
    // A part of one: what is left of it is no text.
    assert_eq!(
        redactor(r"\xc3", r"\xa4").redact_str("aä ö"),
        "a\u{fffd}* ö"
    );
    assert_eq!(redactor("k=", r"\xc3").redact_str("k=ä"), "k=*\u{fffd}");
    assert_eq!(redactor("k=", "[a-z]").redact_str("ä k=abc ö"), "ä k=*** ö");
}

#[test]
fn the_same_pattern_twice() {
    let same = || pattern("k=", "[a-z]", 3, Some(5));
    let (redactor, oracle) = judged(&[
        rule(
            "first",
            vec![pattern("x=", "[a-z]", 3, Some(5)), same(), same()],
        ),
        rule("second", vec![same(), pattern("k=", "[a-z]", 3, None)]),
        rule("third", vec![same()]),
    ]);
    for input in [
        "k=abcdefgh",
        "k=ab",
        "x=abck=abcdef",
        "k=k=abcd k=",
        "k=abck=abc",
    ] {
        for chunks in chunkings(input.as_bytes()) {
            assert_output(&redactor, &oracle, &chunks);
            assert_secrets(&redactor, &oracle, &chunks);
        }
    }
    let first = redactor
        .find_iter(b"k=abcdefgh")
        .next()
        .expect("this is a secret");
    assert_eq!((first.rule(), first.range()), ("first", 2..10));
}

#[test]
fn as_many_patterns_as_anyone_wants() {
    for count in [1, 63, 64, 65, 130] {
        // Each with bounds of its own, and so told apart from all others.
        let patterns = (0..count).map(|i| {
            let keep = format!("k{i}=");
            pattern(&keep, "[x]", 1 + i % 20, Some(1 + i))
        });
        let (redactor, oracle) = judged(&[rule(
            "many",
            patterns.filter(|p| p.max >= Some(p.min)).collect(),
        )]);
        for i in [0, 1, 62, 63, 64, 65, 127, 128, 129] {
            let run = "x".repeat(i + 2);
            let input = format!("k{i}={run} k{i}=x k{}={run}", i + 1);
            for chunks in [vec![input.as_bytes()], input.as_bytes().chunks(1).collect()] {
                assert_output(&redactor, &oracle, &chunks);
                assert_secrets(&redactor, &oracle, &chunks);
            }
        }
    }
    // And any number that differ in the expression only.
    let patterns = (0..300)
        .map(|i| pattern(&format!("k{i}="), "[x]", 2, None))
        .collect();
    let (redactor, oracle) = judged(&[rule("many", patterns)]);
    assert_output(
        &redactor,
        &oracle,
        &[b"k299=xx k300=xx k29", b"=x k29=", b"xx"],
    );
}

#[test]
fn every_bit_of_a_groups_number_counts() {
    // The 64th group, and no other, ends where all expressions end.
    let mut patterns: Vec<_> = (0..63).map(|i| pattern("ab", "[y]", 1 + i, None)).collect();
    patterns.push(pattern("ab", "[x]", 1, None));
    let (redactor, oracle) = judged(&[rule("many", patterns)]);
    assert_output(&redactor, &oracle, &[b"abxxx aby a", b"byyy bx"]);
    assert_eq!(redactor.redact_str("abxxx"), "ab***");
}

/// Rules whose expressions begin with literals, and the pieces of inputs for them.
fn literal_rules() -> [(Vec<OracleRule>, &'static [&'static str]); 5] {
    let one = |keep, secret, min, max| vec![rule("one", vec![pattern(keep, secret, min, max)])];
    [
        (
            one("abab", "[abx]", 3, Some(4)),
            &["a", "b", "ab", "abab", "x", "."],
        ),
        (
            one("(?:abcdefgh|cd)x?", "[a-z]", 2, None),
            &["ab", "c", "cd", "efgh", "x", "-"],
        ),
        (
            one("abcdefghijk[0-9]+", "[j-z]", 4, None),
            &["abcdefgh", "i", "jk", "1", "kkkk", "."],
        ),
        (
            one("(?i:Key)[ ]*=", "[^ ]", 3, Some(20)),
            &["k", "K", "ey", "EY", " ", "=", "vvv"],
        ),
        (
            vec![
                rule("first", vec![pattern("user:[a-z]+@", "[a-z]", 3, None)]),
                rule(
                    "second",
                    vec![pattern("pass(?:word)?[:=]", "[a-z@]", 4, Some(6))],
                ),
            ],
            &[
                "user:", "us", "er:", "pass", "word", ":", "=", "@", "abc", "sword",
            ],
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_2_oracle_for_rules_with_literals(
        which in 0usize..5, seed in prop::collection::vec(any::<u8>(), 0..40), chunking in chunking()
    ) {
        let (rules, pieces) = &literal_rules()[which];
        let (redactor, oracle) = judged(rules);
        let mut dice = Dice::new(&seed);
        let mut input = Vec::new();
        while !dice.is_empty() {
            input.extend_from_slice(dice.pick(pieces).as_bytes());
        }
        assert_output(&redactor, &oracle, &[&input]);
        assert_output(&redactor, &oracle, &chunking.split(&input));
        assert_output(&redactor, &oracle, &input.chunks(1).collect::<Vec<_>>());
    }

    #[test]
    fn law_2_oracle_for_user_rules_beside_the_default_ones(input in input(), chunking in chunking()) {
        static ALL: std::sync::LazyLock<(Redactor, Oracle)> = std::sync::LazyLock::new(|| {
            judged_beside_the_default_rules(&[
                rule("digits", vec![pattern("[A-Z]{3}[0-9]", "[0-9]", 2, Some(3))]),
                rule("dots", vec![pattern("dt0", r"[a-z0-9.]", 6, Some(30))]),
            ])
        });
        let (redactor, oracle) = &*ALL;
        assert_output(redactor, oracle, &chunking.split(&input));
        assert_secrets(redactor, oracle, &chunking.split(&input));
    }
}
