//! The rules as the regex crate wants them, and a replacer that masks as dtmask does.

use dtmask_test::oracle::OraclePattern;
use dtmask_test::rules;
use regex::bytes::{Captures, Regex, RegexBuilder, Replacer};

/// The vendor's published expression, with a group around what is kept.
///
/// Bytes and ASCII classes only: the fastest form of it.
pub(crate) fn published() -> Regex {
    Regex::new(r"(?-u)(dt0[a-zA-Z][0-9]{2}\.[A-Z0-9]{24}\.)[A-Z0-9]{64}")
        .expect("a valid expression")
}

/// What replaces a match of [`published`].
pub(crate) fn published_replacement() -> Vec<u8> {
    let mut replacement = b"${1}".to_vec();
    replacement.resize(replacement.len() + 64, b'*');
    replacement
}

/// All default rules in one alternation, with as few groups as their masks allow.
///
/// Patterns that follow each other and have the same secret class share a
/// group: each group costs time, whether it takes part or not.
pub(crate) fn alternation() -> Regex {
    let rules = rules::default_rules();
    let patterns: Vec<&OraclePattern> = rules.iter().flat_map(|rule| &rule.patterns).collect();
    let branches: Vec<String> = patterns
        .chunk_by(|a, b| (&a.secret, a.min, a.max) == (&b.secret, b.min, b.max))
        .map(|same| {
            let keeps: Vec<&str> = same.iter().map(|pattern| pattern.keep.as_str()).collect();
            let OraclePattern {
                secret, min, max, ..
            } = same[0];
            let max = max.map(|max| max.to_string()).unwrap_or_default();
            format!("((?:{})){secret}{{{min},{max}}}", keeps.join("|"))
        })
        .collect();
    RegexBuilder::new(&branches.join("|"))
        .unicode(false)
        .size_limit(1 << 28)
        .dfa_size_limit(1 << 28)
        .build()
        .expect("the default rules are valid expressions")
}

/// Keeps the group that took part and masks the rest of the match, byte by byte.
pub(crate) struct Stars;

impl Replacer for Stars {
    fn replace_append(&mut self, captures: &Captures<'_>, out: &mut Vec<u8>) {
        let whole = captures.get(0).expect("group 0 is the match");
        let kept = captures
            .iter()
            .skip(1)
            .flatten()
            .next()
            .expect("every branch has a group");
        out.extend_from_slice(kept.as_bytes());
        out.resize(out.len() + whole.len() - kept.len(), b'*');
    }
}
