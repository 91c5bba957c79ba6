//! The classes of what is secret, as expressions and compiled.

use crate::class::ByteClass;
use crate::rules::parse_class;

pub(super) const BASE32: &str = "[A-Z0-9]";
pub(super) const LOWER: &str = "[a-z0-9]";
pub(super) const ALPHANUMERIC: &str = "[A-Za-z0-9]";
pub(super) const WORD: &str = "[A-Za-z0-9_-]";
pub(super) const BASE64: &str = "[A-Za-z0-9+/_=-]";

/// The classes of the built-in rules, known when this is compiled: to parse them took a good
/// part of the start of a process.
pub(super) static CLASSES: [(&str, &ByteClass); 5] = [
    (BASE32, &BASE32_CLASS),
    (LOWER, &ByteClass::from_ranges(&[AZ_LOWER, DIGITS])),
    (
        ALPHANUMERIC,
        &ByteClass::from_ranges(&[AZ, AZ_LOWER, DIGITS]),
    ),
    (WORD, &WORD_CLASS),
    (
        BASE64,
        &ByteClass::from_ranges(&[
            AZ,
            AZ_LOWER,
            DIGITS,
            one(b'+'),
            one(b'/'),
            one(b'_'),
            one(b'='),
            one(b'-'),
        ]),
    ),
];
pub(super) static WORD_CLASS: ByteClass =
    ByteClass::from_ranges(&[AZ, AZ_LOWER, DIGITS, one(b'_'), one(b'-')]);
pub(super) static BASE32_CLASS: ByteClass = ByteClass::from_ranges(&[AZ, DIGITS]);

const AZ: (u8, u8) = (b'A', b'Z');
const AZ_LOWER: (u8, u8) = (b'a', b'z');
const DIGITS: (u8, u8) = (b'0', b'9');

const fn one(byte: u8) -> (u8, u8) {
    (byte, byte)
}

/// The class that an expression stands for, if it is that of a built-in rule.
pub(crate) fn known_class(expression: &str) -> Option<&'static ByteClass> {
    let mut classes = CLASSES.iter();
    let (_, class) = classes.find(|(known, _)| *known == expression)?;
    Some(class)
}

pub(super) fn class(expression: &str) -> ByteClass {
    parse_class(expression).expect("the class parses")
}
