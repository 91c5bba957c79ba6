//! Files that are compressed.

use std::io::{Read, Write};

use dtmask_test::samples;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

use crate::folder::Folder;

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder
        .write_all(bytes.as_ref())
        .expect("memory takes bytes");
    encoder.finish().expect("memory takes bytes")
}

fn gunzip(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut decoder = MultiGzDecoder::new(bytes);
    decoder.read_to_string(&mut text).expect("it is compressed");
    text
}

fn zstd(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("there is memory");
    // As the program of that name does.
    encoder.include_checksum(true).expect("it can be asked for");
    encoder
        .write_all(bytes.as_ref())
        .expect("memory takes bytes");
    encoder.finish().expect("memory takes bytes")
}

fn unzstd(bytes: &[u8]) -> String {
    let bytes = zstd::decode_all(bytes).expect("it is compressed");
    String::from_utf8(bytes).expect("it is text")
}

type Compress = fn(&str) -> Vec<u8>;
type Expand = fn(&[u8]) -> String;

/// Each form: how its files end, and how they are made and read.
const FORMS: [(&str, Compress, Expand); 2] = [
    ("gz", |text| gzip(text), gunzip),
    ("zst", |text| zstd(text), unzstd),
];

fn text() -> (String, String) {
    let token = samples::api_token();
    let lines = |token: &str| (0..5000).map(|n| format!("{n} {token} ok\n")).collect();
    (lines(&token), lines(&samples::masked(&token)))
}

/// As `zstd --long=28` makes it.
#[test]
fn what_takes_too_much_memory_is_told_how_to_be_read() {
    let folder = Folder::new();
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("there is memory");
    encoder.window_log(28).expect("it can be asked for");
    encoder.write_all(b"a").expect("memory takes bytes");
    encoder.flush().expect("memory takes bytes");
    let long = encoder.finish().expect("memory takes bytes");
    folder.write("long.zst", &long);
    let ran = folder.run(&["long.zst"]);
    assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""));
    let expected = "cannot read long.zst: the zstd file takes more than 128 MiB of memory, \
                    which 'zstd --decompress --stdout --long=31 FILE | dtmask' gives it";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
}

