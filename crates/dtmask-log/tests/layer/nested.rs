//! A logger that logs while it writes.

use std::io::{self, Write};
use std::sync::LazyLock;

use dtmask_log::{RedactLog, RedactWriter, Redactor};
use dtmask_test::hostile::RecordingWriter;
use dtmask_test::samples;
use log::{Level, LevelFilter, Log, Record};

/// Says what it does in a record of its own, as a writer to the network does.
struct SaysSo {
    inner: RecordingWriter,
    logger: fn() -> &'static dyn Log,
}

impl Write for SaysSo {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut builder = Record::builder();
        builder.level(Level::Info).target("sink");
        let token = samples::platform_token();
        (self.logger)().log(&builder.args(format_args!("as {token}")).build());
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

fn text(record: &RecordingWriter) -> String {
    String::from_utf8(record.bytes()).unwrap()
}

fn log_twice(logger: &dyn Log) {
    let token = samples::api_token();
    for number in 1..=2 {
        crate::info(logger, format_args!("{number} {token} sent"));
    }
}

/// What `log_twice` should make.
fn masked() -> String {
    let masked = samples::masked(&samples::api_token());
    format!("1 {masked} sent\n2 {masked} sent\n")
}

/// env_logger cannot do this, and fern only with an output of its own for the records of
/// the writer: both hold the lock of an output while they write to it.
#[test]
fn fern_with_a_writer_that_logs() {
    static OUTSIDE: LazyLock<RecordingWriter> = LazyLock::new(RecordingWriter::new);
    static INSIDE: LazyLock<RecordingWriter> = LazyLock::new(RecordingWriter::new);
    static LOGGER: LazyLock<RedactLog<Box<dyn Log>>> = LazyLock::new(|| {
        let output = |writer: Box<dyn Write + Send>| fern::Output::writer(writer, "\n");
        let says_so = SaysSo {
            inner: OUTSIDE.clone(),
            logger: || &*LOGGER,
        };
        let writer = RedactWriter::new(&Redactor::new(), says_so);
        let service = fern::Dispatch::new().filter(|metadata| metadata.target() != "sink");
        let sink = fern::Dispatch::new().filter(|metadata| metadata.target() == "sink");
        let (_, logger) = fern::Dispatch::new()
            .level(LevelFilter::Info)
            .chain(service.chain(output(Box::new(writer))))
            .chain(sink.chain(output(Box::new(INSIDE.clone()))))
            .into_log();
        RedactLog::new(logger)
    });
    log_twice(&*LOGGER);
    assert_eq!(text(&OUTSIDE), masked());
    let line = format!("as {}\n", samples::masked(&samples::platform_token()));
    assert_eq!(text(&INSIDE), line.repeat(OUTSIDE.writes().len()));
}
