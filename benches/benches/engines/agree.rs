//! No engine is timed before its output is known to be right.

use benches::corpora::{Corpus, Shape};
use dtmask_test::oracle::Oracle;

use crate::CHUNK;
use crate::engine::{Engines, Kind};

/// Compares the outputs of the engines.
pub(crate) struct Judge {
    default: Oracle,
    published: Oracle,
    /// How many bytes of a corpus the oracle looks at; it is thorough and slow.
    slice: usize,
}

impl Judge {
    pub(crate) fn new(slice: usize) -> Judge {
        Judge {
            default: Oracle::default_rules(),
            published: Oracle::published(),
            slice,
        }
    }

    /// Compares every engine on `haystack`.
    ///
    /// # Panics
    ///
    /// Panics when two outputs differ that should be equal.
    pub(crate) fn compare(&self, engines: &mut Engines, corpus: &Corpus, haystack: &[u8]) {
        let whole = haystack.len().max(1);
        let mut outputs = Outputs { engines, corpus };

        let published = outputs.of(Kind::StreamPublished, haystack, CHUNK);
        let by_regex = outputs.of(Kind::RegexPublished, haystack, whole);
        outputs.equal("stream and regex, published", &published, &by_regex);

        let default = outputs.of(Kind::StreamDefault, haystack, CHUNK);
        for kind in [Kind::OneShot, Kind::InPlace] {
            let other = outputs.of(kind, haystack, whole);
            outputs.equal(kind.title(), &default, &other);
        }
        let in_place = outputs.of(Kind::StreamInPlace, haystack, CHUNK);
        outputs.equal(Kind::StreamInPlace.title(), &default, &in_place);

        for kind in [Kind::Memcpy, Kind::AhoCorasick] {
            let same = outputs.of(kind, haystack, whole);
            outputs.equal(kind.title(), haystack, &same);
        }
        match corpus.shape {
            Shape::Clean | Shape::Wordy => {
                outputs.equal("clean means unchanged", haystack, &default);
            }
            _ => {}
        }
        // The alternation finds leftmost matches that do not overlap, so it is equal
        // only where no candidate begins inside of another.
        if !matches!(corpus.shape, Shape::Adversarial | Shape::Forms) {
            let by_regex = outputs.of(Kind::RegexDefault, haystack, whole);
            outputs.equal("stream and regex, default", &default, &by_regex);
        }

        let slice = &haystack[..self.slice.min(haystack.len())];
        for (kind, oracle) in [
            (Kind::StreamPublished, &self.published),
            (Kind::StreamDefault, &self.default),
        ] {
            // Chunks of a prime length put the seams everywhere.
            let ours = outputs.of(kind, slice, 1009);
            outputs.equal("the oracle", &oracle.redact_fill(slice, b'*'), &ours);
        }
    }
}

/// The engines and the corpus they are compared on.
struct Outputs<'e> {
    engines: &'e mut Engines,
    corpus: &'e Corpus,
}

impl Outputs<'_> {
    fn of(&mut self, kind: Kind, haystack: &[u8], chunk: usize) -> Vec<u8> {
        let mut output = Vec::with_capacity(haystack.len());
        self.engines
            .pass(kind, haystack, chunk, false, &mut |bytes| {
                output.extend_from_slice(bytes);
            });
        output
    }

    fn equal(&self, what: &str, expected: &[u8], found: &[u8]) {
        if expected != found {
            let same = expected
                .iter()
                .zip(found)
                .take_while(|(a, b)| a == b)
                .count();
            panic!(
                "{}, {what}: {} and {} bytes, which differ at {same}",
                self.corpus.name,
                expected.len(),
                found.len()
            );
        }
    }
}
