//! Where to look: the offsets at which a match may have begun, found at the speed of
//! a vector search.

use aho_corasick::{AhoCorasick, Input, MatchKind, packed};
use memchr::memmem;
use wide::u8x16;

/// A literal to search for.
#[derive(Clone, Debug)]
pub(crate) struct Needle {
    /// In lower case if the case does not matter.
    bytes: Vec<u8>,
    any_case: bool,
    /// A cheap necessary condition on the bytes around the needle.
    guard: Option<Guard>,
    /// The most bytes a match has in front of this needle, if it is the first in it.
    lead: usize,
}

/// How many bytes a match has at most in front of a needle at an offset of a haystack,
/// if there can be one. Where the haystack's edge hides the answer, it must be the most
/// there can be anywhere.
pub(crate) type Guard = fn(haystack: &[u8], needle: usize) -> Option<usize>;

/// A search for the needles of the families of one lane.
#[derive(Debug)]
pub(crate) struct Prefilter {
    needles: Vec<(Needle, usize)>,
    searcher: Searcher,
    /// The needle of each spelling the searcher knows.
    spellings: Vec<usize>,
    /// The length of the longest needle.
    longest: usize,
    /// How many bytes there may be for a needle, on the average, for needles to be frequent.
    often: usize,
    /// `None` if there are too many needles for it, or one is too short.
    frequent: Option<Frequent>,
}

/// A search that is best while needles are rare.
#[derive(Debug)]
enum Searcher {
    One(Box<memmem::Finder<'static>>),
    Packed(packed::Searcher),
    /// Where the platform has no packed search.
    Automaton(Box<AhoCorasick>),
}

/// A search that is best where needles are frequent: it compares two bytes of each
/// needle over a block, and so needs no new start behind each hit.
#[derive(Debug)]
struct Frequent {
    /// Two bytes of each needle, without regard to case.
    pairs: [[u8x16; 2]; PAIRS],
    /// The offset of the first of them; the same in each needle.
    offset: usize,
    /// By the first byte: the needle that may begin with it, if not [`NO_NEEDLE`].
    begins: Box<[u8; 256]>,
    /// The first bytes of each needle.
    words: Vec<Word>,
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

/// A needle in a haystack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) end: usize,
    /// Where a match may have begun that has this needle first; less than zero if that
    /// is in front of the haystack.
    pub(crate) began: isize,
    /// The family it anchors, counted within the lane.
    pub(crate) family: usize,
}

/// The needles that start in a range of a haystack, in the order of their starts.
#[derive(Debug)]
pub(crate) struct Hits<'p> {
    prefilter: &'p Prefilter,
    /// Needles that start before this offset were found.
    from: usize,
    to: usize,
    /// What decides whether needles are frequent.
    begin: usize,
    found: usize,
    /// Whether needles turned out to be frequent.
    frequent: bool,
    /// If so, the offset of the block compared last and what is left of its candidates.
    block: usize,
    candidates: u32,
}

/// The bytes compared at once.
const BLOCK: usize = 16;
/// Needles are frequent if there is one in that many bytes, on the average: where one
/// search and the other take as long.
const OFTEN: usize = 192;
const OFTEN_FOR_ONE: usize = 64;
/// The hits it takes to tell.
const TRIED: usize = 4;
const NO_NEEDLE: u8 = u8::MAX;
/// How many different pairs are compared; the vendor's rules need five.
const PAIRS: usize = 5;
/// The bit that tells upper from lower case.
const ANY_CASE: u8 = 0x20;

