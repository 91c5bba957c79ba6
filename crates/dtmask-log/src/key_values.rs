//! Key-values that are redacted when they are looked at.

use std::cell::{Cell, OnceCell};
use std::ops::Range;

use dtmask_core::{Mask, Redactor};
use log::kv::{Error, Key, Source, Value, VisitSource};

use crate::message::KEPT;
use crate::pair::Pair;

thread_local! {
    /// As of messages.
    static SPARE: Cell<Pairs> = const { Cell::new(Pairs::new()) };
}

/// The key-values of a record; shows them redacted.
///
/// They are searched as the line they would make, `key="value",key="value"`, because it
/// is often the key, or the pair before, that gives a secret away. From then on they are
/// shown as they were searched, and what was given is not asked again: it may change.
pub(crate) struct KeyValues<'r> {
    redactor: &'r Redactor,
    inner: &'r dyn Source,
    /// The redacted pairs, once something asked for them.
    pairs: OnceCell<Pairs>,
}

/// All pairs of one record.
#[derive(Default)]
struct Pairs {
    /// The pairs in one text, to be searched.
    line: String,
    /// The first `len` are the record's; those behind are buffers for a longer one.
    pairs: Vec<Pair>,
    len: usize,
}

impl<'r> KeyValues<'r> {
    pub(crate) fn new(redactor: &'r Redactor, inner: &'r dyn Source) -> Self {
        Self {
            redactor,
            inner,
            pairs: OnceCell::new(),
        }
    }

    /// An error of a value's `Display` leaves nothing to show, as in messages.
    fn pairs(&self) -> Result<&[Pair], Error> {
        if let Some(pairs) = self.pairs.get() {
            return Ok(pairs.get());
        }
        let mut pairs = Pairs::new();
        self.inner.visit(&mut pairs)?;
        // Most records have none.
        if pairs.len > 0 {
            pairs.redact(self.redactor);
        }
        Ok(self.pairs.get_or_init(|| pairs).get())
    }
}

impl Source for KeyValues<'_> {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
        for pair in self.pairs()? {
            visitor.visit_pair(pair.key(), pair.value())?;
        }
        Ok(())
    }

    /// The first of that name, as in the slice that the macros of log make.
    fn get(&self, key: Key<'_>) -> Option<Value<'_>> {
        let mut pairs = self.pairs().ok()?.iter();
        pairs.find(|pair| pair.key() == key).map(Pair::value)
    }

    fn count(&self) -> usize {
        match self.pairs.get() {
            Some(pairs) => pairs.len,
            None => self.inner.count(),
        }
    }
}

impl Drop for KeyValues<'_> {
    fn drop(&mut self) {
        if let Some(mut pairs) = self.pairs.take()
            && pairs.len > 0
            && pairs.capacity() <= KEPT
        {
            pairs.line.clear();
            pairs.len = 0;
            let _ = SPARE.try_with(|spare| spare.set(pairs));
        }
    }
}

impl Pairs {
    const fn new() -> Self {
        Self {
            line: String::new(),
            pairs: Vec::new(),
            len: 0,
        }
    }

    fn get(&self) -> &[Pair] {
        &self.pairs[..self.len]
    }

    /// What all the buffers take, in bytes.
    fn capacity(&self) -> usize {
        let pairs = self.pairs.capacity() * size_of::<Pair>();
        let texts = self.pairs.iter().map(Pair::capacity);
        self.line.capacity() + pairs + texts.sum::<usize>()
    }

    fn redact(&mut self, redactor: &Redactor) {
        let secrets = redactor.find_iter(self.line.as_bytes());
        let secrets: Vec<_> = secrets.map(|secret| secret.range()).collect();
        if secrets.is_empty() {
            return;
        }
        let part = |part: &Range<usize>| mask_part(&self.line, part, &secrets, redactor.mask());
        let mut at = 0;
        for pair in &mut self.pairs[..self.len] {
            let key = at..at + pair.key_text().len();
            let value = key.end + "=\"".len()..key.end + "=\"".len() + pair.value_text().len();
            at = value.end + "\",".len();
            pair.mask(part(&key), part(&value));
        }
    }
}

impl<'kvs> VisitSource<'kvs> for Pairs {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        if self.len == 0 {
            *self = SPARE.try_with(Cell::take).unwrap_or_default();
        }
        if self.len == self.pairs.len() {
            self.pairs.push(Pair::default());
        }
        let pair = &mut self.pairs[self.len];
        pair.fill(&key, &value)?;
        if self.len > 0 {
            self.line.push(',');
        }
        self.len += 1;
        for text in [pair.key_text(), "=\"", pair.value_text(), "\""] {
            self.line.push_str(text);
        }
        Ok(())
    }
}

/// A part of `text` with the secrets in it masked, if there are any.
fn mask_part(
    text: &str,
    part: &Range<usize>,
    secrets: &[Range<usize>],
    mask: &Mask,
) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = part.start;
    for secret in secrets {
        let secret = secret.start.max(part.start)..secret.end.min(part.end);
        if secret.is_empty() {
            continue;
        }
        out.extend_from_slice(&bytes[at..secret.start]);
        match mask.fill_byte() {
            Some(byte) => out.resize(out.len() + secret.len(), byte),
            None => out.extend_from_slice(mask.as_text().unwrap_or_default().as_bytes()),
        }
        at = secret.end;
    }
    if at == part.start {
        return None;
    }
    out.extend_from_slice(&bytes[at..part.end]);
    // A rule of the user may mask a part of a character.
    Some(String::from_utf8_lossy(&out).into_owned())
}
