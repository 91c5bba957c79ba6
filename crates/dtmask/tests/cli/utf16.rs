//! UTF-16 with a byte order mark: what PowerShell writes when it redirects.

use std::io::Write;

use dtmask_test::samples;

use crate::folder::Folder;
use crate::process::{command, run};

/// How characters are written.
type Encode = fn(&str) -> Vec<u8>;

fn little(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn big(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

const ENCODINGS: [(&str, Encode); 2] = [("little endian", little), ("big endian", big)];

/// Text as a file begins with it, and the same masked with what `mask` makes of a
/// secret.
fn text(mask: fn(&str) -> String) -> (String, String) {
    let (token, tenant) = (samples::api_token(), samples::tenant_token());
    let text = |token: &str, tenant: &str, legacy: &str| {
        format!(
            "\u{feff}PS C:\\> kübectl get 🔑\r\n\
             Authorization: Api-Token {token}\r\n\
             {{\"tenantToken\": \"{tenant}\"}}\r\n\
             https://abc.example/api?api-token={legacy}&from=now\r\n\
             dt0c01.{} Api-Token expired 日本\r\n",
            samples::P24
        )
    };
    let masked = |token: &str| {
        let at = token.rfind('.').map_or(0, |dot| dot + 1);
        format!("{}{}", &token[..at], mask(&token[at..]))
    };
    (
        text(&token, &tenant, samples::L21),
        text(&masked(&token), &masked(&tenant), &mask(samples::L21)),
    )
}

fn stars(secret: &str) -> String {
    "*".repeat(secret.len())
}

fn named(_: &str) -> String {
    "[geheim 🔒]".to_owned()
}

#[test]
fn secrets_are_masked_in_the_encoding_of_the_file() {
    let folder = Folder::new();
    for (name, encode) in ENCODINGS {
        for (flags, mask) in [
            (&[][..], stars as fn(&str) -> String),
            (&["--mask-text", "[geheim 🔒]"], named),
        ] {
            let (text, masked) = text(mask);
            folder.write("a.txt", encode(&text));
            let ran = folder.run(&[flags, &["a.txt"]].concat());
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
            assert!(ran.stdout == encode(&masked), "{name} {flags:?}");
            assert!(
                run(flags, encode(&text)).stdout == encode(&masked),
                "{name}: standard input"
            );

            let ran = folder.run(&[flags, &["--in-place", "--fail-on-match", "a.txt"]].concat());
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
            assert!(
                folder.read("a.txt") == encode(&masked),
                "{name} {flags:?}: in place"
            );
            let ran = folder.run(&[flags, &["--in-place", "--fail-on-match", "a.txt"]].concat());
            assert_eq!(ran.code, Some(0), "masking twice is masking once");
        }
    }
}

#[test]
fn every_read_may_cut_a_character() {
    for (name, encode) in ENCODINGS {
        let (text, masked) = text(stars);
        let mut child = command::<&str>([]).spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("standard input is piped");
        let bytes = encode(&text);
        let feeder = std::thread::spawn(move || {
            for byte in bytes {
                stdin.write_all(&[byte]).expect("the process reads");
                // So that no read gets two.
                std::thread::sleep(std::time::Duration::from_micros(300));
            }
        });
        let output = child.wait_with_output().expect("the binary ends");
        feeder.join().expect("it was read");
        assert!(output.stdout == encode(&masked), "{name}");
    }
}

#[test]
fn what_is_no_text_stays_what_it_is() {
    for (mark, encode) in [
        (b"\xff\xfe", little as Encode),
        (b"\xfe\xff", big as Encode),
    ] {
        // Half surrogates, odd lengths, every pair of bytes.
        let mut bytes = mark.to_vec();
        bytes.extend((0..=u16::MAX).flat_map(u16::to_le_bytes));
        bytes.extend(encode("Api-Token expired "));
        bytes.push(0x41);
        assert!(run(&[], &bytes).stdout == bytes);
    }
}

#[test]
fn each_file_has_its_own_encoding() {
    let folder = Folder::new();
    let (wide, masked) = text(stars);
    let (plain, plain_masked) = (wide.replace('\u{feff}', ""), masked.replace('\u{feff}', ""));
    folder.write("little", little(&wide));
    folder.write("big", big(&wide));
    folder.write("plain", &plain);
    let ran = folder.run(&["little", "plain", "big"]);
    let expected = [little(&masked), plain_masked.into_bytes(), big(&masked)].concat();
    assert!(ran.stdout == expected);
}

#[test]
fn a_file_may_hold_both_kinds_of_secrets() {
    let folder = Folder::new();
    let (token, masked) = (samples::api_token(), samples::masked(&samples::api_token()));
    for pad in ["", "x"] {
        let file = |token: &str| {
            let wide = little(&format!("\u{feff}{token} "));
            [&wide, pad.as_bytes(), token.as_bytes(), b"\n"].concat()
        };
        folder.write("a", file(&token));
        let filtered = folder.run(&["a"]).stdout;
        assert!(filtered == file(&masked));
        assert_eq!(folder.run(&["--in-place", "a"]).code, Some(0));
        assert!(folder.read("a") == filtered);
    }
}
