//! The one error type of this crate.

use std::fmt;

/// Why a redactor could not be built.
///
/// The message names the rule, mask or prefix at fault and what is wrong with it. A token in
/// it is masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

/// What an [`Error`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A rule was switched on or off by a name that no rule has.
    UnknownRule,
    /// A user rule has an empty name, or one that another rule has.
    RuleName,
    /// A user rule has no pattern, or a `keep` that is no expression over bytes.
    Expression,
    /// A `keep` has look-around or an anchor (`^`, `$`, `\b`).
    LookAround,
    /// A `keep` matches the empty string.
    EmptyMatch,
    /// A `secret` is not a class of bytes, or an empty one.
    Class,
    /// `min` is 0 or over 4096, or `max` is less than `min`.
    Bounds,
    /// The automaton of a rule is over the size limit of 1 MiB
    /// ([`MAX_AUTOMATON_SIZE`](crate::MAX_AUTOMATON_SIZE)).
    TooLarge,
    /// The mask is not printable, is empty, or could become part of a secret.
    Mask,
    /// The prefix whose identifiers are to be hidden is not `dt0` letter digit digit.
    HideId,
    /// A known value is under 8 bytes or over 64 KiB long.
    KnownValue,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// The same with another message, made of this one.
    pub(crate) fn reworded(self, reword: impl FnOnce(&str) -> String) -> Self {
        Self {
            kind: self.kind,
            message: reword(&self.message),
        }
    }

    /// What the error is about.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
