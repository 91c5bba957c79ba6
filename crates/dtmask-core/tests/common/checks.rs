//! The laws as checks of one case grown from arbitrary bytes: what the fuzz targets run,
//! and what replays the cases they once found.

use std::borrow::Cow;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use dtmask_core::{Mask, RedactReader, RedactWriter, Redactor, Rule};
use dtmask_test::expand::{self, Dice};
use dtmask_test::hostile::{Fault, HostileReader, HostileWriter, RecordingWriter, Schedule};
use dtmask_test::oracle::{Oracle, OraclePattern, OracleRule};
use dtmask_test::{samples, user_rules as drawn};

use super::linear::assert_linear_in;
use super::{assert_outputs, assert_secrets, assert_segments, no_rules, push, redactor_of, text};

static DEFAULT: LazyLock<Redactor> = LazyLock::new(Redactor::new);
static PUBLISHED: LazyLock<Redactor> = LazyLock::new(Redactor::published);
static DEFAULT_ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::default_rules);
static PUBLISHED_ORACLE: LazyLock<Oracle> = LazyLock::new(Oracle::published);

pub(crate) fn both() -> [(&'static Redactor, &'static Oracle); 2] {
    [(&DEFAULT, &DEFAULT_ORACLE), (&PUBLISHED, &PUBLISHED_ORACLE)]
}

/// What stands in the braces of a case written by hand.
const SAMPLES: [(&[u8], &str); 7] = [
    (b"{P24}", samples::P24),
    (b"{P8}", samples::P8),
    (b"{S64}", samples::S64),
    (b"{HEX64}", samples::HEX64),
    (b"{A24}", samples::A24),
    (b"{L21}", samples::L21),
    (b"{T16}", samples::T16),
];

/// The most bytes of an input grown from a seed.
const LONGEST: usize = 600;

/// An input, and how it is cut into chunks.
///
/// The first byte says how the input is made, 16 bytes decide on the chunks, and the rest
/// is the input's seed. So a case can be written by hand: `=`, then `1` and 15 blanks for
/// single bytes (see [`expand::chunks`]), then the input, with names of samples in braces.
#[derive(Arbitrary, Debug)]
pub(crate) struct Case<'a> {
    form: u8,
    chunking: [u8; 16],
    seed: &'a [u8],
}

/// The same for rules that are drawn, too.
#[derive(Arbitrary, Debug)]
pub(crate) struct UserCase<'a> {
    rules: [u8; 48],
    chunking: [u8; 16],
    seed: &'a [u8],
}

/// A rule that may be no rule at all, and an input for it.
#[derive(Arbitrary, Debug)]
pub(crate) struct RuleCase<'a> {
    min: u8,
    max: Option<u8>,
    keep: &'a str,
    secret: &'a str,
    input: &'a [u8],
}

impl Case<'_> {
    fn input(&self) -> Vec<u8> {
        if self.form != b'=' {
            let mut input = expand::input(self.seed);
            // The oracle is slow, and what is to be found is never far apart.
            input.truncate(LONGEST);
            return input;
        }
        let mut out = Vec::new();
        let mut rest = self.seed;
        while let Some((&byte, behind)) = rest.split_first() {
            let named = SAMPLES.iter().find(|(name, _)| rest.starts_with(name));
            if let Some((name, sample)) = named {
                out.extend_from_slice(sample.as_bytes());
                rest = &rest[name.len()..];
            } else {
                out.push(byte);
                rest = behind;
            }
        }
        out
    }

    fn chunks<'i>(&self, input: &'i [u8]) -> Vec<&'i [u8]> {
        expand::chunks(input, &self.chunking)
    }
}

fn text_mask(mask: &str) -> Redactor {
    let mask = Mask::text(mask).expect("the text is printable");
    Redactor::builder()
        .mask(mask)
        .build()
        .expect("the mask is inert")
}

/// Laws 1, 2 and 5, and what is told of secrets.
pub(crate) fn chunking_and_oracle(case: &Case<'_>) {
    let input = case.input();
    for (redactor, oracle) in both() {
        let chunks = case.chunks(&input);
        assert_secrets(redactor, oracle, &chunks);
        assert_outputs(redactor, oracle, &[chunks, input.chunks(1).collect()]);
    }
}

