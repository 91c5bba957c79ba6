//! What the tests of the core share.

// Each test binary uses its own part of this.
#![allow(dead_code)]

use dtmask_core::{Mask, Redactor, Rule, Segment, Stream};
use dtmask_test::oracle::OracleRule;

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

/// A redactor of rules as the oracle writes them, and no others.
pub(crate) fn redactor_of(rules: &[OracleRule], mask: Mask) -> Redactor {
    let none = dtmask_core::builtin_rules().fold(Redactor::builder(), |builder, rule| {
        builder.without(rule.name())
    });
    rules
        .iter()
        .map(|rule| {
            rule.patterns.iter().fold(Rule::new(&rule.name), |of, p| {
                of.pattern(&p.keep, &p.secret, p.min, p.max)
            })
        })
        .fold(none.mask(mask), dtmask_core::Builder::rule)
        .build()
        .expect("rules drawn at random are valid")
}

/// Single bytes, a cut at every offset of a short input, and some cuts of a long one.
pub(crate) fn chunkings(input: &[u8]) -> Vec<Vec<&[u8]>> {
    let mut chunkings = vec![vec![input], input.chunks(1).collect()];
    let step = input.len() / 200 + 1;
    for at in (0..=input.len()).step_by(step) {
        let (front, back) = input.split_at(at);
        chunkings.push(vec![front, &[], back]);
    }
    chunkings
}

/// Bytes as a failed assertion shows them.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
