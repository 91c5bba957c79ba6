//! Events that reach their writer in several pieces, as formatters other than those of
//! tracing-subscriber may write them.

use std::fmt;
use std::io::{IoSlice, Write};

use dtmask_core::Rule;
use dtmask_test::hostile::RecordingWriter;
use dtmask_test::oracle::{Oracle, OraclePattern, OracleRule};
use dtmask_test::samples::{self, L21, S64};
use dtmask_test::{rules, strategies};
use dtmask_tracing::{RedactExt, Redactor, dtmask_core};
use proptest::prelude::*;
use tracing::dispatcher::with_default;
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::registry::LookupSpan;

use crate::{ORACLE, recording, redacted, text};

/// Writes `pieces` as one event, and flushes behind some of them.
fn event(writer: &impl for<'a> MakeWriter<'a>, pieces: &[&[u8]], flush: impl Fn(usize) -> bool) {
    let mut event = writer.make_writer();
    for (index, piece) in pieces.iter().enumerate() {
        event.write_all(piece).unwrap();
        if flush(index) {
            event.flush().unwrap();
        }
    }
}

fn legacy_masked() -> String {
    format!("api_token={}\n", "*".repeat(L21.len()))
}

#[test]
fn pieces_become_one_write() {
    let line = format!("api_token={L21}\n");
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    let (a, rest) = line.as_bytes().split_at(14);
    let (b, c) = rest.split_at(9);
    event(&writer, &[a, b, c], |_| false);
    // The same without a line break, with empty pieces, and byte by byte.
    event(&writer, &[a, b"", b, &c[..c.len() - 1]], |_| false);
    let bytes: Vec<&[u8]> = line.as_bytes().chunks(1).collect();
    event(&writer, &bytes, |_| false);
    let masked = legacy_masked();
    assert_eq!(
        record.writes(),
        [
            masked.as_bytes(),
            masked.trim_end().as_bytes(),
            masked.as_bytes()
        ]
    );
}

#[test]
fn an_event_without_bytes_is_no_write() {
    let record = RecordingWriter::new();
    event(&redacted(&record), &[], |_| false);
    event(&redacted(&record), &[b"", b""], |_| false);
    assert_eq!(record.writes(), [b""; 0]);
}

#[test]
fn every_way_to_write_is_one_write() {
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    let (half, rest) = L21.split_at(8);
    writeln!(writer.make_writer(), "api_token={half}{rest}").unwrap();
    let line = [
        IoSlice::new(b"api_token="),
        IoSlice::new(half.as_bytes()),
        IoSlice::new(b""),
        IoSlice::new(rest.as_bytes()),
        IoSlice::new(b"\n"),
    ];
    assert_eq!(writer.make_writer().write_vectored(&line).unwrap(), 32);
    let line = format!("api_token={L21}\n");
    assert_eq!(writer.make_writer().write(line.as_bytes()).unwrap(), 32);
    assert_eq!(record.writes(), [legacy_masked().as_bytes(); 3]);
}

#[test]
fn a_token_is_masked_on_both_sides_of_a_line_that_was_handed_on() {
    // The first line is a whole event, as far as anyone can tell.
    let (half, rest) = S64.split_at(40);
    let first = format!("dt0c01.{}.{half}\n", samples::P24);
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    event(&writer, &[first.as_bytes(), rest.as_bytes(), b"\n"], |_| {
        false
    });
    let expected = format!(
        "dt0c01.{}.{}\n{}\n",
        samples::P24,
        "*".repeat(40),
        "*".repeat(24)
    );
    assert_eq!(text(&record.bytes()), expected);
    assert_eq!(record.writes().len(), 2);
    // Neither half is counted twice.
    assert_eq!(writer.counters().secrets(), 2);
}

#[test]
fn half_a_secret_at_an_events_end_does_not_join_the_next_event() {
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    let (half, rest) = S64.split_at(32);
    let id = format!("dt0c01.{}.", samples::P24);
    event(&writer, &[id.as_bytes(), half.as_bytes()], |_| false);
    event(&writer, &[rest.as_bytes(), b" ok"], |_| false);
    // What is undecided at a clean end is no secret, and nothing to the next event.
    event(&writer, &[b"api_token=FAKE_leg"], |_| false);
    event(&writer, &[b"acy-tok3n_abc"], |_| false);
    let masked = format!("{id}{}", "*".repeat(32));
    let expected = [
        &masked,
        &format!("{rest} ok"),
        "api_token=FAKE_leg",
        "acy-tok3n_abc",
    ];
    assert_eq!(record.writes(), expected.map(str::as_bytes));
}

/// Writes message and fields, and no line break.
struct Bare;

impl<S, N> FormatEvent<S, N> for Bare
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        context.format_fields(writer, event)
    }
}

fn bare<M>(writer: M) -> Dispatch
where
    M: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let builder = tracing_subscriber::fmt()
        .with_ansi(false)
        .event_format(Bare);
    builder.with_writer(writer).finish().into()
}

