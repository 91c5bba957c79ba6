//! Where to look: the offsets at which a match may have begun, found at the speed of
//! a vector search.

use aho_corasick::{AhoCorasick, MatchKind, packed};
use memchr::memmem;

/// A search for the needles of the families of one lane.
#[derive(Debug)]
pub(crate) struct Prefilter {
    searcher: Searcher,
    /// The family of each needle, counted within the lane.
    families: Vec<usize>,
    longest: usize,
}

#[derive(Debug)]
enum Searcher {
    One(Box<memmem::Finder<'static>>),
    Packed(packed::Searcher),
    /// Where the platform has no packed search.
    Automaton(Box<AhoCorasick>),
}

/// A needle in a haystack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// The family it anchors, counted within the lane.
    pub(crate) family: usize,
}

impl Prefilter {
    /// A search for needles, each with its family. No needle may be the start of a
    /// needle of another family.
    pub(crate) fn new(needles: &[(&[u8], usize)]) -> Self {
        let bytes = || needles.iter().map(|(needle, _)| needle);
        let packed = || {
            packed::Config::new()
                .match_kind(packed::MatchKind::LeftmostFirst)
                .builder()
                .extend(bytes())
                .build()
        };
        let searcher = if let [(needle, _)] = needles {
            Searcher::One(Box::new(memmem::Finder::new(needle).into_owned()))
        } else if let Some(searcher) = packed() {
            Searcher::Packed(searcher)
        } else {
            let automaton = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostFirst)
                .build(bytes())
                .expect("a few short needles make a small automaton");
            Searcher::Automaton(Box::new(automaton))
        };
        Self {
            searcher,
            families: needles.iter().map(|&(_, family)| family).collect(),
            longest: bytes().map(|needle| needle.len()).max().unwrap_or(0),
        }
    }

    /// The length of the longest needle.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// The first needle that starts at `from` or behind it.
    #[inline]
    pub(crate) fn find(&self, haystack: &[u8], from: usize) -> Option<Hit> {
        let (needle, start, end) = match &self.searcher {
            Searcher::One(finder) => {
                let start = from + finder.find(&haystack[from..])?;
                (0, start, start + finder.needle().len())
            }
            Searcher::Packed(searcher) => {
                let found = searcher.find_in(haystack, (from..haystack.len()).into())?;
                (found.pattern().as_usize(), found.start(), found.end())
            }
            Searcher::Automaton(automaton) => {
                let found = automaton
                    .find(aho_corasick::Input::new(haystack).span(from..haystack.len()))?;
                (found.pattern().as_usize(), found.start(), found.end())
            }
        };
        Some(Hit {
            start,
            end,
            family: self.families[needle],
        })
    }
}