/// The same for rules as users may write them.
pub(crate) fn user_rules(case: &UserCase<'_>) {
    let (rules, oracle) = drawn::oracle(&case.rules);
    let redactor = redactor_of(&rules, Mask::default());
    let input = drawn::input(case.seed);
    let chunks = expand::chunks(&input, &case.chunking);
    assert_secrets(&redactor, &oracle, &chunks);
    assert_segments(&redactor, &chunks);
    assert_outputs(&redactor, &oracle, &[chunks, input.chunks(1).collect()]);
    if redactor.mask_warning().is_none() {
        let once = redactor.redact(&input);
        assert_eq!(text(&redactor.redact(&once)), text(&once));
    }
    // What is held is asked of the oracle for each prefix, which is not cheap.
    let input = &input[..input.len().min(100)];
    let mut stream = redactor.stream();
    for end in 1..=input.len() {
        let _ = stream.push(&input[end - 1..end]).count();
        assert_eq!(stream.held_len(), oracle.held(&input[..end]));
    }
}

/// A rule is refused or does what it says; nothing else.
pub(crate) fn any_rule(case: &RuleCase<'_>) {
    let max = case.max.map(u32::from);
    let rule = Rule::new("any").pattern(case.keep, case.secret, case.min.into(), max);
    let Ok(redactor) = no_rules().rule(rule).build() else {
        return;
    };
    let oracle = Oracle::new(&[OracleRule {
        name: "any".to_owned(),
        patterns: vec![OraclePattern {
            keep: case.keep.to_owned(),
            secret: case.secret.to_owned(),
            min: case.min.into(),
            max,
        }],
    }]);
    let input = &case.input[..case.input.len().min(200)];
    assert_outputs(
        &redactor,
        &oracle,
        &[vec![input], input.chunks(1).collect()],
    );
}

/// Law 3.
pub(crate) fn superset(case: &Case<'_>) {
    let input = case.input();
    let masked = DEFAULT.redact(&input);
    let published = PUBLISHED_ORACLE.secret_bytes(&input);
    for (&masked, secret) in masked.iter().zip(published) {
        assert!(!secret || masked == b'*');
    }
}

/// Law 4.
pub(crate) fn transparency(case: &Case<'_>) {
    let input = case.input();
    for (redactor, oracle) in both() {
        assert_segments(redactor, &case.chunks(&input));
        assert_segments(redactor, &[&input]);
        let secret = oracle.secret_bytes(&input);
        match redactor.redact(&input) {
            Cow::Borrowed(bytes) => {
                assert!(!secret.contains(&true));
                assert_eq!(super::span(bytes), super::span(&input));
            }
            Cow::Owned(bytes) => {
                assert!(secret.contains(&true));
                let mut kept = input.iter().zip(&bytes).zip(secret);
                assert!(kept.all(|((before, after), secret)| secret || before == after));
            }
        }
    }
}

/// Law 6, and that an abnormal end masks what is held.
pub(crate) fn bounded(case: &Case<'_>) {
    let mut input = case.input();
    input.truncate(400);
    for (redactor, oracle) in both() {
        let (mut stream, mut in_place) = (redactor.stream(), redactor.stream());
        let (mut out, mut seen) = (Vec::new(), 0);
        for chunk in case.chunks(&input) {
            push(&mut stream, chunk, &mut out);
            let _ = in_place.push_in_place(&mut chunk.to_vec());
            seen += chunk.len();
            assert_eq!(stream.held_len(), oracle.held(&input[..seen]));
            assert_eq!(stream.held_len(), in_place.held_len());
            assert!(stream.held_len() <= redactor.max_held());
            assert_eq!(out.len() + stream.held_len(), seen);
        }
        out.extend(
            stream
                .abort()
                .flat_map(|segment| segment.as_bytes().to_vec()),
        );
        assert_eq!(text(&out), text(&oracle.redact_fill_on_abort(&input, b'*')));
        assert_eq!(stream.held_len(), 0);
    }
}

/// Law 7, and that a text stands once for each secret.
pub(crate) fn idempotence(case: &Case<'_>) {
    static TEXTS: LazyLock<[(&str, Redactor); 3]> =
        LazyLock::new(|| ["[REDACTED]", "<masked>", "***"].map(|mask| (mask, text_mask(mask))));
    let input = case.input();
    for (redactor, _) in both() {
        let once = redactor.redact(&input);
        assert_eq!(text(&redactor.redact(&once)), text(&once));
    }
    for (mask, redactor) in &*TEXTS {
        let once = redactor.redact(&input);
        assert_eq!(text(&once), text(&DEFAULT_ORACLE.redact_text(&input, mask)));
        assert_eq!(
            text(&super::stream_output(redactor, &case.chunks(&input))),
            text(&once)
        );
        assert_eq!(text(&redactor.redact(&once)), text(&once));
    }
}

