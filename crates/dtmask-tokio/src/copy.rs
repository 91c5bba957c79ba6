//! From a reader to a writer.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use dtmask_core::Redactor;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::buffer::Buffer;
use crate::write::{poll_write_some, retried};

/// After so many reads without a pause other tasks get their turn, even if reader and
/// writer are always ready and know nothing of tokio's budget.
const READS_A_POLL: usize = 64;

/// Copies all of `reader` to `writer`, redacted, and returns how many bytes were written.
///
/// With a fill mask these are as many as were read. What was read is written at once,
/// but the bytes of an undecided run, and flushed when the reader has nothing more for
/// now, so that a prompt is seen before it is answered. The writer is flushed at the end
/// and not shut down, as with tokio's `copy`.
///
/// Memory is a buffer of 16 KiB, whatever the length of the input and of its lines, and with
/// a text mask a second one for what those bytes become.
///
/// # Errors
///
/// If the reader fails, what is undecided is written masked, the writer is flushed, and
/// the reader's error is returned. If the writer fails, its error is returned, or the
/// reader's if that came first; what was held back is not written. An interrupted read or
/// write is tried again.
///
/// # Cancel safety
///
/// Not cancel safe: when the future is dropped, what was read and not yet written is lost.
/// What was written until then is a front part of the redacted input: nothing held back
/// comes out, now or later.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let mut log = &b"tenantToken=FAKEtenantTok3n0\n"[..];
/// let mut out = Vec::new();
/// let written = dtmask_tokio::copy(&mut log, &mut out, &dtmask_tokio::Redactor::new()).await?;
/// assert_eq!(out, b"tenantToken=****************\n");
/// assert_eq!(written, 29);
/// # Ok(())
/// # }
/// ```
pub async fn copy<R, W>(reader: &mut R, writer: &mut W, redactor: &Redactor) -> io::Result<u64>
where
    R: AsyncRead + Unpin + ?Sized,
    W: AsyncWrite + Unpin + ?Sized,
{
    let mut copy = Copy {
        buffer: Buffer::new(redactor),
        written: 0,
        unflushed: false,
        state: State::Reading,
    };
    poll_fn(|cx| copy.poll(cx, Pin::new(&mut *reader), Pin::new(&mut *writer))).await
}

struct Copy {
    buffer: Buffer,
    written: u64,
    /// Whether something was written since the last flush, or the end is reached.
    unflushed: bool,
    state: State,
}

enum State {
    Reading,
    /// The reader is at its end.
    Ended,
    /// The reader failed; its error is returned when the buffer was written.
    Failing(io::Error),
}

impl Copy {
    fn poll<R, W>(
        &mut self,
        cx: &mut Context<'_>,
        mut reader: Pin<&mut R>,
        mut writer: Pin<&mut W>,
    ) -> Poll<io::Result<u64>>
    where
        R: AsyncRead + ?Sized,
        W: AsyncWrite + ?Sized,
    {
        for _ in 0..READS_A_POLL {
            let end = !matches!(self.state, State::Reading);
            if let Err(error) = ready!(self.poll_write(cx, writer.as_mut(), end)) {
                return Poll::Ready(Err(self.first_error(error)));
            }
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Reading => self.state = State::Reading,
                State::Failing(error) => return Poll::Ready(Err(error)),
                State::Ended => return Poll::Ready(Ok(self.written)),
            }
            let mut spare = ReadBuf::new(self.buffer.spare());
            match retried(|| reader.as_mut().poll_read(cx, &mut spare)) {
                Poll::Ready(Ok(())) => match spare.filled().len() {
                    0 => {
                        self.state = State::Ended;
                        self.unflushed = true;
                        self.buffer.finish();
                    }
                    len => self.buffer.redact(len),
                },
                Poll::Ready(Err(error)) => {
                    self.state = State::Failing(error);
                    self.unflushed = true;
                    self.buffer.abort();
                }
                Poll::Pending => {
                    ready!(self.poll_write(cx, writer, true))?;
                    return Poll::Pending;
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Writes all that is ready, and flushes if asked to and of any use.
    fn poll_write<W: AsyncWrite + ?Sized>(
        &mut self,
        cx: &mut Context<'_>,
        mut writer: Pin<&mut W>,
        flush: bool,
    ) -> Poll<io::Result<()>> {
        while !self.buffer.ready().is_empty() {
            let len = ready!(poll_write_some(writer.as_mut(), cx, self.buffer.ready()))?;
            self.buffer.consume(len);
            self.written += len as u64;
            self.unflushed = true;
        }
        if flush && self.unflushed {
            ready!(retried(|| writer.as_mut().poll_flush(cx)))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// The error to return when the writer failed with `error`.
    fn first_error(&mut self, error: io::Error) -> io::Error {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Failing(first) => first,
            State::Reading | State::Ended => error,
        }
    }
}
