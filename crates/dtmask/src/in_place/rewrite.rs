//! A file written anew, which then takes the place of the old one.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufWriter, ErrorKind, Write as _};
use std::path::Path;

use anyhow::{Context, Result};
use dtmask_core::Redactor;

use super::target::Target;
use crate::compress::{Encoder, Format};
use crate::progress::Progress;
use crate::replacement::Replacement;
use crate::report;

/// What is to be written.
pub(super) struct Rewrite<'r> {
    pub(super) target: &'r Target,
    /// What it is and stays compressed with.
    pub(super) format: Option<Format>,
    /// Under which the original is kept.
    pub(super) suffix: Option<&'r OsStr>,
}

impl Rewrite<'_> {
    /// # Errors
    ///
    /// If the file cannot be read again, or another not be written in its place. Then
    /// it is as it was.
    pub(super) fn run(
        self,
        redactor: &Redactor,
        progress: &Progress,
        buffer: &mut [u8],
    ) -> Result<()> {
        let target = self.target;
        // Whoever may not write a file may not replace it.
        target.writable()?;
        let replacement = Replacement::with_owner(target.path(), target.metadata())?;
        let mut encoder = Encoder::new(self.format, BufWriter::new(replacement.file()))?;
        let mut source = target.source(progress)?;
        let mut stream = redactor.stream();
        loop {
            let n = source.read(buffer)?;
            let segments = match n {
                0 => stream.finish(),
                n => stream.push(&buffer[..n]),
            };
            for segment in segments {
                encoder.write_all(segment.as_bytes())?;
            }
            if n == 0 {
                break;
            }
        }
        encoder.finish()?;
        drop(encoder);
        target.check_unchanged()?;
        if let Some(suffix) = self.suffix {
            keep(target.path(), suffix)?;
        }
        Ok(replacement.commit()?)
    }
}

/// Keeps the file at `path` under another name too, as `sed` does: instead of what has
/// that name now.
fn keep(path: &Path, suffix: &OsStr) -> Result<()> {
    let mut backup = path.as_os_str().to_owned();
    backup.push(suffix);
    let backup = Path::new(&backup);
    let linked = match fs::hard_link(path, backup) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_file(backup).and_then(|()| fs::hard_link(path, backup))
        }
        linked => linked,
    };
    // Not every file system has links; a moment without the file is the price.
    linked
        .or_else(|_| fs::rename(path, backup))
        .with_context(|| format!("cannot keep the original as {}", report::path(backup)))
}
