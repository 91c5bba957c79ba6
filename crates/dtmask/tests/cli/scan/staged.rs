//! What is about to be committed.

use dtmask_test::samples;

use super::git::Repository;
use super::{Tree, found};

#[test]
fn the_index_counts_and_not_the_working_tree() {
    let repository = Repository::new();
    let token = samples::api_token();
    repository.add("old", &token);
    repository.commit();
    assert!(repository.found("scan --staged").is_empty());
    repository.add("a", format!("\n{token}"));
    repository.folder.write("a", "fixed, but not added");
    repository.folder.write("b", &token);
    assert_eq!(repository.found("scan --staged"), ["a:2:33: token"]);
    repository.add("a", "fixed");
    repository.folder.write("a", &token);
    assert!(repository.found("scan --staged").is_empty());
    // What is deleted or renamed.
    repository.git(["rm", "--quiet", "--cached", "old"]);
    assert!(repository.found("scan --staged").is_empty());
}

#[test]
fn a_first_commit_is_scanned() {
    let repository = Repository::new();
    assert!(repository.found("scan --staged").is_empty());
    repository.add("a", samples::api_token());
    assert_eq!(repository.found("scan --staged"), ["a:1:33: token"]);
}

#[test]
fn ids_of_any_length_are_understood() {
    let folder = Tree::new();
    let repository = Repository { folder };
    repository.git(["init", "--quiet", "--object-format=sha256"]);
    repository.add("a", samples::api_token());
    assert_eq!(repository.found("scan --staged"), ["a:1:33: token"]);
    let id = repository.commit();
    assert_eq!(id.len(), 64);
    assert_eq!(
        repository.found("scan --history HEAD"),
        [format!("{id}:a:1:33: token")]
    );
}

#[cfg(unix)]
#[test]
fn no_name_leads_astray() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let repository = Repository::new();
    repository.git(["config", "core.quotePath", "true"]);
    let token = samples::api_token();
    for name in ["-x", "a\nb", "e f", ":(glob)g", "ä", "\"q\""] {
        repository.add(name, &token);
    }
    repository.add(OsStr::from_bytes(b"h\xff"), &token);
    let expected = ["\"q\"", "-x", ":(glob)g", "a\\nb", "e f", "h\\xff", "ä"]
        .map(|name| format!("{name}:1:33: token"));
    assert_eq!(repository.found("scan --staged"), expected);
    assert_eq!(
        repository.found("scan --staged -- :(glob)g -x"),
        ["-x:1:33: token", ":(glob)g:1:33: token"]
    );
    // A folder within is where paths start, as for git.
    repository.add("sub/a", &token);
    let mut inside = crate::process::command(["scan", "--staged", "a"]);
    inside.current_dir(repository.path().join("sub"));
    let ran = crate::process::feed(inside, b"");
    assert_eq!(found(&ran), ["sub/a:1:33: token"]);
}

#[test]
fn settings_and_variables_change_nothing() {
    let repository = Repository::new();
    let token = samples::api_token();
    repository.add("a", "x\n");
    repository.add(".gitattributes", "* diff=fake\n");
    repository.commit();
    for (name, value) in [
        ("diff.fake.textconv", "echo nothing"),
        ("diff.fake.command", "echo nothing"),
        ("diff.external", "echo nothing"),
        ("diff.context", "9"),
        ("diff.interHunkContext", "9"),
        ("diff.noprefix", "true"),
        ("color.ui", "always"),
        ("core.fsmonitor", "echo nothing"),
        ("core.quotePath", "false"),
        ("diff.ignoreSubmodules", "none"),
        ("diff.relative", "true"),
        ("log.showRoot", "false"),
    ] {
        repository.git(["config", name, value]);
    }
    repository.add("a", format!("x\ny\n{token}\n"));
    let hostile = |args: &str| {
        found(&repository.run_with(args, |command| {
            command
                .env("GIT_EXTERNAL_DIFF", "false")
                .env("GIT_DIFF_OPTS", "--unified=9")
                .env("GIT_GLOB_PATHSPECS", "1")
                .env("GIT_PAGER", "false")
        }))
    };
    assert_eq!(hostile("scan --staged"), ["a:3:33: token"]);
    assert_eq!(hostile("scan --staged a"), ["a:3:33: token"]);
    let id = repository.commit();
    assert_eq!(
        hostile("scan --history HEAD"),
        [format!("{id}:a:3:33: token")]
    );
}

