//! What is told of a secret: its rule, its place, its identifier; never the secret.

mod common;

use std::fmt::Debug;
use std::io::Write;
use std::sync::LazyLock;

use common::text;
use dtmask_core::{Mask, RedactReader, RedactWriter, Redactor, Rule, builtin_rules};
use dtmask_test::placeholder::expand;
use dtmask_test::samples::{A24, HEX64, L21, S64, T16};

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::new);

/// Rule, secret, identifier and whether it is complete, of each secret.
fn found(redactor: &Redactor, input: &str) -> Vec<(String, String, Option<String>, bool)> {
    let input = expand(input);
    let found = redactor.find_iter(&input).map(|secret| {
        (
            secret.rule().to_owned(),
            text(&input[secret.range()]),
            secret.identifier().map(text),
            secret.is_complete(),
        )
    });
    found.collect()
}

fn assert_found(input: &str, expected: &[(&str, &str, Option<&str>, bool)]) {
    let expand = |part: &str| text(&expand(part));
    let expected: Vec<_> = expected
        .iter()
        .map(|&(rule, secret, identifier, complete)| {
            (
                rule.to_owned(),
                expand(secret),
                identifier.map(expand),
                complete,
            )
        })
        .collect();
    assert_eq!(found(&REDACTOR, input), expected, "{input}");
}

#[test]
fn identifiers_of_every_kind_of_token() {
    for (prefix, id) in [
        ("dt0c01", "{P24}"),
        ("dt0c01", "{W24}"),
        ("dt0s01", "{P24}"),
        ("dt0s01", "{P8}"),
        ("dt0s02", "{P8}"),
        ("dt0s03", "{P8}"),
        ("dt0s04", "{P8}"),
        ("dt0s06", "{P8}"),
        ("dt0s08", "{P8}"),
        ("dt0s09", "{P8}"),
        ("dt0s16", "{P8}"),
        ("dt0s16", "{P24}"),
        ("dt0s17", "{P8}"),
        ("dt0g01", "{P8}"),
        ("dt0g02", "{P8}"),
        ("dt0e01", "{P24}"),
        ("dt0n01", "{P24}"),
        ("dt0x01", "{P24}"),
        ("DT0C01", "{P24}"),
        ("Dt0z99", "{P8}"),
    ] {
        let identifier = format!("{prefix}.{id}");
        for around in ["", "Bearer ", "x", "_", "%20", "\\n", "EEC "] {
            let input = format!("{around}{identifier}.{{S64}}");
            assert_found(&input, &[("token", "{S64}", Some(&identifier), true)]);
        }
    }
    for (prefix, id, secret) in [
        ("dt0a01", "{ENV}", "{HEX64}"),
        ("dt0a01", "{UUID}", "{HEX64}"),
        ("dt0s02", "dt-app-local", "{S64}"),
        ("dt0c01", "{lower:{P24}}", "{S64}"),
        ("dt0c01", "{P24}", "{lower:{S64}}"),
        ("dt0s02", "a_b-C", "{S64}"),
    ] {
        let identifier = format!("{prefix}.{id}");
        let input = format!("token {identifier}.{secret} ");
        assert_found(&input, &[("token-any-id", secret, Some(&identifier), true)]);
    }
    for prefix in ["dt0a02", "DT0A02", "Dt0a02"] {
        let input = format!("latest/{prefix}.{{A24}}/x");
        assert_found(&input, &[("tenant-token", "{A24}", Some(prefix), true)]);
    }
}

#[test]
fn dots_in_every_spelling_and_colour_codes() {
    let dots = [".", "%2E", "%2e", r"\u002E", r"\u002e"];
    for first in dots {
        for second in dots {
            for (id, secret, rule) in [
                ("{P24}", "{S64}", "token"),
                ("{P8}", "{S64}", "token"),
                ("{ENV}", "{HEX64}", "token-any-id"),
                ("e-e_2E", "{S64}", "token-any-id"),
                // Would be the end of such a dot.
                ("2EABCDEF", "{S64}", "token"),
            ] {
                for colour in ["", "\x1b[0m", "\x1b[m\x1b[1;32m", "\x1b[K"] {
                    let identifier = format!("dt0c01{first}{id}");
                    let input = format!("m{identifier}{second}{colour}{secret}\x1b[0m");
                    assert_found(&input, &[(rule, secret, Some(&identifier), true)]);
                }
            }
        }
        let input = format!("x dt0a02{first}{{A24}}");
        assert_found(&input, &[("tenant-token", "{A24}", Some("dt0a02"), true)]);
    }
}

#[test]
fn both_parts_of_a_wrapped_token_have_its_identifier() {
    for wrap in [
        "\n", "\r\n", "=\n", "=\r\n", r"\n", r"\r\n", "\n  ", "\n\t", "\\n    ",
    ] {
        for (dot, id) in [
            (".", "{P24}"),
            (".", "{P8}"),
            ("%2E", "{P24}"),
            ("%2e", "{P8}"),
            (r"\u002e", "{P24}"),
            (r"\u002E", "{P24}"),
        ] {
            let identifier = format!("dt0c01{dot}{id}");
            let input = format!("'{identifier}{dot}{{first40:{{S64}}}}{wrap}{{after40:{{S64}}}}'");
            assert_found(
                &input,
                &[
                    ("token", "{first40:{S64}}", Some(&identifier), false),
                    ("token-wrapped", "{after40:{S64}}", Some(&identifier), false),
                ],
            );
        }
    }
}

