//! Every adapter gives what the oracle says, however the stream is cut and whatever its
//! inner reader or writer does.

mod common;

use std::convert::Infallible;
use std::sync::LazyLock;

use bytes::{Bytes, BytesMut};
use common::{Chunks, Polled, redactor_of, run, text, text_redactor};
use dtmask_core::{Mask, Redactor};
use dtmask_test::hostile::{HostileReader, HostileWriter, Schedule};
use dtmask_test::oracle::Oracle;
use dtmask_test::strategies::{chunking, input, noise, user_case};
use dtmask_tokio::{RedactCodec, RedactRead, RedactStream, RedactWrite, copy};
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_stream::StreamExt;
use tokio_util::codec::{Decoder, FramedRead};

static DEFAULT: LazyLock<Redactor> = LazyLock::new(Redactor::new);
static PUBLISHED: LazyLock<Redactor> = LazyLock::new(Redactor::published);
static TEXT: LazyLock<Redactor> = LazyLock::new(text_redactor);
static DEFAULT_ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::default_rules);
static PUBLISHED_ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::published);

/// Redacts the concatenation of the chunks.
type Adapter = fn(&Redactor, &[&[u8]]) -> Vec<u8>;

const ADAPTERS: [(&str, Adapter); 8] = [
    ("decode", decoded),
    ("framed", framed),
    ("stream", streamed),
    ("read", read),
    ("write", written),
    ("write in one go", written_at_once),
    ("write vectored", written_vectored),
    ("copy", copied),
];

/// The frames of decode calls as they come, without a reader.
fn decoded(redactor: &Redactor, chunks: &[&[u8]]) -> Vec<u8> {
    let mut codec = RedactCodec::new(redactor);
    let mut src = BytesMut::new();
    let mut out = Vec::new();
    for chunk in chunks {
        src.extend_from_slice(chunk);
        while let Some(frame) = codec.decode(&mut src).expect("decoding never fails") {
            assert!(!frame.is_empty());
            out.extend_from_slice(&frame);
        }
        assert!(src.is_empty());
    }
    while let Some(frame) = codec.decode_eof(&mut src).expect("decoding never fails") {
        out.extend_from_slice(&frame);
    }
    out
}

fn framed(redactor: &Redactor, chunks: &[&[u8]]) -> Vec<u8> {
    let reader = Polled::new(Chunks::new(chunks));
    // So small that frames meet its end.
    let frames = FramedRead::with_capacity(reader, RedactCodec::new(redactor), 32);
    let frames: Result<Vec<Bytes>, _> = run(frames.collect());
    frames.expect("no chunk fails").concat()
}

fn streamed(redactor: &Redactor, chunks: &[&[u8]]) -> Vec<u8> {
    let chunks: Vec<_> = chunks
        .iter()
        .map(|chunk| Ok::<_, Infallible>(Bytes::copy_from_slice(chunk)))
        .collect();
    let stream = RedactStream::new(redactor, tokio_stream::iter(chunks));
    let Ok(frames) = run(stream.collect::<Result<Vec<Bytes>, _>>());
    frames.concat()
}

/// Read a few bytes at a time, pending before each.
fn read(redactor: &Redactor, chunks: &[&[u8]]) -> Vec<u8> {
    let mut reader = RedactRead::new(redactor, Polled::new(Chunks::new(chunks)));
    let mut out = Vec::new();
    let mut buf = [0; 7];
    loop {
        match run(reader.read(&mut buf)).expect("no chunk fails") {
            0 => return out,
            len => out.extend_from_slice(&buf[..len]),
        }
    }
}

/// Written chunk by chunk and flushed after each, to a writer that takes up to 5 bytes a
/// time, is pending before each and interrupted now and then.
fn written(redactor: &Redactor, chunks: &[&[u8]]) -> Vec<u8> {
    let inner = HostileWriter::new(Schedule::new().step(5).interrupted_every(3));
    let taken = inner.taken();
    let mut writer = RedactWrite::new(redactor, Polled::new(inner));
    for chunk in chunks {
        run(writer.write_all(chunk)).expect("the writer does not fail");
        run(writer.flush()).expect("the writer does not fail");
    }
    run(writer.shutdown()).expect("the writer does not fail");
    assert_eq!(writer.get_ref().shut, 1);
    taken.bytes()
}

