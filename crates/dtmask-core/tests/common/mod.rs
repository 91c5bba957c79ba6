//! What the tests of the core share.

// Each test binary uses its own part of this.
#![allow(dead_code, unused_imports)]

pub(crate) mod checks;
pub(crate) mod corpora;
pub(crate) mod linear;

use dtmask_core::{Builder, Mask, Redactor, Rule, Segment, Stream, builtin_rules};
use std::ops::Range;

use dtmask_test::expand::two_way_splits;
use dtmask_test::oracle::{Oracle, OracleRule, OracleSecret};

/// The output of a stream that ends cleanly after `chunks`.
pub(crate) fn stream_output(redactor: &Redactor, chunks: &[&[u8]]) -> Vec<u8> {
    let mut stream = redactor.stream();
    let mut out = Vec::new();
    for chunk in chunks {
        push(&mut stream, chunk, &mut out);
    }
    out.extend(stream.finish().flat_map(bytes));
    out
}

/// The same, each chunk masked where it stands.
pub(crate) fn in_place_output(redactor: &Redactor, chunks: &[&[u8]]) -> Vec<u8> {
    let mut stream = redactor.stream();
    let mut out = Vec::new();
    for chunk in chunks {
        let mut chunk = chunk.to_vec();
        let masked = stream.push_in_place(&mut chunk);
        out.extend_from_slice(masked.held);
        out.extend_from_slice(masked.ready);
    }
    out.extend(stream.finish().flat_map(bytes));
    out
}

/// Appends what a chunk releases.
pub(crate) fn push(stream: &mut Stream, chunk: &[u8], out: &mut Vec<u8>) {
    for segment in stream.push(chunk) {
        out.extend_from_slice(segment.as_bytes());
    }
}

fn bytes(segment: Segment<'_>) -> Vec<u8> {
    segment.as_bytes().to_vec()
}

/// Every output of `redactor` for one input is what the oracle says, however it is
/// cut into chunks.
pub(crate) fn assert_output(redactor: &Redactor, oracle: &Oracle, chunks: &[&[u8]]) {
    assert_outputs(redactor, oracle, &[chunks.to_vec()]);
}

/// The same for several ways to cut the same input; the oracle is asked once.
pub(crate) fn assert_outputs(redactor: &Redactor, oracle: &Oracle, chunkings: &[Vec<&[u8]>]) {
    let input = chunkings.first().map(|chunks| chunks.concat());
    let input = input.expect("there is at least one way to cut an input");
    let expected = text(&oracle.redact_fill(&input, b'*'));
    for chunks in chunkings {
        let lens = || chunks.iter().map(|chunk| chunk.len()).collect::<Vec<_>>();
        let stream = text(&stream_output(redactor, chunks));
        assert_eq!(stream, expected, "stream, chunks {:?}", lens());
        let in_place = text(&in_place_output(redactor, chunks));
        assert_eq!(in_place, expected, "in place, chunks {:?}", lens());
    }
    assert_eq!(text(&redactor.redact(&input)), expected, "one shot");
}

/// The secrets of `redactor`, found and counted, are those of the oracle.
pub(crate) fn assert_secrets(redactor: &Redactor, oracle: &Oracle, chunks: &[&[u8]]) {
    let input = chunks.concat();
    let expected = oracle.secrets(&input);
    let found = redactor.find_iter(&input).map(|secret| OracleSecret {
        rule: secret.rule().to_owned(),
        range: secret.range(),
        complete: secret.is_complete(),
    });
    assert_eq!(found.collect::<Vec<_>>(), expected);
    let (mut out, mut told) = (b"before".to_vec(), Vec::new());
    let masked = redactor.redact_into(&input, &mut out, |rule| told.push(rule.to_owned()));
    assert_eq!(masked, !expected.is_empty());
    let rules: Vec<_> = expected.iter().map(|secret| &secret.rule).collect();
    assert_eq!(told.iter().collect::<Vec<_>>(), rules);
    let redacted = redactor.redact(&input);
    let appended = if masked { &redacted[..] } else { b"" };
    assert_eq!(text(&out), text(&[b"before", appended].concat()));
    let mut stream = redactor.stream();
    for chunk in chunks {
        let _ = stream.push(chunk).count();
    }
    let _ = stream.finish().count();
    let stats = stream.stats();
    assert_eq!(stats.bytes_in(), input.len() as u64);
    assert_eq!(stats.secrets(), expected.len() as u64);
    for (rule, count) in stats.by_rule() {
        let of_rule = expected.iter().filter(|secret| secret.rule == rule).count();
        assert_eq!(count, of_rule as u64, "{rule}");
    }
}

