//! What the layer costs a clean record: no allocation.

use std::hint::black_box;

use allocation_counter::measure;
use dtmask_log::RedactLog;
use log::kv::{self, Key, Value, VisitSource};
use log::{Level, Log, Metadata, Record};

/// Prints into nothing, without an allocation of its own.
struct Prints;

impl std::fmt::Write for Prints {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        black_box(text);
        Ok(())
    }
}

impl<'kvs> VisitSource<'kvs> for Prints {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        Ok(std::fmt::Write::write_fmt(
            self,
            format_args!("{key}={value}"),
        )?)
    }
}

impl Log for Prints {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let mut out = Prints;
        std::fmt::Write::write_fmt(&mut out, *record.args()).unwrap();
        record.key_values().visit(&mut out).unwrap();
    }

    fn flush(&self) {}
}

#[test]
fn a_clean_record_allocates_nothing() {
    let logger = RedactLog::new(Prints);
    let name = "all".to_owned();
    let record = || {
        let pairs = [
            ("status", Value::from(200)),
            ("name", Value::from(name.as_str())),
            ("display", Value::from_display(&name)),
            ("debug", Value::from_debug(&name)),
        ];
        let log = |message: std::fmt::Arguments<'_>| {
            let mut builder = Record::builder();
            builder.level(Level::Info).target("service");
            logger.log(&builder.key_values(&pairs).args(message).build());
        };
        log(format_args!("{name} is {}", "well"));
        log(format_args!("all is well"));
    };
    // The first record of a thread makes the buffers for the later ones.
    record();
    record();
    assert_eq!(measure(record).count_total, 0);
}

#[test]
fn large_buffers_are_not_kept() {
    let logger = RedactLog::new(Prints);
    let log = |text: &str| crate::info(&logger, format_args!("{text}{text}"));
    log(&"all is well ".repeat(100_000));
    let kept = measure(|| log("well"));
    assert!((1..1_000).contains(&kept.bytes_total), "{kept:?}");
}

#[test]
fn large_buffers_of_key_values_are_not_kept() {
    let logger = RedactLog::new(Prints);
    let log = |pairs: &dyn kv::Source| {
        let mut builder = Record::builder();
        builder.key_values(&pairs);
        logger.log(&builder.args(format_args!("well")).build());
    };
    let large = "all is well ".repeat(100_000);
    let (small, many) = ([("key", "well")], vec![("key", "well"); 1_000]);
    for pairs in [&[("key", large.as_str())], many.as_slice()] {
        log(&small);
        assert_eq!(measure(|| log(&small)).count_total, 0);
        log(&pairs);
        let kept = measure(|| log(&small));
        assert!((1..1_000).contains(&kept.bytes_total), "{kept:?}");
    }
}

#[test]
fn auto_traits() {
    fn is_send_and_sync<T: Send + Sync + Clone + 'static>(_: T) {}
    is_send_and_sync(RedactLog::new(&Prints));
}