#[test]
fn complete_and_cut_off() {
    let token = Some("dt0c01.{P24}");
    for (secret, complete) in [
        ("A", false),
        ("{first63:{S64}}", false),
        ("{S64}", true),
        ("{S64}A", true),
        ("{S64}{S64}", true),
    ] {
        assert_found(
            &format!("dt0c01.{{P24}}.{secret}"),
            &[("token", secret, token, complete)],
        );
    }
    for (secret, complete) in [
        ("a", false),
        ("{first23:{A24}}", false),
        ("{A24}", true),
        ("{A24}b", true),
    ] {
        assert_found(
            &format!("dt0a02.{secret}."),
            &[("tenant-token", secret, Some("dt0a02"), complete)],
        );
    }
    // Digits are in both classes of this rule, but there are only 40 of them.
    let digits = "0123456789".repeat(4);
    let any_id = Some("dt0a01.{ENV}");
    assert_found(
        &format!("dt0a01.{{ENV}}.{digits}"),
        &[("token-any-id", &digits, any_id, false)],
    );
    // What only its context or its encoding gives away is never complete.
    for (input, rule, secret) in [
        ("api-token={L21}", "context-assign", "{L21}"),
        ("tenantToken: {T16}", "context-assign", "{T16}"),
        ("Authorization: Api-Token {L21}", "context-realm", "{L21}"),
        ("name: PAAS_TOKEN\nvalue: {L21}", "context-pair", "{L21}"),
        ("apiToken: |\n  {L21}\n", "context-block", "{L21}"),
        (
            "{b64:dt0c01.{P24}.{S64}}",
            "base64",
            "{after10:{b64:dt0c01.{P24}.{S64}}}",
        ),
    ] {
        assert_found(input, &[(rule, secret, None, false)]);
    }
}

#[test]
fn the_owner_is_the_first_rule_of_the_first_byte() {
    let first =
        |rule: &'static str, secret: &'static str, identifier| (rule, secret, identifier, true);
    let token = Some("dt0c01.{P24}");
    assert_found(
        "apiToken=dt0c01.{P24}.{S64}",
        &[first("token", "{S64}", token)],
    );
    assert_found(
        "dt0c01.{P24}.{S64}dt0s16.{P8}.{S64}",
        &[
            first("token", "{S64}", token),
            first("token", "{S64}", Some("dt0s16.{P8}")),
        ],
    );
    assert_found("dt0dt0c01.{P24}.{S64}", &[first("token", "{S64}", token)]);
    // The second prefix may be the public portion of the first one.
    assert_found(
        "dt0c01.dt0c01.{P24}.{S64}",
        &[
            ("token-any-id", "{P24}", Some("dt0c01.dt0c01"), false),
            // What is secret is not told either.
            first("token", "{S64}", Some("dt0c01.{M24}")),
        ],
    );
    assert_found(
        "dt0a01.{ENV}.{HEX64}dt0c01.{P24}.{S64}",
        &[
            first("token-any-id", "{HEX64}dt0c01", Some("dt0a01.{ENV}")),
            first("token", "{S64}", Some("{M6}.{P24}")),
        ],
    );
}

#[test]
fn other_sets_of_rules() {
    let published = Redactor::published();
    let secrets = found(&published, "dt0c01.{P24}.{S64}A dt0s16.{P8}.{S64}");
    let identifier = text(&expand("dt0c01.{P24}"));
    assert_eq!(
        secrets,
        [(
            "published".to_owned(),
            S64.to_owned(),
            Some(identifier),
            true
        )]
    );

    let rule = Rule::new("mine").pattern("dt0c01\\.", "[A-Z]", 1, None);
    let redactor = Redactor::builder().rule(rule).hide_id("dt0s01").build();
    let redactor = redactor.expect("the rules are valid");
    let secrets = found(&redactor, "dt0c01.FAKE. dt0s01.FAKE.");
    let expected = [("mine", "FAKE"), ("hide-id", "FAKE")]
        .map(|(rule, secret)| (rule.to_owned(), secret.to_owned(), None, false));
    assert_eq!(secrets, expected);
}

#[test]
fn masking_into_a_buffer_tells_the_rule_of_each_secret() {
    let input = expand("dt0c01.{P24}.{S64} api-token={L21}, ZHQw dt0a02.{A24}");
    let (mut out, mut told) = (b">".to_vec(), Vec::new());
    assert!(REDACTOR.redact_into(&input, &mut out, |rule| told.push(rule.to_owned())));
    assert_eq!(told, ["token", "context-assign", "tenant-token"]);
    assert_eq!(out, [b">", &*REDACTOR.redact(&input)].concat());
    for clean in [
        &b"nothing here"[..],
        b"",
        b"dt0c01.FAKE",
        b"api-token=short",
    ] {
        assert!(!REDACTOR.redact_into(clean, &mut out, |_| unreachable!()));
        assert_eq!(out.len(), input.len() + 1);
    }
}

