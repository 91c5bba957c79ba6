//! Passes on to the command what is meant for it, and to us what happens to it.

use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Signal, getpid, kill_current_process_group, kill_process};

use super::child::{Change, Child, Ended};
use super::keyboard::Keyboard;
use super::relay::{Message, Relay};
use super::signals::{Arrival, STOPPING, Signals, stops_jobs};
use super::terminal;
use super::wiring::Started;
use super::{FAILED, Outcome, Ran};
use crate::signals::LAST_WORDS;

/// How long we wait for a reader of the output that is stuck, if we are to stop, or to
/// end.
const STUCK_READER: Duration = Duration::from_millis(200);

/// How often a job in the background looks whether it is there still: a shell that
/// brings it to the front tells nobody.
const LOOK: Duration = Duration::from_millis(200);

/// How often we look whether the command has started.
const START: Duration = Duration::from_millis(1);

/// The main thread while a command runs.
#[derive(Debug)]
pub(super) struct Control {
    child: Child,
    signals: Signals,
    relay: Relay,
    /// Our ends of the outputs that are pseudo-terminals.
    ptys: [Option<File>; 2],
    /// Of a command in a session of its own: where its keys come from.
    keyboard: Option<Keyboard>,
    /// The command is stopped, and we were or are about to be.
    paused: bool,
    /// The last signal that meant the end and was for the command.
    fatal: Option<Signal>,
}

impl Control {
    pub(super) fn new(started: Started, signals: Signals, relay: Relay) -> Control {
        Control {
            child: started.child,
            signals,
            relay,
            ptys: started.ptys,
            keyboard: started.terminal.map(Keyboard::open),
            paused: false,
            fatal: None,
        }
    }

    /// Stays with the command to its end.
    ///
    /// # Errors
    ///
    /// If the system does not let us.
    pub(super) fn until_end(mut self) -> Result<Ran> {
        loop {
            self.wait()?;
            let arrivals: Vec<Arrival> = self.signals.arrived().collect();
            for arrival in arrivals {
                self.take(arrival);
            }
            while let Some(message) = self.relay.message() {
                if !self.hear(message) {
                    return Ok(Ran::nothing(FAILED));
                }
            }
            if let Some(keyboard) = &mut self.keyboard {
                keyboard.type_into(&self.ptys);
            }
            let change = self.child.change();
            match change.context("cannot wait for the command")? {
                Some(Change::Ended(ended)) => return self.finish(ended),
                // The leader of a session stops itself because the command did.
                Some(Change::Stopped(signal)) if self.keyboard.is_some() || stops_jobs(signal) => {
                    self.stop();
                }
                Some(Change::Stopped(_)) | None => {}
            }
        }
    }

    /// Waits until there is something to do.
    fn wait(&mut self) -> Result<()> {
        let mut fds = vec![
            PollFd::new(&self.signals, PollFlags::IN),
            PollFd::new(&self.relay, PollFlags::IN),
        ];
        let mut timeout = None;
        if let Some(keyboard) = &self.keyboard {
            if keyboard.is_away() {
                timeout = Some(LOOK);
            } else if !keyboard.has_reader() {
                timeout = Some(START);
            } else if keyboard.wants_keys() {
                fds.push(PollFd::new(keyboard, PollFlags::IN));
            } else if let Some(pty) = keyboard.waits_for(&self.ptys) {
                fds.push(PollFd::new(pty, PollFlags::OUT));
            }
        }
        poll_for(&mut fds, timeout)?;
        let typed = fds.get(2).is_some_and(|fd| !fd.revents().is_empty());
        if let Some(keyboard) = &mut self.keyboard {
            if keyboard.is_away() {
                keyboard.come_back();
            } else if !keyboard.has_reader() {
                keyboard.look_for_reader(self.child.pid(), &self.ptys);
            } else if typed && keyboard.wants_keys() {
                keyboard.read();
            }
        }
        Ok(())
    }

    fn take(&mut self, arrival: Arrival) {
        let Arrival {
            signal,
            from_process,
        } = arrival;
        let in_session = self.keyboard.is_some();
        if FATAL.contains(&signal) {
            self.fatal = Some(signal);
        }
        match signal {
            Signal::WINCH => {
                self.resize();
                // It may have asked for the size before that was the new one.
                if !in_session && (from_process || self.ptys.iter().any(Option::is_some)) {
                    self.child.signal(signal);
                }
            }
            Signal::CONT => self.resume(),
            Signal::CHILD => {}
            // Unless it stands in another session, it has what the terminal sends.
            signal if in_session || from_process => self.child.signal(signal),
            _ => {}
        }
    }