/// Written without a flush to a writer that takes all.
fn written_at_once(redactor: &Redactor, chunks: &[&[u8]]) -> Vec<u8> {
    let mut writer = RedactWrite::new(redactor, Vec::new());
    for chunk in chunks {
        run(writer.write_all(chunk)).expect("a vector takes all");
    }
    run(writer.finish()).expect("a vector takes all");
    writer.into_inner()
}

fn written_vectored(redactor: &Redactor, chunks: &[&[u8]]) -> Vec<u8> {
    let inner = HostileWriter::new(Schedule::new().step(11));
    let taken = inner.taken();
    let mut writer = RedactWrite::new(redactor, Polled::new(inner));
    for chunks in chunks.chunks(3) {
        let slices: Vec<_> = chunks.iter().map(|chunk| io_slice(chunk)).collect();
        let len = run(writer.write_vectored(&slices)).expect("the writer does not fail");
        assert_eq!(len, chunks.iter().map(|chunk| chunk.len()).sum::<usize>());
    }
    run(writer.shutdown()).expect("the writer does not fail");
    taken.bytes()
}

fn io_slice(bytes: &[u8]) -> std::io::IoSlice<'_> {
    std::io::IoSlice::new(bytes)
}

fn copied(redactor: &Redactor, chunks: &[&[u8]]) -> Vec<u8> {
    let inner = HostileWriter::new(Schedule::new().step(5).interrupted_every(3));
    let taken = inner.taken();
    let mut reader = Polled::new(Chunks::new(chunks));
    let mut writer = Polled::new(inner);
    let len = run(copy(&mut reader, &mut writer, redactor)).expect("neither fails");
    let out = taken.bytes();
    assert_eq!(len, out.len() as u64);
    assert!(taken.flushes() > 0);
    out
}

/// Checks every adapter on one input in one chunking.
fn check(redactor: &Redactor, expected: &[u8], chunks: &[&[u8]]) -> Result<(), TestCaseError> {
    for (name, adapter) in ADAPTERS {
        prop_assert_eq!(
            text(&adapter(redactor, chunks)),
            text(expected),
            "{}, chunks {:?}",
            name,
            chunks.iter().map(|chunk| chunk.len()).collect::<Vec<_>>()
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn law_1_chunking_and_law_2_oracle(input in input(), chunking in chunking()) {
        let chunks = chunking.split(&input);
        check(&DEFAULT, &DEFAULT_ORACLE.redact_fill(&input, b'*'), &chunks)?;
        check(&PUBLISHED, &PUBLISHED_ORACLE.redact_fill(&input, b'*'), &chunks)?;
        check(&TEXT, &DEFAULT_ORACLE.redact_text(&input, "[REDACTED]"), &chunks)?;
        // The one-shot redactor says the same.
        check(&DEFAULT, &DEFAULT.redact(&input), &chunks)?;
    }

    #[test]
    fn law_4_transparency_on_noise(input in noise(), chunking in chunking()) {
        let expected = DEFAULT_ORACLE.redact_fill(&input, b'*');
        check(&DEFAULT, &expected, &chunking.split(&input))?;
    }

    #[test]
    fn law_2_oracle_for_user_rules(case in user_case(), chunking in chunking()) {
        let redactor = redactor_of(&case.rules, Mask::default());
        let expected = Oracle::new(&case.rules).redact_fill(&case.input, b'*');
        check(&redactor, &expected, &chunking.split(&case.input))?;
    }
}

#[test]
fn every_case_of_the_table_whole_and_byte_by_byte() {
    for case in dtmask_test::table::cases() {
        let singles: Vec<_> = case.input.chunks(1).collect();
        for (redactor, expected) in [(&DEFAULT, &case.default), (&PUBLISHED, &case.published)] {
            for chunks in [&singles[..], &[&case.input[..]]] {
                for (name, adapter) in ADAPTERS {
                    let out = adapter(redactor, chunks);
                    assert_eq!(text(&out), text(expected), "{name}: {}", case.id);
                }
            }
        }
    }
}

#[test]
fn a_hostile_reader_changes_nothing() {
    let case = dtmask_test::expand::input(&[7; 60]);
    let expected = DEFAULT.redact(&case);
    for step in 1..20 {
        // An `AsyncRead` must not say so, but `copy` forgives it.
        let schedule = Schedule::new().step(step).interrupted_every(2);
        let mut reader = Polled::new(HostileReader::new(case.clone(), schedule));
        let mut out = Vec::new();
        run(copy(&mut reader, &mut out, &DEFAULT)).expect("interruptions are no errors");
        assert_eq!(text(&out), text(&expected));
    }
}
