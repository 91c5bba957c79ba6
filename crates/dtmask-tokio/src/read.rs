//! Redaction behind an [`AsyncRead`].

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use dtmask_core::{Redactor, Stats};
use pin_project_lite::pin_project;
use tokio::io::{AsyncRead, ReadBuf};

use crate::buffer::Buffer;

pin_project! {
    /// Redacts all that is read through it.
    ///
    /// A read is ready as soon as the inner reader gave something that is decided. At
    /// the end of the inner reader undecided bytes come out as they are. The inner reader
    /// is asked for 16 KiB at a time, however small the reads are, so there is no use for a
    /// `BufReader` inside.
    ///
    /// # Errors
    ///
    /// [`Interrupted`](io::ErrorKind::Interrupted) and
    /// [`WouldBlock`](io::ErrorKind::WouldBlock), which an `AsyncRead` should not give, are
    /// handed on and change nothing. Any other error of the inner reader is an abnormal
    /// end: undecided bytes come out masked, then comes the error, and every later
    /// read fails.
    ///
    /// # Cancel safety
    ///
    /// As safe as the inner reader: `poll_read` puts bytes into the caller's buffer only when
    /// it is ready, and what was read from the inner reader stays here until then. So
    /// `read` may be cancelled, and `read_exact` may not, as with any reader.
    ///
    /// # Examples
    ///
    /// ```
    /// use dtmask_tokio::{Redactor, RedactRead};
    /// use tokio::io::AsyncReadExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let log = &b"tenantToken=FAKEtenantTok3n0\n"[..];
    /// let mut text = String::new();
    /// RedactRead::new(&Redactor::new(), log).read_to_string(&mut text).await?;
    /// assert_eq!(text, "tenantToken=****************\n");
    /// # Ok(())
    /// # }
    /// ```
    pub struct RedactRead<R> {
        #[pin]
        inner: R,
        buffer: Buffer,
        state: State,
    }
}

#[derive(Debug)]
enum State {
    Reading,
    /// The inner reader is at its end.
    Ended,
    /// The inner reader failed; the error comes when the buffer was read.
    Failing(io::Error),
    /// The error was handed out.
    Failed,
}

impl<R> RedactRead<R> {
    /// A reader at the beginning of a stream.
    pub fn new(redactor: &Redactor, inner: R) -> Self {
        Self {
            inner,
            buffer: Buffer::new(redactor),
            state: State::Reading,
        }
    }

    /// The inner reader.
    pub fn get_ref(&self) -> &R {
        &self.inner
    }

    /// The inner reader. What was read from it and not from here is lost.
    pub fn into_inner(self) -> R {
        self.inner
    }

    /// What was seen and masked so far.
    pub fn stats(&self) -> Stats<'_> {
        self.buffer.stats()
    }
}

impl<R: AsyncRead> AsyncRead for RedactRead<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut this = self.project();
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        loop {
            let ready = this.buffer.ready();
            if !ready.is_empty() {
                let len = ready.len().min(buf.remaining());
                buf.put_slice(&ready[..len]);
                this.buffer.consume(len);
                return Poll::Ready(Ok(()));
            }
            match std::mem::replace(this.state, State::Failed) {
                State::Reading => *this.state = State::Reading,
                State::Ended => {
                    *this.state = State::Ended;
                    return Poll::Ready(Ok(()));
                }
                State::Failing(error) => return Poll::Ready(Err(error)),
                State::Failed => {
                    return Poll::Ready(Err(io::Error::other(
                        "an earlier read failed, so this redacting reader gives no more",
                    )));
                }
            }
            let mut spare = ReadBuf::new(this.buffer.spare());
            match ready!(this.inner.as_mut().poll_read(cx, &mut spare)) {
                Ok(()) => match spare.filled().len() {
                    0 => {
                        *this.state = State::Ended;
                        this.buffer.finish();
                    }
                    len => this.buffer.redact(len),
                },
                Err(error)
                    if matches!(
                        error.kind(),
                        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
                    ) =>
                {
                    return Poll::Ready(Err(error));
                }
                Err(error) => {
                    *this.state = State::Failing(error);
                    this.buffer.abort();
                }
            }
        }
    }
}

/// Without the inner reader, which may hold bytes that nobody has redacted yet.
impl<R> fmt::Debug for RedactRead<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedactRead")
            .field("buffer", &self.buffer)
            .finish_non_exhaustive()
    }
}
