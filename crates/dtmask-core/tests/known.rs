//! Known values: found wherever they stand, plain and encoded, and never shown.

mod common;

use arbitrary::{Arbitrary, Unstructured};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use common::checks::{self, UserCase};
use common::{chunkings, in_place_output, no_rules, stream_output, text};
use dtmask_core::{Builder, ErrorKind, Mask, Redactor};
use proptest::prelude::*;

const VALUE: &str = "S3cr\u{e9}t/of \"mine\"&<you>";

fn knowing(builder: Builder, values: &[&str]) -> Redactor {
    let named = values.iter().enumerate();
    let known = |builder: Builder, (index, value): (usize, &&str)| {
        builder.known_value(format!("VALUE_{index}"), *value)
    };
    named
        .fold(builder, known)
        .build()
        .expect("the values are valid")
}

fn assert_masked(redactor: &Redactor, input: &[u8], expected: &[u8]) {
    assert_eq!(text(&redactor.redact(input)), text(expected));
    for chunks in chunkings(input) {
        assert_eq!(text(&stream_output(redactor, &chunks)), text(expected));
        assert_eq!(text(&in_place_output(redactor, &chunks)), text(expected));
    }
}

proptest! {
    #[test]
    fn values_and_rules_are_united(data in prop::collection::vec(any::<u8>(), 64..300)) {
        let case = UserCase::arbitrary_take_rest(Unstructured::new(&data));
        checks::known_values(&case.expect("there are enough bytes"));
    }
}

#[test]
fn a_value_is_masked_wherever_it_stands() {
    let redactor = knowing(Redactor::builder(), &[VALUE]);
    let stars = "*".repeat(VALUE.len());
    for (before, after) in [
        ("", ""),
        ("x", "x"),
        ("pass=", "\n"),
        ("S3cr", "S3cr"),
        ("\0", "\0"),
    ] {
        let input = format!("{before}{VALUE}{after}{VALUE}");
        let expected = format!("{before}{stars}{after}{stars}");
        assert_masked(&redactor, input.as_bytes(), expected.as_bytes());
    }
    let almost = &VALUE.as_bytes()[..VALUE.len() - 1];
    assert_masked(&redactor, almost, almost);
}

#[test]
fn encoded_forms_are_masked_too() {
    let redactor = knowing(Redactor::builder(), &[VALUE]);
    let json = serde_json::to_string(VALUE).expect("text is JSON");
    let json = json.trim_matches('"');
    for form in [
        json,
        r#"S3cr\u00e9t/of \"mine\"\u0026\u003cyou\u003e"#,
        r#"S3cr\u00e9t\/of \"mine\"&<you>"#,
        "S3cr%C3%A9t%2Fof%20%22mine%22%26%3Cyou%3E",
        "S3cr%c3%a9t%2fof+%22mine%22%26%3cyou%3e",
        "S3cr%C3%A9t/of%20%22mine%22&%3Cyou%3E",
    ] {
        let input = format!("<{form}>");
        let expected = format!("<{}>", "*".repeat(form.len()));
        assert_masked(&redactor, input.as_bytes(), expected.as_bytes());
    }
}

#[test]
fn base64_is_masked_at_every_alignment() {
    let redactor = knowing(no_rules(), &["correct-horse-battery"]);
    for before in 0..4 {
        for after in ["", "?", "\u{ff}~"] {
            let plain = format!("{}correct-horse-battery{after}", &"user"[..before]);
            for encoded in [STANDARD.encode(&plain), URL_SAFE_NO_PAD.encode(&plain)] {
                // What holds any bit of it, but a first character that it shares.
                let start = (before * 8).div_ceil(6);
                let end = ((before + 21) * 8).div_ceil(6);
                let mut expected = encoded.clone().into_bytes();
                expected[start..end].fill(b'*');
                assert_masked(&redactor, encoded.as_bytes(), &expected);
            }
        }
    }
}

#[test]
fn values_overlap_and_begin_each_other() {
    let redactor = knowing(
        no_rules(),
        &["abcdefgh", "abcdefghijkl", "ghijklmnop", "aaaaaaaa"],
    );
    for (input, expected) in [
        ("-abcdefgh-", "-********-"),
        ("-abcdefghijkl-", "-************-"),
        ("-abcdefghijklmnop-", "-****************-"),
        ("-abcdefghijk-", "-********ijk-"),
        ("-aaaaaaaaaaab", "-***********b"),
        ("-aaaaaaa-", "-aaaaaaa-"),
    ] {
        assert_masked(&redactor, input.as_bytes(), expected.as_bytes());
    }
    // As much is withheld as is the beginning of one of them, and no more.
    for (input, held) in [
        ("-abcdefgh", 8),
        ("-abcdefghijkl", 6),
        ("abcdx", 0),
        ("-aaaaaaaa", 7),
    ] {
        let mut stream = redactor.stream();
        let handed_on: usize = stream
            .push(input.as_bytes())
            .map(|s| s.as_bytes().len())
            .sum();
        // What is withheld and secret all the same is handed on, masked.
        assert_eq!(handed_on + stream.held_len(), input.len(), "{input}");
        assert!(stream.held_len() <= held, "{input}");
    }
    assert_eq!(knowing(no_rules(), &["abcdefghijkl"]).max_held(), 15);
}

