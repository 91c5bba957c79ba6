//! The `git` command: asked in a way that no configuration, no variable and no name of a
//! file can change the answer.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Seek, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};

use super::content::Rewind;
use crate::report;

/// A `git` command that is to come.
pub(super) fn git<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new("git");
    command
        // What is in a repository is what it says it is.
        .arg("--no-replace-objects")
        // This may name a program to run.
        .args(["-c", "core.fsmonitor=false"])
        .args(args)
        .env("GIT_LITERAL_PATHSPECS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    // GIT_DIR, GIT_INDEX_FILE and the like stay: within a hook they say what is about to
    // be committed.
    for variable in [
        "GIT_GLOB_PATHSPECS",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
        "GIT_DIFF_OPTS",
        "GIT_EXTERNAL_DIFF",
    ] {
        command.env_remove(variable);
    }
    command
}

/// What keeps the repository's configuration from changing a difference.
pub(super) const PLAIN_DIFF: [&str; 2] = ["--no-ext-diff", "--no-textconv"];

/// Runs `command` and returns its standard output.
///
/// # Errors
///
/// If there is no git, or it fails, with what it says.
pub(super) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let mut process = Process::start(command.stdout(Stdio::piped()))?;
    let mut output = Vec::new();
    process.stdout()?.read_to_end(&mut output)?;
    process.finish()?;
    Ok(output)
}

/// A `git` command that runs.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// What it says on standard error. A file, so that it never waits for a reader.
    said: File,
}

impl Process {
    /// # Errors
    ///
    /// If there is no git.
    pub(super) fn start(command: &mut Command) -> Result<Process> {
        let said = tempfile::tempfile().context("cannot make a temporary file")?;
        let child = command
            .stderr(said.try_clone()?)
            .spawn()
            .context("cannot run git, which --staged and --history need")?;
        Ok(Process { child, said })
    }

    /// Its standard output, if that is a pipe and was not taken.
    pub(super) fn stdout(&mut self) -> Result<ChildStdout> {
        self.child.stdout.take().context("git has no output")
    }

    /// Waits for its end.
    ///
    /// # Errors
    ///
    /// If it failed, with what it says.
    pub(super) fn finish(mut self) -> Result<()> {
        let status = self.child.wait()?;
        if status.success() {
            return Ok(());
        }
        match self.said().trim() {
            "" => bail!("git: {status}"),
            said => bail!("git: {}", said.trim_start_matches("fatal: ")),
        }
    }

    fn said(&mut self) -> String {
        let mut said = Vec::new();
        // If it cannot be read there is nothing to tell.
        let _ = Seek::rewind(&mut self.said).and_then(|()| self.said.read_to_end(&mut said));
        String::from_utf8_lossy(&said).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Of no effect on one that ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The id of a tree without files.
///
/// # Errors
///
/// If git cannot be asked.
pub(super) fn empty_tree() -> Result<String> {
    let id = output(&mut git(["hash-object", "-t", "tree", "--stdin"]))?;
    Ok(String::from_utf8_lossy(&id).trim().to_owned())
}

/// `paths` behind the `--` that ends options and revisions.
pub(super) fn within(command: &mut Command, paths: &[PathBuf]) {
    command.arg("--").args(paths);
}

/// Makes sure that each of `paths` is there, or that `search` within it finds something: a
/// scan of what is misspelt would find nothing.
///
/// # Errors
///
/// If there is no such path, or git cannot be asked.
pub(super) fn expect_paths(paths: &[PathBuf], search: impl Fn() -> Command) -> Result<()> {
    for path in paths {
        if path.symlink_metadata().is_ok() {
            continue;
        }
        let mut search = search();
        within(&mut search, std::slice::from_ref(path));
        if output(&mut search)?.is_empty() {
            bail!("no such file or folder: {}", report::path(path));
        }
    }
    Ok(())
}

/// A file that differs between trees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The file's contents before, one for each parent.
    pub(super) old: Vec<String>,
    /// Its content now.
    pub(super) new: String,
    pub(super) path: Vec<u8>,
    /// `A`, `M`, `R` and so on, one letter for each parent.
    pub(super) status: Vec<u8>,
    mode: Vec<u8>,
}

impl Change {
    /// Whether there is a content to look at: the file was not deleted, and is no other
    /// repository's commit.
    pub(super) fn has_content(&self) -> bool {
        self.mode != b"000000" && self.mode != b"160000"
    }

