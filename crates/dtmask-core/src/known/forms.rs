//! How a value may be written: as it is, in base64, in URLs and in JSON.

use std::fmt::Write as _;

/// A value as it is, and as it stands in base64, in URLs and in JSON.
pub(super) fn forms(value: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![value.to_vec()];
    forms.extend(url_forms(value));
    forms.extend(json_forms(value));
    for alphabet in [STANDARD, URL_SAFE] {
        for alignment in 0..3 {
            forms.extend(base64_forms(value, alignment, alphabet));
        }
    }
    forms
}

/// Values of more bytes are known in the more usual forms alone.
const LONG: usize = 1024;

/// Percent-encoded, by what encoders leave as it is besides letters and digits, and whether
/// they write a blank as `+`; with upper and lower case digits.
fn url_forms(value: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    const ENCODERS: [(&[u8], bool); 11] = [
        // RFC 3986, unreserved characters.
        (b"-_.~", false),
        // Forms: Python's `quote_plus`, Go's `QueryEscape`; Java's `URLEncoder`, browsers.
        (b"-_.~", true),
        (b"-_.*", true),
        // JavaScript's `encodeURIComponent` and `encodeURI`.
        (b"-_.~!'()*", false),
        (b"-_.~!'()*;/?:@&=+$,#", false),
        // Python's `quote`.
        (b"-_.~/", false),
        // Go's `PathEscape`, and its `UserPassword`.
        (b"-_.~$&+=:@", false),
        (b"-_.~$&+,;=", false),
        // RFC 3986: the user of an authority, a segment of a path, a path.
        (b"-_.~!$&'()*+,;=", false),
        (b"-_.~!$&'()*+,;=:@", false),
        (b"-_.~!$&'()*+,;=:@/", false),
    ];
    // Bytes of a key store, say: each form of them takes much memory, and nobody puts them
    // into the path of a URL.
    let encoders = if value.len() > LONG {
        &ENCODERS[..4]
    } else {
        &ENCODERS[..]
    };
    let digits = [
        b"0123456789ABCDEF" as &[u8; 16],
        b"0123456789abcdef" as &[u8; 16],
    ];
    digits.into_iter().flat_map(move |digits| {
        encoders.iter().map(move |&(kept, plus)| {
            let mut form = Vec::with_capacity(value.len() * 3);
            for &byte in value {
                if byte == b' ' && plus {
                    form.push(b'+');
                } else if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
                    form.push(byte);
                } else {
                    form.push(b'%');
                    form.push(digits[usize::from(byte >> 4)]);
                    form.push(digits[usize::from(byte & 15)]);
                }
            }
            form
        })
    })
}

/// How an encoder writes what stands in a JSON string.
#[derive(Clone, Copy)]
struct Json {
    /// The characters that it writes as their number though it need not.
    numbers: &'static str,
    /// Whether it does so with all that is not ASCII.
    ascii: bool,
    /// Whether it escapes the slash.
    slash: bool,
    /// Whether the digits of numbers are in upper case.
    upper: bool,
}

/// As a part of a JSON string.
fn json_forms(value: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    const PLAIN: Json = Json {
        numbers: "",
        ascii: false,
        slash: false,
        upper: false,
    };
    // What means something in HTML.
    const HTML: &str = "<>&";
    let encoders = [
        // JavaScript, serde_json.
        PLAIN,
        // Python.
        Json {
            ascii: true,
            ..PLAIN
        },
        // PHP, and with JSON_UNESCAPED_UNICODE.
        Json {
            ascii: true,
            slash: true,
            ..PLAIN
        },
        Json {
            slash: true,
            ..PLAIN
        },
        // Go, and for ASCII alone.
        Json {
            numbers: HTML,
            ..PLAIN
        },
        Json {
            numbers: HTML,
            ascii: true,
            ..PLAIN
        },
        // Gson.
        Json {
            numbers: "<>&='",
            ..PLAIN
        },
        // System.Text.Json.
        Json {
            numbers: "\"&'+<>`\u{7f}",
            ascii: true,
            upper: true,
            ..PLAIN
        },
    ];
    let text = std::str::from_utf8(value).ok();
    encoders.into_iter().filter_map(move |encoder| {
        let mut form = String::with_capacity(value.len() * 2);
        for c in text?.chars() {
            match c {
                c if encoder.numbers.contains(c) || (encoder.ascii && !c.is_ascii()) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        encoder.number(*unit, &mut form);
                    }
                }
                '"' => form.push_str(r#"\""#),
                '\\' => form.push_str(r"\\"),
                '\n' => form.push_str(r"\n"),
                '\r' => form.push_str(r"\r"),
                '\t' => form.push_str(r"\t"),
                '\u{8}' => form.push_str(r"\b"),
                '\u{c}' => form.push_str(r"\f"),
                '/' if encoder.slash => form.push_str(r"\/"),
                c if c < ' ' => encoder.number(c as u16, &mut form),
                c => form.push(c),
            }
        }
        Some(form.into_bytes())
    })
}

