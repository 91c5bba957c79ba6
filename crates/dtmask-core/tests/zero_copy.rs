//! Law 4: clean bytes are handed on where they stand, and nothing is allocated for them.

mod common;

use std::borrow::Cow;

use allocation_counter::measure;
use common::corpora::{ADVERSARIAL, CLEAN, DENSE, gaps, long_run, repeated, sparse};
use common::{assert_segments, span};
use dtmask_core::{Mask, RedactReader, RedactWriter, Redactor, Rule, Segment, Stream};
use dtmask_test::oracle::Oracle;
use dtmask_test::placeholder::expand;
use dtmask_test::strategies;
use proptest::prelude::*;
use std::io::{Read, Write};
use std::sync::LazyLock;

static DEFAULT: LazyLock<Redactor> = LazyLock::new(Redactor::new);
static ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::default_rules);

/// Redactors of every kind of rule, each with automata of its own.
fn redactors() -> Vec<(&'static str, Redactor)> {
    let own = |rule| {
        let builder = Redactor::builder().with("jwt").with("token-response");
        builder.rule(rule).hide_id("dt0s01")
    };
    let valid = "the rules and the mask are valid";
    vec![
        ("default", Redactor::new()),
        ("published", Redactor::published()),
        (
            "text mask",
            Redactor::builder()
                .mask(Mask::text("[REDACTED]").expect(valid))
                .build()
                .expect(valid),
        ),
        (
            "every rule",
            own(Rule::new("pairs").pattern("[a-z]+=", "[A-Za-z0-9]", 40, Some(50)))
                .build()
                .expect(valid),
        ),
        (
            "views",
            Redactor::builder()
                .ansi(true)
                .utf16(true)
                .build()
                .expect(valid),
        ),
    ]
}

const COLOURS: &str = "\x1b[32mINFO\x1b[0m request done in \x1b[1m5\x1b[0m ms\n\
    Api-Token \x1b[1mFAKE_\x1b[0mlegacy-tok3n_abc\n";

fn assert_one_clean_segment(stream: &mut Stream, chunk: &[u8]) {
    let segments: Vec<Segment<'_>> = stream.push(chunk).collect();
    match segments[..] {
        [Segment::Clean(bytes)] => assert_eq!(span(bytes), span(chunk)),
        _ => panic!("{segments:?} for a chunk of {} bytes", chunk.len()),
    }
    assert_eq!(stream.held_len(), 0);
}

#[test]
fn law_4_a_clean_chunk_is_one_slice_of_the_callers_memory() {
    for (_, redactor) in redactors().into_iter().take(3) {
        for len in [1, 7, 128, 32 << 10, 64 << 10, (64 << 10) + 1, 1 << 20] {
            let mut chunk = repeated(CLEAN, len);
            // A context at the very end would leave the chunk's end undecided.
            *chunk.last_mut().expect("no chunk is empty") = b'\n';
            let mut stream = redactor.stream();
            assert_one_clean_segment(&mut stream, &chunk);
            // Neither a secret before nor one that goes on into the chunk changes that.
            let _ = stream.push(&expand(DENSE)).count();
            let _ = stream.push(b"\n").count();
            assert_one_clean_segment(&mut stream, &chunk);
            let _ = stream.push(&expand("dt0c01.{P24}.{S64}")).count();
            assert_one_clean_segment(&mut stream, &[b"\n", &chunk[..]].concat());
        }
    }
}

#[test]
fn law_4_clean_bytes_around_secrets_are_slices_too() {
    let chunk = [&repeated(CLEAN, 100_000), &expand(DENSE)[..], b"end"].concat();
    let mut stream = DEFAULT.stream();
    let mut at = 0;
    for segment in stream.push(&chunk) {
        match segment {
            Segment::Clean(bytes) => {
                assert_eq!(span(bytes), span(&chunk[at..at + bytes.len()]));
            }
            Segment::Mask(mask) => assert!(mask.iter().all(|&b| b == b'*')),
            Segment::Held(_) => panic!("nothing was held before"),
        }
        at += segment.as_bytes().len();
    }
    assert_eq!(at, chunk.len());
}

