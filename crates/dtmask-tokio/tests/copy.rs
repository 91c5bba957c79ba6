//! The copy: promptness, errors, cancellation.

mod common;

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use common::{Always, Chunks, Polled, run, text_redactor};
use dtmask_core::Redactor;
use dtmask_test::hostile::{Fault, HostileReader, HostileWriter, RecordingWriter, Schedule};
use dtmask_test::samples::{L21, api_token, masked};
use dtmask_tokio::copy;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufWriter, ReadBuf};

fn line() -> String {
    format!("a {} b api-token={L21} c api-token=short", api_token())
}

#[test]
fn what_was_read_is_written_and_flushed_when_the_reader_has_no_more() {
    tokio_test::block_on(async {
        let (mut source, mut reader) = tokio::io::duplex(64);
        // A writer that keeps all until it is flushed.
        let (inner, mut other) = tokio::io::duplex(64);
        let mut writer = BufWriter::new(inner);
        let redactor = Redactor::new();
        source.write_all(b"login: ").await.unwrap();
        let mut seen = [0; 7];
        tokio::select! {
            _ = copy(&mut reader, &mut writer, &redactor) => panic!("the reader has not ended"),
            read = other.read_exact(&mut seen) => assert_eq!(read.unwrap(), 7),
            () = tokio::time::sleep(Duration::from_secs(60)) => panic!("the prompt does not come"),
        }
        assert_eq!(&seen, b"login: ");
    });
}

#[test]
fn a_scripted_connection() {
    let token = api_token();
    let (front, back) = token.split_at(50);
    let wait = Duration::from_millis(1);
    let mut reader = tokio_test::io::Builder::new()
        .read(b"user ")
        .wait(wait)
        .read(front.as_bytes())
        .wait(wait)
        .read(back.as_bytes())
        .read_error(io::ErrorKind::ConnectionReset.into())
        .build();
    let masked = masked(&token);
    let (front, back) = masked.split_at(50);
    let mut writer = tokio_test::io::Builder::new()
        .write(b"user ")
        .wait(wait)
        .write(front.as_bytes())
        .write(back.as_bytes())
        .build();
    let copied = tokio_test::block_on(copy(&mut reader, &mut writer, &Redactor::new()));
    assert_eq!(
        copied.expect_err("a reset").kind(),
        io::ErrorKind::ConnectionReset
    );
}

#[test]
fn it_flushes_once_for_each_pause_and_at_the_end() {
    let taken = RecordingWriter::new();
    let mut reader = Polled::new(Chunks::new(&[b"a", b"", b"", b"b"]));
    let mut writer = Always(taken.clone());
    run(copy(&mut reader, &mut writer, &Redactor::new())).unwrap();
    // Pending before `a`: nothing to flush. After `a`, after `b`, and at the end.
    assert_eq!(taken.flushes(), 3);
    assert_eq!(taken.writes(), [b"a", b"b"]);
}

#[test]
fn an_empty_input_flushes_what_was_there_before() {
    let mut writer = BufWriter::new(Vec::new());
    run(writer.write_all(b"before")).unwrap();
    let copied = run(copy(&mut &b""[..], &mut writer, &Redactor::new())).unwrap();
    assert_eq!(copied, 0);
    assert_eq!(writer.get_ref(), b"before");
}

#[test]
fn it_counts_what_it_has_written() {
    for redactor in [Redactor::new(), text_redactor()] {
        let line = line();
        let mut out = Vec::new();
        let copied = run(copy(&mut line.as_bytes(), &mut out, &redactor)).unwrap();
        assert_eq!(out, *redactor.redact(line.as_bytes()));
        assert_eq!(copied, out.len() as u64);
    }
}

#[test]
fn a_reader_that_fails_leaves_nothing_unmasked() {
    for redactor in [Redactor::new(), text_redactor()] {
        let inner = HostileWriter::new(Schedule::new().step(3));
        let taken = inner.taken();
        let mut reader = Polled::new(Chunks::failing(&[b"api-token=", b"FAKE_lega"], "reset"));
        let copied = run(copy(&mut reader, &mut Polled::new(inner), &redactor));
        assert_eq!(copied.expect_err("the reader fails").to_string(), "reset");
        let mask = redactor.mask().as_text().unwrap_or("*********");
        assert_eq!(taken.bytes(), format!("api-token={mask}").as_bytes());
        assert!(taken.flushes() > 0);
    }
}

