//! One key-value, with a value that no longer changes.

use std::fmt::{self, Write};

use log::kv::{Error, Key, Value, VisitValue};

/// A key and a value, in buffers of its own.
#[derive(Default)]
pub(crate) struct Pair {
    key: String,
    /// The key, if it is a literal and nothing in it is masked.
    literal: Option<&'static str>,
    /// What the value prints.
    text: Text,
    kind: Kind,
}

/// Prints without quotes, also as `Debug`.
#[derive(Default)]
struct Text(String);

/// What a value is for the logger.
#[derive(Clone, Copy, Default)]
enum Kind {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    BigSigned(i128),
    BigUnsigned(u128),
    Float(f64),
    Char(char),
    Str,
    /// Anything that has to be formatted to be seen.
    #[default]
    Formatted,
}

impl Pair {
    pub(crate) fn fill(&mut self, key: &Key<'_>, value: &Value<'_>) -> Result<(), Error> {
        self.key.clear();
        self.key.push_str(key.as_str());
        self.literal = key.to_static_str();
        self.set(Kind::Formatted, "")?;
        value.visit(self)
    }

    fn set(&mut self, kind: Kind, value: impl fmt::Display) -> Result<(), Error> {
        // There is some text already if a serializer began and gave up.
        self.text.0.clear();
        self.kind = kind;
        Ok(write!(self.text.0, "{value}")?)
    }

    /// Takes the masked texts in place of its own.
    pub(crate) fn mask(&mut self, key: Option<String>, value: Option<String>) {
        if let Some(key) = key {
            self.key = key;
            self.literal = None;
        }
        if let Some(value) = value {
            self.text.0 = value;
            if !matches!(self.kind, Kind::Formatted) {
                self.kind = Kind::Str;
            }
        }
    }

    pub(crate) fn key(&self) -> Key<'_> {
        match self.literal {
            Some(key) => Key::from_str_static(key),
            None => Key::from_str(&self.key),
        }
    }

    pub(crate) fn value(&self) -> Value<'_> {
        match self.kind {
            Kind::Null => Value::null(),
            Kind::Bool(value) => Value::from(value),
            Kind::Signed(value) => Value::from(value),
            Kind::Unsigned(value) => Value::from(value),
            Kind::BigSigned(value) => Value::from(value),
            Kind::BigUnsigned(value) => Value::from(value),
            Kind::Float(value) => Value::from(value),
            Kind::Char(value) => Value::from(value),
            Kind::Str => Value::from(self.text.0.as_str()),
            Kind::Formatted => Value::from_dyn_display(&self.text),
        }
    }

    pub(crate) fn key_text(&self) -> &str {
        &self.key
    }

    pub(crate) fn value_text(&self) -> &str {
        &self.text.0
    }

    pub(crate) fn capacity(&self) -> usize {
        self.key.capacity() + self.text.0.capacity()
    }
}

impl<'v> VisitValue<'v> for Pair {
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), Error> {
        self.set(Kind::Formatted, value)
    }

    fn visit_null(&mut self) -> Result<(), Error> {
        self.set(Kind::Null, Value::null())
    }

    fn visit_bool(&mut self, value: bool) -> Result<(), Error> {
        self.set(Kind::Bool(value), value)
    }

    fn visit_i64(&mut self, value: i64) -> Result<(), Error> {
        self.set(Kind::Signed(value), value)
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), Error> {
        self.set(Kind::Unsigned(value), value)
    }

    fn visit_i128(&mut self, value: i128) -> Result<(), Error> {
        self.set(Kind::BigSigned(value), value)
    }

    fn visit_u128(&mut self, value: u128) -> Result<(), Error> {
        self.set(Kind::BigUnsigned(value), value)
    }

    fn visit_f64(&mut self, value: f64) -> Result<(), Error> {
        self.set(Kind::Float(value), value)
    }

    fn visit_char(&mut self, value: char) -> Result<(), Error> {
        self.set(Kind::Char(value), value)
    }

    fn visit_str(&mut self, value: &str) -> Result<(), Error> {
        self.set(Kind::Str, value)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
