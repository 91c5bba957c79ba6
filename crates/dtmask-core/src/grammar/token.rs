//! Guards and leaps of tokens: over prefix and public portion, and over the secret portion to
//! where it is wrapped.

use super::classes::{BASE32_CLASS, WORD_CLASS};
use super::{Leap, Leaps};
use crate::prefilter::{Anchor, Edges, Landing};

/// The longest start of a token without its dot.
pub(crate) const PREFIX_LEN: usize = 6;

/// Over prefix and public portion, and over the secret portion to where it is wrapped.
pub(super) static TOKEN_LEAPS: Leaps = Leaps {
    starts: &["dt0c01.a.", SHORT_ID, LONG_ID],
    others: &[
        Leap {
            from: SHORT_ID,
            to: &["dt0c01.AAAAAAAA.A"],
            over: leap_secret,
        },
        Leap {
            from: LONG_ID,
            to: &["dt0c01.AAAAAAAAAAAAAAAAAAAAAAAA.A"],
            over: leap_secret,
        },
    ],
};
pub(super) const SHORT_ID: &str = "dt0c01.AAAAAAAA.";
pub(super) const LONG_ID: &str = "dt0c01.AAAAAAAAAAAAAAAAAAAAAAAA.";

pub(super) fn leap_secret(haystack: &[u8], start: usize) -> Option<Landing> {
    let end = BASE32_CLASS.run_end(haystack, start);
    let run = &haystack[start..end];
    let leaps = !run.is_empty() && !may_begin_token(run);
    leaps.then_some(Landing { at: end, sample: 0 })
}

/// Whether a token may begin in the run and go on behind it.
fn may_begin_token(run: &[u8]) -> bool {
    let last = &run[run.len().saturating_sub(PREFIX_LEN)..];
    let may = |at: usize| last[at] | 0x20 == b'd' && begins_prefix(&last[at..]);
    (0..last.len()).any(may)
}

/// Whether these few bytes are the first ones of a prefix.
pub(super) fn begins_prefix(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(index, byte)| match index {
        0 => byte | 0x20 == b'd',
        1 => byte | 0x20 == b't',
        2 => *byte == b'0',
        3 => byte.is_ascii_alphabetic(),
        _ => byte.is_ascii_digit(),
    })
}

/// `dt0` must go on with a letter, two digits and the start of a dot.
pub(super) fn guard_prefix(haystack: &[u8], needle: usize, edges: Edges) -> Option<Anchor> {
    let passes = match haystack.get(needle + 3..needle + 7) {
        Some(&[letter, tens, units, dot]) => {
            letter.is_ascii_alphabetic()
                && tens.is_ascii_digit()
                && units.is_ascii_digit()
                && matches!(dot, b'.' | b'%' | b'\\')
        }
        _ => edges == Edges::Cut,
    };
    passes.then_some(Anchor::behind(0))
}

/// A prefix must have a public portion with a dot behind it, or be that of a tenant token.
pub(super) fn guard_token(haystack: &[u8], needle: usize, edges: Edges) -> Option<Anchor> {
    let walked = guard_prefix(haystack, needle, edges)?;
    let Some((prefix, rest)) = haystack[needle..].split_at_checked(PREFIX_LEN + 1) else {
        return Some(walked);
    };
    // The secret of a tenant token begins here.
    if prefix[PREFIX_LEN] != b'.' || prefix[3..PREFIX_LEN].eq_ignore_ascii_case(b"a02") {
        return Some(walked);
    }
    let id = BASE32_CLASS.run_end(rest, 0);
    let goes_on = rest.get(id).is_some_and(|&byte| WORD_CLASS.contains(byte));
    let len = if goes_on {
        WORD_CLASS.run_end(rest, id)
    } else {
        id
    };
    match rest.get(len) {
        Some(b'.') if len > 0 => (),
        Some(b'%' | b'\\') => return Some(walked),
        None if edges == Edges::Cut => return Some(walked),
        // An identifier alone. A prefix within it has no dot behind it.
        Some(_) | None => return None,
    }
    // Only the prefix of a token can have the dot behind it; and one of the rules is only
    // about tokens in lower case.
    let last = rest[..len].last_chunk::<PREFIX_LEN>();
    if last.is_some_and(|last| begins_prefix(last)) || !prefix.starts_with(b"dt") {
        return Some(walked);
    }
    let sample = match len {
        8 if len == id => 1,
        24 if len == id => 2,
        _ => 0,
    };
    Some(Anchor {
        leap: Some(Landing {
            at: needle + PREFIX_LEN + 1 + len + 1,
            sample,
        }),
        ..walked
    })
}
