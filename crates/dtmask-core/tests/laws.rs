//! The laws of the engine, as properties.

mod common;

use common::{chunkings, in_place_output, push, redactor_of, stream_output, text};
use dtmask_core::{Mask, Redactor};
use dtmask_test::oracle::Oracle;
use dtmask_test::strategies::{chunking, input, noise, short_input, user_case};
use proptest::prelude::*;
use std::sync::LazyLock;

static DEFAULT: LazyLock<Redactor> = LazyLock::new(Redactor::new);
static PUBLISHED: LazyLock<Redactor> = LazyLock::new(Redactor::published);
static DEFAULT_ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::default_rules);
static PUBLISHED_ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::published);

/// Another fill than `*`.
static OTHER_FILL: LazyLock<Mask> = LazyLock::new(|| Mask::fill(b'!').expect("it is printable"));
static WITH_OTHER_FILL: LazyLock<Redactor> = LazyLock::new(|| {
    let builder = Redactor::builder().mask(OTHER_FILL.clone());
    builder.build().expect("the mask is inert")
});

fn both() -> [(&'static Redactor, &'static Oracle); 2] {
    [(&DEFAULT, &DEFAULT_ORACLE), (&PUBLISHED, &PUBLISHED_ORACLE)]
}

fn text_mask() -> Mask {
    Mask::text("[REDACTED]").expect("the text is printable")
}

