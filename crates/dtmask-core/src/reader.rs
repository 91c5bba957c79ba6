//! Redaction behind an [`io::Read`].

use std::fmt;
use std::io::{self, Read};

use crate::redactor::Redactor;
use crate::stats::Stats;
use crate::stream::Stream;

/// Redacts all that is read through it.
///
/// A read returns as soon as the inner reader gave something that is decided. At the
/// end of the inner reader undecided bytes come out as they are.
///
/// # Errors
///
/// [`Interrupted`](io::ErrorKind::Interrupted) and
/// [`WouldBlock`](io::ErrorKind::WouldBlock) are handed on and change nothing: the read
/// can be tried again. Any other error of the inner reader is an abnormal end:
/// undecided bytes come out masked, then comes the error, and every later read fails.
///
/// # Examples
///
/// ```
/// use std::io::Read;
/// use dtmask_core::{Redactor, RedactReader};
///
/// let log = &b"tenantToken=FAKEtenantTok3n0\n"[..];
/// let mut text = String::new();
/// RedactReader::new(&Redactor::new(), log).read_to_string(&mut text)?;
/// assert_eq!(text, "tenantToken=****************\n");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct RedactReader<R> {
    inner: R,
    stream: Stream,
    /// What the inner reader fills.
    input: Box<[u8]>,
    /// What is redacted and not yet read; its first `taken` bytes are.
    output: Vec<u8>,
    taken: usize,
    state: State,
}

#[derive(Debug)]
enum State {
    Reading,
    /// The inner reader is at its end.
    Ended,
    /// The inner reader failed; the error comes when the output was read.
    Failing(io::Error),
    /// The error was handed out.
    Failed,
}

impl<R: Read> RedactReader<R> {
    /// The bytes asked of the inner reader at a time.
    const INPUT_LEN: usize = 16 << 10;

    /// A reader at the beginning of a stream.
    pub fn new(redactor: &Redactor, inner: R) -> Self {
        Self {
            inner,
            stream: redactor.stream(),
            input: vec![0; Self::INPUT_LEN].into_boxed_slice(),
            output: Vec::new(),
            taken: 0,
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
        self.stream.stats()
    }

    /// Reads and redacts once.
    fn fill(&mut self) -> io::Result<()> {
        self.output.clear();
        self.taken = 0;
        let segments = match self.inner.read(&mut self.input) {
            Ok(0) => {
                self.state = State::Ended;
                self.stream.finish()
            }
            Ok(len) => self.stream.push(&self.input[..len]),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock
                ) =>
            {
                return Err(error);
            }
            Err(error) => {
                self.state = State::Failing(error);
                self.stream.abort()
            }
        };
        for segment in segments {
            self.output.extend_from_slice(segment.as_bytes());
        }
        Ok(())
    }
}

impl<R: Read> Read for RedactReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.taken == self.output.len() {
            match std::mem::replace(&mut self.state, State::Failed) {
                State::Reading => {
                    self.state = State::Reading;
                    self.fill()?;
                }
                State::Ended => {
                    self.state = State::Ended;
                    return Ok(0);
                }
                State::Failing(error) => return Err(error),
                State::Failed => {
                    return Err(io::Error::other(
                        "an earlier read failed, so this redacting reader gives no more",
                    ));
                }
            }
        }
        let len = buffer.len().min(self.output.len() - self.taken);
        buffer[..len].copy_from_slice(&self.output[self.taken..self.taken + len]);
        self.taken += len;
        Ok(len)
    }
}

impl<R: Read> fmt::Debug for RedactReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedactReader")
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}
