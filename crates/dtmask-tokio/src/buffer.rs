//! A buffer that is read into, redacted where it stands, and written from.

use std::fmt;
use std::ops::Range;

use dtmask_core::{Redactor, Segments, Stats, Stream};

/// The bytes asked of a reader at a time.
const READ_LEN: usize = 16 << 10;

/// What [`copy`](crate::copy()) and [`RedactRead`](crate::RedactRead) read through.
///
/// With a fill mask a byte is moved only if it was held back; a text mask changes
/// lengths, so then the output is put together in a second buffer.
pub(crate) struct Buffer {
    stream: Stream,
    /// Room for what a redactor holds back at most, then [`READ_LEN`] bytes to read into:
    /// held bytes are put in front of those that follow them.
    input: Box<[u8]>,
    room: usize,
    in_place: bool,
    /// Output that does not stand in `input`.
    output: Vec<u8>,
    /// What is redacted and not yet consumed.
    ready: Ready,
}

/// A range of the buffer in which it stands.
enum Ready {
    Input(Range<usize>),
    Output(Range<usize>),
}

impl Buffer {
    pub(crate) fn new(redactor: &Redactor) -> Self {
        let room = redactor.max_held();
        Self {
            stream: redactor.stream(),
            input: vec![0; room + READ_LEN].into_boxed_slice(),
            room,
            in_place: redactor.mask().fill_byte().is_some(),
            output: Vec::new(),
            ready: Ready::Output(0..0),
        }
    }

    /// Where to read to. Nothing must be ready.
    pub(crate) fn spare(&mut self) -> &mut [u8] {
        debug_assert!(self.ready().is_empty(), "what is ready would be lost");
        &mut self.input[self.room..]
    }

    /// Redacts the first `len` bytes of [`spare`](Self::spare).
    pub(crate) fn redact(&mut self, len: usize) {
        let (room, read) = self.input.split_at_mut(self.room);
        let read = &mut read[..len];
        if !self.in_place {
            self.ready = gather(self.stream.push(read), &mut self.output);
            return;
        }
        let released = self.stream.push_in_place(read);
        let start = room.len() - released.held.len();
        room[start..].copy_from_slice(released.held);
        self.ready = Ready::Input(start..room.len() + released.ready.len());
    }

    /// The clean end of the stream.
    pub(crate) fn finish(&mut self) {
        self.ready = gather(self.stream.finish(), &mut self.output);
    }

    /// An abnormal end of the stream.
    pub(crate) fn abort(&mut self) {
        self.ready = gather(self.stream.abort(), &mut self.output);
    }

    /// What is redacted and not yet consumed.
    pub(crate) fn ready(&self) -> &[u8] {
        match &self.ready {
            Ready::Input(range) => &self.input[range.clone()],
            Ready::Output(range) => &self.output[range.clone()],
        }
    }

    /// Takes the first `len` bytes off what is ready.
    pub(crate) fn consume(&mut self, len: usize) {
        let (Ready::Input(range) | Ready::Output(range)) = &mut self.ready;
        range.start = range.end.min(range.start + len);
    }

    pub(crate) fn stats(&self) -> Stats<'_> {
        self.stream.stats()
    }
}

fn gather(segments: Segments<'_>, output: &mut Vec<u8>) -> Ready {
    output.clear();
    for segment in segments {
        output.extend_from_slice(segment.as_bytes());
    }
    Ready::Output(0..output.len())
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer")
            .field("stream", &self.stream)
            .field("ready", &self.ready().len())
            .finish_non_exhaustive()
    }
}
