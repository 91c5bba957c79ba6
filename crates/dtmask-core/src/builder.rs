//! From what a user asks for to a redactor.

use std::sync::Arc;

use crate::engine::{ActiveRule, Engine, Extras};
use crate::error::{Error, ErrorKind};
use crate::grammar::{self, Activation, BUILTINS, FamilyKind};
use crate::known::KnownValue;
use crate::mask::{Mask, Masks};
use crate::mask_check;
use crate::redactor::{Redactor, Shared};
use crate::rules::{self, Rule};

/// A set of built-in rules to start from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Profile {
    /// Every real token shape, also where only its context gives a secret away.
    #[default]
    Default,
    /// Exactly the expression the vendor publishes.
    Published,
}

/// Puts together a [`Redactor`].
///
/// # Examples
///
/// ```
/// use dtmask_core::{Mask, Redactor};
///
/// let redactor = Redactor::builder()
///     .with("jwt")
///     .without("base64")
///     .hide_id("dt0s01")
///     .mask(Mask::text("[REDACTED]")?)
///     .build()?;
/// assert_eq!(redactor.redact_str("api-token=FAKE_legacy-tok3n_abc"), "api-token=[REDACTED]");
/// # Ok::<(), dtmask_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    profile: Profile,
    /// Names switched on or off, in the order they were given: the last one wins.
    switches: Vec<(String, bool)>,
    hidden_ids: Vec<String>,
    user_rules: Vec<Rule>,
    known: Vec<KnownValue>,
    ansi: bool,
    utf16: bool,
    mask: Mask,
}

