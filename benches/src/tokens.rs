//! Made-up tokens, assembled at run time.
//!
//! No file of the project holds a complete token, so the parts are drawn from
//! a generator and joined here. None of them was ever issued by anybody.

use crate::rng::Rng;

/// What Dynatrace writes its components in.
pub const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Hexadecimal digits in lower case.
pub const HEX: &[u8] = b"0123456789abcdef";
/// The characters of legacy tokens.
pub const LEGACY: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
/// Letters and digits.
pub const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The prefixes of tokens with a public portion of 24 characters.
const LONG: &[&str] = &["dt0c01", "dt0c01", "dt0c01", "dt0s01", "dt0e01", "dt0n01"];
/// The prefixes of tokens with a public portion of 8 characters.
const SHORT: &[&str] = &["dt0s16", "dt0s02", "dt0s17", "dt0g02", "dt0s08"];

/// A token identifier of 24 characters after its prefix, without the last dot.
pub fn identifier(rng: &mut Rng) -> String {
    let public = rng.word(BASE32, 24);
    format!("{}.{public}", rng.pick(LONG))
}

/// A token identifier of 8 characters after its prefix, without the last dot.
pub fn short_identifier(rng: &mut Rng) -> String {
    let public = rng.word(BASE32, 8);
    format!("{}.{public}", rng.pick(SHORT))
}

/// A token that the vendor's published expression finds.
pub fn published(rng: &mut Rng) -> String {
    let secret = rng.word(BASE32, 64);
    format!("{}.{secret}", identifier(rng))
}

/// A token with a public portion of 8 characters.
pub fn platform(rng: &mut Rng) -> String {
    let secret = rng.word(BASE32, 64);
    format!("{}.{secret}", short_identifier(rng))
}

/// An agent connection token: an environment id and 64 hexadecimal digits.
pub fn connection(rng: &mut Rng) -> String {
    let environment = rng.word(b"abcdefghijklmnopqrstuvwxyz0123456789", 8);
    format!("dt0a01.{environment}.{}", rng.word(HEX, 64))
}

/// A tenant token of two parts.
pub fn tenant(rng: &mut Rng) -> String {
    format!("dt0a02.{}", rng.word(ALPHANUMERIC, 24))
}

/// A legacy API token, which only its context gives away.
pub fn legacy(rng: &mut Rng) -> String {
    rng.word(LEGACY, 21)
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn tokens_have_the_shapes_of_their_kinds() {
        let check = |make: fn(&mut Rng) -> String, shape: &str| {
            let shape = Regex::new(&format!("^(?:{shape})$")).expect("a valid expression");
            let mut rng = Rng::new(3);
            for _ in 0..200 {
                let len = make(&mut rng).len();
                let text = make(&mut rng);
                assert!(shape.is_match(&text), "{len} bytes are not {shape}");
            }
        };
        check(identifier, r"dt0[a-z][0-9]{2}\.[A-Z2-7]{24}");
        check(short_identifier, r"dt0[a-z][0-9]{2}\.[A-Z2-7]{8}");
        check(published, r"dt0[a-z][0-9]{2}\.[A-Z2-7]{24}\.[A-Z2-7]{64}");
        check(platform, r"dt0[a-z][0-9]{2}\.[A-Z2-7]{8}\.[A-Z2-7]{64}");
        check(connection, r"dt0a01\.[a-z0-9]{8}\.[0-9a-f]{64}");
        check(tenant, r"dt0a02\.[A-Za-z0-9]{24}");
        check(legacy, r"[A-Za-z0-9_-]{21}");
    }
}
