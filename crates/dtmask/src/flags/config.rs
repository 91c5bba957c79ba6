//! Which rule file is read, if any.

use std::path::PathBuf;

use clap::Args;

/// Which rule file is read, if any.
#[derive(Debug, Default, Args)]
pub(crate) struct ConfigFlags {
    /// Read rules, mask and known values from this file [env: DTMASK_CONFIG]
    ///
    /// The file is TOML, docs/config.md describes it. What the command line says wins.
    #[arg(long, value_name = "FILE", overrides_with = "no_config")]
    pub(crate) config: Option<PathBuf>,

    /// Read no rule file, whatever DTMASK_CONFIG says
    #[arg(long, overrides_with = "config")]
    pub(crate) no_config: bool,
}

impl ConfigFlags {
    /// These, unless `later` ones say something else.
    pub(crate) fn then(self, later: ConfigFlags) -> ConfigFlags {
        if later.no_config || later.config.is_some() {
            later
        } else {
            self
        }
    }
}
