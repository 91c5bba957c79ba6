//! That leaps lead where they say: for every text that is passed over, the automaton itself
//! is asked.

use super::{WORDS, behind, family, guarded_key, rule_sets, spelt};
use crate::automaton::Automaton;
use crate::grammar::classes::{BASE32_CLASS, WORD_CLASS};
use crate::grammar::key::KEY_LEAPS;
use crate::grammar::token::{LONG_ID, PREFIX_LEN, SHORT_ID, TOKEN_LEAPS, guard_token, leap_secret};
use crate::prefilter::Edges;

#[test]
fn leaps_over_keys_lead_where_they_say() {
    let mut families = 0;
    for redactor in rule_sets() {
        let Some(family) = family(&redactor, "api-token") else {
            continue;
        };
        families += 1;
        let automaton = family.automaton();
        for word in WORDS {
            for separator in ["", "-", "_", ".", " "] {
                let front = format!("{word}{separator}");
                let (lead, at, sample) =
                    guarded_key(front.as_bytes(), b"token").expect("it is a key");
                assert_eq!((lead, at), (front.len(), front.len() + 5));
                let rows = spelt(
                    automaton,
                    vec![automaton.first_row()],
                    &format!("{front}token"),
                );
                let of_sample = behind(automaton, KEY_LEAPS.starts[sample]);
                assert_eq!(rows, [of_sample], "{front}");
            }
        }
    }
    assert!(families > 10);
}

/// A text of which it is known where an automaton stands behind it.
#[derive(Clone)]
struct Walked {
    row: u32,
    text: Vec<u8>,
    /// A bit for each number of its last bytes that begin a prefix.
    begun: u8,
    base32: bool,
}

impl Walked {
    fn behind(automaton: &Automaton, text: &str) -> Self {
        Self {
            row: behind(automaton, text),
            text: text.as_bytes().to_vec(),
            begun: 0,
            base32: true,
        }
    }

    /// With another byte, within which no expression ends.
    fn and(&self, automaton: &Automaton, byte: u8) -> Self {
        let step = automaton.step(self.row, byte);
        assert!(!step.ends);
        Self {
            row: step.row,
            text: [&self.text[..], &[byte]].concat(),
            begun: (self.begun << 1 | 1) & fitting(byte),
            base32: self.base32 && BASE32_CLASS.contains(byte),
        }
    }

    /// What guards and automata tell texts of the same length by.
    fn key(&self) -> (u32, u8, bool) {
        (self.row, self.begun, self.base32)
    }
}

/// A bit for each place in a prefix where this byte may stand.
fn fitting(byte: u8) -> u8 {
    let digit = byte.is_ascii_digit();
    [
        byte.eq_ignore_ascii_case(&b'd'),
        byte.eq_ignore_ascii_case(&b't'),
        byte == b'0',
        byte.is_ascii_alphabetic(),
        digit,
        digit,
    ]
    .into_iter()
    .rev()
    .fold(0, |bits, fits| bits << 1 | u8::from(fits))
}

/// One of all bytes of a class that neither guards nor the automaton tell apart.
fn representatives(automaton: &Automaton, bytes: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut told = Vec::new();
    let mut representatives = Vec::new();
    for byte in (0..=255).filter(|&byte| bytes(byte)) {
        let tells = (
            automaton.class_of(byte),
            fitting(byte),
            BASE32_CLASS.contains(byte),
        );
        if !told.contains(&tells) {
            told.push(tells);
            representatives.push(byte);
        }
    }
    representatives
}

/// All texts with one more byte, one of each kind.
fn longer(automaton: &Automaton, texts: &[Walked], bytes: &[u8]) -> Vec<Walked> {
    let mut longer: Vec<Walked> = texts
        .iter()
        .flat_map(|text| bytes.iter().map(|&byte| text.and(automaton, byte)))
        .collect();
    longer.sort_by_key(Walked::key);
    longer.dedup_by_key(|text| text.key());
    longer
}

#[test]
fn leaps_over_identifiers_lead_where_they_say() {
    let mut leaps = [0; 3];
    for redactor in rule_sets() {
        let Some(family) = family(&redactor, "dt0") else {
            continue;
        };
        let automaton = family.automaton();
        let samples = TOKEN_LEAPS.starts.iter().map(|s| behind(automaton, s));
        let samples: Vec<u32> = samples.collect();
        let mut ids: Vec<Walked> = Vec::new();
        for letter in ('a'..='z').chain('A'..='Z') {
            for digits in (0..100).map(|number| format!("{number:02}")) {
                let prefix = format!("dt0{letter}{digits}.");
                if !prefix.eq_ignore_ascii_case("dt0a02.") {
                    ids.push(Walked::behind(automaton, &prefix));
                }
            }
        }
        ids.sort_by_key(Walked::key);
        ids.dedup_by_key(|id| id.key());
        let bytes = representatives(automaton, |byte| WORD_CLASS.contains(byte));
        // Beyond the longest public portion lengths are not told apart.
        for len in 1..30 {
            ids = longer(automaton, &ids, &bytes);
            for id in &ids {
                let text = [&id.text[..], b"."].concat();
                let anchor = guard_token(&text, 0, Edges::Whole).expect("it may be a token");
                let Some(landing) = anchor.leap else {
                    // It ends in a prefix.
                    assert!(id.begun >> (PREFIX_LEN - 1) == 1);
                    continue;
                };
                leaps[landing.sample] += 1;
                let row = automaton.step(id.row, b'.').row;
                assert_eq!((anchor.lead, landing.at), (0, text.len()));
                assert_eq!(
                    row,
                    samples[landing.sample],
                    "{len}: {}",
                    text.escape_ascii()
                );
            }
        }
    }
    assert!(leaps.iter().all(|&leaps| leaps > 20), "{leaps:?}");
}

#[test]
fn leaps_over_secret_portions_lead_where_they_say() {
    let mut leaps = 0;
    for redactor in rule_sets() {
        let Some(family) = family(&redactor, "dt0") else {
            continue;
        };
        let automaton = family.automaton();
        let bytes = representatives(automaton, |byte| BASE32_CLASS.contains(byte));
        for (index, from) in [SHORT_ID, LONG_ID].into_iter().enumerate() {
            assert_eq!(TOKEN_LEAPS.others[index].from, from);
            let to = behind(automaton, TOKEN_LEAPS.others[index].to[0]);
            let begin = Walked::behind(automaton, from);
            // Where no match is alive there is no leap.
            if begin.row == automaton.first_row() {
                continue;
            }
            let mut texts = vec![begin];
            for len in 1..70 {
                texts = longer(automaton, &texts, &bytes);
                for text in &texts {
                    let run = [&text.text[..], b"\n"].concat();
                    match leap_secret(&run, from.len()) {
                        Some(landing) => {
                            leaps += 1;
                            assert_eq!((landing.at, landing.sample), (from.len() + len, 0));
                            assert_eq!(text.row, to, "{}", run.escape_ascii());
                        }
                        None => assert_ne!(text.begun, 0),
                    }
                }
            }
        }
    }
    assert!(leaps > 500, "{leaps}");
}
