//! A repository to scan.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Tree;
use crate::process::{Ran, command, feed};

/// A folder that is a git repository, with an environment that no user's settings reach.
pub(crate) struct Repository {
    pub(crate) folder: Tree,
}

impl Repository {
    pub(crate) fn new() -> Repository {
        let folder = Tree::new();
        let repository = Repository { folder };
        repository.git(["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs git here and returns what it prints.
    #[track_caller]
    pub(crate) fn git<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> String {
        let mut command = Command::new("git");
        command.args(args).stdin(Stdio::null());
        let command = self.within(&mut command);
        let output = command.env("GIT_LITERAL_PATHSPECS", "1").output();
        let output = output.expect("these tests need git in the PATH");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn within<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.current_dir(self.path());
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"GIT_") {
                command.env_remove(name);
            }
        }
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "nobody")
                .env(format!("GIT_{who}_EMAIL"), "nobody@example.com");
        }
        command
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
    }

    pub(crate) fn add(&self, name: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        self.folder.write(&name, content);
        self.git([
            OsStr::new("add"),
            OsStr::new("--"),
            name.as_ref().as_os_str(),
        ]);
    }

    /// Commits the index and returns the commit's id.
    pub(crate) fn commit(&self) -> String {
        self.git(["commit", "--quiet", "--allow-empty", "--message=x"]);
        self.git(["rev-parse", "HEAD"])
    }

    /// Runs `dtmask` here, `args` being separated by blanks.
    pub(crate) fn run(&self, args: &str) -> Ran {
        self.run_with(args, |command| command)
    }

    pub(crate) fn run_with(
        &self,
        args: &str,
        change: impl FnOnce(&mut Command) -> &mut Command,
    ) -> Ran {
        let mut command = command(args.split(' '));
        change(self.within(&mut command));
        feed(command, b"")
    }

    #[track_caller]
    pub(crate) fn found(&self, args: &str) -> Vec<String> {
        super::found(&self.run(args))
    }
}
