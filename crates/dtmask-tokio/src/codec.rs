//! Redaction as a decoder.

use std::io;

use bytes::{Bytes, BytesMut};
use dtmask_core::{Redactor, Stats};
use tokio_util::codec::Decoder;

use crate::frames::Frames;

/// Decodes a byte stream into redacted frames.
///
/// A frame is what could be handed on without a copy, not a line or a record: put
/// together, the frames are the redacted stream, however it was cut. A clean frame is a
/// slice of the allocation it was read into, a fill mask is a slice of a static one, and
/// all frames share the text of a text mask. Only bytes that were undecided at the end of
/// a read, a few at most, and masks in UTF-16 are copied.
///
/// All that is decided comes out at once. The end of the input settles the rest, which
/// is no secret then.
///
/// There is no encoder: an encoder never learns of the end of the stream, so it could
/// not settle what is undecided. To redact what is written use
/// [`RedactWrite`](crate::RedactWrite).
///
/// # Errors
///
/// Decoding itself never fails. After a read error `FramedRead` hands that error on, then
/// one `None`, and tells the decoder nothing of it. Call [`abort`](Self::abort) then, which
/// gives what was held back, masked. Whoever polls on without it resumes the stream: if the
/// reader says next that it is at its end, that is a clean end to the decoder, and what
/// was held back comes out as it is. [`RedactStream`](crate::RedactStream) ends for good
/// by itself.
///
/// # Cancel safety
///
/// All state is in the codec and the `FramedRead` around it. Dropping a future of `next()`
/// loses nothing.
///
/// # Examples
///
/// ```
/// use dtmask_tokio::{Redactor, RedactCodec};
/// use tokio_stream::StreamExt;
/// use tokio_util::codec::FramedRead;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let log = &b"tenantToken=FAKEtenantTok3n0 rejected\n"[..];
/// let mut frames = FramedRead::new(log, RedactCodec::new(&Redactor::new()));
/// assert_eq!(frames.try_next().await?.unwrap(), "tenantToken=");
/// assert_eq!(frames.try_next().await?.unwrap(), "****************");
/// assert_eq!(frames.try_next().await?.unwrap(), " rejected\n");
/// assert!(frames.try_next().await?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct RedactCodec {
    frames: Frames,
}

impl RedactCodec {
    /// A codec at the beginning of a stream.
    pub fn new(redactor: &Redactor) -> Self {
        Self {
            frames: Frames::new(redactor),
        }
    }

    /// What was seen and masked so far.
    pub fn stats(&self) -> Stats<'_> {
        self.frames.stats()
    }

    /// An abnormal end of the stream: returns all that was decoded and not yet taken, and
    /// what was held back, masked. The codec is then as new, but for its statistics.
    ///
    /// # Examples
    ///
    /// ```
    /// use bytes::BytesMut;
    /// use dtmask_tokio::{Redactor, RedactCodec};
    /// use tokio_util::codec::Decoder;
    ///
    /// let mut codec = RedactCodec::new(&Redactor::new());
    /// let mut read = BytesMut::from("tenantToken=FAKEten");
    /// assert_eq!(codec.decode(&mut read)?.unwrap(), "tenantToken=");
    /// assert_eq!(codec.abort(), ["*******"]);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn abort(&mut self) -> Vec<Bytes> {
        self.frames.abort();
        std::iter::from_fn(|| self.frames.next()).collect()
    }
}

impl Decoder for RedactCodec {
    type Item = Bytes;
    type Error = io::Error;

    /// The next frame. Takes all of `src` when it has given the frames of what it took
    /// before.
    ///
    /// # Errors
    ///
    /// Never.
    fn decode(&mut self, src: &mut BytesMut) -> io::Result<Option<Bytes>> {
        loop {
            if let Some(frame) = self.frames.next() {
                return Ok(Some(frame));
            }
            if src.is_empty() {
                return Ok(None);
            }
            self.frames.push(src.split().freeze());
        }
    }

    /// The next frame up to and including what is undecided at the end of the input, which
    /// is no secret. The codec is then as new, but for its statistics.
    ///
    /// # Errors
    ///
    /// Never.
    fn decode_eof(&mut self, src: &mut BytesMut) -> io::Result<Option<Bytes>> {
        if let Some(frame) = self.decode(src)? {
            return Ok(Some(frame));
        }
        self.frames.finish();
        Ok(self.frames.next())
    }
}
