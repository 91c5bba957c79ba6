//! Secret bytes overwritten where they stand.
//!
//! What makes bytes secret stands before them, and may be secret itself: so they are
//! overwritten from the last one to the first, and what is not masked yet is still
//! found if this is interrupted. Two exceptions are left to the journal: a region
//! that several rules share, and a few bytes around the end of a page, since the kernel
//! copies page by page and a process can be killed between two.

use std::fs::File;
use std::io;
use std::ops::Range;

use anyhow::{Result, bail};

use super::journal::{Sealed, Secret};
use super::target::TRUNCATED;

/// What is written at once lies in one page if possible: then it is written as a whole
/// or not at all.
const PAGE: u64 = 4096;

/// Overwrites the secrets of `file` with masks, and waits until they are on disk.
///
/// # Errors
///
/// If the file cannot be written, or has become too short.
pub(super) fn run(file: &File, secrets: &Sealed, max_held: usize) -> Result<()> {
    backward(secrets, max_held, |offset, bytes| {
        // A write behind the end would make the file longer.
        if file.metadata()?.len() < offset + bytes.len() as u64 {
            bail!(TRUNCATED);
        }
        Ok(write_at(file, bytes, offset)?)
    })?;
    Ok(file.sync_all()?)
}

/// Hands the masks to `write`, the last one first.
pub(super) fn backward(
    secrets: &Sealed,
    max_held: usize,
    mut write: impl FnMut(u64, &[u8]) -> Result<()>,
) -> Result<()> {
    let whole = max_held as u64 + 1;
    let mut masks = (None, Vec::new());
    secrets.backward(|Secret { range, mask }| {
        if masks.0 != Some(*mask) {
            // One byte more, to begin with either byte.
            let bytes = mask.iter().copied().cycle();
            masks = (
                Some(*mask),
                bytes.take((PAGE + whole) as usize + 1).collect(),
            );
        }
        let mut end = range.end;
        while end > range.start {
            let piece = last_piece(range.start..end, whole);
            let from = (piece.start % 2) as usize;
            let len = (piece.end - piece.start) as usize;
            write(piece.start, &masks.1[from..from + len])?;
            end = piece.start;
        }
        Ok(())
    })
}

/// The part of `range` that is written next: to the beginning of its last page, or of
/// `range` if less than `whole` bytes would be left, which nobody might find again.
fn last_piece(range: Range<u64>, whole: u64) -> Range<u64> {
    let page = (range.end - 1) / PAGE * PAGE;
    if page < range.start + whole {
        range
    } else {
        page..range.end
    }
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(not(unix))]
fn write_at(mut file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    use std::io::{Seek as _, SeekFrom, Write as _};

    file.seek(SeekFrom::Start(offset))?;
    file.write_all(bytes)
}
