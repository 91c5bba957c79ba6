//! The job itself: standard input to standard output, masked.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
#[cfg(unix)]
use std::time::Duration;

use anyhow::{Context, Result};
use dtmask_core::{Redactor, Segment, Stream};

use crate::stdio::{self, Input, Output};
use crate::{DONE, ERROR, MASKED, report, signals, stats};

/// Bytes read at once. A pipe holds 64 KiB, files and sockets give more; beyond
/// this size nothing gets faster and the cache is worse off.
const BUFFER: usize = 128 * 1024;

/// What the flags say about this job, apart from the rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) stats: bool,
    pub(crate) fail_on_match: bool,
}

/// Masks standard input into standard output and returns the exit code.
///
/// # Errors
///
/// If either of them fails, a reader that went away excepted.
pub(crate) fn run(redactor: &Redactor, options: Options) -> Result<u8> {
    let mut input = Input::open().context("cannot read standard input")?;
    let output = Output::open().context("cannot write to standard output")?;
    let pump = Arc::new(Mutex::new(Pump::new(redactor, output)));
    signals::watch(&pump, &input, options.stats).context("cannot handle signals")?;

    let (pump, end) = copy(&mut input, &pump);
    if options.stats {
        report::line(pump.summary());
    }
    let found = pump.stream.stats().secrets() > 0;
    // Never unlocked again: a signal can no longer change how this ends.
    std::mem::forget(pump);
    match end? {
        End::Closed if options.fail_on_match => Ok(ERROR),
        End::Finished if options.fail_on_match && found => Ok(MASKED),
        End::Closed | End::Finished => Ok(DONE),
    }
}

/// How the copy ended, if not with an error.
enum End {
    /// All of the input was handled.
    Finished,
    /// Nobody reads the output any more.
    Closed,
}

/// Copies until the end, and returns with the lock held.
fn copy<'p>(input: &mut Input, pump: &'p Mutex<Pump>) -> (MutexGuard<'p, Pump>, Result<End>) {
    let mut buffer = vec![0; BUFFER];
    loop {
        // The lock is free while this waits, so that a signal can end the process
        // in an orderly way.
        let read = input.read(&mut buffer);
        // The other thread only ever takes it to end the process.
        let mut pump = pump.lock().unwrap_or_else(PoisonError::into_inner);
        let written = match &read {
            Ok(0) => pump.finish(),
            Ok(n) => pump.push(&mut buffer[..*n]),
            Err(_) => pump.abort(),
        };
        let end = match (read, written) {
            (Ok(1..), Ok(())) => continue,
            (Ok(0), Ok(())) => Ok(End::Finished),
            (Err(error), _) => Err(error).context("cannot read standard input"),
            (Ok(_), Err(error)) if stdio::is_closed(&error) => Ok(End::Closed),
            (Ok(_), Err(error)) => Err(error).context("cannot write to standard output"),
        };
        return (pump, end);
    }
}

/// A stream and the output it goes to. Whoever ends the process locks both at
/// once: no chunk is cut in two, none is written twice.
#[derive(Debug)]
pub(crate) struct Pump {
    stream: Stream,
    output: Output,
    /// Masks have the length of what they replace, so they can be put over it.
    in_place: bool,
    /// What is to be written, if not in place: empty between calls.
    pending: Vec<u8>,
}

impl Pump {
    fn new(redactor: &Redactor, output: Output) -> Pump {
        Pump {
            stream: redactor.stream(),
            output,
            in_place: redactor.mask().fill_byte().is_some(),
            pending: Vec::new(),
        }
    }

    fn push(&mut self, chunk: &mut [u8]) -> io::Result<()> {
        if self.in_place {
            let done = self.stream.push_in_place(chunk);
            return self.output.write_both(done.held, done.ready);
        }
        write(self.stream.push(chunk), &mut self.output, &mut self.pending)
    }

    /// The end of the input: what was undecided is no secret.
    fn finish(&mut self) -> io::Result<()> {
        write(self.stream.finish(), &mut self.output, &mut self.pending)
    }

    /// The input broke off: what was undecided may be one.
    fn abort(&mut self) -> io::Result<()> {
        write(self.stream.abort(), &mut self.output, &mut self.pending)
    }

    /// As [`Pump::abort`], but if the output takes nothing within `patience`, then
    /// nothing is written, which leaks as little as a mask.
    #[cfg(unix)]
    pub(crate) fn abort_within(&mut self, patience: Duration) {
        self.pending.clear();
        for segment in self.stream.abort() {
            self.pending.extend_from_slice(segment.as_bytes());
        }
        self.output.write_within(&self.pending, patience);
    }

    /// The line that `--stats` prints.
    pub(crate) fn summary(&self) -> String {
        stats::summary(&self.stream.stats())
    }
}

/// Writes `segments` with as few calls as possible. A chunk without secrets is
/// not copied.
fn write<'s>(
    mut segments: impl Iterator<Item = Segment<'s>>,
    output: &mut Output,
    pending: &mut Vec<u8>,
) -> io::Result<()> {
    let Some(first) = segments.next() else {
        return Ok(());
    };
    let Some(second) = segments.next() else {
        return output.write_all(first.as_bytes());
    };
    pending.clear();
    for segment in [first, second].into_iter().chain(segments) {
        pending.extend_from_slice(segment.as_bytes());
        // A long mask may make much of little: memory must not follow.
        if pending.len() >= BUFFER {
            output.write_all(pending)?;
            pending.clear();
        }
    }
    output.write_all(pending)
}
