//! `dtmask patterns`.

use clap::Args;

use super::selection::Selection;

/// The flags of `dtmask patterns`.
#[derive(Debug, Args)]
pub(crate) struct PatternsFlags {
    #[command(flatten)]
    pub(crate) selection: Selection,
}

pub(super) const EXAMPLES: &str = "\
Examples:
  dtmask patterns
  git secrets --add-provider -- dtmask patterns";