#[test]
fn many_values_are_found_as_few_are() {
    // More beginnings than a packed search takes.
    let values: Vec<String> = (0..200)
        .map(|i| format!("{:04}-value-{i}", i * 37))
        .collect();
    let references: Vec<&str> = values.iter().map(String::as_str).collect();
    let redactor = knowing(no_rules(), &references);
    for value in references.iter().step_by(17) {
        let input = format!("<{value}>0{value}");
        let stars = "*".repeat(value.len());
        let expected = format!("<{stars}>0{stars}");
        assert_masked(&redactor, input.as_bytes(), expected.as_bytes());
    }
}

#[test]
fn values_are_counted_by_a_rule_of_their_own() {
    let redactor = knowing(Redactor::builder(), &["correct-horse"]);
    let input = b"correct-horse api-token=correct-horse-battery";
    let found: Vec<_> = redactor
        .find_iter(input)
        .map(|s| (s.rule().to_owned(), s.range(), s.is_complete()))
        .collect();
    assert_eq!(
        found,
        [
            ("known-value".to_owned(), 0..13, false),
            ("context-assign".to_owned(), 24..45, false),
        ]
    );
    let rule = redactor.rules().last().expect("there are rules");
    assert_eq!(
        (rule.name(), rule.description()),
        ("known-value", "one known value, plain and encoded")
    );
}

#[test]
fn escape_sequences_and_utf16_hide_no_value() {
    let builder = Redactor::builder().ansi(true).utf16(true);
    let redactor = knowing(builder, &["correct-horse"]);
    assert_masked(
        &redactor,
        b"<correct\x1b[1m-horse>",
        b"<*******\x1b[1m******>",
    );
    let wide = |text: &str| -> Vec<u8> {
        let units = [0xfeff].into_iter().chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    assert_masked(
        &redactor,
        &wide("<correct-horse>"),
        &wide("<*************>"),
    );
}

#[test]
fn a_value_of_the_wrong_length_is_refused_by_its_name() {
    for value in ["", "short77"] {
        let error = Redactor::builder()
            .known_value("DB_PASSWORD", value)
            .build();
        let error = error.expect_err("it is too short");
        assert_eq!(error.kind(), ErrorKind::KnownValue);
        assert!(error.to_string().contains("DB_PASSWORD"));
        assert!(value.is_empty() || !error.to_string().contains(value));
    }
    let long = "x".repeat((64 << 10) + 1);
    assert!(
        Redactor::builder()
            .known_value("LONG", &long[1..])
            .build()
            .is_ok()
    );
    assert!(
        Redactor::builder()
            .known_value("LONG", long)
            .build()
            .is_err()
    );
}

#[test]
fn a_mask_that_makes_a_value_is_warned_of() {
    let text_mask = |text: &str| Redactor::builder().mask(Mask::text(text).expect("printable"));
    let warned =
        |builder: Builder, value: &str| knowing(builder, &[value]).mask_warning().is_some();
    assert!(!warned(Redactor::builder(), "correct-horse"));
    assert!(warned(Redactor::builder(), "correct*horse"));
    assert!(!warned(text_mask("[REDACTED]"), "correct-horse"));
    assert!(warned(text_mask("[REDACTED]"), "REDACTED"));
    assert!(warned(text_mask("[REDACTED]"), "what-is-in-front["));
    assert!(warned(text_mask("[REDACTED]"), "]-what-is-behind"));
}

#[test]
fn nothing_shows_a_value() {
    let builder = Redactor::builder().known_value("NAME", "never-show-this");
    let shown = format!("{builder:?}");
    assert!(
        shown.contains("NAME") && !shown.contains("never"),
        "{shown}"
    );
    let redactor = builder.build().expect("the value is valid");
    let mut stream = redactor.stream();
    let _ = stream.push(b"never-show").count();
    assert!(!format!("{redactor:?}{stream:?}{:?}", redactor.search()).contains("never"));
}
