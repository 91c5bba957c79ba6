//! Standard streams where they are file descriptors.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

pub(super) type Input = File;
pub(super) type Output = File;

/// A file over the same open description: `io::Stdin` would put a buffer of
/// its own before ours.
pub(super) fn stdin() -> io::Result<Input> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// As [`stdin`]: `io::Stdout` would wait for the end of a line.
pub(super) fn stdout() -> io::Result<Output> {
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

pub(super) fn output(file: File) -> Output {
    file
}

/// As [`stdin`], with the same type as [`stdout`].
pub(super) fn stderr() -> io::Result<Output> {
    Ok(File::from(io::stderr().as_fd().try_clone_to_owned()?))
}

pub(super) fn as_file(input: &Input) -> Option<&File> {
    Some(input)
}

pub(super) fn has_unread(input: &Input) -> bool {
    !input.is_terminal() && rustix::io::ioctl_fionread(input).is_ok_and(|unread| unread > 0)
}

/// What a pipe should hold. The user's pipes together may hold 64 MiB.
#[cfg(target_os = "linux")]
const PIPE: usize = 512 * 1024;

#[cfg(target_os = "linux")]
pub(crate) fn widen(pipe: &impl AsFd) {
    use rustix::pipe::{fcntl_getpipe_size, fcntl_setpipe_size};
    if fcntl_getpipe_size(pipe).is_ok_and(|size| size < PIPE) {
        // It is no pipe, or the user has too many of them.
        let _ = fcntl_setpipe_size(pipe, PIPE);
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn widen<T>(_: &T) {}

pub(super) fn wait_readable(input: &Input) -> io::Result<()> {
    wait(input, PollFlags::IN, None).map(|_| ())
}

pub(super) fn wait_writable(output: &Output, patience: Option<Duration>) -> io::Result<bool> {
    wait(output, PollFlags::OUT, patience)
}

/// Whether something happened in time. What it was, an error included, the
/// next call on `file` will say.
fn wait(file: &File, flags: PollFlags, patience: Option<Duration>) -> io::Result<bool> {
    let timeout = patience.and_then(|patience| Timespec::try_from(patience).ok());
    match poll(&mut [PollFd::new(file, flags)], timeout.as_ref()) {
        Ok(events) => Ok(events > 0),
        Err(error) if error == rustix::io::Errno::INTR => Ok(true),
        Err(error) => Err(error.into()),
    }
}
