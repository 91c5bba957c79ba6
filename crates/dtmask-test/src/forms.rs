//! The building blocks of [`crate::expand`]: tokens and contexts in every form
//! that the rules name, and in some that they do not.

use crate::expand::Dice;
use crate::samples;

const SGR: &[&[u8]] = &[
    b"\x1b[0m",
    b"\x1b[m",
    b"\x1b[1;32m",
    b"\x1b[K",
    b"\x1b[38;5;9m",
];
const DOTS: &[&[u8]] = &[
    b".", b".", b".", b".", b"%2E", b"%2e", b"\\u002e", b"\\u002E",
];
const BREAKS: &[&[u8]] = &[b"\n", b"\r\n", b"=\n", b"=\r\n", b"\\n", b"\\r\\n"];
const BLANKS: &[&[u8]] = &[b"", b" ", b"\t", b"  ", b"\t ", b"          "];
const QUOTES: &[&[u8]] = &[
    b"\"", b"'", b"\\", b"`", b"\\\"", b"%22", b"%27", b"\\u0022", b"\\u0027", b"&quot;", b"&#34;",
    b"&#39;", b"\x1b[0m",
];
const ASSIGNS: &[&[u8]] = &[
    b"=", b":", b"=>", b":=", b"==", b"->", b">", b"%3D", b"%3d", b"%3A", b"%3a", b"\\u003d",
    b"\\u003D", b"\\u003a", b"\\u003A", b"\\u003e", b"\\u003E",
];
const OPENS: &[&[u8]] = &[
    b" ",
    b"\t",
    b"[",
    b"(",
    b"{",
    b"<",
    b"%20",
    b"%5B",
    b"%5b",
    b"%7B",
    b"%7b",
    b"b\"",
    b"b'",
    b"Some(",
    b"Optional[",
];
const BLANKS_IN_URLS: &[&[u8]] = &[b" ", b"+", b"%20", b"%2520", b"%252520", b"\t", b"  "];
const LENGTHS: &[usize] = &[
    16, 64, 8, 1, 15, 17, 24, 63, 65, 0, 2, 14, 20, 21, 23, 25, 40, 62, 130, 131, 132, 133, 259,
    260, 261, 262, 300,
];

/// Pieces of tokens, contexts, encodings and prose that begin or end something.
pub(crate) const FRAGMENTS: &[&[u8]] = &[
    b" ",
    b"\n",
    b"\r\n",
    b"d",
    b"dt",
    b"dt0",
    b"dt0c",
    b"dt0c0",
    b"dt0c01",
    b"dt0c01.",
    b"DT0C01.",
    b"dt0a02.",
    b"dt1c01.",
    b".",
    b"..",
    b"_",
    b"-",
    b"=",
    b":",
    b"\"",
    b"\\",
    b"%",
    b"%2",
    b"\\u00",
    b"\x1b",
    b"\x1b[",
    b"\x1b[0",
    b"m",
    b"api",
    b"token",
    b"Api-Token",
    b"api token expired",
    b"PAAS_TOKEN",
    b"tenanttoken",
    b"tenantToken",
    b"oken",
    b"value",
    b"value: ",
    b"ZHQw",
    b"ZHQwYzAxL",
    b"R0M",
    b"kdDB",
    b"kdDBjMDEu",
    b"\xff",
    b"\xc3\xa9",
    b"***",
    b"[REDACTED]",
    b"<masked>",
    b"metrics.read",
    b"InstallerDownload",
    b"${DT_API_TOKEN}",
    b"{\"token\":\"",
    b"Bearer ",
    b"?api-token=",
    b"\",\"",
    b"|\n  ",
    b"eyJhbGciOiJub25lIn0.",
    b"\ntoken\n",
];

const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8] = b"0123456789abcdef";
const MIXED: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const WORD: &[u8] = b"ABCDEFGHIJKLMabcdefghijklm0123456789_-";
const BASE64: &[u8] = b"ABCDEFGHIJKLMabcdefghijklm0123456789+/_-=";

/// A token, or what is one but for a length, a class or a wrap.
pub(crate) fn token(dice: &mut Dice<'_>) -> Vec<u8> {
    let mut out = prefix(dice);
    out.extend_from_slice(dice.pick(DOTS));
    if !out.to_ascii_lowercase().starts_with(b"dt0a02") || dice.chance(4) {
        out.extend(id(dice));
        out.extend_from_slice(dice.pick(DOTS));
    }
    while dice.chance(6) {
        out.extend_from_slice(dice.pick(SGR));
    }
    let secret = match dice.below(5) {
        0..=1 => samples::S64.as_bytes().to_vec(),
        2 => samples::HEX64.as_bytes().to_vec(),
        _ => run(dice),
    };
    if dice.chance(3) && !secret.is_empty() {
        let column = 1 + dice.pick(&[39, 0, 46, 47, 48, 62, 15, 7]);
        let line_end = line_end(dice);
        out.extend(
            secret
                .chunks(column)
                .collect::<Vec<_>>()
                .join(&line_end[..]),
        );
    } else {
        out.extend(secret);
    }
    out
}

