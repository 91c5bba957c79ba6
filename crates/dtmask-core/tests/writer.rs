//! Laws 8 and 9: the writer adapter.

mod common;

use std::io::{self, ErrorKind, IoSlice, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;

use common::corpora::{CLEAN, DENSE, repeated, sparse};
use common::{for_every_rule_set, text};
use dtmask_core::{Mask, RedactWriter, Redactor, Rule, Stream};
use dtmask_test::hostile::{Fault, HostileWriter, RecordingWriter, Schedule};
use dtmask_test::placeholder::expand;
use dtmask_test::samples::L21;
use dtmask_test::strategies::{chunking, input, user_case};
use proptest::prelude::*;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::new);

/// Ends in a run that is undecided: too short to be secret, and not over.
const UNDECIDED: &str = "Api-Token FAKE_legacy";

fn recorded(redactor: &Redactor) -> (RedactWriter<RecordingWriter>, RecordingWriter) {
    let record = RecordingWriter::new();
    (RedactWriter::new(redactor, record.clone()), record)
}

fn text_mask() -> Redactor {
    let mask = Mask::text("[REDACTED]").expect("the text is printable");
    Redactor::builder()
        .mask(mask)
        .build()
        .expect("the mask is inert")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_9_one_in_one_out(input in input(), user in user_case(), chunking in chunking()) {
        for_every_rule_set(&input, &user.rules, &user.input, |redactor, oracle, input| {
            let (mut writer, record) = recorded(redactor);
            let mut writes = 0;
            for chunk in chunking.split(input) {
                writer.write_all(chunk).unwrap();
                assert!(record.writes().len() <= writes + 1);
                assert!(record.writes().last().is_none_or(|write| !write.is_empty()));
                writes = record.writes().len();
            }
            assert_eq!(record.flushes(), 0);
            writer.finish().unwrap();
            assert!(record.writes().len() <= writes + 1);
            assert_eq!(text(&record.bytes()), text(&oracle.redact_fill(input, b'*')));
        });
    }

    #[test]
    fn law_8_flush_reveals_nothing(input in input(), user in user_case(), chunking in chunking()) {
        for_every_rule_set(&input, &user.rules, &user.input, |redactor, oracle, input| {
            let (mut flushed, record) = recorded(redactor);
            let (mut unflushed, expected) = recorded(redactor);
            for (flushes, chunk) in chunking.split(input).into_iter().enumerate() {
                flushed.write_all(chunk).unwrap();
                unflushed.write_all(chunk).unwrap();
                flushed.flush().unwrap();
                assert_eq!(record.flushes(), flushes + 1);
                assert_eq!(record.writes(), expected.writes());
            }
            drop((flushed, unflushed));
            assert_eq!(record.writes(), expected.writes());
            assert_eq!(text(&record.bytes()), text(&oracle.redact_fill(input, b'*')));
        });
    }

    #[test]
    fn law_9_vectored_writes_are_one_write(
        input in input(), user in user_case(), chunking in chunking()
    ) {
        for_every_rule_set(&input, &user.rules, &user.input, |redactor, oracle, input| {
            let (mut writer, record) = recorded(redactor);
            for chunks in chunking.split(input).chunks(3) {
                let writes = record.writes().len();
                let slices: Vec<_> = chunks.iter().map(|chunk| IoSlice::new(chunk)).collect();
                let len = chunks.iter().map(|chunk| chunk.len()).sum::<usize>();
                assert_eq!(writer.write_vectored(&slices).unwrap(), len);
                assert!(record.writes().len() <= writes + 1);
            }
            assert_eq!(writer.write_vectored(&[]).unwrap(), 0);
            writer.finish().unwrap();
            assert_eq!(text(&record.bytes()), text(&oracle.redact_fill(input, b'*')));
        });
    }

    #[test]
    fn law_9_interrupted_and_short_writes_lose_nothing(
        input in input(), user in user_case(), chunking in chunking(),
        step in 1usize..50, every in 2usize..4
    ) {
        for_every_rule_set(&input, &user.rules, &user.input, |redactor, oracle, input| {
            let schedule = Schedule::new().step(step).interrupted_every(every);
            let inner = HostileWriter::new(schedule);
            let record = inner.taken();
            let mut writer = RedactWriter::new(redactor, inner);
            for chunk in chunking.split(input) {
                assert_eq!(writer.write(chunk).unwrap(), chunk.len());
            }
            writer.finish().unwrap();
            assert_eq!(text(&record.bytes()), text(&oracle.redact_fill(input, b'*')));
        });
    }

    #[test]
    fn law_9_after_an_error_nothing_comes_out(
        input in input(), user in user_case(), chunking in chunking(),
        call in 0usize..6, step in 1usize..200,
        fault in prop::sample::select(vec![
            (Fault::WouldBlock, ErrorKind::WouldBlock),
            (Fault::Error, ErrorKind::Other),
            (Fault::BrokenPipe, ErrorKind::BrokenPipe),
            (Fault::Zero, ErrorKind::WriteZero),
        ])
    ) {
        for_every_rule_set(&input, &user.rules, &user.input, |redactor, oracle, input| {
            let inner = HostileWriter::new(Schedule::new().step(step).fault_at(call, fault.0));
            let record = inner.taken();
            let mut writer = RedactWriter::new(redactor, inner);
            let mut failed = false;
            for chunk in chunking.split(input) {
                let written = writer.write(chunk);
                if failed {
                    assert_eq!(written.unwrap_err().kind(), ErrorKind::Other);
                    assert_eq!(writer.get_ref().calls(), call + 1);
                } else if let Err(error) = written {
                    assert_eq!(error.kind(), fault.1);
                    failed = true;
                }
            }
            let written = record.bytes();
            let expected = oracle.redact_fill(input, b'*');
            assert!(expected.starts_with(&written));
            if failed {
                assert!(writer.flush().is_err());
                drop(writer);
                assert_eq!(record.bytes(), written);
                assert_eq!(record.flushes(), 0);
            }
        });
    }
}

