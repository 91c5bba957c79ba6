//! Redacts Dynatrace tokens in what tokio reads and writes.
//!
//! Whatever moves bytes in a tokio service has a place where they can be redacted:
//!
//! | what you have | what to use |
//! |---|---|
//! | a reader and a writer to connect | [`copy()`] |
//! | an `AsyncRead` | [`RedactRead`] |
//! | an `AsyncWrite` | [`RedactWrite`] |
//! | a `Stream<Item = Result<Bytes, E>>`, such as the body of a request | [`RedactStream`] |
//! | a `FramedRead` | [`RedactCodec`] |
//!
//! All of them redact one byte stream, from its beginning to its end, exactly as
//! [`Redactor::redact`] would if it had it as a whole: a secret may be cut into reads, writes
//! and chunks in any way. None of them waits for lines, and none has a timer. What was
//! read is handed on at once, but the first bytes of a run that may yet turn out to be a
//! secret, 15 at most with the default rules. Memory does not depend on the length of the
//! input.
//!
//! ```
//! use dtmask_tokio::Redactor;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! # let (mut upstream, mut sink) = (&b"tenantToken=FAKEtenantTok3n0"[..], Vec::new());
//! dtmask_tokio::copy(&mut upstream, &mut sink, &Redactor::new()).await?;
//! # assert_eq!(sink, b"tenantToken=****************");
//! # Ok(())
//! # }
//! ```
//!
//! # Where the stream ends
//!
//! Only a clean end releases what is undecided as it is: the reader's or the stream's end,
//! and for [`RedactWrite`] the shutdown. A read error masks it. A writer's error
//! loses it, and so does dropping any of these midway: nothing that was held back ever
//! comes out later.
//!
//! # Cancel safety
//!
//! | what | may be cancelled |
//! |---|---|
//! | `next()` on [`RedactStream`], or on a `FramedRead` with [`RedactCodec`] | yes |
//! | `read()` from [`RedactRead`] | yes |
//! | `write()` to [`RedactWrite`], `flush()` | yes |
//! | `shutdown()`, [`RedactWrite::finish`], [`RedactWrite::abort`] | yes, to be called again; the stream has ended |
//! | `read_exact()`, `read_to_end()`, `write_all()` | no, as with any reader or writer |
//! | [`copy()`] | no, what was read and not yet written is lost |
//!
//! # Copies
//!
//! With [`RedactCodec`] and [`RedactStream`] clean bytes are slices of the allocation they
//! came in, and fill masks are slices of a static one. [`RedactRead`] and [`copy()`] mask
//! in the buffer they read into. [`RedactWrite`] hands a clean write on as the slice it was
//! given, and gathers any other, so that one write stays one write.
//!
//! # Lengths
//!
//! A fill mask, the default, keeps every length: a `Content-Length` or the length of a
//! record stays true. With a text mask it does not.

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod buffer;
mod codec;
mod copy;
mod frames;
mod mask;
mod read;
mod stream;
mod write;

pub use crate::codec::RedactCodec;
pub use crate::copy::copy;
pub use crate::read::RedactRead;
pub use crate::stream::RedactStream;
pub use crate::write::RedactWrite;
pub use dtmask_core::{self, Redactor, Stats};