#[test]
fn a_writer_that_fails_gets_no_more() {
    for (fault, kind) in [
        (Fault::Error, io::ErrorKind::Other),
        (Fault::BrokenPipe, io::ErrorKind::BrokenPipe),
        (Fault::Zero, io::ErrorKind::WriteZero),
    ] {
        for calls in 0..5 {
            let inner = HostileWriter::new(Schedule::new().step(9).fault_at(calls, fault));
            let taken = inner.taken();
            let mut writer = Polled::new(inner);
            let line = line();
            let copied = run(copy(&mut line.as_bytes(), &mut writer, &Redactor::new()));
            assert_eq!(copied.expect_err("the writer fails").kind(), kind);
            assert_eq!(writer.inner.calls(), calls + 1);
            let expected = Redactor::new().redact(line.as_bytes()).into_owned();
            assert_eq!(taken.bytes(), expected[..9 * calls]);
        }
    }
}

#[test]
fn the_first_error_wins() {
    let key = b"api-token=FAKE_lega";
    // The writer takes the key and fails on the mask that the reader's error leads to.
    let inner = HostileWriter::new(Schedule::new().fault_at(1, Fault::BrokenPipe));
    let mut reader = Polled::new(Chunks::failing(&[key], "reset"));
    let copied = run(copy(&mut reader, &mut Polled::new(inner), &Redactor::new()));
    assert_eq!(copied.expect_err("both fail").to_string(), "reset");

    let inner = HostileWriter::new(Schedule::new().fault_at(0, Fault::BrokenPipe));
    let mut reader = Polled::new(Chunks::failing(&[key], "reset"));
    let copied = run(copy(&mut reader, &mut Polled::new(inner), &Redactor::new()));
    assert_eq!(
        copied.expect_err("both fail").kind(),
        io::ErrorKind::BrokenPipe
    );
}

#[test]
fn a_flush_that_fails_ends_it() {
    let inner = HostileWriter::new(Schedule::new()).with_flush_fault(Fault::Error);
    let mut reader = Polled::new(Chunks::new(&[b"a", b"", b"b"]));
    let copied = run(copy(&mut reader, &mut Polled::new(inner), &Redactor::new()));
    assert_eq!(
        copied.expect_err("the flush fails").to_string(),
        "scheduled fault"
    );
}

#[test]
fn dropped_half_way_it_has_written_a_front_part() {
    let line = line();
    let expected = Redactor::new().redact(line.as_bytes()).into_owned();
    for polls in 0..line.len() {
        let inner = HostileWriter::new(Schedule::new().step(4));
        let taken = inner.taken();
        let mut writer = Polled::new(inner);
        let mut reader = Polled::new(HostileReader::new(line.as_str(), Schedule::new().step(1)));
        {
            let redactor = Redactor::new();
            let mut task = tokio_test::task::spawn(copy(&mut reader, &mut writer, &redactor));
            for _ in 0..polls {
                assert!(task.poll().is_pending());
            }
        }
        let written = taken.bytes();
        assert!(expected.starts_with(&written), "after {polls} polls");
        // Both are still there, and what was held is not.
        run(writer.write_all(b"|")).unwrap();
        assert_eq!(taken.bytes(), [&written[..], b"|"].concat());
        let mut rest = Vec::new();
        run(reader.read_to_end(&mut rest)).unwrap();
        assert!(line.as_bytes().ends_with(&rest));
    }
}

/// Is never pending and never ends.
struct Endless;

impl AsyncRead for Endless {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let len = buf.remaining();
        buf.initialize_unfilled().fill(b'.');
        buf.advance(len);
        Poll::Ready(Ok(()))
    }
}

#[test]
fn other_tasks_get_their_turn() {
    tokio_test::block_on(async {
        let mut writer = Always(io::sink());
        let redactor = Redactor::new();
        let mut reader = Endless;
        let copying = copy(&mut reader, &mut writer, &redactor);
        let elapsed = tokio::time::timeout(Duration::from_millis(20), copying).await;
        assert!(elapsed.is_err(), "there is no end to copy to");
    });
}
