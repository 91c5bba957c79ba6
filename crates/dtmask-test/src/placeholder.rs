//! Placeholders of the case table, expanded at run time.
//!
//! | placeholder | becomes |
//! |---|---|
//! | `{P24}` `{P8}` `{S64}` `{W24}` `{W64}` `{HEX64}` `{A24}` `{L21}` `{T16}` `{ENV}` `{UUID}` | the sample of that name |
//! | `{M<n>}` | `n` asterisks |
//! | `{FF}` | the byte 0xFF |
//! | `{GZIP}` | an API token, compressed |
//! | `{b64:X}` `{b64url:X}` | base64 of X, the second URL-safe and without padding |
//! | `{wrap<n>:X}` | X with a line feed after every `n` bytes, none at its end |
//! | `{wrap<n>crlf:X}` `{wrap<n>indent:X}` `{wrap<n>escaped:X}` | the same with CRLF, with a line feed and two blanks, with the two characters `\n` |
//! | `{lower:X}` `{upper:X}` | X in that case |
//! | `{first<n>:X}` `{after<n>:X}` | the first `n` bytes of X, what follows them |
//! | `{rep<n>:X}` | X, `n` times |
//! | `{pct:X}` `{hex:X}` `{dec:X}` | each byte as `%XX`, as two hex digits, as a decimal number and a blank |
//! | `{xor:X}` | each byte of X combined with a key, as the simplest of ciphers does it |
//! | `{utf16le:X}` `{utf16be:X}` `{utf32le:X}` `{utf32be:X}` | X in UTF-16, in UTF-32, without a byte order mark |
//!
//! They nest. Braces around anything else stand for themselves.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::samples;

/// The key of `{xor:X}`.
const XOR_KEY: u8 = 0x5a;

/// `text` with every placeholder replaced.
///
/// # Panics
///
/// If a `{utf16..:X}` or `{utf32..:X}` holds what is not UTF-8.
pub fn expand(text: &str) -> Vec<u8> {
    let mut output = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        output.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at..];
        let found = closing(rest)
            .and_then(|close| replacement(&rest[1..close]).map(|bytes| (bytes, close)));
        match found {
            Some((bytes, close)) => {
                output.extend_from_slice(&bytes);
                rest = &rest[close + 1..];
            }
            None => {
                output.push(b'{');
                rest = &rest[1..];
            }
        }
    }
    output.extend_from_slice(rest.as_bytes());
    output
}

/// Offset of the brace that closes the one `text` starts with.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn replacement(inside: &str) -> Option<Vec<u8>> {
    match inside.split_once(':') {
        Some((function, argument)) => apply(function, argument),
        None => constant(inside),
    }
}

fn constant(name: &str) -> Option<Vec<u8>> {
    let text = match name {
        "P24" => samples::P24.to_string(),
        "P8" => samples::P8.to_string(),
        "S64" => samples::S64.to_string(),
        "W24" => samples::W24.to_string(),
        "W64" => samples::w64(),
        "HEX64" => samples::HEX64.to_string(),
        "A24" => samples::A24.to_string(),
        "L21" => samples::L21.to_string(),
        "T16" => samples::T16.to_string(),
        "ENV" => samples::ENV.to_string(),
        "UUID" => samples::UUID.to_string(),
        "FF" => return Some(vec![0xff]),
        "GZIP" => return Some(samples::GZIP.to_vec()),
        _ => "*".repeat(number(name.strip_prefix('M')?)?),
    };
    Some(text.into_bytes())
}

