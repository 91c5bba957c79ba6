//! `dtmask rules`.

use clap::Args;

use super::selection::Selection;

/// The flags of `dtmask rules`.
#[derive(Debug, Args)]
pub(crate) struct RulesFlags {
    /// Read standard input and tell which rule matched where
    ///
    /// For each secret: its line and column, both counted from 1 and the column in
    /// bytes, its rule, its length and offset in bytes, whether it is complete or
    /// was cut off, its token identifier if it has one, and the line it starts in,
    /// masked. The whole input is read into memory first.
    #[arg(long)]
    pub(crate) explain: bool,

    /// Exit with 1 if `--explain` found a secret
    #[arg(long, requires = "explain")]
    pub(crate) fail_on_match: bool,

    #[command(flatten)]
    pub(crate) selection: Selection,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  dtmask rules
  dtmask rules --profile published
  dtmask rules --explain < app.log";
