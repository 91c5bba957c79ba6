//! Readers and writers that misbehave on schedule.
//!
//! Real streams deliver a byte at a time, are interrupted, would block, take
//! half of a write and fail in the middle of a secret. These do so on the call
//! that a test names.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// What a call does instead of its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Fails with `Interrupted`; the caller should try again.
    Interrupted,
    /// Fails with `WouldBlock`.
    WouldBlock,
    /// Fails with an error of no special kind.
    Error,
    /// Fails with `BrokenPipe`.
    BrokenPipe,
    /// Succeeds with no byte: to a reader's caller the end, to a writer's a refusal.
    Zero,
}

impl Fault {
    fn result(self) -> io::Result<usize> {
        match self {
            Fault::Interrupted => Err(ErrorKind::Interrupted.into()),
            Fault::WouldBlock => Err(ErrorKind::WouldBlock.into()),
            Fault::Error => Err(io::Error::other("scheduled fault")),
            Fault::BrokenPipe => Err(ErrorKind::BrokenPipe.into()),
            Fault::Zero => Ok(0),
        }
    }
}

/// How many bytes a call takes or gives, and which calls fail how.
///
/// Calls count from 0; those that fail count too.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// The most that one call moves; no limit if `None`.
    step: Option<usize>,
    /// Every such call is interrupted, starting with the first.
    interrupted: Option<usize>,
    faults: BTreeMap<usize, Fault>,
}

impl Schedule {
    /// No misbehaviour at all.
    pub fn new() -> Schedule {
        Schedule::default()
    }

    /// At most `bytes` move in one call.
    ///
    /// # Panics
    ///
    /// If `bytes` is 0: no call would ever get on.
    pub fn step(mut self, bytes: usize) -> Schedule {
        assert!(bytes > 0, "a step moves at least one byte");
        self.step = Some(bytes);
        self
    }

    /// Calls 0, `n`, 2`n` and so on are interrupted.
    ///
    /// # Panics
    ///
    /// If `n` is below 2: no call would ever succeed.
    pub fn interrupted_every(mut self, n: usize) -> Schedule {
        assert!(n >= 2, "some calls must succeed");
        self.interrupted = Some(n);
        self
    }

    /// Call `n` ends in `fault`.
    pub fn fault_at(mut self, n: usize, fault: Fault) -> Schedule {
        self.faults.insert(n, fault);
        self
    }

    /// What call `n` does that could move `bytes`.
    fn call(&self, n: usize, bytes: usize) -> Result<usize, Fault> {
        if let Some(&fault) = self.faults.get(&n) {
            return Err(fault);
        }
        if self
            .interrupted
            .is_some_and(|every| n.is_multiple_of(every))
        {
            return Err(Fault::Interrupted);
        }
        Ok(self.step.map_or(bytes, |step| step.min(bytes)))
    }
}

/// A reader over given bytes that follows a [`Schedule`].
#[derive(Clone)]
pub struct HostileReader {
    data: Vec<u8>,
    /// Everything before it has been read.
    at: usize,
    schedule: Schedule,
    calls: usize,
}

impl HostileReader {
    /// A reader of `data`.
    pub fn new(data: impl Into<Vec<u8>>, schedule: Schedule) -> HostileReader {
        HostileReader {
            data: data.into(),
            at: 0,
            schedule,
            calls: 0,
        }
    }

    /// How often it was asked to read.
    pub fn calls(&self) -> usize {
        self.calls
    }

    /// How many bytes it has given away.
    pub fn position(&self) -> usize {
        self.at
    }
}

impl fmt::Debug for HostileReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostileReader")
            .field("len", &self.data.len())
            .field("at", &self.at)
            .field("calls", &self.calls)
            .field("schedule", &self.schedule)
            .finish()
    }
}

impl Read for HostileReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let call = self.calls;
        self.calls += 1;
        let rest = &self.data[self.at..];
        match self.schedule.call(call, rest.len().min(buf.len())) {
            Ok(count) => {
                buf[..count].copy_from_slice(&rest[..count]);
                self.at += count;
                Ok(count)
            }
            Err(fault) => fault.result(),
        }
    }
}

/// A writer that keeps the bytes of every write call apart.
///
/// Clones share one record, so a test can look at it after the writer was
/// moved, dropped or unwound.
#[derive(Clone, Default)]
pub struct RecordingWriter {
    record: Arc<Mutex<Record>>,
}

#[derive(Clone, Default)]
struct Record {
    writes: Vec<Vec<u8>>,
    flushes: usize,
}

impl RecordingWriter {
    /// A writer with an empty record.
    pub fn new() -> RecordingWriter {
        RecordingWriter::default()
    }

    /// What each write call so far has taken.
    pub fn writes(&self) -> Vec<Vec<u8>> {
        self.with(|record| record.writes.clone())
    }