/// Masking in place, also when only some of the chunks are.
pub(crate) fn in_place(case: &Case<'_>) {
    let input = case.input();
    for (redactor, oracle) in both() {
        let expected = text(&oracle.redact_fill(&input, b'*'));
        let mut whole = input.clone();
        assert_eq!(
            redactor.redact_in_place(&mut whole),
            oracle.secrets(&input).len()
        );
        assert_eq!(text(&whole), expected);
        let mut stream = redactor.stream();
        let mut out = Vec::new();
        for (turn, chunk) in case.chunks(&input).into_iter().enumerate() {
            if case.form >> (turn % 8) & 1 == 0 {
                let mut chunk = chunk.to_vec();
                let masked = stream.push_in_place(&mut chunk);
                out.extend_from_slice(masked.held);
                out.extend_from_slice(masked.ready);
            } else {
                push(&mut stream, chunk, &mut out);
            }
        }
        out.extend(
            stream
                .finish()
                .flat_map(|segment| segment.as_bytes().to_vec()),
        );
        assert_eq!(text(&out), expected);
    }
}

/// Laws 8 and 9.
pub(crate) fn flush_and_writer(case: &Case<'_>) {
    for_every_rule_set_of(case, |redactor, oracle, input| {
        flushed_and_written(case, redactor, oracle, input);
    });
}

/// Asks a law of both profiles, and of rules that are drawn from the seed of the case.
fn for_every_rule_set_of(case: &Case<'_>, law: impl Fn(&Redactor, &Oracle, &[u8])) {
    let rules = drawn::rules(&mut Dice::new(case.seed));
    let mut input_of_rules = drawn::input(case.seed);
    input_of_rules.truncate(LONGEST);
    super::for_every_rule_set(&case.input(), &rules, &input_of_rules, law);
}

fn flushed_and_written(case: &Case<'_>, redactor: &Redactor, oracle: &Oracle, input: &[u8]) {
    let expected = oracle.redact_fill(input, b'*');
    let record = RecordingWriter::new();
    let mut writer = RedactWriter::new(redactor, record.clone());
    for chunk in case.chunks(input) {
        let writes = record.writes().len();
        writer
            .write_all(chunk)
            .expect("the inner writer takes everything");
        assert!(record.writes().len() <= writes + 1);
        let written = record.writes().len();
        writer.flush().expect("the inner writer takes everything");
        assert_eq!(record.writes().len(), written);
    }
    writer.finish().expect("the inner writer takes everything");
    assert_eq!(text(&record.bytes()), text(&expected));

    let mut dice = Dice::new(&case.chunking);
    let schedule = Schedule::new()
        .step(1 + dice.below(100))
        .interrupted_every(2 + dice.below(3));
    let fault = dice.pick(&[
        Fault::WouldBlock,
        Fault::Error,
        Fault::BrokenPipe,
        Fault::Zero,
    ]);
    let inner = HostileWriter::new(schedule.fault_at(dice.below(20), fault));
    let record = inner.taken();
    let mut writer = RedactWriter::new(redactor, inner);
    let failed = case
        .chunks(input)
        .into_iter()
        .any(|chunk| writer.write_all(chunk).is_err());
    let written = record.bytes();
    assert!(expected.starts_with(&written));
    if failed {
        assert!(writer.write_all(b"x").is_err() && writer.flush().is_err());
        drop(writer);
        assert_eq!(text(&record.bytes()), text(&written));
    }
}

/// What comes through a reader, whatever the inner one does.
pub(crate) fn reader(case: &Case<'_>) {
    for_every_rule_set_of(case, |redactor, oracle, input| {
        read_through(case, redactor, oracle, input);
    });
}

