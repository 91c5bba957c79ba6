//! Reads both outputs of the command, masks them and writes them, on a thread of its
//! own.
//!
//! One thread for both keeps their order: what is there is handed on before anything
//! else is waited for. If there is something of both, nobody can tell which came
//! first. Then lines go before half lines, since those are prompts and the command waits;
//! and else the one that spoke last goes first, since who speaks tends to go on.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::ops::Range;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use dtmask_core::Redactor;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::Outcome;
use crate::buffer::Buffer;
use crate::filter::Pump;
use crate::sink::Sink;
use crate::{report, stdio};

/// As much as an output is read for after the command has ended, or before it is
/// stopped: what it left there itself is not more. Who holds the other end and goes
/// on writing is not waited for.
const LEFT_OVER: usize = 1024 * 1024;

/// A request: hand on what is there. Answered by itself.
const DRAIN: u8 = b'd';
/// A request: hand on what is there, then the input has ended.
const FINISH: u8 = b'f';
/// A request: hand on what is there, then the input broke off.
const ABORT: u8 = b'a';
/// A message: an output is lost. The next one is that much more.
const LOST: u8 = b'0';

/// The thread, as the control sees it.
#[derive(Debug)]
pub(super) struct Relay {
    link: UnixStream,
    thread: JoinHandle<[Source; 2]>,
}

/// What the thread has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// Nobody takes this output any more; it was closed.
    Lost(usize),
    /// What was there is handed on.
    Drained,
    /// There is no thread any more.
    Gone,
}

impl Relay {
    /// Begins to hand on `outputs` of a command to our own standard output and error.
    ///
    /// # Errors
    ///
    /// If the system has no more descriptors or threads.
    pub(super) fn start(redactor: &Redactor, outputs: [Option<File>; 2]) -> io::Result<Relay> {
        let [stdout, stderr] = outputs;
        let sources = [
            Source::new(stdout, "output", Pump::new(redactor, Sink::stdout()?)),
            Source::new(stderr, "error", Pump::new(redactor, Sink::stderr()?)),
        ];
        let (link, theirs) = UnixStream::pair()?;
        link.set_nonblocking(true)?;
        let thread = thread::Builder::new()
            .name("relay".into())
            .spawn(move || serve(sources, &theirs))?;
        Ok(Relay { link, thread })
    }

    /// What was said since this was asked last, if anything.
    pub(super) fn message(&mut self) -> Option<Message> {
        let mut message = [0];
        match self.link.read(&mut message) {
            Ok(1..) if message[0] == DRAIN => Some(Message::Drained),
            Ok(1..) => Some(Message::Lost(usize::from(message[0] - LOST))),
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) if error.kind() == ErrorKind::Interrupted => None,
            Ok(0) | Err(_) => Some(Message::Gone),
        }
    }

    /// Asks for what is there to be handed on.
    pub(super) fn drain(&mut self) {
        self.ask(DRAIN);
    }

    /// Asks the thread to end. If not `clean`, what is withheld will be masked.
    pub(super) fn end(&mut self, clean: bool) {
        self.ask(if clean { FINISH } else { ABORT });
    }

    /// What is left when the thread is gone: for each output, its stream and what
    /// became of it. Nothing if that was a bug, which was said.
    pub(super) fn join(self) -> Option<[(Pump, Outcome); 2]> {
        let sources = self.thread.join().ok()?;
        Some(sources.map(|source| (source.pump, source.outcome)))
    }

    fn ask(&mut self, request: u8) {
        // If it is gone, that will be the next message.
        let _ = self.link.write(&[request]);
    }
}

impl AsFd for Relay {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.link.as_fd()
    }
}

/// The thread.
fn serve(mut sources: [Source; 2], mut link: &UnixStream) -> [Source; 2] {
    let mut last = 0;
    loop {
        let [stdout, stderr, asked] = wait(&sources, link);
        let mut request = [0];
        if asked && !matches!(link.read(&mut request), Ok(1)) {
            // The control is gone, and the process about to end.
            return sources;
        }
        let had_input = sources.each_ref().map(|source| source.input.is_some());
        if asked {
            let mut passed = 0;
            while passed < LEFT_OVER {
                match pass_on(&mut sources, [true; 2], &mut last) {
                    0 => break,
                    n => passed += n,
                }
            }
        } else {
            pass_on(&mut sources, [stdout, stderr], &mut last);
        }
        for index in 0..2 {
            if had_input[index] && sources[index].outcome != Outcome::Complete {
                let _ = link.write(&[LOST + index as u8]);
            }
        }
        match request {
            [DRAIN] => {
                let _ = link.write(&request);
            }
            [FINISH | ABORT] => {
                for index in [last, 1 - last] {
                    sources[index].end(request == [FINISH]);
                }
                return sources;
            }
            _ => {}
        }
    }
}

