//! A logger that redacts in front of any other.

use std::borrow::Cow;

use dtmask_core::Redactor;
use log::{LevelFilter, Log, Metadata, Record, SetLoggerError};

use crate::key_values::KeyValues;
use crate::message::Message;

/// Redacts every record before the inner logger gets it.
///
/// Message, target and key-values are redacted; module path and file, which the macros of
/// log have from the compiler, stay. Of a clean record the inner logger gets what the
/// program gave, of one with secrets the same with a mask in their place.
///
/// Nothing is formatted before the inner logger prints it, so records that it filters
/// out cost next to nothing. Nothing is formatted twice either: the text that was
/// searched is the text that is printed.
///
/// So of the key-values only numbers, `bool`s, characters and strings stay what they are.
/// What has to be formatted to be seen, also an error or a structure of serde or sval,
/// arrives as its text. A logger that asks for one of them has all of them formatted,
/// once, as one may give away the secret in the next.
///
/// Whether there is a secret in a record turns out when it is printed. So each is
/// rebuilt, also a clean one, on the stack: that takes no allocation, and a literal
/// message stays a literal.
///
/// # Examples
///
/// ```
/// use dtmask_log::RedactLog;
///
/// let logger = env_logger::Builder::from_default_env().build();
/// let level = logger.filter();
/// RedactLog::new(logger).install(level)?;
/// log::info!("as always");
/// # Ok::<(), log::SetLoggerError>(())
/// ```
#[derive(Clone, Debug)]
pub struct RedactLog<L> {
    inner: L,
    redactor: Redactor,
}

impl<L> RedactLog<L> {
    /// Redacts with the default rules and the default mask.
    pub fn new(inner: L) -> Self {
        Self::with_redactor(inner, Redactor::new())
    }

    /// Redacts with `redactor`.
    pub fn with_redactor(inner: L, redactor: Redactor) -> Self {
        Self { inner, redactor }
    }

    /// The redactor.
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// The inner logger.
    pub fn get_ref(&self) -> &L {
        &self.inner
    }
}

impl<L: Log + 'static> RedactLog<L> {
    /// Makes this the logger of the process, for records up to `max_level`.
    ///
    /// # Errors
    ///
    /// If there is one already.
    pub fn install(self, max_level: LevelFilter) -> Result<(), SetLoggerError> {
        log::set_boxed_logger(Box::new(self))?;
        log::set_max_level(max_level);
        Ok(())
    }
}

impl<L: Log> Log for RedactLog<L> {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.inner.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        // `enabled` is not asked first: flexi_logger says no to records that it logs.
        // Only a static module path is the compiler's word: one may be set at run time too.
        let target = if record.module_path_static() == Some(record.target()) {
            Cow::Borrowed(record.target())
        } else {
            self.redactor.redact_str(record.target())
        };
        let key_values = KeyValues::new(&self.redactor, record.key_values());
        let mut builder = record.to_builder();
        builder.target(&target).key_values(&key_values);
        match record.args().as_str() {
            Some(text) => match self.redactor.redact_str(text) {
                Cow::Borrowed(_) => self.inner.log(&builder.build()),
                Cow::Owned(text) => {
                    self.inner
                        .log(&builder.args(format_args!("{text}")).build());
                }
            },
            None => {
                let message = Message::new(&self.redactor, *record.args());
                self.inner
                    .log(&builder.args(format_args!("{message}")).build());
            }
        }
    }

    fn flush(&self) {
        self.inner.flush();
    }
}
