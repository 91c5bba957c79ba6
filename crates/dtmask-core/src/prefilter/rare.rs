//! A search that is best while needles are rare.

use aho_corasick::{AhoCorasick, Input, MatchKind, packed};
use memchr::memmem;

use super::needle::Needle;

/// A search for all spellings of some needles at once.
#[derive(Debug)]
pub(super) struct Rare {
    searcher: Searcher,
    /// The index of the needle of each spelling.
    needles: Vec<usize>,
}

#[derive(Debug)]
enum Searcher {
    Nothing,
    One(Box<memmem::Finder<'static>>),
    Packed(packed::Searcher),
    /// Where the platform has no packed search.
    Automaton(Box<AhoCorasick>),
}

impl Rare {
    /// A search for needles, each with the index it is reported by. No needle may be the
    /// start of another one.
    pub(super) fn new<'n>(needles: impl Iterator<Item = (usize, &'n Needle)>) -> Self {
        let (needles, patterns): (Vec<usize>, Vec<Vec<u8>>) = needles
            .flat_map(|(index, needle)| needle.spellings().into_iter().map(move |s| (index, s)))
            .unzip();
        let packed = || {
            packed::Config::new()
                .match_kind(packed::MatchKind::LeftmostFirst)
                .builder()
                .extend(&patterns)
                .build()
        };
        let searcher = match patterns.as_slice() {
            [] => Searcher::Nothing,
            [needle] => Searcher::One(Box::new(memmem::Finder::new(needle).into_owned())),
            _ => packed().map_or_else(|| automaton(&patterns), Searcher::Packed),
        };
        Self { searcher, needles }
    }

    /// The first needle from `from` on and its start.
    #[inline]
    pub(super) fn find(&self, haystack: &[u8], from: usize) -> Option<(usize, usize)> {
        let span = from..haystack.len();
        let (pattern, start) = match &self.searcher {
            Searcher::Nothing => return None,
            Searcher::One(finder) => (0, from + finder.find(&haystack[span])?),
            Searcher::Packed(searcher) => {
                let found = searcher.find_in(haystack, span.into())?;
                (found.pattern().as_usize(), found.start())
            }
            Searcher::Automaton(automaton) => {
                let found = automaton.find(Input::new(haystack).span(span))?;
                (found.pattern().as_usize(), found.start())
            }
        };
        Some((self.needles[pattern], start))
    }
}

fn automaton(patterns: &[Vec<u8>]) -> Searcher {
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(patterns)
        .expect("a few short needles make a small automaton");
    Searcher::Automaton(Box::new(automaton))
}
