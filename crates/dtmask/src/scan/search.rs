//! Where the core is asked for the secrets of a content. Nothing else in the scan
//! knows how they are found.

use std::ops::Range;

use dtmask_core::Redactor;

/// A secret of a content, without a byte of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) rule: Box<str>,
    /// Offsets in the content.
    pub(super) range: Range<u64>,
    pub(super) identifier: Option<Vec<u8>>,
    pub(super) complete: bool,
}

/// The secrets of a content that is there as a whole.
pub(super) fn whole(redactor: &Redactor, content: &[u8]) -> Vec<Found> {
    redactor
        .find_iter(content)
        .map(|secret| Found {
            rule: secret.rule().into(),
            range: secret.range().start as u64..secret.range().end as u64,
            identifier: secret.identifier().map(Into::into),
            complete: secret.is_complete(),
        })
        .collect()
}

/// The secrets of a content that comes in chunks.
pub(super) struct Search {
    search: dtmask_core::Search,
    /// Those that ended so far.
    found: Vec<Found>,
}

impl Search {
    pub(super) fn new(redactor: &Redactor) -> Search {
        Search {
            search: redactor.search(),
            found: Vec::new(),
        }
    }

    /// Searches the next chunk.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let found = &mut self.found;
        self.search.push(chunk, |one| found.push(one.into()));
    }

    /// The secrets in the order of their offsets.
    pub(super) fn finish(mut self) -> Vec<Found> {
        let found = &mut self.found;
        self.search.finish(|one| found.push(one.into()));
        self.found
    }
}

impl From<dtmask_core::Found<'_>> for Found {
    fn from(found: dtmask_core::Found<'_>) -> Found {
        Found {
            rule: found.rule().into(),
            range: found.range(),
            identifier: found.identifier().map(Into::into),
            complete: found.is_complete(),
        }
    }
}
