//! What a scan tells, in the format that was asked for.

mod gitlab;
mod json;
mod sarif;
mod text;
mod tokens;

use std::fmt::Write as _;
use std::time::SystemTime;

use clap::ValueEnum;
use dtmask_core::Redactor;
use serde_json::Value;

use super::Scanned;

/// The values of `--format`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A line for each secret, and the tokens to rotate
    #[default]
    Text,
    /// One document, described in docs/scan.md
    Json,
    /// SARIF 2.1.0, as GitHub code scanning takes it
    Sarif,
    /// A secret detection report of GitLab
    Gitlab,
}

/// What there is to tell.
pub(super) struct Report<'s> {
    pub(super) redactor: &'s Redactor,
    pub(super) scanned: &'s Scanned,
    /// When the scan began and ended.
    pub(super) times: (SystemTime, SystemTime),
}

impl Report<'_> {
    /// The report, with a line feed at its end.
    pub(super) fn render(&self, format: Format) -> String {
        match format {
            Format::Text => text::render(self),
            Format::Json => document(&json::render(self)),
            Format::Sarif => document(&sarif::render(self)),
            Format::Gitlab => document(&gitlab::render(self)),
        }
    }
}

/// As JSON, which leaves some control characters as they are, but for those: they are
/// nowhere but in strings.
fn document(value: &Value) -> String {
    let mut document = String::new();
    for c in format!("{value:#}\n").chars() {
        if c.is_control() && c != '\n' {
            // Writing to a string cannot fail.
            let _ = write!(document, "\\u{:04x}", u32::from(c));
        } else {
            document.push(c);
        }
    }
    document
}

/// The program, as reports name it.
const NAME: &str = env!("CARGO_PKG_NAME");
/// Its version.
const VERSION: &str = env!("CARGO_PKG_VERSION");