#[test]
fn law_8_the_published_profile_withholds_63_bytes_whatever_is_flushed() {
    let published = Redactor::published();
    assert_eq!(published.max_held(), 63);
    let keep = expand("dt0c01.{P24}.");
    for (secret, expected) in [("{first63:{S64}}", "{first63:{S64}}"), ("{S64}", "{M64}")] {
        let (mut writer, record) = recorded(&published);
        writer.write_all(&keep).unwrap();
        let secret = expand(secret);
        for byte in secret[..63].chunks(1) {
            writer.write_all(byte).unwrap();
            writer.flush().unwrap();
            assert_eq!(text(&record.bytes()), text(&keep));
        }
        writer.write_all(&secret[63..]).unwrap();
        writer.finish().unwrap();
        let expected = [keep.clone(), expand(expected)].concat();
        assert_eq!(text(&record.bytes()), text(&expected));
    }
    let (mut writer, record) = recorded(&published);
    writer
        .write_all(&expand("dt0c01.{P24}.{first63:{S64}}"))
        .unwrap();
    writer.abort().unwrap();
    let masked = expand("dt0c01.{P24}.{M63}");
    assert_eq!(text(&record.bytes()), text(&masked));
}

fn failing(fault: Fault) -> (RedactWriter<HostileWriter>, RecordingWriter) {
    let inner = HostileWriter::new(Schedule::new().fault_at(1, fault));
    let record = inner.taken();
    let mut writer = RedactWriter::new(&REDACTOR, inner);
    writer.write_all(UNDECIDED.as_bytes()).unwrap();
    (writer, record)
}