/// Hands on what one call reads of each source that is `ready`, and returns how much that
/// was.
fn pass_on(sources: &mut [Source; 2], ready: [bool; 2], last: &mut usize) -> usize {
    for (source, ready) in sources.iter_mut().zip(ready) {
        if ready {
            source.read();
        }
    }
    if sources.iter().any(Source::ends_within_line) {
        // What was written before a prompt may have come after we looked for it.
        for source in sources.iter_mut().filter(|source| source.read.is_empty()) {
            source.read();
        }
    }
    let passed = sources.iter().map(|source| source.read.len()).sum();
    let both = sources.iter().all(|source| !source.read.is_empty());
    let order = [*last, 1 - *last];
    if both {
        for index in order {
            sources[index].hand_on_lines();
        }
    }
    for index in order {
        if !sources[index].read.is_empty() {
            sources[index].hand_on();
            *last = index;
        }
    }
    passed
}

/// Waits until there is something of a source, or of the control.
fn wait([stdout, stderr]: &[Source; 2], link: &UnixStream) -> [bool; 3] {
    let mut fds = [
        stdout.poll_fd(link),
        stderr.poll_fd(link),
        PollFd::new(link, PollFlags::IN),
    ];
    match poll(&mut fds, None) {
        Ok(_) => fds.map(|fd| !fd.revents().is_empty()),
        Err(Errno::INTR) => [false; 3],
        Err(_) => {
            // Out of memory, say: the output has to be read all the same.
            thread::sleep(Duration::from_millis(10));
            [true, true, false]
        }
    }
}

/// One output of the command, and where it goes.
#[derive(Debug)]
struct Source {
    /// Nothing after the end, and if the output is lost.
    input: Option<File>,
    buffer: Buffer,
    /// Where in the buffer stands what was read and not yet handed on.
    read: Range<usize>,
    /// What it is to the user: standard ...
    name: &'static str,
    pump: Pump,
    outcome: Outcome,
}

impl Source {
    fn new(input: Option<File>, name: &'static str, pump: Pump) -> Source {
        Source {
            input,
            buffer: Buffer::new(),
            read: 0..0,
            name,
            pump,
            outcome: Outcome::Complete,
        }
    }

    /// What to wait for; nothing is expressed by way of `other`.
    fn poll_fd<'f>(&'f self, other: &'f UnixStream) -> PollFd<'f> {
        match &self.input {
            Some(input) => PollFd::new(input, PollFlags::IN),
            None => PollFd::new(other, PollFlags::empty()),
        }
    }

    /// Whether what was read ends with a half line, as a prompt does.
    fn ends_within_line(&self) -> bool {
        let read = &self.buffer[self.read.clone()];
        read.last().is_some_and(|&byte| byte != b'\n')
    }

    /// Reads what there is.
    fn read(&mut self) {
        let Some(input) = &mut self.input else {
            return;
        };
        let read = loop {
            match input.read(&mut self.buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        match read {
            Ok(0) => self.input = None,
            Ok(n) => self.read = 0..n,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            // Nobody holds the other end of the pseudo-terminal any more.
            Err(error) if Errno::from_io_error(&error) == Some(Errno::IO) => self.input = None,
            Err(error) => {
                let name = self.name;
                report::error(format_args!(
                    "cannot read the standard {name} of the command: {error}"
                ));
                self.lose(Outcome::Failed);
            }
        }
    }

    /// Hands on the whole lines of what was read.
    fn hand_on_lines(&mut self) {
        let read = self.read.clone();
        let lines = self.buffer[read.clone()]
            .iter()
            .rposition(|&byte| byte == b'\n');
        if let Some(end) = lines {
            self.read = read.start..read.start + end + 1;
            self.hand_on();
            self.read = read.start + end + 1..read.end;
        }
    }

    /// Hands on what was read.
    fn hand_on(&mut self) {
        let read = std::mem::take(&mut self.read);
        if self.outcome == Outcome::Complete {
            let written = self.pump.push(&mut self.buffer[read]);
            self.check(written);
        }
    }

    /// The end of the command. That somebody else still holds the other end is none of
    /// the input.
    fn end(&mut self, clean: bool) {
        if self.outcome == Outcome::Complete {
            let written = if clean && self.input.is_none() {
                self.pump.finish()
            } else {
                self.pump.abort()
            };
            self.check(written);
        }
    }

    fn check(&mut self, written: io::Result<()>) {
        match written {
            Ok(()) => {}
            Err(error) if stdio::is_closed(&error) => self.lose(Outcome::Closed),
            Err(error) => {
                let name = self.name;
                report::error(format_args!("cannot write to standard {name}: {error}"));
                self.lose(Outcome::Failed);
            }
        }
    }

    /// Lets the command feel that its output goes nowhere.
    fn lose(&mut self, outcome: Outcome) {
        self.outcome = outcome;
        self.input = None;
    }
}
