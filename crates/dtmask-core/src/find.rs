//! The secrets of a haystack that is there as a whole.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::ops::Range;

use crate::engine::{Engine, Glance, Start};
use crate::identifier::Identifiers;
use crate::prefilter::Edges;
use crate::redactor::Shared;
use crate::regions::{Piece, Region, Regions, Told};
use crate::scanner::Scanner;
use crate::stream::{BLOCK, GLANCE};

/// What it takes to look at a whole haystack.
struct Scratch {
    /// The engine it is for.
    engine: u64,
    scan: Scanner,
    regions: Regions,
}

thread_local! {
    /// The scratch that this thread needed last, for the next haystack: a service that looks
    /// at single events makes none for each, and its threads do not wait for each other.
    static SPARE: Cell<Option<Box<Scratch>>> = const { Cell::new(None) };
}

impl Scratch {
    fn take(engine: &Engine, told: Told) -> Box<Self> {
        // A thread may come here while its locals are destroyed.
        let spare = SPARE.try_with(Cell::take).ok().flatten();
        let spare = spare.filter(|scratch| scratch.engine == engine.id);
        let mut scratch = spare.unwrap_or_else(|| {
            Box::new(Self {
                engine: engine.id,
                scan: Scanner::new(engine),
                regions: Regions::default(),
            })
        });
        scratch.regions.reset(engine, told);
        scratch
    }

    fn put_back(mut self: Box<Self>, engine: &Engine) {
        self.scan.reset(engine, 0);
        let _ = SPARE.try_with(|spare| spare.set(Some(self)));
    }
}

/// The pieces of a whole haystack in order.
pub(crate) struct Pieces<'r, 'h> {
    engine: &'r Engine,
    haystack: &'h [u8],
    /// Where the anchors of the first block start, if that is known.
    start: Option<Start>,
    /// `None` only while this is dropped.
    scratch: Option<Box<Scratch>>,
    scanned: usize,
}

impl<'r, 'h> Pieces<'r, 'h> {
    /// `None` if a glance is enough to know that nothing is secret.
    pub(crate) fn new(shared: &'r Shared, haystack: &'h [u8], told: Told) -> Option<Self> {
        let engine = &shared.engine;
        let start = if haystack.len() > GLANCE {
            None
        } else {
            match engine.glance(haystack, Edges::Whole) {
                Glance::Clean => return None,
                Glance::Anchor(start) => Some(start),
                Glance::Unclear => None,
            }
        };
        Some(Self {
            engine,
            haystack,
            start,
            scratch: Some(Scratch::take(engine, told)),
            scanned: 0,
        })
    }

    fn scratch(&mut self) -> &mut Scratch {
        self.scratch.as_mut().expect("only dropping takes it")
    }

    /// The rule of the secret that ended with the last piece, if one did.
    pub(crate) fn closed_rule(&mut self) -> Option<&'r str> {
        let region = self.scratch().regions.take_closed()?;
        Some(self.engine.rules[region.rule].name())
    }

    /// The rule of the secret that ends with the haystack, if one does.
    pub(crate) fn last_rule(&mut self) -> Option<&'r str> {
        self.scratch().regions.close();
        self.closed_rule()
    }

    /// The next secret, once its end is known.
    fn next_secret(&mut self) -> Option<Region> {
        loop {
            if let Some(region) = self.scratch().regions.take_closed() {
                return Some(region);
            }
            if self.next().is_none() {
                let regions = &mut self.scratch().regions;
                regions.close();
                return regions.take_closed();
            }
        }
    }
}

impl Iterator for Pieces<'_, '_> {
    type Item = Piece;

    #[inline(always)]
    fn next(&mut self) -> Option<Piece> {
        let Scratch { scan, regions, .. } = self
            .scratch
            .as_mut()
            .expect("only dropping takes it")
            .as_mut();
        loop {
            let whole = self.scanned == self.haystack.len();
            let piece = regions.next(self.engine, whole);
            if piece.is_some() || whole {
                return piece;
            }
            let to = self.haystack.len().min(self.scanned + BLOCK);
            let block = &self.haystack[self.scanned..to];
            let start = self.start.take();
            regions.scan(self.engine, scan, block, start.as_ref());
            self.scanned = to;
            if to == self.haystack.len() {
                // What is undecided at the end of the haystack is no secret.
                regions.end(to as u64);
            }
        }
    }
}

impl Drop for Pieces<'_, '_> {
    fn drop(&mut self) {
        if let Some(scratch) = self.scratch.take() {
            scratch.put_back(self.engine);
        }
    }
}

/// An iterator over the secrets of a haystack; see
/// [`Redactor::find_iter`](crate::Redactor::find_iter).
#[must_use = "the haystack is searched as the secrets are taken"]
pub struct Secrets<'r, 'h> {
    /// `None` if a glance was enough to know that there are no secrets.
    pieces: Option<Pieces<'r, 'h>>,
    identifiers: Identifiers,
}

impl<'r, 'h> Secrets<'r, 'h> {
    pub(crate) fn new(shared: &'r Shared, haystack: &'h [u8]) -> Self {
        Self {
            pieces: Pieces::new(shared, haystack, Told::Completeness),
            identifiers: Identifiers::default(),
        }
    }
}

impl<'r, 'h> Iterator for Secrets<'r, 'h> {
    type Item = Secret<'r, 'h>;

    fn next(&mut self) -> Option<Secret<'r, 'h>> {
        let pieces = self.pieces.as_mut()?;
        let region = pieces.next_secret()?;
        let rule = &pieces.engine.rules[region.rule];
        let range = region.start as usize..region.end as usize;
        let identifier = rule.complete_at().and_then(|_| {
            let before = &pieces.haystack[..range.start];
            self.identifiers
                .before(pieces.engine, before, region.start, region.unit)
        });
        self.identifiers.note(region.start..region.end);
        Some(Secret {
            rule: rule.name(),
            range,
            identifier,
            complete: region.complete,
        })
    }
}

impl std::iter::FusedIterator for Secrets<'_, '_> {}

/// Where a secret stands, and what may be told of it. Does not hold the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret<'r, 'h> {
    rule: &'r str,
    range: Range<usize>,
    identifier: Option<Cow<'h, [u8]>>,
    complete: bool,
}

impl<'r> Secret<'r, '_> {
    /// The first rule in table order that makes the first byte secret.
    pub fn rule(&self) -> &'r str {
        self.rule
    }

    /// The secret's bytes in the haystack.
    pub fn range(&self) -> Range<usize> {
        self.range.clone()
    }

    /// The token identifier, if the secret was found by a token rule: prefix and
    /// public portion, of a tenant token the prefix alone. Bytes of it that are secret
    /// themselves are masked. `None` also if it does not begin within the 1024 bytes in
    /// front of the secret.
    pub fn identifier(&self) -> Option<&[u8]> {
        self.identifier.as_deref()
    }

    /// Whether a token rule covers a whole secret portion: 64 bytes, 24 of a tenant
    /// token. If not, the secret is cut off, or known by its context only.
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

impl fmt::Debug for Secrets<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}
