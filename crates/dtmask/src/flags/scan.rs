//! `dtmask scan`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::selection::Selection;
use crate::scan::report::Format;

/// The flags of `dtmask scan`.
#[derive(Debug, Args)]
pub(crate) struct ScanFlags {
    /// Files and folders [default: the current folder]
    ///
    /// `-` is standard input. With `--staged` and `--history` they limit what git tells.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Also report what only its context gives away, base64, and cut off tokens
    ///
    /// Without it the complete secrets of token rules are reported, and whatever rules
    /// that `--with` turns on find.
    #[arg(long)]
    pub(crate) strict: bool,

    /// Scan the git index instead: the files that are about to be committed
    #[arg(long, conflicts_with = "history")]
    pub(crate) staged: bool,

    /// Scan the lines that the commits of a range added, such as `main..` or `HEAD`
    ///
    /// The range is one that `git log` takes. Of a merge only the lines are scanned that
    /// none of its parents has.
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    pub(crate) history: Option<OsString>,

    /// How to report
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(crate) format: Format,

    /// Do not report the findings in this file
    ///
    /// A finding is known again by its rule, its path, its token identifier and a part
    /// of the hash of its secret: another secret in its place is reported.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// Put all findings into this file, for --baseline, and report none
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,

    /// Do not report secrets of this token identifier (repeatable)
    #[arg(long, value_name = "ID")]
    pub(crate) allow_id: Vec<String>,

    /// Also scan hidden files and folders
    #[arg(long)]
    pub(crate) hidden: bool,

    /// Also scan what .gitignore and the like name
    #[arg(long)]
    pub(crate) no_ignore: bool,

    /// Also scan binary files
    ///
    /// Those with a NUL in their first 8 KiB that are not UTF-16 with a byte order mark.
    #[arg(long)]
    pub(crate) binary: bool,

    /// Follow symbolic links
    #[arg(long)]
    pub(crate) follow: bool,

    /// How many threads to use [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,

    #[command(flatten)]
    pub(crate) selection: Selection,
}

pub(super) const SHORT_EXAMPLES: &str = "\
Examples:
  dtmask scan                   the current folder
  dtmask scan --staged          what is about to be committed
  dtmask scan --history main..  what a branch added

'dtmask scan --help' says more.";

pub(super) const LONG_EXAMPLES: &str = "\
Examples:
  Guard a commit, in .git/hooks/pre-commit:
      dtmask scan --staged
  Guard a merge request:
      dtmask scan --history origin/main..HEAD
  Report to GitHub or GitLab:
      dtmask scan --format sarif > dtmask.sarif
      dtmask scan --format gitlab > gl-secret-detection-report.json
  Start with a folder that has findings, and report new ones only:
      dtmask scan --write-baseline .dtmask-baseline.json
      dtmask scan --baseline .dtmask-baseline.json
  Leave out a sample: write dtmask:allow into its line, or name its identifier:
      dtmask scan --allow-id dt0c01.FAKEPUBLICFAKEPUBLIC2345

Exit codes:
  0  no secret was found
  1  a secret was found
  2  wrong usage, or something could not be scanned";