impl Needle {
    /// A needle as it is.
    pub(crate) fn exact(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            any_case: false,
            guard: None,
            lead: 0,
        }
    }

    /// A needle in any mixture of upper and lower case.
    pub(crate) fn any_case(word: &str) -> Self {
        Self {
            bytes: word.to_ascii_lowercase().into_bytes(),
            any_case: true,
            guard: None,
            lead: 0,
        }
    }

    /// The same needle with up to `lead` bytes of a match in front.
    pub(crate) fn behind(mut self, lead: usize) -> Self {
        self.lead = lead;
        self
    }

    /// The same needle on a condition.
    pub(crate) fn guarded(mut self, guard: Guard) -> Self {
        self.guard = Some(guard);
        self
    }

    /// How many bytes a match has at most in front of this needle at `start`, if there
    /// can be one.
    fn lead_at(&self, haystack: &[u8], start: usize) -> Option<usize> {
        match self.guard {
            Some(guard) => guard(haystack, start),
            None => Some(self.lead),
        }
    }

    /// How many bytes behind the start of a match this needle ends at most.
    pub(crate) fn reach(&self) -> usize {
        self.lead + self.bytes.len()
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Every spelling of the needle.
    pub(crate) fn spellings(&self) -> Vec<Vec<u8>> {
        self.bytes
            .iter()
            .fold(vec![Vec::new()], |spellings, &byte| {
                let mut cases = vec![byte];
                if self.any_case && byte.is_ascii_lowercase() {
                    cases.push(byte.to_ascii_uppercase());
                }
                let extend = |spelling: Vec<u8>| {
                    let append = move |&case: &u8| [spelling.as_slice(), &[case]].concat();
                    cases.iter().map(append).collect::<Vec<_>>()
                };
                spellings.into_iter().flat_map(extend).collect()
            })
    }

    /// Whether the needle stands at `start`, of which the first `known` bytes do.
    fn goes_on(&self, haystack: &[u8], start: usize, known: usize) -> bool {
        let rest = &self.bytes[known..];
        match haystack.get(start + known..start + self.bytes.len()) {
            Some(bytes) if self.any_case => bytes.eq_ignore_ascii_case(rest),
            bytes => bytes == Some(rest),
        }
    }
}

impl Prefilter {
    /// A search for needles, each with its family. No needle may be the start of a
    /// needle of another family.
    pub(crate) fn new(needles: &[(&Needle, usize)]) -> Self {
        let needles: Vec<(Needle, usize)> = needles.iter().map(|&(n, f)| (n.clone(), f)).collect();
        let (spellings, patterns): (Vec<usize>, Vec<Vec<u8>>) = needles
            .iter()
            .enumerate()
            .flat_map(|(index, (needle, _))| {
                needle.spellings().into_iter().map(move |s| (index, s))
            })
            .unzip();
        let packed = || {
            packed::Config::new()
                .match_kind(packed::MatchKind::LeftmostFirst)
                .builder()
                .extend(&patterns)
                .build()
        };
        let searcher = if let [needle] = patterns.as_slice() {
            Searcher::One(Box::new(memmem::Finder::new(needle).into_owned()))
        } else if let Some(searcher) = packed() {
            Searcher::Packed(searcher)
        } else {
            let automaton = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostFirst)
                .build(&patterns)
                .expect("a few short needles make a small automaton");
            Searcher::Automaton(Box::new(automaton))
        };
        Self {
            frequent: Frequent::new(&needles),
            often: match searcher {
                Searcher::One(_) => OFTEN_FOR_ONE,
                _ => OFTEN,
            },
            longest: needles.iter().map(|(n, _)| n.len()).max().unwrap_or(1),
            needles,
            searcher,
            spellings,
        }
    }

    /// The needles that start in `from..to`, wherever they end.
    pub(crate) fn hits(&self, from: usize, to: usize) -> Hits<'_> {
        Hits {
            prefilter: self,
            from,
            to,
            begin: from,
            found: 0,
            frequent: false,
            block: from,
            candidates: 0,
        }
    }

    #[inline]
    fn find(&self, haystack: &[u8], from: usize) -> Option<(usize, usize)> {
        let (spelling, start) = match &self.searcher {
            Searcher::One(finder) => (0, from + finder.find(&haystack[from..])?),
            Searcher::Packed(searcher) => {
                let found = searcher.find_in(haystack, (from..haystack.len()).into())?;
                (found.pattern().as_usize(), found.start())
            }
            Searcher::Automaton(automaton) => {
                let found = automaton.find(Input::new(haystack).span(from..haystack.len()))?;
                (found.pattern().as_usize(), found.start())
            }
        };
        Some((self.spellings[spelling], start))
    }

    /// The hit of a needle that stands at `start`, if it passes its guard.
    #[inline]
    fn hit(&self, needle: usize, haystack: &[u8], start: usize) -> Option<Hit> {
        let (needle, family) = &self.needles[needle];
        let lead = needle.lead_at(haystack, start)?;
        Some(Hit {
            end: start + needle.len(),
            began: start as isize - lead as isize,
            family: *family,
        })
    }
}

