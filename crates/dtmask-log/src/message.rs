//! A message that is redacted when it is printed.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};
use std::fmt::{self, Write};

use dtmask_core::Redactor;

/// The capacity of a buffer that is kept for the next record.
pub(crate) const KEPT: usize = 64 << 10;

thread_local! {
    /// The buffer of the last message of this thread, empty. A message logged while
    /// another is printed finds none here and makes its own.
    static SPARE: Cell<String> = const { Cell::new(String::new()) };
}

/// The arguments of a record; prints them redacted.
pub(crate) struct Message<'r> {
    redactor: &'r Redactor,
    arguments: fmt::Arguments<'r>,
    /// The redacted text, once something asked for it.
    text: OnceCell<String>,
}

impl<'r> Message<'r> {
    pub(crate) fn new(redactor: &'r Redactor, arguments: fmt::Arguments<'r>) -> Self {
        Self {
            redactor,
            arguments,
            text: OnceCell::new(),
        }
    }

    /// An error of a value's `Display` leaves nothing to print: what there is of the
    /// text may end within a secret.
    fn redacted(&self) -> Result<String, fmt::Error> {
        // Threads still log while their locals are destroyed.
        let mut text = SPARE.try_with(Cell::take).unwrap_or_default();
        text.write_fmt(self.arguments)?;
        if let Cow::Owned(redacted) = self.redactor.redact_str(&text) {
            text = redacted;
        }
        Ok(text)
    }
}

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.text.get() {
            return f.write_str(text);
        }
        let text = self.redacted()?;
        f.write_str(self.text.get_or_init(|| text))
    }
}

impl Drop for Message<'_> {
    fn drop(&mut self) {
        if let Some(mut text) = self.text.take()
            && text.capacity() <= KEPT
        {
            text.clear();
            let _ = SPARE.try_with(|spare| spare.set(text));
        }
    }
}
