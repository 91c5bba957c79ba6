//! The bytes of Dynatrace secrets: every prefix, class, context and literal the
//! engine knows stands in this folder, and nowhere else.
//!
//! Token format: <https://docs.dynatrace.com/docs/dynatrace-api/basics/dynatrace-api-authentication>.
//! New prefixes appear every year, so the grammar is `dt0` letter digit digit, never a list.

mod base64;
mod classes;
mod identifier;
mod key;
#[cfg(test)]
mod tests;
mod token;

use std::sync::LazyLock;

use self::base64::{base64_prefix, guard_base64};
pub(crate) use self::classes::known_class;
use self::classes::{ALPHANUMERIC, BASE32, BASE64, LOWER, WORD};
pub(crate) use self::identifier::identifier_before_end;
use self::key::{KEY_LEAD, KEY_LEAPS, guard_key, sift_keys};
pub(crate) use self::token::PREFIX_LEN;
use self::token::{TOKEN_LEAPS, guard_prefix, guard_token};
use crate::prefilter::{Landing, Needle};
use crate::rules::{Pattern, Rule};

macro_rules! sgr {
    () => {
        r"\x1b\[[0-9;]*[mK]"
    };
}
macro_rules! sgrs {
    () => {
        concat!("(?:", sgr!(), ")*")
    };
}
macro_rules! dot {
    () => {
        r"(?:\.|%2[Ee]|\\u002[Ee])"
    };
}
macro_rules! head {
    () => {
        concat!("(?i:dt0)[a-zA-Z][0-9]{2}", dot!())
    };
}
macro_rules! id {
    () => {
        "(?:[A-Z0-9]{24}|[A-Z0-9]{8})"
    };
}
macro_rules! nl {
    () => {
        r"(?:=?\r?\n|\\r\\n|\\n)[ \t]*"
    };
}
macro_rules! quote {
    () => {
        concat!(
            r#"(?:["'\\`]|%2[27]|\\u002[27]|&quot;|&#3[49];|"#,
            sgr!(),
            ")"
        )
    };
}
macro_rules! key {
    () => {
        "(?i:(?:api|paas|tenant|cluster|ingest)[-_. ]?token)"
    };
}
macro_rules! assign {
    () => {
        r"(?:=>|:=|==?|->|[:>]|%3[AaDd]|\\u003[AaDdEe])"
    };
}
macro_rules! open {
    () => {
        concat!(
            "(?:",
            quote!(),
            r#"|[ \t\[({<]|%20|%5[Bb]|%7[Bb]|b["']|Some\(|Optional\[)"#
        )
    };
}

/// How many bytes behind a key are secret: prose must survive.
const CONTEXT_MIN: u32 = 16;

/// How the engine groups rules: rules whose expressions share their beginning
/// share one automaton and one set of anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FamilyKind {
    /// Expressions that start with `dt0` in lower case: the published one.
    PlainPrefix,
    /// Expressions that start with `dt0` in any case.
    Prefix,
    /// Expressions that end behind a prefix: those of identifiers that are hidden.
    HiddenPrefix,
    /// Expressions that start with a key such as `api-token`.
    Context,
    /// Base64 of a prefix.
    Base64,
    /// An expression with an automaton and a prefilter of its own.
    Own,
}

/// When a built-in rule is active.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    /// In the default profile.
    Default,
    /// In the published profile.
    Published,
    /// Only if asked for by name.
    OptIn,
}

/// A built-in rule and what the engine has to know of it.
#[derive(Debug)]
pub(crate) struct Builtin {
    pub(crate) rule: Rule,
    pub(crate) family: FamilyKind,
    pub(crate) activation: Activation,
}

