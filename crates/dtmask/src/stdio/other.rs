//! Standard streams as the standard library has them everywhere.

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::time::Duration;

pub(super) type Input = io::Stdin;

#[derive(Debug)]
pub(super) enum Output {
    Stdout(io::Stdout),
    Stderr(io::Stderr),
    File(File),
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Stdout(stdout) => stdout.write(bytes),
            Output::Stderr(stderr) => stderr.write(bytes),
            Output::File(file) => file.write(bytes),
        }
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match self {
            Output::Stdout(stdout) => stdout.write_vectored(slices),
            Output::Stderr(stderr) => stderr.write_vectored(slices),
            Output::File(file) => file.write_vectored(slices),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Stdout(stdout) => stdout.flush(),
            Output::Stderr(stderr) => stderr.flush(),
            Output::File(file) => file.flush(),
        }
    }
}

pub(super) fn stdin() -> io::Result<Input> {
    Ok(io::stdin())
}

pub(super) fn stdout() -> io::Result<Output> {
    Ok(Output::Stdout(io::stdout()))
}

pub(super) fn stderr() -> io::Result<Output> {
    Ok(Output::Stderr(io::stderr()))
}

pub(super) fn output(file: File) -> Output {
    Output::File(file)
}

pub(super) fn as_file(_: &Input) -> Option<&File> {
    None
}

/// There is no way to ask.
pub(super) fn has_unread(_: &Input) -> bool {
    false
}

pub(crate) fn widen<T>(_: &T) {}

/// Nothing to wait with: a pause keeps the loop from being a busy one.
fn pause() {
    std::thread::sleep(Duration::from_millis(5));
}

pub(super) fn wait_readable(_: &Input) -> io::Result<()> {
    pause();
    Ok(())
}

pub(super) fn wait_writable(_: &Output, _: Option<Duration>) -> io::Result<bool> {
    pause();
    Ok(true)
}
