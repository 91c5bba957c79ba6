//! `dtmask rules`.

use std::path::PathBuf;

use clap::Args;

use super::mask::MaskFlags;
use super::selection::Selection;

/// The flags of `dtmask rules`.
#[derive(Debug, Args)]
pub(crate) struct RulesFlags {
    /// Tell which rule matched where in standard input or the files
    ///
    /// For each secret: its line and column, both counted from 1 and the column in
    /// bytes, its rule, its length and offset in bytes, whether it is complete or
    /// was cut off, its token identifier if it has one, and the line it starts in,
    /// masked. Each input is read into memory first.
    #[arg(long)]
    pub(crate) explain: bool,

    /// What `--explain` reads [default: standard input]
    ///
    /// A file may be compressed by gzip or zstd. `-` is standard input. If files are
    /// named, each secret has the name in front.
    #[arg(value_name = "FILE", requires = "explain")]
    pub(crate) files: Vec<PathBuf>,

    /// Exit with 1 if `--explain` found a secret
    #[arg(long, requires = "explain")]
    pub(crate) fail_on_match: bool,

    #[command(flatten)]
    pub(crate) selection: Selection,

    #[command(flatten)]
    pub(crate) mask: MaskFlags,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  dtmask rules
  dtmask rules --profile published
  dtmask rules --explain app.log";
