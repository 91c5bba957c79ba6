//! The rule file: which one is read, and what it says.
//!
//! Whoever masks reads a file only if it was named: a folder that somebody else filled
//! must not be able to switch masking off. `scan` may also find one ([`found`]).

mod file;
mod found;
mod place;

use std::fs;
use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use dtmask_core::{Builder, ErrorKind, Mask, Redactor, Rule};
use toml::Spanned;

use self::file::{File, RuleTable};
pub(crate) use self::file::{MaskChar, MaskText};
pub(crate) use self::place::Place;
use crate::flags::config::ConfigFlags;
use crate::known::Source;

/// The variable that names a file where no flag does.
const VARIABLE: &str = "DTMASK_CONFIG";

/// The most bytes of a file.
const MAX: u64 = 1024 * 1024;

/// A rule file; one that says nothing if there is none.
#[derive(Debug, Default)]
pub(crate) struct Config {
    path: PathBuf,
    /// The content of the file, which the spans in `file` are about.
    text: String,
    file: File,
    /// Whether nobody named it.
    found: bool,
}

impl Config {
    /// The file that `flags` or, if they are silent, the environment names.
    ///
    /// # Errors
    ///
    /// If it cannot be read or says what no rule file may say.
    pub(crate) fn named(flags: &ConfigFlags) -> Result<Config> {
        if flags.no_config {
            return Ok(Config::default());
        }
        if let Some(path) = &flags.config {
            return Config::read(path);
        }
        match std::env::var_os(VARIABLE) {
            Some(path) if !path.is_empty() => Config::read(Path::new(&path)).context(VARIABLE),
            _ => Ok(Config::default()),
        }
    }

