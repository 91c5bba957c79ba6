//! `dtmask completions` and `dtmask man`.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use clap_complete::Shell;

/// The flags of `dtmask completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsFlags {
    /// The shell to print them for
    #[arg(value_enum, value_name = "SHELL")]
    pub(crate) shell: Shell,
}

/// The flags of `dtmask man`.
#[derive(Debug, Args)]
pub(crate) struct ManFlags {
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) out: Option<PathBuf>,

    /// The command to print the page of, instead of that of dtmask itself
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub(crate) command: Option<String>,
}

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  dtmask completions bash > ~/.local/share/bash-completion/completions/dtmask
  dtmask completions zsh > ~/.zfunc/_dtmask
  dtmask completions fish > ~/.config/fish/completions/dtmask.fish
  dtmask completions powershell >> $PROFILE";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  dtmask man | man -l -
  dtmask man run | man -l -
  dtmask man --out ~/.local/share/man/man1";
