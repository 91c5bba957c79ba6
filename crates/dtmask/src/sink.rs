//! Where the output goes: standard output, or what `-o` names.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, IsTerminal as _, Write};
use std::path::Path;
#[cfg(unix)]
use std::time::Duration;

use same_file::Handle;

use crate::compress::{Encoder, Format};
use crate::replacement::Replacement;
use crate::stdio::Output;

/// An output that is being written.
#[derive(Debug)]
pub(crate) struct Sink {
    encoder: Encoder<Output>,
    /// What is written appears only at the end, if it goes into a file.
    replacement: Option<Replacement>,
}

impl Sink {
    /// Standard output.
    ///
    /// # Errors
    ///
    /// If the process may not open another descriptor.
    pub(crate) fn stdout() -> io::Result<Sink> {
        let output = Output::open()?;
        output.widen();
        Ok(Sink {
            encoder: Encoder::Plain(output),
            replacement: None,
        })
    }

    /// Standard error, for what a command writes there.
    ///
    /// # Errors
    ///
    /// As [`Sink::stdout`].
    pub(crate) fn stderr() -> io::Result<Sink> {
        Ok(Sink {
            encoder: Encoder::Plain(Output::open_error()?),
            replacement: None,
        })
    }

    /// The file `path`, compressed if its name says so. Pipes and devices are written
    /// to directly, files are replaced at the end.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn create(path: &Path) -> io::Result<Sink> {
        Sink::open(path, Format::of_name(path))
    }

    /// As [`Sink::create`], and never compressed.
    ///
    /// # Errors
    ///
    /// As there.
    pub(crate) fn plain(path: &Path) -> io::Result<Sink> {
        Sink::open(path, None)
    }

    fn open(path: &Path, format: Option<Format>) -> io::Result<Sink> {
        let existing = match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => return Err(ErrorKind::IsADirectory.into()),
            Ok(metadata) if !metadata.is_file() => {
                let file = OpenOptions::new().write(true).open(path)?;
                return Ok(Sink {
                    encoder: Encoder::new(format, Output::of(file))?,
                    replacement: None,
                });
            }
            // `/dev/stdout`, say: others may write there too.
            Ok(_) if stdout_file() == Some(Handle::from_path(path)?) => return Sink::stdout(),
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let replacement = match &existing {
            Some(metadata) => {
                // A file that may not be written is not to be replaced either.
                OpenOptions::new().write(true).open(path)?;
                // Of a link, what it leads to is replaced.
                Replacement::new(&fs::canonicalize(path)?, Some(metadata))?
            }
            None if path.is_symlink() => {
                let message = "it is a link to a file that does not exist";
                return Err(io::Error::new(ErrorKind::NotFound, message));
            }
            None => Replacement::new(path, None)?,
        };
        let file = replacement.file().try_clone()?;
        Ok(Sink {
            encoder: Encoder::new(format, Output::of(file))?,
            replacement: Some(replacement),
        })
    }

    /// Whether what is written is seen at once.
    pub(crate) fn is_direct(&self) -> bool {
        self.replacement.is_none()
    }

    /// Writes all of `first` and then all of `second`, in one call if the output
    /// takes them.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn write_both(&mut self, first: &[u8], second: &[u8]) -> io::Result<()> {
        match &mut self.encoder {
            Encoder::Plain(output) => output.write_both(first, second),
            encoder => {
                encoder.write_all(first)?;
                encoder.write_all(second)
            }
        }
    }

    /// Writes all of `bytes`.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_both(&[], bytes)
    }

    /// The clean end: a file takes its place.
    ///
    /// # Errors
    ///
    /// Those of the output.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.encoder.finish()?;
        self.replacement.take().map_or(Ok(()), Replacement::commit)
    }

    /// Any other end: a file is as if nothing had been written. Returns whether there
    /// was one.
    pub(crate) fn discard(&mut self) -> bool {
        self.replacement.take().is_some()
    }

    /// Writes a few last bytes if the output takes them within `patience`.
    #[cfg(unix)]
    pub(crate) fn end_within(&mut self, bytes: &[u8], patience: Duration) {
        if self.discard() {
            return;
        }
        // What is compressed and not complete cannot be read anyway.
        if let Encoder::Plain(output) = &mut self.encoder {
            output.write_within(bytes, patience);
        }
    }
}

/// Standard output, if it is a regular file: what must not be read at the same time.
pub(crate) fn stdout_file() -> Option<Handle> {
    let handle = Handle::stdout().ok()?;
    let metadata = handle.as_file().metadata().ok()?;
    metadata.is_file().then_some(handle)
}

/// Whether a bar on standard error is in nobody's way if the output goes to `path`.
pub(crate) fn leaves_room_for_progress(path: Option<&Path>) -> bool {
    match path {
        None => !io::stdout().is_terminal() && stdout_file().is_some(),
        Some(path) => fs::metadata(path).map_or(true, |metadata| metadata.is_file()),
    }
}