/// All built-in rules of a fixed form, in table order.
pub(crate) static BUILTINS: LazyLock<Vec<Builtin>> = LazyLock::new(|| {
    use Activation::{Default, OptIn, Published};
    let base64 = [0, 1, 2].map(base64_prefix);
    vec![
        builtin("token", Default, FamilyKind::Prefix)
            .about("tokens with an 8 or 24 character public portion")
            .complete_at(64)
            .pattern(concat!(head!(), id!(), dot!(), sgrs!()), BASE32, 1, None),
        builtin("token-any-id", Default, FamilyKind::Prefix)
            .about("tokens with any other public portion, or a lower-case secret")
            .complete_at(64)
            .pattern(
                concat!(head!(), "[A-Za-z0-9_-]+", dot!(), sgrs!()),
                BASE32,
                16,
                None,
            )
            .pattern(
                concat!(head!(), "[A-Za-z0-9_-]+", dot!(), sgrs!()),
                LOWER,
                16,
                None,
            ),
        builtin("token-wrapped", Default, FamilyKind::Prefix)
            .about("the rest of a token after a line wrap")
            .complete_at(64)
            .pattern(
                concat!(head!(), id!(), dot!(), "[A-Z0-9]+", nl!()),
                BASE32,
                16,
                None,
            ),
        builtin("tenant-token", Default, FamilyKind::Prefix)
            .about("dt0a02 tenant tokens, whose second part is the secret")
            .complete_at(24)
            .pattern(concat!("(?i:dt0a02)", dot!()), ALPHANUMERIC, 1, None),
        builtin("context-assign", Default, FamilyKind::Context)
            .about("values assigned to an api, paas, tenant, cluster or ingest token")
            .pattern(
                concat!(
                    key!(),
                    "(?:",
                    quote!(),
                    r"|\])*[ \t]*",
                    sgrs!(),
                    assign!(),
                    open!(),
                    "*"
                ),
                WORD,
                CONTEXT_MIN,
                None,
            )
            .pattern(
                concat!(key!(), quote!(), r"[ \t]*,[ \t]*", quote!()),
                WORD,
                CONTEXT_MIN,
                None,
            ),
        builtin("context-pair", Default, FamilyKind::Context)
            .about("a token's name and its value as separate fields")
            .pattern(
                concat!(
                    key!(),
                    quote!(),
                    r"*(?:,[ \t]*|\r?\n[ \t]*|[ \t]+)",
                    quote!(),
                    "*(?i:value)",
                    quote!(),
                    r"*[ \t]*[:=]",
                    open!(),
                    "*"
                ),
                WORD,
                CONTEXT_MIN,
                None,
            ),
        builtin("context-block", Default, FamilyKind::Context)
            .about("YAML block values of a token")
            .pattern(
                concat!(
                    key!(),
                    quote!(),
                    r"*[ \t]*:[ \t]+[|>][-+0-9]*[ \t]*\r?\n[ \t]+"
                ),
                WORD,
                CONTEXT_MIN,
                None,
            ),
        builtin("context-realm", Default, FamilyKind::Context)
            .about("Authorization headers and command line options")
            .pattern(
                concat!(
                    "(?i:(?:api|paas|tenant|cluster|ingest)[-_]?token)",
                    r"(?:%(?:25)*20|[ \t+])+",
                    quote!(),
                    "*"
                ),
                WORD,
                CONTEXT_MIN,
                None,
            ),
        Builtin {
            rule: base64.iter().fold(
                Rule::builtin("base64", "tokens inside base64, at any alignment"),
                |rule, prefix| rule.pattern(prefix, BASE64, 16, Some(260)),
            ),
            family: FamilyKind::Base64,
            activation: Default,
        },
        Builtin {
            rule: base64.iter().fold(
                Rule::builtin(
                    "base64-wrapped",
                    "the rest of such base64 after a line wrap",
                ),
                |rule, prefix| {
                    let keep = [prefix, "[A-Za-z0-9+/_-]+", nl!()].concat();
                    rule.pattern(keep, BASE64, 16, Some(132))
                },
            ),
            family: FamilyKind::Base64,
            activation: Default,
        },
        builtin("published", Published, FamilyKind::PlainPrefix)
            .about("exactly the expression the vendor publishes")
            .complete_at(64)
            .pattern(r"dt0[a-zA-Z][0-9]{2}\.[A-Z0-9]{24}\.", BASE32, 64, Some(64)),
        builtin("jwt", OptIn, FamilyKind::Own)
            .about("signatures of JSON web tokens")
            .pattern(r"ey[A-Za-z0-9_-]+\.ey[A-Za-z0-9_-]+\.", WORD, 16, None),
        builtin("token-response", OptIn, FamilyKind::Own)
            .about("legacy answers of the Tokens API")
            .pattern(r#"["']token["'\\]*[ \t]*:[ \t]*["'\\]+"#, WORD, 16, None)
            .pattern(r#"\ntoken["']?\r?\n["']?"#, WORD, 16, None),
    ]
});

/// The name of the rule that hides token identifiers, which has a form for each prefix.
pub(crate) const HIDE_ID: &str = "hide-id";

/// The name of the rule that known values are counted by.
pub(crate) const KNOWN_VALUE: &str = "known-value";

/// The rule that known values are counted by; it has no pattern.
pub(crate) fn known_value_rule(values: usize) -> Rule {
    let values = match values {
        1 => "one known value".to_owned(),
        values => format!("{values} known values"),
    };
    Rule::builtin(KNOWN_VALUE, &format!("{values}, plain and encoded"))
}

/// The rule that hides everything behind the dot of `prefix`, or nothing if
/// `prefix` is not exactly `dt0` letter digit digit.
pub(crate) fn hide_id_pattern(prefix: &str) -> Option<Pattern> {
    match prefix.as_bytes() {
        [b'd', b't', b'0', letter, tens, units]
            if letter.is_ascii_alphabetic() && tens.is_ascii_digit() && units.is_ascii_digit() =>
        {
            Some(Pattern::new(format!(r"{prefix}\."), WORD, 1, None))
        }
        _ => None,
    }
}

fn builtin(name: &str, activation: Activation, family: FamilyKind) -> Builtin {
    Builtin {
        rule: Rule::builtin(name, ""),
        family,
        activation,
    }
}

impl Builtin {
    fn about(mut self, description: &str) -> Self {
        self.rule = self.rule.described(description);
        self
    }

    fn complete_at(mut self, bytes: u64) -> Self {
        self.rule = self.rule.completed_at(bytes);
        self
    }

    fn pattern(mut self, keep: &str, secret: &str, min: u32, max: Option<u32>) -> Self {
        self.rule = self.rule.pattern(keep, secret, min, max);
        self
    }
}

impl FamilyKind {
    /// Whether its expressions start with `dt0`. Of these families each one's needles and
    /// guards do for those before it too.
    pub(crate) fn is_prefix(self) -> bool {
        self <= Self::HiddenPrefix
    }

    /// What a prefilter looks for on behalf of a built-in family; nothing for a family
    /// of its own.
    ///
    /// Every match of an expression of the family contains one of the needles; the first
    /// one to be complete in it has no more bytes of the match in front than it says. The
    /// automaton's construction proves both. Where two needles start in this order in
    /// a haystack, matches of the first do not begin behind those of the second.
    pub(crate) fn needles(self) -> Vec<Needle> {
        match self {
            Self::PlainPrefix => vec![Needle::exact("dt0").guarded(guard_token)],
            Self::Prefix => vec![Needle::any_case("dt0").guarded(guard_token)],
            Self::HiddenPrefix => vec![Needle::any_case("dt0").guarded(guard_prefix)],
            // The rarest part of a key.
            Self::Context => vec![
                Needle::any_case("tok")
                    .behind(KEY_LEAD)
                    .guarded(guard_key)
                    .sifted(sift_keys),
            ],
            // The characters of `dt0` that no neighbour has a share in.
            Self::Base64 => vec![
                Needle::exact("ZHQw").guarded(guard_base64::<0, 0>),
                Needle::exact("R0M").behind(1).guarded(guard_base64::<1, 1>),
                Needle::exact("kdDB")
                    .behind(1)
                    .guarded(guard_base64::<2, 1>),
            ],
            Self::Own => Vec::new(),
        }
    }

    /// The leaps of a built-in family.
    pub(crate) fn leaps(self) -> &'static Leaps {
        match self {
            Self::PlainPrefix | Self::Prefix => &TOKEN_LEAPS,
            Self::Context => &KEY_LEAPS,
            Self::HiddenPrefix | Self::Base64 | Self::Own => &NO_LEAPS,
        }
    }
}

/// The leaps of a family.
#[derive(Debug)]
pub(crate) struct Leaps {
    /// Samples that lead to where the leaps of guards do.
    pub(crate) starts: &'static [&'static str],
    pub(crate) others: &'static [Leap],
}

/// A text over which an automaton needs no look at each byte: where it leads depends on
/// little, and a sample leads there too.
///
/// Within the text no expression may end, and at its end no match may be alive that the
/// sample has not.
#[derive(Debug)]
pub(crate) struct Leap {
    /// A sample that leads to where the text begins.
    pub(crate) from: &'static str,
    /// Samples that lead to where such texts lead.
    pub(crate) to: &'static [&'static str],
    /// Where such a text ends that begins at an offset of a haystack, if there is one.
    /// Nothing may depend on what is behind the haystack.
    pub(crate) over: fn(haystack: &[u8], at: usize) -> Option<Landing>,
}

static NO_LEAPS: Leaps = Leaps {
    starts: &[],
    others: &[],
};
