//! Inputs grown from arbitrary bytes.
//!
//! Random bytes never hold a token. Here each byte of a seed is a decision:
//! which piece comes next, which form it has, where it is cut off, what it is
//! glued to. A fuzzer's mutations then are mutations of decisions, and a
//! shorter seed is a simpler input.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

use crate::forms;
use crate::samples;

/// Longest input that [`input`] returns, give or take one piece.
pub const LONGEST: usize = 4096;

/// Decisions read from arbitrary bytes. When they run out every further one is
/// the first alternative.
#[derive(Clone, Debug)]
pub struct Dice<'a> {
    bytes: &'a [u8],
}

impl<'a> Dice<'a> {
    /// Decisions read from `bytes`.
    pub fn new(bytes: &'a [u8]) -> Dice<'a> {
        Dice { bytes }
    }

    /// Whether every byte was used.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Any byte.
    pub fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((&first, rest)) => {
                self.bytes = rest;
                first
            }
            None => 0,
        }
    }

    /// A number below `n`.
    ///
    /// # Panics
    ///
    /// If `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        let mut number = usize::from(self.byte());
        if n > 256 {
            number = number << 8 | usize::from(self.byte());
        }
        number % n
    }

    /// One of `choices`.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// True once in `n` times.
    pub fn chance(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }
}

/// An input made of the pieces that `seed` decides on, with nothing between them.
///
/// Half of them end in the middle of something.
pub fn input(seed: &[u8]) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut out = Vec::new();
    let cut = dice.byte();
    while !dice.is_empty() && out.len() < LONGEST {
        piece(&mut dice, &mut out);
    }
    if cut >= 128 {
        out.truncate(out.len().saturating_sub(usize::from(cut) - 127));
    }
    out
}

/// `input` in the parts that `seed` decides on: whole, byte by byte, in two, or
/// in parts of mixed sizes with empty ones between them.
pub fn chunks<'i>(input: &'i [u8], seed: &[u8]) -> Vec<&'i [u8]> {
    let mut dice = Dice::new(seed);
    match dice.below(6) {
        0 => vec![input],
        1 => input.chunks(1).collect(),
        2 => {
            let (left, right) = input.split_at(dice.below(input.len() + 1));
            vec![left, right]
        }
        3 => input.chunks(1 + dice.below(40)).collect(),
        largest => {
            let largest = if largest == 4 { 5 } else { 100 };
            let mut parts = Vec::new();
            let mut rest = input;
            while !rest.is_empty() && !dice.is_empty() {
                let (left, right) = rest.split_at(dice.below(largest).min(rest.len()));
                parts.push(left);
                rest = right;
            }
            parts.push(rest);
            parts
        }
    }
}

/// Every way to cut `input` in two, the empty parts included.
pub fn two_way_splits(input: &[u8]) -> impl Iterator<Item = [&[u8]; 2]> {
    (0..=input.len()).map(|at| {
        let (left, right) = input.split_at(at);
        [left, right]
    })
}

/// Appends one piece.
pub fn piece(dice: &mut Dice<'_>, out: &mut Vec<u8>) {
    match dice.below(16) {
        0..=2 => out.extend(forms::token(dice)),
        3 => out.extend(cut(dice, forms::token)),
        4 => out.extend(spoilt(dice, forms::token)),
        5..=6 => {
            out.extend(forms::context(dice));
            out.extend(value(dice));
        }
        7 => out.extend(cut(dice, forms::context)),
        8 => {
            out.extend(spoilt(dice, forms::context));
            out.extend(value(dice));
        }
        9..=10 => out.extend(encoded(dice)),
        11 => out.extend(escaped(dice)),
        12 => out.extend_from_slice(dice.pick(forms::FRAGMENTS)),
        13 => out.extend(forms::run(dice)),
        14 => {
            let count = dice.below(6);
            out.extend((0..count).map(|_| dice.byte()));
        }
        _ => again(dice, out),
    }
}

/// What may stand where a secret is expected.
fn value(dice: &mut Dice<'_>) -> Vec<u8> {
    match dice.below(6) {
        0..=1 => forms::run(dice),
        2..=3 => samples::L21.as_bytes().to_vec(),
        4 => forms::token(dice),
        _ => dice.pick(forms::FRAGMENTS).to_vec(),
    }
}

/// A prefix of what `make` makes.
fn cut(dice: &mut Dice<'_>, make: fn(&mut Dice<'_>) -> Vec<u8>) -> Vec<u8> {
    let mut whole = make(dice);
    whole.truncate(dice.below(whole.len() + 1));
    whole
}

