//! What was typed. What it means is decided in [`crate::settings`].

use clap::builder::{PossibleValuesParser, StyledStr, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Reads the flags of this process.
///
/// # Errors
///
/// If they make no sense, and also if help or the version was asked for.
pub(crate) fn parse() -> Result<Flags, clap::Error> {
    Flags::try_parse().map_err(|mut error| {
        // `dtmask app.log` is what everyone tries first.
        if error.kind() == ErrorKind::InvalidSubcommand {
            let tip = "to mask a file, write 'dtmask < FILE'";
            error.insert(
                ContextKind::Suggested,
                ContextValue::StyledStrs(vec![StyledStr::from(tip)]),
            );
        }
        error
    })
}

/// Masks Dynatrace tokens in whatever is piped through it.
///
/// Reads standard input, writes it to standard output, and masks the secret
/// portion of every Dynatrace token on the way. Token identifiers, and every
/// byte that is no secret, come out as they are and at once: no line is waited for.
#[derive(Debug, Parser)]
#[command(
    name = "dtmask",
    version,
    max_term_width = 100,
    args_override_self = true,
    override_usage = "dtmask [OPTIONS]\n       dtmask rules [OPTIONS] [--explain]",
    after_help = SHORT_EXAMPLES,
    after_long_help = LONG_EXAMPLES
)]
pub(crate) struct Flags {
    #[command(flatten)]
    pub(crate) rules: RuleFlags,

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

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do instead of masking.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the active rules, or explain what they find in standard input
    #[command(after_help = RULES_EXAMPLES, args_override_self = true)]
    Rules(RulesFlags),
}

/// The flags of `dtmask rules`.
#[derive(Debug, Args)]
pub(crate) struct RulesFlags {
    /// Read standard input and tell which rule matched where
    ///
    /// For each secret: its line and column, both counted from 1 and the column in
    /// bytes, its rule, its length and offset in bytes, whether it is complete or
    /// was cut off, its token identifier if it has one, and the line it starts in,
    /// masked. The whole input is read into memory first.
    #[arg(long)]
    pub(crate) explain: bool,

    /// Exit with 1 if `--explain` found a secret
    #[arg(long, requires = "explain")]
    pub(crate) fail_on_match: bool,

    #[command(flatten)]
    pub(crate) rules: RuleFlags,
}

/// Which secrets are looked for, and what takes their place.
#[derive(Debug, Args)]
pub(crate) struct RuleFlags {
    /// Which rules to start from [default: default]
    #[arg(long, value_enum, value_name = "PROFILE")]
    pub(crate) profile: Option<ProfileFlag>,

    /// Turn a rule on (repeatable)
    #[arg(long, value_name = "RULE", value_parser = RuleName)]
    pub(crate) with: Vec<String>,

    /// Turn a rule off (repeatable; wins over --with)
    #[arg(long, value_name = "RULE", value_parser = RuleName)]
    pub(crate) without: Vec<String>,

    /// Mask all that follows this prefix, the token identifier too (repeatable)
    ///
    /// A prefix is `dt0`, a letter and two digits, such as `dt0s01`.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) hide_id: Vec<String>,

    /// Put this character in the place of each byte of a secret [default: *]
    ///
    /// One printable ASCII character, such as `!` or `~`, that can be no part of a
    /// secret. Lengths and offsets stay what they were.
    #[arg(long, value_name = "C")]
    pub(crate) mask_char: Option<String>,

    /// Put this text in the place of each secret
    #[arg(long, value_name = "TEXT", conflicts_with = "mask_char")]
    pub(crate) mask_text: Option<String>,
}

/// The values of `--profile`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ProfileFlag {
    /// Every form a token was seen in
    Default,
    /// Exactly the expression that Dynatrace publishes
    Published,
}

/// Accepts the names of the built-in rules, and lists them if given another. They
/// are made only then: most runs name no rule.
#[derive(Clone, Copy, Debug)]
struct RuleName;

impl RuleName {
    fn known() -> PossibleValuesParser {
        PossibleValuesParser::new(dtmask_core::builtin_rules().map(dtmask_core::Rule::name))
    }
}

impl TypedValueParser for RuleName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        RuleName::known().parse_ref(command, arg, value)
    }
}

const SHORT_EXAMPLES: &str = "\
Examples:
  app 2>&1 | dtmask                 mask what a program prints
  dtmask < app.log > clean.log      make a copy that can be given away
  dtmask rules --explain < app.log  see which rule matched where

'dtmask --help' says more.";

const LONG_EXAMPLES: &str = "\
Examples:
  Mask what a program prints, prompts and half lines at once:
      app 2>&1 | dtmask
  Follow a log:
      tail -f app.log | dtmask
  Make a copy that can be given to support:
      dtmask < app.log > clean.log
  Fail a build whose report holds a secret:
      dtmask --fail-on-match < report.txt > /dev/null
  Put a text in the place of each secret, and count them:
      dtmask --mask-text '[REDACTED]' --stats < app.log
  Also mask JSON web tokens, and nothing in base64:
      dtmask --with jwt --without base64 --without base64-wrapped
  See which rules there are, and which of them matched where:
      dtmask rules
      dtmask rules --explain < app.log

Exit codes:
  0  done; also if the reader of the output went away early
  1  something was masked and --fail-on-match was given
  2  wrong usage, an error while reading or writing, or the output was closed
     before the whole input was read and --fail-on-match was given
  130, 143  ended by SIGINT or SIGTERM

Signals:
  While the input is a pipe, a socket or a terminal, the first SIGINT or SIGTERM
  lets dtmask read on to the end of the input, for at most 5 seconds, so that the
  last lines of the program before it are not lost. A second one ends it at once.";

const RULES_EXAMPLES: &str = "\
Examples:
  dtmask rules
  dtmask rules --profile published
  dtmask rules --explain < app.log";
