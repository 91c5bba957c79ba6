//! Redaction in front of an [`AsyncWrite`].

use std::fmt;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use dtmask_core::{Redactor, Segments, Stats, Stream};
use pin_project_lite::pin_project;
use tokio::io::AsyncWrite;

/// The most bytes a write takes, and so what bounds the buffer.
const MAX_WRITE: usize = 64 << 10;

pin_project! {
    /// Redacts all that is written to it before it goes to the inner writer.
    ///
    /// A write takes up to 64 KiB and leads to one write of the inner writer, so lines
    /// stay whole; if the inner writer takes only a part, or is not ready, the rest is kept
    /// and goes out with the next write, flush or shutdown. No more is taken until it
    /// has. So the buffer never holds more than one write and what had been held back
    /// before it, both with their masks.
    ///
    /// Flushing hands on all that is decided and no byte that is not. Only the end of the
    /// stream settles that: shutting down, or [`finish`](Self::finish), which leaves the
    /// inner writer open, hand it on as it is, [`abort`](Self::abort) masks it. A writer
    /// that is just dropped can do neither, since that takes time: what it held back
    /// or kept never comes out.
    ///
    /// # Errors
    ///
    /// An error of the inner writer is returned once, as it is; an interrupted write is tried
    /// again. After an error nobody knows what was written, so every later call
    /// fails, and what was held back or kept is never written. After the end of the stream
    /// writing fails with [`BrokenPipe`](io::ErrorKind::BrokenPipe).
    ///
    /// # Cancel safety
    ///
    /// A write that is not ready has taken nothing, and one that is has taken what it
    /// says: `write` may be cancelled and tried again, with other bytes too. So may `flush`,
    /// `shutdown`, [`finish`](Self::finish) and [`abort`](Self::abort), but once one of
    /// the last three has begun, the stream has ended and takes no more. `write_all`
    /// may not, as with any writer.
    ///
    /// # Examples
    ///
    /// ```
    /// use dtmask_tokio::{RedactWrite, Redactor};
    /// use tokio::io::AsyncWriteExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let mut log = RedactWrite::new(&Redactor::new(), Vec::new());
    /// log.write_all(b"Api-Token FAKE_legacy-").await?;
    /// log.write_all(b"tok3n_abc rejected").await?;
    /// log.shutdown().await?;
    /// assert_eq!(log.get_ref(), b"Api-Token ********************* rejected");
    /// # Ok(())
    /// # }
    /// ```
    pub struct RedactWrite<W> {
        #[pin]
        inner: W,
        stream: Stream,
        outbox: Outbox,
        state: State,
    }
}

/// What is redacted and was not taken by the inner writer yet.
#[derive(Default)]
struct Outbox {
    bytes: Vec<u8>,
    /// The first so many of them were taken.
    written: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    /// The stream has ended; what it released may still have to be written.
    Settled,
    /// The inner writer is shut down.
    Shut,
    /// The inner writer failed.
    Poisoned,
}

/// How a stream ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Clean,
    Abnormal,
}

impl<W> RedactWrite<W> {
    /// A writer at the beginning of a stream.
    pub fn new(redactor: &Redactor, inner: W) -> Self {
        Self {
            inner,
            stream: redactor.stream(),
            outbox: Outbox::default(),
            state: State::Open,
        }
    }

    /// The inner writer.
    pub fn get_ref(&self) -> &W {
        &self.inner
    }

    /// The inner writer. What was held back or kept is lost: [`finish`](Self::finish) first.
    pub fn into_inner(self) -> W {
        self.inner
    }

    /// What was seen and masked so far.
    pub fn stats(&self) -> Stats<'_> {
        self.stream.stats()
    }
}

impl<W: AsyncWrite> RedactWrite<W> {
    /// The clean end of the stream: writes undecided bytes as they are and flushes. The
    /// inner writer is not shut down.
    ///
    /// # Errors
    ///
    /// If the inner writer fails, or has failed before.
    ///
    /// # Cancel safety
    ///
    /// May be cancelled and called again. The stream has ended all the same.
    pub async fn finish(&mut self) -> io::Result<()>
    where
        W: Unpin,
    {
        poll_fn(|cx| Pin::new(&mut *self).poll_finish(cx, End::Clean)).await
    }

    /// An abnormal end of the stream: writes undecided bytes masked and flushes. The inner
    /// writer is not shut down.
    ///
    /// # Errors
    ///
    /// If the inner writer fails, or has failed before.
    ///
    /// # Cancel safety
    ///
    /// May be cancelled and called again. The stream has ended all the same.
    pub async fn abort(&mut self) -> io::Result<()>
    where
        W: Unpin,
    {
        poll_fn(|cx| Pin::new(&mut *self).poll_finish(cx, End::Abnormal)).await
    }

    fn poll_finish(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        end: End,
    ) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_settle(cx, end))?;
        self.poll_flush(cx)
    }

    /// Ends the stream, unless it has ended, and writes all there is to write.
    fn poll_settle(self: Pin<&mut Self>, cx: &mut Context<'_>, end: End) -> Poll<io::Result<()>> {
        let this = self.project();
        this.state.check()?;
        if *this.state == State::Open {
            *this.state = State::Settled;
            this.outbox.extend(match end {
                End::Clean => this.stream.finish(),
                End::Abnormal => this.stream.abort(),
            });
        }
        let written = this.outbox.poll_drain(this.inner, cx);
        poisoning(this.state, this.outbox, written)
    }
}

