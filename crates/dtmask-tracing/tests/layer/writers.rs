//! The writers and combinators of tracing-subscriber and tracing-appender.

use std::fs::{self, File};
use std::io::Write;
use std::sync::{Arc, Mutex};

use dtmask_core::Rule;
use dtmask_test::hostile::RecordingWriter;
use dtmask_test::samples::{self, L21, S64};
use dtmask_tracing::{RedactExt, RedactMakeWriter, RedactWriter, Redactor, dtmask_core};
use tracing::dispatcher::with_default;
use tracing::{Dispatch, Level, Metadata};
use tracing_subscriber::fmt::writer::{BoxMakeWriter, MakeWriterExt};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, reload};

use crate::{MakeRecording, recording, redacted, text};

fn subscriber<M>(writer: M) -> Dispatch
where
    M: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt().without_time().with_ansi(false);
    let builder = builder.with_max_level(Level::TRACE).with_target(false);
    builder.with_writer(writer).finish().into()
}

/// Logs two events and says what must come of them.
fn log(dispatch: &Dispatch) -> [String; 2] {
    let token = samples::api_token();
    with_default(dispatch, || {
        tracing::info!(%token, "sent");
        tracing::debug!(api_token = L21);
    });
    let masked = samples::masked(&token);
    [
        format!(" INFO sent token={masked}\n"),
        format!("DEBUG api_token=\"{}\"\n", "*".repeat(L21.len())),
    ]
}

fn lines(writes: &[Vec<u8>]) -> Vec<&str> {
    writes.iter().map(|write| text(write)).collect()
}

#[test]
fn no_secret_enters_the_queue_of_a_non_blocking_writer() {
    let record = RecordingWriter::new();
    let (queue, guard) = tracing_appender::non_blocking(record.clone());
    let expected = log(&subscriber(queue.redacted()));
    drop(guard);
    assert_eq!(lines(&record.writes()), expected);
}

#[test]
fn a_redact_writer_behind_the_queue_keeps_state_across_events() {
    let (half, rest) = L21.split_at(8);
    let pieces = [format!("api_token={half}"), format!("{rest} ok")];

    // Before the queue each event stands for itself.
    let record = RecordingWriter::new();
    let (queue, guard) = tracing_appender::non_blocking(record.clone());
    let writer = queue.redacted();
    for piece in &pieces {
        writer.make_writer().write_all(piece.as_bytes()).unwrap();
    }
    drop((writer, guard));
    assert_eq!(lines(&record.writes()), pieces);

    // Behind it there are only bytes.
    let record = RecordingWriter::new();
    let inner = RedactWriter::new(&Redactor::new(), record.clone());
    let (queue, guard) = tracing_appender::non_blocking(inner);
    for piece in &pieces {
        queue.clone().write_all(piece.as_bytes()).unwrap();
    }
    let expected = log(&subscriber(queue)).concat();
    drop(guard);
    let stars = "*".repeat(L21.len());
    assert_eq!(
        text(&record.bytes()),
        format!("api_token={stars} ok{expected}")
    );
}

#[test]
fn rolling_files() {
    let dir = tempfile::tempdir().unwrap();
    let file = tracing_appender::rolling::never(dir.path(), "service.log");
    let expected = log(&subscriber(file.redacted()));
    let (queue, guard) =
        tracing_appender::non_blocking(tracing_appender::rolling::hourly(dir.path(), "queued"));
    log(&subscriber(queue.redacted()));
    drop(guard);
    let mut names = Vec::new();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        names.push(entry.file_name().into_string().unwrap());
        let content = fs::read_to_string(entry.path()).unwrap();
        assert_eq!(content, expected.concat(), "{names:?}");
    }
    assert_eq!(names.len(), 2);
}

#[test]
fn files_and_mutexes() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut expected = String::new();
    expected += &log(&subscriber(file.reopen().unwrap().redacted())).concat();
    let append = || File::options().append(true).open(file.path()).unwrap();
    expected += &log(&subscriber(Arc::new(append()).redacted())).concat();
    expected += &log(&subscriber(Mutex::new(append()).redacted())).concat();
    file.flush().unwrap();
    assert_eq!(fs::read_to_string(file.path()).unwrap(), expected);
}

