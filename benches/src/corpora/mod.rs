//! Named inputs, each made at run time from a fixed seed.

mod adversarial;
mod dense;
mod lines;
mod wordy;

use crate::rng::Rng;
use crate::scene::Scene;
use crate::tokens;
use adversarial::{headed, repeat};
use lines::Record;

/// What a corpus is for, and so which bars it is measured against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Log lines like real ones, without a word that a rule keys on.
    Clean,
    /// Log lines that often speak of tokens and hold no secret.
    Wordy,
    /// One token in 1000 lines.
    Sparse,
    /// One token of the published form in every line.
    Dense,
    /// One secret of any form that the default rules know in every line.
    Forms,
    /// Nothing but tokens.
    Tokens,
    /// Input made to cost as much as possible.
    Adversarial,
}

/// A named input of any length.
#[derive(Clone, Copy, Debug)]
pub struct Corpus {
    /// The name that tables print and filters match.
    pub name: &'static str,
    /// What it is for.
    pub shape: Shape,
    /// One line about its content.
    pub about: &'static str,
    /// Makes exactly as many bytes as asked for, the same ones each time.
    pub make: fn(len: usize) -> Vec<u8>,
}

impl Corpus {
    /// True when every line of it stands for itself and the last one ends in a newline.
    pub fn is_lines(&self) -> bool {
        !matches!(self.shape, Shape::Adversarial) && self.name != "tokens-glued"
    }
}

/// The corpus of that name.
pub fn by_name(name: &str) -> Option<&'static Corpus> {
    ALL.iter().find(|corpus| corpus.name == name)
}

/// All corpora of one shape.
pub fn of_shape(shape: Shape) -> impl Iterator<Item = &'static Corpus> {
    ALL.iter().filter(move |corpus| corpus.shape == shape)
}

/// Whole records while they fit, then dots and a newline.
fn records(seed: u64, len: usize, mut record: impl FnMut(&mut Scene, &mut Vec<u8>)) -> Vec<u8> {
    let mut scene = Scene::new(seed);
    let mut out = Vec::with_capacity(len + 8192);
    let mut fits = 0;
    while out.len() <= len {
        fits = out.len();
        record(&mut scene, &mut out);
    }
    out.truncate(fits);
    if fits < len {
        out.resize(len - 1, b'.');
        out.push(b'\n');
    }
    out
}

/// Records of every kind, mixed.
fn any_kind(scene: &mut Scene, out: &mut Vec<u8>) {
    let kind: Record = scene.rng.pick(lines::KINDS);
    kind(scene, out);
}

/// Records of every kind, with a line that holds a token after each 999 lines or so.
fn sparse(len: usize) -> Vec<u8> {
    let mut lines_left = 999;
    records(17, len, move |scene, out| {
        if lines_left <= 0 {
            lines_left = 999;
            return dense::record(scene, out);
        }
        let before = out.len();
        any_kind(scene, out);
        lines_left -= memchr::memchr_iter(b'\n', &out[before..]).count() as i32;
    })
}

/// Tokens back to back, without a byte between them.
fn glued(len: usize) -> Vec<u8> {
    let mut rng = Rng::new(20);
    let mut out = Vec::with_capacity(len + 128);
    while out.len() < len {
        out.extend_from_slice(tokens::published(&mut rng).as_bytes());
    }
    out.truncate(len);
    out
}

/// A row of the table; a macro because a `fn` cannot take the closures as function pointers and stay one line.
macro_rules! corpus {
    ($shape:ident, $name:literal, $about:literal, $make:expr) => {
        Corpus {
            name: $name,
            shape: Shape::$shape,
            about: $about,
            make: $make,
        }
    };
}

