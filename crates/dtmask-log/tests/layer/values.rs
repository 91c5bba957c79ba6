//! What values are for the logger, and values that change, fail and panic.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dtmask_log::RedactLog;
use dtmask_test::hostile::RecordingWriter;
use dtmask_test::samples::{self, L21, S64};
use log::kv::{Error, Key, Source, Value, VisitSource, VisitValue};
use log::{Level, Log, Metadata, Record};
use serde::Serialize;

use crate::capture::Capture;
use crate::loggers::plain_env_logger;
use crate::records::{Changing, Fails, Off, Panics, Twice};

fn log_with(logger: &dyn Log, pairs: &dyn Source) {
    let mut builder = Record::builder();
    builder.level(Level::Info).key_values(&pairs);
    logger.log(&builder.args(format_args!("sent")).build());
}

/// Notes all that a logger can tell of a value.
#[derive(Default)]
struct Forms(std::sync::Mutex<Vec<String>>);

impl Log for Forms {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut notes = Notes(self.0.lock().unwrap());
        record.key_values().visit(&mut notes).unwrap();
    }

    fn flush(&self) {}
}

struct Notes<'n>(std::sync::MutexGuard<'n, Vec<String>>);

impl<'kvs> VisitSource<'kvs> for Notes<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let mut kind = Kind("");
        value.visit(&mut kind)?;
        let literal = key.to_static_str().is_some();
        let Kind(kind) = kind;
        self.0
            .push(format!("{key} {literal} {kind} {value} {value:?}"));
        Ok(())
    }
}

/// The name of what a value is visited as.
struct Kind(&'static str);

impl Kind {
    fn is(&mut self, name: &'static str) -> Result<(), Error> {
        self.0 = name;
        Ok(())
    }
}

impl<'v> VisitValue<'v> for Kind {
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), Error> {
        let error = value.to_borrowed_error().is_some();
        self.is(if error { "error" } else { "formatted" })
    }

    fn visit_null(&mut self) -> Result<(), Error> {
        self.is("null")
    }

    fn visit_u64(&mut self, _: u64) -> Result<(), Error> {
        self.is("u64")
    }

    fn visit_i64(&mut self, _: i64) -> Result<(), Error> {
        self.is("i64")
    }

    fn visit_u128(&mut self, _: u128) -> Result<(), Error> {
        self.is("u128")
    }

    fn visit_i128(&mut self, _: i128) -> Result<(), Error> {
        self.is("i128")
    }

    fn visit_f64(&mut self, _: f64) -> Result<(), Error> {
        self.is("f64")
    }

    fn visit_bool(&mut self, _: bool) -> Result<(), Error> {
        self.is("bool")
    }

    fn visit_str(&mut self, _: &str) -> Result<(), Error> {
        self.is("str")
    }

    fn visit_borrowed_str(&mut self, _: &'v str) -> Result<(), Error> {
        self.is("borrowed str")
    }

    fn visit_char(&mut self, _: char) -> Result<(), Error> {
        self.is("char")
    }
}

fn forms(pairs: &dyn Source) -> [Vec<String>; 2] {
    let plain = Forms::default();
    log_with(&plain, pairs);
    let logger = RedactLog::new(Forms::default());
    log_with(&logger, pairs);
    [&plain, logger.get_ref()].map(|forms| std::mem::take(&mut *forms.0.lock().unwrap()))
}

