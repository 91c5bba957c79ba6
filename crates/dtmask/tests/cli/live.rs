//! A running process that is talked with.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::process::{self, PATIENCE};

/// The binary with its input open.
pub(crate) struct Live {
    child: Child,
    stdin: Option<ChildStdin>,
    chunks: Receiver<Vec<u8>>,
    /// What arrived and was not yet asked for.
    arrived: Vec<u8>,
}

impl Live {
    /// Starts the binary with `args`.
    pub(crate) fn start(args: &[&str]) -> Live {
        Live::spawn(process::command(args))
    }

    /// Starts `command`, whose output is a pipe.
    pub(crate) fn spawn(mut command: Command) -> Live {
        let mut child = command.spawn().expect("the binary starts");
        let stdout = child.stdout.take().expect("standard output is piped");
        Live {
            stdin: child.stdin.take(),
            child,
            chunks: listen(stdout),
            arrived: Vec::new(),
        }
    }

    /// Writes to the standard input of the process.
    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        let stdin = self.stdin.as_mut().expect("the input is open");
        stdin.write_all(bytes.as_ref()).expect("the process reads");
    }

    /// Waits until `bytes` came out, and fails if others do. That more follows is
    /// seen by the next call.
    pub(crate) fn hear(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        let deadline = Instant::now() + PATIENCE;
        while self.arrived.len() < bytes.len() {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.chunks.recv_timeout(left) {
                Ok(chunk) => self.arrived.extend(chunk),
                Err(_) => panic!(
                    "waited for {:?}, only {:?} came",
                    String::from_utf8_lossy(bytes),
                    String::from_utf8_lossy(&self.arrived)
                ),
            }
        }
        let heard: Vec<u8> = self.arrived.drain(..bytes.len()).collect();
        assert_eq!(
            String::from_utf8_lossy(&heard),
            String::from_utf8_lossy(bytes)
        );
    }

    /// Fails if anything comes out within `time`.
    pub(crate) fn hear_nothing(&mut self, time: Duration) {
        if self.arrived.is_empty() {
            match self.chunks.recv_timeout(time) {
                Ok(chunk) => self.arrived.extend(chunk),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("the process ended"),
            }
        }
        assert_eq!(String::from_utf8_lossy(&self.arrived), "");
    }

    /// Sends a signal and gives the process a moment to see it: two signals of a
    /// kind that arrive together are one.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the process is there");
        thread::sleep(Duration::from_millis(50));
    }

    /// Ends the input.
    pub(crate) fn hang_up(&mut self) {
        self.stdin = None;
    }

    /// The file of this process in `/proc`.
    pub(crate) fn proc(&self, file: &str) -> String {
        let path = format!("/proc/{}/{file}", self.child.id());
        std::fs::read_to_string(path).expect("the process is there")
    }

    /// Waits for the end of the process. Its input ends only if it was hung up.
    pub(crate) fn end(mut self) -> process::Ran {
        let Some(status) = process::end_of(&mut self.child) else {
            panic!("the process does not end");
        };
        self.arrived.extend(self.chunks.iter().flatten());
        let mut stderr = String::new();
        let pipe = self.child.stderr.as_mut().expect("standard error is piped");
        pipe.read_to_string(&mut stderr).expect("messages are text");
        process::Ran {
            code: status.code(),
            stdout: self.arrived,
            stderr,
        }
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

/// Reads on a thread, since a test must not wait for ever.
fn listen(mut stdout: ChildStdout) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(n @ 1..) = stdout.read(&mut buffer) {
            if sender.send(buffer[..n].to_vec()).is_err() {
                break;
            }
        }
    });
    receiver
}
