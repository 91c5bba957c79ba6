//! Events that are cut off because something panics.

use std::fmt;
use std::io::{self, IoSlice, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use dtmask_test::hostile::RecordingWriter;
use dtmask_test::samples::{self, A24, HEX64, L21, P24, S64};
use dtmask_test::strategies;
use dtmask_tracing::RedactExt;
use proptest::prelude::*;
use tracing::Dispatch;
use tracing::dispatcher::with_default;
use tracing_subscriber::fmt::MakeWriter;

use crate::{ORACLE, redacted, text};

fn lines(record: &RecordingWriter) -> Vec<String> {
    let line = |write: &Vec<u8>| text(write).to_owned();
    record.writes().iter().map(line).collect()
}

/// Panics behind `work`, with what it returns still there; quietly, because what a
/// test's panic prints is not looked at here.
fn cut_off<T>(work: impl FnOnce() -> T) {
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let _kept = work();
        panic_quietly();
    }));
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"cut off"));
}

fn panic_quietly() {
    std::panic::resume_unwind(Box::new("cut off"));
}

/// Its `Debug` writes some text, then panics.
struct PanicsBehind(String);

impl fmt::Debug for PanicsBehind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)?;
        panic_quietly();
        Ok(())
    }
}

#[test]
fn a_debug_impl_that_panics_leaks_nothing_into_its_event_or_the_next() {
    let record = RecordingWriter::new();
    let builder = tracing_subscriber::fmt().without_time().with_ansi(false);
    let dispatch: Dispatch = builder.with_writer(redacted(&record)).finish().into();
    let half = format!("dt0c01.{}.{}", P24, &S64[..32]);
    with_default(&dispatch, || {
        cut_off(|| tracing::info!(field = ?PanicsBehind(half.clone()), "before {L21}"));
        tracing::info!("the next {}", &S64[32..]);
        tracing::info!("and one more");
    });
    // tracing-subscriber writes nothing of an event whose formatting panics, but it may
    // begin the next one with what it had of it.
    let writes = record.writes();
    assert_eq!(writes.len(), 2);
    assert!(
        !text(&record.bytes()).contains(&S64[..32]),
        "{}",
        text(&record.bytes())
    );
    assert!(text(&writes[0]).ends_with(&format!("the next {}\n", &S64[32..])));
    assert!(text(&writes[1]).ends_with("and one more\n"));
}

/// What the event behind `field`, whose `Debug` panics behind it, begins with.
fn next_event(field: &str) -> String {
    let record = RecordingWriter::new();
    let builder = tracing_subscriber::fmt().without_time().with_ansi(false);
    let dispatch: Dispatch = builder.with_writer(redacted(&record)).finish().into();
    with_default(&dispatch, || {
        cut_off(|| tracing::info!(field = ?PanicsBehind(field.to_owned())));
        tracing::info!("the next");
    });
    let line = lines(&record).concat();
    let (_, rest) = line.split_once("field=").expect("the start of the field");
    let (shown, _) = rest.split_once(" INFO").expect("the next event");
    shown.to_owned()
}

#[test]
fn up_to_15_characters_of_a_secret_may_show_if_its_debug_impl_panics_behind_them() {
    // The documented limit: the next event begins with them, so they seem to end there.
    let base64 = dtmask_test::placeholder::expand("{b64:dt0c01.{P24}.{S64}}");
    let wrapped = format!("dt0c01.{P24}.{}\n", &S64[..20]);
    let stars = "*".repeat(20);
    let wrapped_masked = format!("dt0c01.{P24}.{stars}\n");
    for (keep, kept, secret, withheld) in [
        // The rules `context-...`.
        ("api_token=", "api_token=", L21, 15),
        // `token-any-id`: other identifiers than 8 or 24 of `[A-Z0-9]`, lower-case
        // secrets.
        ("dt0a01.abc12345.", "dt0a01.abc12345.", HEX64, 15),
        ("dt0s02.dt-app-local.", "dt0s02.dt-app-local.", S64, 15),
        // `token-wrapped`, behind the line break.
        (&wrapped, &wrapped_masked, &S64[20..], 15),
        // `base64`.
        (
            text(&base64[..10]),
            text(&base64[..10]),
            text(&base64[10..]),
            15,
        ),
        // `token` and `tenant-token` have nothing undecided.
        ("dt0c01.FAKEPUB2.", "dt0c01.FAKEPUB2.", S64, 0),
        ("dt0a02.", "dt0a02.", A24, 0),
    ] {
        for shown in 1..=16 {
            let expected = match shown <= withheld {
                true => secret[..shown].to_owned(),
                false => "*".repeat(shown),
            };
            let expected = format!("{kept}{expected}");
            assert_eq!(next_event(&format!("{keep}{}", &secret[..shown])), expected);
        }
    }
}

