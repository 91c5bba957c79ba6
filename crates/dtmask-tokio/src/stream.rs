//! Redaction behind a stream of chunks.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use dtmask_core::{Redactor, Stats};
use futures_core::stream::{FusedStream, Stream, TryStream};
use pin_project_lite::pin_project;

use crate::frames::Frames;

pin_project! {
    /// Redacts a `Stream<Item = Result<Bytes, E>>`, such as the body of a response or
    /// tokio-util's `ReaderStream`.
    ///
    /// It is a stream of the same items. A chunk without a secret comes out as it is, the
    /// same slice of the same allocation; of any other the clean parts are slices of it,
    /// and a fill mask is a slice of a static one. All that is decided comes out before the next
    /// chunk is asked for. The end of the inner stream settles the rest, which is no
    /// secret then.
    ///
    /// # Errors
    ///
    /// An error of the inner stream is an abnormal end: what was held back comes out
    /// masked, then the error, as it is, and then the stream has ended. The inner
    /// stream is not polled again.
    ///
    /// # Cancel safety
    ///
    /// All state is in the adapter. Dropping a future of `next()` loses nothing. If the
    /// adapter itself is dropped, what it held back never comes out.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::Bytes;
    /// use dtmask_tokio::{Redactor, RedactStream};
    /// use tokio_stream::StreamExt;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let chunks = ["tenantToken=FAKEten", "antTok3n0 rejected"];
    /// let body = tokio_stream::iter(chunks.map(|chunk| Ok::<_, std::io::Error>(chunk.into())));
    /// let redacted: Result<Vec<Bytes>, _> = RedactStream::new(&Redactor::new(), body).collect().await;
    /// assert_eq!(redacted.unwrap().concat(), b"tenantToken=**************** rejected");
    /// # }
    /// ```
    #[must_use = "streams do nothing unless polled"]
    pub struct RedactStream<S: TryStream> {
        #[pin]
        inner: S,
        frames: Frames,
        state: State<S::Error>,
    }
}

#[derive(Debug)]
enum State<E> {
    Reading,
    /// The inner stream failed; the error comes when all frames were taken.
    Failing(E),
    /// No more frames will be added.
    Ended,
}

impl<S: TryStream> RedactStream<S> {
    /// An adapter at the beginning of a stream.
    pub fn new(redactor: &Redactor, inner: S) -> Self {
        Self {
            inner,
            frames: Frames::new(redactor),
            state: State::Reading,
        }
    }

    /// The inner stream.
    pub fn get_ref(&self) -> &S {
        &self.inner
    }

    /// The inner stream. What was taken from it and not from here is lost.
    pub fn into_inner(self) -> S {
        self.inner
    }

    /// What was seen and masked so far.
    pub fn stats(&self) -> Stats<'_> {
        self.frames.stats()
    }
}

impl<S: TryStream<Ok = Bytes>> Stream for RedactStream<S> {
    type Item = Result<Bytes, S::Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        loop {
            if let Some(frame) = this.frames.next() {
                return Poll::Ready(Some(Ok(frame)));
            }
            match std::mem::replace(this.state, State::Ended) {
                State::Reading => *this.state = State::Reading,
                State::Failing(error) => return Poll::Ready(Some(Err(error))),
                State::Ended => return Poll::Ready(None),
            }
            match ready!(this.inner.as_mut().try_poll_next(cx)) {
                Some(Ok(chunk)) => this.frames.push(chunk),
                Some(Err(error)) => {
                    *this.state = State::Failing(error);
                    this.frames.abort();
                }
                None => {
                    *this.state = State::Ended;
                    this.frames.finish();
                }
            }
        }
    }
}

impl<S: TryStream<Ok = Bytes>> FusedStream for RedactStream<S> {
    fn is_terminated(&self) -> bool {
        matches!(self.state, State::Ended) && self.frames.is_empty()
    }
}

/// Without the inner stream, which may hold bytes that nobody has redacted yet.
impl<S: TryStream> fmt::Debug for RedactStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedactStream")
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}
