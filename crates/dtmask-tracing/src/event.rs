//! The writer of one event.

use std::cell::Cell;
use std::fmt::{self, Write as _};
use std::io::{self, IoSlice, Write};

use dtmask_core::Stream;

use crate::redaction::{Redaction, ends_line};

/// Redacts one event on its way to the writer of one event; what
/// [`RedactMakeWriter`](crate::RedactMakeWriter) makes.
///
/// The inner writer is called once for each event. The formatters of tracing-subscriber
/// hand on a whole event in one call, which becomes one call here, and its error theirs.
/// Pieces of an event are gathered until one ends with a line break, or until
/// [`flush`](Write::flush), or until the writer is dropped. Nothing that is still
/// undecided is handed on before that.
///
/// # Errors
///
/// An error of the inner writer is returned once, as it is. After it every later call
/// fails, and nothing more of the event is written. An error while dropping cannot be
/// told to anyone.
///
/// A value whose `Display` fails, or panics, cuts the event off: every later call fails,
/// and what was gathered is written on drop, with what is undecided masked.
pub struct EventWriter<'a, W: Write> {
    redaction: &'a Redaction,
    inner: W,
    /// The event so far, as it came, while there is no stream.
    seen: Vec<u8>,
    /// What is redacted and not yet handed on.
    out: Vec<u8>,
    /// Whether `seen` was handed on. It ended with a line break then, so nothing of it
    /// was undecided, but a token may be wrapped behind it.
    handed_on: bool,
    /// The event from its beginning, once it has to be redacted piece by piece.
    pieces: Option<Box<Pieces>>,
    /// Whether the last piece ended with a line break.
    line_ended: bool,
    /// Whether the inner writer failed, or panicked.
    poisoned: bool,
    /// Whether a value failed to be formatted, or panicked, so that the last piece may
    /// end within a secret.
    cut_off: bool,
    /// Whether the thread was unwinding before this event began: then the event itself
    /// was not cut off.
    unwinding: bool,
}

struct Pieces {
    stream: Stream,
    /// What was counted of the event before there was a stream, in table order.
    counted: Vec<u64>,
}

impl<'a, W: Write> EventWriter<'a, W> {
    pub(crate) fn new(redaction: &'a Redaction, inner: W) -> Self {
        let (seen, out) = spare();
        Self {
            redaction,
            inner,
            seen,
            out,
            handed_on: false,
            pieces: None,
            line_ended: false,
            poisoned: false,
            cut_off: false,
            unwinding: std::thread::panicking(),
        }
    }

    /// Takes a piece without handing anything on.
    fn gather(&mut self, piece: &[u8]) {
        if piece.is_empty() {
            return;
        }
        self.line_ended = ends_line(piece);
        if self.handed_on || !self.redaction.lines_decide() {
            self.by_pieces();
        }
        match &mut self.pieces {
            None => self.seen.extend_from_slice(piece),
            Some(pieces) => {
                for segment in pieces.stream.push(piece) {
                    self.out.extend_from_slice(segment.as_bytes());
                }
            }
        }
    }

    /// Hands on what was gathered if it seems to be the whole event.
    fn settle(&mut self) -> io::Result<()> {
        if !self.line_ended {
            return Ok(());
        }
        match &self.pieces {
            None if self.handed_on => Ok(()),
            None => self.hand_on_seen(),
            Some(pieces) if pieces.stream.held_len() == 0 => self.hand_on_out(),
            Some(_) => Ok(()),
        }
    }

    /// Goes over to a stream, which knows what is undecided.
    fn by_pieces(&mut self) {
        if self.pieces.is_some() {
            return;
        }
        let mut stream = self.redaction.redactor.stream();
        for segment in stream.push(&self.seen) {
            if !self.handed_on {
                self.out.extend_from_slice(segment.as_bytes());
            }
        }
        let counts = stream.stats();
        let counted = counts
            .by_rule()
            .map(|(_, secrets)| if self.handed_on { secrets } else { 0 });
        self.pieces = Some(Box::new(Pieces {
            counted: counted.collect(),
            stream,
        }));
        self.seen.clear();
    }

    /// Hands on all that was seen, in one write.
    fn hand_on_seen(&mut self) -> io::Result<()> {
        self.handed_on = true;
        if self.redaction.redact(&self.seen, &mut self.out) {
            self.hand_on_out()
        } else {
            write_all(&mut self.inner, &mut self.poisoned, &self.seen)
        }
    }

