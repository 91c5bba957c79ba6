//! `dtmask run`.

use std::ffi::OsString;

use clap::{Args, ValueHint};

use super::mask::MaskFlags;
use super::selection::Selection;

/// The flags of `dtmask run`.
#[derive(Debug, Args)]
pub(crate) struct RunFlags {
    /// Print one line of statistics to standard error at the end
    ///
    /// The line is that of `dtmask --stats`, over both outputs.
    #[arg(long)]
    pub(crate) stats: bool,

    /// Exit with 1 if something was masked and the command ended with 0
    #[arg(long)]
    pub(crate) fail_on_match: bool,

    /// Make one terminal of both outputs, as interactive shells need it
    ///
    /// The command's standard error is then the terminal of its session, and the order
    /// of the two outputs exact. But a secret that is written in two parts, with a message
    /// of the other output between them, is not found. Of no effect if one of the outputs
    /// is no terminal.
    #[arg(long)]
    pub(crate) one_terminal: bool,

    #[command(flatten)]
    pub(crate) selection: Selection,

    #[command(flatten)]
    pub(crate) mask: MaskFlags,

    /// The command and its arguments; put `--` before it
    ///
    /// All that follows its name is its own, and not ours, whether it looks like a
    /// flag or not.
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, value_hint = ValueHint::CommandWithArguments)]
    pub(crate) command: Vec<OsString>,
}

pub(super) const SHORT_EXAMPLES: &str = "\
Examples:
  dtmask run -- terraform apply
  dtmask run --fail-on-match -- make test
  dtmask run --one-terminal -- bash

'dtmask run --help' says more.";

pub(super) const LONG_EXAMPLES: &str = "\
Examples:
  Keep secrets out of the log of a build, and fail it if there was one:
      dtmask run --fail-on-match -- make test > build.log 2>&1
  Work as usual, with colours, prompts and Ctrl-Z:
      dtmask run -- terraform apply
      dtmask run --one-terminal -- bash

Exit codes:
  0-255  that of the command; 128+N if signal N killed it
  1      something was masked, --fail-on-match was given, and the command ended with 0
  2      wrong usage, the command was not started
  125    dtmask itself failed, whatever became of the command, or was given what makes
         no sense (a rule, a mask, a value, flags of other commands) and did not start it
  126    the command cannot be run
  127    there is no such command

Terminals:
  An output that is a terminal is a pseudo-terminal to the command, any other a pipe.
  At a terminal the command has a session of its own, and the keys are passed on to it.

Signals:
  SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1 and SIGUSR2 are passed on to the command.
  When it has ended, dtmask hands on what it left and ends too; what it started and
  left running is not waited for.";
