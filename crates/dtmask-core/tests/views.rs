//! Escape sequences inside a token, and UTF-16: what is secret in another reading of the
//! same bytes.

mod common;

use arbitrary::{Arbitrary, Unstructured};
use common::checks::{self, Case, UserCase};
use common::{chunkings, in_place_output, stream_output, text};
use dtmask_core::{Builder, Mask, Redactor, Rule};
use dtmask_test::placeholder::expand;
use proptest::prelude::*;

fn ansi() -> Redactor {
    Redactor::builder()
        .ansi(true)
        .build()
        .expect("the rules are valid")
}

fn utf16(builder: Builder) -> Redactor {
    builder.utf16(true).build().expect("the rules are valid")
}

/// `text` in UTF-16 with a byte order mark.
fn encode(text: &str, big_endian: bool) -> Vec<u8> {
    let units = [0xfeff].into_iter().chain(text.encode_utf16());
    let bytes = |unit: u16| {
        if big_endian {
            unit.to_be_bytes()
        } else {
            unit.to_le_bytes()
        }
    };
    units.flat_map(bytes).collect()
}

/// Sequences of which a few are all that is passed over.
const SEQUENCES: [&str; 4] = ["\x1b[m", "\x1b[?25l", "\x1b[1;1m", "\x1b[11;11;1m"];

fn assert_masked(redactor: &Redactor, input: &[u8], expected: &[u8]) {
    assert_eq!(text(&redactor.redact(input)), text(expected));
    for chunks in chunkings(input) {
        assert_eq!(text(&stream_output(redactor, &chunks)), text(expected));
        if redactor.mask().fill_byte().is_some() {
            assert_eq!(text(&in_place_output(redactor, &chunks)), text(expected));
        }
    }
}