#[test]
fn the_index_of_a_hook_is_the_one_that_counts() {
    let repository = Repository::new();
    repository.add("a", "x");
    repository.commit();
    repository.folder.write("a", samples::api_token());
    // As git does for `git commit a`.
    let other = repository.path().join(".git/other-index");
    std::fs::copy(repository.path().join(".git/index"), &other).unwrap();
    let ran = repository.run_with("scan --staged", |command| {
        command.env("GIT_INDEX_FILE", &other)
    });
    assert!(found(&ran).is_empty());
    let status = std::process::Command::new("git")
        .args(["add", "a"])
        .current_dir(repository.path())
        .env("GIT_INDEX_FILE", &other)
        .status();
    assert!(status.unwrap().success());
    assert!(repository.found("scan --staged").is_empty());
    let ran = repository.run_with("scan --staged", |command| {
        command.env("GIT_INDEX_FILE", &other)
    });
    assert_eq!(found(&ran), ["a:1:33: token"]);
}

#[test]
fn a_real_hook_stops_a_commit() {
    let repository = Repository::new();
    let hook = repository.folder.write(
        ".git/hooks/pre-commit",
        format!("#!/bin/sh\nexec {} scan --staged\n", crate::process::DTMASK),
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    repository.add("a", "clean");
    repository.commit();
    repository.folder.write("a", samples::api_token());
    let commit = || {
        let mut command = std::process::Command::new("git");
        command
            .args([
                "-c",
                "user.name=n",
                "-c",
                "user.email=e",
                "commit",
                "-m",
                "x",
                "a",
            ])
            .current_dir(repository.path());
        command.output().unwrap().status.success()
    };
    assert!(!commit());
    repository.folder.write("a", "cleaner");
    assert!(commit());
}

#[test]
fn what_has_no_content_is_passed_over_and_what_cannot_be_committed_named() {
    let repository = Repository::new();
    let token = samples::api_token();
    repository.add("a", "1\n");
    let id = repository.commit();
    let entry = format!("160000,{id},sub");
    repository.git(["update-index", "--add", "--cacheinfo", &entry]);
    repository.add("binary", format!("\0{token}"));
    repository.git(["add", "--intent-to-add", "--", "."]);
    assert!(repository.found("scan --staged").is_empty());
    assert_eq!(
        repository.found("scan --staged --binary"),
        ["binary:1:34: token"]
    );
    repository.commit();

    repository.git(["checkout", "--quiet", "-b", "other", &id]);
    repository.add("a", "2\n");
    repository.commit();
    repository.git(["checkout", "--quiet", "main"]);
    repository.add("a", "3\n");
    repository.commit();
    let mut merge = std::process::Command::new("git");
    merge
        .args([
            "-c",
            "user.name=n",
            "-c",
            "user.email=e",
            "merge",
            "--quiet",
            "other",
        ])
        .current_dir(repository.path());
    assert!(!merge.output().unwrap().status.success());
    let ran = repository.run("scan --staged");
    assert_eq!(ran.code, Some(2));
    assert_eq!(ran.stderr, "dtmask: cannot read a: it is not merged yet\n");
}

#[cfg(unix)]
#[test]
fn a_link_is_what_is_committed_of_it() {
    let repository = Repository::new();
    let target = samples::api_token();
    std::os::unix::fs::symlink(&target, repository.path().join("link")).unwrap();
    repository.git(["add", "link"]);
    assert_eq!(repository.found("scan --staged"), ["link:1:33: token"]);
}

#[test]
fn without_a_repository_or_git_there_is_one_error() {
    let repository = Repository {
        folder: Tree::new(),
    };
    for (args, what) in [
        ("scan --staged", "the git index"),
        ("scan --history HEAD", "the history 'HEAD'"),
    ] {
        let ran = repository.run(args);
        assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""));
        let start = format!("dtmask: cannot scan {what}: git: not a git repository");
        assert!(ran.stderr.starts_with(&start), "{}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1);
        let ran = repository.run_with(args, |command| command.env("PATH", "/nowhere"));
        assert_eq!(ran.code, Some(2));
        let start = format!("dtmask: cannot scan {what}: cannot run git, which");
        assert!(ran.stderr.starts_with(&start), "{}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1);
    }
}

#[test]
fn a_path_that_never_was_is_an_error() {
    let repository = Repository::new();
    let token = samples::api_token();
    repository.add("sub/a", &token);
    repository.add("sub/gone", &token);
    let first = repository.commit();
    repository.git(["rm", "--quiet", "sub/gone"]);
    for scan in ["scan --staged", "scan --history HEAD"] {
        let ran = repository.folder.run(&format!("{scan} sub absent"));
        assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""));
        assert!(
            ran.stderr.ends_with(": no such file or folder: absent\n"),
            "{}",
            ran.stderr
        );
    }
    // It was there.
    assert!(repository.found("scan --staged sub/gone").is_empty());
    assert_eq!(
        repository.found("scan --history HEAD sub/gone"),
        [format!("{first}:sub/gone:1:33: token")]
    );
}