#[test]
fn clean_values_are_what_they_were() {
    let text = "a \"quoted\" word".to_owned();
    let pairs = [
        (Key::from_str_static("literal"), Value::from(text.as_str())),
        (Key::from_str(&text), Value::null()),
        (Key::from_str("bool"), Value::from(true)),
        (Key::from_str("signed"), Value::from(-7)),
        (Key::from_str("unsigned"), Value::from(u64::MAX)),
        (Key::from_str("big"), Value::from(i128::MIN)),
        (Key::from_str("bigger"), Value::from(u128::MAX)),
        (Key::from_str("float"), Value::from(1.0)),
        (Key::from_str("half"), Value::from(0.5_f32)),
        (Key::from_str("nan"), Value::from(f64::NAN)),
        (Key::from_str("char"), Value::from('\'')),
        (Key::from_str("display"), Value::from_display(&text)),
        (Key::from_str("debug"), Value::from_debug(&text)),
    ];
    let [plain, redacted] = forms(&pairs);
    assert_eq!(redacted, plain);
    assert!(plain[0].starts_with("literal true borrowed str "));
    assert_eq!(plain[7], "float false f64 1 1.0");
}

#[derive(Debug, Serialize)]
struct Config {
    retries: u64,
}

/// It says nothing of the error that it comes from.
#[derive(Debug)]
struct Refused(io::Error);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn structures_and_errors_arrive_as_the_text_that_was_searched() {
    let config = Config { retries: 3 };
    let refused = Refused(io::Error::other(samples::api_token()));
    let pairs = [
        ("serde", Value::from_serde(&config)),
        ("number", Value::from_serde(&config.retries)),
        ("error", Value::from_dyn_error(&refused)),
    ];
    let shown = "Config { retries: 3 }";
    let [plain, redacted] = forms(&pairs);
    assert!(plain[2].starts_with("error false error refused"));
    let expected = [
        format!("serde false formatted {shown} {shown}"),
        "number false u64 3 3".to_owned(),
        // No way leads to its source any more.
        "error false formatted refused refused".to_owned(),
    ];
    assert_eq!(redacted, expected);
}

#[test]
fn a_value_is_formatted_once_so_what_is_printed_was_searched() {
    let logger = RedactLog::new(Twice(Capture::default()));
    let changing = Changing(Cell::new(0));
    let before = [("status", Value::from(200))];
    let pairs = [("value", Value::from_display(&changing))];
    log_with(&logger, &[before, pairs]);
    for seen in logger.get_ref().0.take() {
        assert_eq!(seen.key_values[1].1, "clean");
        assert_eq!(seen.numbers, [200]);
    }
    assert_eq!(changing.0.get(), 1);
}

#[test]
fn what_is_filtered_out_is_not_formatted() {
    let changing = Changing(Cell::new(0));
    let pairs = [("value", Value::from_display(&changing))];
    log_with(&RedactLog::new(Off), &pairs);
    assert_eq!(changing.0.get(), 0);
}

/// Has something else to show each time.
struct ChangingPairs(Cell<usize>, String);

impl Source for ChangingPairs {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
        self.0.set(self.0.get() + 1);
        match self.0.get() {
            1 => visitor.visit_pair(Key::from_str("key"), Value::from("clean")),
            _ => visitor.visit_pair(Key::from_str(&self.1), Value::from(self.1.as_str())),
        }
    }

    fn count(&self) -> usize {
        1
    }
}

#[test]
fn the_pairs_that_were_searched_are_those_that_are_shown() {
    let logger = RedactLog::new(Twice(Capture::default()));
    log_with(&logger, &ChangingPairs(Cell::new(0), samples::api_token()));
    for seen in logger.get_ref().0.take() {
        let expected = [("key".to_owned(), "clean".to_owned())];
        assert_eq!(seen.key_values, expected);
    }
}

/// Counts first, as flexi_logger does to see whether there are any.
struct Counts(Capture);

impl Log for Counts {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        record.key_values().count();
        self.0.log(record);
    }

    fn flush(&self) {}
}

/// Says that there are no pairs until they are looked at, as a shared map may.
struct FillsUp(Cell<bool>, String);

impl Source for FillsUp {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
        self.0.set(true);
        visitor.visit_pair(Key::from_str("token"), Value::from(self.1.as_str()))
    }

    fn count(&self) -> usize {
        usize::from(self.0.get())
    }
}

