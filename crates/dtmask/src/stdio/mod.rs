//! Standard input, and standard output or what stands in its place, without buffers
//! in between: what was read is handed on at once, and what was written is written.
//!
//! Interrupted calls are repeated, short writes go on, and a descriptor that was
//! made non-blocking by whoever shares it is waited for. Nothing is lost and
//! nothing is written twice.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(not(unix), path = "other.rs")]
mod sys;

use std::fs::{File, Metadata};
use std::io::{self, BufWriter, ErrorKind, IoSlice, Read, Write};
#[cfg(unix)]
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Standard input.
#[derive(Debug)]
pub(crate) struct Input {
    handle: sys::Input,
}

impl Input {
    /// # Errors
    ///
    /// If the process may not open another descriptor.
    pub(crate) fn open() -> io::Result<Input> {
        let handle = sys::stdin()?;
        Ok(Input { handle })
    }

    /// See [`widen`].
    pub(crate) fn widen(&self) {
        widen(&self.handle);
    }

    /// The file behind this input, where it can be asked for.
    pub(crate) fn as_file(&self) -> Option<&File> {
        sys::as_file(&self.handle)
    }

    /// Whether somebody put bytes into this input that nobody has read. Of a terminal that
    /// is not asked.
    pub(crate) fn has_unread(&self) -> bool {
        sys::has_unread(&self.handle)
    }

    /// Reads what there is, and waits only if there is nothing. 0 is the end.
    ///
    /// # Errors
    ///
    /// Those of the input; never `Interrupted` or `WouldBlock`.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read(&mut self.handle, buffer, sys::wait_readable)
    }
}

/// Standard output, or what is written in its place or beside it.
#[derive(Debug)]
pub(crate) struct Output {
    handle: sys::Output,
}

impl Output {
    /// Standard output.
    ///
    /// # Errors
    ///
    /// If the process may not open another descriptor.
    pub(crate) fn open() -> io::Result<Output> {
        let handle = sys::stdout()?;
        Ok(Output { handle })
    }

    /// Standard error, as the output of another program. What we have to say ourselves
    /// goes through [`crate::report`].
    ///
    /// # Errors
    ///
    /// As [`Output::open`].
    pub(crate) fn open_error() -> io::Result<Output> {
        let handle = sys::stderr()?;
        Ok(Output { handle })
    }

    /// A file, a pipe or a device.
    pub(crate) fn of(file: File) -> Output {
        Output {
            handle: sys::output(file),
        }
    }

    /// See [`widen`].
    pub(crate) fn widen(&self) {
        widen(&self.handle);
    }

