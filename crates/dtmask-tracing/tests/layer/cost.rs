//! What the layer costs a clean event: no allocation.

use std::io::{self, Write};

use allocation_counter::measure;
use dtmask_test::hostile::RecordingWriter;
use dtmask_tracing::{EventWriter, RedactExt, RedactMakeWriter};
use tracing::Dispatch;
use tracing::dispatcher::with_default;
use tracing_subscriber::fmt::MakeWriter;

use crate::redacted;

/// Clean, though two words ask for a closer look.
const WORDY: &[u8] = b"INFO the api token has expired, see dt0 in the manual\n";

fn allocations(mut work: impl FnMut()) -> u64 {
    // The first event of a thread makes the buffers for the later ones.
    work();
    work();
    measure(work).count_total
}

#[test]
fn a_clean_event_allocates_nothing() {
    let writer = io::sink.redacted();
    let count = allocations(|| {
        let event = writer.make_writer().write_all(b"INFO all is well\n");
        event.unwrap();
    });
    assert_eq!(count, 0);
}

#[test]
fn an_event_in_pieces_allocates_nothing_if_it_is_clean() {
    let writer = io::sink.redacted();
    let count = allocations(|| {
        let mut event = writer.make_writer();
        event.write_all(b"INFO ").unwrap();
        writeln!(event, "{} of {} are well", 3, 4).unwrap();
    });
    assert_eq!(count, 0);
}

#[test]
fn a_clean_event_through_fmt_allocates_no_more_than_without_the_layer() {
    fn events<M>(writer: M) -> u64
    where
        M: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    {
        let builder = tracing_subscriber::fmt().json();
        let dispatch: Dispatch = builder.with_writer(writer).finish().into();
        with_default(&dispatch, || {
            allocations(|| tracing::info!(user = 7, "all is well"))
        })
    }
    assert_eq!(events(io::sink.redacted()), events(io::sink));
}

#[test]
fn an_event_allocates_if_no_buffer_is_kept_that_is_as_long() {
    let writer = io::sink.redacted();
    let count = |length: usize| {
        let event = [&vec![b'.'; length - 1], &b"\n"[..]].concat();
        measure(|| writer.make_writer().write_all(&event).unwrap()).count_total
    };
    let large = 64 << 10;
    // Makes the state of the redactor.
    count(large + 1);
    for (length, allocations) in [
        (8, 1),
        (8, 0),
        (large / 2, 1),
        (8, 0),
        (large / 2, 0),
        (large, 1),
        (large, 0),
        (large + 1, 1),
        (large + 1, 1),
        (8, 1),
        (8, 0),
    ] {
        assert_eq!(count(length), allocations, "{length}");
    }
}

#[test]
fn large_buffers_are_not_kept() {
    let writer = io::sink.redacted();
    let large = b"all is well ".repeat(100_000);
    writer.make_writer().write_all(&large).unwrap();
    let mut event = writer.make_writer();
    let kept = measure(|| event.write_all(b"all is well\n").unwrap());
    assert!((1..1_000).contains(&kept.bytes_total), "{kept:?}");
}

#[test]
fn wordy_events_are_handed_on_as_they_are() {
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    writer.make_writer().write_all(WORDY).unwrap();
    assert_eq!(record.writes(), [WORDY]);
    assert_eq!(writer.counters().secrets(), 0);

    let writer = io::sink.redacted();
    let count = allocations(|| writer.make_writer().write_all(WORDY).unwrap());
    assert_eq!(count, 0);
}

#[test]
fn auto_traits() {
    fn is_send_and_sync<T: Send + Sync + 'static>(_: &T) {}
    fn is_send<T: Send>() {}
    let writer: RedactMakeWriter<fn() -> io::Stderr> = RedactMakeWriter::new(io::stderr);
    is_send_and_sync(&writer);
    is_send_and_sync(&writer.counters());
    is_send::<EventWriter<'static, io::Stderr>>();
    assert!(size_of::<EventWriter<'static, io::Stderr>>() <= 96);
}
