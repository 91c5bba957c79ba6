//! The naive evaluation of the rules: what every engine must agree with.
//!
//! Whole input in, one flag for each byte out. Each pattern is looked at by
//! itself: where its `keep` ends, how long the run of secret bytes is there,
//! whether that is enough. Nothing is shared, skipped or remembered.

use std::ops::Range;

use crate::nfa::Nfa;
use crate::rules;

/// A rule: a name and one or more patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleRule {
    /// The name, unique among the rules of an oracle.
    pub name: String,
    /// Each is evaluated by itself; their secret bytes are united.
    pub patterns: Vec<OraclePattern>,
}

/// One pattern of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OraclePattern {
    /// An expression over bytes that never matches the empty string.
    pub keep: String,
    /// A byte class, such as `[A-Z0-9]`.
    pub secret: String,
    /// The shortest run that is secret.
    pub min: u32,
    /// How many bytes of a run are secret at most.
    pub max: Option<u32>,
}

/// A secret as the oracle counts them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OracleSecret {
    /// Name of the first rule that makes the first byte secret.
    pub rule: String,
    /// The maximal contiguous secret region.
    pub range: Range<usize>,
    /// Whether a token rule covers as much of it as a whole token has.
    pub complete: bool,
}

/// The naive evaluation of a list of rules.
#[derive(Clone)]
pub struct Oracle {
    /// In table order.
    rules: Vec<Rule>,
}

impl std::fmt::Debug for Oracle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Oracle")
            .field("rules", &self.rules.len())
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Rule {
    name: String,
    patterns: Vec<Pattern>,
}

#[derive(Clone)]
struct Pattern {
    keep: Nfa,
    /// Indexed by byte: whether it is in the secret class.
    secret: Vec<bool>,
    min: usize,
    max: usize,
}

impl Oracle {
    /// An oracle for `rules`, in table order.
    ///
    /// # Panics
    ///
    /// If an expression does not parse, matches the empty string or looks around.
    pub fn new(rules: &[OracleRule]) -> Oracle {
        let rules = rules
            .iter()
            .map(|rule| Rule {
                name: rule.name.clone(),
                patterns: rule.patterns.iter().map(Pattern::new).collect(),
            })
            .collect();
        Oracle { rules }
    }

    /// An oracle for the default rules.
    pub fn default_rules() -> Oracle {
        Oracle::new(&rules::default_rules())
    }

    /// An oracle for the `published` profile.
    pub fn published() -> Oracle {
        Oracle::new(&[rules::published()])
    }

    /// For each byte of `input`, whether it is secret.
    pub fn secret_bytes(&self, input: &[u8]) -> Vec<bool> {
        union(input.len(), &self.secret_bytes_by_rule(input))
    }

    /// The same for each rule by itself, in table order.
    pub fn secret_bytes_by_rule(&self, input: &[u8]) -> Vec<Vec<bool>> {
        self.rules
            .iter()
            .map(|rule| {
                let by_pattern: Vec<_> = rule
                    .patterns
                    .iter()
                    .map(|pattern| pattern.secret_bytes(input))
                    .collect();
                union(input.len(), &by_pattern)
            })
            .collect()
    }

    /// For each pattern of each rule, the offsets at which its `keep` ends.
    pub fn ends(&self, input: &[u8]) -> Vec<Vec<Vec<usize>>> {
        self.rules
            .iter()
            .map(|rule| rule.patterns.iter().map(|p| p.keep.ends(input)).collect())
            .collect()
    }

    /// `input` with each secret byte replaced by `mask`.
    pub fn redact_fill(&self, input: &[u8], mask: u8) -> Vec<u8> {
        fill(input, &self.secret_bytes(input), mask)
    }

    /// The same for a stream that ended abnormally after `input`.
    pub fn redact_fill_on_abort(&self, input: &[u8], mask: u8) -> Vec<u8> {
        fill(input, &self.secret_bytes_on_abort(input), mask)
    }

    /// `input` with each contiguous secret region replaced by `mask`.
    pub fn redact_text(&self, input: &[u8], mask: &str) -> Vec<u8> {
        replace(input, &self.secret_bytes(input), mask)
    }

    /// The same for a stream that ended abnormally after `input`.
    pub fn redact_text_on_abort(&self, input: &[u8], mask: &str) -> Vec<u8> {
        replace(input, &self.secret_bytes_on_abort(input), mask)
    }

