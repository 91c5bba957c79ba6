//! Guards and leaps of keys: `api-token` and its like.

use std::sync::LazyLock;

use super::{CONTEXT_MIN, Leaps, WORD_CLASS, class};
use crate::class::ByteClass;
use crate::prefilter::{Anchor, Edges, Landing};

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

/// `tok` must have one of the key's words in front, and `en` behind.
pub(super) fn guard_key(haystack: &[u8], needle: usize, edges: Edges) -> Option<Anchor> {
    const LEN: usize = KEY_LEAD + TOKEN.len();
    let seen = needle.checked_sub(KEY_LEAD).map(|start| &haystack[start..]);
    let all;
    let key: &[u8; LEN] = match (seen.and_then(|seen| seen.first_chunk()), edges) {
        (Some(key), _) => key,
        (None, Edges::Cut) => return Some(Anchor::behind(KEY_LEAD)),
        (None, Edges::Whole) => {
            let before = &haystack[needle.saturating_sub(KEY_LEAD)..needle];
            all = padded([&[0; KEY_LEAD][before.len()..], before, &haystack[needle..]]);
            &all
        }
    };
    let before = *key.first_chunk().expect("it has more bytes");
    let [.., separator, _, _, _, e, n] = *key;
    let separated = SEPARATORS[usize::from(separator)];
    let word = folded(before) << (8 * u32::from(separated));
    if ([e | 0x20, n | 0x20] != *b"en") | !may_end_key_word(word) {
        return None;
    }
    anchor_key(
        haystack,
        needle,
        edges,
        word,
        separated.then_some(separator),
    )
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

/// Whether the next word in what stands behind a key is one that no expression goes on with
/// and that is too short to be secret, so that whatever is said of the key is no secret.
fn is_prose(rest: &[u8], edges: Edges) -> bool {
    const LEN: usize = 32;
    let all;
    let text: &[u8; LEN] = match (rest.first_chunk(), edges) {
        (Some(text), _) => text,
        (None, Edges::Cut) => return false,
        (None, Edges::Whole) => {
            all = padded([rest, &[], &[]]);
            &all
        }
    };
    let (near, far) = (&text.as_chunks().0[0], &text.as_chunks().0[1]);
    let word = u64::from(WORD_CLASS.members(near)) | u64::from(WORD_CLASS.members(far)) << 16;
    let gap = word.trailing_zeros() as usize;
    if gap >= near.len() {
        // Without a word there is nothing that could be secret.
        return word == 0 && rest.len() < LEN;
    }
    let len = (word >> gap).trailing_ones();
    let special = PROSE.special.members(near) & !(u16::MAX << gap);
    (len < CONTEXT_MIN) & (special == 0) & PROSE.initial.contains(near[gap])
}

/// What prose behind a key is known by.
pub(super) struct Prose {
    /// What else than a word begins something that expressions go on with.
    pub(super) special: ByteClass,
    /// What a word begins with that they do not go on with. Others are `b"`,
    /// `Optional[`, `Some(` and `value`.
    pub(super) initial: ByteClass,
}

pub(super) static PROSE: LazyLock<Prose> = LazyLock::new(|| Prose {
    special: class(r"[%\\&\x1b]"),
    initial: class("[A-Za-z--BbOoSsVv]"),
});