#[test]
fn nor_does_it_through_a_formatter_that_ends_no_line() {
    let (half, rest) = S64.split_at(32);
    let (legacy_half, legacy_rest) = L21.split_at(16);
    let (undecided, decided) = L21.split_at(15);
    let log = || {
        tracing::info!("dt0c01.{}.{half}", samples::P24);
        tracing::info!("{rest} ok");
        tracing::info!("api_token={legacy_half}");
        tracing::info!("{legacy_rest} ok");
        tracing::info!("api_token={undecided}");
        tracing::info!("{decided} ok");
    };
    // What the inner writer gets would be whole tokens.
    let plain = RecordingWriter::new();
    with_default(&bare(recording(&plain)), log);
    let token = samples::api_token();
    let expected = format!("{token} okapi_token={L21} okapi_token={L21} ok");
    assert_eq!(text(&plain.bytes()), expected);

    let record = RecordingWriter::new();
    with_default(&bare(redacted(&record)), log);
    let expected = [
        &format!("dt0c01.{}.{}", samples::P24, "*".repeat(32)),
        &format!("{rest} ok"),
        &format!("api_token={}", "*".repeat(16)),
        &format!("{legacy_rest} ok"),
        // One character less than it takes to know it.
        &format!("api_token={undecided}"),
        &format!("{decided} ok"),
    ];
    assert_eq!(record.writes(), expected.map(String::as_bytes));
}

#[test]
fn an_event_of_a_mebibyte_is_one_write() {
    let token = samples::api_token();
    let masked = samples::masked(&token);
    let filler = "all is well. ".repeat(45_000);
    let line = |token: &str| format!("{filler}{token}{filler}api_token={token}\n");
    let record = RecordingWriter::new();
    let writer = redacted(&record);
    let long = line(&token);
    assert!(long.len() > 1 << 20);
    event(&writer, &[long.as_bytes()], |_| false);
    let pieces: Vec<&[u8]> = long.as_bytes().chunks(10_007).collect();
    event(&writer, &pieces, |_| false);
    let clean = line("token");
    event(&writer, &[clean.as_bytes()], |_| false);
    let expected = [line(&masked), line(&masked), clean];
    assert!(record.writes() == expected.map(String::into_bytes));
}

/// A rule whose secrets may go on behind a line break, which the default ones never do.
fn across_lines() -> (Redactor, Oracle) {
    let mut oracle = rules::default_rules();
    oracle.push(OracleRule {
        name: "across lines".to_owned(),
        patterns: vec![OraclePattern {
            keep: "(?i:token)".to_owned(),
            secret: r"[^;=.]".to_owned(),
            min: 6,
            max: Some(30),
        }],
    });
    let rule = Rule::new("across lines").pattern("(?i:token)", r"[^;=.]", 6, Some(30));
    let redactor = Redactor::builder().rule(rule).build().unwrap();
    (redactor, Oracle::new(&oracle))
}

#[test]
fn a_secret_that_goes_on_behind_a_line_break_is_masked() {
    let record = RecordingWriter::new();
    let writer = recording(&record).redacted_by(across_lines().0);
    event(&writer, &[b"token\nab\n", b"cd\nef;\n"], |_| false);
    assert_eq!(record.writes(), [b"token*********;\n"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Law 1, law 2 and law 8 for events: however one is cut and wherever it is flushed,
    /// the bytes are the oracle's, and so are the numbers.
    #[test]
    fn any_event_in_any_pieces_is_what_the_oracle_says(
        input in strategies::input(),
        chunking in strategies::chunking(),
        flush in any::<u64>(),
    ) {
        let pieces = chunking.split(&input);
        let expected = ORACLE.redact_fill(&input, b'*');
        for flush in [0, flush] {
            let record = RecordingWriter::new();
            let writer = redacted(&record);
            event(&writer, &pieces, |index| flush >> (index % 64) & 1 == 1);
            prop_assert_eq!(record.bytes(), expected.as_slice());
            let secrets = ORACLE.secrets(&input);
            for (rule, count) in writer.counters().by_rule() {
                let of_rule = secrets.iter().filter(|secret| secret.rule == rule);
                prop_assert_eq!(count, of_rule.count() as u64, "{}", rule);
            }
            if flush == 0 {
                let lines = pieces.iter().filter(|piece| piece.ends_with(b"\n"));
                prop_assert!(record.writes().len() <= lines.count() + 1);
            }
        }
    }

    #[test]
    fn so_is_one_with_rules_that_do_not_end_at_a_line_break(
        input in strategies::input(),
        chunking in strategies::chunking(),
    ) {
        thread_local! {
            static RULES: (Redactor, Oracle) = across_lines();
        }
        RULES.with(|(redactor, oracle)| {
            let record = RecordingWriter::new();
            let writer = recording(&record).redacted_by(redactor.clone());
            event(&writer, &chunking.split(&input), |_| false);
            prop_assert_eq!(record.bytes(), oracle.redact_fill(&input, b'*'));
            Ok(())
        })?;
    }
}
