//! A secret as it is reported: all that may be told of it, and not a byte of it.

use std::sync::Arc;

use dtmask_core::token_kind;
use sha2::{Digest as _, Sha256};

use super::content::Located;
use super::locate::Place;
use crate::report;

/// A secret in a file or a commit.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) origin: Origin,
    pub(crate) place: Place,
    /// In the file, in bytes.
    pub(crate) offset: u64,
    pub(crate) length: u64,
    pub(crate) rule: Box<str>,
    /// The token identifier, if a token rule found the secret.
    pub(crate) identifier: Option<String>,
    pub(crate) complete: bool,
}

/// Where a content comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Origin {
    /// Of the history alone.
    pub(crate) commit: Option<Commit>,
    /// The file's path in its bytes, masked.
    pub(crate) path: Arc<[u8]>,
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Commit {
    /// Its place in the history, from the newest.
    pub(crate) order: usize,
    pub(crate) id: Arc<str>,
}

impl Origin {
    /// A file as it is now.
    pub(crate) fn file(path: &[u8]) -> Origin {
        Origin {
            commit: None,
            path: mask(path).into(),
        }
    }

    /// The path as text.
    pub(crate) fn path_text(&self) -> String {
        text(&self.path)
    }
}

impl Finding {
    pub(super) fn new(origin: Origin, (found, place): Located) -> Finding {
        Finding {
            origin,
            place,
            offset: found.range.start,
            length: found.range.end - found.range.start,
            rule: found.rule,
            identifier: found.identifier.map(|identifier| normal(&identifier)),
            complete: found.complete,
        }
    }

    /// What the kind of token is called, if its prefix is known.
    pub(crate) fn kind(&self) -> Option<&'static str> {
        token_kind(self.identifier.as_ref()?.as_bytes())
    }

    /// `complete` or `cut off`.
    pub(crate) fn state(&self) -> &'static str {
        if self.complete { "complete" } else { "cut off" }
    }

    /// What stays the same when the secret moves within its file.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        Fingerprint {
            rule: self.rule.to_string(),
            path: self.origin.path_text().trim_start_matches("./").to_owned(),
            identifier: self.identifier.clone(),
            secret: hex(&self.place.digest),
        }
    }
}

/// By what a finding is known again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fingerprint {
    pub(crate) path: String,
    pub(crate) rule: String,
    pub(crate) identifier: Option<String>,
    /// The first 8 bytes of the secret's SHA-256, in hexadecimal digits.
    pub(crate) secret: String,
}

impl Fingerprint {
    /// A short form of it.
    pub(crate) fn digest(&self) -> String {
        let identifier = self.identifier.as_deref().unwrap_or_default();
        let mut digest = Sha256::new();
        for part in [&self.path, &self.rule, identifier, &self.secret] {
            digest.update(part);
            digest.update([0]);
        }
        hex(&digest.finalize()[..16])
    }
}

/// `bytes` in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An identifier with its dots as dots, however they were written.
fn normal(identifier: &[u8]) -> String {
    let mut normal = text(&mask(identifier));
    for dot in ["%2E", "%2e", r"\u002E", r"\u002e"] {
        if normal.contains(dot) {
            normal = normal.replace(dot, ".");
        }
    }
    normal
}

/// A name may hold a secret as well as a file.
fn mask(name: &[u8]) -> Vec<u8> {
    let mut masked = name.to_vec();
    report::redactor().redact_in_place(&mut masked);
    masked
}

/// `bytes` as text that differs for different bytes, nearly.
fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

#[cfg(test)]
mod tests {
    use dtmask_test::samples;

    use super::{Origin, normal};

    #[test]
    fn a_path_shows_no_secret() {
        let token = samples::api_token();
        let origin = Origin::file(format!("logs/{token}\u{7}").as_bytes());
        let masked = samples::masked(&token);
        assert_eq!(origin.path_text(), format!("logs/{masked}\u{7}"));
        assert_eq!(Origin::file(b"a\xff/\xc3\xa9").path_text(), "a\\xff/é");
    }

    #[test]
    fn an_identifier_has_one_form() {
        for dot in [".", "%2e", r"\u002E"] {
            let identifier = format!("dt0c01{dot}{}", samples::P24);
            let expected = format!("dt0c01.{}", samples::P24);
            assert_eq!(normal(identifier.as_bytes()), expected);
        }
    }
}
