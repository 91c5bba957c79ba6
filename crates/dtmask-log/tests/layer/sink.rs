//! The other way: a writer behind the logger, where its bytes leave the process.

use std::io::{LineWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dtmask_log::{RedactLog, RedactWriter, Redactor};
use dtmask_test::hostile::{Fault, HostileWriter, RecordingWriter, Schedule};
use dtmask_test::samples::{self, L21, P24, S64};
use log::{LevelFilter, Log};

use crate::info;

fn redacting(inner: impl Write + Send + 'static) -> Box<dyn Write + Send> {
    Box::new(RedactWriter::new(&Redactor::new(), inner))
}

fn text(record: &RecordingWriter) -> String {
    String::from_utf8(record.bytes()).unwrap()
}

/// Counts the writes that reach it.
struct CountsWrites<W>(W, Arc<AtomicUsize>);

impl<W: Write> Write for CountsWrites<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.1.fetch_add(1, Ordering::Relaxed);
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// A logger of fern that hands on each record in seven pieces, with a cut in its secret.
fn in_seven_pieces(writer: Box<dyn Write + Send>) -> Box<dyn Log> {
    let (_, logger) = fern::Dispatch::new()
        .format(|out, message, record| {
            let text = message.to_string();
            let (half, rest) = text.split_at(text.len() / 2);
            let (level, target) = (record.level(), record.target());
            out.finish(format_args!("{level} [{target}] {half}{rest}"));
        })
        .chain(fern::Output::writer(writer, "\n"))
        .into_log();
    logger
}

#[test]
fn a_secret_split_over_the_writes_of_fern_is_masked() {
    let writes = Arc::new(AtomicUsize::new(0));
    let record = RecordingWriter::new();
    let inner = RedactWriter::new(&Redactor::new(), record.clone());
    let counting = CountsWrites(inner, Arc::clone(&writes));
    let logger = in_seven_pieces(Box::new(counting));
    let token = samples::api_token();
    let line = format!("api_token={L21} tenantToken=FAKEten {token} ok");
    info(&logger, format_args!("{line}"));
    assert_eq!(writes.load(Ordering::Relaxed), 7);
    info(&logger, format_args!("{token}"));

    let masked = samples::masked(&token);
    let stars = "*".repeat(L21.len());
    let expected = format!(
        "INFO [service] api_token={stars} tenantToken=FAKEten {masked} ok\nINFO [service] {masked}\n"
    );
    assert_eq!(text(&record), expected);
    // One inner write at most for each of its writes.
    assert!(record.writes().len() <= writes.load(Ordering::Relaxed));
}

#[test]
fn every_cut_of_a_record_is_masked() {
    let token = samples::short_token("dt0s16");
    let line = format!("api_token={L21} {token}\n");
    let masked = format!(
        "api_token={} {}\n",
        "*".repeat(L21.len()),
        samples::masked(&token)
    );
    for cut in 0..=line.len() {
        let record = RecordingWriter::new();
        let mut writer = redacting(record.clone());
        let (a, b) = line.split_at(cut);
        for piece in [a, b] {
            writer.write_all(piece.as_bytes()).unwrap();
            writer.flush().unwrap();
        }
        assert_eq!(text(&record), masked, "cut at {cut}");
    }
}

#[test]
fn a_line_writer_behind_it_keeps_lines_whole() {
    let record = RecordingWriter::new();
    let logger = in_seven_pieces(redacting(LineWriter::new(record.clone())));
    info(&logger, format_args!("first {}", samples::api_token()));
    info(&logger, format_args!("second"));
    let masked = samples::masked(&samples::api_token());
    let lines = [
        format!("INFO [service] first {masked}\n"),
        "INFO [service] second\n".to_owned(),
    ];
    // A part of a line may come before a flush, but no write goes over a line's end.
    for write in record.writes() {
        let breaks = write.iter().filter(|&&byte| byte == b'\n').count();
        assert!(breaks == 0 || (breaks == 1 && write.ends_with(b"\n")));
    }
    assert_eq!(text(&record), lines.concat());
}

#[test]
fn env_logger_writes_each_record_once() {
    let record = RecordingWriter::new();
    let logger = env_logger::Builder::new()
        .filter_level(LevelFilter::Info)
        .format_timestamp(None)
        .target(env_logger::Target::Pipe(redacting(record.clone())))
        .build();
    let token = samples::api_token();
    info(&logger, format_args!("Bearer {token}"));
    info(&logger, format_args!("api_token={L21}"));
    let stars = "*".repeat(L21.len());
    let lines = [
        format!("[INFO  service] Bearer {}\n", samples::masked(&token)),
        format!("[INFO  service] api_token={stars}\n"),
    ];
    assert_eq!(record.writes(), lines.map(String::into_bytes));
}

#[test]
fn simplelog_writes_a_record_in_pieces() {
    let record = RecordingWriter::new();
    let config = simplelog::ConfigBuilder::new()
        .set_time_level(LevelFilter::Off)
        .build();
    let writer = redacting(record.clone());
    let logger = simplelog::WriteLogger::new(LevelFilter::Info, config, writer);
    info(
        &*logger,
        format_args!("api_token={}{}", &L21[..8], &L21[8..]),
    );
    let stars = "*".repeat(L21.len());
    assert_eq!(text(&record), format!("[INFO] api_token={stars}\n"));
}

#[test]
fn a_token_that_wraps_into_the_next_record_is_masked() {
    // State crosses records here on purpose: the sink sees only bytes.
    let record = RecordingWriter::new();
    let mut writer = redacting(record.clone());
    let (half, rest) = S64.split_at(40);
    writeln!(writer, "dt0c01.{P24}.{half}").unwrap();
    writeln!(writer, "{rest} ok").unwrap();
    let expected = format!("dt0c01.{P24}.{}\n{} ok\n", "*".repeat(40), "*".repeat(24));
    assert_eq!(text(&record), expected);
}

#[test]
fn both_ways_together_mask_what_one_does() {
    let record = RecordingWriter::new();
    let logger = RedactLog::new(in_seven_pieces(redacting(record.clone())));
    info(&logger, format_args!("Bearer {}", samples::api_token()));
    let masked = samples::masked(&samples::api_token());
    assert_eq!(text(&record), format!("INFO [service] Bearer {masked}\n"));
}

#[test]
fn nothing_is_written_after_an_error() {
    let writer = HostileWriter::new(Schedule::new().fault_at(1, Fault::Error));
    let taken = writer.taken();
    let logger = env_logger::Builder::new()
        .filter_level(LevelFilter::Info)
        .format_timestamp(None)
        .target(env_logger::Target::Pipe(redacting(writer)))
        .build();
    for number in 0..4 {
        info(&logger, format_args!("{number} {}", samples::api_token()));
    }
    drop(logger);
    let masked = samples::masked(&samples::api_token());
    assert_eq!(text(&taken), format!("[INFO  service] 0 {masked}\n"));
}
