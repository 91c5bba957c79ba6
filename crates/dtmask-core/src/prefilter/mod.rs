//! Where to look: the offsets at which a match may have begun, found at the speed of
//! a vector search.

mod frequent;
mod needle;
mod rare;
mod starts;

use std::sync::OnceLock;

use self::frequent::{Frequent, Progress};
pub(crate) use self::needle::{Anchor, Edges, Landing, Needle};
use self::rare::Rare;
pub(crate) use self::starts::Starts;

/// The most families that can be searched for together.
pub(crate) const MAX_FAMILIES: usize = 3;

/// The hits it takes to tell whether needles are rare.
const TRIED: usize = 4;
/// How many bytes there may be for a needle, on the average, for needles not to be rare:
/// where starting anew behind each takes as long as comparing all.
const OFTEN: usize = 256;

/// A search for the needles of the families of one lane.
#[derive(Debug)]
pub(crate) struct Prefilter {
    /// Each needle with its family.
    needles: Vec<(Needle, usize)>,
    /// The length of the longest needle.
    longest: usize,
    /// By a bit for each family: a search for the needles of all others.
    rare: Vec<OnceLock<Rare>>,
    /// For each family, the index of its first needle, and a search for its needles
    /// unless there are too many.
    frequent: Vec<(usize, Option<Frequent>)>,
}

/// A needle in a haystack.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) end: usize,
    /// Where a match may have begun that has this needle first; less than zero if that
    /// is in front of the haystack.
    pub(crate) began: isize,
    /// Where such a match stands behind what needs no look at each byte.
    pub(crate) leap: Option<Landing>,
    /// The family it anchors, counted within the lane.
    pub(crate) family: usize,
}

/// The needles of a haystack: those of each family in the order of their starts.
///
/// All families are searched for at once. The needles of one that turn out to be
/// frequent are left out then, and searched for apart afterwards.
pub(crate) struct Hits<'p, 'h> {
    prefilter: &'p Prefilter,
    haystack: &'h [u8],
    edges: Edges,
    /// Rare needles that start before this offset were found.
    from: usize,
    rare: &'p Rare,
    /// How many needles of each family were found with all others.
    found: [usize; MAX_FAMILIES],
    /// The needles of each family that start before this offset are of no use.
    passed: [usize; MAX_FAMILIES],
    /// A bit for each family whose needles are frequent and not searched for yet.
    frequent: usize,
    /// The search for those of one of them.
    apart: Option<Apart<'p>>,
}

/// A search for the frequent needles of one family.
#[derive(Debug)]
struct Apart<'p> {
    family: usize,
    /// The index of the family's first needle.
    first: usize,
    search: &'p Frequent,
    progress: Progress,
}

impl Prefilter {
    /// A search for the needles of each family. No needle may be the start of another one.
    pub(crate) fn new<'n>(families: impl Iterator<Item = &'n [Needle]>) -> Self {
        let mut needles = Vec::new();
        let mut frequent = Vec::new();
        for (family, of_family) in families.enumerate() {
            let references: Vec<&Needle> = of_family.iter().collect();
            frequent.push((needles.len(), Frequent::new(&references)));
            needles.extend(of_family.iter().map(|needle| (needle.clone(), family)));
        }
        assert!(frequent.len() <= MAX_FAMILIES, "a lane has few families");
        Self {
            longest: needles.iter().map(|(n, _)| n.len()).max().unwrap_or(1),
            needles,
            rare: (0..1 << frequent.len()).map(|_| OnceLock::new()).collect(),
            frequent,
        }
    }

    /// The needles of `haystack` that start at `from` or behind.
    pub(crate) fn hits<'p, 'h>(
        &'p self,
        haystack: &'h [u8],
        edges: Edges,
        from: usize,
    ) -> Hits<'p, 'h> {
        Hits {
            prefilter: self,
            haystack,
            edges,
            from,
            rare: self.all_but(0),
            found: [0; MAX_FAMILIES],
            passed: [0; MAX_FAMILIES],
            frequent: 0,
            apart: None,
        }
    }

    fn all_but(&self, families: usize) -> &Rare {
        self.rare[families].get_or_init(|| {
            let needles = self.needles.iter().enumerate();
            let others = needles.filter(|(_, (_, family))| families >> family & 1 == 0);
            Rare::new(others.map(|(index, (needle, _))| (index, needle)))
        })
    }
}

impl<'p> Hits<'p, '_> {
    /// The next needle that passes its guard.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<Hit> {
        loop {
            let (needle, start) = self.next_needle()?;
            let (needle, family) = &self.prefilter.needles[needle];
            if start < self.passed[*family] {
                continue;
            }
            if let Some(anchor) = needle.anchor_at(self.haystack, start, self.edges) {
                return Some(Hit {
                    end: start + needle.len(),
                    began: start as isize - anchor.lead as isize,
                    leap: anchor.leap,
                    family: *family,
                });
            }
        }
    }

    /// Where a search for the needles behind this one may start, if there is such an offset.
    pub(crate) fn rest_from(&self) -> Option<usize> {
        (self.frequent == 0 && self.apart.is_none()).then_some(self.from)
    }

    /// Needles of `family` that end at `at` or before are of no use any more.
    #[inline]
    pub(crate) fn skip(&mut self, family: usize, at: usize) {
        let start = (at + 1).saturating_sub(self.prefilter.longest);
        self.passed[family] = self.passed[family].max(start);
        if let Some(apart) = &mut self.apart
            && apart.family == family
        {
            apart.progress.skip(start);
        }
    }

    /// The index of the next needle and its start.
    #[inline]
    fn next_needle(&mut self) -> Option<(usize, usize)> {
        if self.from < self.haystack.len() {
            if let Some((needle, start)) = self.rare.find(self.haystack, self.from) {
                self.from = start + 1;
                self.count(self.prefilter.needles[needle].1);
                return Some((needle, start));
            }
            self.from = self.haystack.len();
        }
        loop {
            if let Some(apart) = &mut self.apart
                && let Some((needle, start)) = apart.search.next(self.haystack, &mut apart.progress)
            {
                return Some((apart.first + needle, start));
            }
            if self.frequent == 0 {
                return None;
            }
            self.apart = self.next_apart();
        }
    }

    /// A search for the next family that was set apart.
    fn next_apart(&mut self) -> Option<Apart<'p>> {
        let family = self.frequent.trailing_zeros() as usize;
        let (first, search) = self.prefilter.frequent.get(family)?;
        self.frequent &= self.frequent - 1;
        Some(Apart {
            family,
            first: *first,
            search: search.as_ref()?,
            progress: Progress::from(self.passed[family]),
        })
    }

    /// Sets a family apart if this needle makes it a frequent one.
    fn count(&mut self, family: usize) {
        let found = &mut self.found[family];
        *found += 1;
        if *found >= TRIED
            && self.from < *found * OFTEN
            && self.prefilter.frequent[family].1.is_some()
        {
            self.frequent |= 1 << family;
            // This one is found once more, which does no harm.
            self.passed[family] = self.passed[family].max(self.from - 1);
            self.rare = self.prefilter.all_but(self.frequent);
        }
    }
}
