//! A search that is best where needles are frequent: it compares two bytes of each needle
//! over a block, and so needs no new start behind each hit.

use wide::u8x16;

use super::needle::Needle;

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
    /// The offset of the window.
    start: usize,
    /// Its end, where the next one starts.
    next: usize,
    /// A bit for each block of the window that has candidates left.
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
        Self {
            next: start,
            ..Self::default()
        }
    }

    /// Passes over needles that start before `start`, but for those in the same block.
    #[inline]
    pub(super) fn skip(&mut self, start: usize) {
        if start >= self.next {
            (self.next, self.blocks) = (start, 0);
        } else if start > self.start {
            self.blocks &= u64::MAX << ((start - self.start) / BLOCK);
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

    /// The next needle, counted within the family, and its start.
    #[inline]
    pub(super) fn next(&self, haystack: &[u8], progress: &mut Progress) -> Option<(usize, usize)> {
        loop {
            while progress.blocks != 0 {
                let block = progress.blocks.trailing_zeros() as usize;
                let candidates = &mut progress.candidates[block];
                let start = progress.start + BLOCK * block + candidates.trailing_zeros() as usize;
                *candidates &= *candidates - 1;
                progress.blocks &= !(u64::from(*candidates == 0) << block);
                if let Some(needle) = self.needle_at(haystack, start) {
                    return Some((needle, start));
                }
            }
            if progress.next >= haystack.len() {
                return None;
            }
            self.compare(haystack, progress);
        }
    }

    /// Compares the next window.
    #[inline(never)]
    fn compare(&self, haystack: &[u8], progress: &mut Progress) {
        progress.start = progress.next;
        let rest = |from: usize| haystack.get(from..).unwrap_or_default();
        let (first, last) = (rest(progress.start), rest(progress.start + self.gap));
        if let (Some(first), Some(last)) = (first.first_chunk(), last.first_chunk()) {
            self.compare_window(first, last, progress);
            progress.next += BLOCK * WINDOW;
            return;
        }
        // What is not there is compared as zeros; candidates are looked at again.
        let padded = |rest: &[u8]| {
            let mut window = [0; BLOCK * WINDOW];
            let len = rest.len().min(window.len());
            window[..len].copy_from_slice(&rest[..len]);
            window
        };
        self.compare_window(&padded(first), &padded(last), progress);
        progress.next = haystack.len();
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
        progress: &mut Progress,
    ) {
        match self.pair_count {
            1 => self.compare_pairs::<1>(first, last, progress),
            _ => self.compare_pairs::<MAX_PAIRS>(first, last, progress),
        }
    }

    #[inline]
    fn compare_pairs<const N: usize>(
        &self,
        first: &[u8; BLOCK * WINDOW],
        last: &[u8; BLOCK * WINDOW],
        progress: &mut Progress,
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
            progress.candidates.iter_mut().zip(blocks).enumerate()
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
        progress.blocks = left;
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
