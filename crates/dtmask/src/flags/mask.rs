//! What takes the place of secrets: the flags of every job that masks, or shows what is masked.

use anyhow::{Result, bail};
use clap::Args;

/// What takes the place of secrets.
#[derive(Debug, Default, Args)]
pub(crate) struct MaskFlags {
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

impl MaskFlags {
    /// These flags and those behind them, which win.
    ///
    /// # Errors
    ///
    /// If they contradict each other.
    pub(crate) fn then(self, after: MaskFlags) -> Result<MaskFlags> {
        let joined = MaskFlags {
            mask_char: after.mask_char.or(self.mask_char),
            mask_text: after.mask_text.or(self.mask_text),
        };
        if joined.mask_char.is_some() && joined.mask_text.is_some() {
            bail!("--mask-char and --mask-text cannot be used together");
        }
        Ok(joined)
    }

    /// Whether there are any.
    pub(crate) fn is_given(&self) -> bool {
        self.mask_char.is_some() || self.mask_text.is_some()
    }
}
