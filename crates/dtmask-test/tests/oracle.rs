//! What the oracle says beyond the bytes: secrets, their owners, what is
//! withheld, and the rules that are off by default.

use dtmask_test::oracle::{Oracle, OraclePattern, OracleRule};
use dtmask_test::placeholder::expand;
use dtmask_test::{rules, samples};

/// Name, start, end and completeness of each secret.
fn secrets(oracle: &Oracle, text: &str) -> Vec<(String, usize, usize, bool)> {
    let secrets = oracle.secrets(&expand(text)).into_iter();
    secrets
        .map(|s| (s.rule, s.range.start, s.range.end, s.complete))
        .collect()
}

fn secret(rule: &str, start: usize, end: usize, complete: bool) -> (String, usize, usize, bool) {
    (rule.to_string(), start, end, complete)
}

fn rule(name: &str, keep: &str, secret: &str, min: u32, max: Option<u32>) -> OracleRule {
    OracleRule {
        name: name.to_string(),
        patterns: vec![OraclePattern {
            keep: keep.to_string(),
            secret: secret.to_string(),
            min,
            max,
        }],
    }
}

fn fill(rule: &OracleRule, text: &str) -> String {
    let output = Oracle::new(std::slice::from_ref(rule)).redact_fill(&expand(text), b'*');
    String::from_utf8(output).unwrap()
}

#[test]
fn the_first_rule_in_table_order_owns_a_secret() {
    let oracle = Oracle::default_rules();
    let found = secrets(&oracle, "dt0c01.{P24}.{S64}");
    assert_eq!(found, [secret("token", 32, 96, true)]);
    let found = secrets(&oracle, "dt0a01.{ENV}.{HEX64}");
    assert_eq!(found, [secret("token-any-id", 16, 80, true)]);
    let found = secrets(&oracle, "dt0a02.{A24} api_token={L21}");
    assert_eq!(
        found,
        [
            secret("tenant-token", 7, 31, true),
            secret("context-assign", 42, 63, false)
        ]
    );
    let found = secrets(&Oracle::published(), "dt0c01.{P24}.{S64}Z");
    assert_eq!(found, [secret("published", 32, 96, true)]);
}

#[test]
fn a_secret_is_complete_or_cut_off() {
    let oracle = Oracle::default_rules();
    for (text, complete) in [
        ("dt0c01.{P24}.{first63:{S64}}", false),
        ("dt0c01.{P24}.{first63:{S64}}Z", true),
        ("dt0a02.{first23:{A24}}", false),
        ("dt0a02.{A24}x", true),
        // 70 bytes in one region, 64 of them by one rule.
        ("dt0a01.{ENV}.{HEX64}dt0c01", true),
        // The key's rule covers it all, but no token rule does.
        ("api_token={rep9:abcdefgh}", false),
    ] {
        let found = secrets(&oracle, text);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].3, complete, "{text}");
    }
    let wrapped = secrets(&oracle, "dt0c01.{P24}.{first40:{S64}}\n{after40:{S64}}");
    assert_eq!(
        wrapped,
        [
            secret("token", 32, 72, false),
            secret("token-wrapped", 73, 97, false)
        ]
    );
}

#[test]
fn regions_of_several_rules_are_one_secret() {
    let rules = [
        rule("second", "bb", "[b]", 1, Some(2)),
        rule("first", "a", "[ab]", 3, Some(3)),
    ];
    let oracle = Oracle::new(&rules);
    assert_eq!(secrets(&oracle, "abbbbbbx"), [secret("first", 1, 7, false)]);
    // The run behind `a` is too short: the first byte is the other rule's.
    assert_eq!(secrets(&oracle, "xbbbx"), [secret("second", 3, 4, false)]);
    assert_eq!(oracle.redact_fill(b"abbx abbb", b'*'), b"abbx a***");
}

#[test]
fn a_text_mask_stands_once_for_each_region() {
    let token = samples::api_token();
    let masked = "dt0c01.FAKEPUBLICFAKEPUBLIC2345.[REDACTED]";
    let oracle = Oracle::default_rules();
    let text = |input: &str| {
        String::from_utf8(oracle.redact_text(input.as_bytes(), "[REDACTED]")).unwrap()
    };
    assert_eq!(text(&token), masked);
    assert_eq!(
        text(&format!("<{token}>\n{token}")),
        format!("<{masked}>\n{masked}")
    );
    assert_eq!(text("nothing"), "nothing");
    assert_eq!(text(""), "");
}

#[test]
fn what_is_withheld() {
    let oracle = Oracle::default_rules();
    for (text, held) in [
        ("", 0),
        ("dt0c01.{P24}.", 0),
        ("dt0c01.{P24}.{first5:{S64}}", 0),
        ("dt0c01.abc.{first15:{S64}}", 15),
        ("dt0c01.abc.{first16:{S64}}", 0),
        ("dt0c01.abc.{first15:{S64}}!", 0),
        ("api_token=", 0),
        ("api_token=a", 1),
        ("api_token={first15:{L21}}", 15),
        ("api_token={first15:{L21}} ", 0),
        ("api_token= b", 1),
        // The key's run ended at the dot, that of the second line goes on.
        ("dt0c01.{P24}.AB\nABC", 3),
        // Undecided for one rule, secret already for another.
        ("dt0c01.{P24}.{first15:{S64}}", 0),
        ("dt0a02.ab", 0),
        ("{first20:{b64:dt0c01.{P24}.{S64}}}", 10),
    ] {
        assert_eq!(oracle.held(&expand(text)), held, "{text}");
    }
    let published = Oracle::published();
    assert_eq!(published.held(&expand("dt0c01.{P24}.{first63:{S64}}")), 63);
    assert_eq!(published.held(&expand("dt0c01.{P24}.{S64}")), 0);
}

