//! Rules as data: what a rule is, and the checks on those that users write.

use regex_syntax::ast;
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::class::ByteClass;
use crate::error::{Error, ErrorKind};
use crate::grammar::{self, BUILTINS};

/// The most bytes of a run that a rule may ask for before they are secret, and
/// so the most that a stream may have to hold back.
pub const MAX_MIN: u32 = 4096;

/// A named set of [`Pattern`]s.
///
/// # Examples
///
/// ```
/// use dtmask_core::{Redactor, Rule};
///
/// let rule = Rule::new("session").pattern("session=", "[a-f0-9]", 8, None);
/// let redactor = Redactor::builder().rule(rule).build()?;
/// assert_eq!(redactor.redact_str("session=0123456789abcdef;"), "session=****************;");
/// # Ok::<(), dtmask_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    name: String,
    description: String,
    patterns: Vec<Pattern>,
    /// A secret that this rule covers with that many bytes is complete.
    complete_at: Option<u64>,
}

/// What a rule looks for: an expression that is kept, and a run of secret bytes behind it.
///
/// At every offset where some match of `keep` ends, let `r` be the length of the
/// longest run of bytes of the class `secret` that starts there. If `r >= min`, the
/// first `min(r, max)` bytes of the run are secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    keep: String,
    secret: String,
    min: u32,
    max: Option<u32>,
}

impl Rule {
    /// A rule without patterns yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            patterns: Vec::new(),
            complete_at: None,
        }
    }

    /// Adds a pattern. `keep` is an expression over bytes in the syntax of the regex
    /// crate with Unicode off, `secret` a class such as `[A-Z0-9]`; `max` of `None`
    /// means the whole run.
    ///
    /// Nothing is checked here; [`Builder::build`](crate::Builder::build) does.
    #[must_use]
    pub fn pattern(
        mut self,
        keep: impl Into<String>,
        secret: impl Into<String>,
        min: u32,
        max: Option<u32>,
    ) -> Self {
        self.patterns
            .push(Pattern::new(keep.into(), secret, min, max));
        self
    }

    /// The rule's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the rule finds, in one line; empty for a user rule.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The rule's patterns.
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// With how many bytes of a secret this rule covers the secret is complete; `None`
    /// for a rule that finds no tokens, or cannot know how long they are.
    pub fn complete_at(&self) -> Option<u64> {
        self.complete_at
    }

    pub(crate) fn builtin(name: &str, description: &str) -> Self {
        Self::new(name).described(description)
    }

    pub(crate) fn described(mut self, description: &str) -> Self {
        description.clone_into(&mut self.description);
        self
    }

    pub(crate) fn completed_at(mut self, bytes: u64) -> Self {
        self.complete_at = Some(bytes);
        self
    }

    pub(crate) fn push(&mut self, pattern: Pattern) {
        self.patterns.push(pattern);
    }

    /// The checks that need no automaton.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.name.trim().is_empty() {
            return Err(Error::new(ErrorKind::RuleName, "a rule has an empty name"));
        }
        if self.patterns.is_empty() {
            return Err(self.fault(ErrorKind::Expression, "has no pattern"));
        }
        self.patterns.iter().try_for_each(|p| p.check(self))
    }

    /// An error that names this rule.
    pub(crate) fn fault(&self, kind: ErrorKind, fault: impl AsRef<str>) -> Error {
        Error::new(kind, format!("rule `{}` {}", self.name, fault.as_ref()))
    }
}

impl Pattern {
    pub(crate) fn new(keep: String, secret: impl Into<String>, min: u32, max: Option<u32>) -> Self {
        Self {
            keep,
            secret: secret.into(),
            min,
            max,
        }
    }

    /// The expression whose matches are kept.
    pub fn keep(&self) -> &str {
        &self.keep
    }

    /// The class of the bytes behind it that are secret.
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The shortest run that is secret, in bytes.
    pub fn min(&self) -> u32 {
        self.min
    }

    /// How many bytes of a run are secret at most; `None` for all of it.
    pub fn max(&self) -> Option<u32> {
        self.max
    }

