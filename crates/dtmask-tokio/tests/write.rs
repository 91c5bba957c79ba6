//! The writer: back-pressure, partial writes, errors, ends, cancellation.

mod common;

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use common::{Always, Polled, poll_once, run};
use dtmask_core::Redactor;
use dtmask_test::hostile::{Fault, HostileWriter, RecordingWriter, Schedule};
use dtmask_test::oracle::Oracle;
use dtmask_test::samples::{L21, api_token, platform_token};
use dtmask_tokio::RedactWrite;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};

const KEY: &[u8] = b"x api-token=";

fn line() -> String {
    format!("a {} b api-token={L21} c api-token=short", api_token())
}

fn hostile(schedule: Schedule) -> (RedactWrite<Polled<HostileWriter>>, RecordingWriter) {
    let inner = HostileWriter::new(schedule);
    let taken = inner.taken();
    (
        RedactWrite::new(&Redactor::new(), Polled::new(inner)),
        taken,
    )
}

/// A writer to a pipe of `capacity` bytes that nobody reads yet, and the pipe's other end.
fn piped(capacity: usize) -> (RedactWrite<DuplexStream>, DuplexStream) {
    let (inner, other) = tokio::io::duplex(capacity);
    (RedactWrite::new(&Redactor::new(), inner), other)
}

#[test]
fn one_write_in_is_one_write_out() {
    let taken = RecordingWriter::new();
    let mut writer = RedactWrite::new(&Redactor::new(), Always(taken.clone()));
    let lines = [
        line(),
        "clean\n".to_owned(),
        format!("{}\n", platform_token()),
    ];
    for line in &lines {
        run(writer.write_all(line.as_bytes())).unwrap();
    }
    let slices = lines.each_ref().map(|line| IoSlice::new(line.as_bytes()));
    run(writer.write_vectored(&slices)).unwrap();
    let writes = taken.writes();
    assert_eq!(writes.len(), 4);
    // What the first line left undecided came with the second, in one piece.
    assert!(writes[0].ends_with(b"api-token="));
    assert_eq!(writes[1], b"shortclean\n");
    assert_eq!(
        writes.concat(),
        *Redactor::new().redact((lines.concat() + &lines.concat()).as_bytes())
    );
}

#[test]
fn a_clean_write_is_handed_on_as_the_slice_it_was_given() {
    struct Place(Option<*const u8>);
    impl AsyncWrite for Place {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.0 = Some(bytes.as_ptr());
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }
    let clean = "nothing here\n".repeat(100);
    let mut writer = RedactWrite::new(&Redactor::new(), Place(None));
    run(writer.write_all(clean.as_bytes())).unwrap();
    assert_eq!(writer.get_ref().0, Some(clean.as_ptr()));
}

#[test]
fn law_8_flush_reveals_nothing() {
    let oracle = Oracle::default_rules();
    let line = line();
    let (mut writer, taken) = hostile(Schedule::new());
    for (at, byte) in line.as_bytes().iter().enumerate() {
        run(writer.write_all(&[*byte])).unwrap();
        run(writer.flush()).unwrap();
        // All that is decided is out, and nothing else.
        let seen = &line.as_bytes()[..=at];
        assert_eq!(taken.bytes().len(), seen.len() - oracle.held(seen));
    }
    assert_eq!(taken.flushes(), line.len());
    assert!(!taken.bytes().ends_with(b"short"));
    run(writer.shutdown()).unwrap();
    assert_eq!(taken.bytes(), oracle.redact_fill(line.as_bytes(), b'*'));
}

#[test]
fn back_pressure_bounds_the_buffer() {
    let secrets = format!("{}\n", api_token()).repeat(20_000);
    let (mut writer, mut other) = piped(1);
    let Poll::Ready(Ok(first)) = poll_once(writer.write(secrets.as_bytes())) else {
        panic!("an empty buffer takes a write");
    };
    assert_eq!(first, 64 << 10);
    for _ in 0..3 {
        assert!(poll_once(writer.write(&secrets.as_bytes()[first..])).is_pending());
        assert!(poll_once(writer.flush()).is_pending());
    }
    drop(writer.into_inner());
    let mut out = Vec::new();
    run(other.read_to_end(&mut out)).unwrap();
    assert_eq!(out, b"d");
}

#[test]
fn write_flush_and_shutdown_are_cancel_safe() {
    let line = line().repeat(3);
    for step in [1, 3, 50] {
        let (mut writer, taken) = hostile(Schedule::new().step(step));
        let (mut at, mut attempt, mut cancelled) = (0, 0, 0);
        while at < line.len() {
            // Other bytes after every cancelled write: it must have taken nothing.
            attempt += 1;
            let end = line.len().min(at + 1 + attempt % 40);
            match poll_once(writer.write(&line.as_bytes()[at..end])) {
                Poll::Ready(len) => at += len.expect("the writer does not fail"),
                Poll::Pending => cancelled += 1,
            }
            if attempt % 5 == 0 {
                cancelled += usize::from(poll_once(writer.flush()).is_pending());
            }
        }
        while poll_once(writer.flush()).is_pending() {
            cancelled += 1;
        }
        while poll_once(writer.shutdown()).is_pending() {
            cancelled += 1;
        }
        assert!(cancelled > 5);
        assert_eq!(writer.get_ref().shut, 1);
        assert_eq!(
            taken.bytes(),
            *Redactor::new().redact(line.as_bytes()),
            "{step}"
        );
    }
}

