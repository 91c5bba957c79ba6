//! Many threads through one layer.

use std::thread;

use dtmask_test::hostile::RecordingWriter;
use dtmask_test::samples::{self, L21, S64};
use tracing::Dispatch;
use tracing::dispatcher::with_default;

use crate::{redacted, text};

const THREADS: usize = 8;
const EVENTS: usize = 10_000;

#[test]
fn eight_threads_write_each_event_once_and_whole() {
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    let counters = writer.counters();
    let builder = tracing_subscriber::fmt().without_time().with_ansi(false);
    let dispatch: Dispatch = builder
        .with_target(false)
        .with_writer(writer)
        .finish()
        .into();
    let token = samples::api_token();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (dispatch, token) = (&dispatch, &token);
            scope.spawn(move || {
                with_default(dispatch, || {
                    for event in 0..EVENTS {
                        match event % 3 {
                            0 => tracing::info!(number, event, %token, "sent"),
                            1 => tracing::info!(number, event, api_token = L21, "read"),
                            _ => tracing::info!(number, event, "nothing"),
                        }
                    }
                });
            });
        }
    });

    // Each write is one event, and each thread's events are all there, in order.
    let masked = samples::masked(&token);
    let mut next = [0; THREADS];
    for write in record.writes() {
        let line = text(&write);
        let (_, number) = line.split_once(" number=").expect("every event has it");
        let number: usize = number[..1].parse().unwrap();
        let event = next[number];
        next[number] += 1;
        let expected = match event % 3 {
            0 => format!(" INFO sent number={number} event={event} token={masked}\n"),
            1 => {
                let stars = "*".repeat(L21.len());
                format!(" INFO read number={number} event={event} api_token=\"{stars}\"\n")
            }
            _ => format!(" INFO nothing number={number} event={event}\n"),
        };
        assert_eq!(line, expected);
        assert!(!line.contains(S64));
    }
    assert_eq!(next, [EVENTS; THREADS]);

    let by_rule: Vec<_> = counters.by_rule().filter(|&(_, n)| n > 0).collect();
    let third = (THREADS * (EVENTS / 3)) as u64;
    // Each thread begins with a token, and ends with one too.
    let tokens = third + THREADS as u64;
    assert_eq!(by_rule, [("token", tokens), ("context-assign", third)]);
    assert_eq!(counters.secrets(), tokens + third);
}
