//! A search that is best where needles are frequent: it compares two bytes of each needle
//! over a block, and so needs no new start behind each hit.

use wide::u8x16;

use super::needle::Needle;
use super::starts::Starts;

/// The bytes compared at once: there is a bit for each in a word.
const BLOCK: usize = 64;
/// The blocks compared before their candidates are looked at, so that looking for them
/// needs no decision for each block, which no processor could foresee.
const WINDOW: usize = 32;
/// How many different pairs are compared.
const MAX_PAIRS: usize = 4;
/// The bit that tells upper from lower case.
const ANY_CASE: u8 = 0x20;

/// A search for the needles of one family.
#[derive(Debug)]
pub(super) struct Frequent {
    /// The first byte of each needle and the one `gap` behind it, without regard to case;
    /// the last pair is repeated to fill the array.
    pairs: [[u8x16; 2]; MAX_PAIRS],
    pair_count: usize,
    gap: usize,
    needles: Vec<(Word, Needle)>,
}

/// How far a search is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    window: Window,
    /// The candidates of it that are looked at next.
    starts: Starts,
}

/// A part of the haystack.
#[derive(Clone, Copy, Debug, Default)]
struct Window {
    /// Its offset.
    start: usize,
    /// Its end, where the next one starts.
    end: usize,
    /// A bit for each block of it that has candidates left.
    blocks: u64,
    /// The candidates of each, a bit for each offset.
    candidates: [u64; WINDOW],
}

/// The first four bytes of a needle, or all three, as one number.
#[derive(Clone, Copy, Debug)]
struct Word {
    value: u32,
    /// The bits that count.
    mask: u32,
    /// The bits that do not tell upper from lower case.
    case: u32,
}

impl Progress {
    /// In front of the needles that start at `start` or behind.
    pub(super) fn from(start: usize) -> Self {
        let window = Window {
            end: start,
            ..Window::default()
        };
        Self {
            window,
            ..Self::default()
        }
    }

    /// Passes over needles that start before `start`, but for those in the same block.
    #[inline]
    pub(super) fn skip(&mut self, start: usize) {
        let Self { window, starts } = self;
        starts.pass_over(start);
        if start >= window.end {
            (window.end, window.blocks) = (start, 0);
        } else if start > window.start {
            window.blocks &= u64::MAX << ((start - window.start) / BLOCK);
        }
    }
}

impl Window {
    /// Moves candidates to `starts`, as many as there is room for.
    #[inline]
    fn drain_into(&mut self, starts: &mut Starts) {
        starts.clear(self.start);
        while self.blocks != 0 && starts.has_room() {
            let block = self.blocks.trailing_zeros() as usize;
            self.blocks &= self.blocks - 1;
            starts.add((BLOCK * block) as u16, self.candidates[block]);
        }
    }
}

impl Frequent {
    /// `None` if there are too many needles for it, or one is too short.
    pub(super) fn new(needles: &[&Needle]) -> Option<Self> {
        let shortest = needles.iter().map(|needle| needle.len()).min()?;
        let gap = shortest.checked_sub(1)?;
        let mut pairs: Vec<[u8; 2]> = needles
            .iter()
            .map(|needle| [0, gap].map(|at| needle.bytes[at] | ANY_CASE))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        let last = *pairs.last()?;
        if pairs.len() > MAX_PAIRS || shortest < Word::MIN_LEN {
            return None;
        }
        let pair = |index| *pairs.get(index).unwrap_or(&last);
        let with_word = |&needle: &&Needle| (Word::new(needle), needle.clone());
        Some(Self {
            pairs: std::array::from_fn(|index| pair(index).map(u8x16::splat)),
            pair_count: pairs.len(),
            gap,
            needles: needles.iter().map(with_word).collect(),
        })
    }

    /// The next needle, counted within the family, and its start. Needles that their guard
    /// would refuse may be left out.
    #[inline]
    pub(super) fn next(&self, haystack: &[u8], progress: &mut Progress) -> Option<(usize, usize)> {
        loop {
            for start in progress.starts.by_ref() {
                if let Some(needle) = self.needle_at(haystack, start) {
                    return Some((needle, start));
                }
            }
            if !self.refill(haystack, progress) {
                return None;
            }
        }
    }

