//! `dtmask scan`: secrets in files, in the index and in the history of git.

mod baseline;
mod config;
mod files;
pub(crate) mod git;
mod history;
#[cfg(target_os = "linux")]
mod memory;
mod oracle;
mod reports;
mod schemas;
mod staged;

use std::path::{Path, PathBuf};

use dtmask_test::samples;
use tempfile::TempDir;

use crate::process::{Ran, command, feed};

/// Nothing of a secret that is in a text of ours.
#[track_caller]
pub(crate) fn assert_no_secret(text: &str) {
    for secret in [samples::S64, samples::A24, samples::L21, samples::HEX64] {
        assert!(!text.contains(&secret[..10]), "{text}");
    }
}

/// A folder to scan.
pub(crate) struct Tree {
    dir: TempDir,
}

impl Tree {
    pub(crate) fn new() -> Tree {
        let dir = TempDir::new().expect("a temporary folder can be made");
        Tree { dir }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Makes a file, with the folders it is in.
    pub(crate) fn write(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        let parent = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(parent).expect("a folder can be made");
        std::fs::write(&path, content).expect("a file can be written");
        path
    }

    /// Runs `dtmask` here, `args` being separated by blanks.
    pub(crate) fn run(&self, args: &str) -> Ran {
        self.run_with(args, "")
    }

    pub(crate) fn run_with(&self, args: &str, input: impl AsRef<[u8]>) -> Ran {
        let mut command = command(args.split(' ').filter(|arg| !arg.is_empty()));
        command.current_dir(self.path());
        feed(command, input.as_ref())
    }

    /// The start of each line of a scan in which something was found, to its rule.
    pub(crate) fn found(&self, args: &str) -> Vec<String> {
        found(&self.run(args))
    }
}

/// The start of each line that tells of a secret: path, line, column and rule.
pub(crate) fn found(ran: &Ran) -> Vec<String> {
    assert_eq!(ran.stderr, "");
    let text = ran.text();
    let lines = text
        .lines()
        .filter(|line| line.contains(" bytes at offset "));
    let found: Vec<String> = lines
        .map(|line| line.split(", ").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(ran.code, Some(i32::from(!found.is_empty())), "{text}");
    found
}