/// Every corpus, in the order of the tables.
#[rustfmt::skip]
pub const ALL: &[Corpus] = &[
    corpus!(Clean, "clean", "log lines of seven kinds, mixed", |n| records(10, n, any_kind)),
    corpus!(Clean, "clean-nginx", "an access log of nginx", |n| records(11, n, lines::nginx)),
    corpus!(Clean, "clean-syslog", "a syslog file", |n| records(12, n, lines::syslog)),
    corpus!(Clean, "clean-klog", "logs of the parts of Kubernetes", |n| records(13, n, lines::klog)),
    corpus!(Clean, "clean-container", "JSON records of a container runtime", |n| records(14, n, lines::container)),
    corpus!(Clean, "clean-logfmt", "keys and values of Go services", |n| records(15, n, lines::logfmt)),
    corpus!(Clean, "clean-java", "Java exceptions with stack traces", |n| records(16, n, lines::java)),
    corpus!(Clean, "clean-ci", "output of a build, with colours", |n| records(18, n, lines::ci)),
    corpus!(Wordy, "wordy", "an application log that says token in every other line", |n| records(19, n, wordy::record)),
    corpus!(Sparse, "sparse", "one token in 1000 lines", sparse),
    corpus!(Dense, "dense", "one token of the published form a line", |n| records(21, n, dense::record)),
    corpus!(Forms, "dense-forms", "one secret of any form a line", |n| records(22, n, dense::form)),
    corpus!(Tokens, "tokens-lines", "a token a line and nothing else", |n| records(23, n, dense::bare)),
    corpus!(Tokens, "tokens-glued", "tokens back to back", glued),
    corpus!(Adversarial, "wordiest", "an application log that says token in every line, up to four times", |n| records(24, n, wordy::speaking)),
    corpus!(Adversarial, "dt0", "dt0dt0dt0...", |n| repeat(b"dt0", n)),
    corpus!(Adversarial, "d", "dddd...", |n| repeat(b"d", n)),
    corpus!(Adversarial, "prefix", "dt0c01.dt0c01....", |n| repeat(b"dt0c01.", n)),
    corpus!(Adversarial, "any-id", "dt0c01.a.dt0c01.a....", |n| repeat(b"dt0c01.a.", n)),
    corpus!(Adversarial, "endless-id", "dt0c01. and then one identifier without end", |n| headed(b"dt0c01.", b"aB3_", n)),
    corpus!(Adversarial, "endless-secret", "an identifier and then the letter A without end", adversarial::endless_secret),
    corpus!(Adversarial, "fails-at-64", "tokens whose 64th character is in lower case", adversarial::fails_at_64),
    corpus!(Adversarial, "id-of-23", "public portions of 23, 15 characters behind", adversarial::id_of_23),
    corpus!(Adversarial, "identifiers", "identifiers alone, back to back", adversarial::identifiers),
    corpus!(Adversarial, "wrapped", "tokens that wrap once, one after the other", adversarial::wrapped),
    corpus!(Adversarial, "api-token-blank", "Api-Token Api-Token ...", |n| repeat(b"Api-Token ", n)),
    corpus!(Adversarial, "api-token-equals", "api-token=api-token=...", |n| repeat(b"api-token=", n)),
    corpus!(Adversarial, "token", "tokentoken...", |n| repeat(b"token", n)),
    corpus!(Adversarial, "short-runs", "a key and 15 characters, one too few", |n| repeat(b"api-token=ABCDEFGHIJKLMNO ", n)),
    corpus!(Adversarial, "quotes", "apiToken and four quotes, repeated", |n| repeat(b"apiToken\"\"\"\"", n)),
    corpus!(Adversarial, "endless-quotes", "one apiToken and then quotes without end", |n| headed(b"apiToken", b"\"", n)),
    corpus!(Adversarial, "blanks", "api-token and 200 blanks, repeated", |n| repeat(&headed(b"api-token", b" ", 209), n)),
    corpus!(Adversarial, "endless-blanks", "one api-token and then blanks without end", |n| headed(b"api-token", b" \t", n)),
    corpus!(Adversarial, "endless-percent", "one api-token%25 and then 25 without end", |n| headed(b"api-token%", b"25", n)),
    corpus!(Adversarial, "endless-colour", "one api-token, an escape and then semicolons", |n| headed(b"api-token\x1b[", b";", n)),
    corpus!(Adversarial, "pairs", "a key, a comma and value, never a secret", |n| repeat(b"\"api-token\",\"value\":\"", n)),
    corpus!(Adversarial, "blocks", "YAML blocks whose scalar is missing", |n| repeat(b"apiToken: |\n  ", n)),
    corpus!(Adversarial, "base64-anchor", "ZHQwZHQw...", |n| repeat(b"ZHQw", n)),
    corpus!(Adversarial, "base64-prefix", "the base64 of dt0c01. alone on each line", |n| repeat(b"ZHQwYzAxLg\n", n)),
    corpus!(Adversarial, "base64-glued", "the same back to back, with its padding", |n| repeat(b"ZHQwYzAxLg==", n)),
    corpus!(Adversarial, "base64-wraps", "short lines of base64, each the start of a token", |n| repeat(b"ZHQwYzAxLkFBQUFB\n", n)),
    corpus!(Adversarial, "base64-random", "the base64 of random bytes", adversarial::base64_of_random),
    corpus!(Adversarial, "base64-logs", "the base64 of log text, wrapped", adversarial::base64_of_logs),
    corpus!(Adversarial, "random", "random bytes", adversarial::random_bytes),
    corpus!(Adversarial, "pieces", "the pieces of all expressions, shuffled", adversarial::shuffled_pieces),
];

#[cfg(test)]
mod tests;
