//! What a scan tells, in the format that was asked for.

mod gitlab;
mod json;
mod sarif;
mod text;
mod tokens;

use std::io::{self, Write};
use std::time::SystemTime;

use clap::ValueEnum;
use dtmask_core::Redactor;
use serde::{Serialize, Serializer};

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
    /// Writes the report, with a line feed at its end. What there is of a finding is made
    /// when its turn comes: there may be many.
    pub(super) fn write(&self, format: Format, output: &mut dyn Write) -> io::Result<()> {
        match format {
            Format::Text => text::write(self, output),
            Format::Json => write(&json::document(self), output),
            Format::Sarif => write(&sarif::document(self), output),
            Format::Gitlab => write(&gitlab::document(self), output),
        }
    }
}

fn write(document: &impl Serialize, output: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(Escaped(output), document)?;
    writeln!(output)
}

/// JSON as serde_json writes it, piece by piece, which leaves some control characters as they
/// are, but for those: they are nowhere but in strings.
struct Escaped<'o>(&'o mut dyn Write);

impl Write for Escaped<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let is_control = |c: char| c.is_control() && c != '\n';
        let mut rest = std::str::from_utf8(piece).map_err(io::Error::other)?;
        while let Some(at) = rest.find(is_control) {
            let (plain, control) = rest.split_at(at);
            let mut behind = control.chars();
            let control = behind.next().map_or(0, u32::from);
            write!(self.0, "{plain}\\u{control:04x}")?;
            rest = behind.as_str();
        }
        self.0.write_all(rest.as_bytes())?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A list that is made while it is written.
struct List<F>(F);

impl<F, I> Serialize for List<F>
where
    F: Fn() -> I,
    I: IntoIterator<Item: Serialize>,
{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// The program, as reports name it.
const NAME: &str = env!("CARGO_PKG_NAME");
/// Its version.
const VERSION: &str = env!("CARGO_PKG_VERSION");
