//! The file that `scan` finds by itself, in a folder that somebody else may have filled.
//!
//! Such a file says what to report, and not what to read: neither known values nor a file
//! from elsewhere.

use std::path::{Component, Path, PathBuf};

use anyhow::{Result, bail};

use super::file::{KnownTable, ScanTable};
use super::{Config, Place};
use crate::flags::config::ConfigFlags;
use crate::report;

/// The name of the file.
const NAME: &str = "dtmask.toml";

impl Config {
    /// As [`Config::named`], or else the file that is found in `folder` or above it, if
    /// the flags do not forbid it.
    ///
    /// # Errors
    ///
    /// As [`Config::named`], and if a file that was found wants to read one outside of its
    /// folder.
    pub(crate) fn named_or_found(flags: &ConfigFlags, folder: &Path) -> Result<Config> {
        let named = Config::named(flags)?;
        if flags.no_config || named.path().is_some() {
            return Ok(named);
        }
        find_upward(folder).map_or(Ok(named), |path| Config::read(&path)?.distrusted())
    }

    /// The path of the file, if there is one.
    fn path(&self) -> Option<&Path> {
        Some(self.path.as_path()).filter(|path| !path.as_os_str().is_empty())
    }

    /// Tells of a file that was found above `folder`: somebody may have put it there who
    /// wants less to be found.
    pub(crate) fn tell_if_above(&self, folder: &Path) {
        if self.found && self.path.parent() != Some(folder) {
            let path = report::path(&self.path);
            report::note(format_args!("with the rules of {path}"));
        }
    }

    /// The table that is for `scan` alone.
    pub(crate) fn scan(&self) -> &ScanTable {
        &self.file.scan
    }

    /// The token identifiers whose secrets are not reported, and where that is said.
    pub(crate) fn allowed(&self) -> impl Iterator<Item = (&str, Place)> {
        let ids = self.file.scan.allow_id.iter();
        ids.map(|id| (id.get_ref().as_str(), self.place(&id.span())))
    }

    /// The baseline to compare with.
    pub(crate) fn baseline(&self) -> Option<PathBuf> {
        let baseline = self.file.scan.baseline.as_ref()?;
        Some(self.resolve(baseline.get_ref()))
    }

    /// This file, without what one must not say that nobody named.
    fn distrusted(mut self) -> Result<Config> {
        self.found = true;
        if !self.file.known.is_empty() {
            report::warning(format_args!(
                "[known] in {} counts only if the file is named with --config",
                self.path.display()
            ));
            self.file.known = KnownTable::default();
        }
        if let Some(baseline) = &self.file.scan.baseline
            && !stays_below(baseline.get_ref())
        {
            bail!(
                "{}: a baseline outside of the rule file's folder counts only if the file is \
                 named with --config",
                self.place(&baseline.span())
            );
        }
        Ok(self)
    }
}

/// The file in `folder` or, if that is in a repository, in the next folder above that has
/// one, up to the repository's root. Elsewhere what is above has nothing to do with it.
fn find_upward(folder: &Path) -> Option<PathBuf> {
    // A folder, or in a linked worktree a file.
    let mut above = folder.ancestors();
    let root = above.position(|folder| folder.join(".git").exists());
    let mut folders = folder.ancestors().take(root.unwrap_or(0) + 1);
    folders.find_map(|folder| Some(folder.join(NAME)).filter(|path| path.is_file()))
}