fn read_through(case: &Case<'_>, redactor: &Redactor, oracle: &Oracle, input: &[u8]) {
    let mut dice = Dice::new(&case.chunking);
    let schedule = Schedule::new()
        .step(1 + dice.below(100))
        .interrupted_every(2 + dice.below(3));
    let schedule = schedule.fault_at(dice.below(20), Fault::WouldBlock);
    let failing = dice.below(60);
    let mut buffer = vec![0; 1 + dice.below(200)];
    let schedule = schedule.fault_at(failing, Fault::BrokenPipe);
    let mut reader = RedactReader::new(redactor, HostileReader::new(input, schedule));
    let mut out = Vec::new();
    let failed = loop {
        match reader.read(&mut buffer) {
            Ok(0) => break false,
            Ok(len) => out.extend_from_slice(&buffer[..len]),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock => {}
                kind => {
                    assert_eq!(kind, ErrorKind::BrokenPipe);
                    break true;
                }
            },
        }
    };
    assert_eq!(failed, reader.get_ref().calls() > failing);
    let given = &input[..reader.get_ref().position()];
    let expected = if failed {
        oracle.redact_fill_on_abort(given, b'*')
    } else {
        oracle.redact_fill(input, b'*')
    };
    assert_eq!(text(&out), text(&expected));
    let after: io::Result<usize> = reader.read(&mut buffer);
    assert_eq!(after.is_err(), failed);
}

/// Law 10, for what is repeated.
pub(crate) fn linear(case: &Case<'_>) {
    let piece = case.input();
    let single = case.chunking[0] % 2 == 1;
    for (redactor, _) in both() {
        assert_linear_in(redactor, &piece, single);
    }
    let redactor = redactor_of(&drawn::rules(&mut Dice::new(case.seed)), Mask::default());
    assert_linear_in(&redactor, &drawn::input(case.seed), single);
}

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

/// A text as it stands in an input, and where each byte of it does.
struct Woven {
    raw: Vec<u8>,
    /// The range in `raw` of each byte of the text.
    places: Vec<std::ops::Range<usize>>,
    text: Vec<u8>,
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
        let text = text.to_vec();
        Woven { raw, places, text }
    }

    /// The same in UTF-16 with a byte order mark.
    fn in_utf16(self, big_endian: bool) -> Woven {
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
        let twice = |place: std::ops::Range<usize>| 2 + 2 * place.start..2 + 2 * place.end;
        Woven {
            raw: units.flat_map(bytes).collect(),
            places: self.places.into_iter().map(twice).collect(),
            text: self
                .text
                .iter()
                .map(|&b| if b < 0x80 { b } else { 0xff })
                .collect(),
        }
    }

    /// What is secret in the text or in the bytes as they are, masked.
    fn masked(&self, oracle: &Oracle) -> Vec<u8> {
        let mut out = oracle.redact_fill(&self.raw, b'*');
        for (secret, place) in oracle
            .secret_bytes(&self.text)
            .into_iter()
            .zip(&self.places)
        {
            if secret {
                for at in place.clone() {
                    out[at] = if self.raw[at] == 0 { 0 } else { b'*' };
                }
            }
        }
        out
    }
}

/// Views: what is secret in them is masked where it stands, however the input is cut.
pub(crate) fn views(case: &Case<'_>) {
    static ALL: LazyLock<[Redactor; 4]> = LazyLock::new(|| {
        [(false, false), (true, false), (false, true), (true, true)].map(|(ansi, utf16)| {
            let builder = Redactor::builder().ansi(ansi).utf16(utf16);
            builder.build().expect("the rules are valid")
        })
    });
    let mut text = case.input();
    text.truncate(300);
    // No sequence but those that are woven in.
    text.iter_mut()
        .filter(|byte| **byte == 0x1b)
        .for_each(|byte| *byte = b'|');
    let mut dice = Dice::new(&case.chunking);
    let plain = || Woven::with_escapes(&text, &mut Dice::new(&[]));
    let big_endian = dice.chance(2);
    let utf16 = || plain().in_utf16(big_endian);
    let mut dice = Dice::new(case.seed);
    let ansi = Woven::with_escapes(&text, &mut dice);
    let mut dice = Dice::new(case.seed);
    let both = Woven::with_escapes(&text, &mut dice).in_utf16(big_endian);
    let [none, with_ansi, with_utf16, with_both] = &*ALL;
    for (redactor, woven) in [
        (none, plain()),
        (with_ansi, plain()),
        (with_ansi, ansi),
        (with_utf16, utf16()),
        (with_both, utf16()),
        (with_both, both),
    ] {
        let expected = woven.masked(&DEFAULT_ORACLE);
        let raw = &woven.raw;
        assert_eq!(super::text(&redactor.redact(raw)), super::text(&expected));
        for chunks in [vec![&raw[..]], case.chunks(raw), raw.chunks(1).collect()] {
            let lens: Vec<_> = chunks.iter().map(|chunk| chunk.len()).collect();
            let streamed = super::stream_output(redactor, &chunks);
            assert_eq!(super::text(&streamed), super::text(&expected), "{lens:?}");
            let in_place = super::in_place_output(redactor, &chunks);
            assert_eq!(super::text(&in_place), super::text(&expected), "{lens:?}");
            let mut stream = redactor.stream();
            for chunk in &chunks {
                let _ = stream.push(chunk).count();
                assert!(stream.held_len() <= redactor.max_held());
            }
            searched_is_found(redactor, raw, &chunks);
        }
    }
}

