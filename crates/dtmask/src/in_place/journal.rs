//! Where the secrets of a file are, written down before the first of them is masked.
//!
//! It is needed to write from the last one to the first in constant memory, and, as a
//! file beside the target, to finish what a kill or a power failure interrupted: some of
//! what is left may no longer be found by its context. It holds offsets, no secrets.
//! If it cannot stand beside the target it has no name, and that safety is not there.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use dtmask_core::Segment;
use flate2::Crc;

use super::overwrite;
use super::target::Target;
use crate::replacement::sync_folder;
use crate::{report, scratch};

/// A journal that is being written. Dropped, it leaves nothing behind.
pub(super) struct Journal {
    path: PathBuf,
    /// There is none before the first secret.
    file: Option<BufWriter<File>>,
    /// Whether `file` stands at `path`.
    named: bool,
    /// The offset of the next byte.
    position: u64,
    /// The last secret, which may go on, and what is known of its mask.
    last: Option<(Range<u64>, [Option<u8>; 2])>,
    /// Secrets before that.
    count: u64,
    /// Of the bytes between the first secret and `position` that are not secret.
    clean: Crc,
    /// That sum at the start of the last secret.
    sum: u32,
}

/// A part of the target that is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) range: Range<u64>,
    /// What masks a byte at an even offset, and at an odd one: there are wide characters.
    pub(super) mask: [u8; 2],
}

/// A journal that is complete.
#[derive(Debug)]
pub(super) struct Sealed {
    file: File,
    path: Option<PathBuf>,
    seal: Seal,
}

/// The last bytes of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seal {
    /// The number of secrets.
    count: u64,
    /// The inode of the target.
    inode: u64,
    /// The checksum of what stands between the secrets of the target. What else there
    /// is, is masked or about to be.
    sum: u32,
}

const CANNOT_MAKE: &str = "cannot make a temporary file";
const CANNOT_WRITE: &str = "cannot write down where its secrets are";

/// Where the journal of `target` is.
fn path(target: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".dtmask-journal");
    target.with_file_name(name)
}

/// Whether a run over `target` was interrupted.
pub(super) fn exists(target: &Path) -> bool {
    fs::symlink_metadata(path(target)).is_ok_and(|metadata| metadata.is_file())
}

/// Finishes a run over `target` that was interrupted, and returns whether there was one.
///
/// # Errors
///
/// If `target` cannot be written or the journal cannot be read or removed.
pub(super) fn recover(target: &Target) -> Result<bool> {
    let path = path(target.path());
    if !exists(target.path()) {
        return Ok(false);
    }
    let shown = report::path(&path);
    let cannot_read = || format!("cannot read {shown}");
    let file = File::open(&path).with_context(cannot_read)?;
    if !is_trusted(&file.metadata()?, target.metadata()) {
        report::warning(format_args!("{shown} is somebody else's, and passed over"));
        return Ok(false);
    }
    // Without a seal it was not used yet.
    let Some(journal) = Sealed::read(file, path.clone()).with_context(cannot_read)? else {
        remove(&path)?;
        return Ok(false);
    };
    if !journal.fits(target)? {
        report::warning(format_args!(
            "{} was changed since it was masked last, and that run was interrupted",
            report::path(target.path())
        ));
        remove(&path)?;
        return Ok(false);
    }
    overwrite::run(&target.writable()?, &journal, 0)?;
    journal.remove()?;
    Ok(true)
}

impl Journal {
    /// Of a file that is going to be read from its beginning.
    pub(super) fn new(target: &Path) -> Journal {
        Journal {
            path: path(target),
            file: None,
            named: false,
            position: 0,
            last: None,
            count: 0,
            clean: Crc::new(),
            sum: 0,
        }
    }