/// Whether `path` leads to nowhere but down.
fn stays_below(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{Config, find_upward, stays_below};
    use crate::flags::config::ConfigFlags;

    #[test]
    fn the_next_file_upward_counts() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b/c");
        fs::create_dir_all(&deep).unwrap();
        // What is above the folder for temporary files is not ours to know.
        fs::create_dir(root.path().join(".git")).unwrap();
        assert_eq!(find_upward(&deep), None);

        let top = root.path().join("dtmask.toml");
        fs::write(&top, "").unwrap();
        assert_eq!(find_upward(&deep).as_ref(), Some(&top));
        assert_eq!(find_upward(root.path()).as_ref(), Some(&top));

        let near = root.path().join("a/b/dtmask.toml");
        fs::write(&near, "").unwrap();
        assert_eq!(find_upward(&deep).as_ref(), Some(&near));
        assert_eq!(find_upward(&root.path().join("a")).as_ref(), Some(&top));

        // No file, so none is found.
        fs::create_dir(deep.join("dtmask.toml")).unwrap();
        assert_eq!(find_upward(&deep), Some(near));
    }

    #[test]
    fn the_search_ends_at_the_root_of_the_repository() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("inner/src");
        fs::create_dir_all(&inner).unwrap();
        fs::create_dir(root.path().join(".git")).unwrap();
        fs::write(root.path().join("dtmask.toml"), "").unwrap();
        assert!(find_upward(&inner).is_some());
        fs::write(root.path().join("inner/.git"), "gitdir: elsewhere").unwrap();
        assert_eq!(find_upward(&inner), None);
    }

    #[test]
    fn outside_of_a_repository_what_is_above_does_not_count() {
        let root = tempfile::tempdir().unwrap();
        let inner = root.path().join("inner");
        fs::create_dir(&inner).unwrap();
        fs::write(root.path().join("dtmask.toml"), "").unwrap();
        assert_eq!(find_upward(&inner), None);
        assert!(find_upward(root.path()).is_some());
    }

    fn scanning(flags: &ConfigFlags, text: &str) -> anyhow::Result<Config> {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("dtmask.toml"), text).unwrap();
        Config::named_or_found(flags, root.path())
    }

    #[test]
    fn a_file_that_was_found_reads_no_other() {
        let flags = ConfigFlags::default();
        let config = scanning(
            &flags,
            "without = ['base64']\n[known]\nenv = ['HOME']\nfile = ['/etc/passwd']\n\
             [scan]\nbaseline = 'dtmask-baseline.json'",
        )
        .unwrap();
        assert_eq!(config.known().count(), 0);
        assert_eq!(config.file.without.len(), 1);
        let baseline = config.baseline().unwrap();
        assert_eq!(baseline.parent(), config.path().and_then(Path::parent));

        for path in ["/etc/passwd", "../other.json", "a/../../other.json"] {
            let error = scanning(&flags, &format!("[scan]\nbaseline = '{path}'")).unwrap_err();
            let message = error.to_string();
            assert!(
                message.contains("dtmask.toml:2:12: a baseline"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_file_that_was_named_comes_first_and_may_read() {
        let named = tempfile::NamedTempFile::new().unwrap();
        fs::write(
            named.path(),
            "[known]\nenv = ['A', 'B']\n[scan]\nbaseline = '/b'\nstrict = true",
        )
        .unwrap();
        let flags = ConfigFlags {
            config: Some(named.path().to_owned()),
            no_config: false,
        };
        let config = scanning(&flags, "without = ['token']").unwrap();
        assert_eq!(config.path(), Some(named.path()));
        assert_eq!(config.known().count(), 2);
        assert_eq!(config.baseline().as_deref(), Some(Path::new("/b")));
        assert!(config.scan().strict && !config.scan().hidden);
    }

    #[test]
    fn no_config_finds_none() {
        let flags = ConfigFlags {
            config: None,
            no_config: true,
        };
        // It would be an error.
        let config = scanning(&flags, "nonsense").unwrap();
        assert_eq!(config.path(), None);
    }

    #[test]
    fn paths_that_stay_below() {
        for path in ["a", "./a", "a/b.json", "a/./b"] {
            assert!(stays_below(Path::new(path)), "{path}");
        }
        for path in ["/a", "..", "../a", "a/../b"] {
            assert!(!stays_below(Path::new(path)), "{path}");
        }
    }
}
