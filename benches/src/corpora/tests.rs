//! The corpora are what their names say; the oracle is the judge of what is secret.

use std::collections::BTreeSet;

use dtmask_test::oracle::Oracle;

use super::*;

/// Long enough for every kind of record to come up, short enough for the oracle.
const SLICE: usize = 48 * 1024;

fn lines(bytes: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', bytes).count()
}

#[test]
fn names_are_unique_and_found() {
    let names: BTreeSet<_> = ALL.iter().map(|corpus| corpus.name).collect();
    assert_eq!(names.len(), ALL.len());
    for corpus in ALL {
        assert_eq!(
            by_name(corpus.name).map(|found| found.about),
            Some(corpus.about)
        );
    }
    assert!(by_name("no such corpus").is_none());
}

#[test]
fn every_corpus_is_as_long_as_asked_for() {
    for corpus in ALL {
        for len in [0, 1, 2, 7, 100, 1000, 65_537] {
            assert_eq!((corpus.make)(len).len(), len, "{}", corpus.name);
        }
    }
}

#[test]
fn every_corpus_is_the_same_each_time() {
    for corpus in ALL {
        assert!(
            (corpus.make)(30_000) == (corpus.make)(30_000),
            "{}",
            corpus.name
        );
    }
}

#[test]
fn a_longer_corpus_begins_like_a_shorter_one() {
    // The records before the padding, that is; so twice the input is twice the same work.
    for corpus in ALL {
        let (short, long) = ((corpus.make)(40_000), (corpus.make)(80_000));
        let common = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
        assert!(common > 32_000, "{}: only {common} bytes", corpus.name);
    }
}

#[test]
fn lines_end_in_a_newline() {
    for corpus in ALL.iter().filter(|corpus| corpus.is_lines()) {
        assert_eq!((corpus.make)(SLICE).last(), Some(&b'\n'), "{}", corpus.name);
    }
}

#[test]
fn clean_and_wordy_hold_no_secret() {
    let (default, published) = (Oracle::default_rules(), Oracle::published());
    let wordiest = by_name("wordiest").into_iter();
    for corpus in of_shape(Shape::Clean)
        .chain(of_shape(Shape::Wordy))
        .chain(wordiest)
    {
        let bytes = (corpus.make)(SLICE);
        assert_eq!(default.secrets(&bytes), [], "{}", corpus.name);
        assert_eq!(published.secrets(&bytes), [], "{}", corpus.name);
    }
}

#[test]
fn clean_says_no_word_that_a_rule_keys_on() {
    // The base64 of a key's fingerprint spells any three letters now and then.
    let fingerprint = regex::Regex::new("SHA256:[A-Za-z0-9+/]{43}").expect("a valid expression");
    for corpus in of_shape(Shape::Clean) {
        let text = String::from_utf8((corpus.make)(1 << 20)).expect("log lines are ASCII");
        let text = fingerprint.replace_all(&text, "SHA256:").to_lowercase();
        for word in ["dt0", "token", "zhqw"] {
            assert!(!text.contains(word), "{} says {word}", corpus.name);
        }
    }
}

#[test]
fn wordy_says_token_in_every_other_line_and_wordiest_in_all() {
    for (name, expected) in [("wordy", 40..60), ("wordiest", 98..101)] {
        let corpus = by_name(name).expect("it is in the table");
        let text = String::from_utf8((corpus.make)(1 << 20)).expect("log lines are ASCII");
        let with = text
            .lines()
            .filter(|line| line.to_lowercase().contains("token"))
            .count();
        let share = 100 * with / text.lines().count();
        assert!(expected.contains(&share), "{name}: {share} %");
    }
}

#[test]
fn sparse_holds_a_token_in_a_thousand_lines() {
    let bytes = (by_name("sparse").expect("it is in the table").make)(4 << 20);
    let expected = lines(&bytes) / 1000;
    let found = memchr::memmem::find_iter(&bytes, "dt0").count();
    assert!(
        expected > 10 && found.abs_diff(expected) <= 2,
        "{found} of {expected}"
    );
}

#[test]
fn dense_holds_one_whole_token_in_every_line() {
    for name in ["dense", "tokens-lines"] {
        let bytes = (by_name(name).expect("it is in the table").make)(SLICE);
        for oracle in [Oracle::default_rules(), Oracle::published()] {
            let secrets = oracle.secrets(&bytes);
            assert!(
                secrets
                    .iter()
                    .all(|secret| secret.complete && secret.range.len() == 64),
                "{name}"
            );
            // The last line is the padding.
            assert_eq!(secrets.len(), lines(&bytes) - 1, "{name}");
        }
    }
}

#[test]
fn dense_forms_meet_every_default_rule_that_can_own_a_secret() {
    let bytes = (by_name("dense-forms").expect("it is in the table").make)(4 * SLICE);
    let secrets = Oracle::default_rules().secrets(&bytes);
    let rules: BTreeSet<_> = secrets.iter().map(|secret| secret.rule.as_str()).collect();
    let expected = [
        "base64",
        "context-assign",
        "context-block",
        "context-pair",
        "context-realm",
        "tenant-token",
        "token",
        "token-any-id",
        "token-wrapped",
    ];
    assert_eq!(rules, BTreeSet::from(expected));
}

#[test]
fn glued_tokens_are_tokens() {
    let bytes = (by_name("tokens-glued").expect("it is in the table").make)(SLICE);
    let secrets = Oracle::published().secrets(&bytes);
    assert!(secrets.iter().all(|secret| secret.range.len() == 64));
    assert_eq!(secrets.len(), SLICE / (7 + 24 + 1 + 64));
}

#[test]
fn what_should_fail_late_fails() {
    let secrets = |name: &str, oracle: &Oracle| {
        let corpus = by_name(name).expect("it is in the table");
        oracle.secrets(&(corpus.make)(8192)).len()
    };
    let (default, published) = (Oracle::default_rules(), Oracle::published());
    for name in [
        "dt0",
        "d",
        "prefix",
        "any-id",
        "endless-id",
        "id-of-23",
        "identifiers",
        "api-token-blank",
        "api-token-equals",
        "token",
        "short-runs",
        "quotes",
        "endless-quotes",
        "blanks",
        "endless-blanks",
        "endless-percent",
        "endless-colour",
        "pairs",
        "blocks",
        "base64-prefix",
        "base64-random",
        "base64-logs",
        "random",
    ] {
        assert_eq!(secrets(name, &default), 0, "{name}");
    }
    assert_eq!(secrets("fails-at-64", &published), 0);
    // Cut off, but secrets all the same to the default rules.
    assert!(secrets("fails-at-64", &default) > 0);
    assert!(secrets("wrapped", &default) > 0);
    assert!(secrets("base64-wraps", &default) > 0);
    assert!(secrets("base64-glued", &default) > 0);
    assert_eq!(secrets("endless-secret", &default), 1);
    assert_eq!(secrets("endless-secret", &published), 1);
}