    /// Whether the index holds several versions of the file, and none that could be
    /// committed.
    pub(super) fn is_unmerged(&self) -> bool {
        self.status == b"U"
    }
}

/// Whether there is no object with this id.
pub(super) fn is_none(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

/// The records of `git diff-index --raw -z` and of `git diff-tree --stdin --raw -z -c`.
#[derive(Debug)]
pub(super) struct Records<R> {
    reader: R,
}

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Record {
    /// The changes that follow are those of this commit.
    Commit(String),
    Change(Change),
}

impl<R: io::BufRead> Records<R> {
    pub(super) fn new(reader: R) -> Records<R> {
        Records { reader }
    }

    /// The next record.
    ///
    /// # Errors
    ///
    /// If git says what it is not known to say.
    pub(super) fn next(&mut self) -> Result<Option<Record>> {
        let Some(head) = self.field()? else {
            return Ok(None);
        };
        let parents = head.iter().take_while(|&&byte| byte == b':').count();
        if parents == 0 {
            let id = String::from_utf8(head).context(STRANGE)?;
            return Ok(Some(Record::Commit(id)));
        }
        let head = String::from_utf8(head).context(STRANGE)?;
        let fields: Vec<&str> = head[parents..].split(' ').collect();
        let [modes @ .., status] = fields.as_slice() else {
            bail!(STRANGE);
        };
        // A mode and an id for each parent, and those of the result.
        if modes.len() != 2 * (parents + 1) {
            bail!(STRANGE);
        }
        let (modes, ids) = modes.split_at(parents + 1);
        // A single parent is named if the file had another name there, several always.
        let moved = matches!(status.as_bytes().first(), Some(b'R' | b'C'));
        let others = match parents {
            1 => usize::from(moved),
            parents => parents,
        };
        for _ in 0..others {
            self.field()?.context(STRANGE)?;
        }
        Ok(Some(Record::Change(Change {
            old: ids[..parents].iter().map(|&id| id.to_owned()).collect(),
            new: ids[parents].to_owned(),
            path: self.field()?.context(STRANGE)?,
            status: status.as_bytes().to_vec(),
            mode: modes[parents].as_bytes().to_vec(),
        })))
    }

    fn field(&mut self) -> Result<Option<Vec<u8>>> {
        let mut field = Vec::new();
        self.reader.read_until(0, &mut field)?;
        match field.pop() {
            None => Ok(None),
            Some(0) => Ok(Some(field)),
            Some(_) => bail!(STRANGE),
        }
    }
}

const STRANGE: &str = "git said something that is not understood; is it older than 2.31?";

/// `git cat-file --batch`: contents by their ids.
#[derive(Debug)]
pub(super) struct Contents {
    process: Process,
    ids: ChildStdin,
    contents: BufReader<ChildStdout>,
    /// What of the last content was not read yet, with the line feed behind it.
    left: u64,
}

impl Contents {
    /// # Errors
    ///
    /// If there is no git.
    pub(super) fn open() -> Result<Contents> {
        let mut command = git(["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process::start(&mut command)?;
        Ok(Contents {
            ids: process.child.stdin.take().context("git has no input")?,
            contents: BufReader::new(process.stdout()?),
            process,
            left: 0,
        })
    }

    /// The content with this id.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub(super) fn get<'c>(&'c mut self, id: &'c str) -> io::Result<Content<'c>> {
        self.ask(id)?;
        Ok(Content { contents: self, id })
    }

    fn ask(&mut self, id: &str) -> io::Result<()> {
        // What nobody wanted to read.
        io::copy(&mut self.contents.by_ref().take(self.left), &mut io::sink())?;
        self.left = 0;
        // A git that ended says why.
        let asked = writeln!(self.ids, "{id}");
        let mut answer = String::new();
        self.contents.read_line(&mut answer)?;
        let size = answer.split(' ').nth(2).map(str::trim);
        let size: Option<u64> = size.and_then(|size| size.parse().ok());
        let Some(size) = size.filter(|_| asked.is_ok()) else {
            let said = self.process.said();
            let fault = format!("git: {} {}", answer.trim(), said.trim());
            return Err(io::Error::other(fault.trim_end().to_owned()));
        };
        self.left = size + 1;
        Ok(())
    }
}

/// One content.
#[derive(Debug)]
pub(super) struct Content<'c> {
    contents: &'c mut Contents,
    id: &'c str,
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let of_content = self.contents.left.saturating_sub(1);
        let read = self
            .contents
            .contents
            .by_ref()
            .take(of_content)
            .read(buffer)?;
        if read == 0 && of_content > 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.contents.left -= read as u64;
        Ok(read)
    }
}

impl Rewind for Content<'_> {
    fn rewind(&mut self) -> io::Result<()> {
        self.contents.ask(self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &[u8]) -> Result<Vec<Record>> {
        let mut records = Records::new(text);
        std::iter::from_fn(|| records.next().transpose()).collect()
    }

    #[test]
    fn records_of_all_forms_are_read() {
        let text = b"c1\0:100644 100644 aa bb M\0a\nb\0:100644 100644 aa bb R097\0old\0new\xff\0\
            c2\0::100644 100644 100755 aa bb cc RM\0old\0new\0new\0:000000 160000 00 bb A\0sub\0";
        let read = records(text).unwrap();
        let told: Vec<_> = read
            .iter()
            .map(|record| match record {
                Record::Commit(id) => (vec![], id.as_str(), &b""[..], &b""[..], false),
                Record::Change(change) => (
                    change.old.iter().map(String::as_str).collect(),
                    change.new.as_str(),
                    change.path.as_slice(),
                    change.status.as_slice(),
                    change.has_content(),
                ),
            })
            .collect();
        assert_eq!(
            told,
            [
                (vec![], "c1", &b""[..], &b""[..], false),
                (vec!["aa"], "bb", b"a\nb", b"M", true),
                (vec!["aa"], "bb", b"new\xff", b"R097", true),
                (vec![], "c2", b"", b"", false),
                (vec!["aa", "bb"], "cc", b"new", b"RM", true),
                (vec!["00"], "bb", b"sub", b"A", false),
            ]
        );
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        for text in [
            &b":100644 100644 aa bb M\0a"[..],
            b":100644 aa M\0a\0",
            b":1 1 a b R1\0a\0",
        ] {
            assert!(records(text).is_err());
        }
    }
}
