//! Token identifiers, read backwards from where the secret portion starts.

use super::token::{PREFIX_LEN, begins_prefix};

/// The identifier of the token of which `before` is what stands in front of the secret
/// portion, or of the rest of that behind a line wrap.
pub(crate) fn identifier_before_end(before: &[u8]) -> Option<&[u8]> {
    let before = trim_colour_codes(before);
    let (before, dot) = match trim_dot(before) {
        Some(trimmed) => (trimmed, true),
        None => (before, false),
    };
    if dot {
        return identifier_at_end(before);
    }
    // A wrapped token: the first part of the secret and a line wrap stand in between.
    let mut before = trim_end(before, |b| b == b' ' || b == b'\t');
    for wrap in [&b"\r\n"[..], b"\n", br"\r\n", br"\n"] {
        if let Some(rest) = before.strip_suffix(wrap) {
            before = rest;
            break;
        }
    }
    let before = before.strip_suffix(b"=").unwrap_or(before);
    let part = trim_end(before, |b| b.is_ascii_uppercase() || b.is_ascii_digit());
    // A percent-encoded dot ends in characters that a secret may hold too.
    let dotted = [
        part.len(),
        part.len() + "2E".len(),
        part.len() + "002E".len(),
    ]
    .into_iter()
    .filter_map(|end| before.get(..end))
    .find_map(trim_dot)?;
    identifier_at_end(dotted)
}

/// The identifier at the very end of `before`.
fn identifier_at_end<'h>(before: &'h [u8]) -> Option<&'h [u8]> {
    let prefix = |head: &'h [u8]| {
        let prefix = head.last_chunk::<PREFIX_LEN>()?;
        begins_prefix(prefix).then_some(prefix)
    };
    // A tenant token has no public portion.
    if let Some(prefix) = prefix(before)
        && prefix[3..].eq_ignore_ascii_case(b"a02")
    {
        return Some(prefix);
    }
    let rest = trim_end(before, |b| {
        b.is_ascii_alphanumeric() || b == b'_' || b == b'-'
    });
    let public = rest.len();
    [public, public + 2, public + 5]
        .into_iter()
        .filter_map(|end| before.get(..end))
        .filter_map(trim_dot)
        .find(|head| prefix(head).is_some())
        .map(|head| &before[head.len() - PREFIX_LEN..])
}

/// `bytes` without the dot at its end, plain, percent-encoded or escaped.
fn trim_dot(bytes: &[u8]) -> Option<&[u8]> {
    [&b"."[..], b"%2E", b"%2e", br"\u002E", br"\u002e"]
        .into_iter()
        .find_map(|dot| bytes.strip_suffix(dot))
}

/// `bytes` without the colour codes at its end.
fn trim_colour_codes(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b'm' | b'K'] = bytes {
        let parameters = trim_end(rest, |b| b.is_ascii_digit() || b == b';');
        match parameters.strip_suffix(b"\x1b[") {
            Some(rest) => bytes = rest,
            None => break,
        }
    }
    bytes
}

fn trim_end(bytes: &[u8], trimmed: impl Fn(u8) -> bool) -> &[u8] {
    let end = bytes
        .iter()
        .rposition(|&b| !trimmed(b))
        .map_or(0, |at| at + 1);
    &bytes[..end]
}
