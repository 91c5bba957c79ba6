//! What is about to be committed: the files of the git index that are not those of the
//! last commit. The working tree does not matter.

use std::path::PathBuf;

use anyhow::Result;
use dtmask_core::Redactor;

use super::Scanned;
use super::content::{Scanner, Scope};
use super::git::{self, Contents, Record, Records};

/// Scans the index, within `paths` if there are any.
///
/// # Errors
///
/// If git cannot be asked.
pub(super) fn run(redactor: &Redactor, scope: Scope, paths: &[PathBuf]) -> Result<Scanned> {
    let mut scanner = Scanner::new(redactor, scope);
    let mut scanned = Scanned::default();
    let mut contents = Contents::open()?;
    let last_commit = last_commit()?;
    git::expect_paths(paths, || {
        let mut files = git::git(["ls-files", "--with-tree"]);
        files.arg(&last_commit);
        files
    })?;
    let mut command = git::git(["diff-index", "--cached", "--raw", "-z"]);
    command
        .arg("--no-abbrev")
        .args(git::PLAIN_DIFF)
        .args(["--end-of-options", &last_commit]);
    git::within(&mut command, paths);
    let changes = git::output(&mut command)?;
    let mut records = Records::new(changes.as_slice());
    while let Some(record) = records.next()? {
        let Record::Change(change) = record else {
            continue;
        };
        if change.is_unmerged() {
            let fault = std::io::Error::other("it is not merged yet");
            scanned.add(&change.path, Err(fault));
        } else if change.has_content() {
            let content = contents.get(&change.new);
            let looked = content.and_then(|mut content| scanner.scan(&mut content));
            scanned.add(&change.path, looked);
        }
    }
    Ok(scanned)
}

/// The commit that the next one is made upon, or an empty tree if it is the first one.
fn last_commit() -> Result<String> {
    // Whether this is a repository at all.
    git::output(&mut git::git(["rev-parse", "--git-dir"]))?;
    let mut command = git::git(["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]);
    match git::output(&mut command) {
        Ok(id) => Ok(String::from_utf8_lossy(&id).trim().to_owned()),
        Err(_) => git::empty_tree(),
    }
}