/// Asks a law of both profiles with `input`, and of rules that were drawn with theirs.
pub(crate) fn for_every_rule_set(
    input: &[u8],
    rules: &[OracleRule],
    input_of_rules: &[u8],
    law: impl Fn(&Redactor, &Oracle, &[u8]),
) {
    for (redactor, oracle) in checks::both() {
        law(redactor, oracle, input);
    }
    let redactor = redactor_of(rules, Mask::default());
    law(&redactor, &Oracle::new(rules), input_of_rules);
}

/// Where `bytes` are in memory.
pub(crate) fn span(bytes: &[u8]) -> Range<*const u8> {
    bytes.as_ptr_range()
}

/// Every segment is what it says: a slice of the chunk, bytes held before, or a mask
/// of `*`; in order, and none is empty or next to one of its kind.
pub(crate) fn assert_segments(redactor: &Redactor, chunks: &[&[u8]]) {
    let input = chunks.concat();
    let mut stream = redactor.stream();
    // How many bytes were handed on, and how many were pushed before this chunk.
    let (mut at, mut before) = (0, 0);
    for chunk in chunks {
        let held = stream.held_len();
        let mut last_was_clean = false;
        for segment in stream.push(chunk) {
            let bytes = segment.as_bytes();
            assert!(!bytes.is_empty());
            let is_clean = matches!(segment, Segment::Clean(_));
            assert!(!(is_clean && last_was_clean), "clean bytes in two slices");
            last_was_clean = is_clean;
            match segment {
                Segment::Clean(_) => {
                    let at = at - before;
                    assert_eq!(span(bytes), span(&chunk[at..at + bytes.len()]));
                }
                Segment::Held(_) => {
                    assert!(at >= before - held && at + bytes.len() <= before);
                    assert_eq!(text(bytes), text(&input[at..at + bytes.len()]));
                }
                Segment::Mask(_) => assert!(bytes.iter().all(|&b| b == b'*')),
            }
            at += bytes.len();
        }
        before += chunk.len();
    }
}

/// A builder that has no rule yet.
pub(crate) fn no_rules() -> Builder {
    builtin_rules().fold(Redactor::builder(), |builder, rule| {
        builder.without(rule.name())
    })
}

/// A redactor of rules as the oracle writes them, and no others.
pub(crate) fn redactor_of(rules: &[OracleRule], mask: Mask) -> Redactor {
    with_rules(no_rules(), rules)
        .mask(mask)
        .build()
        .expect("rules drawn at random are valid")
}

/// `builder` with rules as the oracle writes them.
pub(crate) fn with_rules(builder: Builder, rules: &[OracleRule]) -> Builder {
    let rules = rules.iter().map(|rule| {
        let patterns = rule.patterns.iter();
        patterns.fold(Rule::new(&rule.name), |of, p| {
            of.pattern(&p.keep, &p.secret, p.min, p.max)
        })
    });
    rules.fold(builder, Builder::rule)
}

/// The whole, single bytes, and a cut at every offset.
pub(crate) fn chunkings(input: &[u8]) -> impl Iterator<Item = Vec<&[u8]>> {
    let cuts = two_way_splits(input).map(|[front, back]| vec![front, &[], back]);
    [vec![input], input.chunks(1).collect()]
        .into_iter()
        .chain(cuts)
}

/// Bytes as a failed assertion shows them.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
