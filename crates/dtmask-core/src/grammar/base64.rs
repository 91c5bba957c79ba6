//! The base64 of a prefix, derived from the grammar, and its guard.

use std::sync::LazyLock;

use super::classes::class;
use crate::class::ByteClass;
use crate::prefilter::{Anchor, Edges};

/// All characters of the prefix must be there, of which the needle has `LEAD` in front.
pub(super) fn guard_base64<const ALIGNMENT: usize, const LEAD: usize>(
    haystack: &[u8],
    needle: usize,
    _: Edges,
) -> Option<Anchor> {
    let classes = &BASE64_PREFIXES[ALIGNMENT];
    let (classes, start) = match needle.checked_sub(LEAD) {
        Some(start) => (&classes[..], start),
        None => (&classes[LEAD..], needle),
    };
    let mut characters = classes.iter().zip(&haystack[start..]);
    characters
        .all(|(class, &character)| class.contains(character))
        .then_some(Anchor::behind(LEAD))
}

/// The characters of the base64 of `dt0` letter digit digit `.` that starts at byte 0, 1
/// or 2 of a group of three.
pub(super) static BASE64_PREFIXES: LazyLock<[[ByteClass; LEN]; 3]> =
    LazyLock::new(|| VALUES.map(|prefix| prefix.map(|values| class(&expression(values)))));

/// The expression for such a prefix.
pub(super) fn base64_prefix(alignment: usize) -> String {
    VALUES[alignment].into_iter().map(expression).collect()
}

/// How many characters hold at least one bit of the prefix, at any alignment.
const LEN: usize = 10;

/// For each alignment the values that each of these characters can take, also those it
/// shares with a neighbour: a bit for each. Known when this is compiled, because every
/// process needs the expressions.
const VALUES: [[u64; LEN]; 3] = {
    let mut values = [[0; LEN]; 3];
    let mut alignment = 0;
    while alignment < values.len() {
        let mut character = 0;
        while character < LEN {
            let bit = 6 * (8 * alignment / 6 + character);
            values[alignment][character] = values_at(alignment, bit);
            character += 1;
        }
        alignment += 1;
    }
    values
};

/// The values of the six bits that start at this one, where a prefix starts at the byte
/// `alignment`.
const fn values_at(alignment: usize, bit: usize) -> u64 {
    // They are part of two bytes, of which each says some of them.
    let shift = 10 - bit % 8;
    let parts = [
        (bit / 8, 0xff00 >> shift & 0x3f, 8),
        (bit / 8 + 1, 0x00ff >> shift, 0),
    ];
    let mut values = u64::MAX;
    let mut part = 0;
    while part < parts.len() {
        let (at, bits, left) = parts[part];
        let mut of_part = 0_u64;
        let mut byte = 0;
        while byte < 256 {
            if at < alignment || may_be(at - alignment, byte as u8) {
                of_part |= 1 << (byte << left >> shift & bits);
            }
            byte += 1;
        }
        let mut value = 0;
        while value < 64 {
            if of_part >> (value & bits) & 1 == 0 {
                values &= !(1 << value);
            }
            value += 1;
        }
        part += 1;
    }
    values
}

/// Whether this byte can stand here in a prefix or behind it.
const fn may_be(at: usize, byte: u8) -> bool {
    match at {
        0 => byte == b'd',
        1 => byte == b't',
        2 => byte == b'0',
        3 => byte.is_ascii_alphabetic(),
        4 | 5 => byte.is_ascii_digit(),
        6 => byte == b'.',
        _ => true,
    }
}

/// A class of the characters for these values, in the standard and in the URL-safe alphabet,
/// which differ in the last two.
fn expression(values: u64) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let held = |value: &usize| values >> value & 1 == 1;
    let characters = (0..ALPHABET.len()).filter(held);
    let mut class = String::with_capacity(values.count_ones() as usize + "[\\-_]".len());
    class.push('[');
    class.extend(characters.map(|value| char::from(ALPHABET[value])));
    for (value, both) in [(62, r"+\-"), (63, "/_")] {
        class.push_str(if held(&value) { both } else { "" });
    }
    class.push(']');
    class
}