    /// Writes all of `bytes`, in one call if the output takes them.
    ///
    /// # Errors
    ///
    /// Those of the output; never `Interrupted` or `WouldBlock`.
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_both(&[], bytes)
    }

    /// Writes all of `first` and then all of `second`, in one call if the output
    /// takes them.
    ///
    /// # Errors
    ///
    /// As [`Output::write_all`].
    pub(crate) fn write_both(&mut self, first: &[u8], second: &[u8]) -> io::Result<()> {
        write_both(&mut self.handle, first, second, |handle| {
            sys::wait_writable(handle, None).map(|_| ())
        })
    }

    /// Writes a few bytes if the output takes them within `patience`.
    #[cfg(unix)]
    pub(crate) fn write_within(&mut self, bytes: &[u8], patience: Duration) {
        if sys::wait_writable(&self.handle, Some(patience)).is_ok_and(|ready| ready) {
            // The process is about to end, there is nothing else to try.
            let _ = self.handle.write(bytes);
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes `text` to standard output and returns whether somebody still reads it.
///
/// # Errors
///
/// If standard output fails otherwise.
pub(crate) fn print(text: impl AsRef<[u8]>) -> Result<bool> {
    print_with(|output| output.write_all(text.as_ref()))
}

/// As [`print()`], for what is made while it is written.
///
/// # Errors
///
/// As there, or if `write` fails.
pub(crate) fn print_with(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<bool> {
    let print = || {
        let mut output = BufWriter::with_capacity(PRINTED, Output::open()?);
        write(&mut output)?;
        output.flush()
    };
    match print() {
        Ok(()) => Ok(true),
        Err(error) if is_closed(&error) => Ok(false),
        Err(error) => Err(error).context("cannot write to standard output"),
    }
}

/// The bytes that are printed at once.
const PRINTED: usize = 64 * 1024;

/// Whether somebody writes `file` while it is read: then its end is worth waiting for.
#[cfg(unix)]
pub(crate) fn is_live(file: &File) -> bool {
    use std::io::IsTerminal as _;

    file.metadata().is_ok_and(|meta| is_pipe(&meta)) || file.is_terminal()
}

/// Whether this is a pipe, with a name or without, or a socket.
#[cfg(unix)]
pub(crate) fn is_pipe(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;

    let kind = metadata.file_type();
    kind.is_fifo() || kind.is_socket()
}

/// Nobody asks where there are no signals.
#[cfg(not(unix))]
pub(crate) fn is_pipe(_: &Metadata) -> bool {
    false
}

/// Nobody asks where there are no signals.
#[cfg(not(unix))]
pub(crate) fn is_live(_: &File) -> bool {
    false
}

/// Lets a pipe hold more, so that its two ends wait for each other less often. What is
/// written can be read at once, as ever. Where that cannot be done it stays as it is.
pub(crate) use sys::widen;

/// Whether the reader of the output went away, which is its right.
pub(crate) fn is_closed(error: &io::Error) -> bool {
    error.kind() == ErrorKind::BrokenPipe
}

/// See [`Input::read`]; `wait` returns when there may be something to read.
fn read<R: Read>(
    reader: &mut R,
    buffer: &mut [u8],
    wait: impl Fn(&R) -> io::Result<()>,
) -> io::Result<usize> {
    loop {
        match reader.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait(reader)?,
            result => return result,
        }
    }
}

/// See [`Output::write_both`]; `wait` returns when `writer` may take something.
fn write_both<W: Write>(
    writer: &mut W,
    mut first: &[u8],
    mut second: &[u8],
    wait: impl Fn(&W) -> io::Result<()>,
) -> io::Result<()> {
    while !(first.is_empty() && second.is_empty()) {
        let result = if first.is_empty() {
            writer.write(second)
        } else {
            writer.write_vectored(&[IoSlice::new(first), IoSlice::new(second)])
        };
        match result {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(n) => {
                let of_first = n.min(first.len());
                first = &first[of_first..];
                second = &second[n - of_first..];
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait(writer)?,
            Err(error) => return Err(error),
        }
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::io::{ErrorKind, IoSlice, Write};

    use dtmask_test::hostile::{Fault, HostileReader, HostileWriter, RecordingWriter, Schedule};

    use super::{read, write_both};

    /// Takes vectors, at most `step` bytes of them in one call.
    struct Gathering {
        step: usize,
        calls: usize,
        taken: Vec<u8>,
    }

    impl Write for Gathering {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.write_vectored(&[IoSlice::new(bytes)])
        }

        fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> std::io::Result<usize> {
            self.calls += 1;
            let before = self.taken.len();
            let bytes = slices.iter().flat_map(|slice| slice.iter());
            self.taken.extend(bytes.take(self.step));
            Ok(self.taken.len() - before)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_short_write_goes_on_where_it_ended() {
        let (first, second) = (b"0123456", b"abcdefghijk");
        for step in 1..=19 {
            let mut writer = Gathering {
                step,
                calls: 0,
                taken: Vec::new(),
            };
            write_both(&mut writer, first, second, |_| unreachable!()).unwrap();
            assert_eq!(writer.taken, b"0123456abcdefghijk");
            assert_eq!(writer.calls, 18_usize.div_ceil(step));
        }
    }

    #[test]
    fn faults_that_pass_lose_nothing_and_repeat_nothing() {
        for n in 0..8 {
            let schedule = Schedule::new()
                .step(3)
                .interrupted_every(2)
                .fault_at(n, Fault::WouldBlock);
            let waits = Cell::new(0);
            let mut writer = HostileWriter::new(schedule);
            write_both(&mut writer, b"0123456", b"abcdefgh", |_| {
                waits.set(waits.get() + 1);
                Ok(())
            })
            .unwrap();
            assert_eq!(writer.taken().bytes(), b"0123456abcdefgh");
            assert_eq!(waits.get(), 1);
        }
    }

    #[test]
    fn faults_that_stay_end_the_write() {
        for (fault, kind) in [
            (Fault::Zero, ErrorKind::WriteZero),
            (Fault::BrokenPipe, ErrorKind::BrokenPipe),
            (Fault::Error, ErrorKind::Other),
        ] {
            let mut writer = HostileWriter::new(Schedule::new().step(3).fault_at(2, fault));
            let error = write_both(&mut writer, b"0123", b"abcd", |_| unreachable!());
            assert_eq!(error.unwrap_err().kind(), kind);
            assert_eq!(writer.taken().bytes(), b"0123");
        }
    }

    #[test]
    fn a_whole_write_is_one_call_and_nothing_is_none() {
        let mut writer = RecordingWriter::new();
        write_both(&mut writer, b"", b"abc", |_| unreachable!()).unwrap();
        write_both(&mut writer, b"", b"", |_| unreachable!()).unwrap();
        assert_eq!(writer.writes(), [b"abc"]);
    }

    #[test]
    fn a_read_waits_and_goes_on() {
        let schedule = Schedule::new()
            .step(2)
            .interrupted_every(2)
            .fault_at(3, Fault::WouldBlock);
        let mut reader = HostileReader::new("abcdef", schedule);
        let waits = Cell::new(0);
        let mut all = Vec::new();
        let mut buffer = [0; 4];
        while let n @ 1.. = read(&mut reader, &mut buffer, |_| {
            waits.set(waits.get() + 1);
            Ok(())
        })
        .unwrap()
        {
            all.extend_from_slice(&buffer[..n]);
        }
        assert_eq!(all, b"abcdef");
        assert_eq!(waits.get(), 1);
    }
}
