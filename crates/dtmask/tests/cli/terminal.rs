//! A user at a terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::Command;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{LocalModes, tcgetattr};

use crate::process::{self, DTMASK, PATIENCE};

/// A terminal of 24 lines and 80 columns, and what runs in it.
pub(crate) struct Terminal {
    child: Child,
    user: File,
    chunks: Receiver<Vec<u8>>,
    /// What is on the screen and was not yet looked at.
    screen: String,
    /// The window is open.
    open: Arc<AtomicBool>,
}

impl Terminal {
    /// Runs a shell script in a terminal, with `$DTMASK` for the binary.
    pub(crate) fn sh(script: &str) -> Terminal {
        Terminal::start(Command::new("sh").args(["-c", script]))
    }

    /// As [`Terminal::sh`], with another script for `$1`.
    pub(crate) fn sh_with(script: &str, inner: &str) -> Terminal {
        Terminal::start(Command::new("sh").args(["-c", script, "sh", inner]))
    }

    /// Runs the binary with `args` in a terminal.
    pub(crate) fn dtmask(args: &[&str]) -> Terminal {
        Terminal::start(Command::new(DTMASK).args(args))
    }

    /// An interactive shell with job control, whose prompt is `> `.
    pub(crate) fn bash() -> Terminal {
        let mut terminal = Terminal::start(
            Command::new("bash")
                .args(["--norc", "--noprofile", "--noediting", "-i"])
                .env("PS1", "> "),
        );
        terminal.see("> ");
        terminal
    }

    fn start(command: Command) -> Terminal {
        process::heed_signals();
        let (pty, pts) = pty_process::blocking::open().expect("a terminal can be made");
        pty.resize(Size::new(24, 80)).expect("it has a size");
        let child = command.env("DTMASK", DTMASK).env("TERM", "xterm");
        let child = child.spawn(pts).expect("the program starts");
        let user = File::from(OwnedFd::from(pty));
        let open = Arc::new(AtomicBool::new(true));
        let ears = user.try_clone().expect("a descriptor can be had");
        Terminal {
            child,
            chunks: listen(ears, Arc::clone(&open)),
            user,
            screen: String::new(),
            open,
        }
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.user
            .write_all(keys.as_bytes())
            .expect("a user can type");
    }

    /// Waits until `text` is on the screen, and returns what stood before it.
    pub(crate) fn see(&mut self, text: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.screen.find(text) {
                let before = self.screen[..at].to_owned();
                self.screen.drain(..at + text.len());
                return before;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.chunks.recv_timeout(left) {
                Ok(chunk) => self.screen.push_str(&String::from_utf8_lossy(&chunk)),
                Err(_) => panic!("waited for {text:?}, on the screen is {:?}", self.screen),
            }
        }
    }

    /// Whether the keys are handed on one by one and without an echo.
    pub(crate) fn is_raw(&self) -> bool {
        let modes = tcgetattr(&self.user).expect("a terminal has modes");
        !modes
            .local_modes
            .intersects(LocalModes::ICANON | LocalModes::ECHO)
    }

    /// Waits until the keys are handed on one by one, or no longer.
    pub(crate) fn wait_for_raw(&self, raw: bool) {
        let deadline = Instant::now() + PATIENCE;
        while self.is_raw() != raw {
            assert!(Instant::now() < deadline, "the modes do not change");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Makes the window another size.
    pub(crate) fn resize(&self, lines: u16, columns: u16) {
        let size = rustix::termios::Winsize {
            ws_row: lines,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        rustix::termios::tcsetwinsize(&self.user, size).expect("a terminal has a size");
    }

    /// Sends a signal to what was started in the terminal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the process is there");
    }

    /// Closes the window.
    pub(crate) fn hang_up(self) {
        self.open.store(false, Ordering::Relaxed);
    }

    /// Waits for the end, and returns the exit code and what was not yet looked at.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let Some(status) = process::end_of(&mut self.child) else {
            panic!("no end, on the screen is {:?}", self.screen);
        };
        for chunk in &self.chunks {
            self.screen.push_str(&String::from_utf8_lossy(&chunk));
        }
        (status.code(), self.screen)
    }
}

/// Reads on a thread, since a test must not wait for ever.
fn listen(mut user: File, open: Arc<AtomicBool>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    let moment = Timespec {
        tv_sec: 0,
        tv_nsec: 20_000_000,
    };
    thread::spawn(move || {
        let mut buffer = vec![0; 4096];
        while open.load(Ordering::Relaxed) {
            let mut fds = [PollFd::new(&user, PollFlags::IN)];
            if !matches!(poll(&mut fds, Some(&moment)), Ok(1..)) {
                continue;
            }
            // An error is the end: nobody is left in the terminal.
            let Ok(n @ 1..) = user.read(&mut buffer) else {
                return;
            };
            if sender.send(buffer[..n].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}
