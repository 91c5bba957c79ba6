//! Known values in a folder, one a file: secrets as Kubernetes and Docker mount them.
//!
//! The kubelet writes a folder `..2025_01_31_12_00_00.123`, links `..data` to it and each
//! `NAME` to `..data/NAME`, so that it can swap all of them at once. What begins with `..`
//! is its own; links lead to the values.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::file::read_at_most;
use super::{MAX, Values};

/// Adds the content of each file in `folder`.
///
/// # Errors
///
/// If something in there cannot be read or is no file, or a value is too short or too
/// long.
pub(super) fn read(values: &mut Values, folder: &Path) -> Result<()> {
    if !folder.is_dir() && folder.exists() {
        bail!(
            "{} is no folder; a file with one value a line takes --known-file",
            folder.display()
        );
    }
    if !read_entries(values, folder, Links::Followed)? {
        values.warn(format!("{} holds no known value", folder.display()));
    }
    Ok(())
}

/// Whether links may lead to folders: to the kubelet's they do, further down they could
/// lead back up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Links {
    Followed,
    Refused,
}

/// Returns whether there was any value.
fn read_entries(values: &mut Values, folder: &Path, links: Links) -> Result<bool> {
    let unreadable = |path: &Path| format!("cannot read known values from {}", path.display());
    let mut entries = fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| unreadable(folder))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut any = false;
    for entry in entries {
        if entry.file_name().as_encoded_bytes().starts_with(b"..") {
            continue;
        }
        let path = entry.path();
        let kind = fs::metadata(&path)
            .with_context(|| unreadable(&path))?
            .file_type();
        if kind.is_dir() {
            if links == Links::Refused && path.is_symlink() {
                bail!(
                    "{} is a link to a folder, which takes a --known-dir of its own",
                    path.display()
                );
            }
            any |= read_entries(values, &path, Links::Refused)?;
        } else if kind.is_file() {
            // One more for the newline, and one for the carriage return before it.
            let content = read_at_most(&path, MAX + 2)?;
            values.add(path.display().to_string(), without_newline(&content))?;
            any = true;
        } else {
            bail!("{} is neither a file nor a folder", path.display());
        }
    }
    Ok(any)
}

fn without_newline(content: &[u8]) -> &[u8] {
    match content {
        [value @ .., b'\r', b'\n'] | [value @ .., b'\n'] => value,
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::without_newline;

    #[test]
    fn one_newline_is_cut() {
        for (content, value) in [
            ("", ""),
            ("\n", ""),
            ("a\n", "a"),
            ("a\r\n", "a"),
            ("a\n\n", "a\n"),
            ("a\r", "a\r"),
            ("\na", "\na"),
        ] {
            assert_eq!(without_newline(content.as_bytes()), value.as_bytes());
        }
    }
}
