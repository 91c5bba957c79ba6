//! Where known values come from.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

/// Secrets that are known word for word.
#[derive(Debug, Default, Args)]
pub(crate) struct Known {
    /// Mask the value of this environment variable (repeatable)
    ///
    /// It is masked wherever it stands, and its base64, URL-encoded and JSON-escaped forms
    /// are too. The variable has to be set, and its value to have 8 bytes or more. A name
    /// with `*` or `?` in it, such as `'CI_*'`, stands for all variables that fit and whose
    /// names end in TOKEN, SECRET, PASSWORD or KEY; of these, shorter values are skipped
    /// with a warning.
    #[arg(long, value_name = "NAME|GLOB")]
    pub(crate) known_env: Vec<OsString>,

    /// Mask the values in this file, one a line (repeatable)
    ///
    /// A line is taken as it is, without its end; empty lines are skipped. Every other line
    /// has to have 8 bytes or more.
    #[arg(long, value_name = "FILE")]
    pub(crate) known_file: Vec<PathBuf>,

    /// Mask the values in this folder, one a file (repeatable)
    ///
    /// For secrets that Kubernetes or Docker mounts. One newline at a file's end is no part
    /// of the value, names that begin with `..` are passed over. Every value has to have 8
    /// bytes or more.
    #[arg(long, value_name = "DIR")]
    pub(crate) known_dir: Vec<PathBuf>,
}

impl Known {
    /// These and, after them, `more`.
    pub(crate) fn and(mut self, more: Known) -> Known {
        self.known_env.extend(more.known_env);
        self.known_file.extend(more.known_file);
        self.known_dir.extend(more.known_dir);
        self
    }
}
