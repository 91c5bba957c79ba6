//! A logger that logs inside its writer. Its own process, because only the global
//! subscriber is asked again while it writes.

use std::cell::Cell;
use std::io::{self, Write};

use dtmask_test::hostile::RecordingWriter;
use dtmask_test::samples;
use dtmask_tracing::RedactExt;

thread_local! {
    static WRITING: Cell<bool> = const { Cell::new(false) };
}

struct LogsItself(RecordingWriter);

impl Write for LogsItself {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !WRITING.replace(true) {
            tracing::warn!(token = samples::platform_token(), "while writing");
            WRITING.set(false);
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[test]
fn both_events_are_whole_and_redacted() {
    let record = RecordingWriter::new();
    let inner = record.clone();
    let writer = (move || LogsItself(inner.clone())).redacted();
    let counters = writer.counters();
    let builder = tracing_subscriber::fmt().without_time().with_ansi(false);
    builder.with_target(false).with_writer(writer).init();

    for _ in 0..3 {
        tracing::info!(token = samples::api_token(), "outside");
    }

    let line = |what: &str, token: &str| {
        format!("{what} token=\"{}\"\n", samples::masked(token)).into_bytes()
    };
    let inside = line(" WARN while writing", &samples::platform_token());
    let outside = line(" INFO outside", &samples::api_token());
    let both = [inside, outside];
    assert_eq!(record.writes(), [&both[..], &both, &both].concat());
    assert_eq!(counters.secrets(), 6);
}
