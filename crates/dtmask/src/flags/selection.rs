//! Which secrets are looked for: the flags of every job that masks or finds.

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Args, ValueEnum};
use dtmask_core::Profile;
use serde::Deserialize;

use super::config::ConfigFlags;
use super::known::Known;

/// Which secrets are looked for.
#[derive(Debug, Default, Args)]
pub(crate) struct Selection {
    /// Which rules to start from [default: default]
    #[arg(long, value_enum, value_name = "PROFILE")]
    pub(crate) profile: Option<ProfileFlag>,

    /// Turn a rule on (repeatable)
    #[arg(long, value_name = "RULE", value_parser = RuleName, hide_possible_values = true)]
    pub(crate) with: Vec<String>,

    /// Turn a rule off (repeatable; wins over --with)
    #[arg(long, value_name = "RULE", value_parser = RuleName, hide_possible_values = true)]
    pub(crate) without: Vec<String>,

    /// Mask all that follows this prefix, the token identifier too (repeatable)
    ///
    /// A prefix is `dt0`, a letter and two digits, such as `dt0s01`.
    #[arg(long, value_name = "PREFIX")]
    pub(crate) hide_id: Vec<String>,

    /// See through colour codes inside of secrets
    ///
    /// Escape sequences of terminals are passed over wherever they stand, and kept in
    /// the output. On by default in `run`.
    #[arg(long, overrides_with = "no_ansi")]
    pub(crate) ansi: bool,

    /// Take colour codes for text, in `run` too
    #[arg(long, overrides_with = "ansi")]
    pub(crate) no_ansi: bool,

    #[command(flatten)]
    pub(crate) config: ConfigFlags,

    #[command(flatten)]
    pub(crate) known: Known,
}

impl Selection {
    /// Whether to see through colour codes, if that was said.
    pub(crate) fn ansi(&self) -> Option<bool> {
        (self.ansi || self.no_ansi).then_some(self.ansi)
    }
}

/// The values of `--profile`.
#[derive(Clone, Copy, Debug, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case", expecting = "a string")]
pub(crate) enum ProfileFlag {
    /// Every form a token was seen in
    Default,
    /// Exactly the expression that Dynatrace publishes
    Published,
}

impl From<ProfileFlag> for Profile {
    fn from(flag: ProfileFlag) -> Profile {
        match flag {
            ProfileFlag::Default => Profile::Default,
            ProfileFlag::Published => Profile::Published,
        }
    }
}

/// Knows the names of the built-in rules for whoever completes them, and accepts all others
/// too: what the rules of a rule file are called is not known yet.
#[derive(Clone, Copy, Debug)]
struct RuleName;

impl TypedValueParser for RuleName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let rules = dtmask_core::builtin_rules();
        Some(Box::new(rules.map(|rule| {
            PossibleValue::new(rule.name()).help(rule.description())
        })))
    }
}