#[test]
fn secrets_are_found_across_blocks_and_in_order() {
    let line = expand("level=info dt0c01.{P24}.{S64} api_token={L21}\n");
    let input = line.repeat(2000);
    let mut expected = 0;
    for (index, secret) in REDACTOR.find_iter(&input).enumerate() {
        let start = index / 2 * line.len() + if index % 2 == 0 { 43 } else { 118 };
        assert_eq!(secret.range().start, start);
        assert_eq!(secret.range().len(), if index % 2 == 0 { 64 } else { 21 });
        expected += 1;
    }
    assert_eq!(expected, 4000);
    let mut none = REDACTOR.find_iter(b"nothing here");
    assert_eq!((none.next(), none.next()), (None, None));
}

/// Checks that no part of a secret is in what `Debug` prints, as text or as numbers.
fn assert_tells_nothing(what: &str, value: &dyn Debug) {
    for shown in [
        format!("{value:?}"),
        format!("{value:#?}").replace([' ', '\n'], ""),
    ] {
        for secret in [S64, HEX64, A24, L21, T16] {
            // Not from its beginning, which sample identifiers have too.
            let part = &secret[6..14];
            assert!(!shown.contains(part), "{what} shows {part}: {shown}");
            let numbers = format!("{:?}", part.as_bytes()).replace(['[', ']'], "");
            for numbers in [numbers.clone(), numbers.replace(' ', "")] {
                assert!(!shown.contains(&numbers), "{what} shows {numbers}: {shown}");
            }
        }
    }
}

#[test]
fn debug_tells_nothing_of_a_secret() {
    // Secrets that are decided, held, and neither, none of which looks like an identifier.
    let input = expand(
        "{S64} dt0s16.{P8}.{S64} dt0a01.{ENV}.{HEX64} {A24} dt0a02.{A24} tenantToken={T16} api-token={L21} \
         Api-Token {first14:{L21}}",
    );
    let mut redactor = Redactor::new();
    assert_tells_nothing("Redactor", &redactor);
    assert_tells_nothing("Builder", &Redactor::builder());
    for rule in builtin_rules() {
        assert_tells_nothing("Rule", rule);
    }
    for mask in [
        Mask::default(),
        Mask::text("[REDACTED]").expect("the text is printable"),
    ] {
        redactor = Redactor::builder()
            .mask(mask)
            .build()
            .expect("the mask is inert");
        let mut secrets = redactor.find_iter(&input);
        assert_tells_nothing("Secrets", &secrets);
        while let Some(secret) = secrets.next() {
            assert_tells_nothing("Secret", &secret);
            assert_tells_nothing("Secrets", &secrets);
        }
        let mut stream = redactor.stream();
        for chunk in input.chunks(17) {
            let mut segments = stream.push(chunk);
            assert_tells_nothing("Segments", &segments);
            while let Some(segment) = segments.next() {
                assert_tells_nothing("Segment", &segment);
                assert_tells_nothing("Segments", &segments);
            }
            drop(segments);
            assert_tells_nothing("Stream", &stream);
            assert_tells_nothing("Stats", &stream.stats());
        }
        assert_eq!(stream.held_len(), 14);
        let _ = stream.abort().count();
        for chunk in input.chunks(17) {
            let mut chunk = chunk.to_vec();
            assert_tells_nothing("InPlace", &stream.push_in_place(&mut chunk));
        }
    }
    // The inner writer may show what it was given, and that is redacted.
    let mut writer = RedactWriter::new(&redactor, Vec::new());
    let input = expand("dt0s16.{P8}.{S64} tenantToken={T16} Api-Token {first14:{L21}}");
    writer.write_all(&input).expect("a vector takes everything");
    assert_tells_nothing("RedactWriter", &writer);
}

#[test]
fn debug_of_a_reader_tells_nothing_of_what_it_reads() {
    let input = expand("dt0s16.{P8}.{S64} api-token={L21}");
    let mut reader = RedactReader::new(&REDACTOR, &input[..]);
    assert_tells_nothing("RedactReader", &reader);
    let _ = std::io::Read::read(&mut reader, &mut [0; 10]).expect("a slice gives everything");
    assert_tells_nothing("RedactReader", &reader);
}

#[test]
fn errors_tell_nothing_of_other_rules() {
    let error = Redactor::builder()
        .with(L21)
        .build()
        .expect_err("there is no such rule");
    // What was asked for is named, or nobody could find the fault.
    assert!(error.to_string().contains(L21));
    let secret = Rule::new("mine").pattern(L21, "[a-z]", 1, None);
    let error = Redactor::builder().rule(secret).with("nope").build();
    assert_tells_nothing("Error", &error.expect_err("there is no such rule"));
}