#[test]
fn withheld_from_the_first_undecided_byte_on() {
    // `c` makes its `b`s secret at once, `a` may still make the `c` secret.
    let oracle = Oracle::new(&[
        rule("slow", "a", "[bc]", 9, None),
        rule("fast", "c", "[b]", 1, None),
    ]);
    assert_eq!(oracle.held(b"abcbb"), 4);
    assert_eq!(oracle.redact_fill(b"abcbb", b'*'), b"abc**");
    assert_eq!(oracle.redact_fill_on_abort(b"xabcbb", b'*'), b"xa****");
    assert_eq!(oracle.redact_text_on_abort(b"xabcbb", "-"), b"xa-");
    // Decided bytes in front of undecided ones are not withheld.
    let oracle = Oracle::new(&[
        rule("fast", "a", "[b]", 1, Some(2)),
        rule("slow", "a", "[b]", 9, None),
    ]);
    assert_eq!(oracle.held(b"abbbb"), 2);
    assert_eq!(oracle.redact_fill_on_abort(b"abbbb", b'*'), b"a****");
}

#[test]
fn max_cuts_and_min_spares() {
    let bounds = rule("bounds", "k", "[s]", 2, Some(4));
    for (input, output) in [
        ("ks", "ks"),
        ("kss", "k**"),
        ("kssss", "k****"),
        ("ksssss", "k****s"),
        ("kksss", "kk***"),
    ] {
        assert_eq!(fill(&bounds, input), output);
    }
    // Every end counts: a run is measured from each of them.
    let ends = rule("ends", "k+s?", "[ks]", 3, Some(3));
    assert_eq!(fill(&ends, "kkkss"), "k****");
}

#[test]
fn jwt() {
    let text = "Bearer eyFAKEheader.eyFAKEpayload.FAKEsignature0123-_x.";
    let expected = "Bearer eyFAKEheader.eyFAKEpayload.********************.";
    assert_eq!(fill(&rules::jwt(), text), expected);
    assert_eq!(
        fill(&rules::jwt(), "eyA.eyB.FAKEsignature01"),
        "eyA.eyB.FAKEsignature01"
    );
    assert_eq!(
        fill(&rules::jwt(), "eyA.xyB.FAKEsignature0123"),
        "eyA.xyB.FAKEsignature0123"
    );
}

#[test]
fn token_response() {
    let rule = rules::token_response();
    for (input, output) in [
        (
            r#"{"token":"{L21}"}"#,
            r#"{"token":"*********************"}"#,
        ),
        (
            r#"{\"token\" : \"{L21}\"}"#,
            r#"{\"token\" : \"*********************\"}"#,
        ),
        (
            "x\ntoken\r\n{L21}\r\n",
            "x\ntoken\r\n*********************\r\n",
        ),
        (
            "\ntoken\"\n\"{L21}\"",
            "\ntoken\"\n\"*********************\"",
        ),
        (r#"{"token":"short"}"#, r#"{"token":"short"}"#),
    ] {
        assert_eq!(fill(&rule, input), output);
    }
    let first_line = format!("token\n{}", samples::L21);
    assert_eq!(fill(&rule, "token\n{L21}"), first_line);
}

#[test]
fn hide_id() {
    let token = samples::token("dt0s01");
    let rule = rules::hide_id("dt0s01");
    let expected = format!("dt0s01.{}.{}", "*".repeat(24), samples::S64);
    assert_eq!(fill(&rule, &token), expected);
    assert_eq!(fill(&rule, "dt0s02.{P8}"), "dt0s02.FAKEPUB2");
    let mut all = rules::default_rules();
    all.push(rule);
    let output = Oracle::new(&all).redact_fill(token.as_bytes(), b'*');
    let expected = format!("dt0s01.{}.{}", "*".repeat(24), "*".repeat(64));
    assert_eq!(output, expected.as_bytes());
}

#[test]
#[should_panic(expected = "keeps nothing")]
fn a_keep_that_matches_nothing_is_refused() {
    Oracle::new(&[rule("empty", "a*", "[a]", 1, None)]);
}

#[test]
#[should_panic(expected = "look-around")]
fn look_around_is_refused() {
    Oracle::new(&[rule("boundary", r"a\b", "[a]", 1, None)]);
}

#[test]
fn hundreds_of_kilobytes() {
    let line = expand("level=info api_token={L21} dt0c01.{P24}.{S64} {b64:dt0s16.{P8}.{S64}}\n");
    let input = line.repeat(300_000 / line.len());
    let oracle = Oracle::default_rules();
    assert_eq!(oracle.secrets(&input).len(), 3 * input.len() / line.len());
    let runs = [&b"api_token="[..], &b"A".repeat(300_000)].concat();
    assert_eq!(oracle.secrets(&runs).len(), 1);
}
