//! From what a user asks for to a redactor.

use std::sync::Arc;

use crate::engine::{ActiveRule, Engine};
use crate::error::{Error, ErrorKind};
use crate::grammar::{self, Activation, BUILTINS, Family};
use crate::mask::Mask;
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
    mask: Mask,
}

impl Builder {
    /// Starts from this set of rules.
    #[must_use]
    pub fn profile(mut self, profile: Profile) -> Self {
        self.profile = profile;
        self
    }

    /// Switches a built-in rule on. Of switches of the same rule the last one wins.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>) -> Self {
        self.switches.push((name.into(), true));
        self
    }

    /// Switches a built-in rule off.
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
    /// If a name or prefix is unknown, a user rule is invalid, or the mask could become
    /// part of a secret. [`Error::kind`] tells which.
    pub fn build(self) -> Result<Redactor, Error> {
        let mut active = self.builtin_rules()?;
        active.extend(self.hide_id_rule()?);
        let builtin_count = active.len();
        for (index, rule) in self.user_rules.iter().enumerate() {
            let earlier = &self.user_rules[..index];
            if rules::is_reserved(rule.name()) || earlier.iter().any(|r| r.name() == rule.name()) {
                return Err(rule.fault(ErrorKind::RuleName, "has the name of another rule"));
            }
            active.push(ActiveRule {
                rule: rule.clone(),
                family: Family::Own,
            });
        }
        let engine = Engine::new(active)?;
        let mask_warning = mask_check::check(&self.mask, &engine, builtin_count)?;
        Ok(Redactor::from_shared(Arc::new(Shared {
            engine,
            mask: self.mask,
            mask_warning,
        })))
    }

    fn builtin_rules(&self) -> Result<Vec<ActiveRule>, Error> {
        let known = |name: &str| BUILTINS.iter().any(|builtin| builtin.rule.name() == name);
        if let Some((unknown, _)) = self.switches.iter().find(|(name, _)| !known(name)) {
            return Err(Error::new(
                ErrorKind::UnknownRule,
                format!(
                    "there is no built-in rule `{unknown}`; there are: {}",
                    rules::known_names()
                ),
            ));
        }
        let profile = match self.profile {
            Profile::Default => Activation::Default,
            Profile::Published => Activation::Published,
        };
        let active = BUILTINS.iter().filter(|builtin| {
            let switches = self.switches.iter().rev();
            let mut switches = switches.filter(|(name, _)| builtin.rule.name() == name);
            match switches.next() {
                Some(&(_, on)) => on,
                None => builtin.activation == profile,
            }
        });
        Ok(active
            .map(|builtin| ActiveRule {
                rule: builtin.rule.clone(),
                family: builtin.family,
            })
            .collect())
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
            rule.push(pattern);
        }
        Ok(Some(ActiveRule {
            rule,
            family: Family::PlainPrefix,
        }))
    }
}
