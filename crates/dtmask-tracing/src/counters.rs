//! What was masked so far, for a service that wants to know that it leaks.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dtmask_core::{Redactor, Rule};

/// How many secrets were masked, by rule; a handle that can be read at any time.
///
/// Clones share their numbers, and so do clones of a
/// [`RedactMakeWriter`](crate::RedactMakeWriter). They only ever grow, and they never
/// hold a secret. An event in which nothing was masked does not touch them.
///
/// # Examples
///
/// ```
/// use dtmask_tracing::RedactExt;
///
/// let writer = std::io::stderr.redacted();
/// let counters = writer.counters();
/// let subscriber = tracing_subscriber::fmt().with_writer(writer).finish();
/// // Later, from wherever metrics are collected:
/// for (rule, secrets) in counters.by_rule().filter(|&(_, secrets)| secrets > 0) {
///     eprintln!("{secrets} secrets were about to be logged, found by the rule {rule}");
/// }
/// # drop(subscriber);
/// ```
#[derive(Clone)]
pub struct Counters {
    /// In table order.
    rules: Arc<[RuleCounter]>,
}

struct RuleCounter {
    rule: Box<str>,
    secrets: AtomicU64,
}

impl Counters {
    pub(crate) fn new(redactor: &Redactor) -> Self {
        let zero = |rule: &Rule| RuleCounter {
            rule: rule.name().into(),
            secrets: AtomicU64::new(0),
        };
        Self {
            rules: redactor.rules().map(zero).collect(),
        }
    }

    /// The secrets masked by all rules.
    pub fn secrets(&self) -> u64 {
        self.by_rule().map(|(_, secrets)| secrets).sum()
    }

    /// The secrets masked by each active rule, in table order. A secret counts for the
    /// first rule that makes its first byte secret.
    pub fn by_rule(&self) -> impl Iterator<Item = (&str, u64)> {
        // No other memory depends on these numbers, so no order is needed.
        let count = |counter: &RuleCounter| counter.secrets.load(Ordering::Relaxed);
        self.rules.iter().map(move |c| (&*c.rule, count(c)))
    }

    /// Counts `secrets` more of `rule`.
    pub(crate) fn add(&self, rule: &str, secrets: u64) {
        if let Some(counter) = self.rules.iter().find(|counter| &*counter.rule == rule) {
            counter.secrets.fetch_add(secrets, Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.by_rule()).finish()
    }
}
