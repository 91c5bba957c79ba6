//! A search that is best where needles are frequent: it compares two bytes of each needle
//! over a block, and so needs no new start behind each hit.

use wide::u8x16;

use super::needle::Needle;

/// The bytes compared at once.
const BLOCK: usize = 32;
/// How many different pairs are compared.
const MAX_PAIRS: usize = 4;
/// The bit that tells upper from lower case.
const ANY_CASE: u8 = 0x20;
const NO_NEEDLE: u8 = u8::MAX;

/// A search for the needles of one family.
#[derive(Debug)]
pub(super) struct Frequent {
    /// Two bytes of each needle, without regard to case.
    pairs: Vec<[u8x16; 2]>,
    /// The offset of the first of them; the same in each needle.
    offset: usize,
    /// By the first byte: the needle that may begin with it, if not [`NO_NEEDLE`].
    begins: Box<[u8; 256]>,
    needles: Vec<(Word, Needle)>,
}

/// How far a search is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    /// The offset of the block compared next.
    next: usize,
    /// What is left of the candidates of the block before.
    candidates: u32,
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
    pub(super) fn from(start: usize) -> Self {
        Self {
            next: start,
            candidates: 0,
        }
    }

    /// Passes over needles that start before `start`.
    pub(super) fn skip(&mut self, start: usize) {
        if start > self.next {
            *self = Self::from(start);
        }
    }
}

impl Frequent {
    /// `None` if there are too many needles for it, or one is too short.
    pub(super) fn new(needles: &[&Needle]) -> Option<Self> {
        let shortest = needles.iter().map(|needle| needle.len()).min()?;
        let offset = shortest.checked_sub(2)?;
        let fold = |byte: u8| byte | ANY_CASE;
        let mut pairs: Vec<[u8; 2]> = needles
            .iter()
            .map(|needle| [fold(needle.bytes[offset]), fold(needle.bytes[offset + 1])])
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        if pairs.len() > MAX_PAIRS || shortest < Word::MIN_LEN {
            return None;
        }
        let mut begins = Box::new([NO_NEEDLE; 256]);
        for (index, needle) in needles.iter().enumerate() {
            for spelling in needle.spellings() {
                let begin = &mut begins[usize::from(spelling[0])];
                if *begin != NO_NEEDLE && usize::from(*begin) != index {
                    return None;
                }
                *begin = index as u8;
            }
        }
        let with_word = |&needle: &&Needle| (Word::new(needle), needle.clone());
        Some(Self {
            pairs: pairs.iter().map(|pair| pair.map(u8x16::splat)).collect(),
            offset,
            begins,
            needles: needles.iter().map(with_word).collect(),
        })
    }

    /// The next needle that starts before `to`, counted within the family, and its start.
    #[inline]
    pub(super) fn next(
        &self,
        haystack: &[u8],
        to: usize,
        progress: &mut Progress,
    ) -> Option<(usize, usize)> {
        loop {
            while progress.candidates != 0 {
                let bit = progress.candidates.trailing_zeros() as usize;
                progress.candidates &= progress.candidates - 1;
                let start = progress.next - BLOCK + bit;
                if start >= to {
                    return None;
                }
                if let Some(needle) = self.needle_at(haystack, start) {
                    return Some((needle, start));
                }
            }
            if progress.next >= to {
                return None;
            }
            progress.candidates = self.candidates(haystack, progress.next);
            progress.next += BLOCK;
        }
    }

    #[inline]
    fn needle_at(&self, haystack: &[u8], start: usize) -> Option<usize> {
        let index = usize::from(self.begins[usize::from(haystack[start])]);
        let (word, needle) = self.needles.get(index)?;
        let known = match haystack.get(start..start + 4) {
            Some(bytes) => {
                let bytes = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                if (bytes | word.case) & word.mask != word.value {
                    return None;
                }
                needle.len().min(4)
            }
            None => 0,
        };
        (known == needle.len() || needle.goes_on(haystack, start, known)).then_some(index)
    }

    /// A bit for each offset of the block at `start` where a needle may start.
    #[inline]
    fn candidates(&self, haystack: &[u8], start: usize) -> u32 {
        let at = start + self.offset;
        match haystack.get(at..at + BLOCK + 1) {
            Some(bytes) => self.candidates_in(bytes),
            None => {
                // What is not there is compared as zeros; candidates are looked at again.
                let mut bytes = [0; BLOCK + 1];
                let rest = haystack.get(at..).unwrap_or_default();
                bytes[..rest.len()].copy_from_slice(rest);
                self.candidates_in(&bytes)
            }
        }
    }

    #[inline]
    fn candidates_in(&self, bytes: &[u8]) -> u32 {
        let any_case = u8x16::splat(ANY_CASE);
        let load = |from: usize| load(&bytes[from..]) | any_case;
        let (low, low_next) = (load(0), load(1));
        let (high, high_next) = (load(BLOCK / 2), load(BLOCK / 2 + 1));
        let (mut in_low, mut in_high) = (u8x16::ZERO, u8x16::ZERO);
        for [first, second] in &self.pairs {
            in_low |= low.simd_eq(*first) & low_next.simd_eq(*second);
            in_high |= high.simd_eq(*first) & high_next.simd_eq(*second);
        }
        in_low.to_bitmask() | in_high.to_bitmask() << (BLOCK / 2)
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
}

#[inline]
fn load(bytes: &[u8]) -> u8x16 {
    u8x16::new(*bytes.first_chunk().expect("half a block is left"))
}
