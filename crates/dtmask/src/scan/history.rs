//! What commits added: the files that each of them changed, and of the secrets in them
//! those that start in a line that no parent of the commit has.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::BufReader;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::process::{ChildStdout, Stdio};

use anyhow::{Result, bail};
use dtmask_core::Redactor;

use super::Scanned;
use super::content::{Looked, Scanner, Scope};
use super::finding::{Commit, Finding, Origin};
use super::git::{self, Change, Contents, Process, Record, Records};

/// Scans the commits of `range`, within `paths` if there are any.
///
/// # Errors
///
/// If git cannot be asked, or knows no such range.
pub(super) fn run(
    redactor: &Redactor,
    scope: Scope,
    range: &OsStr,
    paths: &[PathBuf],
) -> Result<Scanned> {
    if range.is_empty() || range.as_encoded_bytes().starts_with(b"-") {
        bail!("it is no range of commits, such as main..HEAD");
    }
    git::expect_paths(paths, || {
        let mut newest = git::git(["rev-list", "--max-count=1", "--end-of-options"]);
        newest.arg(range);
        newest
    })?;
    let mut log = Log::open(range, paths)?;
    let mut history = History {
        scanner: Scanner::new(redactor, scope),
        contents: Contents::open()?,
        looked: HashMap::new(),
        scanned: Scanned::default(),
    };
    let mut commit = None;
    let mut order = 0;
    while let Some(record) = log.records.next()? {
        match record {
            Record::Commit(id) => {
                let id = id.into();
                commit = Some(Commit { order, id });
                order += 1;
            }
            Record::Change(change) if change.has_content() => history.add(commit.as_ref(), &change),
            Record::Change(_) => {}
        }
    }
    log.close()?;
    Ok(history.scanned)
}

struct History<'r> {
    scanner: Scanner<'r>,
    contents: Contents,
    /// What is in each content, by its id. The same one comes again with every revert and
    /// in every file that is a copy.
    looked: HashMap<String, Looked>,
    scanned: Scanned,
}

impl History<'_> {
    fn add(&mut self, commit: Option<&Commit>, change: &Change) {
        if let Err(error) = self.try_add(commit, change) {
            let path = Origin::file(&change.path).path_text();
            let id = commit.map_or("", |commit| &commit.id);
            self.scanned
                .fail(format_args!("cannot read {path} of commit {id}: {error:#}"));
        }
    }

    fn try_add(&mut self, commit: Option<&Commit>, change: &Change) -> Result<()> {
        if !self.looked.contains_key(&change.new) {
            let mut content = self.contents.get(&change.new)?;
            let looked = self.scanner.scan(&mut content)?;
            self.looked.insert(change.new.clone(), looked);
        }
        let Some(mut located) = self.looked[&change.new].clone() else {
            return Ok(());
        };
        self.scanned.contents += 1;
        for old in &change.old {
            if located.is_empty() {
                break;
            }
            if !git::is_none(old) {
                let added = added_lines(old, &change.new)?;
                let is_added = |line| added.iter().any(|lines| lines.contains(&line));
                located.retain(|(_, place)| is_added(place.start.line));
            }
        }
        let origin = Origin {
            commit: commit.cloned(),
            ..Origin::file(&change.path)
        };
        let found = located.into_iter();
        self.scanned
            .findings
            .extend(found.map(|one| Finding::new(origin.clone(), one)));
        Ok(())
    }
}

/// The lines of `new` that `old` has not, both ids of contents.
fn added_lines(old: &str, new: &str) -> Result<Vec<RangeInclusive<u64>>> {
    let mut command = git::git(["diff", "--no-color", "--text", "-U0"]);
    command
        .args(["--inter-hunk-context=0", "--diff-algorithm=default"])
        .args(git::PLAIN_DIFF)
        .args(["--end-of-options", old, new]);
    let difference = git::output(&mut command)?;
    // The lines of the files have a sign in front.
    let hunks = difference.split(|&byte| byte == b'\n').filter_map(hunk);
    Ok(hunks.collect())
}

/// The added lines of a hunk that starts with `@@ -1,2 +3,4 @@`.
fn hunk(line: &[u8]) -> Option<RangeInclusive<u64>> {
    let rest = line.strip_prefix(b"@@ -")?;
    let plus = rest.iter().position(|&byte| byte == b'+')?;
    let added = rest[plus + 1..].split(|&byte| byte == b' ').next()?;
    let added = std::str::from_utf8(added).ok()?;
    let (start, count) = added.split_once(',').unwrap_or((added, "1"));
    let (start, count): (u64, u64) = (start.parse().ok()?, count.parse().ok()?);
    (count > 0).then(|| start..=start + count - 1)
}

/// The changes of each commit of a range, from the newest.
struct Log {
    /// Lists the commits.
    commits: Process,
    /// Lists the changes of each.
    changes: Process,
    records: Records<BufReader<ChildStdout>>,
}

impl Log {
    fn open(range: &OsStr, paths: &[PathBuf]) -> Result<Log> {
        let mut commits = git::git(["rev-list", "--end-of-options"]);
        commits.arg(range).stdout(Stdio::piped());
        git::within(&mut commits, paths);
        let mut commits = Process::start(&mut commits)?;
        let mut changes = git::git(["diff-tree", "--stdin", "-r", "--raw", "-z", "--root"]);
        changes
            // Of a merge the files that are those of none of its parents.
            .args(["-c", "--combined-all-paths", "-M", "--no-abbrev"])
            .args(git::PLAIN_DIFF)
            .stdin(commits.stdout()?)
            .stdout(Stdio::piped());
        git::within(&mut changes, paths);
        let mut changes = Process::start(&mut changes)?;
        let records = Records::new(BufReader::new(changes.stdout()?));
        Ok(Log {
            commits,
            changes,
            records,
        })
    }

    /// Whether that was all of the range.
    fn close(self) -> Result<()> {
        // The first to end badly is the one behind: it closes the pipe of the other.
        self.changes.finish()?;
        self.commits.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::hunk;

    #[test]
    fn hunks_tell_added_lines() {
        assert_eq!(hunk(b"@@ -1,2 +3,4 @@ fn a() {"), Some(3..=6));
        assert_eq!(hunk(b"@@ -1 +7 @@"), Some(7..=7));
        assert_eq!(hunk(b"@@ -3 +2,0 @@"), None);
        assert_eq!(hunk(b"+@@ -1 +7 @@"), None);
        assert_eq!(hunk(b"--- a/@@ -1 +7 @@"), None);
    }
}
