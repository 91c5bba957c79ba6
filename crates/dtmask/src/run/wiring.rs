//! What the command has for its standard streams.
//!
//! An output that is a terminal becomes a pseudo-terminal, any other a pipe. Each
//! output has its own, also if both are the same terminal: two streams in one could
//! not be told apart any more, and a secret that is written in two parts, with a
//! message between them, would come out. `--one-terminal` gives that up for programs that
//! take standard error for the terminal of their session, as bash does.
//!
//! If standard output is our terminal, and we are in its foreground, then the command is
//! led by a session of its own, whose terminal is the pseudo-terminal of its standard
//! output: keys, modes, size, `/dev/tty`, all is that of one terminal. Otherwise the
//! command stays in our process group and keeps our standard input, so that pipelines
//! and job control find the terminal they know.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, IsTerminal, PipeWriter};
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};

use pty_process::blocking::Pts;
use rustix::process::Signal;

use super::child::Child;
use super::session;
use super::signals::{PASSED_ON, STOPPING};
use super::terminal::{self, Terminal};
use crate::stdio;

/// What the command will have for its outputs.
pub(super) struct Wiring {
    /// Our terminal, if the command is to have a session of its own.
    terminal: Option<Terminal>,
    stdout: Plug,
    /// If it is not that of standard output.
    stderr: Option<Plug>,
}

/// How the start of a command went.
pub(super) enum Start {
    /// It runs, and these are its standard output, and its standard error if that is
    /// another. They never wait.
    Running(Started, [Option<File>; 2]),
    /// There is no such command, or it cannot be run. Of a command in a session of its
    /// own that will only be seen by the way it ends.
    Refused(io::Error),
}

/// A command that runs.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) child: Child,
    /// Our terminal, if the command is in a session of its own and `child` its leader.
    pub(super) terminal: Option<Terminal>,
    /// Our ends of its outputs that are pseudo-terminals.
    pub(super) ptys: [Option<File>; 2],
}

impl Wiring {
    /// Opens what suits our own streams; `one_terminal` for both outputs, if they are
    /// terminals.
    ///
    /// # Errors
    ///
    /// If the system has no more descriptors or pseudo-terminals.
    pub(super) fn choose(one_terminal: bool) -> io::Result<Wiring> {
        let (stdout, stderr) = (io::stdout(), io::stderr());
        let terminal = if stdout.is_terminal() {
            Terminal::ours()
        } else {
            None
        };
        let session = terminal.is_some();
        let one = one_terminal && stdout.is_terminal() && stderr.is_terminal();
        Ok(Wiring {
            terminal,
            stdout: Plug::like(&stdout, session)?,
            stderr: if one {
                None
            } else {
                Some(Plug::like(&stderr, session)?)
            },
        })
    }

    /// The signals that mean something to us with this wiring.
    pub(super) fn signals(&self) -> impl Iterator<Item = Signal> + use<> {
        // With a session of its own the command is stopped there, and we after it, by
        // the default action: only the system knows whether anyone could continue us.
        let stopping = match self.terminal {
            Some(_) => &[][..],
            None => &STOPPING[..],
        };
        PASSED_ON
            .into_iter()
            .chain([Signal::WINCH, Signal::CONT])
            .chain(stopping.iter().copied())
    }

    /// Starts a command.
    ///
    /// # Errors
    ///
    /// If it is not the command that is to blame.
    pub(super) fn start(self, name: &OsStr, args: &[OsString]) -> io::Result<Start> {
        let Wiring {
            terminal,
            stdout,
            stderr,
        } = self;
        let ptys = [stdout.pty()?, stderr.as_ref().map_or(Ok(None), Plug::pty)?];
        let stderr_end = stderr.as_ref().unwrap_or(&stdout).theirs.stdio()?;
        let child = match stdout.theirs {
            Theirs::Pty(pts) if terminal.is_some() => {
                let mut leader = session::leader();
                leader = leader.arg(name).args(args).stderr(stderr_end);
                if !io::stdin().is_terminal() {
                    leader = leader.stdin(Stdio::inherit());
                }
                leader.spawn(pts).map_err(io::Error::other)?
            }
            theirs => {
                let mut command = Command::new(name);
                command.args(args);
                command.stdout(theirs.stdio()?);
                command.stderr(stderr_end);
                match command.spawn() {
                    Ok(child) => child,
                    Err(error) => return Ok(Start::Refused(error)),
                }
            }
        };
        let started = Started {
            child: Child::new(&child),
            terminal,
            ptys,
        };
        let stderr = stderr.map(|plug| plug.ours);
        Ok(Start::Running(started, [Some(stdout.ours), stderr]))
    }
}

/// The two ends of one output.
struct Plug {
    ours: File,
    theirs: Theirs,
}

/// The command's end of an output.
enum Theirs {
    Pipe(PipeWriter),
    Pty(Pts),
}

impl Plug {
    /// An output that is like `stream`.
    fn like(stream: &(impl IsTerminal + AsFd), session: bool) -> io::Result<Plug> {
        let plug = if stream.is_terminal() {
            let (pty, pts) = pty_process::blocking::open().map_err(io::Error::other)?;
            // A terminal that does not tell its size or modes is no reason to give up.
            let _ = terminal::imitate(stream, pts.as_fd(), !session);
            Plug {
                ours: File::from(OwnedFd::from(pty)),
                theirs: Theirs::Pty(pts),
            }
        } else {
            let (reader, writer) = io::pipe()?;
            stdio::widen(&reader);
            Plug {
                ours: File::from(OwnedFd::from(reader)),
                theirs: Theirs::Pipe(writer),
            }
        };
        terminal::never_wait(&plug.ours)?;
        Ok(plug)
    }

    /// Our end, if it is that of a pseudo-terminal.
    fn pty(&self) -> io::Result<Option<File>> {
        match self.theirs {
            Theirs::Pty(_) => self.ours.try_clone().map(Some),
            Theirs::Pipe(_) => Ok(None),
        }
    }
}

impl Theirs {
    fn stdio(&self) -> io::Result<Stdio> {
        let fd = match self {
            Theirs::Pipe(writer) => writer.as_fd(),
            Theirs::Pty(pts) => pts.as_fd(),
        };
        fd.try_clone_to_owned().map(Stdio::from)
    }
}