proptest! {
    #[test]
    fn what_is_secret_in_a_view_is_masked_where_it_stands(
        data in prop::collection::vec(any::<u8>(), 20..200),
    ) {
        let case = Case::arbitrary_take_rest(Unstructured::new(&data));
        checks::views(&case.expect("there are enough bytes"));
    }

    #[test]
    fn of_user_rules_too_also_where_two_readings_meet(
        data in prop::collection::vec(any::<u8>(), 20..200),
    ) {
        let case = UserCase::arbitrary_take_rest(Unstructured::new(&data));
        checks::views_of_user_rules(&case.expect("there are enough bytes"));
    }

    #[test]
    fn of_known_values_too_that_overlap(data in prop::collection::vec(any::<u8>(), 20..400)) {
        let case = UserCase::arbitrary_take_rest(Unstructured::new(&data));
        checks::known_values_in_views(&case.expect("there are enough bytes"));
    }

    #[test]
    fn law_1_chunking_with_more_escapes_than_are_passed_over(
        sequences in prop::collection::vec((0..SEQUENCES.len(), 0..60usize), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut pieces = vec!["api-token\""];
        for (sequence, count) in sequences {
            pieces.extend([SEQUENCES[sequence]].repeat(count));
        }
        pieces.push("=FAKE_legacy-tok3n_abc\n");
        let chunks = pieces.split_at(cut.index(pieces.len()));
        let chunks = [chunks.0.concat(), chunks.1.concat()];
        let redactor = ansi();
        prop_assert_eq!(
            text(&stream_output(&redactor, &[chunks[0].as_bytes(), chunks[1].as_bytes()])),
            text(&redactor.redact(chunks.concat().as_bytes()))
        );
    }

    #[test]
    fn a_search_finds_what_is_in_the_whole(data in prop::collection::vec(any::<u8>(), 20..300)) {
        let case = Case::arbitrary_take_rest(Unstructured::new(&data));
        checks::search(&case.expect("there are enough bytes"));
    }
}

#[test]
fn colour_codes_anywhere_in_a_token_are_seen_through() {
    for (input, expected) in [
        ("dt0\x1b[1mc01.{P24}.{S64}", "dt0\x1b[1mc01.{P24}.{M64}"),
        (
            "dt0c01.FAKEPUB2\x1b[0m\x1b[32m.{S64}|",
            "dt0c01.FAKEPUB2\x1b[0m\x1b[32m.{M64}|",
        ),
        (
            "dt0s16.{P8}.FAKE\x1b[mSECRET2\x1b[2K|",
            "dt0s16.{P8}.{M4}\x1b[m{M7}\x1b[2K|",
        ),
        (
            "api\x1b[1m-token=FAKE_\x1b[0mlegacy-tok3n_abc",
            "api\x1b[1m-token={M5}\x1b[0m{M16}",
        ),
        (
            "Api-Token FAKE_legacy\x1b]8;;x\x1b\\-tok3n",
            "Api-Token {M11}\x1b]8;;x\x1b\\{M6}",
        ),
        // What stands in a sequence is text as ever.
        (
            "\x1b]8;;?api-token={L21}\x1b\\link",
            "\x1b]8;;?api-token={M21}\x1b\\link",
        ),
        (
            "\x1b]0;title\x07 \x1b[31mno secret\x1b[0m",
            "\x1b]0;title\x07 \x1b[31mno secret\x1b[0m",
        ),
    ] {
        assert_masked(&ansi(), &expand(input), &expand(expected));
    }
}

#[test]
fn without_being_asked_for_escape_sequences_end_a_secret() {
    let input = expand("dt0s16.{P8}.FAKE\x1b[mSECRET2|");
    let expected = expand("dt0s16.{P8}.{M4}\x1b[mSECRET2|");
    assert_masked(&Redactor::new(), &input, &expected);
}

#[test]
fn what_is_withheld_behind_escape_sequences_is_bounded() {
    let redactor = ansi();
    let mut stream = redactor.stream();
    // Undecided, and then a terminal that is busy without end.
    let _ = stream.push(b"api-token=FAKE_legacy-tok").count();
    let mut most = 0;
    for _ in 0..10_000 {
        let _ = stream.push(b"\x1b[1;31m").count();
        most = most.max(stream.held_len());
    }
    assert!(most > 15 && most <= 15 + 256 && most <= redactor.max_held());
    // Where nothing is undecided all is handed on at once, also half a sequence.
    let mut stream = redactor.stream();
    for piece in [&b"login: "[..], b"\x1b[", b"1;3", b"1m", b"\x1b]0;ti"] {
        let _ = stream.push(piece).count();
        assert_eq!(stream.held_len(), 0);
    }
}

#[test]
fn how_far_is_seen_does_not_depend_on_where_chunks_end() {
    // 256 bytes are passed over between two visible ones. The next sequence is text, and
    // those behind it are passed over again, to where the chunk may end or not.
    let colour = "\x1b[11;11;1m";
    let head = format!("api-token\"\x1b[1;1m{}", colour.repeat(25 + 1 + 20));
    let tail = format!("{}=FAKE_legacy-tok3n_abc\n", "\x1b[?25l".repeat(10));
    let redactor = ansi();
    let whole = redactor
        .redact(format!("{head}{tail}").as_bytes())
        .into_owned();
    let input = [head.as_bytes(), tail.as_bytes()].concat();
    for cut in 0..=input.len() {
        let mut stream = redactor.stream();
        let mut out = Vec::new();
        for chunk in [&input[..cut], &input[cut..]] {
            for segment in stream.push(chunk) {
                out.extend_from_slice(segment.as_bytes());
            }
        }
        for segment in stream.finish() {
            out.extend_from_slice(segment.as_bytes());
        }
        assert_eq!(out, whole, "cut at {cut}");
    }
}

#[test]
fn utf16_is_masked_in_its_own_encoding() {
    let input = "Api-Token {L21}\r\ndt0c01.{P24}.{S64} \u{e4}\u{20ac}\u{1f600} {\"tenantToken\":\"{T16}\"}\r\n";
    let masked = "Api-Token {M21}\r\ndt0c01.{P24}.{M64} \u{e4}\u{20ac}\u{1f600} {\"tenantToken\":\"{M16}\"}\r\n";
    let [input, masked] = [input, masked].map(|t| String::from_utf8(expand(t)).expect("text"));
    for big_endian in [false, true] {
        let redactor = utf16(Redactor::builder());
        let (input, expected) = (encode(&input, big_endian), encode(&masked, big_endian));
        assert_masked(&redactor, &input, &expected);
        let mut in_place = input.clone();
        assert_eq!(redactor.redact_in_place(&mut in_place), 3);
        assert_eq!(text(&in_place), text(&expected));
        // Nobody asked.
        assert_eq!(&*Redactor::new().redact(&input), &input[..]);
        // No mark, no encoding.
        assert_eq!(&*redactor.redact(&input[2..]), &input[2..]);
    }
}

#[test]
fn a_text_mask_is_written_in_utf16() {
    let input = String::from_utf8(expand("a {L21} dt0c01.{P24}.{S64} b")).expect("text");
    let mask = Mask::text("[GEL\u{d6}SCHT]").expect("the text is printable");
    let redactor = utf16(Redactor::builder().mask(mask));
    for big_endian in [false, true] {
        let expected = expand("a {L21} dt0c01.{P24}.[GEL\u{d6}SCHT] b");
        let expected = encode(&String::from_utf8(expected).expect("text"), big_endian);
        assert_masked(&redactor, &encode(&input, big_endian), &expected);
    }
}

#[test]
fn what_only_looks_like_utf16_is_masked_all_the_same() {
    let redactor = utf16(Redactor::builder());
    let input = expand("\u{0}\u{0}dt0c01.{P24}.{S64} and more");
    let expected = expand("\u{0}\u{0}dt0c01.{P24}.{M64} and more");
    let with_mark = |bytes: &[u8]| [b"\xff\xfe", bytes].concat();
    assert_masked(&redactor, &with_mark(&input), &with_mark(&expected));
    assert_masked(&redactor, b"\xff\xfe", b"\xff\xfe");
    assert_masked(&redactor, b"\xff", b"\xff");
}

/// Two bytes in front must not switch off what sees through escape sequences.
#[test]
fn what_only_looks_like_utf16_is_read_as_shown_too() {
    let redactor = utf16(Redactor::builder().ansi(true));
    let input = b"\xff\xfetenantToken=FAKE\x1b[mtenantTok3n0 x\n";
    let expected = b"\xff\xfetenantToken=****\x1b[m************ x\n";
    assert_masked(&redactor, input, expected);
}

#[test]
fn sequences_in_front_of_a_run_are_not_withheld() {
    let only_token = common::no_rules().with("token").ansi(true);
    let redactor = only_token.build().expect("the rule is valid");
    assert_eq!(redactor.max_held(), 0);
    let mut stream = redactor.stream();
    let mut out = Vec::new();
    for chunk in [
        "dt0c01.FAKEPUB2.",
        "\x1b[1;3",
        "1mFAKE\x1b]0;t",
        "\x07SECRET",
    ] {
        common::push(&mut stream, chunk.as_bytes(), &mut out);
        assert_eq!(stream.held_len(), 0);
    }
    assert_eq!(
        text(&out),
        text(b"dt0c01.FAKEPUB2.\x1b[1;31m****\x1b]0;t\x07******")
    );
    // Within a run they are.
    let mut stream = ansi().stream();
    common::push(&mut stream, b"api-token=FAKE\x1b]0;t\x07", &mut out);
    assert_eq!(stream.held_len(), 10);
    assert!(
        b"FAKE\x1b]0;t\x07"
            .iter()
            .all(|&byte| ansi().may_hold(byte))
    );
}

#[test]
fn an_abnormal_end_masks_what_a_view_withholds() {
    let mut stream = ansi().stream();
    let mut out = Vec::new();
    common::push(&mut stream, b"api-token=\x1b[1mFAKE_\x1b[0m", &mut out);
    out.extend(stream.abort().flat_map(|s| s.as_bytes().to_vec()));
    let shown = String::from_utf8(out).expect("text");
    assert!(shown.starts_with("api-token=\x1b[1m*****"), "{shown:?}");
    assert!(!shown.contains("FAKE"));
    // The stream is as new.
    let again = stream_output(&ansi(), &[b"tenantToken=FAKEtenant\x1b[mTok3n0"]);
    assert_eq!(text(&again), text(b"tenantToken=**********\x1b[m******"));
}

#[test]
fn an_abnormal_end_is_masked_in_utf16_too() {
    let redactor = utf16(Redactor::builder());
    let mask = Mask::text("[CUT]").expect("the text is printable");
    let with_text = utf16(Redactor::builder().mask(mask));
    for big_endian in [false, true] {
        let input = encode("Api-Token FAKE_leg", big_endian);
        // Whole, and with half a character at the end.
        for cut in [0, 1] {
            let input = &input[..input.len() - cut];
            let mut stars = encode("Api-Token ********", big_endian);
            stars.truncate(input.len());
            let text_mask = encode("Api-Token [CUT]", big_endian);
            for (redactor, expected) in [(&redactor, &stars), (&with_text, &text_mask)] {
                for chunks in chunkings(input) {
                    let mut stream = redactor.stream();
                    let mut out = Vec::new();
                    for chunk in chunks {
                        common::push(&mut stream, chunk, &mut out);
                    }
                    out.extend(stream.abort().flat_map(|s| s.as_bytes().to_vec()));
                    assert_eq!(text(&out), text(expected));
                }
            }
        }
    }
}

/// What is secret as a byte and as a part of a character is masked as the character, however
/// late that is known.
#[test]
fn where_two_readings_meet_characters_are_masked() {
    let rule = |keep, secret, min| Rule::new("own").pattern(keep, secret, min, None);
    let any = r"[\x00-\xff]";
    for (rule, input, expected) in [
        (
            rule("(?s:.)", any, 2),
            &b"\xfe\xffaaaa0aa0aa0a"[..],
            b"\xfe***\0*\0*\0*\0*\0*",
        ),
        (
            rule("k", "[^ ]", 1),
            b"\xff\xfek\0=\0a\0b\0 \0c\0",
            b"\xff\xfek**\0*\0*\0 \0c\0",
        ),
    ] {
        let redactor = utf16(common::no_rules().rule(rule));
        assert_masked(&redactor, input, expected);
    }
}

/// A secret can be handed on, by one rule, before it is known that another covers it too.
#[test]
fn completeness_does_not_depend_on_chunks_in_utf16() {
    let builder = Redactor::builder().known_value("known", expand("{S64}"));
    let redactor = utf16(builder);
    let line = String::from_utf8(expand("dt0c01.a.{S64}")).expect("text");
    for big_endian in [false, true] {
        for line in [line.clone(), format!("{line} ")] {
            let input = encode(&line, big_endian);
            assert!(
                redactor
                    .find_iter(&input)
                    .all(|secret| secret.is_complete())
            );
            for chunks in chunkings(&input) {
                checks::searched_is_found(&redactor, &input, &chunks);
            }
        }
    }
}

/// The address of a link, a title: what a terminal does not show is in the log all the same.
#[test]
fn a_secret_within_a_sequence_is_masked_in_utf16_too() {
    let redactor = utf16(Redactor::builder().ansi(true));
    for begin in [
        "\x1b]8;;https://x/?api-token=",
        "\x1b]0;tenantToken=",
        "\x1b",
    ] {
        let secret = match begin {
            "\x1b" => "dt0c01.{P24}.{S64}",
            _ => "FAKE_legacy-tok3n_abc",
        };
        let token = String::from_utf8(expand(secret)).expect("text");
        let secret = token.rsplit('.').next().expect("there is a part");
        let input = format!("{begin}{token}\x1b\\link");
        let masked = input.replace(secret, &"*".repeat(secret.len()));
        for big_endian in [false, true] {
            assert_masked(
                &redactor,
                &encode(&input, big_endian),
                &encode(&masked, big_endian),
            );
        }
    }
}

/// The end of a sequence is the beginning of the value too.
#[test]
fn a_known_value_that_began_before_a_sequence_is_not_forgotten() {
    let builder = Redactor::builder().ansi(true);
    let redactor = builder.known_value("door", "mellon-mellon");
    let redactor = redactor.build().expect("the value is valid");
    let input = b"say m\x1b[0mellon-mellon!";
    assert_masked(&redactor, input, b"say *\x1b[0*************!");
}

/// What a later one begins with was handed on, masked as the end of an earlier one.
#[test]
fn known_values_overlap_across_a_sequence() {
    let builder = Redactor::builder().ansi(true);
    let redactor = builder.known_value("ab", "abababab").build();
    let redactor = redactor.expect("the value is valid");
    let input = b"abababab\x1b[mabab! abababab\x1b[0;1mab";
    let masked = b"********\x1b[m****! ********\x1b[0;1m**";
    assert_masked(&redactor, input, masked);
    let ranges: Vec<_> = redactor.find_iter(input).map(|s| s.range()).collect();
    assert_eq!(ranges, [0..8, 11..15, 17..25, 31..33]);
    for chunks in chunkings(input) {
        let mut stream = redactor.stream();
        let mut found = Vec::new();
        let mut search = redactor.search();
        for chunk in chunks {
            stream.push(chunk).for_each(drop);
            search.push(chunk, |secret| found.push(secret.range()));
        }
        stream.finish().for_each(drop);
        assert_eq!(stream.stats().secrets(), 4);
        search.finish(|secret| found.push(secret.range()));
        let ranges = ranges
            .iter()
            .map(|range| range.start as u64..range.end as u64);
        assert_eq!(found, ranges.collect::<Vec<_>>());
    }
}

/// A sequence whose last byte is masked would be a longer one.
/// The last letter may begin a value. What it would go on from is secret already, and so is no
/// sequence before it.
#[test]
fn what_is_secret_as_the_end_of_a_value_is_not_withheld_as_a_beginning() {
    for (values, input, masked) in [
        (
            &["abababab"][..],
            &b"abab\x1b[mababa"[..],
            &b"****\x1b[m*****"[..],
        ),
        // Found within one that does not come, and begun again behind that.
        (
            &["aabbccddeeff", "bbccddee", "ddeexyzw"],
            b"aabbcc\x1b[mddeex",
            b"aa****\x1b[m*****",
        ),
    ] {
        for wide in [false, true] {
            let builder = common::no_rules().ansi(true).utf16(wide);
            let builder = values.iter().fold(builder, |builder, value| {
                builder.known_value("known", *value)
            });
            let redactor = builder.build().expect("the values are valid");
            for chunks in chunkings(input) {
                let (mut stream, mut out) = (redactor.stream(), Vec::new());
                for chunk in chunks {
                    common::push(&mut stream, chunk, &mut out);
                }
                assert_eq!(stream.held_len(), 1);
                out.extend(stream.abort().flat_map(|s| s.as_bytes().to_vec()));
                assert_eq!(text(&out), text(masked));
            }
        }
    }
}

#[test]
fn an_identifier_is_told_though_a_sequence_in_it_is_secret() {
    let rule = Rule::new("bold").pattern(r"\x1b\[1", "m", 1, None);
    let builder = Redactor::builder().ansi(true).rule(rule);
    let redactor = builder.build().expect("the rule is valid");
    let input = expand("dt0c\x1b[1m01.{P8}.{S64}");
    let secret = redactor.find_iter(&input).last().expect("there are two");
    assert_eq!(secret.identifier(), Some(&expand("dt0c01.{P8}")[..]));
}

/// Checks the last identifier that is told of `text`, in every encoding.
fn assert_told(redactor: &Redactor, text: &str, rule: &str, identifier: &str) {
    for input in [
        text.as_bytes().to_vec(),
        encode(text, false),
        encode(text, true),
    ] {
        let secret = redactor.find_iter(&input).last().expect("there are some");
        let told = secret.identifier().map(common::text);
        assert_eq!(
            (secret.rule(), told.as_deref()),
            (rule, Some(identifier)),
            "{text}"
        );
        for size in [1, 7, input.len()] {
            let chunks: Vec<&[u8]> = input.chunks(size).collect();
            checks::searched_is_found(redactor, &input, &chunks);
        }
    }
}

#[test]
fn no_secret_is_told_as_a_part_of_an_identifier() {
    let identifier = "dt0c01.FAKEPUB2";
    // What is secret of the identifier, and of what is in front of it.
    let parts = [
        (r"a", "dt0c01.FAKEPUB2"),
        (r"=", "****01.FAKEPUB2"),
        (r"t", "dt****.FAKEPUB2"),
        (r"01\.", "dt0c01.****PUB2"),
        (r"01\.FAKE", "dt0c01.FAKE****"),
        (r"FAKEPUB", "dt0c01.FAKEPUB*"),
        // It begins with the token's own secret.
        (r"FAKEPUB2\.", "dt0c01.FAKEPUB2"),
    ];
    // The one knows at once what is secret, the other behind 16 bytes.
    for (token, (keep, told)) in ["token", "token-any-id"]
        .into_iter()
        .flat_map(|token| parts.map(|part| (token, part)))
    {
        let rule = Rule::new("part").pattern(keep, "[A-Za-z0-9]", 1, Some(4));
        let builder = common::no_rules().with(token).rule(rule).ansi(true);
        let redactor = utf16(builder);
        for at in 0..=identifier.len() {
            let (first, second) = identifier.split_at(at);
            let input = format!("\x1b[1maFAKE={first}\x1b[0;1m\x1b[m{second}.{{S64}}");
            let input = String::from_utf8(expand(&input)).expect("it is text");
            assert_told(&redactor, &input, token, told);
        }
    }
}

#[test]
fn identifiers_are_told_as_they_are_read() {
    let input = expand("dt0c\x1b[1m01.{P8}.{S64}");
    let redactor = ansi();
    let secret = redactor.find_iter(&input).next().expect("there is one");
    assert_eq!(secret.identifier(), Some(&expand("dt0c01.{P8}")[..]));
    assert!(secret.is_complete());
    let token = String::from_utf8(expand("dt0c01.{P24}.{S64}")).expect("text");
    for big_endian in [false, true] {
        let input = encode(&token, big_endian);
        let redactor = utf16(Redactor::builder());
        let secret = redactor.find_iter(&input).next().expect("there is one");
        assert_eq!(secret.identifier(), Some(&expand("dt0c01.{P24}")[..]));
        assert_eq!(secret.range(), 66..194);
        assert!(secret.is_complete());
    }
}
