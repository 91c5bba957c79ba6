//! `dtmask` masks Dynatrace tokens in files and in whatever is piped through it.
//!
//! Layers, each of which knows only those before it: [`color`], [`report`] and
//! [`progress`] (standard error) and [`stdio`] (the two other standard streams);
//! [`compress`], [`source`] (what is read) and [`sink`] with [`replacement`] (what is
//! written, and the [`scratch`] file until then); [`flags`] (what was typed), [`known`]
//! values, [`config`] (the rule file), [`selection`] (what these say together), [`settings`]
//! (what is to be done); then the jobs: [`filter`] and [`in_place`] with [`stats`] and
//! [`signals`], [`run`], [`rules`] with [`explain`], [`patterns`], [`scan`], and
//! [`install`].

mod buffer;
mod color;
mod compress;
mod config;
mod explain;
mod filter;
mod flags;
mod in_place;
mod install;
mod known;
mod patterns;
mod printable;
mod progress;
mod replacement;
mod report;
mod rules;
mod run;
mod scan;
mod scratch;
mod selection;
mod settings;
mod signals;
mod sink;
mod source;
mod stats;
mod stdio;

use std::process::ExitCode;

use crate::settings::{Job, Settings};

fn main() -> ExitCode {
    report::mask_panics();
    // What a panic left withheld is in a stream that is dropped unprinted.
    let code = std::panic::catch_unwind(work).unwrap_or_else(|_| {
        scratch::remove();
        ERROR
    });
    ExitCode::from(code)
}

/// All of the input was handled.
const DONE: u8 = 0;
/// Something was masked and the user wanted that to count as a failure, or a scan found
/// something.
const MASKED: u8 = 1;
/// Something went wrong; this wins over [`MASKED`].
const ERROR: u8 = 2;

fn work() -> u8 {
    #[cfg(unix)]
    if let Some(code) = run::stage() {
        return code;
    }
    let flags = match flags::parse() {
        Ok(flags) => flags,
        Err(error) => {
            if error.use_stderr() {
                selection::hide_salvaged(std::env::args_os());
            }
            return report::usage(&error);
        }
    };
    let error_code = match flags.command {
        Some(flags::Command::Run(_)) => run::FAILED,
        _ => ERROR,
    };
    let settings = settings::resolve(flags);
    if settings.is_err() {
        // Where it was not known before something failed.
        selection::hide_salvaged(std::env::args_os());
    }
    let done = settings.and_then(|Settings { redactor, job }| match job {
        Job::Filter(options) => filter::run(&redactor, &options),
        Job::InPlace(options) => in_place::run(&redactor, &options),
        Job::List => rules::run(&redactor),
        Job::Patterns => patterns::run(&redactor),
        Job::Scan(options) => scan::run(&redactor, &options),
        Job::Explain {
            inputs,
            fail_on_match,
        } => explain::run(&redactor, &inputs, fail_on_match),
        Job::Run(options) => run::run(&redactor, &options),
        Job::Completions(shell) => install::completions(shell),
        Job::ManPage(command) => install::man_page(command.as_deref()),
        Job::ManPages(folder) => install::man_pages(&folder),
    });
    done.unwrap_or_else(|error| {
        report::error(format_args!("{error:#}"));
        error_code
    })
}