#[test]
fn law_9_every_call_fails_after_an_error() {
    type Call = fn(RedactWriter<HostileWriter>) -> io::Result<()>;
    let calls: [(&str, Call); 8] = [
        ("write", |mut w| w.write(b"x").map(drop)),
        ("empty write", |mut w| w.write(b"").map(drop)),
        ("write_all", |mut w| w.write_all(b"x")),
        ("write_fmt", |mut w| write!(w, "{}", 1)),
        ("write_vectored", |mut w| {
            w.write_vectored(&[IoSlice::new(b"x"), IoSlice::new(b"y")])
                .map(drop)
        }),
        ("flush", |mut w| w.flush()),
        ("finish", |w| w.finish().map(drop)),
        ("abort", |w| w.abort().map(drop)),
    ];
    for (name, call) in calls {
        let (mut writer, record) = failing(Fault::Error);
        let error = writer.write_all(b" and more").unwrap_err();
        // As it is: also what it says.
        assert_eq!(error.to_string(), "scheduled fault");
        let error = call(writer).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Other, "{name}");
        assert_ne!(error.to_string(), "scheduled fault", "{name}");
        assert_eq!(text(&record.bytes()), "Api-Token ", "{name}");
        assert_eq!(record.flushes(), 0, "{name}");
    }
}

#[test]
fn law_9_a_vectored_write_can_fail_too() {
    let (mut writer, record) = failing(Fault::BrokenPipe);
    let slices = [IoSlice::new(b" and "), IoSlice::new(b"more")];
    let error = writer.write_vectored(&slices).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    assert!(writer.write_all(b"x").is_err());
    drop(writer);
    assert_eq!(text(&record.bytes()), "Api-Token ");
}

#[test]
fn law_9_an_error_at_the_end_is_the_last_thing() {
    for abnormal in [false, true] {
        let (writer, record) = failing(Fault::BrokenPipe);
        let ended = if abnormal {
            writer.abort()
        } else {
            writer.finish()
        };
        assert_eq!(ended.unwrap_err().kind(), ErrorKind::BrokenPipe);
        assert_eq!(text(&record.bytes()), "Api-Token ");
        assert_eq!(record.flushes(), 0);
    }
}

#[test]
fn a_failed_flush_poisons_and_an_interrupted_one_does_not() {
    let flushing = |fault| {
        let inner = HostileWriter::new(Schedule::new()).with_flush_fault(fault);
        let record = inner.taken();
        let mut writer = RedactWriter::new(&REDACTOR, inner);
        writer.write_all(UNDECIDED.as_bytes()).unwrap();
        (writer, record)
    };
    for (fault, kind) in [
        (Fault::WouldBlock, ErrorKind::WouldBlock),
        (Fault::Error, ErrorKind::Other),
    ] {
        let (mut writer, record) = flushing(fault);
        assert_eq!(writer.flush().unwrap_err().kind(), kind);
        assert!(writer.write_all(b"x").is_err());
        drop(writer);
        assert_eq!(text(&record.bytes()), "Api-Token ");
        assert_eq!(record.flushes(), 0);
    }

    let (mut writer, record) = flushing(Fault::Interrupted);
    writer.flush().unwrap();
    assert_eq!(record.flushes(), 1);
    drop(writer);
    assert_eq!(text(&record.bytes()), UNDECIDED);

    // The flush at the end is no other.
    for abnormal in [false, true] {
        let (writer, record) = flushing(Fault::Interrupted);
        let ended = if abnormal {
            writer.abort()
        } else {
            writer.finish()
        };
        ended.unwrap();
        assert_eq!(record.flushes(), 1);
    }
}

#[test]
fn the_end_decides_what_becomes_of_an_undecided_run() {
    let (mut writer, record) = recorded(&REDACTOR);
    writer.write_all(UNDECIDED.as_bytes()).unwrap();
    assert_eq!(text(&record.bytes()), "Api-Token ");
    writer.finish().unwrap();
    assert_eq!(text(&record.bytes()), UNDECIDED);
    assert_eq!((record.writes().len(), record.flushes()), (2, 1));

    let (mut writer, record) = recorded(&REDACTOR);
    writer.write_all(UNDECIDED.as_bytes()).unwrap();
    drop(writer);
    assert_eq!(text(&record.bytes()), UNDECIDED);

    let (mut writer, record) = recorded(&REDACTOR);
    writer.write_all(UNDECIDED.as_bytes()).unwrap();
    writer.abort().unwrap();
    assert_eq!(text(&record.bytes()), "Api-Token ***********");
    assert_eq!((record.writes().len(), record.flushes()), (2, 1));

    let record = RecordingWriter::new();
    let mut writer = RedactWriter::new(&text_mask(), record.clone());
    writer.write_all(UNDECIDED.as_bytes()).unwrap();
    writer.abort().unwrap();
    assert_eq!(text(&record.bytes()), "Api-Token [REDACTED]");
}