impl Builder {
    /// Starts from this set of rules.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Switches a rule on. Of switches of the same rule the last one wins.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>) -> Self {
        self.switches.push((name.into(), true));
        self
    }

    /// Switches a rule off, a built-in one or one of your own, which is not compiled then.
    #[must_use]
    pub fn without(mut self, name: impl Into<String>) -> Self {
        self.switches.push((name.into(), false));
        self
    }

    /// Masks everything behind the dot of tokens with this prefix (`dt0`, letter, digit,
    /// digit), also their public portion.
    #[must_use]
    pub fn hide_id(mut self, prefix: impl Into<String>) -> Self {
        self.hidden_ids.push(prefix.into());
        self
    }

    /// Adds a rule.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.user_rules.push(rule);
        self
    }

    /// Masks this value wherever it stands, also in base64, in URLs and in JSON.
    ///
    /// The only way to find a secret without shape and context. `name` is what errors call
    /// it; the value itself is never shown. Of its base64 a first character is left that
    /// it shares with what stands in front.
    ///
    /// A stream withholds what may be the beginning of a value, so up to one byte less
    /// than its longest form. It has [`MIN_KNOWN_LEN`](crate::MIN_KNOWN_LEN) to
    /// [`MAX_KNOWN_LEN`](crate::MAX_KNOWN_LEN) bytes.
    ///
    /// # Complexity
    ///
    /// [`build`](Self::build) takes time and memory in proportion to all forms of all values:
    /// some hundred times their size, up to a thousand times if they are no text.
    ///
    /// # Examples
    ///
    /// ```
    /// # use dtmask_core::Redactor;
    /// let redactor = Redactor::builder().known_value("DB_PASSWORD", "hunter2/hunter2").build()?;
    /// assert_eq!(
    ///     redactor.redact_str("db://app:hunter2%2Fhunter2@host"),
    ///     "db://app:*****************@host",
    /// );
    /// # Ok::<(), dtmask_core::Error>(())
    /// ```
    #[must_use]
    pub fn known_value(mut self, name: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.known.push(KnownValue {
            name: name.into(),
            value: value.into(),
        });
        self
    }

    /// Whether to see through the escape sequences of terminals (ECMA-48: colour codes,
    /// titles, links): what is secret in a text without them is masked, and they are kept.
    ///
    /// They are passed over up to 256 bytes at a time. Since they are withheld with what
    /// is undecided before them, [`Redactor::max_held`] grows.
    #[must_use]
    pub fn ansi(mut self, on: bool) -> Self {
        self.ansi = on;
        self
    }

    /// Whether to take a byte order mark of UTF-16 at the beginning of a stream or
    /// haystack for what it is: secrets are then found and masked in that encoding too.
    ///
    /// Rules see each code unit that is no byte as the byte 0xFF.
    #[must_use]
    pub fn utf16(mut self, on: bool) -> Self {
        self.utf16 = on;
        self
    }

    /// Puts this mask in the place of secrets.
    #[must_use]
    pub fn mask(mut self, mask: Mask) -> Self {
        self.mask = mask;
        self
    }

    /// Compiles the rules as far as is needed to know that they can be compiled.
    ///
    /// # Errors
    ///
    /// If a name or prefix is unknown, a user rule or a known value is invalid, or the mask
    /// could become part of a secret. [`Error::kind`] tells which.
    pub fn build(self) -> Result<Redactor, Error> {
        // A message quotes what it was given, which may be a token in the wrong place.
        let redacted = |message: &str| Redactor::new().redact_str(message).into_owned();
        self.compile().map_err(|error| error.reworded(redacted))
    }

    fn compile(self) -> Result<Redactor, Error> {
        self.check_switches()?;
        let mut active = self.builtin_rules();
        active.extend(self.hide_id_rule()?);
        let builtin_count = active.len();
        for (index, rule) in self.user_rules.iter().enumerate() {
            let earlier = &self.user_rules[..index];
            if rules::is_reserved(rule.name()) || earlier.iter().any(|r| r.name() == rule.name()) {
                return Err(rule.fault(ErrorKind::RuleName, "has the name of another rule"));
            }
            if self.is_on(rule, true) {
                active.push(ActiveRule {
                    rule: rule.clone(),
                    family: FamilyKind::Own,
                });
            }
        }
        self.known.iter().try_for_each(KnownValue::check)?;
        let extras = Extras {
            known: &self.known,
            ansi: self.ansi,
            utf16: self.utf16,
        };
        let engine = Engine::new(active, &extras)?;
        let mask_warning = mask_check::check(&self.mask, &engine, builtin_count, &self.known)?;
        Ok(Redactor::from_shared(Arc::new(Shared {
            engine,
            masks: Masks::new(self.mask, self.utf16),
            mask_warning,
        })))
    }

    fn check_switches(&self) -> Result<(), Error> {
        let names = || {
            let builtins = BUILTINS.iter().map(|builtin| &builtin.rule);
            builtins.chain(&self.user_rules).map(Rule::name)
        };
        let mut switched = self.switches.iter().map(|(name, _)| name);
        match switched.find(|switched| names().all(|name| name != *switched)) {
            None => Ok(()),
            Some(unknown) => {
                let known = names().collect::<Vec<_>>().join(", ");
                let message = format!("there is no rule `{unknown}`; there are: {known}");
                Err(Error::new(ErrorKind::UnknownRule, message))
            }
        }
    }

    /// Whether `rule` is switched on, or was on and is not switched off.
    fn is_on(&self, rule: &Rule, was_on: bool) -> bool {
        let mut switches = self.switches.iter().rev();
        let last = switches.find(|(name, _)| name == rule.name());
        last.map_or(was_on, |&(_, on)| on)
    }

    fn builtin_rules(&self) -> Vec<ActiveRule> {
        let profile = match self.profile {
            Profile::Default => Activation::Default,
            Profile::Published => Activation::Published,
        };
        let active = BUILTINS
            .iter()
            .filter(|builtin| self.is_on(&builtin.rule, builtin.activation == profile));
        active
            .map(|builtin| ActiveRule {
                rule: builtin.rule.clone(),
                family: builtin.family,
            })
            .collect()
    }

    fn hide_id_rule(&self) -> Result<Option<ActiveRule>, Error> {
        if self.hidden_ids.is_empty() {
            return Ok(None);
        }
        let mut rule = Rule::builtin(grammar::HIDE_ID, "identifiers that must not be shown");
        for prefix in &self.hidden_ids {
            let pattern = grammar::hide_id_pattern(prefix).ok_or_else(|| {
                Error::new(
                    ErrorKind::HideId,
                    format!("`{prefix}` is no token prefix: `dt0`, a letter, two digits"),
                )
            })?;
            if !rule.patterns().contains(&pattern) {
                rule.push(pattern);
            }
        }
        Ok(Some(ActiveRule {
            rule,
            family: FamilyKind::HiddenPrefix,
        }))
    }
}
