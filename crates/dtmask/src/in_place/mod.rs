//! `--in-place`: files masked where they stand.
//!
//! A file is read once to see whether it holds secrets; if not, that was all. If the
//! masks have the length of the secrets, only the secret bytes are written
//! ([`overwrite`]), after their places were written down ([`journal`]) so that an
//! interrupted run can be finished. In all other cases the file is written anew and takes
//! the place of the old one ([`rewrite`]).

mod journal;
mod overwrite;
mod rewrite;
mod target;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use dtmask_core::{Redactor, Stream};

use self::journal::Journal;
use self::target::Target;
use crate::buffer::Buffer;
use crate::progress::Progress;
use crate::source::Source;
use crate::{DONE, ERROR, MASKED, color, report, scratch, signals, stats, stdio};

/// What the flags say about this job, apart from the rules.
#[derive(Debug)]
pub(crate) struct Options {
    /// One at least.
    pub(crate) files: Vec<PathBuf>,
    /// What is added to the name of an original that is kept.
    pub(crate) suffix: Option<OsString>,
    pub(crate) dry_run: bool,
    pub(crate) progress: bool,
    pub(crate) stats: bool,
    pub(crate) fail_on_match: bool,
}

/// Masks each file, one after the other, and returns the exit code.
///
/// # Errors
///
/// If signals cannot be handled. A file that fails is reported, and the others go on.
pub(crate) fn run(redactor: &Redactor, options: &Options) -> Result<u8> {
    signals::watch(&Arc::new(Unattended)).context("cannot handle signals")?;
    Ok(mask_all(redactor, options))
}

/// Work that can be ended between any two steps.
struct Unattended;

#[cfg(unix)]
impl signals::Work for Unattended {}

fn mask_all(redactor: &Redactor, options: &Options) -> u8 {
    let progress = if options.progress {
        let sizes = options.files.iter().flat_map(fs::metadata);
        Progress::new(sizes.map(|metadata| metadata.len()).sum())
    } else {
        Progress::default()
    };
    let mut job = InPlace {
        redactor,
        options,
        progress,
        stream: redactor.stream(),
        buffer: Buffer::new(),
    };
    let mut failed = false;
    let mut found = false;
    for path in &options.files {
        match job.mask(path) {
            Ok(masked) => found |= masked,
            Err(error) => {
                let path = report::path(path);
                report::error(format_args!("cannot mask {path}: {error:#}"));
                failed = true;
            }
        }
    }
    job.progress.finish();
    if options.stats {
        report::line(stats::summary(&[job.stream.stats()]));
    }
    match found && options.fail_on_match {
        _ if failed => ERROR,
        true => MASKED,
        false => DONE,
    }
}

struct InPlace<'j> {
    redactor: &'j Redactor,
    options: &'j Options,
    progress: Progress,
    /// Counts what is found in all files.
    stream: Stream,
    buffer: Buffer,
}

impl InPlace<'_> {
    /// Masks one file and returns whether there was something to mask.
    fn mask(&mut self, path: &Path) -> Result<bool> {
        let mut target = Target::open(path)?;
        let recovered = if self.options.dry_run {
            let interrupted = journal::exists(target.path());
            if interrupted {
                self.tell(path, "an interrupted run will be finished")?;
            }
            interrupted
        } else {
            let interrupted = journal::recover(&target)?;
            if interrupted {
                target.refresh()?;
            }
            interrupted
        };

        self.progress.name(path);
        let source = target.source(&self.progress)?;
        let overwrites = source.format().is_none()
            && self.options.suffix.is_none()
            && self.redactor.mask().fill_byte().is_some();
        let journal = overwrites && !self.options.dry_run;
        let mut journal = journal.then(|| Journal::new(target.path()));
        let format = source.format();
        let before = self.counts();
        self.find(source, &mut journal)?;
        if self.counts() == before {
            return Ok(recovered);
        }
        if self.options.dry_run {
            let rules = self.stream.stats();
            let rules = rules.by_rule().zip(before);
            let rules: Vec<_> = rules
                .map(|((rule, n), before)| (rule, n - before))
                .collect();
            self.tell(path, &stats::secrets(&rules))?;
        } else if let Some(journal) = journal {
            let file = target.writable()?;
            let sealed = journal.seal(target.metadata())?;
            // A signal waits for the end of this, for a moment. If something fails, the
            // journal is left for the next run.
            let mut scratch = scratch::lock();
            *scratch = None;
            overwrite::run(&file, &sealed, self.redactor.max_held())?;
            sealed.remove()?;
            drop(scratch);
            target.check_replaced()?;
        } else {
            self.progress.lengthen(target.metadata().len());
            let suffix = self.options.suffix.as_deref();
            rewrite::Rewrite {
                target: &target,
                format,
                suffix,
            }
            .run(self.redactor, &self.progress, &mut self.buffer)?;
        }
        Ok(true)
    }

    /// Reads all of `source`, and writes down where its secrets are if there is a
    /// journal.
    fn find(&mut self, source: Source, journal: &mut Option<Journal>) -> Result<()> {
        let found = self.read(source, journal);
        if found.is_err() {
            // The next file starts anew.
            drop(self.stream.abort());
        }
        found
    }

    fn read(&mut self, mut source: Source, journal: &mut Option<Journal>) -> Result<()> {
        loop {
            let n = source.read(&mut self.buffer)?;
            let segments = match n {
                0 => self.stream.finish(),
                n => self.stream.push(&self.buffer[..n]),
            };
            if let Some(journal) = journal {
                for segment in segments {
                    journal.pass(&segment)?;
                }
            } else {
                drop(segments);
            }
            if n == 0 {
                return Ok(());
            }
        }
    }

    /// Secrets by rule, of all files until now.
    fn counts(&self) -> Vec<u64> {
        self.stream
            .stats()
            .by_rule()
            .map(|(_, count)| count)
            .collect()
    }

    /// What is said of a file on standard output.
    fn tell(&self, path: &Path, text: &str) -> Result<()> {
        let path = color::paint(color::on_stdout(), color::PATH, report::path(path));
        stdio::print(format!("{path}: {text}\n")).map(|_| ())
    }
}