    /// Takes note of the next bytes of the file.
    ///
    /// # Errors
    ///
    /// If the journal cannot be written.
    pub(super) fn pass(&mut self, segment: &Segment<'_>) -> Result<()> {
        let bytes = segment.as_bytes();
        let range = self.position..self.position + bytes.len() as u64;
        self.position = range.end;
        if !matches!(segment, Segment::Mask(_)) {
            if self.last.is_some() {
                self.clean.update(bytes);
            }
            return Ok(());
        }
        let mut mask = [None; 2];
        for (offset, &byte) in range.clone().zip(bytes).take(2) {
            mask[(offset % 2) as usize] = Some(byte);
        }
        if let Some((last, known)) = &mut self.last
            && last.end == range.start
            && (0..2).all(|i| known[i].is_none() || mask[i].is_none() || known[i] == mask[i])
        {
            last.end = range.end;
            *known = [0, 1].map(|i| known[i].or(mask[i]));
        } else {
            self.note()?;
            self.last = Some((range, mask));
            self.sum = self.clean.sum();
        }
        Ok(())
    }

    /// Writes the last secret down.
    fn note(&mut self) -> Result<()> {
        if let Some((range, mask)) = self.last.take() {
            let mask = [mask[0].or(mask[1]), mask[1].or(mask[0])];
            let secret = Secret {
                range,
                mask: mask.map(Option::unwrap_or_default),
            };
            let file = match &mut self.file {
                Some(file) => file,
                None => self.create()?,
            };
            file.write_all(&secret.to_bytes()).context(CANNOT_WRITE)?;
            self.count += 1;
        }
        Ok(())
    }

    fn create(&mut self) -> Result<&mut BufWriter<File>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let mut scratch = scratch::lock();
        let file = if let Ok(file) = options.open(&self.path) {
            *scratch = Some(self.path.clone());
            self.named = true;
            file
        } else {
            tempfile::tempfile().context(CANNOT_MAKE)?
        };
        Ok(self.file.insert(BufWriter::new(file)))
    }

    /// Completes the journal, so that it lasts.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(super) fn seal(mut self, target: &Metadata) -> Result<Sealed> {
        self.note()?;
        let mut file = match self.file.take() {
            Some(file) => file
                .into_inner()
                .map_err(io::IntoInnerError::into_error)
                .context(CANNOT_WRITE)?,
            None => tempfile::tempfile().context(CANNOT_MAKE)?,
        };
        let seal = Seal {
            count: self.count,
            inode: inode(target),
            sum: self.sum,
        };
        file.write_all(&seal.to_bytes()).context(CANNOT_WRITE)?;
        let path = self.named.then(|| self.path.clone());
        if let Some(path) = &path {
            file.sync_all().context(CANNOT_WRITE)?;
            sync_folder(path).context(CANNOT_WRITE)?;
        }
        // From here on it stays, whatever happens.
        self.named = false;
        Ok(Sealed { file, path, seal })
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        if self.named {
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Secret {
    const LEN: usize = 18;

    fn to_bytes(&self) -> [u8; Secret::LEN] {
        let mut bytes = [0; Secret::LEN];
        bytes[..8].copy_from_slice(&self.range.start.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.range.end.to_le_bytes());
        bytes[16..].copy_from_slice(&self.mask);
        bytes
    }

    fn from_bytes(bytes: &[u8; Secret::LEN]) -> Secret {
        let number = |at: Range<usize>| bytes[at].try_into().map_or(0, u64::from_le_bytes);
        Secret {
            range: number(0..8)..number(8..16),
            mask: [bytes[16], bytes[17]],
        }
    }
}

impl Sealed {
    /// `None` if the journal is not complete.
    fn read(mut file: File, path: PathBuf) -> io::Result<Option<Sealed>> {
        let len = file.metadata()?.len();
        if len < Seal::LEN as u64 {
            return Ok(None);
        }
        let mut bytes = [0; Seal::LEN];
        file.seek(SeekFrom::End(-(Seal::LEN as i64)))?;
        file.read_exact(&mut bytes)?;
        let seal = Seal::from_bytes(&bytes);
        let seal = seal.filter(|seal| Some(len) == seal.journal_len());
        let path = Some(path);
        Ok(seal.map(|seal| Sealed { file, path, seal }))
    }

    /// Hands the secrets to `each`, the last one first.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read, and those of `each`.
    pub(super) fn backward(&self, mut each: impl FnMut(&Secret) -> Result<()>) -> Result<()> {
        const BLOCK: u64 = 4096;

        let mut file = &self.file;
        let mut bytes = Vec::new();
        let mut end = self.seal.count;
        while end > 0 {
            let start = (end - 1) / BLOCK * BLOCK;
            bytes.resize((end - start) as usize * Secret::LEN, 0);
            file.seek(SeekFrom::Start(start * Secret::LEN as u64))?;
            file.read_exact(&mut bytes)?;
            for record in bytes.as_chunks().0.iter().rev() {
                each(&Secret::from_bytes(record))?;
            }
            end = start;
        }
        Ok(())
    }

    /// Whether `target` is what this was written for, apart from its secrets.
    fn fits(&self, target: &Target) -> Result<bool> {
        if inode(target.metadata()) != self.seal.inode {
            return Ok(false);
        }
        let mut records = &self.file;
        records.rewind()?;
        let mut records = BufReader::new(records);
        let mut clean = Crc::new();
        let mut position = None;
        for _ in 0..self.seal.count {
            let mut record = [0; Secret::LEN];
            records.read_exact(&mut record)?;
            let secret = Secret::from_bytes(&record).range;
            let between = position.unwrap_or(secret.start)..secret.start;
            if secret.is_empty() || !add(&mut clean, target.file(), between)? {
                return Ok(false);
            }
            position = Some(secret.end);
        }
        Ok(clean.sum() == self.seal.sum && position <= Some(target.metadata().len()))
    }

    /// The work is done.
    ///
    /// # Errors
    ///
    /// If the journal cannot be removed.
    pub(super) fn remove(self) -> Result<()> {
        self.path.map_or(Ok(()), |path| remove(&path))
    }
}

/// Adds the bytes of `range` in `file`, and returns whether there are that many.
fn add(clean: &mut Crc, mut file: &File, range: Range<u64>) -> io::Result<bool> {
    let Some(len) = range.end.checked_sub(range.start) else {
        return Ok(false);
    };
    file.seek(SeekFrom::Start(range.start))?;
    let mut reader = BufReader::new(file.take(len));
    let mut left = len;
    loop {
        let bytes = io::BufRead::fill_buf(&mut reader)?;
        let n = bytes.len();
        if n == 0 {
            return Ok(left == 0);
        }
        clean.update(bytes);
        left -= n as u64;
        io::BufRead::consume(&mut reader, n);
    }
}

/// Another run may have been faster.
fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", report::path(path)))
        }
        _ => Ok(()),
    }
}