    /// Returns whether there will be more to hear.
    fn hear(&mut self, message: Message) -> bool {
        match message {
            // Closed by the relay; the command feels it when we close it too.
            Message::Lost(output) => self.ptys[output] = None,
            Message::Drained => {}
            Message::Gone => return false,
        }
        true
    }

    /// Stops as the command did, until somebody continues us.
    fn stop(&mut self) {
        self.drain();
        self.paused = true;
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.go_away();
            // The terminal would have stopped all of the group.
            let _ = kill_current_process_group(Signal::TSTP);
        } else {
            stop_here();
        }
        self.resume();
    }

    fn resume(&mut self) {
        if let Some(keyboard) = &mut self.keyboard {
            keyboard.come_back();
        }
        self.resize();
        if std::mem::take(&mut self.paused) {
            self.child.signal(Signal::CONT);
        }
    }

    fn resize(&self) {
        // The one that tells the command of it comes last.
        let [stdout, stderr] = &self.ptys;
        if let Some(pty) = stderr {
            let _ = terminal::resize(io::stderr(), pty);
        }
        if let Some(pty) = stdout {
            let _ = terminal::resize(io::stdout(), pty);
        }
    }

    /// Waits until what is there is handed on.
    fn drain(&mut self) {
        let deadline = Instant::now() + STUCK_READER;
        self.relay.drain();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.relay.message() {
                Some(Message::Drained | Message::Gone) => return,
                Some(message) => {
                    self.hear(message);
                }
                None if left.is_zero() => return,
                None => {
                    let fd = PollFd::new(&self.relay, PollFlags::IN);
                    let _ = poll_for(&mut [fd], Some(left));
                }
            }
        }
    }

    /// The end of the command: what it left is handed on. A signal now is meant for us, and
    /// so was one that asked for the end of everything: the reader may be stuck.
    fn finish(mut self, ended: Ended) -> Result<Ran> {
        self.relay.end(matches!(ended, Ended::Exited(_)));
        // The others may have meant something else to a command that lived on.
        let meant_us =
            |signal: &Signal| *signal == Signal::TERM || matches!(ended, Ended::Killed(_));
        let mut last = self
            .fatal
            .filter(meant_us)
            .map(|signal| (signal, Instant::now() + LAST_WORDS));
        let mut again = false;
        loop {
            let left = last.map(|(_, at)| at.saturating_duration_since(Instant::now()));
            if let (Some((signal, _)), Some(Duration::ZERO)) = (last, left) {
                return Ok(Ran::nothing(Ended::Killed(signal.as_raw()).code()));
            }
            let signals = PollFd::new(&self.signals, PollFlags::IN);
            let relay = PollFd::new(&self.relay, PollFlags::IN);
            poll_for(&mut [signals, relay], left)?;
            for Arrival { signal, .. } in self.signals.arrived() {
                if STOPPING.contains(&signal) {
                    stop_here();
                } else if !again && FATAL.contains(&signal) {
                    last = Some((signal, Instant::now() + STUCK_READER));
                    again = true;
                }
            }
            while let Some(message) = self.relay.message() {
                if message == Message::Gone {
                    return Ok(self.account(ended));
                }
            }
        }
    }

    /// What there is to say when everything is over.
    fn account(self, ended: Ended) -> Ran {
        let Some(outputs) = self.relay.join() else {
            return Ran::nothing(FAILED);
        };
        let outcome = outputs.iter().map(|(_, outcome)| *outcome).max();
        Ran {
            code: ended.code(),
            outcome: outcome.unwrap_or(Outcome::Complete),
            masked: outputs.into_iter().map(|(pump, _)| pump).collect(),
        }
    }
}

/// Signals that mean the end.
const FATAL: [Signal; 4] = [Signal::HUP, Signal::INT, Signal::QUIT, Signal::TERM];

/// Stops this process; returns when it is continued.
fn stop_here() {
    let _ = kill_process(getpid(), Signal::STOP);
}

/// Waits until something happens on `fds`, or for `timeout`.
fn poll_for(fds: &mut [PollFd<'_>], timeout: Option<Duration>) -> Result<()> {
    let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
    match poll(fds, timeout.as_ref()) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error).context("cannot wait for the command"),
    }
}
