//! `dtmask scan`: which secrets are in files, in what is about to be committed, or in
//! the history of a repository.
//!
//! Layers: [`search`] and [`locate`] with [`encoding`] know of bytes, [`content`] puts
//! them together, [`walk`], [`staged`] and [`history`] with [`git`] bring contents and
//! make [`finding`]s of what is in them, [`baseline`] takes out those that are known,
//! [`report`] tells of the others.

pub(crate) mod baseline;
mod content;
mod encoding;
mod finding;
mod git;
mod history;
mod locate;
pub(crate) mod report;
mod search;
mod staged;
mod walk;

use std::ffi::OsString;
use std::fmt::Display;
use std::io;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context, Result};
use dtmask_core::Redactor;

use self::content::Looked;
pub(crate) use self::content::Scope;
use self::finding::{Finding, Origin};
pub(crate) use self::walk::Options as Walk;
use crate::{DONE, ERROR, MASKED, stdio};

/// All that a scan needs to know but the rules.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) target: Target,
    pub(crate) scope: Scope,
    pub(crate) walk: Walk,
    pub(crate) format: report::Format,
    /// Token identifiers whose secrets are not reported.
    pub(crate) allowed: Vec<String>,
    /// Findings that are not reported.
    pub(crate) baseline: Option<PathBuf>,
    /// Where to put what was found, so that it is not reported from now on.
    pub(crate) write_baseline: Option<PathBuf>,
}

/// What is scanned.
#[derive(Debug)]
pub(crate) enum Target {
    /// Files and folders; the current folder if there are none, `-` is standard input.
    Files(Vec<PathBuf>),
    /// The git index where it differs from the last commit, within these paths if there
    /// are any.
    Staged(Vec<PathBuf>),
    /// What the commits of a range added, within these paths if there are any.
    History(OsString, Vec<PathBuf>),
}

/// What came of the contents.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    findings: Vec<Finding>,
    /// How many contents were looked at.
    contents: u64,
    /// What was named and not looked at, as it is no text.
    binary: Vec<String>,
    /// What could not be scanned, and why.
    errors: Vec<String>,
    /// What a user may want to know, though all was scanned.
    warnings: Vec<String>,
}

/// Scans, prints a report to standard output and returns the exit code.
///
/// # Errors
///
/// If there is nothing to report: the baseline is none, git cannot be run. A file that
/// cannot be read is named, and the others are scanned.
pub(crate) fn run(redactor: &Redactor, options: &Options) -> Result<u8> {
    let started = SystemTime::now();
    let known = options
        .baseline
        .as_deref()
        .map(baseline::read)
        .transpose()?;
    let Options { target, scope, .. } = options;
    let mut scanned = match target {
        Target::Files(paths) => walk::run(redactor, *scope, options.walk, paths),
        Target::Staged(paths) => {
            staged::run(redactor, *scope, paths).context("cannot scan the git index")?
        }
        Target::History(range, paths) => history::run(redactor, *scope, range, paths)
            .with_context(|| format!("cannot scan the history '{}'", range.display()))?,
    };
    scanned.put_in_order();
    scanned.warn_of_binary();
    let allowed = |finding: &Finding| match &finding.identifier {
        Some(identifier) => options.allowed.contains(identifier),
        None => false,
    };
    scanned.findings.retain(|finding| !allowed(finding));
    if let Some(path) = &options.write_baseline {
        let count = baseline::write(path, &scanned.findings)?;
        let findings = if count == 1 { "finding" } else { "findings" };
        let path = crate::report::path(path);
        crate::report::line(format_args!("{count} known {findings} in {path}"));
        scanned.findings.clear();
    }
    if let Some(known) = known {
        scanned
            .findings
            .retain(|f| !known.contains(&f.fingerprint()));
    }

    let report = report::Report {
        redactor,
        scanned: &scanned,
        times: (started, SystemTime::now()),
    };
    stdio::print_with(|output| report.write(options.format, output))?;
    for warning in &scanned.warnings {
        crate::report::warning(warning);
    }
    for error in &scanned.errors {
        crate::report::error(error);
    }
    Ok(match &scanned {
        scanned if !scanned.errors.is_empty() => ERROR,
        scanned if !scanned.findings.is_empty() => MASKED,
        _ => DONE,
    })
}

impl Scanned {
    /// Adds what came of the content of `path`.
    fn add(&mut self, path: &[u8], looked: io::Result<Looked>) {
        match looked {
            Ok(None) => {}
            Ok(Some(located)) => {
                self.contents += 1;
                if located.is_empty() {
                    return;
                }
                let origin = Origin::file(path);
                let found = located.into_iter();
                self.findings
                    .extend(found.map(|one| Finding::new(origin.clone(), one)));
            }
            Err(error) => {
                let path = Origin::file(path).path_text();
                self.fail(format_args!("cannot read {path}: {error}"));
            }
        }
    }

    /// Adds what could not be scanned. It goes into reports, so it is masked here.
    fn fail(&mut self, error: impl Display) {
        self.errors.push(crate::report::safe(&error.to_string()));
    }

    /// Adds what a user may want to know.
    fn warn(&mut self, warning: impl Display) {
        self.warnings
            .push(crate::report::safe(&warning.to_string()));
    }

    /// Says what was named and not looked at.
    fn warn_of_binary(&mut self) {
        let warning = match &*self.binary {
            [] => return,
            [one] => format!("{one} is binary and was not scanned; --binary scans it"),
            more => format!(
                "{} of the files are binary and were not scanned; --binary scans them",
                more.len()
            ),
        };
        self.warn(warning);
    }

    fn append(&mut self, mut other: Scanned) {
        self.findings.append(&mut other.findings);
        self.contents += other.contents;
        self.binary.append(&mut other.binary);
        self.errors.append(&mut other.errors);
        self.warnings.append(&mut other.warnings);
    }

    /// Whoever was scanned first, the order is the same. A file that was named twice
    /// counts once.
    fn put_in_order(&mut self) {
        let key = |finding: &Finding| (finding.origin.clone(), finding.offset);
        self.findings.sort_by_cached_key(key);
        self.findings.dedup_by(|a, b| key(a) == key(b));
        for lines in [&mut self.errors, &mut self.warnings, &mut self.binary] {
            lines.sort_unstable();
            lines.dedup();
        }
    }
}