    fn hand_on_out(&mut self) -> io::Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        let written = write_all(&mut self.inner, &mut self.poisoned, &self.out);
        self.out.clear();
        written
    }

    #[inline]
    fn check(&self) -> io::Result<()> {
        if self.poisoned || self.cut_off {
            Err(failed_before())
        } else {
            Ok(())
        }
    }

    /// Hands on what is left of the event.
    fn end(&mut self) -> io::Result<()> {
        if self.poisoned {
            return Ok(());
        }
        let cut_off = self.cut_off || (std::thread::panicking() && !self.unwinding);
        if self.pieces.is_none() && !self.seen.is_empty() && !self.handed_on {
            if !cut_off {
                return self.hand_on_seen();
            }
            self.by_pieces();
        }
        if let Some(pieces) = &mut self.pieces {
            let segments = if cut_off {
                pieces.stream.abort()
            } else {
                pieces.stream.finish()
            };
            for segment in segments {
                self.out.extend_from_slice(segment.as_bytes());
            }
        }
        self.hand_on_out()
    }

    fn count_pieces(&self) {
        let Some(pieces) = &self.pieces else { return };
        let counts = pieces.stream.stats();
        for ((rule, secrets), counted) in counts.by_rule().zip(&pieces.counted) {
            if secrets > *counted {
                self.redaction.counters.add(rule, secrets - counted);
            }
        }
    }
}

impl<W: Write> Write for EventWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.check()?;
        let first = self.seen.is_empty() && self.pieces.is_none();
        if !(first && self.redaction.decides(bytes)) {
            self.gather(bytes);
            return self.settle();
        }
        // A whole event at once, redacted where it stands.
        if self.redaction.redact(bytes, &mut self.out) {
            self.hand_on_out()?;
        } else {
            write_all(&mut self.inner, &mut self.poisoned, bytes)?;
        }
        // Only needed if it was not the whole event after all.
        self.seen.extend_from_slice(bytes);
        self.handed_on = true;
        Ok(())
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.check()?;
        for slice in slices {
            self.gather(slice);
        }
        self.settle()?;
        Ok(slices.iter().map(|slice| slice.len()).sum())
    }

    fn write_fmt(&mut self, arguments: fmt::Arguments<'_>) -> io::Result<()> {
        struct Gather<'e, 'a, W: Write>(&'e mut EventWriter<'a, W>);

        impl<W: Write> fmt::Write for Gather<'_, '_, W> {
            fn write_str(&mut self, piece: &str) -> fmt::Result {
                self.0.gather(piece.as_bytes());
                Ok(())
            }
        }

        if let Some(text) = arguments.as_str() {
            return self.write_all(text.as_bytes());
        }
        self.check()?;
        // Stays if a value panics and the caller goes on.
        self.cut_off = true;
        let formatted = Gather(self).write_fmt(arguments);
        formatted.map_err(|_| io::Error::other("a value could not be formatted"))?;
        self.cut_off = false;
        self.settle()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.check()?;
        if !self.seen.is_empty() && !self.handed_on {
            self.by_pieces();
        }
        self.hand_on_out()?;
        let flushed = loop {
            match self.inner.flush() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                flushed => break flushed,
            }
        };
        self.poisoned |= flushed.is_err();
        flushed
    }
}

impl<W: Write> Drop for EventWriter<'_, W> {
    fn drop(&mut self) {
        // There is nobody left to tell of an error.
        let _ = self.end();
        self.count_pieces();
        keep_spare(
            std::mem::take(&mut self.seen),
            std::mem::take(&mut self.out),
        );
    }
}

impl<W: Write + fmt::Debug> fmt::Debug for EventWriter<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventWriter")
            .field("inner", &self.inner)
            .field("seen", &self.seen.len())
            .field("out", &self.out.len())
            .field("poisoned", &self.poisoned)
            .finish_non_exhaustive()
    }
}

#[cold]
fn failed_before() -> io::Error {
    io::Error::other("an earlier write of this event failed, so no more of it is written")
}

fn write_all(inner: &mut impl Write, poisoned: &mut bool, bytes: &[u8]) -> io::Result<()> {
    // Stays if the inner writer panics: nobody knows then what it has written.
    *poisoned = true;
    inner.write_all(bytes)?;
    *poisoned = false;
    Ok(())
}

/// The capacity of a buffer that is kept for the next event.
const KEPT: usize = 64 << 10;

thread_local! {
    /// The buffers of the last event of this thread, empty, so that the next one needs
    /// no new ones. An event within an event finds none here and makes its own.
    static SPARE: Cell<(Vec<u8>, Vec<u8>)> = const { Cell::new((Vec::new(), Vec::new())) };
}

fn spare() -> (Vec<u8>, Vec<u8>) {
    // Threads still log while their locals are destroyed.
    SPARE.try_with(Cell::take).unwrap_or_default()
}

fn keep_spare(mut seen: Vec<u8>, mut out: Vec<u8>) {
    if seen.capacity() <= KEPT && out.capacity() <= KEPT {
        seen.clear();
        out.clear();
        let _ = SPARE.try_with(|spare| spare.set((seen, out)));
    }
}