#[test]
fn an_end_that_has_begun_takes_no_more() {
    let (mut writer, taken) = hostile(Schedule::new().step(1));
    run(writer.write_all(KEY)).unwrap();
    run(writer.write_all(b"short")).unwrap();
    assert!(poll_once(writer.shutdown()).is_pending());
    // Written now, this would join what the end let go.
    let error = run(writer.write(L21.as_bytes())).expect_err("the stream has ended");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    run(writer.shutdown()).unwrap();
    run(writer.shutdown()).unwrap();
    run(writer.flush()).unwrap();
    assert_eq!(writer.get_ref().shut, 1);
    let slices = [IoSlice::new(b"a"), IoSlice::new(b"b")];
    let error = run(writer.write_vectored(&slices)).expect_err("the stream has ended");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    assert_eq!(taken.bytes(), [KEY, b"short"].concat());
}

#[test]
fn finish_and_abort_leave_the_inner_writer_open() {
    for (abort, expected) in [(false, "short"), (true, "*****")] {
        let (mut writer, taken) = hostile(Schedule::new().step(2));
        run(writer.write_all(KEY)).unwrap();
        run(writer.write_all(b"short")).unwrap();
        // Cancelled and called again.
        for _ in 0..2 {
            let polled = if abort {
                poll_once(writer.abort())
            } else {
                poll_once(writer.finish())
            };
            assert!(polled.is_pending());
        }
        // What ended one way does not end another way too.
        run(writer.finish()).unwrap();
        assert_eq!(writer.get_ref().shut, 0);
        assert!(taken.flushes() > 0);
        assert_eq!(taken.bytes(), [KEY, expected.as_bytes()].concat());
        run(writer.shutdown()).unwrap();
        assert_eq!(writer.get_ref().shut, 1);
    }
}

#[test]
fn dropped_half_way_nothing_held_comes_out() {
    let (mut writer, taken) = hostile(Schedule::new());
    run(writer.write_all(KEY)).unwrap();
    run(writer.write_all(b"FAKE_lega")).unwrap();
    run(writer.flush()).unwrap();
    drop(writer);
    assert_eq!(taken.bytes(), KEY);
}

#[test]
fn an_error_comes_once_and_then_every_call_fails() {
    for (fault, kind) in [
        (Fault::Error, ErrorKind::Other),
        (Fault::BrokenPipe, ErrorKind::BrokenPipe),
        (Fault::Zero, ErrorKind::WriteZero),
    ] {
        for calls in 0..4 {
            let schedule = Schedule::new().step(7).fault_at(calls, fault);
            let (mut writer, taken) = hostile(schedule);
            let line = line();
            // The first part of a write goes out at once, the rest with the flush.
            let written = run(async {
                writer.write_all(line.as_bytes()).await?;
                writer.flush().await
            });
            let error = written.expect_err("the writer fails");
            assert_eq!(error.kind(), kind);
            if fault == Fault::Error {
                assert_eq!(error.to_string(), "scheduled fault");
            }
            let before = taken.bytes();
            assert_eq!(before.len(), 7 * calls);
            for error in [
                run(writer.write(b"more")).map(drop),
                run(writer.flush()),
                run(writer.finish()),
                run(writer.abort()),
                run(writer.shutdown()),
            ]
            .map(|result| result.expect_err("it has failed"))
            {
                assert!(
                    error.to_string().contains("earlier write failed"),
                    "{error}"
                );
            }
            assert_eq!(taken.bytes(), before);
            assert_eq!(writer.get_ref().shut, 0);
        }
    }
}

#[test]
fn a_flush_that_fails_poisons_too() {
    let inner = HostileWriter::new(Schedule::new()).with_flush_fault(Fault::Error);
    let taken = inner.taken();
    let mut writer = RedactWrite::new(&Redactor::new(), Polled::new(inner));
    run(writer.write_all(KEY)).unwrap();
    run(writer.write_all(b"short")).unwrap();
    let error = run(writer.flush()).expect_err("the flush fails");
    assert_eq!(error.to_string(), "scheduled fault");
    assert!(run(writer.shutdown()).is_err());
    assert_eq!(taken.bytes(), KEY);
}

#[test]
fn an_interrupted_flush_is_tried_again() {
    let inner = HostileWriter::new(Schedule::new()).with_flush_fault(Fault::Interrupted);
    let taken = inner.taken();
    let mut writer = RedactWrite::new(&Redactor::new(), Polled::new(inner));
    run(writer.flush()).unwrap();
    assert_eq!(taken.flushes(), 1);
}

#[test]
fn a_vectored_write_takes_no_more_than_the_buffer_may_hold() {
    let half = "x".repeat(40 << 10);
    let slices = [IoSlice::new(half.as_bytes()), IoSlice::new(half.as_bytes())];
    let mut writer = RedactWrite::new(&Redactor::new(), Vec::new());
    assert_eq!(run(writer.write_vectored(&slices)).unwrap(), 64 << 10);
    assert_eq!(writer.get_ref().len(), 64 << 10);
    assert_eq!(run(writer.write_vectored(&[])).unwrap(), 0);
}
