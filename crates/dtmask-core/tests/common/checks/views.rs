//! The laws of views.

use std::ops::Range;
use std::sync::LazyLock;

use dtmask_core::{Builder, Mask, Redactor, Rule, builtin_rules};
use dtmask_test::expand::{self, Dice};
use dtmask_test::oracle::Oracle;
use dtmask_test::samples;
use dtmask_test::user_rules as drawn;

use super::{Case, DEFAULT_ORACLE, UserCase, searched_is_found};
use crate::common::{in_place_output, no_rules, push, stream_output, text as readable, with_rules};

/// Escape sequences of every kind that end.
const SEQUENCES: [&str; 9] = [
    "\x1b[m",
    "\x1b[1;31m",
    "\x1b[2K",
    "\x1b[?25l",
    "\x1b(B",
    "\x1b7",
    "\x1b]0;title\x07",
    "\x1b]8;;api-token=FAKE_legacy-tok3n_abc\x1b\\",
    // Two of them are more than is passed over.
    "\x1b[0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0m",
];

/// A text, and the range in an input where each byte of it stands.
type Reading = (Vec<u8>, Vec<Range<usize>>);

/// What a byte is secret as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Secret {
    No,
    /// By itself.
    Byte,
    /// In a character of UTF-16: whether as the byte that tells ASCII apart.
    Wide {
        telling: bool,
    },
}

/// An input, and what it is read as besides the bytes that it is.
struct Woven {
    raw: Vec<u8>,
    readings: Vec<Reading>,
    big_endian: bool,
}

impl Woven {
    /// `text` with escape sequences where the dice say, no more of them between two bytes
    /// than are passed over.
    fn with_escapes(text: &[u8], dice: &mut Dice<'_>) -> Woven {
        let mut raw = Vec::new();
        let mut places = Vec::new();
        for &byte in text {
            let before = raw.len();
            while dice.chance(6) {
                let sequence = dice.pick(&SEQUENCES);
                if raw.len() - before + sequence.len() <= 256 {
                    raw.extend_from_slice(sequence.as_bytes());
                }
            }
            places.push(raw.len()..raw.len() + 1);
            raw.push(byte);
        }
        let readings = vec![(text.to_vec(), places)];
        Woven {
            raw,
            readings,
            big_endian: false,
        }
    }

    /// The same behind bytes that are taken for a byte order mark.
    fn behind_a_mark(self) -> Woven {
        let moved = |place: Range<usize>| 2 + place.start..2 + place.end;
        Woven {
            raw: [b"\xff\xfe", &self.raw[..]].concat(),
            readings: self
                .readings
                .into_iter()
                .map(|(text, places)| (text, places.into_iter().map(moved).collect()))
                .collect(),
            ..self
        }
    }

    /// The same in UTF-16 with a byte order mark; what the bytes were is a reading too.
    fn in_utf16(mut self, big_endian: bool) -> Woven {
        let character = |byte: u8| match byte {
            0..0x80 => u16::from(byte),
            byte => 0x3000 | u16::from(byte),
        };
        let bytes = |unit: u16| {
            if big_endian {
                unit.to_be_bytes()
            } else {
                unit.to_le_bytes()
            }
        };
        let units = [0xfeff]
            .into_iter()
            .chain(self.raw.iter().copied().map(character));
        let twice = |place: Range<usize>| 2 + 2 * place.start..2 + 2 * place.end;
        let told = |byte: u8| if byte < 0x80 { byte } else { 0xff };
        let all = (0..self.raw.len()).map(|at| at..at + 1).collect();
        self.readings.push((self.raw.clone(), all));
        let wide = |(text, places): Reading| {
            let text = text.into_iter().map(told).collect();
            (text, places.into_iter().map(twice).collect())
        };
        Woven {
            raw: units.flat_map(bytes).collect(),
            readings: self.readings.into_iter().map(wide).collect(),
            big_endian,
        }
    }

    /// What is secret in a reading or in the bytes as they are. A byte that is both by
    /// itself and in a character is secret as the character.
    fn secret(&self, oracle: &Oracle) -> Vec<Secret> {
        let own = oracle.secret_bytes(&self.raw).into_iter();
        let own = own.map(|secret| if secret { Secret::Byte } else { Secret::No });
        let mut all: Vec<_> = own.collect();
        for (text, places) in &self.readings {
            let secret = oracle.secret_bytes(text).into_iter().zip(places);
            for (_, place) in secret.filter(|(secret, _)| *secret) {
                for at in place.clone() {
                    let telling = (at == place.start) != self.big_endian;
                    all[at] = match place.len() {
                        1 => Secret::Byte,
                        _ => Secret::Wide { telling },
                    };
                }
            }
        }
        all
    }

    fn masked(&self, oracle: &Oracle) -> Vec<u8> {
        let secret = self.secret(oracle).into_iter().zip(&self.raw);
        secret
            .map(|(secret, &byte)| match secret {
                Secret::No => byte,
                Secret::Byte | Secret::Wide { telling: true } => b'*',
                Secret::Wide { telling: false } => 0,
            })
            .collect()
    }

