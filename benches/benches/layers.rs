//! One event or record on its way to a sink, with and without redaction.
//!
//! ```text
//! cargo bench --bench layers                 # all of them
//! cargo bench --bench layers -- --quick json # fewer rounds, rows whose names contain `json`
//! cargo bench --bench layers -- --strict     # exit 1 when a bar is missed
//! ```
//!
//! Formatting is part of what is timed, on both sides: the question is what a service
//! pays for the one line that it adds.

#[path = "engines/clock.rs"]
mod clock;

use std::hint::black_box;
use std::io;
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use benches::rng::Rng;
use benches::tokens;
use dtmask_log::{RedactLog, RedactWriter};
use dtmask_tracing::{RedactExt, Redactor};
use log::Log;
use tracing::Dispatch;
use tracing::dispatcher::with_default;
use tracing_subscriber::fmt::MakeWriter;

/// The most that redaction may cost, as a ratio of whole events.
const CLEAN_BAR: f64 = 1.10;
const TOKEN_BAR: f64 = 1.5;

/// A way of an event to a sink; runs it that many times.
type Way = Box<dyn Fn(u32)>;

/// The same event without and with redaction.
struct Pair {
    name: String,
    plain: Way,
    redacted: Way,
    /// The highest ratio that will do.
    bar: Option<f64>,
}

