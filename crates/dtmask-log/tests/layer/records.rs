//! What a wrapped logger is given.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use dtmask_core::Mask;
use dtmask_log::{RedactLog, Redactor, dtmask_core};
use dtmask_test::samples::{self, L21, S64};
use dtmask_test::strategies;
use log::{Level, Log, Metadata, Record};
use proptest::prelude::*;

use crate::capture::{Capture, Seen};
use crate::{ORACLE, info};

fn one(logger: &RedactLog<Capture>) -> Seen {
    let [seen] = logger.get_ref().take().try_into().unwrap();
    seen
}

#[test]
fn the_message_is_redacted() {
    let logger = RedactLog::new(Capture::default());
    let token = samples::api_token();
    info(&logger, format_args!("Authorization: Api-Token {token}"));
    let seen = one(&logger);
    let expected = format!("Authorization: Api-Token {}", samples::masked(&token));
    assert_eq!(seen.message, expected);
}

#[test]
fn a_literal_message_is_redacted() {
    let logger = RedactLog::new(Capture::default());
    info(&logger, format_args!("api_token=FAKE_legacy-tok3n_abc"));
    assert_eq!(
        one(&logger).message,
        format!("api_token={}", "*".repeat(L21.len()))
    );
}

#[test]
fn a_clean_record_is_handed_on_as_it_was() {
    let plain = Capture::default();
    let logger = RedactLog::new(Capture::default());
    for logger in [&plain as &dyn Log, &logger] {
        info(logger, format_args!("the api token has expired"));
        info(logger, format_args!("the {} token has expired", "api"));
        let mut builder = Record::builder();
        let pairs = [("status", 401)];
        builder.level(Level::Warn).key_values(&pairs).target("dt0");
        logger.log(&builder.args(format_args!("refused")).build());
    }
    let seen = logger.get_ref().take();
    assert_eq!(
        seen[0].literal.as_deref(),
        Some("the api token has expired")
    );
    assert_eq!(seen[2].numbers, [401]);
    assert_eq!(seen, plain.take());
}

#[test]
fn the_target_is_redacted_and_the_place_in_the_source_is_not() {
    let logger = RedactLog::new(Capture::default());
    let token = samples::platform_token();
    let mut builder = Record::builder();
    builder.level(Level::Error).target(&token).line(Some(3));
    builder
        .module_path(Some("own::module"))
        .file(Some("own/module.rs"));
    logger.log(&builder.args(format_args!("sent")).build());
    let seen = one(&logger);
    let expected = Seen {
        level: "ERROR".to_owned(),
        target: samples::masked(&token),
        message: "sent".to_owned(),
        literal: Some("sent".to_owned()),
        module_path: Some("own::module".to_owned()),
        file: Some("own/module.rs".to_owned()),
        line: Some(3),
        ..Seen::default()
    };
    assert_eq!(seen, expected);
}

#[test]
fn a_target_is_redacted_though_it_is_the_module_path_of_a_record_made_at_run_time() {
    let logger = RedactLog::new(Capture::default());
    let token = samples::platform_token();
    let mut builder = Record::builder();
    builder.target(&token).module_path(Some(&token));
    logger.log(&builder.args(format_args!("sent")).build());
    assert_eq!(one(&logger).target, samples::masked(&token));
}

/// Prints records as fern does when its writer fails: to standard error, past the writer.
#[derive(Default)]
struct InDebug(std::sync::Mutex<String>);

impl Log for InDebug {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        *self.0.lock().unwrap() = format!("attempted to log: {}\n{record:?}", record.args());
    }

    fn flush(&self) {}
}

#[test]
fn the_debug_form_of_a_record_shows_no_secret() {
    let logger = RedactLog::new(InDebug::default());
    let token = samples::api_token();
    let mut builder = Record::builder();
    let pairs = [("authorization", token.as_str()), ("api_token", L21)];
    builder
        .level(Level::Error)
        .target(&token)
        .key_values(&pairs);
    logger.log(&builder.args(format_args!("sent {token}")).build());
    let shown = logger.get_ref().0.lock().unwrap().clone();
    assert!(shown.contains("authorization"), "{shown}");
    for secret in [S64, L21] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn enabled_and_flush_are_forwarded() {
    let logger = RedactLog::new(Capture::default());
    for level in Level::iter() {
        let metadata = Metadata::builder().level(level).build();
        assert_eq!(logger.enabled(&metadata), level <= Level::Info, "{level}");
    }
    logger.flush();
    logger.flush();
    assert_eq!(logger.get_ref().flushes.load(Ordering::Relaxed), 2);
}

#[test]
fn another_redactor_and_a_text_mask() {
    let mask = Mask::text("[REDACTED]").unwrap();
    let redactor = Redactor::builder().mask(mask).build().unwrap();
    let logger = RedactLog::with_redactor(Capture::default(), redactor);
    assert_eq!(logger.redactor().mask().as_text(), Some("[REDACTED]"));
    info(&logger, format_args!("api_token={L21}!"));
    assert_eq!(one(&logger).message, "api_token=[REDACTED]!");
}

/// Counts how often it is printed, and prints something else each time.
pub(crate) struct Changing(pub(crate) Cell<usize>);

impl fmt::Display for Changing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.set(self.0.get() + 1);
        match self.0.get() {
            1 => f.write_str("clean"),
            _ => f.write_str(&samples::api_token()),
        }
    }
}