impl<W: AsyncWrite> AsyncWrite for RedactWrite<W> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut this = self.project();
        this.state.check_open()?;
        let kept = this.outbox.poll_drain(this.inner.as_mut(), cx);
        ready!(poisoning(this.state, this.outbox, kept))?;

        let bytes = &bytes[..bytes.len().min(MAX_WRITE)];
        let segments = this.stream.push(bytes);
        let written = hand_on(segments, this.inner, this.outbox, cx);
        poisoning(this.state, this.outbox, Poll::Ready(written)).map_ok(|()| bytes.len())
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [slice] = slices {
            return self.poll_write(cx, slice);
        }
        let mut this = self.project();
        this.state.check_open()?;
        let kept = this.outbox.poll_drain(this.inner.as_mut(), cx);
        ready!(poisoning(this.state, this.outbox, kept))?;

        // One write for all of them, as the inner writer would have made.
        let mut taken = 0;
        for slice in slices {
            let bytes = &slice[..slice.len().min(MAX_WRITE - taken)];
            this.outbox.extend(this.stream.push(bytes));
            taken += bytes.len();
        }
        let written = this.outbox.drain_now(this.inner, cx);
        poisoning(this.state, this.outbox, Poll::Ready(written)).map_ok(|()| taken)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut this = self.project();
        this.state.check()?;
        let kept = this.outbox.poll_drain(this.inner.as_mut(), cx);
        ready!(poisoning(this.state, this.outbox, kept))?;
        let flushed = retried(|| this.inner.as_mut().poll_flush(cx));
        poisoning(this.state, this.outbox, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.as_mut().poll_settle(cx, End::Clean))?;
        let mut this = self.project();
        if *this.state == State::Shut {
            return Poll::Ready(Ok(()));
        }
        let shut = retried(|| this.inner.as_mut().poll_shutdown(cx));
        ready!(poisoning(this.state, this.outbox, shut))?;
        *this.state = State::Shut;
        Poll::Ready(Ok(()))
    }
}

impl State {
    fn check(self) -> io::Result<()> {
        if self == Self::Poisoned {
            return Err(io::Error::other(
                "an earlier write failed, so this redacting writer takes no more",
            ));
        }
        Ok(())
    }

    fn check_open(self) -> io::Result<()> {
        self.check()?;
        if self != Self::Open {
            return Err(io::Error::new(
                io::ErrorKind::BrokenPipe,
                "the stream of this redacting writer has ended",
            ));
        }
        Ok(())
    }
}

impl Outbox {
    fn extend(&mut self, segments: Segments<'_>) {
        for segment in segments {
            self.bytes.extend_from_slice(segment.as_bytes());
        }
    }

    /// Writes all there is.
    fn poll_drain<W: AsyncWrite>(
        &mut self,
        mut inner: Pin<&mut W>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.written < self.bytes.len() {
            let rest = &self.bytes[self.written..];
            self.written += ready!(poll_write_some(inner.as_mut(), cx, rest))?;
        }
        self.clear();
        Poll::Ready(Ok(()))
    }

    /// Writes as much as the inner writer takes now.
    fn drain_now<W: AsyncWrite>(
        &mut self,
        inner: Pin<&mut W>,
        cx: &mut Context<'_>,
    ) -> io::Result<()> {
        match self.poll_drain(inner, cx) {
            Poll::Ready(drained) => drained,
            Poll::Pending => Ok(()),
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.written = 0;
    }
}

/// Writes as much of the segments as the inner writer takes now and keeps the rest; a
/// single segment is copied only if it must be kept. The outbox must be empty.
fn hand_on<W: AsyncWrite>(
    mut segments: Segments<'_>,
    mut inner: Pin<&mut W>,
    outbox: &mut Outbox,
    cx: &mut Context<'_>,
) -> io::Result<()> {
    let Some(first) = segments.next() else {
        return Ok(());
    };
    if let Some(second) = segments.next() {
        outbox.bytes.extend_from_slice(first.as_bytes());
        outbox.bytes.extend_from_slice(second.as_bytes());
        outbox.extend(segments);
        return outbox.drain_now(inner, cx);
    }
    let mut rest = first.as_bytes();
    while !rest.is_empty() {
        match poll_write_some(inner.as_mut(), cx, rest) {
            Poll::Ready(len) => rest = &rest[len?..],
            Poll::Pending => {
                outbox.bytes.extend_from_slice(rest);
                break;
            }
        }
    }
    Ok(())
}

/// Whatever comes after an error is refused, and nothing of before it comes out.
fn poisoning<T>(
    state: &mut State,
    outbox: &mut Outbox,
    result: Poll<io::Result<T>>,
) -> Poll<io::Result<T>> {
    if matches!(result, Poll::Ready(Err(_))) {
        *state = State::Poisoned;
        outbox.clear();
    }
    result
}

/// Writes at least one byte of `bytes`, which must not be empty.
pub(crate) fn poll_write_some<W: AsyncWrite + ?Sized>(
    mut writer: Pin<&mut W>,
    cx: &mut Context<'_>,
    bytes: &[u8],
) -> Poll<io::Result<usize>> {
    let written = ready!(retried(|| writer.as_mut().poll_write(cx, bytes)))?;
    if written == 0 {
        return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
    }
    Poll::Ready(Ok(written.min(bytes.len())))
}

/// Calls again what was interrupted.
pub(crate) fn retried<T>(mut call: impl FnMut() -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
    loop {
        match call() {
            Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

impl<W: fmt::Debug> fmt::Debug for RedactWrite<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedactWrite")
            .field("inner", &self.inner)
            .field("stream", &self.stream)
            .field("kept", &(self.outbox.bytes.len() - self.outbox.written))
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}
