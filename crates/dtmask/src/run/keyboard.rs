//! Keys on their way from our terminal to that of the command.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::io::Errno;
use rustix::process::Pid;
use rustix::termios::{LocalModes, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp};

use super::terminal::Terminal;

/// Our terminal, as a source of keys.
#[derive(Debug)]
pub(super) struct Keyboard {
    terminal: Terminal,
    /// Typed, and not yet taken by the command's terminal.
    pending: Vec<u8>,
    /// The command has the foreground of its terminal. Before that, a key that means a
    /// signal would reach nobody.
    has_reader: bool,
    /// The terminal hung up.
    gone: bool,
}

impl Keyboard {
    /// Takes every key from now on.
    pub(super) fn open(mut terminal: Terminal) -> Keyboard {
        terminal.enter();
        Keyboard {
            terminal,
            pending: Vec::new(),
            has_reader: false,
            gone: false,
        }
    }

    /// Leaves the terminal to others.
    pub(super) fn go_away(&mut self) {
        self.terminal.leave();
    }

    /// Takes every key again, unless another job has the terminal.
    pub(super) fn come_back(&mut self) {
        self.terminal.enter();
    }

    /// Whether another job has the terminal.
    pub(super) fn is_away(&self) -> bool {
        !self.terminal.is_raw() && !self.gone
    }

    /// Whether the command has started.
    pub(super) fn has_reader(&self) -> bool {
        self.has_reader
    }

    /// Looks whether the command has started: then it has the foreground, and no longer
    /// the `leader` of its session.
    pub(super) fn look_for_reader(&mut self, leader: Pid, [stdout, _]: &[Option<File>; 2]) {
        let foreground = stdout.as_ref().map(tcgetpgrp);
        // Where one cannot ask, keys may come early.
        self.has_reader = !matches!(foreground, Some(Ok(group)) if group == leader);
    }

    /// Whether it makes sense to read.
    pub(super) fn wants_keys(&self) -> bool {
        self.terminal.is_raw() && !self.gone && self.pending.is_empty()
    }

    /// Reads what was typed.
    pub(super) fn read(&mut self) {
        let mut keys = [0; 4096];
        match rustix::io::read(&self.terminal, &mut keys) {
            Ok(n @ 1..) => self.pending.extend_from_slice(&keys[..n]),
            Err(Errno::INTR | Errno::AGAIN) => {}
            // What it means for the command, a signal will say.
            Ok(0) | Err(_) => self.gone = true,
        }
    }

    /// The pseudo-terminal that is to take the next keys, if there are any.
    pub(super) fn waits_for<'p>(&self, ptys: &'p [Option<File>; 2]) -> Option<&'p File> {
        if self.pending.is_empty() {
            return None;
        }
        route(&self.pending, ptys).map(|(pty, _)| pty)
    }

    /// Hands on as much as the command's terminal takes.
    pub(super) fn type_into(&mut self, ptys: &[Option<File>; 2]) {
        while !self.pending.is_empty() {
            let Some((mut pty, count)) = route(&self.pending, ptys) else {
                // Nobody wants it.
                self.pending.clear();
                return;
            };
            match pty.write(&self.pending[..count]) {
                Ok(n) => drop(self.pending.drain(..n)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => self.pending.clear(),
            }
        }
    }
}

impl AsFd for Keyboard {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.terminal.as_fd()
    }
}

/// Where the first of `keys` are to go, and how many of them.
///
/// That is the terminal of the command's standard output, which is that of its session.
/// But pagers read at standard error, since that is a terminal even where they are the
/// end of a pipe. They are known by the modes they give it.
fn route<'p>(keys: &[u8], [stdout, stderr]: &'p [Option<File>; 2]) -> Option<(&'p File, usize)> {
    let stdout = stdout.as_ref()?;
    if let Some(stderr) = stderr
        && let (Ok(modes), Ok(usual)) = (tcgetattr(stderr), tcgetattr(stdout))
        && !modes.local_modes.contains(LocalModes::ICANON)
        && usual.local_modes.contains(LocalModes::ICANON)
    {
        // Only the terminal of a session can send a signal to it.
        return match keys.iter().position(|&key| is_signal(key, &modes)) {
            Some(0) => Some((stdout, 1)),
            Some(at) => Some((stderr, at)),
            None => Some((stderr, keys.len())),
        };
    }
    Some((stdout, keys.len()))
}

/// Whether a terminal with these modes makes a signal of `key`.
fn is_signal(key: u8, modes: &Termios) -> bool {
    use SpecialCodeIndex as Code;

    // 0 stands for no key.
    key != 0
        && modes.local_modes.contains(LocalModes::ISIG)
        && [Code::VINTR, Code::VQUIT, Code::VSUSP]
            .into_iter()
            .any(|code| modes.special_codes[code] == key)
}
