//! `dtmask run`: a command whose output is masked, and which is not to notice.
//!
//! Two threads: the [`relay`] reads both outputs of the command, masks them and
//! writes them; the [`control`] passes signals, keys and window sizes on and waits
//! for the end. A reader that is stuck holds up the relay, never the control.
//!
//! [`wiring`] decides what the command gets for its standard streams. [`session`] is the
//! process between us and a command that has a terminal of its own; [`terminal`] is the
//! one we stand in, [`keyboard`] what is typed there. [`signals`] and [`child`] are what
//! both processes need.

#[cfg(unix)]
mod child;
#[cfg(unix)]
mod control;
#[cfg(unix)]
mod keyboard;
#[cfg(not(unix))]
mod plain;
#[cfg(unix)]
mod relay;
#[cfg(unix)]
mod session;
#[cfg(unix)]
mod signals;
#[cfg(unix)]
mod terminal;
#[cfg(unix)]
mod wiring;

use std::ffi::{OsStr, OsString};
use std::io;

use anyhow::Result;
use dtmask_core::{Redactor, Stats};

use crate::filter::Pump;
use crate::{DONE, MASKED, report, stats};

#[cfg(not(unix))]
use self::plain::wrap;
#[cfg(unix)]
pub(crate) use self::session::stage;
#[cfg(unix)]
use self::unix::wrap;

/// We failed, not the command: as with `env`, `timeout` and `nohup`.
pub(crate) const FAILED: u8 = 125;
/// The command is there but cannot be run.
const NOT_EXECUTABLE: u8 = 126;
/// There is no such command.
const NOT_FOUND: u8 = 127;

/// What the flags say about this job, apart from the rules.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) stats: bool,
    pub(crate) fail_on_match: bool,
    /// Make one terminal of both outputs.
    pub(crate) one_terminal: bool,
    /// The name of the command and its arguments.
    pub(crate) command: Vec<OsString>,
}

impl Options {
    fn name_and_args(&self) -> (&OsStr, &[OsString]) {
        let (name, args) = self
            .command
            .split_first()
            .expect("the command line has a command");
        (name, args)
    }
}

/// Runs the command and returns its exit code, or one of ours.
///
/// # Errors
///
/// If there is no way to run anything. That this command could not be run, and that
/// its output could not be handed on, was said already.
pub(crate) fn run(redactor: &Redactor, options: &Options) -> Result<u8> {
    let Ran {
        code,
        outcome,
        masked,
    } = wrap(redactor, options)?;
    let streams: Vec<Stats<'_>> = masked.iter().map(Pump::stats).collect();
    if options.stats && !streams.is_empty() {
        report::line(stats::summary(&streams));
    }
    let found = streams.iter().any(|stats| stats.secrets() > 0);
    Ok(match (code, outcome) {
        (_, Outcome::Failed) => FAILED,
        (DONE, Outcome::Closed) if options.fail_on_match => FAILED,
        (DONE, Outcome::Complete) if options.fail_on_match && found => MASKED,
        (code, _) => code,
    })
}

/// How a command ended.
struct Ran {
    /// Its exit code, as a shell tells it.
    code: u8,
    outcome: Outcome,
    /// What its outputs went through.
    masked: Vec<Pump>,
}

impl Ran {
    /// The end of what had no output, or none that we could look after.
    fn nothing(code: u8) -> Ran {
        Ran {
            code,
            outcome: Outcome::Complete,
            masked: Vec::new(),
        }
    }
}

/// What became of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// All of it was handed on.
    Complete,
    /// Somebody did not want the rest of it.
    Closed,
    /// Some of it could not be handed on, and that was said.
    Failed,
}

/// Says why `name` cannot be run, and returns the exit code for it.
fn cannot_run(name: &OsStr, error: &io::Error) -> u8 {
    report::error(format_args!("cannot run '{}': {error}", name.display()));
    match error.kind() {
        io::ErrorKind::NotFound => NOT_FOUND,
        _ => NOT_EXECUTABLE,
    }
}

#[cfg(unix)]
mod unix {
    use anyhow::{Context, Result};
    use dtmask_core::Redactor;

    use super::control::Control;
    use super::relay::Relay;
    use super::signals::Signals;
    use super::wiring::{Start, Wiring};
    use super::{Options, Ran, cannot_run};

    /// Runs a command to its end.
    pub(super) fn wrap(redactor: &Redactor, options: &Options) -> Result<Ran> {
        let (name, args) = options.name_and_args();
        let wiring = Wiring::choose(options.one_terminal)
            .context("cannot open a pipe or pseudo-terminal")?;
        // Before there is a command to pass them on to, so that none is lost.
        let signals = Signals::catch(wiring.signals()).context("cannot handle signals")?;
        let start = wiring.start(name, args);
        let (started, outputs) = match start.context("cannot start a session")? {
            Start::Running(started, outputs) => (started, outputs),
            Start::Refused(error) => return Ok(Ran::nothing(cannot_run(name, &error))),
        };
        let relay = Relay::start(redactor, outputs).context("cannot read the output")?;
        Control::new(started, signals, relay).until_end()
    }
}
