//! Writers that fail, and events that are logged while another is written.

use std::io::{self, ErrorKind, Write};
use std::sync::Mutex;

use dtmask_test::hostile::{Fault, HostileWriter, RecordingWriter, Schedule};
use dtmask_test::samples::{self, L21, S64};
use dtmask_tracing::{RedactExt, RedactMakeWriter};
use tracing::Dispatch;
use tracing::dispatcher::with_default;
use tracing_subscriber::fmt::MakeWriter;

use crate::{MakeRecording, redacted, text};

fn hostile(schedule: Schedule) -> (RedactMakeWriter<Mutex<HostileWriter>>, RecordingWriter) {
    let writer = HostileWriter::new(schedule);
    let taken = writer.taken();
    (Mutex::new(writer).redacted(), taken)
}

fn line() -> String {
    format!("api_token={L21} {}\n", samples::api_token())
}

fn masked() -> String {
    let token = samples::masked(&samples::api_token());
    format!("api_token={} {token}\n", "*".repeat(L21.len()))
}

#[test]
fn an_error_comes_once_and_unchanged_and_nothing_comes_after_it() {
    for (fault, kind) in [
        (Fault::Error, ErrorKind::Other),
        (Fault::BrokenPipe, ErrorKind::BrokenPipe),
        (Fault::WouldBlock, ErrorKind::WouldBlock),
        (Fault::Zero, ErrorKind::WriteZero),
    ] {
        // The second call of the inner writer fails, with half of the line taken.
        let schedule = Schedule::new().step(25).fault_at(1, fault);
        let (writer, taken) = hostile(schedule);
        let mut event = writer.make_writer();
        let error = event.write_all(line().as_bytes()).unwrap_err();
        assert_eq!(error.kind(), kind);
        if fault == Fault::Error {
            assert_eq!(error.to_string(), "scheduled fault");
        }
        for error in [
            event.write_all(line().as_bytes()).unwrap_err(),
            event.write(b"api_token=").unwrap_err(),
            event.write_fmt(format_args!("{L21}{L21}")).unwrap_err(),
            event.write_vectored(&[]).unwrap_err(),
            event.flush().unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Other);
            assert_ne!(error.to_string(), "scheduled fault");
        }
        drop(event);
        assert_eq!(taken.bytes(), &masked().as_bytes()[..25]);

        // The next event knows nothing of it.
        writer.make_writer().write_all(line().as_bytes()).unwrap();
        assert_eq!(taken.bytes()[25..], *masked().as_bytes());
    }
}

#[test]
fn what_was_held_or_gathered_is_not_written_after_an_error() {
    let (writer, taken) = hostile(Schedule::new().fault_at(0, Fault::Error));
    let mut event = writer.make_writer();
    event.write_all(b"tenantToken=FAKEten").unwrap();
    // What is decided fails to be written, the seven bytes behind it are held.
    assert_eq!(event.flush().unwrap_err().to_string(), "scheduled fault");
    drop(event);
    assert_eq!(taken.bytes(), b"");

    let (writer, taken) = hostile(Schedule::new().fault_at(0, Fault::Error));
    let mut event = writer.make_writer();
    event.write_all(b"tenantToken=").unwrap();
    let error = event.write_all(b"FAKEtenantTok3n0\n").unwrap_err();
    assert_eq!(error.to_string(), "scheduled fault");
    drop(event);
    assert_eq!(taken.bytes(), b"");
}

#[test]
fn an_error_at_the_end_is_silent_and_writes_nothing_more() {
    let (writer, taken) = hostile(Schedule::new().fault_at(0, Fault::Error));
    let line = line();
    writer
        .make_writer()
        .write_all(line.trim_end().as_bytes())
        .unwrap();
    assert_eq!(taken.bytes(), b"");
}

#[test]
fn a_flush_that_fails_says_so_once() {
    let inner = HostileWriter::new(Schedule::new())
        .with_flush_fault(Fault::BrokenPipe)
        .with_flush_fault(Fault::Interrupted);
    let taken = inner.taken();
    let writer = Mutex::new(inner).redacted();
    let mut event = writer.make_writer();
    event.write_all(line().as_bytes()).unwrap();
    // Interrupted is tried again.
    assert_eq!(event.flush().unwrap_err().kind(), ErrorKind::BrokenPipe);
    assert_eq!(event.flush().unwrap_err().kind(), ErrorKind::Other);
    drop(event);
    assert_eq!(taken.bytes(), masked().as_bytes());
}

#[test]
fn interruptions_and_short_writes_change_nothing() {
    let schedule = Schedule::new().step(3).interrupted_every(2);
    let (writer, taken) = hostile(schedule);
    writer.make_writer().write_all(line().as_bytes()).unwrap();
    assert_eq!(text(&taken.bytes()), masked());
}

#[test]
fn a_failing_writer_behind_fmt_leaves_the_next_events_whole() {
    let (writer, taken) = hostile(Schedule::new().fault_at(1, Fault::Error));
    let builder = tracing_subscriber::fmt().without_time().with_ansi(false);
    let dispatch: Dispatch = builder
        .with_target(false)
        .with_writer(writer)
        .finish()
        .into();
    let token = samples::api_token();
    with_default(&dispatch, || {
        for number in 0..3 {
            tracing::info!(number, "{token}");
        }
    });
    let line = |number| format!(" INFO {} number={number}\n", samples::masked(&token));
    assert_eq!(text(&taken.bytes()), line(0) + &line(2));
}

/// Logs an event of its own for each that it writes.
struct LogsItself {
    record: RecordingWriter,
    writer: RedactMakeWriter<MakeRecording>,
}

impl Write for &LogsItself {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let inner = format!(
            "while writing {} bytes: {}\n",
            bytes.len(),
            line().trim_end()
        );
        self.writer.make_writer().write_all(inner.as_bytes())?;
        self.record.clone().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn an_event_within_an_event_is_redacted_and_so_is_the_outer_one() {
    let record = RecordingWriter::new();
    let logs_itself = LogsItself {
        writer: redacted(&record),
        record: record.clone(),
    };
    let writer = (|| &logs_itself).redacted();
    for _ in 0..2 {
        writer.make_writer().write_all(line().as_bytes()).unwrap();
    }
    let inner = format!("while writing {} bytes: {}", masked().len(), masked());
    let lines = [inner.clone(), masked(), inner, masked()];
    let writes = record.writes();
    assert_eq!(
        writes.iter().map(|write| text(write)).collect::<Vec<_>>(),
        lines
    );
    assert!(!text(&record.bytes()).contains(S64));
}