/// A search tells of the same as a look at the whole.
fn searched_is_found(redactor: &Redactor, input: &[u8], chunks: &[&[u8]]) {
    let found = redactor.find_iter(input).map(|secret| {
        let range = secret.range().start as u64..secret.range().end as u64;
        let identifier = secret.identifier().map(Cow::into_owned);
        (
            secret.rule().to_owned(),
            range,
            identifier,
            secret.is_complete(),
        )
    });
    let mut searched = Vec::new();
    let mut search = redactor.search();
    let mut tell = |found: dtmask_core::Found<'_>| {
        let identifier = found.identifier().map(<[u8]>::to_vec);
        let rule = found.rule().to_owned();
        searched.push((rule, found.range(), identifier, found.is_complete()));
    };
    for chunk in chunks {
        search.push(chunk, &mut tell);
    }
    search.finish(&mut tell);
    assert_eq!(searched, found.collect::<Vec<_>>());
}

/// A search of chunks.
pub(crate) fn search(case: &Case<'_>) {
    let input = case.input();
    for (redactor, _) in both() {
        searched_is_found(redactor, &input, &case.chunks(&input));
        searched_is_found(redactor, &input, &input.chunks(1).collect::<Vec<_>>());
    }
}

/// Known values, in union with rules that are drawn.
pub(crate) fn known_values(case: &UserCase<'_>) {
    let (rules, oracle) = drawn::oracle(&case.rules);
    let input = drawn::input(case.seed);
    let mut dice = Dice::new(&case.chunking);
    let mut values = Vec::new();
    for _ in 0..=dice.below(3) {
        // Taken from the input, so that they are in it; two may overlap or be the same.
        let len = (8 + dice.below(12)).min(input.len());
        let at = dice.below(input.len() - len + 1);
        if len >= 8 {
            values.push(&input[at..at + len]);
        }
    }
    let redactor = values
        .iter()
        .fold(super::with_rules(no_rules(), &rules), |builder, value| {
            builder.known_value("drawn", *value)
        })
        .build()
        .expect("the rules and values are valid");
    let mut expected = oracle.redact_fill(&input, b'*');
    for value in &values {
        for (at, window) in input.windows(value.len()).enumerate() {
            if window == *value {
                expected[at..at + value.len()].fill(b'*');
            }
        }
    }
    let chunks = expand::chunks(&input, &case.chunking);
    for chunks in [vec![&input[..]], chunks, input.chunks(1).collect()] {
        let lens: Vec<_> = chunks.iter().map(|chunk| chunk.len()).collect();
        let streamed = super::stream_output(&redactor, &chunks);
        assert_eq!(text(&streamed), text(&expected), "{lens:?}");
        let in_place = super::in_place_output(&redactor, &chunks);
        assert_eq!(text(&in_place), text(&expected), "{lens:?}");
        assert_segments(&redactor, &chunks);
        searched_is_found(&redactor, &input, &chunks);
        let (mut stream, mut out, mut seen) = (redactor.stream(), Vec::new(), 0);
        for chunk in chunks {
            push(&mut stream, chunk, &mut out);
            seen += chunk.len();
            assert!(stream.held_len() <= redactor.max_held());
            // As much as the rules and the values themselves have to.
            let held = values.iter().filter_map(|value| {
                (1..value.len())
                    .rev()
                    .find(|len| input[..seen].ends_with(&value[..*len]))
            });
            // An encoded form can begin with some letters of the input, too.
            let most = held
                .max()
                .unwrap_or(0)
                .max(oracle.held(&input[..seen]))
                .max(3);
            assert!(stream.held_len() <= most);
            assert_eq!(out.len() + stream.held_len(), seen);
        }
    }
    assert_eq!(text(&redactor.redact(&input)), text(&expected));
}
