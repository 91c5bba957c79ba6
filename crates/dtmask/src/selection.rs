//! What the shared flags and the rule file say together: a redactor.
//!
//! Of a thing that can be one way only, such as the mask, the command line has the last
//! word. Lists add up, and of a rule that one switches on and the other off, the command
//! line decides.

use std::ffi::OsString;

use anyhow::{Context, Error, Result};
use dtmask_core::{ErrorKind, Mask, Redactor};

use crate::config::{Config, MaskChar, MaskText, Place};
use crate::flags::known::Known;
use crate::flags::mask::MaskFlags;
use crate::flags::selection::Selection;
use crate::flags::{Salvage, salvage};
use crate::known::{Source, Values};
use crate::report::{self, Hidden};

/// Makes a redactor, and reads the known values for it.
///
/// # Errors
///
/// If there is none: a mask that would not stay as it is, a prefix that is none, a rule
/// that cannot be compiled, a known value that cannot be read.
pub(crate) fn redactor(
    flags: Selection,
    mask_flags: &MaskFlags,
    config: &Config,
) -> Result<Redactor> {
    let mut values = Values::default();
    let done = read(&mut values, &flags.known, config);
    // Also if some could not be read: what is said about them must not show the others.
    report::hide(|| hidden(&values, &flags.hide_id, config));
    for warning in values.warnings() {
        report::warning(warning);
    }
    done?;

    let mask = mask(mask_flags, config)?;
    let mut builder = values.apply(config.apply(Redactor::builder().utf16(true).ansi(flags.ansi)));
    if let Some(profile) = flags.profile {
        builder = builder.profile(profile.into());
    }
    for name in flags.with {
        builder = builder.with(name);
    }
    for name in flags.without {
        builder = builder.without(name);
    }
    for prefix in flags.hide_id {
        builder = builder.hide_id(prefix);
    }
    if let Some(mask) = mask {
        builder = builder.mask(mask);
    }
    let redactor = builder.build().map_err(|error| {
        let (place, kind) = (config.locate(&error), error.kind());
        match place {
            Some(place) => Error::new(error).context(place),
            None if kind == ErrorKind::HideId => Error::new(error).context("--hide-id"),
            None => error.into(),
        }
    })?;
    if let Some(warning) = redactor.mask_warning() {
        report::warning(warning);
    }
    Ok(redactor)
}

/// Says so if `redactor` has nothing to find.
pub(crate) fn warn_if_idle(redactor: &Redactor) {
    if redactor.rules().next().is_none() {
        report::warning("no rule is active, so nothing is found");
    }
}

/// Hides what the words of a command line that makes no sense want hidden, as far as it
/// can be read, from what is said about it.
pub(crate) fn hide_salvaged(words: impl Iterator<Item = OsString>) {
    report::hide(|| {
        let Salvage {
            known,
            config,
            hide_id,
        } = salvage(words);
        let config = Config::named(&config).unwrap_or_default();
        let mut values = Values::default();
        // Another fault than the one there is to tell of.
        let _ = read(&mut values, &known, &config);
        hidden(&values, &hide_id, &config)
    });
}

/// What no message may show.
fn hidden(values: &Values, hide_id: &[String], config: &Config) -> Hidden {
    Hidden {
        known: values.unspeakable().collect(),
        prefixes: config.hide_id().chain(hide_id).cloned().collect(),
        rules: config.rules().collect(),
    }
}

/// Reads all that can be read, and returns the first error.
fn read(values: &mut Values, flags: &Known, config: &Config) -> Result<()> {
    let mut done = Ok(());
    for (source, place) in sources(flags, config) {
        let read = values.read(&source);
        done = done.and(match place {
            Some(place) => read.context(place),
            None => read,
        });
    }
    done
}

/// Where known values come from, and where in the rule file that is said.
fn sources(flags: &Known, config: &Config) -> impl Iterator<Item = (Source, Option<Place>)> {
    let env = flags.known_env.iter().cloned().map(Source::Env);
    let file = flags.known_file.iter().cloned().map(Source::File);
    let dir = flags.known_dir.iter().cloned().map(Source::Dir);
    let typed = env.chain(file).chain(dir).map(|source| (source, None));
    let configured = config.known().map(|(source, place)| (source, Some(place)));
    configured.chain(typed)
}

fn mask(flags: &MaskFlags, config: &Config) -> Result<Option<Mask>> {
    if let Some(character) = flags.mask_char.clone() {
        let MaskChar(mask) = character.try_into().context("--mask-char")?;
        return Ok(Some(mask));
    }
    if let Some(text) = flags.mask_text.clone() {
        let MaskText(mask) = text.try_into().context("--mask-text")?;
        return Ok(Some(mask));
    }
    Ok(config.mask().cloned())
}