    /// `path` as the file means it: from its own folder.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.path.parent().unwrap_or(Path::new("")).join(path)
    }

    /// The built-in rules that the file switches on.
    pub(crate) fn with(&self) -> impl Iterator<Item = &str> {
        self.file.with.iter().map(|name| name.get_ref().as_str())
    }

    /// The prefixes whose identifiers the file hides.
    pub(crate) fn hide_id(&self) -> impl Iterator<Item = &String> {
        self.file.hide_id.iter().map(Spanned::get_ref)
    }

    /// The user's own rules, unchecked.
    pub(crate) fn rules(&self) -> impl Iterator<Item = Rule> {
        self.file.rule.iter().map(|rule| rule.get_ref().rule())
    }

    /// Where known values are read from, and where the file says so.
    pub(crate) fn known(&self) -> impl Iterator<Item = (Source, Place)> {
        let known = &self.file.known;
        let env = known.env.iter().map(|name| {
            let source = Source::Env(name.get_ref().into());
            (source, name.span())
        });
        let file = known.file.iter().map(|path| {
            let source = Source::File(self.resolve(path.get_ref()));
            (source, path.span())
        });
        let dir = known.dir.iter().map(|path| {
            let source = Source::Dir(self.resolve(path.get_ref()));
            (source, path.span())
        });
        env.chain(file)
            .chain(dir)
            .map(|(source, span)| (source, self.place(&span)))
    }

    /// Makes `builder` build with all that the file says, the mask and the known values
    /// excepted.
    pub(crate) fn apply(&self, builder: Builder) -> Builder {
        let file = &self.file;
        let mut builder = match file.profile {
            Some(profile) => builder.profile(profile.into()),
            None => builder,
        };
        for name in &file.with {
            builder = builder.with(name.get_ref());
        }
        for name in &file.without {
            builder = builder.without(name.get_ref());
        }
        for prefix in self.hide_id() {
            builder = builder.hide_id(prefix);
        }
        if let Some(ansi) = file.ansi {
            builder = builder.ansi(ansi);
        }
        with_rules(builder, &file.rule)
    }

    /// The mask.
    pub(crate) fn mask(&self) -> Option<&Mask> {
        let character = self.file.mask_char.as_ref().map(|mask| &mask.get_ref().0);
        character.or(self.file.mask_text.as_ref().map(|mask| &mask.get_ref().0))
    }

    /// As it is for what masks nothing.
    pub(crate) fn without_mask(mut self) -> Config {
        self.file.mask_char = None;
        self.file.mask_text = None;
        self
    }

    /// The place in the file that `error` comes from, if it comes from there.
    pub(crate) fn locate(&self, error: &dtmask_core::Error) -> Option<Place> {
        self.culprit(error).map(|span| self.place(&span))
    }

    /// What in the file leads to `error` all by itself; of rules with the same name, the
    /// first that does with one before it.
    fn culprit(&self, error: &dtmask_core::Error) -> Option<Range<usize>> {
        let File {
            with,
            without,
            hide_id,
            mask_char,
            mask_text,
            rule,
            ..
        } = &self.file;
        let leads = |builder: Builder| builder.build().err().as_ref() == Some(error);
        let guilty = |words: &[Spanned<String>], add: fn(Builder, &str) -> Builder| {
            words
                .iter()
                .find(|word| leads(add(with_rules(Redactor::builder(), rule), word.get_ref())))
                .map(Spanned::span)
        };
        match error.kind() {
            ErrorKind::UnknownRule => guilty(with, |builder, name| builder.with(name))
                .or_else(|| guilty(without, |builder, name| builder.without(name))),
            ErrorKind::HideId => guilty(hide_id, |builder, prefix| builder.hide_id(prefix)),
            ErrorKind::Mask => {
                let char_span = mask_char.as_ref().map(Spanned::span);
                let span = char_span.or(mask_text.as_ref().map(Spanned::span));
                let mask = self.mask()?.clone();
                span.filter(|_| leads(self.apply(Redactor::builder()).mask(mask)))
            }
            _ => {
                let leads = |(index, it): &(usize, &Spanned<RuleTable>)| {
                    let name = it.get_ref().name();
                    let mut earlier = rule[..*index].iter();
                    let namesake = earlier.find(|rule| rule.get_ref().name() == name);
                    let both = namesake.into_iter().chain([*it]);
                    leads(with_rules(Redactor::builder(), both))
                };
                let bad = rule.iter().enumerate().find(leads);
                bad.map(|(_, rule)| rule.span())
            }
        }
    }

    /// Reads the file at `path`.
    fn read(path: &Path) -> Result<Config> {
        let mut bytes = Vec::new();
        fs::File::open(path)
            .and_then(|file| file.take(MAX + 1).read_to_end(&mut bytes))
            .with_context(|| format!("cannot read the rule file {}", path.display()))?;
        if bytes.len() as u64 > MAX {
            bail!(
                "{} is no rule file: it has more than {} KiB",
                path.display(),
                MAX / 1024
            );
        }
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let valid = String::from_utf8_lossy(&error.as_bytes()[..valid]);
            let place = Place::new(path, &valid, valid.len());
            anyhow!("{place}: a rule file is UTF-8, and this byte is not")
        })?;
        let file: File = toml::from_str(&text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            let place = Place::new(path, &text, offset);
            anyhow!("{place}: {}", place::message(&error))
        })?;
        let config = Config {
            path: path.to_owned(),
            text,
            file,
            found: false,
        };
        if let (Some(_), Some(text)) = (&config.file.mask_char, &config.file.mask_text) {
            bail!(
                "{}: mask-char and mask-text cannot be used together",
                config.place(&text.span())
            );
        }
        Ok(config)
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place::new(&self.path, &self.text, span.start)
    }
}

fn with_rules<'r>(
    builder: Builder,
    rules: impl IntoIterator<Item = &'r Spanned<RuleTable>>,
) -> Builder {
    let rules = rules.into_iter().map(|rule| rule.get_ref().rule());
    rules.fold(builder, Builder::rule)
}