    /// All bytes taken so far.
    pub fn bytes(&self) -> Vec<u8> {
        self.with(|record| record.writes.concat())
    }

    /// How often it was flushed.
    pub fn flushes(&self) -> usize {
        self.with(|record| record.flushes)
    }

    fn with<T>(&self, look: impl FnOnce(&mut Record) -> T) -> T {
        // A panic elsewhere is part of some tests and harms no record.
        look(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for RecordingWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (writes, flushes) = self.with(|record| (record.writes.len(), record.flushes));
        f.debug_struct("RecordingWriter")
            .field("writes", &writes)
            .field("flushes", &flushes)
            .finish()
    }
}

impl Write for RecordingWriter {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.with(|record| record.writes.push(buf.to_vec()));
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.with(|record| record.flushes += 1);
        Ok(())
    }
}

/// A writer that follows a [`Schedule`] and records what it takes.
#[derive(Clone, Debug)]
pub struct HostileWriter {
    taken: RecordingWriter,
    schedule: Schedule,
    calls: usize,
    /// What the next flushes do, the last of them first.
    flush_faults: Vec<Fault>,
}

impl HostileWriter {
    /// A writer with an empty record.
    pub fn new(schedule: Schedule) -> HostileWriter {
        HostileWriter {
            taken: RecordingWriter::new(),
            schedule,
            calls: 0,
            flush_faults: Vec::new(),
        }
    }

    /// The next flush fails.
    pub fn with_flush_fault(mut self, fault: Fault) -> HostileWriter {
        self.flush_faults.push(fault);
        self
    }

    /// What was taken, call by call. Stays current after `self` is gone.
    pub fn taken(&self) -> RecordingWriter {
        self.taken.clone()
    }

    /// How often it was asked to write, failures included.
    pub fn calls(&self) -> usize {
        self.calls
    }
}

impl Write for HostileWriter {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let call = self.calls;
        self.calls += 1;
        match self.schedule.call(call, buf.len()) {
            Ok(count) => self.taken.write(&buf[..count]),
            Err(fault) => fault.result(),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.flush_faults.pop() {
            Some(fault) => fault.result().map(drop),
            None => self.taken.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gives_a_byte_at_a_time_between_interruptions() {
        let schedule = Schedule::new().step(1).interrupted_every(2);
        let mut reader = HostileReader::new("abc", schedule);
        let mut buf = [0; 8];
        let kind = reader.read(&mut buf).map_err(|error| error.kind());
        assert_eq!(kind, Err(ErrorKind::Interrupted));
        assert_eq!(reader.read(&mut buf).unwrap(), 1);
        let mut rest = Vec::new();
        reader.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, b"bc");
        assert_eq!(reader.position(), 3);
        assert!(reader.calls() >= 8);
    }

    #[test]
    fn a_fault_strikes_once_and_loses_nothing() {
        for (fault, kind) in [
            (Fault::WouldBlock, ErrorKind::WouldBlock),
            (Fault::Error, ErrorKind::Other),
            (Fault::BrokenPipe, ErrorKind::BrokenPipe),
        ] {
            let schedule = Schedule::new().step(2).fault_at(1, fault);
            let mut reader = HostileReader::new("abcd", schedule.clone());
            let mut got = Vec::new();
            assert_eq!(reader.read_to_end(&mut got).unwrap_err().kind(), kind);
            assert_eq!(got, b"ab");
            reader.read_to_end(&mut got).unwrap();
            assert_eq!(got, b"abcd");

            let mut writer = HostileWriter::new(schedule);
            assert_eq!(writer.write_all(b"abcd").unwrap_err().kind(), kind);
            assert_eq!(writer.taken().bytes(), b"ab");
        }
    }

    #[test]
    fn a_writer_takes_short_writes_and_refuses() {
        let schedule = Schedule::new().step(3).fault_at(2, Fault::Zero);
        let mut writer = HostileWriter::new(schedule).with_flush_fault(Fault::Error);
        assert_eq!(
            writer.write_all(b"abcdefgh").unwrap_err().kind(),
            ErrorKind::WriteZero
        );
        let taken = writer.taken();
        assert_eq!(taken.writes(), [b"abc", b"def"]);
        assert_eq!(writer.calls(), 3);
        assert!(writer.flush().is_err());
        writer.flush().unwrap();
        drop(writer);
        assert_eq!(taken.flushes(), 1);
    }

    #[test]
    fn writes_are_recorded_one_by_one() {
        let record = RecordingWriter::new();
        let mut writer = record.clone();
        writer.write_all(b"ab").unwrap();
        writer.write_all(b"").unwrap();
        assert_eq!(writer.write(b"").unwrap(), 0);
        writer.write_all(b"c").unwrap();
        assert_eq!(record.writes(), [&b"ab"[..], b"", b"c"]);
        assert_eq!(record.bytes(), b"abc");
    }
}