#[test]
fn undecided_bytes_of_a_cut_off_event_are_masked() {
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    let mut event = writer.make_writer();
    cut_off(|| {
        event.write_all(b"tenantToken=FAKEten").unwrap();
        event
    });
    assert_eq!(lines(&record), ["tenantToken=*******"]);
}

#[test]
fn a_value_that_panics_in_write_cuts_the_event_off() {
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    let mut event = writer.make_writer();
    cut_off(move || {
        let half = PanicsBehind("FAKEten".to_owned());
        write!(event, "first, tenantToken={half:?}").unwrap();
    });
    assert_eq!(lines(&record), ["first, tenantToken=*******"]);
}

/// Its `Display` writes some text, then fails.
struct FailsBehind(&'static str);

impl fmt::Display for FailsBehind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)?;
        Err(fmt::Error)
    }
}

#[test]
fn a_value_that_cannot_be_formatted_cuts_the_event_off() {
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    let mut event = writer.make_writer();
    write!(event, "first, tenantToken={}", FailsBehind("FAKEten")).unwrap_err();
    drop(event);
    assert_eq!(lines(&record), ["first, tenantToken=*******"]);
}

#[test]
fn a_value_whose_panic_is_caught_cuts_the_event_off() {
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    let mut event = writer.make_writer();
    let half = PanicsBehind("FAKEten".to_owned());
    let caught = catch_unwind(AssertUnwindSafe(|| {
        write!(event, "first, tenantToken={half:?}")
    }));
    assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"cut off"));
    drop(event);
    assert_eq!(lines(&record), ["first, tenantToken=*******"]);
}

#[test]
fn nothing_is_written_behind_a_value_that_cannot_be_formatted() {
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    let mut event = writer.make_writer();
    write!(event, "tenantToken={}", FailsBehind("FAKEten")).unwrap_err();
    // A line break would make what stands before it seem to be no secret.
    event.write_all(b"\n").unwrap_err();
    event.write_fmt(format_args!("{}", 7)).unwrap_err();
    event.write_vectored(&[IoSlice::new(b"\n")]).unwrap_err();
    event.flush().unwrap_err();
    assert_eq!(lines(&record), [""; 0]);
    drop(event);
    assert_eq!(lines(&record), ["tenantToken=*******"]);
}

/// Logs when it is dropped.
struct LogsAtTheEnd(RecordingWriter);

impl Drop for LogsAtTheEnd {
    fn drop(&mut self) {
        let writer = redacted(&self.0);
        let mut event = writer.make_writer();
        event.write_all(b"token=FAKEten, ").unwrap();
        event.write_all(b"tenantToken=FAKEten").unwrap();
    }
}

#[test]
fn an_event_that_is_logged_while_unwinding_ends_cleanly() {
    let record = RecordingWriter::new();
    cut_off(|| LogsAtTheEnd(record.clone()));
    assert_eq!(lines(&record), ["token=FAKEten, tenantToken=FAKEten"]);
}

/// Takes half of what it is given, then panics.
struct PanicsInWrite(RecordingWriter);

impl Write for PanicsInWrite {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write_all(&bytes[..bytes.len() / 2])?;
        panic_quietly();
        Ok(0)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_panics_is_not_called_again_for_the_event() {
    let record = RecordingWriter::new();
    let writer = (|| PanicsInWrite(record.clone())).redacted();
    let line = format!("{}\n", samples::api_token());
    for event in [line.as_str(), line.trim_end()] {
        cut_off(|| {
            let mut writer = writer.make_writer();
            let _ = writer.write_all(event.as_bytes());
            let _ = writer.flush();
        });
    }
    let masked = samples::masked(&samples::api_token());
    let halves = [&masked[..line.len() / 2], &masked[..(line.len() - 1) / 2]];
    assert_eq!(lines(&record), halves);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_cut_off_event_is_what_the_oracle_says(
        input in strategies::input(),
        chunking in strategies::chunking(),
    ) {
        // A line break is an event's end, behind which there is nothing to be cut off.
        let input: Vec<u8> = input.into_iter().filter(|&byte| byte != b'\n').collect();
        let record = RecordingWriter::new();
        let writer = redacted(&record);
        cut_off(|| {
            let mut event = writer.make_writer();
            for piece in chunking.split(&input) {
                event.write_all(piece).unwrap();
            }
            event
        });
        prop_assert_eq!(record.bytes(), ORACLE.redact_fill_on_abort(&input, b'*'));
        prop_assert!(record.writes().len() <= 1);
    }
}
