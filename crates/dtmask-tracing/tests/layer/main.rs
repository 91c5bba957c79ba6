//! The layer with the real formatters and writers of the tracing crates.

mod cost;
mod faults;
mod formats;
mod panics;
mod pieces;
mod places;
mod threads;
mod writers;

use std::sync::LazyLock;

use dtmask_test::hostile::RecordingWriter;
use dtmask_test::oracle::Oracle;
use dtmask_tracing::{RedactExt, RedactMakeWriter};
use tracing_subscriber::fmt::MakeWriter;

/// The judge of all outputs.
static ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::default_rules);

/// A `MakeWriter` whose writers share one record.
#[derive(Clone, Debug)]
struct MakeRecording(RecordingWriter);

impl<'a> MakeWriter<'a> for MakeRecording {
    type Writer = RecordingWriter;

    fn make_writer(&'a self) -> RecordingWriter {
        self.0.clone()
    }
}

fn recording(record: &RecordingWriter) -> MakeRecording {
    MakeRecording(record.clone())
}

fn redacted(record: &RecordingWriter) -> RedactMakeWriter<MakeRecording> {
    recording(record).redacted()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("log lines are text")
}
