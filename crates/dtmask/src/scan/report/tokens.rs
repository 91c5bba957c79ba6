//! The findings by token: what has to be rotated.

use std::collections::BTreeMap;

use crate::scan::finding::Finding;

/// A token that leaked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Token<'f> {
    pub(super) identifier: &'f str,
    pub(super) kind: Option<&'static str>,
    /// At how many places its secret was found.
    pub(super) places: usize,
}

/// The tokens of `findings` in the order of their identifiers. Of tenant tokens, whose
/// identifier is the prefix alone, each secret is one.
pub(super) fn tokens(findings: &[Finding]) -> Vec<Token<'_>> {
    let mut tokens: BTreeMap<_, Token<'_>> = BTreeMap::new();
    for finding in findings {
        let Some(identifier) = finding.identifier.as_deref() else {
            continue;
        };
        let secret = (!identifier.contains('.')).then_some(finding.place.digest);
        let token = tokens.entry((identifier, secret)).or_insert(Token {
            identifier,
            kind: finding.kind(),
            places: 0,
        });
        token.places += 1;
    }
    tokens.into_values().collect()
}