impl Json {
    fn number(self, unit: u16, form: &mut String) {
        // Writing to a string cannot fail.
        let _ = if self.upper {
            write!(form, "\\u{unit:04X}")
        } else {
            write!(form, "\\u{unit:04x}")
        };
    }
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The base64 of a value that starts at byte `alignment` of a group of three: from the
/// first character that holds bits of nothing else to the last one that holds any of it,
/// which its neighbour may have a share in.
fn base64_forms(value: &[u8], alignment: usize, alphabet: &[u8; 64]) -> Vec<Vec<u8>> {
    let first = (alignment * 8).div_ceil(6);
    let last_bit = (alignment + value.len()) * 8;
    let byte_at = |index: usize| {
        let byte = index.checked_sub(alignment).and_then(|i| value.get(i));
        byte.copied().unwrap_or(0)
    };
    let value_of = |character: usize| {
        let bit = character * 6;
        let pair = u16::from_be_bytes([byte_at(bit / 8), byte_at(bit / 8 + 1)]);
        usize::from(pair >> (10 - bit % 8) & 0x3f)
    };
    let whole = last_bit / 6;
    let form: Vec<u8> = (first..whole).map(|c| alphabet[value_of(c)]).collect();
    // The bits of the last character that are the neighbour's.
    let shared = (6 - last_bit % 6) % 6;
    let last = (shared > 0).then(|| value_of(whole));
    let with_last = last.into_iter().flat_map(|last| {
        (0..1 << shared).map({
            let form = &form;
            move |low| [form.as_slice(), &[alphabet[last | low]]].concat()
        })
    });
    let mut forms: Vec<Vec<u8>> = with_last.collect();
    forms.push(form);
    forms
}

#[cfg(test)]
mod tests {
    use super::forms;

    #[test]
    fn forms_are_those_of_real_encoders() {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

        let value = b"p/a&s s\"w\\o\xc3\xa4rd?>";
        let forms = forms(value);
        let has = |form: &[u8]| forms.iter().any(|f| f == form);
        assert!(has(br"p%2Fa%26s%20s%22w%5Co%C3%A4rd%3F%3E"));
        assert!(has(br"p%2fa%26s+s%22w%5co%c3%a4rd%3f%3e"));
        assert!(has("p/a&s s\\\"w\\\\oärd?>".as_bytes()));
        assert!(has(br#"p\/a&s s\"w\\o\u00e4rd?>"#));
        assert!(has("p/a\\u0026s s\\\"w\\\\oärd?\\u003e".as_bytes()));

        // What `quote` of Python, `PathEscape` and `UserPassword` of Go, Gson and
        // System.Text.Json make of it.
        let forms_of = |value: &str| super::forms(value.as_bytes());
        for (value, form) in [
            ("p4ss/w!0rd=", "p4ss/w%210rd%3D"),
            ("p4ss/w=0r:d,", "p4ss%2Fw=0r:d%2C"),
            ("p4ss/w=0r:d,", "p4ss%2Fw=0r%3Ad,"),
            ("p4ss w~0rd*", "p4ss+w~0rd%2A"),
            ("p4ss=w'rd", r"p4ss\u003dw\u0027rd"),
            ("p4ss+\"w\u{e9}rd", r"p4ss\u002B\u0022w\u00E9rd"),
        ] {
            assert!(
                forms_of(value).contains(&form.as_bytes().to_vec()),
                "{form}"
            );
        }
        for before in 0..7 {
            for after in 0..7 {
                let text = [&b"0123456"[..before], value, &b"?>?>?>?"[..after]].concat();
                for encoded in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                    let covered = forms
                        .iter()
                        .filter_map(|form| {
                            let windows = encoded.as_bytes().windows(form.len());
                            let at = windows.into_iter().position(|w| w == form)?;
                            Some(at..at + form.len())
                        })
                        .max_by_key(ExactSizeIterator::len)
                        .expect("one of the forms is in it");
                    // The first character that is the value's alone, the last one that
                    // holds any of it.
                    assert_eq!(covered.start, (before * 8).div_ceil(6));
                    assert_eq!(covered.end, ((before + value.len()) * 8).div_ceil(6));
                }
            }
        }
    }
}
