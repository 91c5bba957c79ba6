//! Keeps Dynatrace secrets out of what any logger of the [log] crate prints.
//!
//! There are two places to redact at: in front of the logger ([`RedactLog`]), and behind
//! it, where its bytes leave the process ([`RedactWriter`]).
//!
//! ```
//! use dtmask_log::RedactLog;
//!
//! let logger = env_logger::Builder::from_default_env().build();
//! let level = logger.filter();
//! RedactLog::new(logger).install(level)?;
//! # Ok::<(), log::SetLoggerError>(())
//! ```
//!
//! ```
//! use dtmask_log::{RedactWriter, Redactor};
//! use env_logger::Target;
//!
//! let writer = RedactWriter::new(&Redactor::new(), std::io::stderr());
//! env_logger::builder().target(Target::Pipe(Box::new(writer))).init();
//! ```
//!
//! # Which one
//!
//! The last writer before the bytes leave the process is the safest place. It sees what
//! is really printed: what the logger's format function adds, the sources of an error,
//! a secret that message and key-values make together. A wrapped logger sees what it was
//! given, and structures among the key-values as text. Take the writer if the logger lets
//! you name one, and the wrapper where it does not (files it opens, rotates and
//! compresses itself, the network, the system's log).
//!
//! | logger | at the writer | in front of it |
//! |---|---|---|
//! | env_logger | `.target(Target::Pipe(Box::new(writer)))` | `RedactLog::new(builder.build())` |
//! | fern | `.chain(fern::Output::writer(Box::new(writer), "\n"))` | `RedactLog::new(dispatch.into_log().1)`, always |
//! | simplelog | `WriteLogger::new(level, config, writer)` | `RedactLog::new(TermLogger::new(..))`, also for `CombinedLogger` |
//! | flexi_logger | | `let (logger, handle) = logger.build()?; RedactLog::new(logger)` |
//! | log4rs | | `RedactLog::new(log4rs::Logger::new(config))` |
//!
//! Keep flexi_logger's `handle` as long as the program logs: its logger shuts down when
//! the handle is dropped.
//!
//! Both together do no harm: redacting twice is redacting once. With fern have
//! [`RedactLog`] in front in any case: a record that its writer fails to take, fern 0.7
//! prints to standard error instead, past the writer. As a [`RedactWriter`] takes no
//! more after an error, that would be every later record, unmasked.
//!
//! # At the writer
//!
//! A [`RedactWriter`] is one stream of bytes: its state lives on from one write to the
//! next. fern hands on a record in seven pieces, and a secret that is split over them is
//! masked all the same. Each write becomes at most one inner write, so put what gathers
//! lines behind it, as in `RedactWriter::new(&redactor, LineWriter::new(stderr()))`.
//!
//! What is still undecided waits for the bytes that follow, also over a `flush`: at most
//! 15 bytes by default, and never any before a line break. A logger that lives as long
//! as the process is never dropped, so let its records end with one, as all of these
//! loggers do.
//!
//! After an error of the inner writer nobody knows what it wrote, so a `RedactWriter`
//! takes no more. Where a disk may be full for a while, use [`RedactLog`].
//!
//! If formatting a record panics and the panic is caught, env_logger 0.11 begins the next
//! record of that thread with what it has of this one, so the writer sees a secret that is
//! torn apart by a timestamp. [`RedactLog`] formats a record before the logger does, and
//! hands nothing on of one that panics.
//!
//! # What passes by
//!
//! What a program prints without a logger, also the message of a panic; bytes printed as
//! numbers; a legacy token, which only its name gives away, where `Debug` sets it apart from
//! that: `ApiToken("…")`, or a tuple or a `Some` in `{:#?}`. With [`RedactLog`] what the logger adds of its own, and a secret that only
//! message and key-values together make.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod key_values;
mod message;
mod pair;
mod redact_log;

pub use dtmask_core::{self, RedactWriter, Redactor};

pub use crate::redact_log::RedactLog;