/// A key with everything up to where its value begins.
pub(crate) fn context(dice: &mut Dice<'_>) -> Vec<u8> {
    let mut out = key(dice);
    match dice.below(6) {
        0..=1 => {
            some(dice, 3, QUOTES, &mut out);
            if dice.chance(6) {
                out.push(b']');
            }
            out.extend_from_slice(dice.pick(BLANKS));
            some(dice, 6, SGR, &mut out);
            out.extend_from_slice(dice.pick(ASSIGNS));
            opens(dice, &mut out);
        }
        2 => {
            out.extend_from_slice(dice.pick(QUOTES));
            out.extend_from_slice(dice.pick(BLANKS));
            out.push(b',');
            out.extend_from_slice(dice.pick(BLANKS));
            out.extend_from_slice(dice.pick(QUOTES));
        }
        3 => {
            some(dice, 2, QUOTES, &mut out);
            let gap = dice.pick(&[",", "\n", "\r\n", " ", "\t"]);
            out.extend_from_slice(gap.as_bytes());
            out.extend_from_slice(dice.pick(BLANKS));
            some(dice, 2, QUOTES, &mut out);
            out.extend_from_slice(
                dice.pick(&["value", "Value", "VALUE", "value", "value", "valu"])
                    .as_bytes(),
            );
            some(dice, 2, QUOTES, &mut out);
            out.extend_from_slice(dice.pick(BLANKS));
            out.push(dice.pick(b":=:"));
            opens(dice, &mut out);
        }
        4 => {
            some(dice, 4, QUOTES, &mut out);
            out.extend_from_slice(dice.pick(BLANKS));
            out.extend_from_slice(b": ");
            out.push(dice.pick(b"|>"));
            out.extend_from_slice(dice.pick(&["", "-", "+", "2", "2-"]).as_bytes());
            out.extend_from_slice(dice.pick(BLANKS));
            out.extend_from_slice(dice.pick(&["\n", "\r\n"]).as_bytes());
            out.extend_from_slice(dice.pick(&["  ", " ", "\t", "    "]).as_bytes());
        }
        _ => {
            out.extend_from_slice(dice.pick(BLANKS_IN_URLS));
            some(dice, 3, BLANKS_IN_URLS, &mut out);
            some(dice, 3, QUOTES, &mut out);
        }
    }
    out
}

/// Characters of one class, as many as some bound of some pattern or one off.
pub(crate) fn run(dice: &mut Dice<'_>) -> Vec<u8> {
    let length = dice.pick(LENGTHS);
    let class = dice.pick(&[UPPER, LOWER, HEX, MIXED, WORD, BASE64]);
    // Two bytes of seed decide all characters: long runs stay cheap to mutate.
    let (mut at, stride) = (dice.below(class.len()), 1 + dice.below(class.len()));
    (0..length)
        .map(|_| {
            at += stride;
            class[at % class.len()]
        })
        .collect()
}

/// A line break, real or escaped, and what indents the next line.
pub(crate) fn line_end(dice: &mut Dice<'_>) -> Vec<u8> {
    [dice.pick(BREAKS), dice.pick(BLANKS)].concat()
}

/// `byte` as one of five encodings writes it; letters and digits stay.
pub(crate) fn escape(byte: u8, how: usize) -> Vec<u8> {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
        return vec![byte];
    }
    match (how, byte) {
        (0, _) => format!("%{byte:02X}").into_bytes(),
        (1, _) => format!("%{byte:02x}").into_bytes(),
        (2, _) => format!("\\u{byte:04x}").into_bytes(),
        (3, b'"') => b"&quot;".to_vec(),
        (3, b'\'') => b"&#39;".to_vec(),
        (4, b'\n') => b"\\n".to_vec(),
        (4, b'\r') => b"\\r".to_vec(),
        (4, b'"' | b'\\') => vec![b'\\', byte],
        _ => vec![byte],
    }
}

fn prefix(dice: &mut Dice<'_>) -> Vec<u8> {
    let mut out = b"dt0".to_vec();
    match dice.below(6) {
        0..=1 => out.extend_from_slice(b"c01"),
        2 => out.extend_from_slice(dice.pick(&[b"s16", b"s01", b"s02", b"g02", b"s08", b"e01"])),
        3 => out.extend_from_slice(b"a01"),
        4 => out.extend_from_slice(b"a02"),
        _ => {
            out.push(dice.pick(MIXED));
            out.push(dice.pick(b"0123456789"));
            out.push(dice.pick(b"0123456789"));
        }
    }
    if dice.chance(6) {
        out.make_ascii_uppercase();
    }
    out
}

fn id(dice: &mut Dice<'_>) -> Vec<u8> {
    match dice.below(9) {
        0..=3 => samples::P24.as_bytes().to_vec(),
        4 => samples::P8.as_bytes().to_vec(),
        5 => samples::ENV.as_bytes().to_vec(),
        6 => samples::UUID.as_bytes().to_vec(),
        7 => b"dt-app-local".to_vec(),
        _ => run(dice),
    }
}

fn key(dice: &mut Dice<'_>) -> Vec<u8> {
    let mut out = String::new();
    out.push_str(dice.pick(&["api", "paas", "tenant", "cluster", "ingest", "Api", "apı"]));
    out.push_str(dice.pick(&["-", "_", "", ".", " ", "--"]));
    out.push_str(dice.pick(&["token", "Token", "TOKEN", "token", "Token", "tokens"]));
    if dice.chance(5) {
        out.make_ascii_uppercase();
    }
    out.into_bytes()
}

fn opens(dice: &mut Dice<'_>, out: &mut Vec<u8>) {
    some(dice, 2, OPENS, out);
    some(dice, 2, QUOTES, out);
    some(dice, 6, OPENS, out);
}

/// Any number of `choices`, each further one once in `n` times.
fn some(dice: &mut Dice<'_>, n: usize, choices: &[&[u8]], out: &mut Vec<u8>) {
    while dice.chance(n) {
        out.extend_from_slice(dice.pick(choices));
    }
}