#[test]
fn what_is_compressed_comes_out_as_what_it_holds() {
    let folder = Folder::new();
    let (text, masked) = text();
    for (_, compress, _) in FORMS {
        // The content tells, not the name.
        folder.write("a.log", compress(&text));
        folder.write("plain.gz", &text);
        let ran = folder.run(&["a.log", "plain.gz"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        assert!(ran.text() == format!("{masked}{masked}"));
    }
}

#[test]
fn a_secret_may_go_on_in_the_next_member() {
    let folder = Folder::new();
    let token = samples::api_token();
    let (head, tail) = token.split_at(50);
    for (_, compress, _) in FORMS {
        folder.write("a", [compress(head), compress(""), compress(tail)].concat());
        assert_eq!(folder.run(&["a"]).text(), samples::masked(&token));
    }
}

#[test]
fn the_name_of_an_output_says_how_it_is_compressed() {
    let folder = Folder::new();
    let (text, masked) = text();
    folder.write("in", &text);
    for (ending, _, expand) in FORMS {
        let out = format!("out.log.{ending}");
        for mask in [&[][..], &["--mask-text", "[X]"]] {
            let ran = folder.run(&[mask, &["-o", &out, "in", "in"]].concat());
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
            let expected = match mask {
                [] => masked.repeat(2),
                _ => masked.repeat(2).replace(&"*".repeat(64), "[X]"),
            };
            let file = folder.read(&out);
            assert!(file.len() < masked.len() / 4);
            assert!(expand(&file) == expected, "{out}");
        }
    }
    // An empty one is one too.
    assert_eq!(folder.feed(&["-o", "empty.gz"], b"").code, Some(0));
    assert_eq!(gunzip(&folder.read("empty.gz")), "");
}

#[test]
fn standard_input_is_taken_as_it_is() {
    let folder = Folder::new();
    for (_, compress, _) in FORMS {
        let bytes = compress("text");
        assert_eq!(folder.feed(&[], &bytes).stdout, bytes);
        assert_eq!(folder.feed(&["-"], &bytes).stdout, bytes);
    }
}

#[test]
fn what_can_be_read_of_a_damaged_file_comes_out_masked() {
    let folder = Folder::new();
    let (text, masked) = text();
    folder.write("after", "after\n");
    for (_, compress, _) in FORMS {
        // Incompressible, so that the cut is in the middle of the text.
        let noise = format!("{text}{}", noise());
        let whole = compress(&noise);
        folder.write("cut", &whole[..whole.len() - 30_000]);
        let ran = folder.run(&["cut", "after"]);
        assert_eq!(ran.code, Some(2));
        assert!(
            ran.stderr.starts_with("dtmask: cannot read cut: the "),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.ends_with(" file is cut off\n"), "{}", ran.stderr);
        let out = ran.text();
        assert!(out.starts_with(&masked), "{} bytes", out.len());
        assert!(out.ends_with("after\n"));
        assert!(!out.contains(samples::S64));

        let mut damaged = whole;
        let middle = damaged.len() - 20_000;
        damaged[middle..middle + 500].fill(0x55);
        folder.write("damaged", &damaged);
        let ran = folder.run(&["damaged"]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.contains(" file is damaged: "), "{}", ran.stderr);
        assert!(ran.text().starts_with(&masked));

        // In place it is not touched, and as an output it does not appear.
        for args in [&["--in-place", "cut"][..], &["-o", "out", "cut"]] {
            let before = folder.read("cut");
            let ran = folder.run(args);
            assert_eq!(ran.code, Some(2));
            assert!(ran.stderr.contains("cut off"), "{}", ran.stderr);
            assert_eq!(folder.read("cut"), before);
            assert_eq!(folder.names(), {
                let mut names = vec!["after", "cut", "damaged"];
                names.sort_unstable();
                names
            });
        }
    }
}

#[test]
fn a_cut_masks_what_is_undecided() {
    let folder = Folder::new();
    let text = "Api-Token abcdefg";
    // The checksum is missing, all of the text is there.
    let whole = gzip(text);
    folder.write("cut.gz", &whole[..whole.len() - 8]);
    let ran = folder.run(&["cut.gz"]);
    assert_eq!(
        (ran.code, ran.text().as_str()),
        (Some(2), "Api-Token *******")
    );
    folder.write("whole.gz", whole);
    assert_eq!(folder.run(&["whole.gz"]).text(), text);
}

#[test]
fn in_place_a_file_stays_compressed() {
    let (text, masked) = text();
    for (_, compress, expand) in FORMS {
        let folder = Folder::new();
        folder.write("a.log", compress(&text));
        folder.write("clean", compress("nothing here"));
        let clean = folder.read("clean");
        let ran = folder.run(&["--in-place", "a.log", "clean"]);
        assert_eq!(
            (ran.code, ran.stderr.as_str(), ran.stdout.len()),
            (Some(0), "", 0)
        );
        assert!(expand(&folder.read("a.log")) == masked);
        assert_eq!(folder.read("clean"), clean);
        assert_eq!(folder.names(), ["a.log", "clean"]);
        let again = folder.run(&["--in-place", "--dry-run", "a.log"]);
        assert_eq!((again.code, again.stdout.len()), (Some(0), 0));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn much_in_little_needs_no_memory() {
    let folder = Folder::new();
    let line = vec![b'x'; 96 << 20];
    for compressed in [gzip(&line), zstd(&line)] {
        folder.write("a", compressed);
        let ran = folder.shell("ulimit -v 65536 && \"$DTMASK\" a | wc -c");
        assert_eq!(ran.text().trim(), (96 << 20).to_string(), "{}", ran.stderr);
        let ran = folder.shell("ulimit -v 65536 && exec \"$DTMASK\" --in-place a");
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    }
}

/// Letters without a pattern.
fn noise() -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'a' + (state % 26) as u8)
    };
    (0..100_000).map(next).collect()
}

/// Only files are looked into.
#[test]
fn an_explanation_of_compressed_bytes_says_what_they_are() {
    let folder = Folder::new();
    let token = samples::api_token();
    for (bytes, format) in [(gzip(&token), "gzip"), (zstd(&token), "zstd")] {
        let ran = folder.feed(&["rules", "--explain"], &bytes);
        assert_eq!(ran.code, Some(0));
        let expected = format!("warning: standard input is compressed by {format}; only");
        assert!(ran.stderr.contains(&expected), "{}", ran.stderr);
        assert_eq!(folder.feed(&[], &bytes).stderr, "");
    }
}
