//! Known values: secrets that are known word for word, and where they are read from.
//!
//! A value is read once, at the start, and never printed: what is said about it names
//! the place it came from.

mod env;
mod file;
mod folder;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use anyhow::{Result, bail};
use dtmask_core::{Builder, MAX_KNOWN_LEN as MAX, MIN_KNOWN_LEN as MIN};

/// The most bytes of all values together. The redactor that knows all forms of them takes
/// some hundred times the memory.
const MAX_TOTAL: usize = 256 * 1024;

/// Where known values are read from.
#[derive(Debug)]
pub(crate) enum Source {
    /// An environment variable, or those that fit a glob.
    Env(OsString),
    /// A file with one value a line.
    File(PathBuf),
    /// A folder in which every file is a value.
    Dir(PathBuf),
}

/// Known values, and what there is to say about how they were read.
#[derive(Default)]
pub(crate) struct Values {
    /// Each value with the name of the first place it was read from.
    names: BTreeMap<Vec<u8>, String>,
    /// The length of all values together, at most [`MAX_TOTAL`].
    total: usize,
    warnings: Vec<String>,
}

impl Values {
    /// Adds the values of `source`.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or holds a value that is too short or too long. Values that
    /// were read before that are there nevertheless.
    pub(crate) fn read(&mut self, source: &Source) -> Result<()> {
        match source {
            Source::Env(name) => env::read(self, name),
            Source::File(path) => file::read(self, path),
            Source::Dir(path) => folder::read(self, path),
        }
    }

    /// Makes the values secret to what `builder` builds.
    pub(crate) fn apply(&self, builder: Builder) -> Builder {
        self.names.iter().fold(builder, |builder, (value, name)| {
            builder.known_value(name, value.as_slice())
        })
    }

    /// What no message may show: the values, and what text makes of those that are none.
    pub(crate) fn unspeakable(&self) -> impl Iterator<Item = Vec<u8>> {
        self.names.keys().flat_map(|value| {
            let text = match String::from_utf8_lossy(value) {
                Cow::Borrowed(_) => None,
                Cow::Owned(text) => Some(text.into_bytes()),
            };
            // No argument or path is as long as one that is too long.
            let text = text.filter(|text| text.len() <= MAX);
            [value.clone()].into_iter().chain(text)
        })
    }

    /// What the user should know, in the order it came up.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How many different values there are.
    fn len(&self) -> usize {
        self.names.len()
    }

    /// Adds `value`, which was read from the place called `name`.
    fn add(&mut self, name: String, value: &[u8]) -> Result<()> {
        if value.len() < MIN {
            bail!("{name} is too short for a known value, which has {MIN} bytes or more");
        }
        if value.len() > MAX {
            bail!(
                "{name} is too long for a known value, which has {} KiB or less",
                MAX / 1024
            );
        }
        if let Entry::Vacant(place) = self.names.entry(value.to_vec()) {
            let total = self.total + value.len();
            if total > MAX_TOTAL {
                bail!(
                    "{name} is one known value too many: together they have {} KiB or less",
                    MAX_TOTAL / 1024
                );
            }
            self.total = total;
            place.insert(name);
        }
        Ok(())
    }

    fn warn(&mut self, warning: String) {
        self.warnings.push(warning);
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values")
            .field("values", &self.len())
            .field("bytes", &self.total)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX, MAX_TOTAL, Values};
    use crate::report::{self, Hidden};

    #[test]
    fn equal_values_are_one() {
        let mut values = Values::default();
        for name in ["first", "second", "third"] {
            values.add(name.into(), b"the same").unwrap();
        }
        assert_eq!((values.len(), values.total), (1, 8));
        assert_eq!(values.names[&b"the same"[..]], "first");
    }

    #[test]
    fn lengths_have_bounds() {
        let mut values = Values::default();
        values.add("short".into(), &[b'a'; 8]).unwrap();
        values.add("long".into(), &[b'a'; MAX]).unwrap();
        let error = values.add("shorter".into(), &[b'a'; 7]).unwrap_err();
        assert!(error.to_string().starts_with("shorter is too short"));
        let error = values.add("longer".into(), &[b'a'; MAX + 1]).unwrap_err();
        assert!(error.to_string().starts_with("longer is too long"));
        assert_eq!(values.len(), 2);
    }

    #[test]
    fn all_of_them_have_a_bound() {
        let mut values = Values::default();
        for n in 0..MAX_TOTAL / MAX {
            values.add(n.to_string(), &[n as u8; MAX]).unwrap();
        }
        // It is there already.
        values.add("again".into(), &[0; MAX]).unwrap();
        let error = values.add("last".into(), b"8 bytes!").unwrap_err();
        assert!(error.to_string().starts_with("last is one known value too"));
    }

    #[test]
    fn what_is_no_text_is_unspeakable_as_text_too() {
        let mut values = Values::default();
        values.add("text".into(), b"long enough").unwrap();
        values.add("bytes".into(), b"\xfflong enough").unwrap();
        // As text it is too long for a known value.
        values.add("noise".into(), &[0xff; MAX / 2]).unwrap();
        let all: Vec<_> = values.unspeakable().collect();
        assert_eq!(all.len(), 4);
        assert_eq!(all[2], "\u{fffd}long enough".as_bytes());
        report::hide(|| Hidden {
            known: all,
            ..Hidden::default()
        });
        assert_eq!(report::safe("a long enough b"), "a *********** b");
    }

    #[test]
    fn debug_output_counts() {
        let mut values = Values::default();
        values.add("name".into(), b"not to be shown").unwrap();
        assert_eq!(format!("{values:?}"), "Values { values: 1, bytes: 15, .. }");
    }
}
