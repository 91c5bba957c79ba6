//! What may stand in a secret's place, and how it gets there.

mod common;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use common::corpora::long_run;
use common::{chunkings, in_place_output, no_rules, push, redactor_of, stream_output, text};
use dtmask_core::{Builder, ErrorKind, Mask, Profile, Redactor, Rule, Segment};
use dtmask_test::oracle::Oracle;
use dtmask_test::placeholder::expand;
use dtmask_test::strategies::{chunking, input, user_case};
use proptest::prelude::*;

fn fill(byte: u8) -> Mask {
    Mask::fill(byte).expect("the byte is printable")
}

fn text_of(text: &str) -> Mask {
    Mask::text(text).expect("the text is printable")
}

fn masked_with(mask: Mask) -> Redactor {
    Redactor::builder()
        .mask(mask)
        .build()
        .expect("the mask is inert")
}

fn printable() -> std::ops::RangeInclusive<u8> {
    b' '..=b'~'
}

/// Every fill mask that `builder` accepts.
fn accepted(builder: &Builder) -> String {
    let accepts = |&byte: &u8| builder.clone().mask(fill(byte)).build().is_ok();
    printable().filter(accepts).map(char::from).collect()
}

fn assert_refused(builder: Builder, mask: Mask, parts: &[&str]) {
    let shown = format!("{mask:?}");
    let Err(error) = builder.mask(mask).build() else {
        panic!("{shown} was accepted");
    };
    assert_eq!(error.kind(), ErrorKind::Mask);
    for part in parts {
        assert!(error.to_string().contains(part), "no {part:?} in {error}");
    }
}

#[test]
fn what_is_no_mask_at_all() {
    for byte in 0..=255 {
        let mask = Mask::fill(byte);
        if printable().contains(&byte) {
            assert_eq!(mask.unwrap().fill_byte(), Some(byte));
        } else {
            let error = mask.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Mask);
            assert!(error.to_string().contains("printable"), "{error}");
        }
    }
    for bad in [
        "",
        "a\nb",
        "\n",
        "\t",
        "[\x1b[0m]",
        "\u{7f}",
        "\u{85}",
        "\0",
        // What reorders a line, or is not seen.
        "[\u{202e}]",
        "\u{200b}",
        "\u{feff}",
        "\u{2028}",
        "\u{a0}",
    ] {
        assert_eq!(
            Mask::text(bad).unwrap_err().kind(),
            ErrorKind::Mask,
            "{bad:?}"
        );
    }
    let blocks = Mask::text("█ masked █").expect("text is not only ASCII");
    assert_eq!(
        (blocks.as_text(), blocks.fill_byte()),
        (Some("█ masked █"), None)
    );
    assert_eq!(Mask::default(), fill(b'*'));
    assert_eq!(
        (Mask::default().as_text(), Mask::default().fill_byte()),
        (None, Some(b'*'))
    );
}

#[test]
fn usual_masks_pass_with_the_default_rules() {
    for mask in [
        "[REDACTED]",
        "***",
        "<masked>",
        "*",
        "<redacted>",
        "(masked)",
        "█████",
    ] {
        assert_eq!(masked_with(text_of(mask)).mask().as_text(), Some(mask));
    }
    for byte in *b"*~" {
        assert_eq!(masked_with(fill(byte)).mask().fill_byte(), Some(byte));
    }
}

#[test]
fn masks_that_could_become_secret_are_refused() {
    for byte in *b"X-= [._x0#/+\"%<:" {
        let shown = format!("`{}`", char::from(byte));
        assert_refused(Redactor::builder(), fill(byte), &[&shown, "rule `"]);
        assert_refused(
            Redactor::builder(),
            text_of(&char::from(byte).to_string()),
            &[&shown],
        );
    }
    for mask in [
        "REDACTED",
        "XXXX",
        "-masked-",
        "api-token=",
        "[x",
        "dt0c01.",
        ".FAKE",
        "api",
        "ZHQw",
        "[REDACTED by api-token=",
        "[dt0a02.x]",
        "[tenant token: ffffffffffffffff]",
    ] {
        assert_refused(
            Redactor::builder(),
            text_of(mask),
            &[
                // Messages are redacted.
                &format!("`{}`", Redactor::new().redact_str(mask)),
                "rule `",
            ],
        );
    }
}

#[test]
fn the_rule_named_is_the_one_that_refuses() {
    let texts = [
        "[x",
        "dt0c01.",
        "ZHQw",
        "api",
        "[tenant token: ffffffffffffffff]",
    ];
    let masks = printable().map(fill).chain(texts.map(text_of));
    let mut named = BTreeSet::new();
    for mask in masks {
        let all = dtmask_core::builtin_rules().fold(no_rules(), |b, rule| b.with(rule.name()));
        let Err(error) = all.mask(mask.clone()).build() else {
            continue;
        };
        let error = error.to_string();
        let (_, rule) = error.split_once("(rule `").expect("it names a rule");
        let (rule, _) = rule.split_once("`)").expect("and that alone");
        assert_refused(no_rules().with(rule), mask, &[rule]);
        named.insert(rule.to_owned());
    }
    assert!(named.len() > 4, "{named:?}");
}

