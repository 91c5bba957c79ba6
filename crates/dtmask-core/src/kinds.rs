//! What the prefix of a token says of its kind, in the vendor's terms.

/// The kinds of tokens by prefix. Only for reports: what is found depends on the grammar
/// of a prefix, never on this list.
const KINDS: [(&str, &str); 18] = [
    ("dt0a01", "agent connection token"),
    ("dt0a02", "tenant token"),
    ("dt0c01", "API, personal access, PaaS or cluster token"),
    ("dt0e01", "EdgeConnect token"),
    ("dt0g01", "ActiveGate token"),
    ("dt0g02", "ActiveGate token"),
    ("dt0n01", "KSPM token"),
    ("dt0s01", "SCIM or account API token"),
    ("dt0s02", "OAuth client"),
    ("dt0s03", "OAuth client"),
    ("dt0s04", "OAuth client"),
    ("dt0s06", "OAuth refresh token"),
    ("dt0s08", "OAuth client"),
    ("dt0s09", "OAuth client"),
    ("dt0s12", "public OAuth client"),
    ("dt0s16", "platform token"),
    ("dt0s17", "OAuth client"),
    ("dt0x01", "extension token"),
];

/// The kind of token that `identifier`, or the prefix it starts with, belongs to; nothing
/// if the prefix is a new one.
///
/// # Examples
///
/// ```
/// use dtmask_core::token_kind;
///
/// assert_eq!(token_kind(b"dt0s16.FAKEPUB2"), Some("platform token"));
/// assert_eq!(token_kind(b"dt0a02"), Some("tenant token"));
/// assert_eq!(token_kind(b"dt0z99.FAKEPUB2"), None);
/// ```
pub fn token_kind(identifier: &[u8]) -> Option<&'static str> {
    let prefix = identifier.get(..crate::grammar::PREFIX_LEN)?;
    KINDS
        .iter()
        .find(|(known, _)| prefix.eq_ignore_ascii_case(known.as_bytes()))
        .map(|&(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::{KINDS, token_kind};
    use crate::grammar;

    #[test]
    fn every_prefix_is_one_and_stands_once_and_in_order() {
        assert!(KINDS.is_sorted_by(|a, b| a.0 < b.0));
        for (prefix, kind) in KINDS {
            assert!(grammar::hide_id_pattern(prefix).is_some(), "{prefix}");
            assert_eq!(token_kind(prefix.as_bytes()), Some(kind));
        }
    }

    #[test]
    fn case_does_not_matter_and_less_than_a_prefix_has_no_kind() {
        assert_eq!(token_kind(b"DT0A02"), Some("tenant token"));
        assert_eq!(token_kind(b"dt0a0"), None);
        assert_eq!(token_kind(b""), None);
    }
}