    /// Takes the next candidates, of which there may be none in this window. Says whether
    /// the haystack has not ended.
    #[inline(never)]
    fn refill(&self, haystack: &[u8], progress: &mut Progress) -> bool {
        let Progress { window, starts } = progress;
        if window.blocks == 0 {
            if window.end >= haystack.len() {
                return false;
            }
            self.compare(haystack, window);
        }
        window.drain_into(starts);
        // It may drop what is another needle of the family.
        if let [(_, needle)] = &self.needles[..] {
            needle.sift(haystack, starts);
        }
        true
    }

    /// Compares the next window.
    fn compare(&self, haystack: &[u8], window: &mut Window) {
        window.start = window.end;
        let rest = |from: usize| haystack.get(from..).unwrap_or_default();
        let (first, last) = (rest(window.start), rest(window.start + self.gap));
        if let (Some(first), Some(last)) = (first.first_chunk(), last.first_chunk()) {
            self.compare_window(first, last, window);
            window.end += BLOCK * WINDOW;
            return;
        }
        // What is not there is compared as zeros; candidates are looked at again.
        let padded = |rest: &[u8]| {
            let mut window = [0; BLOCK * WINDOW];
            let len = rest.len().min(window.len());
            window[..len].copy_from_slice(&rest[..len]);
            window
        };
        self.compare_window(&padded(first), &padded(last), window);
        window.end = haystack.len();
    }

    #[inline]
    fn needle_at(&self, haystack: &[u8], start: usize) -> Option<usize> {
        // Padding looks like a needle of zeros or blanks.
        let rest = haystack.get(start..)?;
        let word = rest.first_chunk().map(|b| u32::from_le_bytes(*b));
        self.needles
            .iter()
            .position(|(of_needle, needle)| match word {
                Some(word) => of_needle.is_in(word) && needle.goes_on(haystack, start, 4),
                None => needle.goes_on(haystack, start, 0),
            })
    }

    /// Sets the candidates of a window by its bytes and those `gap` behind them.
    #[inline]
    fn compare_window(
        &self,
        first: &[u8; BLOCK * WINDOW],
        last: &[u8; BLOCK * WINDOW],
        window: &mut Window,
    ) {
        match self.pair_count {
            1 => self.compare_pairs::<1>(first, last, window),
            _ => self.compare_pairs::<MAX_PAIRS>(first, last, window),
        }
    }

    #[inline]
    fn compare_pairs<const N: usize>(
        &self,
        first: &[u8; BLOCK * WINDOW],
        last: &[u8; BLOCK * WINDOW],
        window: &mut Window,
    ) {
        let pairs: [_; N] = std::array::from_fn(|index| self.pairs[index]);
        let any_case = u8x16::splat(ANY_CASE);
        let blocks = first
            .as_chunks::<BLOCK>()
            .0
            .iter()
            .zip(last.as_chunks::<BLOCK>().0);
        let mut left = 0;
        for (index, (candidates, (first, last))) in
            window.candidates.iter_mut().zip(blocks).enumerate()
        {
            let mut bits = 0;
            let steps = first.as_chunks().0.iter().zip(last.as_chunks().0);
            for (step, (first, last)) in steps.enumerate() {
                let (first, last) = (u8x16::new(*first) | any_case, u8x16::new(*last) | any_case);
                let mut found = u8x16::ZERO;
                for [of_first, of_last] in pairs {
                    found |= first.simd_eq(of_first) & last.simd_eq(of_last);
                }
                bits |= u64::from(found.to_bitmask()) << (16 * step);
            }
            *candidates = bits;
            left |= u64::from(bits != 0) << index;
        }
        window.blocks = left;
    }
}

impl Word {
    const MIN_LEN: usize = 3;

    fn new(needle: &Needle) -> Self {
        let mut word = [[0; 4]; 3];
        for (index, &byte) in needle.bytes.iter().enumerate().take(4) {
            let folds = needle.any_case && byte.is_ascii_lowercase();
            word[0][index] = byte;
            word[1][index] = u8::MAX;
            word[2][index] = if folds { ANY_CASE } else { 0 };
        }
        let [value, mask, case] = word.map(u32::from_le_bytes);
        Self { value, mask, case }
    }

    fn is_in(self, bytes: u32) -> bool {
        (bytes | self.case) & self.mask == self.value
    }
}
