//! The process that was started, and what became of it.

use std::io;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, waitpid};

/// A child of this process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Child {
    pid: Pid,
}

/// What a child did.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Ended(Ended),
    /// It was stopped by this signal.
    Stopped(i32),
}

/// How a child ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ended {
    Exited(u8),
    Killed(i32),
}

impl Ended {
    /// The exit code by which a shell tells it.
    pub(super) fn code(self) -> u8 {
        match self {
            Ended::Exited(code) => code,
            // There are no more than 64 signals.
            Ended::Killed(signal) => 128_u8.saturating_add(u8::try_from(signal).unwrap_or(127)),
        }
    }
}

impl Child {
    pub(super) fn new(child: &std::process::Child) -> Child {
        Child {
            pid: Pid::from_child(child),
        }
    }

    pub(super) fn pid(self) -> Pid {
        self.pid
    }

    /// Sends `signal`. A child that ended just now misses nothing by it.
    pub(super) fn signal(self, signal: Signal) {
        let _ = kill_process(self.pid, signal);
    }

    /// As [`Child::signal`], to all of the process group that it leads.
    pub(super) fn signal_group(self, signal: Signal) {
        let _ = kill_process_group(self.pid, signal);
    }

    /// What it did since it was asked last.
    ///
    /// # Errors
    ///
    /// If it is no child of ours.
    pub(super) fn change(self) -> io::Result<Option<Change>> {
        loop {
            let options = WaitOptions::NOHANG | WaitOptions::UNTRACED;
            let status = match waitpid(Some(self.pid), options) {
                Ok(Some((_, status))) => status,
                Ok(None) => return Ok(None),
                Err(rustix::io::Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            };
            if let Some(signal) = status.terminating_signal() {
                return Ok(Some(Change::Ended(Ended::Killed(signal))));
            }
            if let Some(code) = status.exit_status() {
                // The system keeps eight bits.
                return Ok(Some(Change::Ended(Ended::Exited(code as u8))));
            }
            if let Some(signal) = status.stopping_signal() {
                return Ok(Some(Change::Stopped(signal)));
            }
        }
    }
}
