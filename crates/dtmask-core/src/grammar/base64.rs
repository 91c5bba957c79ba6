//! The base64 of a prefix, derived from the grammar, and its guard.

use std::sync::LazyLock;

use super::class;
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
pub(super) static BASE64_PREFIXES: LazyLock<[Vec<ByteClass>; 3]> = LazyLock::new(|| {
    [0, 1, 2].map(|alignment| base64_classes(alignment).map(|c| class(&c)).collect())
});

/// The expression for such a prefix.
pub(super) fn base64_prefix(alignment: usize) -> String {
    base64_classes(alignment).collect()
}

/// For each character that holds at least one bit of the prefix, also those shared with
/// a neighbour, the class of all values it can take.
fn base64_classes(alignment: usize) -> impl Iterator<Item = String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let any: Vec<u8> = (0..=255).collect();
    let digits: Vec<u8> = (b'0'..=b'9').collect();
    let letters: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').collect();
    let prefix = [
        vec![b'd'],
        vec![b't'],
        vec![b'0'],
        letters,
        digits.clone(),
        digits,
        vec![b'.'],
    ];
    let first_bit = alignment * 8;
    let last_bit = first_bit + prefix.len() * 8 - 1;
    let byte_at = move |index: usize| match index.checked_sub(alignment) {
        Some(index) if index < prefix.len() => prefix[index].clone(),
        _ => any.clone(),
    };
    (first_bit / 6..=last_bit / 6).map(move |character| {
        let bit = character * 6;
        let mut values = [false; 64];
        for high in byte_at(bit / 8) {
            for &low in &byte_at(bit / 8 + 1) {
                let pair = u16::from_be_bytes([high, low]);
                values[usize::from(pair >> (10 - bit % 8) & 0x3f)] = true;
            }
        }
        let held = (0..64).filter(|&value| values[value]);
        // The standard and the URL-safe alphabet differ in the last two values.
        let characters: String = held
            .map(|value| match value {
                62 => r"+\-".to_owned(),
                63 => "/_".to_owned(),
                value => char::from(ALPHABET[value]).to_string(),
            })
            .collect();
        format!("[{characters}]")
    })
}
