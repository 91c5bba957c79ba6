//! A [`MakeWriter`] that redacts in front of any other.

use std::sync::LazyLock;

use dtmask_core::Redactor;
use tracing_subscriber::fmt::MakeWriter;

use crate::counters::Counters;
use crate::event::EventWriter;
use crate::redaction::Redaction;

/// The default rules, compiled once for the whole process.
static DEFAULT: LazyLock<Redactor> = LazyLock::new(Redactor::new);

/// Redacts every event before the inner [`MakeWriter`]'s writer gets it.
///
/// Each event is redacted by itself, in one write of the inner writer, on the thread
/// that logs it. No event knows of another, so any number of threads can log at the
/// same time. Clones share their [`Counters`].
///
/// [`RedactExt::redacted`] makes one with the default rules.
///
/// # Examples
///
/// ```
/// use dtmask_tracing::{RedactMakeWriter, Redactor};
///
/// let redactor = Redactor::builder().hide_id("dt0s01").with("jwt").build()?;
/// let writer = RedactMakeWriter::with_redactor(std::io::stderr, redactor);
/// let subscriber = tracing_subscriber::fmt().with_writer(writer).finish();
/// # drop(subscriber);
/// # Ok::<(), dtmask_tracing::dtmask_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct RedactMakeWriter<M> {
    inner: M,
    redaction: Redaction,
}

impl<M> RedactMakeWriter<M> {
    /// Redacts with the default rules and the default mask.
    pub fn new(inner: M) -> Self {
        Self::with_redactor(inner, DEFAULT.clone())
    }

    /// Redacts with `redactor`.
    pub fn with_redactor(inner: M, redactor: Redactor) -> Self {
        Self {
            inner,
            redaction: Redaction::new(redactor),
        }
    }

    /// What is masked by this and all its clones, now and later.
    ///
    /// A secret counts when it is masked, whether or not the inner writer then writes
    /// it: a level filter inside of this one may have thrown the event away.
    pub fn counters(&self) -> Counters {
        self.redaction.counters.clone()
    }

    /// The redactor.
    pub fn redactor(&self) -> &Redactor {
        &self.redaction.redactor
    }

    /// The inner `MakeWriter`.
    pub fn get_ref(&self) -> &M {
        &self.inner
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for RedactMakeWriter<M> {
    type Writer = EventWriter<'a, M::Writer>;

    #[inline]
    fn make_writer(&'a self) -> Self::Writer {
        EventWriter::new(&self.redaction, self.inner.make_writer())
    }

    #[inline]
    fn make_writer_for(&'a self, meta: &tracing_core::Metadata<'_>) -> Self::Writer {
        EventWriter::new(&self.redaction, self.inner.make_writer_for(meta))
    }
}

/// Adds [`redacted`](Self::redacted) to every [`MakeWriter`].
pub trait RedactExt<'a>: MakeWriter<'a> {
    /// Redacts with the default rules and the default mask.
    ///
    /// # Examples
    ///
    /// ```
    /// use dtmask_tracing::RedactExt;
    ///
    /// let subscriber = tracing_subscriber::fmt()
    ///     .with_writer(std::io::stderr.redacted())
    ///     .finish();
    /// # drop(subscriber);
    /// ```
    fn redacted(self) -> RedactMakeWriter<Self>
    where
        Self: Sized,
    {
        RedactMakeWriter::new(self)
    }

    /// Redacts with `redactor`.
    fn redacted_by(self, redactor: Redactor) -> RedactMakeWriter<Self>
    where
        Self: Sized,
    {
        RedactMakeWriter::with_redactor(self, redactor)
    }
}

impl<'a, M: MakeWriter<'a>> RedactExt<'a> for M {}
