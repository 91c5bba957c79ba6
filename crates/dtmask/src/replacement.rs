//! A file that takes the place of another once it is complete.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::scratch;

/// A temporary file in the folder of its target. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Replacement {
    temporary: NamedTempFile,
    target: PathBuf,
}

impl Replacement {
    /// For `target`, whose `metadata` is known if it exists: the mode is that of the
    /// target, or what a new file gets; so is the owner, where this process may give files
    /// away.
    ///
    /// # Errors
    ///
    /// If no file can be made in its folder.
    pub(crate) fn new(target: &Path, metadata: Option<&Metadata>) -> io::Result<Replacement> {
        let replacement = Replacement::make(target, metadata)?;
        if let Some(metadata) = metadata {
            // Whoever may write to a file need not be able to give one to its owner.
            let _ = replacement.give_to_owner_of(metadata);
        }
        Ok(replacement)
    }

    /// As [`Replacement::new`], and the owner is that of the target for certain.
    ///
    /// # Errors
    ///
    /// Also if files cannot be given to that owner.
    pub(crate) fn with_owner(target: &Path, metadata: &Metadata) -> io::Result<Replacement> {
        let replacement = Replacement::make(target, Some(metadata))?;
        replacement.give_to_owner_of(metadata).map_err(|error| {
            let message = format!("the new file cannot be given its owner: {error}");
            io::Error::new(error.kind(), message)
        })?;
        Ok(replacement)
    }

    fn make(target: &Path, metadata: Option<&Metadata>) -> io::Result<Replacement> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            // While the mode is that of the target, the owner may not be yet: until then
            // nobody else may read it. The umask takes away from what a new file gets.
            options.mode(if metadata.is_some() { 0o600 } else { 0o666 });
        }
        let temporary = {
            let mut scratch = scratch::lock();
            let mut builder = tempfile::Builder::new();
            builder.prefix(".dtmask-");
            // Opened by ourselves: the errors of tempfile quote the path, escaped, which
            // would hide a secret in it from the redactor.
            let temporary = builder.make_in(folder(target), |path| options.open(path))?;
            *scratch = Some(temporary.path().to_owned());
            temporary
        };
        if let Some(metadata) = metadata {
            temporary
                .as_file()
                .set_permissions(metadata.permissions())?;
        }
        Ok(Replacement {
            temporary,
            target: target.to_owned(),
        })
    }

    /// Elsewhere than on Unix, files have no owner that matters.
    fn give_to_owner_of(&self, metadata: &Metadata) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt as _, fchown};
            let file = self.file();
            let own = file.metadata()?;
            if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
                fchown(file, Some(metadata.uid()), Some(metadata.gid()))?;
                // A change of the owner takes set-user-id away.
                file.set_permissions(metadata.permissions())?;
            }
        }
        #[cfg(not(unix))]
        let _ = metadata;
        Ok(())
    }

    /// Where to write.
    pub(crate) fn file(&self) -> &File {
        self.temporary.as_file()
    }

    /// Takes the place of the target, so that it lasts.
    ///
    /// # Errors
    ///
    /// If that fails; then the target is as it was.
    pub(crate) fn commit(self) -> io::Result<()> {
        self.file().sync_all()?;
        // A signal comes before this or after it.
        let mut scratch = scratch::lock();
        self.temporary.persist(&self.target)?;
        *scratch = None;
        drop(scratch);
        sync_folder(&self.target)
    }
}

/// The folder that `path` stands in.
pub(crate) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Makes the names in the folder of `path` last.
///
/// # Errors
///
/// If the folder cannot be opened or written.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    // Elsewhere a folder is no file.
    if cfg!(unix) {
        File::open(folder(path))?.sync_all()?;
    }
    Ok(())
}