#[test]
fn a_source_without_pairs_when_it_is_logged_is_redacted_when_it_is_printed() {
    let logger = RedactLog::new(Counts(Capture::default()));
    let token = samples::api_token();
    log_with(&logger, &FillsUp(Cell::new(false), token.clone()));
    let [seen] = logger.get_ref().0.take().try_into().unwrap();
    let expected = [("token".to_owned(), samples::masked(&token))];
    assert_eq!(seen.key_values, expected);
}

/// Asks for one key, twice, as log4rs does with a pattern.
#[derive(Default)]
struct Asks(std::sync::Mutex<Vec<Option<String>>>);

impl Log for Asks {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut seen = self.0.lock().unwrap();
        for key in ["name", "name", "other"] {
            let value = record.key_values().get(Key::from_str(key));
            seen.push(value.map(|value| value.to_string()));
        }
    }

    fn flush(&self) {}
}

#[test]
fn whoever_asks_for_one_key_has_each_value_formatted_once() {
    let changing = [(); 3].map(|()| Changing(Cell::new(0)));
    let values = changing.each_ref().map(Value::from_display);
    let [a, b, c] = values;
    let pairs = [("name", a), ("name", b), ("status", c)];
    let logger = RedactLog::new(Asks::default());
    log_with(&logger, &pairs);
    let clean = Some("clean".to_owned());
    let seen = logger.get_ref().0.lock().unwrap().clone();
    assert_eq!(seen, [clean.clone(), clean, None]);
    assert!(changing.iter().all(|changing| changing.0.get() == 1));
}

#[test]
fn the_first_of_two_pairs_of_a_name_is_found() {
    let logger = RedactLog::new(Asks::default());
    log_with(&logger, &[("name", "first"), ("name", "second")]);
    let first = Some("first".to_owned());
    let seen = logger.get_ref().0.lock().unwrap().clone();
    assert_eq!(seen, [first.clone(), first, None]);
}

fn text(record: &RecordingWriter) -> String {
    String::from_utf8(record.bytes()).unwrap()
}

#[test]
fn pairs_with_one_that_cannot_be_formatted_are_not_shown() {
    let token = samples::api_token();
    let pairs = [
        ("token", Value::from(token.as_str())),
        ("fails", Value::from_display(&Fails)),
        ("api_token", Value::from(L21)),
    ];
    let visited = RedactLog::new(Visits::default());
    log_with(&visited, &pairs);
    assert_eq!(*visited.get_ref().0.lock().unwrap(), ["failed"]);

    let record = RecordingWriter::new();
    let logger = plain_env_logger(&record);
    log_with(&logger, &pairs);
    log_with(&logger, &[("next", 1)]);
    // env_logger drops a record that it cannot format; nothing of it is in the next.
    assert_eq!(text(&record), "[INFO ] sent next=1\n");
}

/// Notes the pairs it is shown, and whether there was an error.
#[derive(Default)]
struct Visits(std::sync::Mutex<Vec<String>>);

impl Log for Visits {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut notes = Notes(self.0.lock().unwrap());
        if record.key_values().visit(&mut notes).is_err() {
            notes.0.push("failed".to_owned());
        }
        assert!(record.key_values().get(Key::from_str("token")).is_none());
    }

    fn flush(&self) {}
}

#[test]
fn a_value_that_panics_leaves_nothing_behind() {
    let record = RecordingWriter::new();
    let logger = plain_env_logger(&record);
    let token = samples::api_token();
    let pairs = [
        ("token", Value::from(token.as_str())),
        ("panics", Value::from_debug(&Panics)),
    ];
    let logged = catch_unwind(AssertUnwindSafe(|| log_with(&logger, &pairs)));
    assert_eq!(logged.unwrap_err().downcast_ref(), Some(&"cut off"));
    let rest = &S64[32..];
    log_with(&logger, &[("next", rest)]);
    assert_eq!(text(&record), format!("[INFO ] sent next={rest}\n"));
}
