//! What may stand in a rule file. Keys are named like the flags that say the same.

use std::path::PathBuf;

use dtmask_core::{Error, Mask, Rule};
use serde::Deserialize;
use toml::Spanned;

use crate::flags::selection::ProfileFlag;

/// All of a rule file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct File {
    pub(crate) profile: Option<ProfileFlag>,
    pub(crate) with: Vec<Spanned<String>>,
    pub(crate) without: Vec<Spanned<String>>,
    pub(crate) hide_id: Vec<Spanned<String>>,
    pub(crate) mask_char: Option<Spanned<MaskChar>>,
    pub(crate) mask_text: Option<Spanned<MaskText>>,
    pub(crate) ansi: Option<bool>,
    /// Rules of the user's own.
    pub(crate) rule: Vec<Spanned<RuleTable>>,
    pub(crate) known: KnownTable,
    pub(crate) scan: ScanTable,
}

/// The mask that `--mask-char` and `mask-char` stand for.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct MaskChar(pub(crate) Mask);

/// The mask that `--mask-text` and `mask-text` stand for.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct MaskText(pub(crate) Mask);

/// `[[rule]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct RuleTable {
    name: RuleName,
    pattern: Vec<PatternTable>,
}

/// `[[rule.pattern]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table")]
struct PatternTable {
    keep: String,
    secret: String,
    min: Length,
    max: Option<Length>,
}

/// A count of bytes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "i64")]
struct Length(u32);

impl TryFrom<i64> for Length {
    type Error = String;

    fn try_from(number: i64) -> Result<Length, String> {
        let length = u32::try_from(number);
        length.map(Length).map_err(|_| {
            let most = u32::MAX;
            format!("{number} is no length of a secret: 1 to {most} bytes")
        })
    }
}

/// `[known]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table")]
pub(crate) struct KnownTable {
    pub(crate) env: Vec<Spanned<String>>,
    pub(crate) file: Vec<Spanned<PathBuf>>,
    pub(crate) dir: Vec<Spanned<PathBuf>>,
}

/// A name that can stand in tables and in the line of `--stats`, which scripts read.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct RuleName(String);

/// `[scan]`.
#[derive(Debug, Default, Deserialize)]
#[serde(
    deny_unknown_fields,
    rename_all = "kebab-case",
    default,
    expecting = "a table"
)]
pub(crate) struct ScanTable {
    pub(crate) strict: bool,
    pub(crate) hidden: bool,
    pub(crate) binary: bool,
    pub(crate) no_ignore: bool,
    /// Token identifiers whose secrets are not reported.
    pub(crate) allow_id: Vec<Spanned<String>>,
    /// The file of findings that are not reported.
    pub(crate) baseline: Option<Spanned<PathBuf>>,
}

impl TryFrom<String> for MaskChar {
    type Error = Error;

    fn try_from(character: String) -> Result<MaskChar, Error> {
        match *character.as_bytes() {
            [byte] => Mask::fill(byte).map(MaskChar),
            // A byte that is refused, for the same reason.
            _ => Mask::fill(0).map(MaskChar),
        }
    }
}

impl TryFrom<String> for MaskText {
    type Error = Error;

    fn try_from(text: String) -> Result<MaskText, Error> {
        Mask::text(text).map(MaskText)
    }
}

impl RuleTable {
    pub(crate) fn name(&self) -> &str {
        &self.name.0
    }

    /// The rule, unchecked.
    pub(crate) fn rule(&self) -> Rule {
        let rule = Rule::new(self.name());
        self.pattern.iter().fold(rule, |rule, pattern| {
            let Length(min) = pattern.min;
            let max = pattern.max.map(|Length(max)| max);
            rule.pattern(&pattern.keep, &pattern.secret, min, max)
        })
    }
}

impl KnownTable {
    pub(crate) fn is_empty(&self) -> bool {
        self.env.is_empty() && self.file.is_empty() && self.dir.is_empty()
    }
}

impl TryFrom<String> for RuleName {
    type Error = &'static str;

    fn try_from(name: String) -> Result<RuleName, Self::Error> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if !name.is_empty() && name.bytes().all(fits) {
            Ok(RuleName(name))
        } else {
            Err("a rule's name is made of letters, digits, `-`, `_` and `.`")
        }
    }
}