#[test]
fn unwinding_masks_an_undecided_run() {
    let (writer, record) = recorded(&REDACTOR);
    let unwound = catch_unwind(AssertUnwindSafe(move || {
        let mut writer = writer;
        writer.write_all(UNDECIDED.as_bytes()).unwrap();
        // Unwinds as a panic does, without a message on standard error.
        std::panic::resume_unwind(Box::new("unwound"));
    }));
    assert!(unwound.is_err());
    assert_eq!(text(&record.bytes()), "Api-Token ***********");
}

#[test]
fn a_line_of_many_writes_is_redacted_as_one_stream() {
    let line = format!("apiToken=\"{L21}\" level=info\n");
    for flush in [false, true] {
        let (mut writer, record) = recorded(&REDACTOR);
        for byte in line.as_bytes().chunks(1) {
            writer.write_all(byte).unwrap();
            if flush {
                writer.flush().unwrap();
            }
        }
        let stats = writer.stats();
        assert_eq!((stats.bytes_in(), stats.secrets()), (line.len() as u64, 1));
        let masked = line.replace(L21, &"*".repeat(21));
        assert_eq!(text(&record.bytes()), text(masked.as_bytes()));
    }
}

/// What a writer keeps on the heap after `writes` in so many slices each, less what its
/// stream does.
fn buffered(redactor: &Redactor, slices: usize, writes: &[&[u8]]) -> i64 {
    let size = |bytes: &[u8]| bytes.len().div_ceil(slices);
    let push_all = |stream: &mut Stream| {
        for bytes in writes {
            for slice in bytes.chunks(size(bytes)) {
                let _ = stream.push(slice).count();
            }
        }
    };
    // What the redactor builds now must not be taken for a buffer.
    push_all(&mut redactor.stream());
    let mut stream = redactor.stream();
    let of_stream = allocation_counter::measure(|| push_all(&mut stream));
    let mut writer = RedactWriter::new(redactor, io::sink());
    let of_writer = allocation_counter::measure(|| {
        for bytes in writes {
            let slices = bytes.chunks(size(bytes)).map(IoSlice::new);
            let slices: Vec<_> = slices.collect();
            assert_eq!(writer.write_vectored(&slices).unwrap(), bytes.len());
        }
    });
    of_writer.bytes_current - of_stream.bytes_current
}

#[test]
fn law_9_the_buffer_is_no_larger_than_a_write_and_the_withheld_bytes() {
    let user_rule = Rule::new("mine").pattern("Token ", "[A-Za-z0-9._-]", 40, Some(50));
    let with_user_rule = Redactor::builder().rule(user_rule).build();
    let with_user_rule = with_user_rule.expect("the rule is valid");
    for redactor in [Redactor::new(), Redactor::published(), with_user_rule] {
        for len in [1000, 65_536, 1 << 20] {
            let clean = repeated(CLEAN, len);
            // A single segment goes on as the slice it is.
            assert_eq!(buffered(&redactor, 1, &[&clean, &clean]), 0);
            for input in [clean, repeated(DENSE, len), sparse(len)] {
                let writes: Vec<_> = input.chunks(len / 4).collect();
                let limit = (len / 4 + redactor.max_held()) as i64;
                for slices in [1, 3] {
                    let buffered = buffered(&redactor, slices, &writes);
                    assert!((0..=limit).contains(&buffered), "{buffered} of {limit}");
                }
            }
        }
    }
}
