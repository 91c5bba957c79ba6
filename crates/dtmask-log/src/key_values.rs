//! Key-values that are redacted when they are visited.

use std::cell::{Cell, OnceCell};
use std::fmt::Write;
use std::ops::Range;

use dtmask_core::{Mask, Redactor};
use log::kv::{Error, Key, Source, Value, VisitSource};

use crate::message::KEPT;

thread_local! {
    /// As of messages.
    static SPARE: Cell<Line> = const { Cell::new(Line { text: String::new(), pairs: Vec::new() }) };
}

/// The key-values of a record; shows them redacted.
///
/// They are searched as the line they would make, `key="value",key="value"`, because it
/// is often the key, or the pair before, that gives a secret away. A value in which
/// something is masked becomes text; all others stay what they are.
pub(crate) struct KeyValues<'r> {
    redactor: &'r Redactor,
    inner: &'r dyn Source,
    /// The pairs in which something is masked, once something asked for them.
    masked: OnceCell<Vec<MaskedPair>>,
}

struct MaskedPair {
    /// Which pair of the inner source this is.
    index: usize,
    key: String,
    /// `None` if the value stays.
    value: Option<String>,
}

/// All pairs in one text.
#[derive(Default)]
struct Line {
    text: String,
    pairs: Vec<Pair>,
}

struct Pair {
    key: Range<usize>,
    value: Range<usize>,
}

impl<'r> KeyValues<'r> {
    pub(crate) fn new(redactor: &'r Redactor, inner: &'r dyn Source) -> Self {
        Self {
            redactor,
            inner,
            masked: OnceCell::new(),
        }
    }

    fn masked(&self) -> Result<&[MaskedPair], Error> {
        if let Some(masked) = self.masked.get() {
            return Ok(masked);
        }
        let mut line = SPARE.try_with(Cell::take).unwrap_or_default();
        self.inner.visit(&mut line)?;
        let masked = line.masked(self.redactor);
        if line.text.capacity() <= KEPT {
            line.text.clear();
            line.pairs.clear();
            let _ = SPARE.try_with(|spare| spare.set(line));
        }
        Ok(self.masked.get_or_init(|| masked))
    }
}

impl Source for KeyValues<'_> {
    fn visit<'kvs>(&'kvs self, visitor: &mut dyn VisitSource<'kvs>) -> Result<(), Error> {
        match self.masked()? {
            [] => self.inner.visit(visitor),
            masked => self.inner.visit(&mut Substitute {
                visitor,
                masked,
                index: 0,
            }),
        }
    }

    fn count(&self) -> usize {
        self.inner.count()
    }
}

impl Line {
    fn masked(&self, redactor: &Redactor) -> Vec<MaskedPair> {
        let secrets = redactor.find_iter(self.text.as_bytes());
        let secrets: Vec<_> = secrets.map(|secret| secret.range()).collect();
        if secrets.is_empty() {
            return Vec::new();
        }
        let part = |part: &Range<usize>| mask_part(&self.text, part, &secrets, redactor.mask());
        let pairs = self.pairs.iter().enumerate();
        let masked = pairs.map(|(index, pair)| (index, pair, part(&pair.key), part(&pair.value)));
        masked
            .filter(|(_, _, key, value)| key.is_some() || value.is_some())
            .map(|(index, pair, key, value)| MaskedPair {
                index,
                key: key.unwrap_or_else(|| self.text[pair.key.clone()].to_owned()),
                value,
            })
            .collect()
    }
}

impl<'kvs> VisitSource<'kvs> for Line {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        if !self.text.is_empty() {
            self.text.push(',');
        }
        let start = self.text.len();
        self.text.push_str(key.as_str());
        let key = start..self.text.len();
        self.text.push_str("=\"");
        let start = self.text.len();
        write!(self.text, "{value}")?;
        let value = start..self.text.len();
        self.text.push('"');
        self.pairs.push(Pair { key, value });
        Ok(())
    }
}

/// Puts masked pairs in the place of those that hold secrets.
struct Substitute<'v, 'kvs> {
    visitor: &'v mut dyn VisitSource<'kvs>,
    /// Those that are still to come, in order.
    masked: &'kvs [MaskedPair],
    index: usize,
}

impl<'kvs> VisitSource<'kvs> for Substitute<'_, 'kvs> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), Error> {
        let index = self.index;
        self.index += 1;
        match self.masked.split_first() {
            Some((pair, rest)) if pair.index == index => {
                self.masked = rest;
                let value = pair.value.as_deref().map_or(value, Value::from);
                self.visitor.visit_pair(Key::from_str(&pair.key), value)
            }
            _ => self.visitor.visit_pair(key, value),
        }
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