/// Prints each message twice.
pub(crate) struct Twice(pub(crate) Capture);

impl Log for Twice {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        self.0.log(record);
        self.0.log(record);
    }

    fn flush(&self) {}
}

#[test]
fn a_value_is_formatted_once_so_what_is_printed_was_searched() {
    let logger = RedactLog::new(Twice(Capture::default()));
    let changing = Changing(Cell::new(0));
    info(&logger, format_args!("{changing}"));
    let seen = logger.get_ref().0.take();
    assert_eq!(seen[0].message, "clean");
    assert_eq!(seen[1].message, "clean");
    assert_eq!(changing.0.get(), 1);
}

/// Filters everything out.
pub(crate) struct Off;

impl Log for Off {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn log(&self, _: &Record<'_>) {}

    fn flush(&self) {}
}

#[test]
fn what_is_filtered_out_is_not_formatted() {
    let changing = Changing(Cell::new(0));
    info(&RedactLog::new(Off), format_args!("{changing}"));
    assert_eq!(changing.0.get(), 0);
}

/// Its `Display` writes half a secret and then fails.
pub(crate) struct Fails;

impl fmt::Display for Fails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tenantToken=FAKEten")?;
        Err(fmt::Error)
    }
}

/// What is there when formatting a message fails.
struct Formats(Capture);

impl Log for Formats {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut text = String::new();
        let failed = fmt::Write::write_fmt(&mut text, format_args!("> {}", record.args()));
        assert!(failed.is_err());
        info(&self.0, format_args!("{text}"));
    }

    fn flush(&self) {}
}

#[test]
fn a_message_that_cannot_be_formatted_shows_nothing() {
    let logger = RedactLog::new(Formats(Capture::default()));
    info(&logger, format_args!("{Fails}"));
    let [seen] = logger.get_ref().0.take().try_into().unwrap();
    assert_eq!(seen.message, "> ");
}

/// Its `Debug` writes half a token, then panics.
pub(crate) struct Panics;

impl fmt::Debug for Panics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dt0c01.{}.{}", samples::P24, &S64[..32])?;
        std::panic::resume_unwind(Box::new("cut off"))
    }
}

#[test]
fn a_debug_impl_that_panics_leaves_nothing_behind() {
    let logger = RedactLog::new(Capture::default());
    let logged = catch_unwind(AssertUnwindSafe(|| {
        info(&logger, format_args!("{Panics:?}"));
    }));
    assert_eq!(logged.unwrap_err().downcast_ref(), Some(&"cut off"));
    info(&logger, format_args!("the {}", "next"));
    assert_eq!(one(&logger).message, "the next");
}

/// Logs another record to the same logger while it prints.
struct LogsItself<'l>(&'l RedactLog<Capture>);

impl fmt::Display for LogsItself<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        info(self.0, format_args!("inside {}", samples::platform_token()));
        f.write_str(&samples::api_token())
    }
}

#[test]
fn a_record_within_a_record_is_redacted_and_so_is_the_outer_one() {
    let logger = RedactLog::new(Capture::default());
    info(&logger, format_args!("outside {}", LogsItself(&logger)));
    let seen = logger.get_ref().take();
    let messages: Vec<_> = seen.iter().map(|seen| seen.message.as_str()).collect();
    let inside = format!("inside {}", samples::masked(&samples::platform_token()));
    let outside = format!("outside {}", samples::masked(&samples::api_token()));
    assert_eq!(messages, [inside, outside]);
}

#[test]
fn half_a_secret_at_a_records_end_does_not_join_the_next_record() {
    let logger = RedactLog::new(Capture::default());
    let (half, rest) = L21.split_at(8);
    info(&logger, format_args!("api_token={half}"));
    info(&logger, format_args!("{rest}"));
    let seen = logger.get_ref().take();
    assert_eq!(seen[0].message, format!("api_token={half}"));
    assert_eq!(seen[1].message, rest);
}

#[test]
fn debug_shows_no_more_than_the_logger_does() {
    let shown = format!("{:?}", RedactLog::new(Capture::default()));
    assert!(shown.starts_with("RedactLog { inner: Capture"), "{shown}");
}

#[test]
fn a_record_of_a_mebibyte() {
    let logger = RedactLog::new(Capture::default());
    let token = samples::api_token();
    let filler = "all is well. ".repeat(45_000);
    info(&logger, format_args!("{filler}{token}{filler}{token}"));
    let masked = samples::masked(&token);
    let message = one(&logger).message;
    assert!(message.len() > 1 << 20);
    assert!(message == format!("{filler}{masked}{filler}{masked}"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_message_is_what_the_oracle_says(input in strategies::input()) {
        let text = String::from_utf8_lossy(&input).into_owned();
        let logger = RedactLog::new(Capture::default());
        info(&logger, format_args!("{text}"));
        let expected = ORACLE.redact_fill(text.as_bytes(), b'*');
        prop_assert_eq!(one(&logger).message.into_bytes(), expected);
    }
}
