//! How the program shows itself: the flags of every command.

use clap::Args;

use crate::color::When;

/// What is said besides the result, and how it looks.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct Display {
    /// Print no warnings, statistics or progress; errors stay
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// Show no progress bar
    ///
    /// A bar appears on standard error, if that is a terminal, when work on files
    /// takes longer than a second and the output is no terminal and no pipe.
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,

    /// When to use colours [default: auto]
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        global = true,
        default_value_t,
        hide_default_value = true
    )]
    pub(crate) color: When,
}