impl Hits<'_> {
    /// The next needle of `haystack` that passes its guard. The haystack must be the
    /// same for each call.
    #[inline]
    pub(crate) fn next(&mut self, haystack: &[u8]) -> Option<Hit> {
        if self.frequent
            && let Some(frequent) = &self.prefilter.frequent
        {
            return self.next_frequent(frequent, haystack);
        }
        // A needle may end behind the range.
        let end = haystack.len().min(self.to + self.prefilter.longest - 1);
        while self.from < self.to {
            let (needle, start) = self.prefilter.find(&haystack[..end], self.from)?;
            self.from = start + 1;
            self.found += 1;
            if self.found >= TRIED
                && self.from - self.begin < self.found * self.prefilter.often
                && let Some(frequent) = &self.prefilter.frequent
            {
                self.frequent = true;
                self.block = self.from;
                self.candidates = frequent.candidates(haystack, self.block);
            }
            if start >= self.to {
                return None;
            }
            if let Some(hit) = self.prefilter.hit(needle, haystack, start) {
                return Some(hit);
            }
            if self.frequent {
                return self.next(haystack);
            }
        }
        None
    }

    fn next_frequent(&mut self, frequent: &Frequent, haystack: &[u8]) -> Option<Hit> {
        loop {
            while self.candidates != 0 {
                let start = self.block + self.candidates.trailing_zeros() as usize;
                self.candidates &= self.candidates - 1;
                if let Some(needle) = frequent.needle_at(&self.prefilter.needles, haystack, start) {
                    if start >= self.to {
                        return None;
                    }
                    if let Some(hit) = self.prefilter.hit(needle, haystack, start) {
                        return Some(hit);
                    }
                }
            }
            self.block += BLOCK;
            if self.block >= self.to {
                return None;
            }
            self.candidates = frequent.candidates(haystack, self.block);
        }
    }
}

impl Frequent {
    fn new(needles: &[(Needle, usize)]) -> Option<Self> {
        let shortest = needles.iter().map(|(n, _)| n.len()).min()?;
        let offset = shortest.checked_sub(2)?;
        let mut pairs: Vec<[u8; 2]> = needles
            .iter()
            .map(|(n, _)| [n.bytes[offset] | ANY_CASE, n.bytes[offset + 1] | ANY_CASE])
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        if pairs.len() > PAIRS || shortest < Word::MIN_LEN {
            return None;
        }
        let mut begins = Box::new([NO_NEEDLE; 256]);
        for (index, (needle, _)) in needles.iter().enumerate() {
            for spelling in needle.spellings() {
                let begin = &mut begins[usize::from(spelling[0])];
                if *begin != NO_NEEDLE && usize::from(*begin) != index {
                    return None;
                }
                *begin = index as u8;
            }
        }
        let last = pairs.len() - 1;
        Some(Self {
            pairs: std::array::from_fn(|index| pairs[index.min(last)].map(u8x16::splat)),
            offset,
            begins,
            words: needles
                .iter()
                .map(|(needle, _)| Word::new(needle))
                .collect(),
        })
    }

    #[inline]
    fn needle_at(
        &self,
        needles: &[(Needle, usize)],
        haystack: &[u8],
        start: usize,
    ) -> Option<usize> {
        let needle = usize::from(self.begins[usize::from(haystack[start])]);
        let word = self.words.get(needle)?;
        let known = match haystack.get(start..start + 4) {
            Some(bytes) => {
                let bytes = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
                if (bytes | word.case) & word.mask != word.value {
                    return None;
                }
                needles[needle].0.len().min(4)
            }
            None => 0,
        };
        let needle_len = needles[needle].0.len();
        (known == needle_len || needles[needle].0.goes_on(haystack, start, known)).then_some(needle)
    }

    /// A bit for each offset of the block at `start` where a needle may start.
    #[inline]
    fn candidates(&self, haystack: &[u8], start: usize) -> u32 {
        let at = start + self.offset;
        let (first, second) = match haystack.get(at..at + BLOCK + 1) {
            Some(bytes) => (load(&bytes[..BLOCK]), load(&bytes[1..])),
            None => {
                // What is not there is compared as zeros; candidates are looked at again.
                let mut bytes = [0; BLOCK + 1];
                let rest = haystack.get(at..).unwrap_or_default();
                bytes[..rest.len()].copy_from_slice(rest);
                (load(&bytes[..BLOCK]), load(&bytes[1..]))
            }
        };
        let any_case = u8x16::splat(ANY_CASE);
        let (first, second) = (first | any_case, second | any_case);
        let mut found = u8x16::ZERO;
        for pair in self.pairs {
            found |= first.simd_eq(pair[0]) & second.simd_eq(pair[1]);
        }
        found.to_bitmask()
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

fn load(bytes: &[u8]) -> u8x16 {
    u8x16::new(bytes.try_into().expect("a block has this length"))
}