    /// The same with a text, once for each secret, in the encoding of its first character.
    fn masked_with_text(&self, oracle: &Oracle, mask: &str) -> Vec<u8> {
        let mut out = Vec::new();
        let mut before = Secret::No;
        for (secret, &byte) in self.secret(oracle).into_iter().zip(&self.raw) {
            match secret {
                Secret::No => out.push(byte),
                _ if before != Secret::No => (),
                Secret::Byte => out.extend_from_slice(mask.as_bytes()),
                Secret::Wide { .. } if self.big_endian => {
                    out.extend(mask.encode_utf16().flat_map(u16::to_be_bytes));
                }
                Secret::Wide { .. } => {
                    out.extend(mask.encode_utf16().flat_map(u16::to_le_bytes));
                }
            }
            before = secret;
        }
        out
    }
}

/// The same rules with each choice of views: none, `ansi`, `utf16`, both.
fn with_views(builder: &Builder) -> [Redactor; 4] {
    [(false, false), (true, false), (false, true), (true, true)].map(|(ansi, utf16)| {
        let builder = builder.clone().ansi(ansi).utf16(utf16);
        builder.build().expect("the rules are valid")
    })
}

/// Views: what is secret in them is masked where it stands, however the input is cut.
pub(crate) fn views(case: &Case<'_>) {
    static ALL: LazyLock<[Redactor; 4]> = LazyLock::new(|| with_views(&Redactor::builder()));
    /// Each rule alone, one of a user, and a known value.
    static ALONE: LazyLock<Vec<[Redactor; 4]>> = LazyLock::new(|| {
        let long = Rule::new("long").pattern("[a-z]+=", "[A-Za-z0-9_-]", 40, Some(50));
        let rules = builtin_rules().map(|rule| no_rules().with(rule.name()));
        rules
            .chain([
                no_rules().rule(long),
                no_rules().known_value("known", samples::L21),
            ])
            .map(|builder| with_views(&builder))
            .collect()
    });
    let mut text = case.input();
    text.truncate(300);
    // No sequence but those that are woven in, and nothing that looks like UTF-16.
    text.iter_mut()
        .filter(|byte| matches!(**byte, 0 | 0x1b))
        .for_each(|byte| *byte = b'|');
    let mut dice = Dice::new(&case.chunking);
    let plain = || Woven::with_escapes(&text, &mut Dice::new(&[]));
    let big_endian = dice.chance(2);
    let utf16 = || plain().in_utf16(big_endian);
    let mut dice = Dice::new(case.seed);
    let ansi = Woven::with_escapes(&text, &mut dice);
    let mut dice = Dice::new(case.seed);
    let both = Woven::with_escapes(&text, &mut dice).in_utf16(big_endian);
    // No byte of it is zero, so none of its units is a byte.
    let mut dice = Dice::new(case.seed);
    let mistaken = Woven::with_escapes(&text, &mut dice).behind_a_mark();
    let [none, with_ansi, with_utf16, with_both] = &*ALL;
    for (redactor, woven) in [
        (none, plain()),
        (with_ansi, plain()),
        (with_ansi, ansi),
        (with_utf16, utf16()),
        (with_both, utf16()),
        (with_both, both),
        (with_both, mistaken),
    ] {
        let expected = woven.masked(&DEFAULT_ORACLE);
        let raw = &woven.raw;
        assert_eq!(readable(&redactor.redact(raw)), readable(&expected));
        for chunks in [vec![&raw[..]], case.chunks(raw), raw.chunks(1).collect()] {
            let lens: Vec<_> = chunks.iter().map(|chunk| chunk.len()).collect();
            let streamed = stream_output(redactor, &chunks);
            assert_eq!(readable(&streamed), readable(&expected), "{lens:?}");
            let in_place = in_place_output(redactor, &chunks);
            assert_eq!(readable(&in_place), readable(&expected), "{lens:?}");
            assert_bounded(redactor, &chunks);
            searched_is_found(redactor, raw, &chunks);
        }
        for alone in &ALONE[usize::from(case.form) % ALONE.len()] {
            assert_bounded(alone, &case.chunks(raw));
        }
    }
}