#[test]
fn tee_redacted_as_a_whole_and_on_one_side() {
    let (left, right) = (RecordingWriter::new(), RecordingWriter::new());
    let both = recording(&left).and(recording(&right)).redacted();
    let counters = both.counters();
    let expected = log(&subscriber(both));
    assert_eq!(lines(&left.writes()), expected);
    assert_eq!(lines(&right.writes()), expected);
    assert_eq!(counters.secrets(), 2);

    let (left, right) = (RecordingWriter::new(), RecordingWriter::new());
    let expected = log(&subscriber(redacted(&left).and(recording(&right))));
    assert_eq!(lines(&left.writes()), expected);
    assert!(text(&right.bytes()).contains(S64));
}

#[test]
fn level_filters_inside_and_outside() {
    for outside in [false, true] {
        let record = RecordingWriter::new();
        let [info, _] = if outside {
            log(&subscriber(redacted(&record).with_max_level(Level::INFO)))
        } else {
            let filtered = recording(&record).with_max_level(Level::INFO);
            log(&subscriber(filtered.redacted()))
        };
        assert_eq!(lines(&record.writes()), [info], "outside: {outside}");
    }
}

#[test]
fn boxed() {
    let record = RecordingWriter::new();
    let inside = BoxMakeWriter::new(recording(&record)).redacted();
    let expected = log(&subscriber(inside));
    assert_eq!(lines(&record.writes()), expected);
    let outside = BoxMakeWriter::new(redacted(&record));
    log(&subscriber(outside));
    assert_eq!(lines(&record.writes())[2..], expected);
}

#[test]
fn reloaded() {
    let (first, second) = (RecordingWriter::new(), RecordingWriter::new());
    let layer = fmt::layer()
        .without_time()
        .with_ansi(false)
        .with_target(false);
    let (layer, handle) = reload::Layer::new(layer.with_writer(redacted(&first)));
    let registry = tracing_subscriber::registry().with(EnvFilter::new("debug"));
    let dispatch = registry.with(layer).into();
    let expected = log(&dispatch);
    // Where this is the default, or tracing asks another one which events it wants.
    with_default(&dispatch, || {
        let reload = |layer: &mut fmt::Layer<_, _, _, _>| *layer.writer_mut() = redacted(&second);
        handle.modify(reload).unwrap();
    });
    log(&dispatch);
    assert_eq!(lines(&first.writes()), expected);
    assert_eq!(lines(&second.writes()), expected);
}

/// Knows which events it was asked for with their metadata.
struct ByLevel {
    errors: MakeRecording,
    others: MakeRecording,
}

impl<'a> MakeWriter<'a> for ByLevel {
    type Writer = RecordingWriter;

    fn make_writer(&'a self) -> RecordingWriter {
        self.others.make_writer()
    }

    fn make_writer_for(&'a self, meta: &Metadata<'_>) -> RecordingWriter {
        match *meta.level() {
            Level::ERROR => self.errors.make_writer(),
            _ => self.make_writer(),
        }
    }
}

#[test]
fn the_inner_writer_is_made_for_the_event() {
    let (errors, others) = (RecordingWriter::new(), RecordingWriter::new());
    let writer = RedactMakeWriter::new(ByLevel {
        errors: recording(&errors),
        others: recording(&others),
    });
    with_default(&subscriber(writer), || {
        tracing::error!(api_token = L21);
        tracing::warn!("well");
    });
    let stars = "*".repeat(L21.len());
    assert_eq!(
        lines(&errors.writes()),
        [format!("ERROR api_token=\"{stars}\"\n")]
    );
    assert_eq!(lines(&others.writes()), [" WARN well\n"]);
}

#[test]
fn clones_share_their_counters_and_others_do_not() {
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    let counters = writer.clone().counters();
    assert_eq!(counters.secrets(), 0);
    log(&subscriber(writer.clone()));
    assert_eq!(counters.secrets(), 2);
    let rules = writer.redactor().rules();
    let names: Vec<_> = rules.map(Rule::name).collect();
    let counted: Vec<_> = counters.by_rule().map(|(rule, _)| rule).collect();
    assert_eq!(counted, names);
    let shown = format!("{counters:?}");
    assert!(shown.contains("\"token\": 1"), "{shown}");
    assert_eq!(redacted(&record).counters().secrets(), 0);
}