/// What `make` makes with one byte replaced, removed or doubled.
fn spoilt(dice: &mut Dice<'_>, make: fn(&mut Dice<'_>) -> Vec<u8>) -> Vec<u8> {
    let mut whole = make(dice);
    let at = dice.below(whole.len());
    match dice.below(4) {
        0 => drop(whole.remove(at)),
        1 => whole.insert(at, whole[at]),
        2 => whole[at] = dice.byte(),
        _ => whole[at] ^= 0x20,
    }
    whole
}

/// Base64 of a token behind any number of bytes, so at each alignment, whole or
/// wrapped, in either alphabet, complete or cut off.
fn encoded(dice: &mut Dice<'_>) -> Vec<u8> {
    let before = dice.below(5);
    let mut plain: Vec<u8> = (0..before).map(|_| dice.byte()).collect();
    plain.extend(forms::token(dice));
    let after = dice.pick(&[0, 1, 2, 3, 40, 200]);
    plain.extend((0..after).map(|_| dice.byte()));
    let mut text = match dice.below(3) {
        0 => STANDARD.encode(&plain),
        1 => URL_SAFE.encode(&plain),
        _ => URL_SAFE_NO_PAD.encode(&plain),
    }
    .into_bytes();
    if dice.chance(2) {
        let column = dice.pick(&[64, 76, 10, 11, 20]);
        let line_end = forms::line_end(dice);
        text = text.chunks(column).collect::<Vec<_>>().join(&line_end[..]);
    }
    if dice.chance(4) {
        text.truncate(dice.below(text.len() + 1));
    }
    text
}

/// A token or a context form whose punctuation is escaped as URLs, JSON, HTML or
/// strings in strings do it.
fn escaped(dice: &mut Dice<'_>) -> Vec<u8> {
    let mut plain = if dice.chance(2) {
        forms::token(dice)
    } else {
        let mut form = forms::context(dice);
        form.extend(value(dice));
        form
    };
    for _ in 0..=dice.below(2) {
        let how = dice.below(5);
        plain = plain
            .into_iter()
            .flat_map(|byte| forms::escape(byte, how))
            .collect();
    }
    plain
}

/// Part of what is already there once more.
fn again(dice: &mut Dice<'_>, out: &mut Vec<u8>) {
    let back = dice.below(120).min(out.len());
    let from = out.len() - back;
    let to = from + dice.below(back + 1);
    out.extend_from_within(from..to);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::Oracle;

    /// Seeds without structure of their own.
    fn seeds(count: u32) -> impl Iterator<Item = Vec<u8>> {
        let mut state = 7u32;
        (0..count).map(move |round| {
            (0..(round % 60))
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 24) as u8
                })
                .collect()
        })
    }

    #[test]
    fn inputs_hold_secrets_of_every_rule() {
        let oracle = Oracle::default_rules();
        let mut found = [0; crate::rules::DEFAULT_NAMES.len()];
        let (mut held, mut published, mut lines) = (0, 0, 0);
        let count = 3000;
        let vendor = Oracle::published();
        for seed in seeds(count) {
            let input = input(&seed);
            for (found, secret) in found.iter_mut().zip(oracle.secret_bytes_by_rule(&input)) {
                *found += u32::from(secret.contains(&true));
            }
            held += u32::from(oracle.held(&input) > 0);
            published += u32::from(vendor.secret_bytes(&input).contains(&true));
            lines += u32::from(input.contains(&b'\n'));
        }
        for (name, found) in crate::rules::DEFAULT_NAMES.iter().zip(found) {
            assert!(found > count / 100, "{name} only {found} times");
        }
        assert!(held > count / 100, "bytes withheld only {held} times");
        assert!(published > count / 100, "published only {published} times");
        assert!(lines > count / 10);
    }

    #[test]
    fn chunks_make_up_the_input() {
        let whole: Vec<u8> = (0..=255).collect();
        let mut empty = 0;
        for seed in seeds(500) {
            let parts = chunks(&whole, &seed);
            assert_eq!(parts.concat(), whole);
            empty += parts.iter().filter(|part| part.is_empty()).count();
        }
        assert!(empty > 50);
        assert!(two_way_splits(b"abc").all(|parts| parts.concat() == b"abc"));
        assert_eq!(two_way_splits(b"abc").count(), 4);
    }
}
