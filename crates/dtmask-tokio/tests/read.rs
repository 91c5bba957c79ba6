//! The reader: errors, ends, cancellation.

mod common;

use std::io::ErrorKind;
use std::task::Poll;

use common::{Chunks, Polled, poll_once, run, text_redactor};
use dtmask_core::Redactor;
use dtmask_test::hostile::{Fault, HostileReader, Schedule};
use dtmask_test::samples::{L21, api_token};
use dtmask_tokio::RedactRead;
use tokio::io::AsyncReadExt;

fn line() -> String {
    format!("a {} b api-token={L21} c api-token=short", api_token())
}

#[test]
fn what_is_decided_is_there_at_once() {
    let chunks = Chunks::new(&[b"login: ", b""]);
    let mut reader = RedactRead::new(&Redactor::new(), Polled::new(chunks));
    let mut buf = [0; 64];
    assert_eq!(run(reader.read(&mut buf)).unwrap(), 7);
    assert_eq!(&buf[..7], b"login: ");
}

#[test]
fn a_read_of_nothing_asks_for_nothing() {
    let inner = HostileReader::new("abc", Schedule::new());
    let mut reader = RedactRead::new(&Redactor::new(), Polled::new(inner));
    assert_eq!(run(reader.read(&mut [])).unwrap(), 0);
    assert_eq!(reader.get_ref().inner.calls(), 0);
}

#[test]
fn an_error_in_the_middle_masks_what_is_held_then_comes_once() {
    for redactor in [Redactor::new(), text_redactor()] {
        let chunks = Chunks::failing(&[b"api-token=", b"FAKE_lega"], "reset");
        let mut reader = RedactRead::new(&redactor, Polled::new(chunks));
        let mut out = Vec::new();
        let error = run(reader.read_to_end(&mut out)).expect_err("the reader fails");
        assert_eq!(error.to_string(), "reset");
        let mask = redactor.mask().as_text().unwrap_or("*********");
        assert_eq!(out, format!("api-token={mask}").as_bytes());
        for _ in 0..2 {
            let error = run(reader.read(&mut [0; 8])).expect_err("it has failed");
            assert!(error.to_string().contains("earlier read failed"));
        }
    }
}

#[test]
fn what_can_be_tried_again_changes_nothing() {
    let line = line();
    // Even calls are interrupted, so all reads must be tried twice.
    let schedule = Schedule::new().step(3).interrupted_every(2);
    let inner = HostileReader::new(line.as_str(), schedule);
    let mut reader = RedactRead::new(&Redactor::new(), Polled::new(inner));
    let (mut out, mut buf) = (Vec::new(), [0; 2]);
    loop {
        match run(reader.read(&mut buf)) {
            Ok(0) => break,
            Ok(len) => out.extend_from_slice(&buf[..len]),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Interrupted),
        }
    }
    assert_eq!(out, *Redactor::new().redact(line.as_bytes()));
}

#[test]
fn the_end_is_the_end() {
    let schedule = Schedule::new().fault_at(1, Fault::Zero);
    let inner = HostileReader::new(line(), schedule.step(40));
    let mut reader = RedactRead::new(&Redactor::new(), Polled::new(inner));
    let mut out = Vec::new();
    run(reader.read_to_end(&mut out)).unwrap();
    let calls = reader.get_ref().inner.calls();
    for _ in 0..3 {
        assert_eq!(run(reader.read(&mut [0; 8])).unwrap(), 0);
    }
    assert_eq!(reader.get_ref().inner.calls(), calls);
    assert_eq!(reader.stats().bytes_in(), 40);
    assert_eq!(out, *Redactor::new().redact(&line().as_bytes()[..40]));
}

/// The buffer has room for what may be held, which is nothing here.
#[test]
fn a_sequence_cut_behind_a_token_is_not_held() {
    let only_token = dtmask_core::builtin_rules()
        .filter(|rule| rule.name() != "token")
        .fold(Redactor::builder(), |builder, rule| {
            builder.without(rule.name())
        });
    let redactor = only_token.ansi(true).build().unwrap();
    let chunks = tokio_test::io::Builder::new()
        .read(b"dt0c01.FAKEPUB2.\x1b[1;3")
        .read(b"1mFAKE.")
        .build();
    let mut out = Vec::new();
    run(RedactRead::new(&redactor, chunks).read_to_end(&mut out)).unwrap();
    assert_eq!(out, b"dt0c01.FAKEPUB2.\x1b[1;31m****.");
}

#[test]
fn nothing_is_shown_of_what_is_not_redacted_yet() {
    let reader = RedactRead::new(&Redactor::new(), std::io::Cursor::new(api_token()));
    let shown = format!("{reader:?}");
    assert!(shown.starts_with("RedactRead"), "{shown}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[test]
fn read_is_cancel_safe() {
    let line = line();
    for step in [1, 2, 20, 500] {
        let inner = HostileReader::new(line.as_str(), Schedule::new().step(step));
        let mut reader = RedactRead::new(&Redactor::new(), Polled::new(inner));
        let (mut out, mut cancelled) = (Vec::new(), 0);
        loop {
            // A buffer of its own for every future, which is dropped after one poll.
            let mut buf = [0; 3];
            match poll_once(reader.read(&mut buf)) {
                Poll::Pending => {
                    cancelled += 1;
                    assert_eq!(buf, [0; 3], "a read that is not ready left bytes behind");
                }
                Poll::Ready(len) => match len.expect("the reader does not fail") {
                    0 => break,
                    len => out.extend_from_slice(&buf[..len]),
                },
            }
        }
        assert_eq!(out, *Redactor::new().redact(line.as_bytes()));
        assert!(cancelled > line.len() / step);
    }
}

#[test]
fn a_reader_that_is_dropped_half_way_leaves_the_rest_to_the_inner_one() {
    let line = format!("api-token={L21}");
    let reader = HostileReader::new(line.as_str(), Schedule::new().step(20));
    let mut inner = Polled::new(reader);
    let mut reader = RedactRead::new(&Redactor::new(), &mut inner);
    let mut buf = [0; 64];
    let len = run(reader.read(&mut buf)).unwrap();
    assert_eq!(&buf[..len], b"api-token=");
    // Ten bytes are held back. They are undecided, so nobody gets them.
    drop(reader);
    let mut rest = String::new();
    run(inner.read_to_string(&mut rest)).unwrap();
    assert_eq!(rest, L21[10..]);
}

#[test]
fn long_input_with_secrets_at_every_offset_of_the_buffer() {
    // A line of a prime length: over 16 KiB reads its secret meets every seam.
    let line = format!("{}{}\n", api_token(), "x".repeat(53));
    let input = line.repeat(3000);
    for redactor in [Redactor::new(), text_redactor()] {
        let mut out = Vec::new();
        let mut reader = RedactRead::new(&redactor, input.as_bytes());
        run(reader.read_to_end(&mut out)).unwrap();
        assert!(out == *redactor.redact(input.as_bytes()));
        assert_eq!(reader.stats().secrets(), 3000);
    }
}
