//! Every formatter of tracing-subscriber: the output is what the formatter writes, with
//! the secrets that the oracle sees in each event masked, and nothing else.

use dtmask_core::Mask;
use dtmask_test::hostile::RecordingWriter;
use dtmask_test::samples::{self, L21, S64};
use dtmask_tracing::{RedactExt, Redactor, dtmask_core};
use tracing::Dispatch;
use tracing::dispatcher::with_default;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::places::{self, log_all};
use crate::{ORACLE, recording, redacted, text};

#[derive(Clone, Copy, Debug)]
enum Format {
    Full,
    Compact,
    Pretty,
    Json,
    JsonFlat,
}

const FORMATS: [Format; 5] = [
    Format::Full,
    Format::Compact,
    Format::Pretty,
    Format::Json,
    Format::JsonFlat,
];

fn subscriber<M>(format: Format, ansi: bool, writer: M) -> Dispatch
where
    M: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    // Without the time, so that two runs write the same.
    let builder = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_ansi(ansi)
        .without_time()
        .with_writer(writer);
    match format {
        Format::Full => builder.finish().into(),
        Format::Compact => builder.compact().finish().into(),
        Format::Pretty => builder.pretty().finish().into(),
        Format::Json => builder.json().with_span_list(true).finish().into(),
        Format::JsonFlat => {
            let builder = builder.json().flatten_event(true);
            builder.with_current_span(true).finish().into()
        }
    }
}

fn writes_of(dispatch: &Dispatch, record: &RecordingWriter, log: impl FnOnce()) -> Vec<Vec<u8>> {
    with_default(dispatch, log);
    record.writes()
}

#[test]
fn every_formatter_writes_what_it_did_with_every_secret_masked() {
    for format in FORMATS {
        for ansi in [false, true] {
            let record = RecordingWriter::new();
            let plain = subscriber(format, ansi, recording(&record));
            let plain = writes_of(&plain, &record, log_all);
            assert_eq!(plain.len(), places::EVENTS);

            let record = RecordingWriter::new();
            let layer = subscriber(format, ansi, redacted(&record));
            let writes = writes_of(&layer, &record, log_all);
            let expected: Vec<_> = plain.iter().map(|e| ORACLE.redact_fill(e, b'*')).collect();
            for (write, expected) in writes.iter().zip(&expected) {
                assert_eq!(text(write), text(expected), "{format:?}, ansi {ansi}");
            }
            assert_eq!(writes.len(), expected.len(), "{format:?}, ansi {ansi}");

            // The oracle is not asked whether it missed one.
            for (write, plain) in writes.iter().zip(&plain) {
                for secret in places::secrets() {
                    assert!(!text(write).contains(secret), "{}", text(write));
                }
                let leaks = |secret| text(plain).contains(secret);
                let clean = !places::secrets().into_iter().any(leaks);
                assert_eq!(write == plain, clean, "{}", text(write));
            }
        }
    }
}

#[test]
fn identifiers_stay_readable() {
    for format in FORMATS {
        let record = RecordingWriter::new();
        let dispatch = subscriber(format, false, redacted(&record));
        let token = samples::api_token();
        writes_of(&dispatch, &record, || tracing::info!(%token, "sent"));
        let masked = samples::masked(&token);
        assert!(text(&record.bytes()).contains(&masked), "{format:?}");
    }
}

#[test]
fn a_text_mask_stands_once_for_each_secret() {
    let mask = Mask::text("[REDACTED]").unwrap();
    let redactor = Redactor::builder().mask(mask).build().unwrap();
    for format in FORMATS {
        let record = RecordingWriter::new();
        let plain = subscriber(format, true, recording(&record));
        let plain = writes_of(&plain, &record, log_all);

        let record = RecordingWriter::new();
        let writer = recording(&record).redacted_by(redactor.clone());
        let layer = subscriber(format, true, writer);
        let writes = writes_of(&layer, &record, log_all);
        for (write, plain) in writes.iter().zip(&plain) {
            let expected = ORACLE.redact_text(plain, "[REDACTED]");
            assert_eq!(text(write), text(&expected), "{format:?}");
        }
        assert_eq!(writes.len(), places::EVENTS);
    }
}

