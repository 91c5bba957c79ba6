//! The job itself: standard input or files to standard output or a file, masked.

use std::cell::LazyCell;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
#[cfg(unix)]
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use dtmask_core::{Redactor, Segment, Stats, Stream};

use crate::buffer::{self, Buffer};
use crate::progress::Progress;
use crate::sink::{self, Sink};
use crate::source::{Name, Source};
use crate::{DONE, ERROR, MASKED, report, signals, stats, stdio};

/// What the flags say about this job, apart from the rules.
#[derive(Debug)]
pub(crate) struct Options {
    /// One at least.
    pub(crate) inputs: Vec<Name>,
    /// Standard output if it has no name.
    pub(crate) output: Option<PathBuf>,
    pub(crate) progress: bool,
    pub(crate) stats: bool,
    pub(crate) fail_on_match: bool,
}

/// Masks each input, one after the other, and returns the exit code.
///
/// # Errors
///
/// If the output fails, a reader that went away excepted. An input that fails is
/// reported, and the others go on.
pub(crate) fn run(redactor: &Redactor, options: &Options) -> Result<u8> {
    let name = options.output.as_deref().map(report::path);
    let name = name.unwrap_or_else(|| "standard output".to_owned());
    let cannot_write = || format!("cannot write to {name}");
    let sink = options
        .output
        .as_deref()
        .map_or_else(Sink::stdout, Sink::create);
    let sink = sink.with_context(cannot_write)?;
    let output = sink.is_direct().then(sink::stdout_file).flatten();
    let progress = progress(options);

    let work = Arc::new(Filter {
        pump: Mutex::new(Pump::new(redactor, sink)),
        live: AtomicBool::default(),
        signalled: Arc::default(),
        stats: options.stats,
    });
    // What handles signals takes a while to set up. One that comes before anything was read
    // from a file, or written, may end the process by itself.
    let watched = LazyCell::new(|| signals::watch(&work));
    let watch = || {
        let failed = |error| anyhow!("cannot handle signals: {error}");
        watched.as_ref().copied().map_err(failed)
    };
    let enter = |live| {
        work.live.store(live, Ordering::Relaxed);
        if live { watch() } else { Ok(()) }
    };
    if options.output.is_some() {
        watch()?;
    }
    let mut buffer = Buffer::new();
    let mut failed = false;
    let mut unread = options.inputs.len();
    let mut end = Ok(());
    // Locked from the last byte of an input to the next input: a signal cannot change
    // how the last one ended.
    let mut locked = None;
    for input in &options.inputs {
        enter(input.is_live())?;
        drop(locked.take());
        let fault = match input.open(&progress, output.as_ref()) {
            Ok(mut source) => {
                enter(source.is_live())?;
                let copied = copy(&mut source, &work, &mut buffer, watch);
                locked = Some(copied.pump);
                unread -= usize::from(copied.whole);
                copied.end.err()
            }
            Err(error) => Some(Fault::Input(error)),
        };
        match fault {
            None => {}
            Some(Fault::Input(error)) => {
                report::error(format_args!("cannot read {input}: {error}"));
                failed = true;
            }
            Some(Fault::Output(error)) => {
                end = Err(error);
                break;
            }
            Some(Fault::Signals(error)) => return Err(error),
        }
    }
    let mut pump = locked.unwrap_or_else(|| lock(&work.pump));
    if failed && pump.sink.discard() {
        report::error(format_args!("{name} is not written"));
    }
    let end = end.and_then(|()| pump.sink.finish());
    progress.finish();
    if options.stats {
        report::line(pump.summary());
    }
    let found = pump.has_masked();
    let closed = match end {
        Ok(()) => false,
        Err(error) if stdio::is_closed(&error) => true,
        Err(error) => {
            pump.sink.discard();
            return Err(error).with_context(cannot_write);
        }
    };
    // Never unlocked again: a signal can no longer change how this ends.
    std::mem::forget(pump);
    Ok(match options.fail_on_match {
        _ if failed => ERROR,
        true if closed && unread > 0 => ERROR,
        true if found => MASKED,
        _ => DONE,
    })
}

