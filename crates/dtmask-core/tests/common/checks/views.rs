//! The laws of views.

use std::ops::Range;
use std::sync::LazyLock;

use dtmask_core::{Builder, Redactor, Rule, builtin_rules};
use dtmask_test::expand::Dice;
use dtmask_test::oracle::Oracle;
use dtmask_test::samples;

use super::{Case, DEFAULT_ORACLE, searched_is_found};
use crate::common::{in_place_output, no_rules, stream_output, text as readable};

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

/// An input, and what it is read as besides the bytes that it is.
struct Woven {
    raw: Vec<u8>,
    readings: Vec<Reading>,
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
        Woven { raw, readings }
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
        }
    }

    /// What is secret in a reading or in the bytes as they are, masked.
    fn masked(&self, oracle: &Oracle) -> Vec<u8> {
        let mut out = oracle.redact_fill(&self.raw, b'*');
        for (text, places) in &self.readings {
            let secret = oracle.secret_bytes(text).into_iter().zip(places);
            for (_, place) in secret.filter(|(secret, _)| *secret) {
                for at in place.clone() {
                    out[at] = if self.raw[at] == 0 { 0 } else { b'*' };
                }
            }
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
