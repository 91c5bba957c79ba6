//! What the tests of the adapters share.

// Each test binary uses its own part of this.
#![allow(dead_code)]

use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use dtmask_core::{Mask, Redactor, Rule};
use dtmask_test::oracle::OracleRule;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Runs `future` to its end, polling only when it was woken.
///
/// # Panics
///
/// If it is pending and nothing will wake it.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    let mut task = tokio_test::task::spawn(future);
    loop {
        match task.poll() {
            Poll::Ready(output) => return output,
            Poll::Pending => assert!(task.is_woken(), "pending, and nothing will wake it"),
        }
    }
}

/// Polls `future` once and drops it, as a `select!` that took another branch does.
pub(crate) fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    tokio_test::task::spawn(future).poll()
}

/// Makes a blocking reader or writer an asynchronous one: every call is pending first,
/// and `WouldBlock` means pending.
#[derive(Debug)]
pub(crate) struct Polled<T> {
    pub(crate) inner: T,
    /// Whether the next call is pending.
    pends: bool,
    /// How often it was shut down.
    pub(crate) shut: usize,
}

impl<T> Polled<T> {
    pub(crate) fn new(inner: T) -> Polled<T> {
        Polled {
            inner,
            pends: true,
            shut: 0,
        }
    }

    fn poll<V>(
        &mut self,
        cx: &mut Context<'_>,
        call: impl FnOnce(&mut Self) -> io::Result<V>,
    ) -> Poll<io::Result<V>> {
        let result = if self.pends {
            Err(io::ErrorKind::WouldBlock.into())
        } else {
            call(self)
        };
        self.pends = !self.pends;
        match result {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            result => Poll::Ready(result),
        }
    }
}

impl<T: Read + Unpin> AsyncRead for Polled<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = self.poll(cx, |this| this.inner.read(buf.initialize_unfilled()));
        read.map_ok(|len| buf.advance(len))
    }
}

impl<T: Write + Unpin> AsyncWrite for Polled<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll(cx, |this| this.inner.write(bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(cx, |this| this.inner.flush())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(cx, |this| {
            this.shut += 1;
            Ok(())
        })
    }
}

/// A blocking writer that never blocks, as an asynchronous one that is always ready.
#[derive(Debug)]
pub(crate) struct Always<T>(pub(crate) T);

impl<T: Write + Unpin> AsyncWrite for Always<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.0.write(bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.flush())
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Gives a chunk at a time; an empty one would block.
#[derive(Debug)]
pub(crate) struct Chunks {
    chunks: VecDeque<Vec<u8>>,
    /// What comes after the last of them instead of the end.
    error: Option<&'static str>,
}

impl Chunks {
    pub(crate) fn new(chunks: &[&[u8]]) -> Chunks {
        Chunks {
            chunks: chunks.iter().map(|chunk| chunk.to_vec()).collect(),
            error: None,
        }
    }

    /// The same with an error of that message behind the last chunk.
    pub(crate) fn failing(chunks: &[&[u8]], error: &'static str) -> Chunks {
        Chunks {
            error: Some(error),
            ..Chunks::new(chunks)
        }
    }
}

impl Read for Chunks {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(chunk) = self.chunks.front_mut() else {
            return self
                .error
                .take()
                .map_or(Ok(0), |e| Err(io::Error::other(e)));
        };
        if chunk.is_empty() {
            self.chunks.pop_front();
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let len = buf.len().min(chunk.len());
        buf[..len].copy_from_slice(&chunk[..len]);
        chunk.drain(..len);
        if chunk.is_empty() {
            self.chunks.pop_front();
        }
        Ok(len)
    }
}

/// A redactor of rules as the oracle writes them, and no others.
pub(crate) fn redactor_of(rules: &[OracleRule], mask: Mask) -> Redactor {
    let none = dtmask_core::builtin_rules().fold(Redactor::builder(), |builder, rule| {
        builder.without(rule.name())
    });
    rules
        .iter()
        .map(|rule| {
            rule.patterns.iter().fold(Rule::new(&rule.name), |of, p| {
                of.pattern(&p.keep, &p.secret, p.min, p.max)
            })
        })
        .fold(none.mask(mask), dtmask_core::Builder::rule)
        .build()
        .expect("rules drawn at random are valid")
}

/// The default rules with a mask that changes lengths.
pub(crate) fn text_redactor() -> Redactor {
    Redactor::builder()
        .mask(Mask::text("[REDACTED]").expect("the text is printable"))
        .build()
        .expect("the mask is inert")
}

/// Bytes as a failed assertion shows them.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
