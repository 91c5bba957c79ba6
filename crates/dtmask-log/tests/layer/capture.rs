//! A logger that remembers what it was given.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use log::kv::{self, Key, Value, VisitSource};
use log::{Level, Log, Metadata, Record};

#[derive(Debug, Default)]
pub(crate) struct Capture {
    pub(crate) seen: Mutex<Vec<Seen>>,
    pub(crate) flushes: AtomicUsize,
}

/// A record, as a logger sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) level: String,
    pub(crate) target: String,
    pub(crate) message: String,
    /// The message, if nothing had to be formatted.
    pub(crate) literal: Option<String>,
    pub(crate) module_path: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
    pub(crate) key_values: Vec<(String, String)>,
    /// Those values that are still numbers.
    pub(crate) numbers: Vec<i64>,
}

impl Capture {
    pub(crate) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

impl Log for Capture {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Info
    }

    fn log(&self, record: &Record<'_>) {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let mut seen = Seen {
            level: record.level().to_string(),
            target: record.target().to_owned(),
            message: record.args().to_string(),
            literal: owned(record.args().as_str()),
            module_path: owned(record.module_path()),
            file: owned(record.file()),
            line: record.line(),
            ..Seen::default()
        };
        record.key_values().visit(&mut seen).unwrap();
        assert_eq!(record.key_values().count(), seen.key_values.len());
        for (key, value) in &seen.key_values {
            // The last one of a name, as visiting finds them; and the first, as `get` does.
            let found = record.key_values().get(Key::from_str(key)).unwrap();
            let known = |(k, v): &(String, String)| k == key && *v == found.to_string();
            assert!(seen.key_values.iter().any(known), "{key}={value}");
        }
        self.seen.lock().unwrap().push(seen);
    }

    fn flush(&self) {
        self.flushes.fetch_add(1, Ordering::Relaxed);
    }
}

impl<'kvs> VisitSource<'kvs> for Seen {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        self.key_values.push((key.to_string(), value.to_string()));
        self.numbers.extend(value.to_i64());
        Ok(())
    }
}