    fn check(&self, rule: &Rule) -> Result<(), Error> {
        if self.min == 0 || self.min > MAX_MIN {
            return Err(rule.fault(
                ErrorKind::Bounds,
                format!("has min {}, which is not in 1..={MAX_MIN}", self.min),
            ));
        }
        if let Some(max) = self.max
            && max < self.min
        {
            return Err(rule.fault(
                ErrorKind::Bounds,
                format!("has max {max}, which is less than min {}", self.min),
            ));
        }
        let keep = parse(&self.keep).map_err(|(kind, fault)| {
            rule.fault(
                kind,
                format!("has a bad expression `{}`: {fault}", self.keep),
            )
        })?;
        let properties = keep.properties();
        if !properties.look_set().is_empty() {
            return Err(rule.fault(
                ErrorKind::LookAround,
                format!(
                    "has look-around or an anchor in its expression `{}`",
                    self.keep
                ),
            ));
        }
        match properties.minimum_len() {
            Some(0) => {
                return Err(rule.fault(
                    ErrorKind::EmptyMatch,
                    format!(
                        "has an expression that matches the empty string: `{}`",
                        self.keep
                    ),
                ));
            }
            None => {
                return Err(rule.fault(
                    ErrorKind::Expression,
                    format!("has an expression that matches nothing: `{}`", self.keep),
                ));
            }
            Some(_) => {}
        }
        let secret = self.secret_class().ok_or_else(|| {
            rule.fault(
                ErrorKind::Class,
                format!("has a secret that is no class of bytes: `{}`", self.secret),
            )
        })?;
        if secret.is_empty() {
            return Err(rule.fault(
                ErrorKind::Class,
                format!("has an empty class of secret bytes: `{}`", self.secret),
            ));
        }
        Ok(())
    }

    /// The parsed expression; only for a pattern that passed the checks.
    pub(crate) fn keep_expression(&self) -> Hir {
        parse(&self.keep).expect("built-in and checked expressions parse")
    }

    /// The class of secret bytes, if it is one.
    pub(crate) fn secret_class(&self) -> Option<ByteClass> {
        match grammar::known_class(&self.secret) {
            Some(class) => Some(class.clone()),
            None => parse_class(&self.secret),
        }
    }
}

/// Every built-in rule of a fixed form in table order: the default ones, `published`,
/// and those that are active only if asked for by name.
///
/// [`Builder::hide_id`](crate::Builder::hide_id) makes the one rule whose form depends
/// on a parameter.
pub fn builtin_rules() -> impl Iterator<Item = &'static Rule> {
    BUILTINS.iter().map(|builtin| &builtin.rule)
}

/// Whether a user rule may not have this name.
pub(crate) fn is_reserved(name: &str) -> bool {
    [grammar::HIDE_ID, grammar::KNOWN_VALUE].contains(&name)
        || builtin_rules().any(|rule| rule.name() == name)
}

fn parse(expression: &str) -> Result<Hir, (ErrorKind, String)> {
    regex_syntax::ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(expression)
        .map_err(|error| match error {
            regex_syntax::Error::Parse(error) => match error.kind() {
                kind @ ast::ErrorKind::UnsupportedLookAround => {
                    (ErrorKind::LookAround, kind.to_string())
                }
                kind => (ErrorKind::Expression, kind.to_string()),
            },
            regex_syntax::Error::Translate(error) => {
                (ErrorKind::Expression, error.kind().to_string())
            }
            _ => (ErrorKind::Expression, "it does not parse".to_owned()),
        })
}

/// The class that an expression stands for, if it is one.
pub(crate) fn parse_class(expression: &str) -> Option<ByteClass> {
    let hir = parse(expression).ok()?;
    let ranges: Vec<(u8, u8)> = match hir.kind() {
        HirKind::Literal(literal) => match *literal.0 {
            [byte] => vec![(byte, byte)],
            _ => return None,
        },
        HirKind::Class(class) => {
            let bytes = match class {
                Class::Bytes(class) => class.clone(),
                Class::Unicode(class) => class.to_byte_class()?,
            };
            bytes.iter().map(|r| (r.start(), r.end())).collect()
        }
        _ => return None,
    };
    Some(ByteClass::from_ranges(&ranges))
}
