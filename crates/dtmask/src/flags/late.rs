//! Flags that are only defined when they are needed.

use clap::builder::Resettable::{Reset, Value};
use clap::builder::StyledStr;
use clap::error::Error;
use clap::{ArgMatches, Args, Command, FromArgMatches, Id};

/// The flags of a command, defined only when that command is given, or when all are asked
/// for: there are many of them, and whoever masks should not wait for those of the others.
#[derive(Debug)]
pub(crate) struct Late<T>(pub(crate) Box<T>);

impl<T: Args> Args for Late<T> {
    fn group_id() -> Option<Id> {
        T::group_id()
    }

    fn augment_args(command: Command) -> Command {
        command.defer(|command| keep_about(command, T::augment_args))
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(|command| keep_about(command, T::augment_args_for_update))
    }
}

impl<T: FromArgMatches> FromArgMatches for Late<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches(matches).map(|flags| Late(Box::new(flags)))
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        T::from_arg_matches_mut(matches).map(|flags| Late(Box::new(flags)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches(matches)
    }

    fn update_from_arg_matches_mut(&mut self, matches: &mut ArgMatches) -> Result<(), Error> {
        self.0.update_from_arg_matches_mut(matches)
    }
}

/// Lets the command say of itself what it said before: what flags say is for whoever reads
/// their source.
fn keep_about(command: Command, define: fn(Command) -> Command) -> Command {
    let keep = |text: Option<&StyledStr>| text.cloned().map_or(Reset, Value);
    let (about, long_about) = (keep(command.get_about()), keep(command.get_long_about()));
    define(command).about(about).long_about(long_about)
}
