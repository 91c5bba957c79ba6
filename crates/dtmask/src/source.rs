//! An input: standard input or a file, compressed or not.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek};
use std::path::PathBuf;

use same_file::Handle;

use crate::compress::{self, Decoder, Format};
use crate::progress::{Metered, Progress};
use crate::report;
use crate::stdio::{self, Input};

/// What an input is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    Stdin,
    File(PathBuf),
}

/// An input that is being read.
#[derive(Debug)]
pub(crate) enum Source {
    Stdin(Input),
    Plain(Metered),
    Compressed(Format, Decoder<Metered>),
}

impl Name {
    /// As it is typed: `-` is standard input.
    pub(crate) fn typed(path: PathBuf) -> Name {
        if path.as_os_str() == "-" {
            Name::Stdin
        } else {
            Name::File(path)
        }
    }

    /// # Errors
    ///
    /// If it cannot be opened, or is the file that is written to.
    pub(crate) fn open(&self, progress: &Progress, output: Option<&Handle>) -> io::Result<Source> {
        match self {
            Name::Stdin => {
                let input = Input::open()?;
                if let Some(file) = input.as_file() {
                    refuse(file, output)?;
                }
                input.widen();
                Ok(Source::Stdin(input))
            }
            Name::File(path) => {
                let file = File::open(path)?;
                refuse(&file, output)?;
                progress.name(path);
                Source::of(file, progress)
            }
        }
    }

    /// As [`Source::is_live`], before it is opened: that of a FIFO waits for a writer.
    pub(crate) fn is_live(&self) -> bool {
        match self {
            Name::Stdin => Input::open().is_ok_and(|input| is_live(&input)),
            Name::File(path) => path.metadata().is_ok_and(|meta| stdio::is_pipe(&meta)),
        }
    }

    /// The bytes that are going to be read from it, if it is a file that has a size.
    pub(crate) fn size(&self) -> Option<u64> {
        let Name::File(path) = self else { return None };
        let metadata = path.metadata().ok()?;
        metadata.is_file().then_some(metadata.len())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Stdin => f.write_str("standard input"),
            Name::File(path) => f.write_str(&report::path(path)),
        }
    }
}

impl Source {
    /// Of a file, which may be compressed. Only a regular one is looked into: of any
    /// other, what was read is gone.
    ///
    /// # Errors
    ///
    /// Those of reading its first bytes.
    pub(crate) fn of(mut file: File, progress: &Progress) -> io::Result<Source> {
        let mut format = None;
        if file.metadata()?.is_file() {
            let mut head = Vec::with_capacity(Format::MAGIC);
            (&mut file)
                .take(Format::MAGIC as u64)
                .read_to_end(&mut head)?;
            file.rewind()?;
            format = Format::of_content(&head);
        } else {
            stdio::widen(&file);
        }
        let file = progress.meter(file);
        Ok(match format {
            None => Source::Plain(file),
            Some(format) => Source::Compressed(format, Decoder::new(format, file)?),
        })
    }

    /// What it is compressed with.
    pub(crate) fn format(&self) -> Option<Format> {
        match self {
            Source::Stdin(_) | Source::Plain(_) => None,
            Source::Compressed(format, _) => Some(*format),
        }
    }

    /// Whether somebody writes this input while it is read: then its end is worth
    /// waiting for.
    pub(crate) fn is_live(&self) -> bool {
        match self {
            Source::Stdin(input) => is_live(input),
            Source::Plain(file) => stdio::is_live(file.file()),
            Source::Compressed(..) => false,
        }
    }

    /// Reads what there is, and waits only if there is nothing. 0 is the end.
    ///
    /// # Errors
    ///
    /// Those of the input; never `Interrupted`.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let result = match self {
                Source::Stdin(input) => input.read(buffer),
                Source::Plain(file) => file.read(buffer),
                Source::Compressed(_, decoder) => decoder.read(buffer),
            };
            match result {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(self.explain(error)),
                Ok(n) => return Ok(n),
            }
        }
    }

    /// Appends all there is to `all`. What was read before an error is there.
    ///
    /// # Errors
    ///
    /// As [`Source::read`].
    pub(crate) fn read_to_end(&mut self, all: &mut Vec<u8>) -> io::Result<()> {
        let mut filled = all.len();
        loop {
            if filled == all.len() {
                all.resize(all.len() * 2 + 64 * 1024, 0);
            }
            match self.read(&mut all[filled..]) {
                Ok(n @ 1..) => filled += n,
                end => {
                    all.truncate(filled);
                    return end.map(|_| ());
                }
            }
        }
    }

    /// An error of a decoder says of itself only what no user can understand.
    fn explain(&self, error: io::Error) -> io::Error {
        let Some(format) = self.format().filter(|_| error.raw_os_error().is_none()) else {
            return error;
        };
        let kind = error.kind();
        if kind == ErrorKind::UnexpectedEof {
            io::Error::new(kind, format!("the {format} file is cut off"))
        } else if compress::is_too_long(&error) {
            let message = "the zstd file takes more than 128 MiB of memory, which \
                           'zstd --decompress --stdout --long=31 FILE | dtmask' gives it";
            io::Error::new(kind, message)
        } else {
            io::Error::new(kind, format!("the {format} file is damaged: {error}"))
        }
    }
}

fn is_live(input: &Input) -> bool {
    input.as_file().is_some_and(stdio::is_live)
}

/// Refuses what would grow as it is read: as in `cat`, a regular file that is written
/// to and has something left to read.
fn refuse(mut file: &File, output: Option<&Handle>) -> io::Result<()> {
    let Some(output) = output else { return Ok(()) };
    if Handle::from_file(file.try_clone()?)? == *output
        && file.stream_position()? < file.metadata()?.len()
    {
        let message = "it is the output too; --in-place masks a file where it stands";
        return Err(io::Error::new(ErrorKind::InvalidInput, message));
    }
    Ok(())
}
