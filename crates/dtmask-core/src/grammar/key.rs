//! Guards and leaps of keys: `api-token` and its like.

use super::classes::WORD_CLASS;
use super::{CONTEXT_MIN, Leaps};
use crate::class::ByteClass;
use crate::prefilter::{Anchor, Edges, Landing, Starts};

/// Over a key; only some rules know all separators.
pub(super) static KEY_LEAPS: Leaps = Leaps {
    starts: &["api-token", "api token"],
    others: &[],
};
/// What every key ends with.
const TOKEN: &[u8] = b"token";
/// What a key may have in front of it.
pub(super) const KEY_LEAD: usize = "cluster-".len();
/// The words that begin a key. None is at the end of another one.
const KEY_WORDS: [KeyWord; 5] = [
    KeyWord::new("api"),
    KeyWord::new("paas"),
    KeyWord::new("tenant"),
    KeyWord::new("cluster"),
    KeyWord::new("ingest"),
];

/// A word as the last bytes of a number.
#[derive(Clone, Copy)]
struct KeyWord {
    value: u64,
    len: usize,
}

impl KeyWord {
    const fn new(word: &str) -> Self {
        let (mut value, mut len) = (0, word.len());
        while len > 0 {
            len -= 1;
            value = value << 8 | word.as_bytes()[len] as u64;
        }
        Self {
            value,
            len: word.len(),
        }
    }

    /// Whether eight bytes in lower case end with it.
    fn ends(self, bytes: u64) -> bool {
        bytes >> (64 - 8 * self.len) == self.value
    }

    /// Its last three letters.
    const fn ending(self) -> u64 {
        self.value >> (8 * (self.len - 3))
    }
}

/// Whether the last three of eight bytes in lower case are those of a key's word. All are
/// compared, because nobody can foresee which one it is.
fn may_end_key_word(bytes: u64) -> bool {
    let ending = bytes >> 40;
    let is_ending = |found, word: KeyWord| found | (ending == word.ending());
    KEY_WORDS.into_iter().fold(false, is_ending)
}

/// Eight bytes with their letters in lower case.
fn folded(bytes: [u8; 8]) -> u64 {
    u64::from_le_bytes(bytes) | 0x2020_2020_2020_2020
}

/// What may stand between the parts of a key.
static SEPARATORS: [bool; 256] = {
    let mut separators = [false; 256];
    separators[b'-' as usize] = true;
    separators[b'_' as usize] = true;
    separators[b'.' as usize] = true;
    separators[b' ' as usize] = true;
    separators
};

/// How many bytes there are from the longest word of a key to the end of `token`.
const KEY_LEN: usize = KEY_LEAD + TOKEN.len();

/// The bytes of a key around its `tok`, if they are all there.
#[inline]
fn key_around(haystack: &[u8], needle: usize) -> Option<&[u8; KEY_LEN]> {
    haystack.get(needle.checked_sub(KEY_LEAD)?..)?.first_chunk()
}

/// What stands in front of `token`: the word as the last of eight bytes in lower case, and
/// the separator if there is one.
#[inline]
fn word_and_separator(key: &[u8; KEY_LEN]) -> (u64, Option<u8>) {
    let before = *key.first_chunk().expect("it has more bytes");
    let separator = key[KEY_LEAD - 1];
    let separated = SEPARATORS[usize::from(separator)];
    let word = folded(before) << (8 * u32::from(separated));
    (word, separated.then_some(separator))
}

/// Whether the last letters of a word and those behind `tok` are the ones of a key.
#[inline]
fn may_be_key(key: &[u8; KEY_LEN]) -> bool {
    let [.., e, n] = *key;
    let (word, _) = word_and_separator(key);
    ([e | 0x20, n | 0x20] == *b"en") & may_end_key_word(word)
}

/// Drops what is no key, and keys with prose behind.
pub(super) fn sift_keys(haystack: &[u8], needles: &mut Starts) {
    needles.retain(|needle| key_around(haystack, needle).is_none_or(may_be_key));
    needles.retain(|needle| {
        let rest = haystack.get(needle + TOKEN.len()..);
        let text = rest.and_then(<[u8]>::first_chunk);
        text.is_none_or(|text| !is_prose_text(text))
    });
}

