//! The compiled, shared thing that everything else is made from.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::builder::Builder;
use crate::engine::Engine;
use crate::find::{Pieces, Secrets};
use crate::mask::{Mask, Masks};
use crate::regions::Told;
use crate::rules::Rule;
use crate::search::Search;
use crate::stream::Stream;

/// Rules and a mask, compiled. Immutable, cheap to clone, shared between threads.
///
/// Making one does little: what an input needs to be searched for is built when an
/// input asks for it first, and then shared by all clones.
///
/// # Examples
///
/// ```
/// use dtmask_core::Redactor;
///
/// let redactor = Redactor::new();
/// let line = "GET /api/v1/x?api-token=FAKE_legacy-tok3n_abc&a=1";
/// assert_eq!(redactor.redact_str(line), "GET /api/v1/x?api-token=*********************&a=1");
/// ```
#[derive(Clone)]
pub struct Redactor {
    shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) masks: Masks,
    pub(crate) mask_warning: Option<String>,
}

impl Redactor {
    /// The default rules and the default mask.
    pub fn new() -> Self {
        Self::default()
    }

    /// The rule the vendor publishes, alone, and the default mask.
    pub fn published() -> Self {
        Self::builder()
            .profile(crate::Profile::Published)
            .build()
            .expect("the published rule is valid")
    }

    /// A redactor of other rules or with another mask.
    pub fn builder() -> Builder {
        Builder::default()
    }

    #[cfg(test)]
    pub(crate) fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    pub(crate) fn from_shared(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// `haystack` with its secrets masked; borrowed if and only if there were none.
    ///
    /// # Complexity
    ///
    /// Linear in the haystack.
    #[must_use = "the haystack itself is not changed"]
    pub fn redact<'h>(&self, haystack: &'h [u8]) -> Cow<'h, [u8]> {
        let mut out = Vec::new();
        if self.redact_into(haystack, &mut out, |_| ()) {
            Cow::Owned(out)
        } else {
            Cow::Borrowed(haystack)
        }
    }

    /// Appends `haystack` to `out` with its secrets masked, and tells of each by which rule
    /// it was found. Says `false` and leaves `out` as it is if there is none.
    ///
    /// # Complexity
    ///
    /// Linear in the haystack.
    #[must_use = "nothing is appended if nothing is secret"]
    pub fn redact_into(
        &self,
        haystack: &[u8],
        out: &mut Vec<u8>,
        mut tell: impl FnMut(&str),
    ) -> bool {
        let Some(mut pieces) = Pieces::new(&self.shared, haystack, Told::Rules) else {
            return false;
        };
        let masks = &self.shared.masks;
        let mut copied = 0;
        while let Some(mut piece) = pieces.next() {
            if piece.secret {
                if copied == 0 {
                    out.reserve(haystack.len());
                }
                out.extend_from_slice(&haystack[copied..piece.start as usize]);
                copied = piece.end as usize;
                while piece.start < piece.end {
                    let (bytes, len) = masks.of(&piece);
                    out.extend_from_slice(bytes);
                    piece.start += len;
                    piece.first = false;
                }
            }
            if let Some(rule) = pieces.closed_rule() {
                tell(rule);
            }
        }
        if copied == 0 {
            return false;
        }
        out.extend_from_slice(&haystack[copied..]);
        if let Some(rule) = pieces.last_rule() {
            tell(rule);
        }
        true
    }

    /// [`redact`](Self::redact) for text.
    ///
    /// Every built-in rule leaves valid UTF-8 valid. A user rule that masks a part of a
    /// character has the rest of it replaced by U+FFFD.
    #[must_use = "the haystack itself is not changed"]
    pub fn redact_str<'h>(&self, haystack: &'h str) -> Cow<'h, str> {
        match self.redact(haystack.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(haystack),
            Cow::Owned(bytes) => Cow::Owned(match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            }),
        }
    }

    /// Masks the secrets of `haystack` where they stand and says how many there were.
    ///
    /// The mask is the redactor's fill mask, or `*` if it has a text.
    ///
    /// # Complexity
    ///
    /// Linear in the haystack; memory for the place of each secret.
    pub fn redact_in_place(&self, haystack: &mut [u8]) -> usize {
        let Some(pieces) = Pieces::new(&self.shared, haystack, Told::Nothing) else {
            return 0;
        };
        let masks = &self.shared.masks;
        let secret: Vec<_> = pieces.filter(|piece| piece.secret).collect();
        for piece in &secret {
            let bytes = &mut haystack[piece.start as usize..piece.end as usize];
            masks.fill(bytes, piece.start, piece.unit);
        }
        secret.iter().filter(|piece| piece.first).count()
    }

    /// The secrets of `haystack` in order.
    ///
    /// # Examples
    ///
    /// ```
    /// # use dtmask_core::Redactor;
    /// let redactor = Redactor::new();
    /// let line = format!("token: dt0s16.FAKEPUB2.{}", "FAKEONLY".repeat(8));
    /// let secret = redactor.find_iter(line.as_bytes()).next().unwrap();
    /// assert_eq!(secret.rule(), "token");
    /// assert_eq!(secret.identifier().as_deref(), Some(&b"dt0s16.FAKEPUB2"[..]));
    /// assert_eq!(secret.range(), 23..87);
    /// assert!(secret.is_complete());
    /// ```
    pub fn find_iter<'r, 'h>(&'r self, haystack: &'h [u8]) -> Secrets<'r, 'h> {
        Secrets::new(&self.shared, haystack)
    }

    /// A search for the secrets of a byte stream that comes in chunks.
    pub fn search(&self) -> Search {
        Search::new(&self.shared)
    }

    /// A redacted byte stream from its beginning.
    pub fn stream(&self) -> Stream {
        Stream::new(&self.shared)
    }

    /// The active rules in table order.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.shared.engine.rules.iter()
    }

    /// The mask.
    pub fn mask(&self) -> &Mask {
        self.shared.masks.mask()
    }

    /// The most bytes a stream holds back: the largest `min - 1` of all active rules, or
    /// the longest form of a known value less one; with the escape sequences that can
    /// stand between them, and twice as many in UTF-16, if these are looked for.
    pub fn max_held(&self) -> usize {
        self.shared.engine.max_held()
    }

    /// Whether this byte can be among those a stream holds back. If not, nothing before it
    /// is held back any more where it stands.
    pub fn may_hold(&self, byte: u8) -> bool {
        self.shared.engine.may_withhold(byte)
    }

    /// Says so if the mask could be taken for a secret by a user rule, so that masking
    /// twice may mask more than masking once.
    pub fn mask_warning(&self) -> Option<&str> {
        self.shared.mask_warning.as_deref()
    }
}

impl Default for Redactor {
    fn default() -> Self {
        Self::builder()
            .build()
            .expect("the default rules are valid")
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor")
            .field("rules", &self.shared.engine.rules.len())
            .field("max_held", &self.max_held())
            .finish_non_exhaustive()
    }
}
