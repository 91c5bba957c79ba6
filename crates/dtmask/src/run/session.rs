//! Between us and a command that has a terminal of its own.
//!
//! Who leads a session can never be stopped by its terminal: there is no shell above
//! it in the session that could continue it. So the command must not lead it. The
//! leader is this program once more, under the name [`LEADER`]: it starts the command
//! in a process group of its own, makes that the foreground of the terminal, and then
//! does to itself what happens to the command, for us to see: it stops when the command
//! stops, and ends as it ends.
//!
//! The command has to be in the foreground from its first instruction on. So what the
//! leader starts is this program a third time, under the name [`STARTER`], which waits
//! for that and then becomes the command.

use std::convert::Infallible;
use std::env;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Resource, Rlimit, Signal, getpid, kill_process, setrlimit};
use rustix::termios::tcsetpgrp;

use super::child::{Change, Child, Ended};
use super::signals::{PASSED_ON, Signals, stops_jobs};
use super::{FAILED, cannot_run, terminal};
use crate::report;

const LEADER: &str = "dtmask-session";
const STARTER: &str = "dtmask-start";

/// The leader of a new session; its arguments are the command.
pub(super) fn leader() -> pty_process::blocking::Command {
    pty_process::blocking::Command::new(this_program()).arg0(LEADER)
}

/// Plays its part and returns the exit code, if this process is not the one that a
/// user started.
pub(crate) fn stage() -> Option<u8> {
    let mut args = env::args_os();
    let part = args.next()?;
    if part == LEADER {
        let code = lead(args).unwrap_or_else(|error| {
            report::error(format_args!("{error:#}"));
            FAILED
        });
        return Some(code);
    }
    (part == STARTER).then(|| {
        let name = args.next().unwrap_or_default();
        match start(&name, args) {
            Err(error) => cannot_run(&name, &error),
        }
    })
}

/// Leads the session of the command `args`.
fn lead(args: impl Iterator<Item = OsString>) -> Result<u8> {
    let mut signals = Signals::catch(PASSED_ON).context("cannot handle signals")?;
    let child = Command::new(this_program())
        .arg0(STARTER)
        .args(args)
        .process_group(0)
        .spawn()
        .context("cannot start myself")?;
    let child = Child::new(&child);
    // Our standard output is the terminal of the session.
    tcsetpgrp(io::stdout(), child.pid()).context("cannot give the terminal away")?;
    loop {
        match poll(&mut [PollFd::new(&signals, PollFlags::IN)], None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => bail!("cannot wait for the command: {error}"),
        }
        for arrival in signals.arrived() {
            // What the terminal sends, it sends to the command as well.
            if PASSED_ON.contains(&arrival.signal) && arrival.from_process {
                child.signal(arrival.signal);
            }
        }
        match child.change().context("cannot wait for the command")? {
            Some(Change::Ended(ended)) => return Ok(end_like(ended)),
            Some(Change::Stopped(signal)) if stops_jobs(signal) => {
                // Goes on when we are continued.
                let _ = kill_process(getpid(), Signal::STOP);
                child.signal_group(Signal::CONT);
            }
            Some(Change::Stopped(_)) | None => {}
        }
    }
}

/// Ends this process as the command ended, or returns the exit code for it.
fn end_like(ended: Ended) -> u8 {
    if let Ended::Killed(signal) = ended {
        // The command has left its core, ours would be in its place.
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        let _ = setrlimit(Resource::Core, none);
        #[cfg(target_os = "linux")]
        let _ =
            rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
        let _ = signal_hook::low_level::emulate_default_handler(signal);
    }
    ended.code()
}

/// Becomes the command `name` as soon as the terminal is its own.
fn start(name: &OsStr, args: impl Iterator<Item = OsString>) -> io::Result<Infallible> {
    while terminal::is_background(io::stdout()) {
        thread::sleep(Duration::from_micros(100));
    }
    Err(Command::new(name).args(args).exec())
}

/// The path of what runs here, even if it was replaced in the meantime.
fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    env::current_exe().unwrap_or_else(|_| PathBuf::from("dtmask"))
}