/// The same of UTF-16 for rules as users may write them: their classes can fit the bytes as
/// they are too, so both readings may make a byte secret.
pub(crate) fn views_of_user_rules(case: &UserCase<'_>) {
    let (rules, oracle) = drawn::oracle(&case.rules);
    let mut dice = Dice::new(&case.chunking);
    let (big_endian, ansi) = (dice.chance(2), dice.chance(2));
    let mut text = drawn::input(case.seed);
    text.truncate(200);
    let builder = with_rules(no_rules(), &rules).utf16(true).ansi(ansi);
    let redactor = builder.build().expect("rules drawn at random are valid");
    let woven = if ansi {
        Woven::with_escapes(&text, &mut dice)
    } else {
        Woven::with_escapes(&text, &mut Dice::new(&[]))
    };
    let woven = woven.in_utf16(big_endian);
    let raw = &woven.raw;
    let chunks = expand::chunks(raw, &case.chunking);
    let chunkings = [vec![&raw[..]], chunks, raw.chunks(1).collect()];
    let expected = redactor.redact(raw);
    if !ansi {
        // What a terminal shows of the bytes as they are is no reading of the oracle.
        assert_eq!(readable(&expected), readable(&woven.masked(&oracle)));
    }
    for chunks in &chunkings {
        let lens: Vec<_> = chunks.iter().map(|chunk| chunk.len()).collect();
        let streamed = stream_output(&redactor, chunks);
        assert_eq!(readable(&streamed), readable(&expected), "{lens:?}");
        let in_place = in_place_output(&redactor, chunks);
        assert_eq!(readable(&in_place), readable(&expected), "{lens:?}");
        assert_bounded(&redactor, chunks);
        searched_is_found(&redactor, raw, chunks);
    }
    let aborted: Vec<_> = chunkings
        .iter()
        .map(|chunks| {
            let (mut stream, mut out) = (redactor.stream(), Vec::new());
            chunks
                .iter()
                .for_each(|chunk| push(&mut stream, chunk, &mut out));
            let rest = stream.abort().flat_map(|s| s.as_bytes().to_vec());
            out.extend(rest);
            readable(&out)
        })
        .collect();
    assert!(aborted.iter().all(|output| *output == aborted[0]));
    let mask = "[#]";
    let builder = with_rules(no_rules(), &rules).utf16(true).ansi(ansi);
    let mask_text = Mask::text(mask).expect("the text is printable");
    let Ok(redactor) = builder.mask(mask_text).build() else {
        return;
    };
    let expected = redactor.redact(raw);
    if !ansi {
        let of_oracle = woven.masked_with_text(&oracle, mask);
        assert_eq!(readable(&expected), readable(&of_oracle));
    }
    for chunks in &chunkings {
        let streamed = stream_output(&redactor, chunks);
        assert_eq!(readable(&streamed), readable(&expected));
    }
}

/// Known values that overlap, begin and end each other, with escape sequences anywhere.
pub(crate) fn known_values_in_views(case: &UserCase<'_>) {
    let letters = case.seed.iter().take(150);
    let text: Vec<u8> = letters
        .map(|&byte| b"aaaaaaaaabbbbbb!"[usize::from(byte % 16)])
        .collect();
    let mut dice = Dice::new(&case.chunking);
    let mut values = Vec::new();
    for _ in 0..=dice.below(4) {
        let len = 8 + dice.below(8);
        if len <= text.len() {
            let at = dice.below(text.len() - len + 1);
            values.push(&text[at..at + len]);
        }
    }
    let builder = no_rules().ansi(true).utf16(dice.chance(2));
    let builder = values.iter().fold(builder, |builder, value| {
        builder.known_value("drawn", *value)
    });
    let redactor = builder.build().expect("the values are valid");
    let woven = Woven::with_escapes(&text, &mut Dice::new(&case.rules));
    let (raw, places) = (&woven.raw, &woven.readings[0].1);
    let mut expected = raw.clone();
    for value in &values {
        for (at, _) in raw
            .windows(value.len())
            .enumerate()
            .filter(|(_, w)| w == value)
        {
            expected[at..at + value.len()].fill(b'*');
        }
        for (at, _) in text
            .windows(value.len())
            .enumerate()
            .filter(|(_, w)| w == value)
        {
            for place in &places[at..at + value.len()] {
                expected[place.start] = b'*';
            }
        }
    }
    assert_eq!(readable(&redactor.redact(raw)), readable(&expected));
    for chunks in [expand::chunks(raw, &case.chunking), raw.chunks(1).collect()] {
        let streamed = stream_output(&redactor, &chunks);
        assert_eq!(readable(&streamed), readable(&expected));
        let in_place = in_place_output(&redactor, &chunks);
        assert_eq!(readable(&in_place), readable(&expected));
        assert_bounded(&redactor, &chunks);
        searched_is_found(&redactor, raw, &chunks);
    }
    // What is held does not depend on chunks either, nor what an abnormal end masks.
    let mut by_byte = redactor.stream();
    for end in 1..=raw.len() {
        let _ = by_byte.push(&raw[end - 1..end]).count();
        let mut whole = redactor.stream();
        let _ = whole.push(&raw[..end]).count();
        assert_eq!(
            by_byte.held_len(),
            whole.held_len(),
            "{:?}",
            readable(&raw[..end])
        );
    }
}

/// What is withheld is within its bounds, and of the bytes that can be.
fn assert_bounded(redactor: &Redactor, chunks: &[&[u8]]) {
    let mut stream = redactor.stream();
    for chunk in chunks {
        let _ = stream.push(chunk).count();
        assert!(stream.held_len() <= redactor.max_held());
        let last = chunk.last().filter(|_| stream.held_len() > 0);
        assert!(last.is_none_or(|&byte| redactor.may_hold(byte)));
    }
}
