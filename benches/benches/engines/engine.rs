//! The contestants: one call makes one pass over a haystack.

use std::hint::black_box;
use std::io;
use std::time::Duration;

use aho_corasick::AhoCorasick;
use dtmask_core::{Redactor, Stream};
use memchr::memmem::Finder;
use regex::bytes::Regex;

use crate::clock::now;
use crate::expressions::{self, Stars};

/// A way to go over a haystack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Copies each chunk.
    Memcpy,
    /// Counts `dt0` in each chunk.
    Memmem,
    /// Pushes each chunk to a stream of the `published` profile.
    StreamPublished,
    /// Pushes each chunk to a stream of the default rules.
    StreamDefault,
    /// Pushes each chunk to a stream of the default rules, to be masked in place.
    StreamInPlace,
    /// Redacts each chunk by itself with the default rules.
    OneShot,
    /// Redacts each chunk by itself in place with the default rules.
    InPlace,
    /// Replaces the published expression in each chunk with the regex crate.
    RegexPublished,
    /// Replaces the alternation of the default rules in each chunk with the regex crate.
    RegexDefault,
    /// Replaces a few literals of the rules by themselves with aho-corasick's stream replace.
    AhoCorasick,
}

impl Kind {
    /// Every contestant, in the order of the columns.
    pub(crate) const ALL: &[Kind] = &[
        Kind::Memcpy,
        Kind::Memmem,
        Kind::StreamPublished,
        Kind::RegexPublished,
        Kind::StreamDefault,
        Kind::StreamInPlace,
        Kind::OneShot,
        Kind::InPlace,
        Kind::RegexDefault,
        Kind::AhoCorasick,
    ];

    /// The head of its column.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Kind::Memcpy => "memcpy",
            Kind::Memmem => "memmem",
            Kind::StreamPublished => "stream, published",
            Kind::RegexPublished => "regex, published",
            Kind::StreamDefault => "stream, default",
            Kind::StreamInPlace => "stream in place, default",
            Kind::OneShot => "redact, default",
            Kind::InPlace => "in place, default",
            Kind::RegexDefault => "regex, default",
            Kind::AhoCorasick => "aho-corasick stream",
        }
    }
}

/// What the rules begin with, as far as literals can say it.
const NEEDLES: [&str; 6] = [
    "dt0",
    "ZHQw",
    "api-token",
    "Api-Token",
    "apiToken",
    "api_token",
];

/// All contestants, compiled once.
pub(crate) struct Engines {
    finder: Finder<'static>,
    published: Stream,
    default: Stream,
    redactor: Redactor,
    regex_published: Regex,
    regex_published_replacement: Vec<u8>,
    regex_default: Regex,
    aho_corasick: AhoCorasick,
    /// Where memcpy copies to; grows to the longest chunk.
    copy: Vec<u8>,
}

impl Engines {
    pub(crate) fn new() -> Engines {
        let redactor = Redactor::new();
        Engines {
            finder: Finder::new("dt0"),
            published: Redactor::published().stream(),
            default: redactor.stream(),
            redactor,
            regex_published: expressions::published(),
            regex_published_replacement: expressions::published_replacement(),
            regex_default: expressions::alternation(),
            aho_corasick: AhoCorasick::new(NEEDLES).expect("a few short needles"),
            copy: Vec::new(),
        }
    }

    /// One pass of `kind` over `haystack` in chunks of `chunk` bytes; what comes out goes to `sink`.
    ///
    /// Chunks stand in the corpus, so every engine waits for memory as it would on any
    /// long stream. If `hot`, or if the engine changes them, each chunk is copied to one
    /// reused buffer first, as a read from a pipe would do, and only what follows is
    /// timed: then the engine finds it in the cache.
    pub(crate) fn pass(
        &mut self,
        kind: Kind,
        haystack: &[u8],
        chunk: usize,
        hot: bool,
        sink: &mut impl FnMut(&[u8]),
    ) -> Duration {
        let in_place = matches!(kind, Kind::StreamInPlace | Kind::InPlace);
        if !hot && !in_place {
            let start = now();
            for chunk in haystack.chunks(chunk) {
                self.feed(kind, chunk, sink);
            }
            self.finish(kind, sink);
            return now() - start;
        }
        let mut buffer = vec![0; chunk.min(haystack.len())];
        let mut time = Duration::ZERO;
        for chunk in haystack.chunks(chunk) {
            let buffer = &mut buffer[..chunk.len()];
            buffer.copy_from_slice(chunk);
            let start = now();
            match kind {
                Kind::StreamInPlace | Kind::InPlace => self.feed_in_place(kind, buffer, sink),
                _ => self.feed(kind, buffer, sink),
            }
            time += now() - start;
        }
        let start = now();
        self.finish(kind, sink);
        time + (now() - start)
    }

    fn feed_in_place(&mut self, kind: Kind, chunk: &mut [u8], sink: &mut impl FnMut(&[u8])) {
        if kind == Kind::StreamInPlace {
            let pushed = self.default.push_in_place(chunk);
            sink(pushed.held);
            sink(pushed.ready);
        } else {
            black_box(self.redactor.redact_in_place(chunk));
            sink(chunk);
        }
    }

    fn feed(&mut self, kind: Kind, chunk: &[u8], sink: &mut impl FnMut(&[u8])) {
        match kind {
            Kind::Memcpy => {
                // Only the first chunk and a shorter last one change the length.
                self.copy.resize(chunk.len(), 0);
                self.copy.copy_from_slice(chunk);
                sink(&self.copy);
            }
            Kind::Memmem => {
                black_box(self.finder.find_iter(chunk).count());
            }
            Kind::StreamPublished => {
                for segment in self.published.push(chunk) {
                    sink(segment.as_bytes());
                }
            }
            Kind::StreamDefault => {
                for segment in self.default.push(chunk) {
                    sink(segment.as_bytes());
                }
            }
            Kind::OneShot => sink(&self.redactor.redact(chunk)),
            Kind::StreamInPlace | Kind::InPlace => unreachable!("needs a chunk of its own"),
            Kind::RegexPublished => {
                let replacement = self.regex_published_replacement.as_slice();
                sink(&self.regex_published.replace_all(chunk, replacement));
            }
            Kind::RegexDefault => sink(&self.regex_default.replace_all(chunk, Stars)),
            Kind::AhoCorasick => {
                self.aho_corasick
                    .try_stream_replace_all(chunk, Sink(sink), &NEEDLES)
                    .expect("a slice never fails to be read");
            }
        }
    }

    fn finish(&mut self, kind: Kind, sink: &mut impl FnMut(&[u8])) {
        let stream = match kind {
            Kind::StreamPublished => &mut self.published,
            Kind::StreamDefault | Kind::StreamInPlace => &mut self.default,
            _ => return,
        };
        for segment in stream.finish() {
            sink(segment.as_bytes());
        }
    }
}

/// A closure as a writer.
struct Sink<'s, F>(&'s mut F);

impl<F: FnMut(&[u8])> io::Write for Sink<'_, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
