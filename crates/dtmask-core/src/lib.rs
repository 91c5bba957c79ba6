//! Finds Dynatrace tokens in byte streams and masks their secret portion, so that the
//! token identifier stays readable.
#![doc = ""]

mod automaton;
mod builder;
mod class;
mod engine;
mod error;
mod find;
mod grammar;
mod mask;
mod mask_check;
mod prefilter;
mod reader;
mod redactor;
mod regions;
mod rules;
mod scan;
mod stats;
mod stream;
mod writer;

pub use crate::builder::{Builder, Profile};
pub use crate::error::{Error, ErrorKind};
pub use crate::find::{Secret, Secrets};
pub use crate::mask::Mask;
pub use crate::reader::RedactReader;
pub use crate::redactor::Redactor;
pub use crate::rules::{MAX_MIN, Pattern, Rule, builtin_rules};
pub use crate::stats::Stats;
pub use crate::stream::{InPlace, Segment, Segments, Stream};
pub use crate::writer::RedactWriter;
