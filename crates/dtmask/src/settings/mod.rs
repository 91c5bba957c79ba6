//! What the flags mean: a redactor, and what to do with it.

mod scan;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap_complete::Shell;
use dtmask_core::Redactor;

use crate::config::Config;
use crate::flags::display::Display;
use crate::flags::files::Files;
use crate::flags::late::Late;
use crate::flags::mask::MaskFlags;
use crate::flags::selection::Selection;
use crate::flags::{Command, Flags};
use crate::source::Name;
use crate::{color, filter, in_place, report, run, selection};

/// All that a run of the program needs to know.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) redactor: Redactor,
    pub(crate) job: Job,
}

impl Settings {
    /// A job for which it does not matter what is masked.
    fn without_input(job: Job) -> Settings {
        Settings {
            redactor: Redactor::new(),
            job,
        }
    }
}

/// What there is to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Mask standard input or files.
    Filter(filter::Options),
    /// Mask files where they stand.
    InPlace(in_place::Options),
    /// Print the active rules.
    List,
    /// Tell what the active rules find.
    Explain {
        inputs: Vec<Name>,
        fail_on_match: bool,
    },
    /// Print expressions for others to search with.
    Patterns,
    /// Tell which secrets are in files or commits.
    Scan(crate::scan::Options),
    /// Mask the outputs of a command.
    Run(run::Options),
    /// Print completions.
    Completions(Shell),
    /// Print the man page of dtmask or of a command.
    ManPage(Option<String>),
    /// Write all man pages into a folder.
    ManPages(PathBuf),
}

/// Makes sense of `flags`.
///
/// # Errors
///
/// If there is none: a mask that would not stay as it is, a prefix that is none,
/// flags of one job given to another.
pub(crate) fn resolve(flags: Flags) -> Result<Settings> {
    let Flags {
        files,
        selection,
        mask,
        stats,
        fail_on_match,
        display,
        command,
    } = flags;
    color::choose(display.color);
    if display.quiet {
        report::be_quiet();
    }
    let stats = stats && !display.quiet;
    let (selection, mask, job) = match command {
        None => {
            let job = filter(files, display, stats, fail_on_match)?;
            (selection, mask, job)
        }
        Some(_) if !files.files.is_empty() => bail!(
            "files to mask and a command cannot be given together; \
             a file that is called as a command is goes behind '--'"
        ),
        Some(_) if files.output.is_some() || files.in_place.is_some() => {
            bail!("--output and --in-place are of no use with a command")
        }
        Some(Command::Rules(Late(own))) => {
            if stats {
                bail!("--stats is of no use with 'rules'");
            }
            let fail_on_match = fail_on_match || own.fail_on_match;
            let job = match (own.explain, fail_on_match) {
                (true, _) => Job::Explain {
                    inputs: inputs(own.files),
                    fail_on_match,
                },
                (false, false) => Job::List,
                (false, true) => bail!("--fail-on-match is of no use with 'rules' alone"),
            };
            (join(selection, own.selection), mask.then(own.mask)?, job)
        }
        Some(Command::Scan(Late(own))) => {
            refuse("scan", stats, fail_on_match)?;
            refuse_mask("scan", &mask)?;
            return scan::resolve(selection, *own);
        }
        Some(Command::Patterns(Late(own))) => {
            refuse("patterns", stats, fail_on_match)?;
            refuse_mask("patterns", &mask)?;
            (join(selection, own.selection), mask, Job::Patterns)
        }
        Some(Command::Completions(Late(own))) => {
            refuse("completions", stats, fail_on_match)?;
            return Ok(Settings::without_input(Job::Completions(own.shell)));
        }
        Some(Command::Man(Late(own))) => {
            refuse("man", stats, fail_on_match)?;
            let job = own.out.map_or(Job::ManPage(own.command), Job::ManPages);
            return Ok(Settings::without_input(job));
        }
        Some(Command::Run(Late(own))) => {
            let job = Job::Run(run::Options {
                stats: stats || (own.stats && !display.quiet),
                fail_on_match: fail_on_match || own.fail_on_match,
                one_terminal: own.one_terminal,
                command: own.command,
            });
            let mut selection = join(selection, own.selection);
            selection.ansi |= !selection.no_ansi;
            (selection, mask.then(own.mask)?, job)
        }
    };
    let config = Config::named(&selection.config)?;
    let redactor = selection::redactor(selection, &mask, &config)?;
    // Of that, `patterns` makes an error.
    if !matches!(job, Job::Patterns) {
        selection::warn_if_idle(&redactor);
    }
    Ok(Settings { redactor, job })
}

/// The job of masking.
fn filter(files: Files, display: Display, stats: bool, fail_on_match: bool) -> Result<Job> {
    let progress = !(display.quiet || display.no_progress);
    let dry_run = files.dry_run;
    let Some(suffix) = files.in_place else {
        return Ok(Job::Filter(filter::Options {
            inputs: inputs(files.files),
            output: files.output.filter(|path| path.as_os_str() != "-"),
            progress,
            stats,
            fail_on_match,
        }));
    };
    if files.files.is_empty() {
        bail!("--in-place needs the names of files");
    }
    let files = inputs(files.files).into_iter().map(|input| match input {
        Name::File(path) => Ok(path),
        Name::Stdin => bail!("--in-place cannot mask standard input"),
    });
    if suffix.to_string_lossy().contains(std::path::is_separator) {
        bail!("the suffix of --in-place cannot name another folder");
    }
    Ok(Job::InPlace(in_place::Options {
        files: files.collect::<Result<_>>()?,
        suffix: Some(suffix).filter(|suffix| !suffix.is_empty()),
        dry_run,
        progress,
        stats,
        fail_on_match,
    }))
}

/// Flags of the filter that `command` could do nothing with.
fn refuse(command: &str, stats: bool, fail_on_match: bool) -> Result<()> {
    for (flag, given) in [("--stats", stats), ("--fail-on-match", fail_on_match)] {
        if given {
            bail!("{flag} is of no use with '{command}'");
        }
    }
    Ok(())
}

/// Those of a mask, for a `command` that masks nothing.
fn refuse_mask(command: &str, mask: &MaskFlags) -> Result<()> {
    if mask.is_given() {
        bail!("--mask-char and --mask-text are of no use with '{command}'");
    }
    Ok(())
}

/// What was typed as inputs; standard input if nothing was.
fn inputs(files: Vec<PathBuf>) -> Vec<Name> {
    if files.is_empty() {
        return vec![Name::Stdin];
    }
    files.into_iter().map(Name::typed).collect()
}

/// The flags before a command and those after it, as if they stood in one place.
fn join(before: Selection, after: Selection) -> Selection {
    let concat = |mut list: Vec<String>, more| {
        list.extend::<Vec<String>>(more);
        list
    };
    let ansi = after.ansi().or(before.ansi());
    Selection {
        profile: after.profile.or(before.profile),
        with: concat(before.with, after.with),
        without: concat(before.without, after.without),
        hide_id: concat(before.hide_id, after.hide_id),
        known: before.known.and(after.known),
        config: before.config.then(after.config),
        ansi: ansi == Some(true),
        no_ansi: ansi == Some(false),
    }
}