#[test]
fn which_masks_pass_depends_on_the_rules() {
    assert_eq!(accepted(&no_rules()).len(), 95);
    let inert_to_published = r##" !"#$%&'()*+,-/:;<=>?@[\]^_`{|}~"##;
    let published = Redactor::builder().profile(Profile::Published);
    assert_eq!(accepted(&published), inert_to_published);
    // A colour code may stand behind the last dot, `[` and `;` are parts of it.
    let inert_to_token = r##" !"#$&'()*+,-/:<=>?@]^_`{|}~"##;
    assert_eq!(accepted(&no_rules().with("token")), inert_to_token);
    let inert_to_jwt = r##" !"#$%&'()*+,/:;<=>?@[\]^`{|}~"##;
    assert_eq!(accepted(&no_rules().with("jwt")), inert_to_jwt);
    assert_eq!(accepted(&no_rules().hide_id("dt0s01")), inert_to_jwt);
    // What a context may be assigned with is no mask where contexts are looked for.
    for byte in *b" =-[<(\"'`:" {
        assert_refused(
            no_rules().with("context-assign"),
            fill(byte),
            &["context-assign"],
        );
    }
    // The first byte is not in the class, but what it leads to is.
    assert_refused(published.clone(), text_of("!dt0"), &["published"]);
    assert_refused(published, text_of("dt0c01"), &["published"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_7_idempotence_with_every_fill_mask_that_passes(input in input()) {
        static PASSING: LazyLock<Vec<Redactor>> = LazyLock::new(|| {
            let sets = [Redactor::builder(), no_rules().with("token").with("jwt")];
            let pass = sets.iter().map(|set| (set, accepted(set)));
            pass.flat_map(|(set, bytes)| {
                let build = |byte| set.clone().mask(fill(byte)).build().expect("it passed before");
                bytes.into_bytes().into_iter().map(build).collect::<Vec<_>>()
            })
            .collect()
        });
        for redactor in &*PASSING {
            let once = redactor.redact(&input);
            prop_assert_eq!(text(&redactor.redact(&once)), text(&once), "{:?}", redactor.mask());
        }
    }

    #[test]
    fn law_7_idempotence_with_any_text_that_passes(
        input in input(), pieces in prop::collection::vec(prop::sample::select(vec![
            "[", "]", "REDACTED", "<", ">", "masked", "*", ".", "=", ":", " ", "x", "dt0", "c01.", "token",
            "api", "\"", ",", "ZHQ", "value", "%2E", "\\n", "█", "/", "~", "FAKEPUB2",
        ]), 1..7)
    ) {
        let mask = text_of(&pieces.concat());
        if let Ok(redactor) = Redactor::builder().mask(mask).build() {
            let once = redactor.redact(&input);
            prop_assert_eq!(text(&redactor.redact(&once)), text(&once), "{:?}", redactor.mask());
        }
    }

    #[test]
    fn law_7_idempotence_of_user_rules_unless_warned(case in user_case()) {
        for mask in [fill(b'*'), fill(b'~'), text_of("[-]"), text_of("<a>")] {
            let redactor = redactor_of(&case.rules, mask);
            if redactor.mask_warning().is_none() {
                let once = redactor.redact(&case.input);
                prop_assert_eq!(text(&redactor.redact(&once)), text(&once));
            }
        }
    }

    #[test]
    fn text_masks_of_user_rules(case in user_case(), chunking in chunking()) {
        let redactor = redactor_of(&case.rules, text_of("[REDACTED]"));
        let oracle = Oracle::new(&case.rules);
        let expected = text(&oracle.redact_text(&case.input, "[REDACTED]"));
        for chunks in [chunking.split(&case.input), case.input.chunks(1).collect()] {
            prop_assert_eq!(text(&stream_output(&redactor, &chunks)), &expected[..]);
        }
        let mut stream = redactor.stream();
        let mut out = Vec::new();
        for chunk in chunking.split(&case.input) {
            push(&mut stream, chunk, &mut out);
        }
        out.extend(stream.abort().flat_map(|segment| segment.as_bytes().to_vec()));
        let expected = oracle.redact_text_on_abort(&case.input, "[REDACTED]");
        prop_assert_eq!(text(&out), text(&expected));
    }
}

#[test]
fn a_user_rule_that_takes_the_mask_for_a_secret_is_warned_of() {
    let with = |keep: &str, secret: &str, mask: Mask| {
        let rule = Rule::new("mine").pattern(keep, secret, 2, None);
        Redactor::builder()
            .rule(rule)
            .mask(mask)
            .build()
            .expect("only built-in rules refuse a mask")
    };
    for (keep, secret, mask) in [
        ("k=", "[^ ]", Mask::default()),
        (r"k\*", "[a-z]", Mask::default()),
        ("k.", "[a-z]", Mask::default()),
        ("(?s)k.+=", "[a-z]", fill(b'@')),
        ("k=", r"[\[a-z]", text_of("[REDACTED]")),
        ("ACT", "[A-Z]", text_of("[REDACTED]")),
    ] {
        let redactor = with(keep, secret, mask);
        let warning = redactor
            .mask_warning()
            .expect("the rule can take the mask for a secret");
        assert!(warning.contains("`mine`"), "{warning}");
    }
    for (keep, secret, mask) in [
        ("k=", "[a-z]", Mask::default()),
        (r"k\*?=", "[a-z]", fill(b'@')),
        // Fits into the mask, but is cut off by it.
        ("ACT", "[A-Z]{1}", text_of("<masked>")),
    ] {
        assert_eq!(with(keep, secret, mask).mask_warning(), None, "{keep}");
    }
    // The built-in rules go first.
    let rule = Rule::new("mine").pattern("k=", "[X]", 1, None);
    assert_refused(
        Redactor::builder().rule(rule),
        fill(b'X'),
        &["rule `token`"],
    );
}

#[test]
fn law_5_long_runs_keep_their_length() {
    for len in [1, 255, 256, 257, 511, 512, 513, 70_000] {
        let input = [&long_run(33 - 1 + len)[..], b"."].concat();
        let expected = [&input[..32], &b"*".repeat(len), b"."].concat();
        let redactor = Redactor::new();
        assert!(*redactor.redact(&input) == *expected, "{len}");
        for size in [1, 256, 300, 40_000, input.len()] {
            let chunks: Vec<_> = input.chunks(size).collect();
            assert!(
                stream_output(&redactor, &chunks) == expected,
                "{len} in chunks of {size}"
            );
            assert!(
                in_place_output(&redactor, &chunks) == expected,
                "{len} in chunks of {size}"
            );
        }
        // A text stands once, however long the run.
        let redactor = masked_with(text_of("[REDACTED]"));
        let expected = [&input[..32], b"[REDACTED]."].concat();
        assert_eq!(*redactor.redact(&input), *expected);
        for size in [1, 256, 40_000] {
            let chunks: Vec<_> = input.chunks(size).collect();
            assert_eq!(
                stream_output(&redactor, &chunks),
                expected,
                "{len} in chunks of {size}"
            );
        }
    }
}

#[test]
fn a_text_stands_once_for_each_region_in_every_cut() {
    let redactor = masked_with(text_of("[REDACTED]"));
    for (input, expected) in [
        ("dt0c01.{P24}.{S64}", "dt0c01.{P24}.[REDACTED]"),
        (
            "dt0c01.{P24}.{S64} dt0s16.{P8}.{S64}",
            "dt0c01.{P24}.[REDACTED] dt0s16.{P8}.[REDACTED]",
        ),
        // A legacy value goes on where a run of capitals ends: one region of two rules.
        (
            "api-token=dt0c01.{P24}.{S64}abc-def",
            "api-token=dt0c01.{P24}.[REDACTED]abc-def",
        ),
        ("dt0a01.{ENV}.{HEX64}dt0c01", "dt0a01.{ENV}.[REDACTED]"),
        ("apiToken: {L21}\n", "apiToken: [REDACTED]\n"),
        (
            "dt0c01.{P24}.{first40:{S64}}\n{after40:{S64}}",
            "dt0c01.{P24}.[REDACTED]\n[REDACTED]",
        ),
    ] {
        let (input, expected) = (expand(input), text(&expand(expected)));
        assert_eq!(text(&redactor.redact(&input)), expected);
        for chunks in chunkings(&input) {
            assert_eq!(text(&stream_output(&redactor, &chunks)), expected);
        }
    }
}

#[test]
fn in_place_masks_are_fills_whatever_the_mask() {
    let input = expand("dt0c01.{P24}.{S64}.");
    let in_place = |redactor: &Redactor| {
        let mut bytes = input.clone();
        assert_eq!(redactor.redact_in_place(&mut bytes), 1);
        assert_eq!(in_place_output(redactor, &[&input]), bytes);
        text(&bytes)
    };
    let stars = text(&expand("dt0c01.{P24}.{M64}."));
    assert_eq!(in_place(&masked_with(text_of("[REDACTED]"))), stars);
    assert_eq!(in_place(&masked_with(fill(b'~'))), stars.replace('*', "~"));
    assert_eq!(
        masked_with(fill(b'~')).redact_in_place(&mut b"nothing".to_vec()),
        0
    );
}

#[test]
fn segments_are_told_apart() {
    let redactor = masked_with(text_of("[REDACTED]"));
    let mut stream = redactor.stream();
    let chunk = expand("a=dt0c01.{P24}.{S64} api-token=abc");
    let kinds: Vec<_> = stream.push(&chunk).collect();
    assert!(matches!(
        kinds[..],
        [
            Segment::Clean(_),
            Segment::Mask(b"[REDACTED]"),
            Segment::Clean(_)
        ]
    ));
    let kinds: Vec<_> = stream.push(b"d.").collect();
    assert_eq!(kinds, [Segment::Held(b"abc"), Segment::Clean(b"d.")]);
}
