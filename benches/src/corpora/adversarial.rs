//! Inputs that make a redactor work for nothing: what starts a candidate and
//! fails late, what keeps an automaton in a loop, what holds bytes back only
//! to release them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::corpora::lines;
use crate::rng::Rng;
use crate::scene::Scene;
use crate::tokens::{self, BASE32};

/// `unit` again and again, the last one cut short.
pub(crate) fn repeat(unit: &[u8], len: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(len + unit.len());
    while out.len() < len {
        out.extend_from_slice(unit);
    }
    out.truncate(len);
    out
}

/// `head` once, and then `unit` again and again.
pub(crate) fn headed(head: &[u8], unit: &[u8], len: usize) -> Vec<u8> {
    let mut out = head.to_vec();
    out.truncate(len);
    let rest = len - out.len();
    out.extend(repeat(unit, rest));
    out
}

/// What `make` appends, again and again.
fn generated(seed: u64, len: usize, make: impl Fn(&mut Rng, &mut Vec<u8>)) -> Vec<u8> {
    let mut rng = Rng::new(seed);
    let mut out = Vec::with_capacity(len + 256);
    while out.len() < len {
        make(&mut rng, &mut out);
    }
    out.truncate(len);
    out
}

/// Candidates of the published expression that fail at their very last byte.
pub(crate) fn fails_at_64(len: usize) -> Vec<u8> {
    generated(51, len, |rng, out| {
        out.extend_from_slice(tokens::identifier(rng).as_bytes());
        out.push(b'.');
        rng.fill_from(BASE32, 63, out);
        out.push(b'x');
    })
}

/// Public portions one character short of the 24 that the default rules want, with a short secret portion behind.
pub(crate) fn id_of_23(len: usize) -> Vec<u8> {
    generated(52, len, |rng, out| {
        let mut identifier = tokens::identifier(rng);
        identifier.pop();
        out.extend_from_slice(identifier.as_bytes());
        out.push(b'.');
        // 15 characters: `token-any-id` must hold each of them back and give it up at the 16th byte.
        rng.fill_from(BASE32, 15, out);
        out.push(b' ');
    })
}

/// Identifiers alone, back to back: all of a token but its secret.
pub(crate) fn identifiers(len: usize) -> Vec<u8> {
    generated(53, len, |rng, out| {
        out.extend_from_slice(tokens::identifier(rng).as_bytes());
        out.push(b'.');
    })
}

/// One identifier and then the letter A for ever.
pub(crate) fn endless_secret(len: usize) -> Vec<u8> {
    let mut head = tokens::identifier(&mut Rng::new(54)).into_bytes();
    head.push(b'.');
    headed(&head, b"A", len)
}

/// Tokens that wrap once in their secret portion, one after the other.
pub(crate) fn wrapped(len: usize) -> Vec<u8> {
    generated(55, len, |rng, out| {
        let token = tokens::published(rng);
        let (front, back) = token.split_at(72);
        out.extend_from_slice(front.as_bytes());
        out.extend_from_slice(b"\n  ");
        out.extend_from_slice(back.as_bytes());
    })
}

/// The base64 of random bytes, in one line.
pub(crate) fn base64_of_random(len: usize) -> Vec<u8> {
    let mut rng = Rng::new(56);
    let plain: Vec<u8> = (0..len / 4 * 3 + 3).map(|_| rng.next_u64() as u8).collect();
    let mut out = STANDARD.encode(plain).into_bytes();
    out.truncate(len);
    out
}

/// The base64 of log text, wrapped at 76 characters as MIME does.
pub(crate) fn base64_of_logs(len: usize) -> Vec<u8> {
    let mut scene = Scene::new(57);
    let mut plain = Vec::with_capacity(len);
    while plain.len() < len {
        let kind = scene.rng.pick(lines::KINDS);
        kind(&mut scene, &mut plain);
    }
    let mut out = Vec::with_capacity(len + 128);
    for group in plain.chunks(57) {
        out.extend_from_slice(STANDARD.encode(group).as_bytes());
        out.push(b'\n');
        if out.len() >= len {
            break;
        }
    }
    out.truncate(len);
    out
}

/// Bytes of every value, evenly.
pub(crate) fn random_bytes(len: usize) -> Vec<u8> {
    generated(58, len, |rng, out| {
        out.extend_from_slice(&rng.next_u64().to_le_bytes());
    })
}

/// The pieces of all expressions in a random order: the nearest thing to a worst case for every rule at once.
pub(crate) fn shuffled_pieces(len: usize) -> Vec<u8> {
    const PIECES: &[&[u8]] = &[
        b"dt0",
        b"DT0",
        b"c01",
        b".",
        b"%2E",
        b"\\u002e",
        b"a",
        b"A",
        b"ABCDEFGH",
        b"0",
        b"_",
        b"-",
        b"=",
        b":",
        b"=>",
        b"\"",
        b"'",
        b"\\",
        b"&quot;",
        b" ",
        b"\t",
        b"%20",
        b"+",
        b"\n",
        b"\\n",
        b"\r\n",
        b"\x1b[0m",
        b"\x1b[",
        b"|",
        b"api",
        b"Api",
        b"paas",
        b"tenant",
        b"token",
        b"Token",
        b"TOKEN",
        b"value",
        b"Some(",
        b"[",
        b"{",
        b",",
        b"ZHQw",
        b"kdDB",
        b"R0M",
        b"YzAx",
        b"/",
    ];
    generated(59, len, |rng, out| out.extend_from_slice(rng.pick(PIECES)))
}