#[test]
fn law_4_redact_borrows_clean_input() {
    for (name, redactor) in &redactors()[..3] {
        for len in [0, 1, 128, 5000, 100_000] {
            let clean = repeated(CLEAN, len);
            let Cow::Borrowed(bytes) = redactor.redact(&clean) else {
                panic!("{name}: {len} clean bytes were copied");
            };
            assert_eq!(span(bytes), span(&clean));
            let clean = String::from_utf8(clean).expect("the corpus is ASCII");
            let Cow::Borrowed(clean_again) = redactor.redact_str(&clean) else {
                panic!("{name}: {len} clean bytes were copied");
            };
            assert_eq!(span(clean_again.as_bytes()), span(clean.as_bytes()));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_4_borrowed_if_and_only_if_nothing_is_secret(input in strategies::input()) {
        let secret = ORACLE.secret_bytes(&input).contains(&true);
        prop_assert_eq!(matches!(DEFAULT.redact(&input), Cow::Owned(_)), secret);
    }

    #[test]
    fn law_4_segments_say_where_their_bytes_are(
        input in strategies::input(), chunking in strategies::chunking()
    ) {
        assert_segments(&DEFAULT, &chunking.split(&input));
    }
}

/// Every corpus that a stream has to get through without an allocation.
fn corpora(len: usize) -> Vec<(String, Vec<u8>)> {
    let mut corpora = vec![
        ("clean".to_owned(), repeated(CLEAN, len)),
        ("sparse".to_owned(), sparse(len)),
        ("dense".to_owned(), repeated(DENSE, len)),
        ("long run".to_owned(), long_run(len)),
        (
            "long assignment".to_owned(),
            [b"api-token=", &long_run(len)[..]].concat(),
        ),
        ("colours".to_owned(), repeated(COLOURS, len)),
        (
            "UTF-16".to_owned(),
            std::iter::once(0xfeff)
                .chain(repeated(DENSE, len / 2).into_iter().map(u16::from))
                .flat_map(u16::to_le_bytes)
                .collect(),
        ),
    ];
    let named = |pattern: &&str| ((*pattern).to_owned(), repeated(pattern, len));
    corpora.extend(ADVERSARIAL.iter().map(named));
    corpora
}

fn allocations(mut work: impl FnMut()) -> u64 {
    // What an input needs is built when an input needs it first.
    work();
    work();
    measure(work).count_total
}

#[test]
fn law_4_no_allocation_in_the_steady_state_of_push() {
    for (rules, redactor) in redactors() {
        for (corpus, input) in corpora(70_000) {
            for size in [64 << 10, 1000, 7] {
                let mut stream = redactor.stream();
                let mut bytes = 0;
                let count = allocations(|| {
                    for chunk in input.chunks(size) {
                        bytes += stream
                            .push(chunk)
                            .map(|s| s.as_bytes().len())
                            .sum::<usize>();
                    }
                });
                assert_eq!(count, 0, "{rules}, {corpus:?} in chunks of {size}");
                assert!(bytes > 0);
            }
        }
    }
}

#[test]
fn law_4_no_allocation_in_the_steady_state_of_push_in_place() {
    for (rules, redactor) in redactors() {
        for (corpus, input) in corpora(70_000) {
            for size in [64 << 10, 1000] {
                let mut stream = redactor.stream();
                let mut buffer = vec![0; size];
                let count = allocations(|| {
                    for chunk in input.chunks(size) {
                        let buffer = &mut buffer[..chunk.len()];
                        buffer.copy_from_slice(chunk);
                        let _ = stream.push_in_place(buffer);
                    }
                });
                assert_eq!(count, 0, "{rules}, {corpus:?} in chunks of {size}");
            }
        }
    }
}

#[test]
fn law_4_no_allocation_in_the_steady_state_of_a_rule_that_outgrows_its_table() {
    let rule = Rule::new("slow").pattern("(?s)a.{1,200}b", "[a-z]", 4, Some(9));
    let redactor = Redactor::builder()
        .rule(rule)
        .build()
        .expect("the rule is valid");
    let input = gaps(20_000);
    let mut stream = redactor.stream();
    let count = allocations(|| {
        for chunk in input.chunks(1000) {
            let _ = stream.push(chunk).count();
        }
    });
    assert_eq!(count, 0);
}

#[test]
fn law_4_one_shot_redaction_of_a_clean_line_allocates_nothing() {
    for (rules, redactor) in &redactors()[..3] {
        for line in CLEAN
            .lines()
            .take(2)
            .chain(["", "x", "session token of 10.0.0.1 refused"])
        {
            let count = allocations(|| {
                assert!(matches!(redactor.redact(line.as_bytes()), Cow::Borrowed(_)));
                assert!(matches!(redactor.redact_str(line), Cow::Borrowed(_)));
                assert_eq!(redactor.find_iter(line.as_bytes()).count(), 0);
            });
            assert_eq!(count, 0, "{rules}: {line}");
        }
    }
}

/// Gives the same bytes again and again.
struct Endless<'a> {
    input: &'a [u8],
    at: usize,
}

impl Read for Endless<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = (&self.input[self.at..]).read(buffer)?;
        self.at = (self.at + read) % self.input.len();
        Ok(read)
    }
}

#[test]
fn law_4_no_allocation_in_the_steady_state_of_the_adapters() {
    let (dense, sparse) = (repeated(DENSE, 100_000), sparse(100_000));
    for input in [&dense, &sparse] {
        let mut writer = RedactWriter::new(&DEFAULT, std::io::sink());
        let count = allocations(|| {
            for line in input.split_inclusive(|&b| b == b'\n') {
                writer.write_all(line).expect("a sink takes everything");
                writer.flush().expect("a sink takes everything");
            }
        });
        assert_eq!(count, 0, "writer");

        let mut reader = RedactReader::new(&DEFAULT, Endless { input, at: 0 });
        let mut buffer = vec![0; 3 * input.len()];
        let count = allocations(|| reader.read_exact(&mut buffer).expect("it never ends"));
        assert_eq!(count, 0, "reader");
    }
}
