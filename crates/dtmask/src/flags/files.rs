//! Which files are masked, and where the result goes.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

/// Which files are masked, and where the result goes.
#[derive(Debug, Default, Args)]
pub(crate) struct Files {
    /// Files to mask, one after the other; `-` is standard input [default: -]
    ///
    /// Each is a stream of its own: a secret never goes on in the next file. Files
    /// compressed by gzip or zstd are recognised by their content and come out as
    /// what they hold; standard input is taken as it is.
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Write to this file
    ///
    /// It appears, or takes the place of the one that is there, once all inputs were
    /// read; after an error it is left as it was. So it may be one of the inputs. It
    /// is compressed if its name ends in `.gz` or `.zst`. Pipes and devices are
    /// written to directly.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Mask the files where they stand
    ///
    /// Only the secret bytes of a file are written, a file without secrets is not
    /// written at all, and after an interruption the same command finishes the job.
    /// A file that is compressed, or whose masks are a text, is written anew and takes
    /// the place of the old one, with its mode and owner. With SUFFIX this is so for
    /// every file, and the original is kept under its name and SUFFIX.
    #[arg(
        long,
        value_name = "SUFFIX",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "",
        conflicts_with = "output"
    )]
    pub(crate) in_place: Option<OsString>,

    /// Tell what --in-place would change, and change nothing
    #[arg(long, requires = "in_place")]
    pub(crate) dry_run: bool,
}
