//! What fern prints when its writer fails. A test of its own, without the harness of
//! others: it is run once more as the process whose standard error is looked at.

use std::env;
use std::process::{Command, Output};

use dtmask_log::{RedactLog, RedactWriter, Redactor};
use dtmask_test::hostile::{Fault, HostileWriter, Schedule};
use dtmask_test::samples::{self, L21, S64};
use log::{LevelFilter, Log};

/// Says to the process where to redact.
const WHERE: &str = "DTMASK_TEST_FERN";

fn main() {
    match env::var(WHERE) {
        Ok(place) => log_to_a_writer_that_fails_once(&place),
        Err(_) => {
            with_redact_log_in_front_no_record_shows_a_secret();
            the_writer_alone_shows_every_record_from_the_error_on();
        }
    }
}

fn log_to_a_writer_that_fails_once(place: &str) {
    let writer = HostileWriter::new(Schedule::new().fault_at(0, Fault::Error));
    let writer = Box::new(RedactWriter::new(&Redactor::new(), writer));
    let (level, logger) = fern::Dispatch::new()
        .level(LevelFilter::Info)
        .chain(fern::Output::writer(writer, "\n"))
        .into_log();
    let logger: Box<dyn Log> = match place {
        "front" => Box::new(RedactLog::new(logger)),
        _ => logger,
    };
    log::set_boxed_logger(logger).unwrap();
    log::set_max_level(level);

    let token = samples::api_token();
    for number in 0..4 {
        log::info!(target: &token, bearer:% = token, api_token = L21; "{number} {token}");
    }
}

fn child(place: &str) -> String {
    let program = env::current_exe().unwrap();
    let Output { status, stderr, .. } = Command::new(program).env(WHERE, place).output().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(status.success(), "{stderr}");
    stderr
}

/// The numbers of the records that standard error shows with this token.
fn shown(stderr: &str, token: &str) -> Vec<usize> {
    let shown = |number| stderr.contains(&format!("attempted to log: {number} {token}\n"));
    (0..4).filter(|&number| shown(number)).collect()
}

fn with_redact_log_in_front_no_record_shows_a_secret() {
    let stderr = child("front");
    let masked = samples::masked(&samples::api_token());
    assert_eq!(shown(&stderr, &masked), [0, 1, 2, 3], "{stderr}");
    let stars = format!("\"{}\"", "*".repeat(L21.len()));
    assert_eq!(stderr.matches(&stars).count(), 4, "{stderr}");
    for secret in [S64, L21] {
        assert!(!stderr.contains(secret), "{stderr}");
    }
}

/// This is why the guide asks for both with fern. If fern mends it, the guide can.
fn the_writer_alone_shows_every_record_from_the_error_on() {
    let stderr = child("writer");
    assert_eq!(
        shown(&stderr, &samples::api_token()),
        [0, 1, 2, 3],
        "{stderr}"
    );
    assert_eq!(stderr.matches(L21).count(), 4, "{stderr}");
}