/// A bar over all inputs, if all are files with a size.
fn progress(options: &Options) -> Progress {
    let wanted = options.progress && sink::leaves_room_for_progress(options.output.as_deref());
    let total = wanted.then(|| options.inputs.iter().map(Name::size).sum());
    total
        .flatten()
        .map_or_else(Progress::default, Progress::new)
}

/// What failed while an input was copied.
enum Fault {
    Input(io::Error),
    Output(io::Error),
    Signals(anyhow::Error),
}

/// How the copying of an input ended.
struct Copied<'w> {
    pump: MutexGuard<'w, Pump>,
    /// Whether the end of the input was seen: all that is in it is known then, also if
    /// not all of it could be written.
    whole: bool,
    end: Result<(), Fault>,
}

/// Copies to the end of `source`, and returns with the lock held. `watch` is called before
/// anything is masked.
fn copy<'w>(
    source: &mut Source,
    work: &'w Filter,
    buffer: &mut [u8],
    watch: impl Fn() -> Result<()>,
) -> Copied<'w> {
    loop {
        // The lock is free while this waits, so that a signal can end the process
        // in an orderly way.
        let read = source.read(buffer);
        let mut pump = lock(&work.pump);
        // Who wrote the input was signalled too, perhaps in the midst of a word.
        let is_clean = !work.signalled.load(Ordering::Relaxed);
        let written = match &read {
            Ok(0) if is_clean => pump.finish().map_err(Fault::Output),
            Ok(n @ 1..) => watch().map_err(Fault::Signals).and_then(|()| {
                let pushed = pump.push(&mut buffer[..*n]);
                pushed.map_err(Fault::Output)
            }),
            Ok(0) | Err(_) => pump.abort().map_err(Fault::Output),
        };
        let whole = matches!(read, Ok(0));
        let end = match (read, written) {
            (Ok(1..), Ok(())) => continue,
            (Ok(0), Ok(())) => Ok(()),
            (Err(error), Ok(())) => Err(Fault::Input(error)),
            (_, Err(fault)) => Err(fault),
        };
        return Copied { pump, whole, end };
    }
}

/// The other thread only ever takes the lock to end the process.
fn lock(pump: &Mutex<Pump>) -> MutexGuard<'_, Pump> {
    pump.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a signal has to know of.
#[cfg_attr(not(unix), expect(dead_code, reason = "there are no signals"))]
struct Filter {
    pump: Mutex<Pump>,
    /// Whether the current input is, also while it is being opened.
    live: AtomicBool,
    /// Whether a signal came.
    signalled: Arc<AtomicBool>,
    stats: bool,
}

#[cfg(unix)]
impl signals::Work for Filter {
    fn is_live(&self) -> bool {
        self.live.load(Ordering::Relaxed)
    }

    fn signalled(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.signalled)
    }

    /// If the main thread is stuck in a write, what is withheld is not written at all,
    /// which leaks as little as a mask.
    fn stop(&self, patience: Duration) {
        if let Some(mut pump) = signals::lock_within(&self.pump, patience) {
            pump.abort_within(patience);
            if self.stats {
                report::line(pump.summary());
            }
            std::mem::forget(pump);
        }
    }
}

/// A stream and the output it goes to. Whoever ends the process locks both at
/// once: no chunk is cut in two, none is written twice.
#[derive(Debug)]
pub(crate) struct Pump {
    stream: Stream,
    sink: Sink,
    /// Masks have the length of what they replace, so they can be put over it.
    in_place: bool,
    /// What is to be written, if not in place: empty between calls.
    pending: Vec<u8>,
    /// Whether an end that was not clean has masked what may have been a secret.
    cut: bool,
}

impl Pump {
    pub(crate) fn new(redactor: &Redactor, sink: Sink) -> Pump {
        Pump {
            stream: redactor.stream(),
            sink,
            in_place: redactor.mask().fill_byte().is_some(),
            pending: Vec::new(),
            cut: false,
        }
    }

