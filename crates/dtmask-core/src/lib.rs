//! Finds Dynatrace tokens in byte streams and masks their secret portion, so that the
//! token identifier stays readable: it tells people which token to rotate.
//!
//! ```text
//! dt0c01.ST2EY72K...7YN.G3DFPBEJ...NFH52RZM
//! ^prefix ^public portion ^secret portion
//! ^-------token identifier
//! ```
//!
//! A [`Redactor`] is compiled once and shared. From it come
//!
//! - [`Redactor::redact`] for a line, a [`Cow`](std::borrow::Cow) that is borrowed if
//!   there was nothing to mask,
//! - [`Redactor::stream`] for a byte stream in chunks of any size, without a copy,
//! - [`RedactWriter`] and [`RedactReader`] for [`std::io`],
//! - [`Redactor::find_iter`] and [`Redactor::search`] for reports.
//!
//! ```
//! use dtmask_core::Redactor;
//!
//! let redactor = Redactor::new();
//! assert_eq!(
//!     redactor.redact(b"oneagentctl --set-tenant-token=FAKEtenantTok3n0"),
//!     &b"oneagentctl --set-tenant-token=****************"[..],
//! );
//! ```
//!
//! # What is secret
//!
//! Rules are data: see [`Rule`] and [`builtin_rules`]. For every offset at which some match
//! of a rule's expression ends, the run of bytes of the rule's class behind it is secret,
//! if it is long enough. What is secret depends on the input alone, never on how it is
//! cut into chunks.
//!
//! # What a stream holds back
//!
//! Nothing but the first bytes of a run that may turn out to be long enough: at most 15
//! with the default rules. So there is no timer, no line buffer, and no flush that shows
//! half a secret. A clean end of the stream releases them as they are; every other end
//! masks them.
//!
//! # Complexity
//!
//! Linear in the input, on every input. The memory of a stream does not depend on it.

mod automaton;
mod builder;
mod class;
mod engine;
mod error;
mod escapes;
mod find;
mod grammar;
mod identifier;
mod kinds;
mod known;
mod mask;
mod mask_check;
mod prefilter;
mod reader;
mod redactor;
mod regions;
mod rules;
mod runs;
mod scan;
mod scanner;
mod search;
mod stats;
mod stream;
mod tail;
mod unit;
mod view;
mod writer;

pub use crate::automaton::MAX_AUTOMATON_SIZE;
pub use crate::builder::{Builder, Profile};
pub use crate::error::{Error, ErrorKind};
pub use crate::find::{Secret, Secrets};
pub use crate::kinds::token_kind;
pub use crate::known::{MAX_KNOWN_LEN, MIN_KNOWN_LEN};
pub use crate::mask::Mask;
pub use crate::reader::RedactReader;
pub use crate::redactor::Redactor;
pub use crate::rules::{MAX_MIN, Pattern, Rule, builtin_rules};
pub use crate::search::{Found, Search};
pub use crate::stats::Stats;
pub use crate::stream::{InPlace, Segment, Segments, Stream};
pub use crate::writer::RedactWriter;
