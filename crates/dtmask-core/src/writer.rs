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
/// tried again. After an error or a panic of the inner writer nobody knows what was written,
/// so every later call fails, and what was held back is never written.
///
/// A panic or an error of what is formatted (`write!`) breaks the text off: what is undecided
/// of it comes out masked, and what is written next is a new beginning.
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
    /// The inner writer failed, or is at work: if it panics this stays.
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

    /// What was written last broke off in the midst of a text, but more may come.
    fn break_off(&mut self) -> io::Result<()> {
        self.guarded(|inner, stream, buffer| hand_on(stream.abort(), 0, inner, buffer))
    }

    /// Runs what uses the inner writer.
    #[inline]
    fn guarded(
        &mut self,
        run: impl FnOnce(&mut W, &mut Stream, &mut Vec<u8>) -> io::Result<()>,
    ) -> io::Result<()> {
        check(self.poisoned)?;
        self.poisoned = true;
        let inner = self.inner.as_mut().expect(ENDED);
        run(inner, &mut self.stream, &mut self.buffer)?;
        self.poisoned = false;
        Ok(())
    }
}

impl<W: Write> Write for RedactWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.guarded(|inner, stream, buffer| {
            let glance = stream.glance(bytes);
            if matches!(glance, Glance::Clean) {
                return inner.write_all(bytes);
            }
            let len = stream.held_len() + bytes.len();
            hand_on(stream.push_glanced(bytes, glance), len, inner, buffer)
        })
    }

    fn write_fmt(&mut self, args: fmt::Arguments<'_>) -> io::Result<()> {
        if let Some(text) = args.as_str() {
            return self.write_all(text.as_bytes());
        }
        let mut text = Text {
            writer: self,
            written: Ok(()),
            complete: false,
        };
        match fmt::write(&mut text, args) {
            Ok(()) => {
                text.complete = true;
                Ok(())
            }
            Err(fmt::Error) => {
                let written = std::mem::replace(&mut text.written, Ok(()));
                written.and(Err(io::Error::other("a value could not be formatted")))
            }
        }
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        if let [slice] = slices {
            return self.write(slice);
        }
        // One write for all of them, as the inner writer would have made.
        let len: usize = slices.iter().map(|slice| slice.len()).sum();
        self.guarded(|inner, stream, buffer| {
            buffer.clear();
            buffer.reserve_exact(stream.held_len() + len);
            for slice in slices {
                for segment in stream.push(slice) {
                    buffer.extend_from_slice(segment.as_bytes());
                }
            }
            if buffer.is_empty() {
                return Ok(());
            }
            inner.write_all(buffer)
        })?;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.guarded(|inner, _, _| flush(inner))
    }
}

/// A text that is being formatted, piece by piece.
struct Text<'w, W: Write> {
    writer: &'w mut RedactWriter<W>,
    /// What became of the last piece.
    written: io::Result<()>,
    complete: bool,
}

impl<W: Write> fmt::Write for Text<'_, W> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        self.written = self.writer.write_all(piece.as_bytes());
        self.written.as_ref().map_err(|_| fmt::Error).copied()
    }
}

impl<W: Write> Drop for Text<'_, W> {
    /// Also if formatting panicked.
    fn drop(&mut self) {
        if !self.complete {
            // Where it failed to write there is nothing more to be said.
            let _ = self.writer.break_off();
        }
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