    /// The secrets of `input`, from left to right.
    pub fn secrets(&self, input: &[u8]) -> Vec<OracleSecret> {
        let by_rule = self.secret_bytes_by_rule(input);
        regions(&union(input.len(), &by_rule))
            .into_iter()
            .map(|range| {
                let owner = by_rule
                    .iter()
                    .position(|secret| secret[range.start])
                    .expect("some rule makes each byte of the union secret");
                let complete = self.rules.iter().zip(&by_rule).any(|(rule, secret)| {
                    let covered = secret[range.clone()].iter().filter(|&&s| s).count();
                    whole_token(&rule.name).is_some_and(|length| covered >= length)
                });
                OracleSecret {
                    rule: self.rules[owner].name.clone(),
                    range,
                    complete,
                }
            })
            .collect()
    }

    /// How many bytes a redactor must withhold that has seen `input` and does
    /// not know what follows.
    pub fn held(&self, input: &[u8]) -> usize {
        let secret = self.secret_bytes(input);
        let first = self
            .rules
            .iter()
            .flat_map(|rule| &rule.patterns)
            .flat_map(|pattern| pattern.undecided(input))
            .filter(|&at| !secret[at])
            .min();
        first.map_or(0, |at| input.len() - at)
    }

    /// What an abnormal end after `input` must not show: the secret bytes and
    /// the withheld ones.
    pub fn secret_bytes_on_abort(&self, input: &[u8]) -> Vec<bool> {
        let mut secret = self.secret_bytes(input);
        let held = self.held(input);
        secret[input.len() - held..].fill(true);
        secret
    }
}

impl Pattern {
    fn new(pattern: &OraclePattern) -> Pattern {
        let keep = Nfa::new(&pattern.keep);
        assert!(!keep.matches_whole(b""), "{pattern:?} keeps nothing");
        let class = Nfa::new(&pattern.secret);
        Pattern {
            keep,
            secret: (0..=255u8)
                .map(|byte| class.matches_whole(&[byte]))
                .collect(),
            min: pattern.min as usize,
            max: pattern.max.map_or(usize::MAX, |max| max as usize),
        }
    }

    fn secret_bytes(&self, input: &[u8]) -> Vec<bool> {
        let runs = self.runs(input);
        let mut secret = vec![false; input.len()];
        // The regions of one pattern end in the order in which they begin, so
        // what is already marked need not be marked again.
        let mut marked = 0;
        for p in self.keep.ends(input) {
            if runs[p] >= self.min {
                let end = p + runs[p].min(self.max);
                secret[p.max(marked).min(end)..end].fill(true);
                marked = marked.max(end);
            }
        }
        secret
    }

    /// The bytes of runs that are too short and end where the input ends: more
    /// input could make them secret.
    fn undecided(&self, input: &[u8]) -> Vec<usize> {
        let runs = self.runs(input);
        let first = self
            .keep
            .ends(input)
            .into_iter()
            .find(|&p| runs[p] < self.min && p + runs[p] == input.len());
        // A later such end has a shorter run inside of this one.
        first.map_or_else(Vec::new, |p| (p..input.len()).collect())
    }

    /// For each offset, the length of the longest run that starts there.
    fn runs(&self, input: &[u8]) -> Vec<usize> {
        let mut runs = vec![0; input.len() + 1];
        for (at, &byte) in input.iter().enumerate().rev() {
            if self.secret[usize::from(byte)] {
                runs[at] = runs[at + 1] + 1;
            }
        }
        runs
    }
}

/// How many bytes of a token are secret, if `rule` finds tokens.
fn whole_token(rule: &str) -> Option<usize> {
    match rule {
        "token" | "token-any-id" | "token-wrapped" | "published" => Some(64),
        "tenant-token" => Some(24),
        _ => None,
    }
}

fn union(length: usize, sets: &[Vec<bool>]) -> Vec<bool> {
    (0..length)
        .map(|at| sets.iter().any(|set| set[at]))
        .collect()
}

fn fill(input: &[u8], secret: &[bool], mask: u8) -> Vec<u8> {
    input
        .iter()
        .zip(secret)
        .map(|(&byte, &secret)| if secret { mask } else { byte })
        .collect()
}

fn replace(input: &[u8], secret: &[bool], mask: &str) -> Vec<u8> {
    let mut output = Vec::new();
    let mut at = 0;
    for region in regions(secret) {
        output.extend_from_slice(&input[at..region.start]);
        output.extend_from_slice(mask.as_bytes());
        at = region.end;
    }
    output.extend_from_slice(&input[at..]);
    output
}

/// The maximal runs of `true`.
fn regions(secret: &[bool]) -> Vec<Range<usize>> {
    let mut regions: Vec<Range<usize>> = Vec::new();
    for at in (0..secret.len()).filter(|&at| secret[at]) {
        match regions.last_mut() {
            Some(region) if region.end == at => region.end += 1,
            _ => regions.push(at..at + 1),
        }
    }
    regions
}