/// `tok` must have one of the key's words in front, and `en` behind.
pub(super) fn guard_key(haystack: &[u8], needle: usize, edges: Edges) -> Option<Anchor> {
    let all;
    let key = match (key_around(haystack, needle), edges) {
        (Some(key), _) => key,
        (None, Edges::Cut) => return Some(Anchor::behind(KEY_LEAD)),
        (None, Edges::Whole) => {
            let before = &haystack[needle.saturating_sub(KEY_LEAD)..needle];
            all = padded([&[0; KEY_LEAD][before.len()..], before, &haystack[needle..]]);
            &all
        }
    };
    if !may_be_key(key) {
        return None;
    }
    let (word, separator) = word_and_separator(key);
    anchor_key(haystack, needle, edges, word, separator)
}

/// As many bytes of these texts as there is room for, and zeros, which no expression knows,
/// behind them. Apart from what is done for every needle.
#[cold]
#[inline(never)]
fn padded<const LEN: usize>(texts: [&[u8]; 3]) -> [u8; LEN] {
    let mut padded = [0; LEN];
    let bytes = texts.into_iter().flatten();
    padded
        .iter_mut()
        .zip(bytes)
        .for_each(|(to, byte)| *to = *byte);
    padded
}

/// The anchor of a key with this word in front of its `token`, and this separator. Apart
/// from what is done for every needle.
#[inline(never)]
fn anchor_key(
    haystack: &[u8],
    needle: usize,
    edges: Edges,
    word: u64,
    separator: Option<u8>,
) -> Option<Anchor> {
    let word = KEY_WORDS.into_iter().find(|of_key| of_key.ends(word))?;
    let end = needle + TOKEN.len();
    if is_prose(&haystack[end..], edges) {
        return None;
    }
    Some(Anchor {
        lead: word.len + usize::from(separator.is_some()),
        leap: Some(Landing {
            at: end,
            sample: usize::from(matches!(separator, Some(b'.' | b' '))),
        }),
    })
}

/// How much of what stands behind a key is looked at.
pub(super) const TEXT_LEN: usize = 32;

/// Whether the next word in what stands behind a key is one that no expression goes on with
/// and that is too short to be secret, so that whatever is said of the key is no secret.
fn is_prose(rest: &[u8], edges: Edges) -> bool {
    match (rest.first_chunk(), edges) {
        (Some(text), _) => is_prose_text(text),
        (None, Edges::Cut) => false,
        (None, Edges::Whole) => {
            let text = padded([rest, &[], &[]]);
            // Without a word there is nothing that could be secret.
            is_prose_text(&text) || words(&text) == 0
        }
    }
}

/// As [`is_prose`], of enough bytes.
#[inline]
fn is_prose_text(text: &[u8; TEXT_LEN]) -> bool {
    let near = &text.as_chunks().0[0];
    let word = words(text);
    let gap = word.trailing_zeros() as usize;
    let Some(&initial) = near.get(gap) else {
        return false;
    };
    let len = (word >> gap).trailing_ones();
    let special = SPECIAL.members(near) & !(u16::MAX << gap);
    (len < CONTEXT_MIN) & (special == 0) & !may_go_on(initial, len)
}

/// A bit for each byte that is part of a word.
#[inline]
fn words(text: &[u8; TEXT_LEN]) -> u32 {
    let [near, far] = [0, 1].map(|half| WORD_CLASS.members(&text.as_chunks().0[half]));
    u32::from(near) | u32::from(far) << 16
}

/// What else than a word begins something that expressions go on with.
pub(super) static SPECIAL: ByteClass =
    ByteClass::from_ranges(&[(b'%', b'&'), (b'\\', b'\\'), (b'\x1b', b'\x1b')]);

/// Whether a word with this first byte and of this length may be one that expressions go on
/// with.
#[inline]
pub(super) fn may_go_on(initial: u8, len: u32) -> bool {
    LENGTHS[usize::from(initial)].unbounded_shr(len) & 1 == 1
}

/// By the first byte of a word, a bit for each length of those that expressions go on with.
static LENGTHS: [u32; 256] = {
    let mut lengths = [u32::MAX; 256];
    let mut letter = b'A';
    while letter <= b'Z' {
        lengths[letter as usize] = 0;
        lengths[letter.to_ascii_lowercase() as usize] = 0;
        letter += 1;
    }
    lengths[b'b' as usize] = 1 << "b".len();
    lengths[b'O' as usize] = 1 << "Optional".len();
    lengths[b'S' as usize] = 1 << "Some".len();
    lengths[b'V' as usize] = 1 << "value".len();
    lengths[b'v' as usize] = 1 << "value".len();
    lengths
};
