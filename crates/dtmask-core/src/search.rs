//! The secrets of a byte stream, for reports.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::engine::Engine;
use crate::identifier::{self, Identifiers};
use crate::redactor::Shared;
use crate::regions::{Piece, Region, Regions, Told};
use crate::scanner::Scanner;
use crate::stream::BLOCK;

/// Searches one byte stream for secrets, chunk by chunk.
///
/// What is found is what [`Redactor::find_iter`](crate::Redactor::find_iter) finds in the
/// whole of it, in memory that does not depend on its length.
///
/// # Examples
///
/// ```
/// use dtmask_core::Redactor;
///
/// let mut search = Redactor::new().search();
/// let mut lines = Vec::new();
/// for chunk in ["tenantToken=FAKEten", "antTok3n0 ok\n"] {
///     search.push(chunk.as_bytes(), |found| {
///         lines.push(format!("{} at {:?}", found.rule(), found.range()));
///     });
/// }
/// search.finish(|_| unreachable!("the secret has ended"));
/// assert_eq!(lines, ["context-assign at 12..28"]);
/// ```
pub struct Search {
    shared: Arc<Shared>,
    scan: Scanner,
    regions: Regions,
    /// The last bytes before the next chunk: those in which the identifier of the next
    /// secret is looked for.
    recent: Vec<u8>,
    identifiers: Identifiers,
    /// The identifier in front of the secret that has not ended.
    identifier: Option<Vec<u8>>,
    /// The offset of the next chunk.
    end: u64,
}

/// Where a secret stands in a stream, and what may be told of it. Does not hold the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'s> {
    rule: &'s str,
    range: Range<u64>,
    identifier: Option<&'s [u8]>,
    complete: bool,
}

impl Search {
    pub(crate) fn new(shared: &Arc<Shared>) -> Self {
        let Shared { engine, .. } = &**shared;
        Self {
            scan: Scanner::new(engine),
            regions: Regions::new(engine, Told::Completeness),
            recent: Vec::new(),
            identifiers: Identifiers::default(),
            identifier: None,
            end: 0,
            shared: Arc::clone(shared),
        }
    }

    /// Searches the next chunk, and tells of each secret that has ended, in order.
    ///
    /// # Complexity
    ///
    /// Linear in the chunk; no allocation in the steady state where there are no secrets.
    pub fn push(&mut self, chunk: &[u8], mut tell: impl FnMut(Found<'_>)) {
        let shared = Arc::clone(&self.shared);
        let engine = &shared.engine;
        for block in chunk.chunks(BLOCK) {
            self.regions.scan(engine, &mut self.scan, block, None);
            self.tell_decided(engine, block, &mut tell);
            self.remember(block);
            self.end += block.len() as u64;
        }
    }

    /// The end of the stream: tells of a secret that ends with it. The search is then as
    /// new.
    pub fn finish(&mut self, mut tell: impl FnMut(Found<'_>)) {
        let shared = Arc::clone(&self.shared);
        // What was undecided is no secret, so all that was found is decided.
        self.regions.end(self.end);
        self.tell_decided(&shared.engine, &[], &mut tell);
        self.regions.close();
        self.tell_closed(&shared.engine, &mut tell);
        *self = Self::new(&shared);
    }

    /// Tells of the secrets that are known to have ended, of which the last ones may stand
    /// in this block.
    fn tell_decided(&mut self, engine: &Engine, block: &[u8], tell: &mut impl FnMut(Found<'_>)) {
        while let Some(piece) = self.regions.next(engine, true) {
            self.tell_closed(engine, tell);
            if piece.secret && piece.first && self.regions.may_be_token(engine) {
                self.note_identifier(engine, &piece, block);
            }
        }
    }

    fn tell_closed(&mut self, engine: &Engine, tell: &mut impl FnMut(Found<'_>)) {
        let Some(Region {
            start,
            end,
            rule,
            complete,
            ..
        }) = self.regions.take_closed()
        else {
            return;
        };
        let rule = &engine.rules[rule];
        self.identifiers.note(start..end);
        let identifier = self.identifier.take();
        tell(Found {
            rule: rule.name(),
            range: start..end,
            identifier: identifier
                .as_deref()
                .filter(|_| rule.complete_at().is_some()),
            complete,
        });
    }

    /// Looks for the identifier in front of a secret, as long as it is there.
    fn note_identifier(&mut self, engine: &Engine, piece: &Piece, block: &[u8]) {
        let behind = self.recent.len();
        let first = self.end - behind as u64;
        let start = (piece.start - first) as usize;
        let before: &[u8] = if start <= behind {
            &self.recent[..start]
        } else {
            let of_block = start - behind;
            if of_block >= identifier::REACH {
                &block[of_block - identifier::REACH..of_block]
            } else {
                let of_recent = identifier::REACH - of_block;
                let recent = &self.recent[behind.saturating_sub(of_recent)..];
                &[recent, &block[..of_block]].concat()
            }
        };
        let identifier = self
            .identifiers
            .before(engine, before, piece.start, piece.unit);
        self.identifier = identifier.map(Cow::into_owned);
    }

    /// Keeps of what was seen what stands close enough before the next secret to be.
    fn remember(&mut self, block: &[u8]) {
        let first = self.end - self.recent.len() as u64;
        let from = self.regions.frontier() - first;
        let from = usize::try_from(from).expect("it is in memory");
        let from = from.saturating_sub(identifier::REACH);
        let of_recent = from.min(self.recent.len());
        self.recent.drain(..of_recent);
        self.recent.extend_from_slice(&block[from - of_recent..]);
    }
}

impl<'s> Found<'s> {
    /// The first rule in table order that makes the first byte secret.
    pub fn rule(&self) -> &'s str {
        self.rule
    }

    /// The secret's bytes, as offsets in the stream.
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// The token identifier, if the secret was found by a token rule: prefix and public
    /// portion, of a tenant token the prefix alone. Bytes of it that are secret themselves
    /// are masked. `None` also if it does not begin within the 1024 bytes in front of
    /// the secret.
    pub fn identifier(&self) -> Option<&'s [u8]> {
        self.identifier
    }

    /// Whether a token rule covers a whole secret portion: 64 bytes, 24 of a tenant
    /// token. If not, the secret is cut off, or known by its context only.
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search")
            .field("bytes_in", &self.end)
            .finish_non_exhaustive()
    }
}