/// Checks one input in one chunking against the oracle, byte by byte as it goes.
fn check(redactor: &Redactor, oracle: &Oracle, chunks: &[&[u8]]) -> Result<(), TestCaseError> {
    let input = chunks.concat();
    let expected = oracle.redact_fill(&input, b'*');
    prop_assert_eq!(
        text(&stream_output(redactor, chunks)),
        text(&expected),
        "stream, chunks {:?}",
        chunks.iter().map(|c| c.len()).collect::<Vec<_>>()
    );
    prop_assert_eq!(
        &in_place_output(redactor, chunks),
        &expected,
        "in place, chunks {:?}",
        chunks.iter().map(|c| c.len()).collect::<Vec<_>>()
    );
    prop_assert_eq!(&*redactor.redact(&input), &expected[..], "one shot");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn law_1_chunking_and_law_2_oracle(input in input(), chunking in chunking()) {
        for (redactor, oracle) in both() {
            check(redactor, oracle, &chunking.split(&input))?;
        }
    }

    #[test]
    fn law_2_oracle_on_noise(input in noise(), chunking in chunking()) {
        for (redactor, oracle) in both() {
            check(redactor, oracle, &chunking.split(&input))?;
        }
    }

    #[test]
    fn law_2_oracle_for_user_rules(case in user_case(), chunking in chunking()) {
        let redactor = redactor_of(&case.rules, Mask::default());
        let oracle = Oracle::new(&case.rules);
        check(&redactor, &oracle, &[&case.input])?;
        check(&redactor, &oracle, &chunking.split(&case.input))?;
        let singles: Vec<_> = case.input.chunks(1).collect();
        check(&redactor, &oracle, &singles)?;
        let with_text = redactor_of(&case.rules, text_mask());
        prop_assert_eq!(
            stream_output(&with_text, &chunking.split(&case.input)),
            oracle.redact_text(&case.input, "[REDACTED]")
        );
    }

    #[test]
    fn law_3_superset(input in input()) {
        let default = DEFAULT_ORACLE.secret_bytes(&input);
        let masked = DEFAULT.redact(&input);
        for (at, secret) in PUBLISHED_ORACLE.secret_bytes(&input).into_iter().enumerate() {
            prop_assert!(!secret || (default[at] && masked[at] == b'*'));
        }
    }

    #[test]
    fn law_5_length(input in input(), user in user_case(), chunking in chunking()) {
        let drawn = redactor_of(&user.rules, OTHER_FILL.clone());
        let builtin = [&*DEFAULT, &*PUBLISHED, &*WITH_OTHER_FILL].map(|redactor| (redactor, &input));
        for (redactor, input) in builtin.into_iter().chain([(&drawn, &user.input)]) {
            let chunks = chunking.split(input);
            prop_assert_eq!(redactor.redact(input).len(), input.len());
            prop_assert_eq!(stream_output(redactor, &chunks).len(), input.len());
            prop_assert_eq!(in_place_output(redactor, &chunks).len(), input.len());
            // At each point: what came out, and what is held; also at an abnormal end.
            let (mut stream, mut out, mut seen) = (redactor.stream(), Vec::new(), 0);
            for chunk in chunks {
                push(&mut stream, chunk, &mut out);
                seen += chunk.len();
                prop_assert_eq!(out.len() + stream.held_len(), seen);
            }
            let ended: usize = stream.abort().map(|segment| segment.as_bytes().len()).sum();
            prop_assert_eq!(out.len() + ended, input.len());
        }
    }

    #[test]
    fn law_6_bounded(input in short_input()) {
        for (redactor, oracle) in both() {
            let mut stream = redactor.stream();
            let mut out = Vec::new();
            for (at, byte) in input.iter().enumerate() {
                push(&mut stream, &[*byte], &mut out);
                prop_assert_eq!(stream.held_len(), oracle.held(&input[..=at]));
                prop_assert!(stream.held_len() <= redactor.max_held());
                prop_assert_eq!(out.len() + stream.held_len(), at + 1);
            }
        }
    }

    #[test]
    fn law_6_bounded_for_user_rules(case in user_case()) {
        let redactor = redactor_of(&case.rules, Mask::default());
        let oracle = Oracle::new(&case.rules);
        let mut stream = redactor.stream();
        let mut out = Vec::new();
        for (at, byte) in case.input.iter().enumerate().take(80) {
            push(&mut stream, &[*byte], &mut out);
            prop_assert_eq!(stream.held_len(), oracle.held(&case.input[..=at]));
            prop_assert!(stream.held_len() <= redactor.max_held());
        }
    }

    #[test]
    fn law_7_idempotence(input in input()) {
        for (redactor, _) in both() {
            let once = redactor.redact(&input).into_owned();
            prop_assert_eq!(&*redactor.redact(&once), &once[..]);
        }
        for mask in ["[REDACTED]", "<masked>", "***"] {
            let mask = Mask::text(mask).expect("the text is printable");
            let redactor = Redactor::builder().mask(mask).build().expect("the mask is inert");
            let once = redactor.redact(&input).into_owned();
            prop_assert_eq!(
                text(&redactor.redact(&once)),
                text(&once)
            );
        }
    }

    #[test]
    fn an_abnormal_end_masks_what_is_held(input in input(), chunking in chunking()) {
        for (redactor, oracle) in both() {
            let mut stream = redactor.stream();
            let mut out = Vec::new();
            for chunk in chunking.split(&input) {
                push(&mut stream, chunk, &mut out);
            }
            for segment in stream.abort() {
                out.extend_from_slice(segment.as_bytes());
            }
            prop_assert_eq!(
                text(&out),
                text(&oracle.redact_fill_on_abort(&input, b'*'))
            );
            // The stream is as new.
            out.clear();
            push(&mut stream, &input, &mut out);
            for segment in stream.finish() {
                out.extend_from_slice(segment.as_bytes());
            }
            prop_assert_eq!(out, oracle.redact_fill(&input, b'*'));
        }
    }

    #[test]
    fn text_masks_stand_once_for_each_secret(input in input(), chunking in chunking()) {
        let redactor = Redactor::builder().mask(text_mask()).build().expect("the mask is inert");
        let expected = DEFAULT_ORACLE.redact_text(&input, "[REDACTED]");
        prop_assert_eq!(&*redactor.redact(&input), &expected[..]);
        prop_assert_eq!(stream_output(&redactor, &chunking.split(&input)), expected);
    }

    #[test]
    fn secrets_are_found_and_counted_as_the_oracle_does(input in input(), chunking in chunking()) {
        for (redactor, oracle) in both() {
            let expected = oracle.secrets(&input);
            let found: Vec<_> = redactor
                .find_iter(&input)
                .map(|s| (s.rule().to_owned(), s.range(), s.is_complete()))
                .collect();
            let expected: Vec<_> = expected
                .into_iter()
                .map(|s| (s.rule, s.range, s.complete))
                .collect();
            prop_assert_eq!(&found, &expected);
            let mut stream = redactor.stream();
            for chunk in chunking.split(&input) {
                let _ = stream.push(chunk).count();
            }
            let _ = stream.finish().count();
            let stats = stream.stats();
            prop_assert_eq!(stats.bytes_in(), input.len() as u64);
            prop_assert_eq!(stats.secrets(), expected.len() as u64);
            for (rule, count) in stats.by_rule() {
                let of_rule = expected.iter().filter(|(of, ..)| of == rule).count();
                prop_assert_eq!(count, of_rule as u64, "{}", rule);
            }
        }
    }

    #[test]
    fn dropped_segments_leave_the_stream_as_if_used(input in input(), chunking in chunking(), taken in 0usize..3) {
        for (redactor, _) in both() {
            let chunks = chunking.split(&input);
            let mut used = redactor.stream();
            let mut dropped = redactor.stream();
            for chunk in &chunks {
                let _ = used.push(chunk).count();
                let _ = dropped.push(chunk).take(taken).count();
                prop_assert_eq!(used.held_len(), dropped.held_len());
                let mut after = [Vec::new(), Vec::new()];
                push(&mut used, b"x", &mut after[0]);
                push(&mut dropped, b"x", &mut after[1]);
                prop_assert_eq!(&after[0], &after[1]);
            }
        }
    }
}

#[test]
fn every_case_of_the_table_in_every_cut() {
    for case in dtmask_test::table::cases() {
        let surround = |bytes: &[u8]| [b"\xff\xfe", bytes, b"\xff\xc3"].concat();
        for (redactor, expected) in [(&DEFAULT, &case.default), (&PUBLISHED, &case.published)] {
            for (input, expected) in [
                (case.input.clone(), expected.clone()),
                (surround(&case.input), surround(expected)),
            ] {
                for chunks in chunkings(&input) {
                    for output in [
                        stream_output(redactor, &chunks),
                        in_place_output(redactor, &chunks),
                    ] {
                        // What only a failure shows takes longer than the rest.
                        if output != expected {
                            let lens: Vec<_> = chunks.iter().map(|c| c.len()).collect();
                            assert_eq!(text(&output), text(&expected), "{} {lens:?}", case.id);
                        }
                    }
                }
                assert_eq!(&*redactor.redact(&input), &expected[..], "{}", case.id);
                let mut in_place = input.clone();
                redactor.redact_in_place(&mut in_place);
                assert_eq!(in_place, expected, "{}", case.id);
            }
        }
    }
}
