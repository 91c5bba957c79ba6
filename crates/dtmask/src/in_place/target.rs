//! The file that is masked, and whether it still is the same.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use same_file::Handle;

use crate::progress::Progress;
use crate::source::Source;

/// A regular file that was opened to be read. Others may write it, and do.
#[derive(Debug)]
pub(super) struct Target {
    path: PathBuf,
    handle: Handle,
    metadata: Metadata,
}

impl Target {
    /// # Errors
    ///
    /// If it is no regular file or cannot be read.
    pub(super) fn open(path: &Path) -> Result<Target> {
        // Of a link, what it leads to is masked.
        let path = fs::canonicalize(path)?;
        // To open a pipe would be to wait for its writer.
        let metadata = fs::metadata(&path)?;
        if metadata.is_dir() {
            bail!("it is a folder");
        }
        if !metadata.is_file() {
            bail!("it is no regular file, and only these can be masked in place");
        }
        let handle = Handle::from_path(&path)?;
        let metadata = handle.as_file().metadata()?;
        Ok(Target {
            path,
            handle,
            metadata,
        })
    }

    /// Looks at it anew, after it was written.
    ///
    /// # Errors
    ///
    /// If the system fails.
    pub(super) fn refresh(&mut self) -> io::Result<()> {
        self.metadata = self.file().metadata()?;
        Ok(())
    }

    /// Its path without links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// As it was when it was opened.
    pub(super) fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The file, to be read.
    pub(super) fn file(&self) -> &File {
        self.handle.as_file()
    }

    /// What it holds, from its beginning.
    ///
    /// # Errors
    ///
    /// Those of reading its first bytes.
    pub(super) fn source(&self, progress: &Progress) -> io::Result<Source> {
        let mut file = self.file().try_clone()?;
        file.rewind()?;
        Source::of(file, progress)
    }

    /// The same file, to be written.
    ///
    /// # Errors
    ///
    /// If it may not be written, or is not the same any more.
    pub(super) fn writable(&self) -> Result<File> {
        let file = OpenOptions::new().write(true).open(&self.path)?;
        if Handle::from_file(file.try_clone()?)? != self.handle {
            bail!(REPLACED);
        }
        if file.metadata()?.len() < self.metadata.len() {
            bail!(TRUNCATED);
        }
        Ok(file)
    }

    /// # Errors
    ///
    /// If another file has taken its place.
    pub(super) fn check_replaced(&self) -> Result<()> {
        if Handle::from_path(&self.path)? != self.handle {
            bail!(REPLACED);
        }
        Ok(())
    }

    /// # Errors
    ///
    /// If it is not as it was when it was opened.
    pub(super) fn check_unchanged(&self) -> Result<()> {
        self.check_replaced()?;
        let now = self.file().metadata()?;
        if now.len() != self.metadata.len() || now.modified()? != self.metadata.modified()? {
            bail!("somebody wrote to it meanwhile, so it was left as it is; try again");
        }
        Ok(())
    }
}

pub(super) const TRUNCATED: &str = "somebody truncated it meanwhile; run this again";
const REPLACED: &str = "another file took its place meanwhile; run this again";