    /// Masks `chunk` and writes what is decided.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn push(&mut self, chunk: &mut [u8]) -> io::Result<()> {
        if self.in_place {
            let done = self.stream.push_in_place(chunk);
            return self.sink.write_both(done.held, done.ready);
        }
        write(self.stream.push(chunk), &mut self.sink, &mut self.pending)
    }

    /// The end of the input: what was undecided is no secret.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        write(self.stream.finish(), &mut self.sink, &mut self.pending)
    }

    /// The input broke off: what was undecided may be one.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn abort(&mut self) -> io::Result<()> {
        self.cut |= self.stream.held_len() > 0;
        write(self.stream.abort(), &mut self.sink, &mut self.pending)
    }

    /// As [`Pump::abort`], but if the output takes nothing within `patience`, then
    /// nothing is written, which leaks as little as a mask.
    #[cfg(unix)]
    fn abort_within(&mut self, patience: Duration) {
        self.pending.clear();
        for segment in self.stream.abort() {
            self.pending.extend_from_slice(segment.as_bytes());
        }
        self.sink.end_within(&self.pending, patience);
    }

    /// Whether anything was masked so far, secret for certain or not.
    pub(crate) fn has_masked(&self) -> bool {
        self.cut || self.stats().secrets() > 0
    }

    /// What was masked so far.
    pub(crate) fn stats(&self) -> Stats<'_> {
        self.stream.stats()
    }

    /// The line that `--stats` prints.
    fn summary(&self) -> String {
        stats::summary(&[self.stats()])
    }
}

/// Writes `segments` with as few calls as possible. A chunk without secrets is
/// not copied.
fn write<'s>(
    mut segments: impl Iterator<Item = Segment<'s>>,
    sink: &mut Sink,
    pending: &mut Vec<u8>,
) -> io::Result<()> {
    let Some(first) = segments.next() else {
        return Ok(());
    };
    let Some(second) = segments.next() else {
        return sink.write_all(first.as_bytes());
    };
    pending.clear();
    for segment in [first, second].into_iter().chain(segments) {
        pending.extend_from_slice(segment.as_bytes());
        // A long mask may make much of little: memory must not follow.
        if pending.len() >= buffer::SIZE {
            sink.write_all(pending)?;
            pending.clear();
        }
    }
    sink.write_all(pending)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::Read;
    use std::os::fd::AsRawFd;
    use std::path::Path;
    use std::sync::atomic::AtomicBool;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use dtmask_core::{Mask, Redactor};

    use super::{Filter, Pump};
    use crate::signals::Work as _;
    use crate::sink::Sink;

    /// A regular file is never waited for, so no process can be caught in the moment
    /// between two reads of one.
    #[test]
    fn what_is_withheld_at_a_signal_comes_out_masked() {
        let text = Redactor::builder().mask(Mask::text("[X]").expect("it is a mask"));
        let text = text.build().expect("it can be built");
        for (redactor, mask) in [(Redactor::new(), "*******"), (text, "[X]")] {
            let (mut reader, writer) = std::io::pipe().expect("a pipe can be made");
            let path = format!("/proc/self/fd/{}", writer.as_raw_fd());
            let sink = Sink::create(Path::new(&path)).expect("a pipe can be opened");
            drop(writer);
            let mut pump = Pump::new(&redactor, sink);
            let mut chunk = *b"Api-Token abcdefg";
            pump.push(&mut chunk).expect("a pipe takes bytes");
            let work = Filter {
                pump: Mutex::new(pump),
                live: AtomicBool::new(false),
                signalled: Arc::default(),
                stats: false,
            };
            assert!(!work.is_live());
            work.stop(Duration::from_secs(1));
            // Nobody goes on with it.
            assert!(work.pump.try_lock().is_err());
            drop(work);
            let mut output = String::new();
            reader.read_to_string(&mut output).expect("text comes out");
            assert_eq!(output, format!("Api-Token {mask}"));
        }
    }
}