impl Seal {
    const MAGIC: [u8; 16] = *b"dtmask journal 1";
    const LEN: usize = 36;

    fn to_bytes(self) -> [u8; Seal::LEN] {
        let mut bytes = [0; Seal::LEN];
        bytes[..8].copy_from_slice(&self.count.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.inode.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.sum.to_le_bytes());
        bytes[20..].copy_from_slice(&Seal::MAGIC);
        bytes
    }

    fn from_bytes(bytes: &[u8; Seal::LEN]) -> Option<Seal> {
        let seal = Seal {
            count: u64::from_le_bytes(bytes[..8].try_into().ok()?),
            inode: u64::from_le_bytes(bytes[8..16].try_into().ok()?),
            sum: u32::from_le_bytes(bytes[16..20].try_into().ok()?),
        };
        (seal.to_bytes() == *bytes).then_some(seal)
    }

    /// The length of the journal that ends in this.
    fn journal_len(self) -> Option<u64> {
        let records = self.count.checked_mul(Secret::LEN as u64)?;
        records.checked_add(Seal::LEN as u64)
    }
}

/// Whether whoever wrote the journal could write the target as well.
#[cfg(unix)]
fn is_trusted(journal: &Metadata, target: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    let me = rustix::process::geteuid().as_raw();
    [me, target.uid(), 0].contains(&journal.uid())
}

#[cfg(not(unix))]
fn is_trusted(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

/// Elsewhere the checksum has to do.
#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}
