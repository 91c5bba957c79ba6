//! A file that takes the place of another once it is complete.

use std::fs::{File, Metadata};
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
    /// target, or what a new file gets.
    ///
    /// # Errors
    ///
    /// If no file can be made in its folder.
    pub(crate) fn new(target: &Path, metadata: Option<&Metadata>) -> io::Result<Replacement> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".dtmask-");
        // While the mode is that of the target, the owner may not be yet: until then
        // nobody else may read it.
        #[cfg(unix)]
        if metadata.is_none() {
            use std::fs::Permissions;
            use std::os::unix::fs::PermissionsExt as _;
            // The umask takes away from it.
            builder.permissions(Permissions::from_mode(0o666));
        }
        let temporary = {
            let mut scratch = scratch::lock();
            let temporary = builder.tempfile_in(folder(target))?;
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

    /// As [`Replacement::new`], and the owner is that of the target too.
    ///
    /// # Errors
    ///
    /// Also if files cannot be given to that owner.
    pub(crate) fn with_owner(target: &Path, metadata: &Metadata) -> io::Result<Replacement> {
        let replacement = Replacement::new(target, Some(metadata))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt as _, fchown};
            let file = replacement.file();
            let own = file.metadata()?;
            if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
                fchown(file, Some(metadata.uid()), Some(metadata.gid())).map_err(|error| {
                    let message = format!("the new file cannot be given its owner: {error}");
                    io::Error::new(error.kind(), message)
                })?;
                // A change of the owner takes set-user-id away.
                file.set_permissions(metadata.permissions())?;
            }
        }
        Ok(replacement)
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
