//! The terminal that we stand in, while a command has one of its own.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::OFlags;
use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, OutputModes, Termios, tcgetattr, tcgetpgrp, tcgetwinsize,
    tcsetattr, tcsetwinsize,
};

/// The terminal of our session. It hands us every key as it is pressed; what the keys
/// mean is up to the command's own terminal.
#[derive(Debug)]
pub(super) struct Terminal {
    file: File,
    /// How it was before, as long as it is not that way.
    saved: Option<Termios>,
}

impl Terminal {
    /// The terminal at standard input, or the one behind a pipeline; none if it is not
    /// ours to use now: in the background, and if it belongs to another session.
    pub(super) fn ours() -> Option<Terminal> {
        let stdin = io::stdin();
        let file = if stdin.is_terminal() {
            File::from(stdin.as_fd().try_clone_to_owned().ok()?)
        } else {
            File::open("/dev/tty").ok()?
        };
        is_foreground(&file).then_some(Terminal { file, saved: None })
    }

    /// Whether it hands us every key.
    pub(super) fn is_raw(&self) -> bool {
        self.saved.is_some()
    }

    /// Makes it hand us every key, if it is ours to use.
    pub(super) fn enter(&mut self) {
        if !is_foreground(&self.file) {
            // Another job made of it what it needs.
            self.saved = None;
        } else if let Ok(modes) = tcgetattr(&self.file)
            // If not, then nobody changed it since.
            && (self.saved.is_none() || modes.local_modes.contains(LocalModes::ICANON))
        {
            let mut raw = modes.clone();
            raw.make_raw();
            if tcsetattr(&self.file, OptionalActions::Now, &raw).is_ok() {
                self.saved = Some(modes);
            }
        }
    }

    /// Makes it what it was.
    pub(super) fn leave(&mut self) {
        if let Some(modes) = self.saved.take()
            && is_foreground(&self.file)
        {
            // There is nobody to tell.
            let _ = tcsetattr(&self.file, OptionalActions::Now, &modes);
        }
    }
}

impl AsFd for Terminal {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Whether the terminal `fd` is that of our session, and ours to use now.
fn is_foreground(fd: impl AsFd) -> bool {
    tcgetpgrp(fd).is_ok_and(|group| group == getpgrp())
}

/// Whether the terminal `fd` is that of our session, but not ours to use now.
pub(super) fn is_background(fd: impl AsFd) -> bool {
    tcgetpgrp(fd).is_ok_and(|group| group != getpgrp())
}

/// Makes the pseudo-terminal `theirs` like the terminal `ours`. If `verbatim`, it hands
/// on the output as it is: the terminal then still does what it does with line ends.
///
/// # Errors
///
/// If one of them is none.
pub(super) fn imitate(ours: impl AsFd, theirs: impl AsFd, verbatim: bool) -> io::Result<()> {
    let mut modes = tcgetattr(&ours)?;
    if verbatim {
        modes.output_modes.remove(OutputModes::OPOST);
    }
    tcsetattr(&theirs, OptionalActions::Now, &modes)?;
    resize(ours, theirs)
}

/// Gives the pseudo-terminal `theirs` the size of the terminal `ours`.
///
/// # Errors
///
/// As [`imitate`].
pub(super) fn resize(ours: impl AsFd, theirs: impl AsFd) -> io::Result<()> {
    Ok(tcsetwinsize(theirs, tcgetwinsize(ours)?)?)
}

/// Makes reads and writes fail if they would have to wait. Only for descriptors of our
/// own: others may share the rest with us.
///
/// # Errors
///
/// Not with an open descriptor.
pub(super) fn never_wait(fd: impl AsFd) -> io::Result<()> {
    let flags = rustix::fs::fcntl_getfl(&fd)?;
    Ok(rustix::fs::fcntl_setfl(fd, flags | OFlags::NONBLOCK)?)
}