#[test]
fn coloured_names_and_values_are_seen_as_one() {
    let record = RecordingWriter::new();
    let dispatch = subscriber(Format::Full, true, redacted(&record));
    writes_of(&dispatch, &record, || tracing::info!(api_token = L21));
    let bytes = record.bytes();
    // An escape code on each side of the name and of the `=`.
    let masked = format!(
        "\x1b[3mapi_token\x1b[0m\x1b[2m=\x1b[0m\"{}\"",
        "*".repeat(21)
    );
    assert!(text(&bytes).contains(&masked), "{:?}", text(&bytes));
}

#[test]
fn an_event_of_a_mebibyte_is_one_write() {
    let token = samples::api_token();
    let filler = "all is well. ".repeat(45_000);
    let log = || tracing::info!(api_token = L21, after = %token, "{filler}{token}{filler}");
    for format in FORMATS {
        let record = RecordingWriter::new();
        let plain = writes_of(&subscriber(format, false, recording(&record)), &record, log);
        let record = RecordingWriter::new();
        let writes = writes_of(&subscriber(format, false, redacted(&record)), &record, log);
        assert!(plain[0].len() > 1 << 20);
        let shown = text(&plain[0]);
        assert!(shown.contains(&token) && shown.contains(L21), "{format:?}");
        let expected = shown
            .replace(&token, &samples::masked(&token))
            .replace(L21, &"*".repeat(L21.len()));
        // Not printed if they differ: it is long.
        assert!(writes == [expected.into_bytes()], "{format:?}");
    }
}

#[test]
fn spans_that_tell_of_themselves_are_redacted() {
    for format in FORMATS {
        let record = RecordingWriter::new();
        // The times of a span differ from run to run, so there is nothing to compare with.
        let builder = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(true)
            .with_writer(redacted(&record));
        let dispatch: Dispatch = match format {
            Format::Full => builder.finish().into(),
            Format::Compact => builder.compact().finish().into(),
            Format::Pretty => builder.pretty().finish().into(),
            Format::Json | Format::JsonFlat => builder.json().finish().into(),
        };
        with_default(&dispatch, || {
            let span = tracing::info_span!("request", token = samples::api_token());
            span.in_scope(|| ());
        });
        // New, entered, left, closed.
        assert_eq!(record.writes().len(), 4, "{format:?}");
        for write in record.writes() {
            assert!(text(&write).contains(samples::P24), "{}", text(&write));
            assert!(!text(&write).contains(S64), "{}", text(&write));
        }
    }
}

#[test]
fn bytes_are_printed_as_numbers_and_pass_by() {
    // The documented limit: to see it move would be good news.
    let token = samples::api_token();
    let numbers = |number: fn(u8) -> String, separator| {
        let numbers: Vec<String> = token.bytes().map(number).collect();
        format!("[{}]", numbers.join(separator))
    };
    let hexadecimal = numbers(|byte| format!("{byte:02x}"), " ");
    let decimal = numbers(|byte| byte.to_string(), ",");
    for format in FORMATS {
        let record = RecordingWriter::new();
        let dispatch = subscriber(format, false, redacted(&record));
        writes_of(&dispatch, &record, || {
            tracing::info!(body = token.as_bytes());
            let span = tracing::info_span!("request", body = token.as_bytes());
            span.in_scope(|| tracing::info!("sent"));
            tracing::info!(body = %String::from_utf8_lossy(token.as_bytes()));
        });
        let [event, span, lossy]: [Vec<u8>; 3] = record.writes().try_into().unwrap();
        assert!(text(&event).contains(&hexadecimal), "{}", text(&event));
        let of_span = match format {
            Format::Json | Format::JsonFlat => &decimal,
            _ => &hexadecimal,
        };
        assert!(text(&span).contains(of_span), "{}", text(&span));
        let masked = samples::masked(&token);
        assert!(text(&lossy).contains(&masked), "{}", text(&lossy));
    }
}
