//! What a prefilter looks for.

use super::starts::Starts;

/// What is known of a match that has a needle at an offset of a haystack first, if there
/// can be one behind which something is secret.
pub(crate) type Guard = fn(haystack: &[u8], needle: usize, edges: Edges) -> Option<Anchor>;

/// Drops what is no such needle, and needles that the guard refuses whatever stands beyond
/// the edges. It need not drop them all.
///
/// Where needles are frequent there are many to decide on at once, and that can be done
/// without a branch for each, which no processor could foresee.
pub(crate) type Sieve = fn(haystack: &[u8], needles: &mut Starts);

/// What stands beyond the edges of a haystack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Edges {
    /// There may be more of the text, and it may be anything.
    Cut,
    /// Nothing.
    Whole,
}

/// What is known of a match by its first needle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchor {
    /// How many bytes it has at most in front of the needle.
    pub(crate) lead: usize,
    /// Where it stands behind what needs no look at each byte, if there is such a text.
    pub(crate) leap: Option<Landing>,
}

/// Where a leap ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Landing {
    /// The offset in the haystack.
    pub(crate) at: usize,
    /// The index of a sample that leads to the same.
    pub(crate) sample: usize,
}

impl Anchor {
    /// Of a match with at most `lead` bytes in front of the needle.
    pub(crate) fn behind(lead: usize) -> Self {
        Self { lead, leap: None }
    }
}

/// A literal to search for.
#[derive(Clone, Debug)]
pub(crate) struct Needle {
    /// In lower case if the case does not matter.
    pub(super) bytes: Vec<u8>,
    pub(super) any_case: bool,
    /// A cheap necessary condition on the bytes around the needle.
    guard: Option<Guard>,
    sieve: Option<Sieve>,
    /// The most bytes a match has in front of this needle, if it is the first in it.
    lead: usize,
}

impl Needle {
    /// A needle as it is.
    pub(crate) fn exact(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into(),
            any_case: false,
            guard: None,
            sieve: None,
            lead: 0,
        }
    }

    /// A needle in any mixture of upper and lower case.
    pub(crate) fn any_case(word: &str) -> Self {
        Self {
            bytes: word.to_ascii_lowercase().into_bytes(),
            any_case: true,
            guard: None,
            sieve: None,
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

    /// The same needle with a sieve in front of its guard.
    pub(crate) fn sifted(mut self, sieve: Sieve) -> Self {
        self.sieve = Some(sieve);
        self
    }

    /// Drops starts of this needle that need no look.
    pub(super) fn sift(&self, haystack: &[u8], starts: &mut Starts) {
        if let Some(sieve) = self.sieve {
            sieve(haystack, starts);
        }
    }

    /// What is known of a match that has this needle at `start` first, if there can be one.
    pub(super) fn anchor_at(&self, haystack: &[u8], start: usize, edges: Edges) -> Option<Anchor> {
        match self.guard {
            Some(guard) => guard(haystack, start, edges),
            None => Some(Anchor::behind(self.lead)),
        }
    }

    pub(crate) fn contains(&self, byte: u8) -> bool {
        self.bytes.contains(&byte)
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
    #[inline]
    pub(super) fn goes_on(&self, haystack: &[u8], start: usize, known: usize) -> bool {
        if known >= self.bytes.len() {
            return true;
        }
        let rest = &self.bytes[known..];
        match haystack.get(start + known..start + self.bytes.len()) {
            Some(bytes) if self.any_case => bytes.eq_ignore_ascii_case(rest),
            bytes => bytes == Some(rest),
        }
    }
}
