//! Known values in a file, one a line.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{MAX_TOTAL, Values};

/// The most bytes of a file. More than the values may have together, because it has
/// ends of lines as well.
const MAX_FILE: usize = 2 * MAX_TOTAL;

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// Adds each line of the file at `path`.
///
/// # Errors
///
/// If the file cannot be read, or a line is too short or too long.
pub(super) fn read(values: &mut Values, path: &Path) -> Result<()> {
    if path.is_dir() {
        bail!(
            "{} is a folder, and values in the files of a folder take --known-dir",
            path.display()
        );
    }
    let bytes = read_at_most(path, MAX_FILE)?;
    if UTF16_MARKS.iter().any(|mark| bytes.starts_with(mark)) {
        bail!("{} is UTF-16; save it as UTF-8", path.display());
    }
    let lines = bytes.strip_prefix(UTF8_MARK).unwrap_or(&bytes);
    let mut is_empty = true;
    for (number, line) in (1..).zip(lines.split(|&byte| byte == b'\n')) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.is_empty() {
            is_empty = false;
            values.add(format!("{}:{number}", path.display()), line)?;
        }
    }
    if is_empty {
        values.warn(format!("{} holds no known value", path.display()));
    }
    Ok(())
}

/// The content of the file at `path`, which may be a pipe, if it is no longer than
/// `max`.
pub(super) fn read_at_most(path: &Path, max: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(max as u64 + 1).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read known values from {}", path.display()))?;
    if bytes.len() > max {
        bail!(
            "{} is too long for known values, of which {} KiB are read at most",
            path.display(),
            max / 1024
        );
    }
    Ok(bytes)
}
