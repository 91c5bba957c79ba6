//! Tokens inside base64, made by a real encoder, at every alignment.

mod common;

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use common::{chunkings, no_rules, stream_output, text};
use dtmask_core::Redactor;
use dtmask_test::samples::{api_token, connection_token, platform_token, tenant_token};

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::new);

const ENGINES: [GeneralPurpose; 4] = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];

/// The characters that hold a bit of a prefix at a byte of a group of three.
fn prefix_characters(alignment: usize) -> std::ops::Range<usize> {
    alignment * 8 / 6..(alignment * 8 + 7 * 8).div_ceil(6)
}

/// Bytes that are no token, each seed others.
fn neighbours(seed: u8, len: usize) -> Vec<u8> {
    let bytes = (0..len).map(|i| {
        seed.wrapping_mul(59)
            .wrapping_add((i as u8).wrapping_mul(83))
    });
    bytes.collect()
}

#[test]
fn every_prefix_is_found_at_every_alignment() {
    let redactor = no_rules()
        .with("base64")
        .build()
        .expect("the rule is valid");
    let letters = || (b'a'..=b'z').chain(b'A'..=b'Z');
    for (round, letter) in letters().enumerate() {
        for digits in 0..100 {
            let prefix = format!("dt0{}{digits:02}.", char::from(letter));
            let alignment = (round + digits) % 3;
            let mut plain = neighbours(digits as u8, alignment);
            plain.extend_from_slice(prefix.as_bytes());
            plain.extend(neighbours(letter, 40));
            let encoded = ENGINES[digits % 4].encode(&plain);
            let kept = prefix_characters(alignment).end;
            let expected = encoded[..kept].to_owned() + &"*".repeat(encoded.len() - kept);
            assert_eq!(
                redactor.redact_str(&encoded),
                expected,
                "{prefix} at {alignment}"
            );
        }
    }
}

#[test]
fn every_neighbour_is_allowed() {
    for neighbour in 0..=255 {
        for alignment in 0..3 {
            // In front of the prefix and, behind it, in its last character.
            let plain = [
                &vec![neighbour; alignment],
                &b"dt0c01."[..],
                &[neighbour; 20],
            ]
            .concat();
            let encoded = URL_SAFE_NO_PAD.encode(&plain);
            let kept = prefix_characters(alignment).end;
            let expected = encoded[..kept].to_owned() + &"*".repeat(encoded.len() - kept);
            assert_eq!(
                REDACTOR.redact_str(&encoded),
                expected,
                "{neighbour} at {alignment}"
            );
        }
    }
}

#[test]
fn no_secret_can_be_decoded_from_what_is_left() {
    for token in [
        api_token(),
        platform_token(),
        connection_token(),
        tenant_token(),
    ] {
        let secret = &token[token.rfind('.').expect("a token has dots") + 1..];
        for before in [
            "",
            "x",
            "xy",
            "user:",
            "{\"token\":\"",
            "Authorization: Api-Token ",
        ] {
            for (engine, after) in ENGINES.iter().zip(["", "\"", "\n", "\"}"]) {
                let plain = format!("{before}{token}{after}");
                let encoded = format!("k8s: {}\n", engine.encode(plain));
                let redacted = REDACTOR.redact_str(&encoded);
                assert_eq!(redacted.len(), encoded.len());
                for chunks in chunkings(encoded.as_bytes()) {
                    let output = stream_output(&REDACTOR, &chunks);
                    assert_eq!(text(&output), text(redacted.as_bytes()));
                }
                // Masks decoded as zero bits: nothing of the secret is to be seen.
                let left = redacted["k8s: ".len()..]
                    .trim_end()
                    .replace(['*', '='], "A");
                let left = left.replace('-', "+").replace('_', "/");
                let groups = &left[..left.len() / 4 * 4];
                let decoded = STANDARD.decode(groups).expect("all of it is base64");
                let decoded = text(&decoded);
                for part in (0..secret.len() - 3).map(|at| &secret[at..at + 4]) {
                    assert!(!decoded.contains(part), "{decoded}");
                }
            }
        }
    }
}

#[test]
fn base64_of_other_things_stays() {
    for plain in [
        "dt1c01.FAKEPUBLICFAKEPUBLIC2345 and a lot more text",
        "dt0c0x.FAKEPUBLICFAKEPUBLIC2345 and a lot more text",
        "dt0 and dt0c01 are the beginnings of something else",
        "just some configuration of a service in a cluster",
    ] {
        for before in ["", "x", "xy"] {
            let encoded = STANDARD.encode(format!("{before}{plain}"));
            assert_eq!(REDACTOR.redact_str(&encoded), encoded);
        }
    }
}
