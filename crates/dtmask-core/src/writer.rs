//! Redaction in front of an [`io::Write`].

use std::fmt;
use std::io::{self, IoSlice, Write};

use crate::engine::Glance;
use crate::redactor::Redactor;
use crate::stats::Stats;
use crate::stream::{Segments, Stream};

/// Redacts all that is written to it before it goes to the inner writer.
///
/// Every write leads to at most one write of the inner writer, so lines stay whole. A
/// write takes all of its bytes or fails. Flushing hands on no byte that is still
/// undecided: only the end of the stream does, with [`finish`](Self::finish), or when
/// the writer is dropped. If it is dropped while unwinding, or after
/// [`abort`](Self::abort), undecided bytes come out masked.
///
/// # Errors
///
/// An error of the inner writer is returned once, as it is; an interrupted write is
/// tried again. After an error nobody knows what was written, so every later call
/// fails, and what was held back is never written.
///
/// # Examples
///
/// ```
/// use std::io::Write;
/// use dtmask_core::{Redactor, RedactWriter};
///
/// let mut log = RedactWriter::new(&Redactor::new(), Vec::new());
/// write!(log, "Api-Token FAKE_legacy-")?;
/// write!(log, "tok3n_abc rejected")?;
/// assert_eq!(log.finish()?, b"Api-Token ********************* rejected");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct RedactWriter<W: Write> {
    /// `None` only after the end, so that dropping does nothing more.
    inner: Option<W>,
    stream: Stream,
    /// The bytes of one write, where they are not a slice of the input.
    buffer: Vec<u8>,
    poisoned: bool,
}

impl<W: Write> RedactWriter<W> {
    /// A writer at the beginning of a stream.
    pub fn new(redactor: &Redactor, inner: W) -> Self {
        Self {
            inner: Some(inner),
            stream: redactor.stream(),
            buffer: Vec::new(),
            poisoned: false,
        }
    }

    /// The inner writer.
    pub fn get_ref(&self) -> &W {
        self.inner.as_ref().expect(ENDED)
    }

    /// What was seen and masked so far.
    pub fn stats(&self) -> Stats<'_> {
        self.stream.stats()
    }

    /// The clean end of the stream: writes undecided bytes as they are and flushes.
    ///
    /// # Errors
    ///
    /// If the inner writer fails, or has failed before.
    pub fn finish(mut self) -> io::Result<W> {
        self.end(false)?;
        Ok(self.inner.take().expect(ENDED))
    }

    /// An abnormal end of the stream: writes undecided bytes masked and flushes.
    ///
    /// # Errors
    ///
    /// If the inner writer fails, or has failed before.
    pub fn abort(mut self) -> io::Result<W> {
        self.end(true)?;
        Ok(self.inner.take().expect(ENDED))
    }

    fn end(&mut self, abnormal: bool) -> io::Result<()> {
        let Some(inner) = &mut self.inner else {
            return Ok(());
        };
        check(self.poisoned)?;
        let segments = if abnormal {
            self.stream.abort()
        } else {
            self.stream.finish()
        };
        // Whatever comes of it, there is nothing more to write.
        self.poisoned = true;
        hand_on(segments, 0, inner, &mut self.buffer)?;
        flush(inner)
    }

    fn guarded<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        self.poisoned |= result.is_err();
        result
    }
}

impl<W: Write> Write for RedactWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        check(self.poisoned)?;
        let inner = self.inner.as_mut().expect(ENDED);
        let glance = self.stream.glance(bytes);
        let written = if matches!(glance, Glance::Clean) {
            inner.write_all(bytes)
        } else {
            let len = self.stream.held_len() + bytes.len();
            let segments = self.stream.push_glanced(bytes, glance);
            hand_on(segments, len, inner, &mut self.buffer)
        };
        self.guarded(written)
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if let [slice] = slices {
            return self.write(slice);
        }
        // One write for all of them, as the inner writer would have made.
        check(self.poisoned)?;
        let len: usize = slices.iter().map(|slice| slice.len()).sum();
        self.buffer.clear();
        self.buffer.reserve_exact(self.stream.held_len() + len);
        for slice in slices {
            for segment in self.stream.push(slice) {
                self.buffer.extend_from_slice(segment.as_bytes());
            }
        }
        if !self.buffer.is_empty() {
            let written = self.inner.as_mut().expect(ENDED).write_all(&self.buffer);
            self.guarded(written)?;
        }
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        check(self.poisoned)?;
        let flushed = flush(self.inner.as_mut().expect(ENDED));
        self.guarded(flushed)
    }
}

impl<W: Write> Drop for RedactWriter<W> {
    fn drop(&mut self) {
        // Who wants to know of an error calls `finish`.
        let _ = self.end(std::thread::panicking());
    }
}

impl<W: Write> fmt::Debug for RedactWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedactWriter")
            .field("stream", &self.stream)
            .field("poisoned", &self.poisoned)
            .finish_non_exhaustive()
    }
}

const ENDED: &str = "only the end of the stream takes the inner writer";

#[inline]
fn check(poisoned: bool) -> io::Result<()> {
    if poisoned {
        Err(failed_before())
    } else {
        Ok(())
    }
}

#[cold]
fn failed_before() -> io::Error {
    io::Error::other("an earlier write failed, so this redacting writer takes no more")
}

fn flush(inner: &mut impl Write) -> io::Result<()> {
    loop {
        match inner.flush() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            flushed => return flushed,
        }
    }
}

/// Writes all segments in one write; a single one without a copy. Several have `len`
/// bytes at most, but for masks that are longer than what they stand for.
fn hand_on(
    mut segments: Segments<'_>,
    len: usize,
    inner: &mut impl Write,
    buffer: &mut Vec<u8>,
) -> io::Result<()> {
    let Some(first) = segments.next() else {
        return Ok(());
    };
    let Some(second) = segments.next() else {
        // The segments have to be let go of first: they are complete then.
        return inner.write_all(first.as_bytes());
    };
    buffer.clear();
    buffer.reserve_exact(len);
    for segment in [first, second].into_iter().chain(segments) {
        buffer.extend_from_slice(segment.as_bytes());
    }
    inner.write_all(buffer)
}
