//! A stream's life: what it counts, how it ends, and that it begins again.

mod common;

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use common::corpora::{DENSE, repeated};
use common::{push, stream_output, text};
use dtmask_core::{Redactor, Segment, Stream};
use dtmask_test::placeholder::expand;
use dtmask_test::strategies::{chunking, input};
use proptest::prelude::*;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::new);

/// Secrets by rule, those without any left out.
fn counts(stream: &Stream) -> Vec<(&str, u64)> {
    let stats = stream.stats();
    stats.by_rule().filter(|(_, count)| *count > 0).collect()
}

#[test]
fn empty_chunks_and_empty_streams() {
    let mut stream = REDACTOR.stream();
    assert_eq!(stream.push(b"").count(), 0);
    assert_eq!(stream.finish().count(), 0);
    assert_eq!(stream.abort().count(), 0);
    assert_eq!((stream.held_len(), stream.stats().bytes_in()), (0, 0));
    let masked = stream.push_in_place(&mut []);
    assert_eq!((masked.held, masked.ready), (&[][..], &[][..]));
}

#[test]
fn a_secret_is_counted_once_when_it_ends() {
    let mut stream = REDACTOR.stream();
    let _ = stream.push(&expand("dt0c01.{P24}.{first40:{S64}}")).count();
    assert_eq!(stream.stats().secrets(), 0);
    let _ = stream.push(&expand("{after40:{S64}} api-")).count();
    assert_eq!(counts(&stream), [("token", 1)]);
    let _ = stream.push(&expand("token={L21}")).count();
    let _ = stream.finish().count();
    assert_eq!(counts(&stream), [("token", 1), ("context-assign", 1)]);
    assert_eq!(
        (stream.stats().secrets(), stream.stats().bytes_in()),
        (2, 128)
    );
}

#[test]
fn counts_go_on_over_all_ends() {
    let line = expand("dt0s16.{P8}.{S64}");
    let mut stream = REDACTOR.stream();
    for round in 1..=3 {
        let _ = stream.push(&line).count();
        let ended = if round == 2 {
            stream.abort().count()
        } else {
            stream.finish().count()
        };
        assert_eq!(ended, 0);
        assert_eq!(counts(&stream), [("token", round)]);
        assert_eq!(stream.stats().bytes_in(), round * line.len() as u64);
    }
    // Bytes that only an abnormal end masked are no secret.
    let _ = stream.push(b"api-token=abc").count();
    assert_eq!(stream.abort().count(), 1);
    assert_eq!(counts(&stream), [("token", 3)]);
}

#[test]
fn nothing_goes_on_behind_an_end() {
    // Each part alone is harmless, and so they must be one after the other.
    for parts in [
        ["dt0c01.FAKEPUB2", ".FAKESECRET"],
        ["dt0c01.FAKEPUB2.", "FAKESECRET"],
        ["api-token=", "FAKE_legacy-tok3n_abc"],
        ["api-to", "ken=FAKE_legacy-tok3n_abc"],
        ["api-token=FAKE_lega", "cy-tok3n_abc"],
        ["Z", "HQwYzAxLkZBS0VGQUtFRkFLRUZBS0U"],
    ] {
        let joined = parts.concat();
        let expected = text(joined.as_bytes());
        assert_ne!(text(&REDACTOR.redact(joined.as_bytes())), expected);
        let mut stream = REDACTOR.stream();
        let mut out = Vec::new();
        for part in parts {
            push(&mut stream, part.as_bytes(), &mut out);
            out.extend(stream.finish().flat_map(|s| s.as_bytes().to_vec()));
        }
        assert_eq!(text(&out), expected);
        // Nor behind an abnormal one.
        let _ = stream.push(parts[0].as_bytes()).count();
        let _ = stream.abort().count();
        assert_eq!(stream_output_of(&mut stream, parts[1]), parts[1]);
    }
}

fn stream_output_of(stream: &mut Stream, chunk: &str) -> String {
    let mut out = Vec::new();
    push(stream, chunk.as_bytes(), &mut out);
    out.extend(stream.finish().flat_map(|s| s.as_bytes().to_vec()));
    text(&out)
}

#[test]
fn segments_that_are_leaked_poison_the_stream() {
    type Call = fn(&mut Stream);
    let calls: [Call; 4] = [
        |stream| drop(stream.push(b"x")),
        |stream| drop(stream.finish()),
        |stream| drop(stream.abort()),
        |stream| {
            let _ = stream.push_in_place(&mut [b'x']);
        },
    ];
    for call in calls {
        let mut stream = REDACTOR.stream();
        mem::forget(stream.push(b"api-token=FAKE"));
        let panicked = catch_unwind(AssertUnwindSafe(|| call(&mut stream)));
        let message = panicked.expect_err("the state is unknown");
        let message = message
            .downcast::<String>()
            .expect("the message is formatted");
        assert!(message.contains("leaked"), "{message}");
    }
}

#[test]
fn segments_end_and_stay_ended() {
    let mut stream = REDACTOR.stream();
    let mut segments = stream.push(b"clean");
    assert_eq!(segments.next(), Some(Segment::Clean(b"clean")));
    assert_eq!((segments.next(), segments.next()), (None, None));
    drop(segments);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_may_be_used_again(first in input(), second in input(), chunking in chunking()) {
        let mut stream = REDACTOR.stream();
        for (round, input) in [&first, &second, &first].into_iter().enumerate() {
            let mut out = Vec::new();
            for chunk in chunking.split(input) {
                push(&mut stream, chunk, &mut out);
            }
            // The middle one is cut off.
            if round == 1 {
                let _ = stream.abort().count();
            } else {
                out.extend(stream.finish().flat_map(|s| s.as_bytes().to_vec()));
                let alone = stream_output(&REDACTOR, &chunking.split(input));
                prop_assert_eq!(text(&out), text(&alone));
            }
        }
    }
}

#[test]
fn many_blocks_make_one_stream() {
    // Longer than what is scanned at once, with secrets across every border.
    let input = repeated(DENSE, 200_000);
    let expected = stream_output(&REDACTOR, &input.chunks(1000).collect::<Vec<_>>());
    assert!(stream_output(&REDACTOR, &[&input]) == expected);
    assert!(*REDACTOR.redact(&input) == expected);
    for shift in 0..200 {
        let chunk = [&vec![b' '; 32_768 - shift], &expand(DENSE)[..]].concat();
        let expected = stream_output(&REDACTOR, &chunk.chunks(500).collect::<Vec<_>>());
        assert!(stream_output(&REDACTOR, &[&chunk]) == expected, "{shift}");
        assert!(*REDACTOR.redact(&chunk) == expected, "{shift}");
    }
}
