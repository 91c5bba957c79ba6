//! What was typed. What it means is decided in [`crate::settings`].
//!
//! A file for each command, and one for the flags they share.

pub(crate) mod config;
pub(crate) mod display;
pub(crate) mod files;
pub(crate) mod install;
pub(crate) mod known;
pub(crate) mod late;
pub(crate) mod mask;
pub(crate) mod patterns;
pub(crate) mod rules;
pub(crate) mod run;
mod salvage;
pub(crate) mod scan;
pub(crate) mod selection;

use clap::{Parser, Subcommand};

use self::display::Display;
use self::files::Files;
use self::install::{CompletionsFlags, ManFlags};
use self::late::Late;
use self::mask::MaskFlags;
use self::patterns::PatternsFlags;
use self::rules::RulesFlags;
use self::run::RunFlags;
pub(crate) use self::salvage::{Salvage, salvage};
use self::scan::ScanFlags;
use self::selection::Selection;

/// Reads the flags of this process.
///
/// # Errors
///
/// If they make no sense, and also if help or the version was asked for.
pub(crate) fn parse() -> Result<Flags, clap::Error> {
    if std::env::args_os().len() == 1 {
        // As a filter, which is what most runs are, we start faster without a list of all
        // that could have been typed.
        return Ok(Flags::default());
    }
    Flags::try_parse()
}

/// Masks Dynatrace tokens in files and in whatever is piped through it.
///
/// Reads standard input or files, writes them to standard output, and masks the
/// secret portion of every Dynatrace token on the way. Token identifiers, and every
/// byte that is no secret, come out as they are and at once: no line is waited for.
#[derive(Debug, Default, Parser)]
#[command(
    name = "dtmask",
    version,
    max_term_width = 100,
    args_override_self = true,
    override_usage = "dtmask [OPTIONS] [FILE]...\n       dtmask --in-place[=SUFFIX] [OPTIONS] FILE...\n       dtmask rules [OPTIONS] [--explain [FILE]...]\n       dtmask scan [OPTIONS] [PATH]...\n       dtmask patterns [OPTIONS]\n       dtmask run [OPTIONS] [--] COMMAND [ARGS]...\n       dtmask completions SHELL\n       dtmask man [--out DIR | COMMAND]",
    after_help = SHORT_EXAMPLES,
    after_long_help = LONG_EXAMPLES
)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) files: Files,

    #[command(flatten)]
    pub(crate) selection: Selection,

    #[command(flatten)]
    pub(crate) mask: MaskFlags,

    /// Print one line of statistics to standard error at the end
    ///
    /// The line reads `dtmask: N secrets masked (RULE N, RULE N) in SIZE (N bytes)`.
    /// Rules that masked nothing are left out, and so are the parentheses if none
    /// did. The bytes are those that were read.
    #[arg(long)]
    pub(crate) stats: bool,

    /// Exit with 1, after the whole input, if something was masked
    #[arg(long)]
    pub(crate) fail_on_match: bool,

    #[command(flatten)]
    pub(crate) display: Display,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do instead of masking.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the active rules, or explain what they find
    #[command(after_help = rules::EXAMPLES, args_override_self = true)]
    Rules(Late<RulesFlags>),

    /// Tell which secrets are in files, in a commit to be, or in a history
    #[command(
        after_help = scan::SHORT_EXAMPLES,
        after_long_help = scan::LONG_EXAMPLES,
        args_override_self = true
    )]
    Scan(Late<ScanFlags>),

    /// Print expressions for git-secrets and other users of `grep -E`
    #[command(after_help = patterns::EXAMPLES, args_override_self = true)]
    Patterns(Late<PatternsFlags>),

    /// Run a command and mask both of its outputs
    ///
    /// The command does not notice: an output that is a terminal is one to it, signals
    /// are passed on, and its exit code is that of dtmask. Each output is masked on its
    /// own, so that a secret is found whatever the other one says in between.
    #[command(
        after_help = run::SHORT_EXAMPLES,
        after_long_help = run::LONG_EXAMPLES,
        override_usage = "dtmask run [OPTIONS] [--] COMMAND [ARGS]...",
        args_override_self = true
    )]
    Run(Late<RunFlags>),

    /// Print completions for a shell
    #[command(after_help = install::COMPLETIONS_EXAMPLES, args_override_self = true)]
    Completions(Late<CompletionsFlags>),

    /// Print a man page, or write all of them
    #[command(after_help = install::MAN_EXAMPLES, args_override_self = true)]
    Man(Late<ManFlags>),
}

const SHORT_EXAMPLES: &str = "\
Examples:
  app 2>&1 | dtmask                 mask what a program prints
  dtmask app.log > clean.log        make a copy that can be given away
  dtmask --in-place app.log         mask a file where it stands
  dtmask rules --explain app.log    see which rule matched where

'dtmask --help' says more.";

const LONG_EXAMPLES: &str = "\
Examples:
  Mask what a program prints, prompts and half lines at once:
      app 2>&1 | dtmask
  Follow a log:
      tail -f app.log | dtmask
  Make a copy that can be given to support, also of compressed files:
      dtmask app.log > clean.log
      dtmask -o clean.log.gz app.log.2.gz app.log.1 app.log
  Mask files where they stand; see first what would change:
      dtmask --in-place --dry-run logs/*.log
      dtmask --in-place logs/*.log
  Mask a file that is called as a command is:
      dtmask -- rules
  Fail a build whose report holds a secret:
      dtmask --fail-on-match < report.txt > /dev/null
  Put a text in the place of each secret, and count them:
      dtmask --mask-text '[REDACTED]' --stats < app.log
  Also mask JSON web tokens, and nothing in base64:
      dtmask --with jwt --without base64 --without base64-wrapped
  Mask what a job knows to be secret, whatever it looks like:
      app 2>&1 | dtmask --known-env 'CI_*' --known-dir /run/secrets/db
  Use rules of your own:
      app 2>&1 | dtmask --config dtmask.toml
  See which rules there are, and which of them matched where:
      dtmask rules
      dtmask rules --explain app.log

Exit codes:
  0  done; also if the reader of the output went away early
  1  something was masked and --fail-on-match was given
  2  wrong usage, an error while reading or writing (files that can be read are
     handled nevertheless), or the output was closed before the end of the input
     was seen and --fail-on-match was given
  129, 130, 143  ended by SIGHUP, SIGINT or SIGTERM

Signals:
  While the input is a pipe, a socket or a terminal, the first SIGHUP, SIGINT or
  SIGTERM lets dtmask read on to the end of the input, for at most 5 seconds, so
  that the last lines of the program before it are not lost. A second one ends it
  at once.";

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::Flags;

    #[test]
    fn commands_say_of_themselves_what_the_list_says() {
        let (listed, mut defined) = (Flags::command(), Flags::command());
        defined.build();
        for command in listed.get_subcommands() {
            let name = command.get_name();
            let found = defined.find_subcommand(name).expect("it is the same list");
            let about = |command: &clap::Command| command.get_about().map(ToString::to_string);
            assert!(
                about(command).is_some() && about(command) == about(found),
                "{name}"
            );
            assert!(found.get_arguments().count() > command.get_arguments().count());
        }
    }

    #[test]
    fn to_type_nothing_is_the_default() {
        let parsed = Flags::try_parse_from(["dtmask"]).expect("nothing is asked for");
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Flags::default()));
    }
}