fn apply(function: &str, argument: &str) -> Option<Vec<u8>> {
    let letters = function.trim_end_matches(|c: char| c.is_ascii_digit());
    // `wrap64crlf` has its number in the middle, `b64` has none.
    let (name, n, suffix) = match function {
        "b64" | "b64url" | "utf16le" | "utf16be" | "utf32le" | "utf32be" => (function, None, ""),
        _ => match function.find(|c: char| c.is_ascii_digit()) {
            None => (letters, None, ""),
            Some(start) => {
                let tail = function[start..].trim_start_matches(|c: char| c.is_ascii_digit());
                let digits = &function[start..function.len() - tail.len()];
                (&function[..start], Some(number(digits)?), tail)
            }
        },
    };
    let separator: &[u8] = match (name, suffix) {
        ("wrap", "crlf") => b"\r\n",
        ("wrap", "indent") => b"\n  ",
        ("wrap", "escaped") => b"\\n",
        (_, "") => b"\n",
        _ => return None,
    };
    let known = [
        "b64", "b64url", "utf16le", "utf16be", "utf32le", "utf32be", "lower", "upper", "pct",
        "hex", "dec", "xor", "first", "after", "rep", "wrap",
    ];
    if !known.contains(&name) {
        return None;
    }
    let x = expand(argument);
    Some(match (name, n) {
        ("b64", None) => STANDARD.encode(x).into_bytes(),
        ("b64url", None) => URL_SAFE_NO_PAD.encode(x).into_bytes(),
        ("lower", None) => x.to_ascii_lowercase(),
        ("upper", None) => x.to_ascii_uppercase(),
        ("pct", None) => each(&x, |byte| format!("%{byte:02X}")),
        ("hex", None) => each(&x, |byte| format!("{byte:02x}")),
        ("dec", None) => each(&x, |byte| format!("{byte} ")),
        ("xor", None) => x.iter().map(|byte| byte ^ XOR_KEY).collect(),
        ("utf16le", None) => utf16(x, u16::to_le_bytes),
        ("utf16be", None) => utf16(x, u16::to_be_bytes),
        ("utf32le", None) => utf32(x, u32::to_le_bytes),
        ("utf32be", None) => utf32(x, u32::to_be_bytes),
        ("first", Some(n)) => x[..n].to_vec(),
        ("after", Some(n)) => x[n..].to_vec(),
        ("rep", Some(n)) => x.repeat(n),
        ("wrap", Some(n)) => x.chunks(n).collect::<Vec<_>>().join(separator),
        _ => return None,
    })
}

fn number(digits: &str) -> Option<usize> {
    digits.parse().ok()
}

fn each(bytes: &[u8], show: impl Fn(u8) -> String) -> Vec<u8> {
    bytes
        .iter()
        .map(|&b| show(b))
        .collect::<String>()
        .into_bytes()
}

fn utf16(bytes: Vec<u8>, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let text = String::from_utf8(bytes).expect("only text has a UTF-16 form");
    text.encode_utf16().flat_map(order).collect()
}

fn utf32(bytes: Vec<u8>, order: fn(u32) -> [u8; 4]) -> Vec<u8> {
    let text = String::from_utf8(bytes).expect("only text has a UTF-32 form");
    text.chars().flat_map(|char| order(char.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(input: &str) -> String {
        String::from_utf8(expand(input)).unwrap()
    }

    #[test]
    fn samples_and_masks() {
        assert_eq!(text("a{P8}b{M3}c{M0}"), "aFAKEPUB2b***c");
        assert_eq!(expand("{FF}{ENV}"), b"\xffabc12345");
    }

    #[test]
    fn functions_nest() {
        assert_eq!(text("{b64:{lower:{P8}}}"), "ZmFrZXB1YjI=");
        assert_eq!(text("{b64url:???>}"), "Pz8_Pg");
        assert_eq!(text("{first4:{P8}}-{after4:{P8}}"), "FAKE-PUB2");
        assert_eq!(text("{wrap3:abcdefgh}"), "abc\ndef\ngh");
        assert_eq!(text("{wrap3:abcdef}"), "abc\ndef");
        assert_eq!(text("{wrap2crlf:abc}{wrap2indent:abc}"), "ab\r\ncab\n  c");
        assert_eq!(text("{wrap2escaped:abc}{rep3:xy}"), r"ab\ncxyxyxy");
        assert_eq!(text("{hex:ab}{pct:.}{dec:ab}"), "6162%2E97 98 ");
        assert_eq!(text("{xor:{xor:abc}}{xor:ab}"), "abc;8");
        assert_eq!(expand("{utf16le:a}{utf16be:b}"), b"a\0\0b");
        assert_eq!(expand("{utf32le:a}{utf32be:b}"), b"a\0\0\0\0\0\0b");
        assert_eq!(text(r#"{b64:{"a":1}}"#), "eyJhIjoxfQ==");
    }

    #[test]
    fn other_braces_stand_for_themselves() {
        for same in [
            "{",
            "}",
            "{}",
            r#"{"id":"x","M3":{}}"#,
            "${DT_API_TOKEN}",
            "{{ .Values.apiToken }}",
            "{P9}",
            "{Mx}",
            "{wrap3tab:abc}",
            "{b63:x}",
        ] {
            assert_eq!(text(same), same);
        }
        assert_eq!(text("{\"t\":\"{P8}\"}"), r#"{"t":"FAKEPUB2"}"#);
    }
}