fn main() -> ExitCode {
    let (mut bench, mut quick, mut strict) = (false, false, false);
    let mut filters = Vec::new();
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            // `cargo bench` says `--bench`; `cargo test` runs the same file and says nothing.
            "--bench" => bench = true,
            "--test" => bench = false,
            "--quick" => quick = true,
            "--strict" => strict = true,
            "layers" => {}
            flag if flag.starts_with('-') => {
                eprintln!("layers: unknown option {flag}");
                return ExitCode::from(2);
            }
            _ => filters.push(arg),
        }
    }
    let (rounds, events) = match (bench, quick) {
        (false, _) => (1, 2),
        (true, true) => (21, 2_000),
        (true, false) => (101, 4_000),
    };
    let token = tokens::published(&mut Rng::new(1));
    check(&token);
    let mut all_hold = true;
    for pair in tracing_pairs(&token).into_iter().chain(log_pairs(&token)) {
        if !filters.is_empty() && !filters.iter().any(|f| pair.name.contains(f.as_str())) {
            continue;
        }
        let medians = clock::interleaved(rounds, 2, |contestant| {
            let way = [&pair.plain, &pair.redacted][contestant];
            let start = clock::now();
            way(events);
            clock::now() - start
        });
        if !bench {
            println!("{}: runs", pair.name);
            continue;
        }
        let ratio = medians[1].as_secs_f64() / medians[0].as_secs_f64();
        let verdict = pair.bar.map_or(String::new(), |bar| {
            all_hold &= ratio <= bar;
            let missed = if ratio <= bar { "" } else { "  MISSED" };
            format!("  at most {bar:.2}{missed}")
        });
        let one = |total: Duration| total.as_nanos() / u128::from(events);
        println!(
            "{:<28} {:>6} ns -> {:>6} ns  {ratio:.3} x{verdict}",
            pair.name,
            one(medians[0]),
            one(medians[1]),
        );
    }
    if bench && strict && !all_hold {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Asserts that what is timed masks the token, and that what it is compared with does not.
fn check(token: &str) {
    #[derive(Clone, Default)]
    struct Seen(Arc<Mutex<Vec<u8>>>);
    impl io::Write for Seen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("nothing panics").write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let seen = Seen::default();
    let writer = seen.clone();
    let events = move || writer.clone();
    let redactor = Redactor::new();
    let ways = |redacted: bool, seen: &Seen| -> Vec<Way> {
        let authorization = || format!("Bearer {token}");
        let events = events.clone();
        let to_sink: Box<dyn io::Write + Send> = match redacted {
            false => Box::new(seen.clone()),
            true => Box::new(RedactWriter::new(&redactor, seen.clone())),
        };
        let to_log = logger(seen.clone());
        let dispatch = match redacted {
            false => full(events),
            true => full(events.redacted()),
        };
        let to_log: Box<dyn Log> = match redacted {
            false => Box::new(to_log),
            true => Box::new(RedactLog::new(to_log)),
        };
        vec![
            event(dispatch, authorization()),
            record(to_log, authorization()),
            record(logger(to_sink), authorization()),
        ]
    };
    for redacted in [false, true] {
        for way in ways(redacted, &seen) {
            way(1);
            drop(way);
            let written = std::mem::take(&mut *seen.0.lock().expect("nothing panics"));
            let written = String::from_utf8(written).expect("it is text");
            assert_eq!(written.contains(token), !redacted, "{written}");
            assert!(written.contains("outgoing request"), "{written}");
        }
    }
}

/// What a service logs for each request, with a token or with its identifier alone.
fn event(dispatch: Dispatch, authorization: String) -> Way {
    Box::new(move |events| {
        with_default(&dispatch, || {
            for status in 0..events {
                tracing::info!(
                    method = "POST",
                    path = black_box("/api/v2/logs/ingest"),
                    status,
                    %authorization,
                    "outgoing request"
                );
            }
        });
    })
}

fn record(logger: impl Log + 'static, authorization: String) -> Way {
    Box::new(move |events| {
        for status in 0..events {
            logger.log(
                &log::Record::builder()
                    .level(log::Level::Info)
                    .target("service")
                    .module_path_static(Some("service"))
                    .args(format_args!(
                        "outgoing request POST {} {status} authorization={authorization}",
                        black_box("/api/v2/logs/ingest")
                    ))
                    .build(),
            );
        }
    })
}

/// The last field of an event, and what redacting it may cost; nothing is asked of events
/// that hold an identifier alone, which takes a closer look to be known as clean.
fn authorizations(token: &str) -> [(&'static str, String, Option<f64>); 3] {
    let identifier = token.rsplit_once('.').map_or(token, |(id, _)| id);
    [
        (
            "clean",
            "basic, user and password".to_owned(),
            Some(CLEAN_BAR),
        ),
        ("identifier", identifier.to_owned(), None),
        ("token", format!("Bearer {token}"), Some(TOKEN_BAR)),
    ]
}

fn full<M: for<'a> MakeWriter<'a> + Send + Sync + 'static>(writer: M) -> Dispatch {
    let builder = tracing_subscriber::fmt().with_ansi(false);
    builder.with_writer(writer).finish().into()
}

fn logger(writer: impl io::Write + Send + 'static) -> env_logger::Logger {
    env_logger::Builder::new()
        .filter_level(log::LevelFilter::Info)
        .target(env_logger::Target::Pipe(Box::new(writer)))
        .build()
}

fn tracing_pairs(token: &str) -> Vec<Pair> {
    fn coloured<M: for<'a> MakeWriter<'a> + Send + Sync + 'static>(writer: M) -> Dispatch {
        let builder = tracing_subscriber::fmt().with_ansi(true);
        builder.with_writer(writer).finish().into()
    }
    fn json<M: for<'a> MakeWriter<'a> + Send + Sync + 'static>(writer: M) -> Dispatch {
        let builder = tracing_subscriber::fmt().json();
        builder.with_writer(writer).finish().into()
    }
    let mut pairs = Vec::new();
    for (kind, authorization, bar) in authorizations(token) {
        for (format, plain, redacted) in [
            ("full", full(io::sink), full(io::sink.redacted())),
            (
                "coloured",
                coloured(io::sink),
                coloured(io::sink.redacted()),
            ),
            ("json", json(io::sink), json(io::sink.redacted())),
        ] {
            pairs.push(Pair {
                name: format!("tracing {format}/{kind}"),
                plain: event(plain, authorization.clone()),
                redacted: event(redacted, authorization.clone()),
                bar,
            });
        }
    }
    pairs
}

fn log_pairs(token: &str) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (kind, authorization, bar) in authorizations(token) {
        let plain = || record(logger(io::sink()), authorization.clone());
        let writer = RedactWriter::new(&Redactor::new(), io::sink());
        pairs.push(Pair {
            name: format!("log RedactLog/{kind}"),
            plain: plain(),
            redacted: record(RedactLog::new(logger(io::sink())), authorization.clone()),
            bar,
        });
        pairs.push(Pair {
            name: format!("log RedactWriter/{kind}"),
            plain: plain(),
            redacted: record(logger(writer), authorization.clone()),
            bar,
        });
    }
    pairs
}
