//! `dtmask --in-place FILE...`: files masked where they stand.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

use dtmask_test::samples;

use crate::folder::Folder;

/// Text with secrets of several rules, and the same masked.
fn text() -> (String, String) {
    let token = samples::api_token();
    let legacy = samples::L21;
    let text = |token: &str, legacy: &str| format!("1 {token} ok\n2 api-token={legacy}&x=1\n");
    let masked = text(&samples::masked(&token), &"*".repeat(legacy.len()));
    (text(&token, legacy), masked)
}

/// What must stay of a file that is overwritten.
fn identity(path: &Path) -> (u64, u64, u32, u32, u32, u64) {
    let meta = path.metadata().expect("the file is there");
    (
        meta.dev(),
        meta.ino(),
        meta.mode(),
        meta.uid(),
        meta.gid(),
        meta.nlink(),
    )
}

fn age(folder: &Folder, name: &str) -> SystemTime {
    let file = File::options().append(true).open(folder.path(name));
    let then = SystemTime::now() - Duration::from_secs(1000);
    file.and_then(|file| file.set_modified(then))
        .expect("a time can be set");
    modified(folder, name)
}

fn modified(folder: &Folder, name: &str) -> SystemTime {
    let metadata = folder.path(name).metadata().expect("the file is there");
    metadata.modified().expect("it has a time")
}

#[test]
fn secrets_are_overwritten_where_they_stand() {
    let folder = Folder::new();
    let (text, masked) = text();
    folder.write("a", &text);
    folder.write("b", text.repeat(10_000));
    std::fs::set_permissions(folder.path("a"), Permissions::from_mode(0o604))
        .expect("a mode can be set");
    std::fs::hard_link(folder.path("a"), folder.path("link")).expect("a link can be made");
    let before = identity(&folder.path("a"));
    let ran = folder.run(&["--in-place", "a", "b"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str(), ran.stdout.len()),
        (Some(0), "", 0)
    );
    assert_eq!(folder.read("a"), masked.as_bytes());
    assert_eq!(folder.read("link"), masked.as_bytes());
    assert!(folder.read("b") == masked.repeat(10_000).as_bytes());
    assert_eq!(identity(&folder.path("a")), before);
    assert_eq!(folder.names(), ["a", "b", "link"]);
}

#[test]
fn only_the_pages_with_secrets_are_written() {
    let folder = Folder::new();
    let (text, masked) = text();
    // Whoever writes a hole fills it.
    let mut file = File::create(folder.path("a")).expect("a file can be made");
    file.write_all(text.as_bytes()).expect("a file takes bytes");
    file.seek(SeekFrom::Start(64 << 20))
        .expect("a file can have a hole");
    file.write_all(text.as_bytes()).expect("a file takes bytes");
    file.sync_all().expect("a file can be synced");
    let blocks = || folder.path("a").metadata().expect("it is there").blocks();
    let before = blocks();
    assert!(before < 1000, "a file system with holes");
    assert_eq!(folder.run(&["--in-place", "a"]).code, Some(0));
    assert_eq!(blocks(), before);
    let file = folder.read("a");
    assert!(file.starts_with(masked.as_bytes()) && file.ends_with(masked.as_bytes()));
    assert_eq!(file.len(), (64 << 20) + text.len());
}

#[test]
fn a_clean_file_is_not_written() {
    let folder = Folder::new();
    folder.write("a", "dt0c01 nothing\n".repeat(1000));
    let then = age(&folder, "a");
    for flags in [&[][..], &["--mask-text", "[X]"]] {
        let ran = folder.run(&[&["--in-place"], flags, &["a"]].concat());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    }
    assert_eq!(folder.run(&["--in-place=.bak", "a"]).code, Some(0));
    assert_eq!(modified(&folder, "a"), then);
    assert_eq!(folder.names(), ["a"]);
    // It need not even be possible.
    std::fs::set_permissions(folder.path("a"), Permissions::from_mode(0o400))
        .expect("a mode can be set");
    assert_eq!(folder.run(&["--in-place", "a"]).code, Some(0));
}

#[test]
fn masking_twice_writes_once() {
    let folder = Folder::new();
    folder.write("a", text().0);
    assert_eq!(folder.run(&["--in-place", "a"]).code, Some(0));
    let then = age(&folder, "a");
    let ran = folder.run(&["--in-place", "--fail-on-match", "a"]);
    assert_eq!((ran.code, modified(&folder, "a")), (Some(0), then));
}

#[test]
fn a_program_that_appends_loses_nothing() {
    let folder = Folder::new();
    let (text, masked) = text();
    folder.write("log", "");
    let open = || OpenOptions::new().append(true).open(folder.path("log"));
    let mut log = open().expect("a file can be opened");
    let mut lines = 0;
    for _ in 0..20 {
        std::thread::scope(|scope| {
            let masker = scope.spawn(|| folder.run(&["--in-place", "log"]));
            while !masker.is_finished() {
                log.write_all(text.as_bytes()).expect("a file takes bytes");
                lines += 1;
                // Whoever writes faster than it is read is never caught up with.
                std::thread::sleep(Duration::from_micros(100));
            }
            let ran = masker.join().expect("it runs");
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        });
    }
    assert_eq!(folder.run(&["--in-place", "log"]).code, Some(0));
    assert!(folder.read("log") == masked.repeat(lines).as_bytes());
    assert_eq!(folder.names(), ["log"]);
}

#[test]
fn the_target_of_a_link_is_masked_and_the_link_stays() {
    let folder = Folder::new();
    let (text, masked) = text();
    std::fs::create_dir(folder.path("sub")).expect("a folder can be made");
    symlink("sub/a", folder.path("link")).expect("a link can be made");
    for flags in [&[][..], &["--mask-text", "****"]] {
        folder.write("sub/a", &text);
        let ran = folder.run(&[&["--in-place"], flags, &["link"]].concat());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        assert!(folder.path("link").is_symlink());
        assert!(!folder.path("sub/a").is_symlink());
        assert_eq!(folder.read("sub/a") == masked.as_bytes(), flags.is_empty());
        assert!(!String::from_utf8_lossy(&folder.read("sub/a")).contains("FAKE_"));
    }
}

#[test]
fn a_text_mask_writes_the_file_anew() {
    let folder = Folder::new();
    let (text, masked) = text();
    folder.write("a", text.repeat(3000));
    std::fs::set_permissions(folder.path("a"), Permissions::from_mode(0o640))
        .expect("a mode can be set");
    let before = identity(&folder.path("a"));
    let ran = folder.run(&["--in-place", "--mask-text", "[X]", "a"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let expected = masked
        .replace(&"*".repeat(64), "[X]")
        .replace(&"*".repeat(21), "[X]");
    assert!(folder.read("a") == expected.repeat(3000).as_bytes());
    let after = identity(&folder.path("a"));
    assert_ne!(after.1, before.1);
    assert_eq!((after.2, after.3, after.4), (before.2, before.3, before.4));
    assert_eq!(folder.names(), ["a"]);
}

#[test]
fn the_original_is_kept_if_wanted() {
    let folder = Folder::new();
    let (text, masked) = text();
    folder.write("a", &text);
    let then = age(&folder, "a");
    let ino = identity(&folder.path("a")).1;
    let ran = folder.run(&["--in-place=.bak", "a"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(folder.read("a"), masked.as_bytes());
    assert_eq!(folder.read("a.bak"), text.as_bytes());
    assert_eq!(
        (
            modified(&folder, "a.bak"),
            identity(&folder.path("a.bak")).1
        ),
        (then, ino)
    );

    // As with sed, the newest original counts.
    folder.write("a", format!("new {text}"));
    assert_eq!(folder.run(&["--in-place=.bak", "a"]).code, Some(0));
    assert_eq!(folder.read("a.bak"), format!("new {text}").as_bytes());
    assert_eq!(folder.names(), ["a", "a.bak"]);

    folder.write("a", &text);
    std::fs::create_dir(folder.path("a.dir")).expect("a folder can be made");
    let ran = folder.run(&["--in-place=.dir", "a"]);
    assert_eq!((ran.code, folder.read("a")), (Some(2), text.into_bytes()));
    assert!(
        ran.stderr.contains("cannot keep the original as "),
        "{}",
        ran.stderr
    );
    assert_eq!(folder.names(), ["a", "a.bak", "a.dir"]);
}

#[test]
fn what_would_change_is_told() {
    let folder = Folder::new();
    let (text, _) = text();
    folder.write("a", &text);
    folder.write(
        "b\nc",
        format!("{text}{text}tenantToken={}\n", samples::T16),
    );
    folder.write("clean", "nothing\n");
    let args = ["--in-place", "--dry-run", "a", "b\nc", "clean"];
    let ran = folder.run(&args);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(
        ran.text(),
        "a: 2 secrets (token 1, context-assign 1)\n\
         b\\nc: 5 secrets (token 2, context-assign 3)\n"
    );
    let ran = folder.run(&[&args[..], &["--fail-on-match"]].concat());
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        folder
            .run(&["--in-place", "--dry-run", "--fail-on-match", "clean"])
            .code,
        Some(0)
    );
    for flags in [&["--mask-text", "[X]"][..], &["--in-place=.bak"]] {
        let ran = folder.run(&[&args[1..], flags, &["--in-place"]].concat());
        assert_eq!(ran.text().lines().count(), 2, "{}", ran.stderr);
    }
    assert_eq!(folder.read("a"), text.as_bytes());
    assert_eq!(folder.names(), ["a", "b\nc", "clean"]);
}

#[test]
fn statistics_and_the_exit_code_are_of_all_files() {
    let folder = Folder::new();
    let (text, _) = text();
    for flags in [&[][..], &["--mask-text", "[X]"], &["--dry-run"]] {
        folder.write("a", &text);
        folder.write("b", "clean\n");
        let args = ["--in-place", "--stats", "--fail-on-match", "a", "b"];
        let ran = folder.run(&[&args, flags].concat());
        let bytes = text.len() + 6;
        assert_eq!(ran.code, Some(1));
        assert_eq!(
            ran.stderr,
            format!(
                "dtmask: 2 secrets masked (token 1, context-assign 1) in {bytes} B ({bytes} bytes)\n"
            )
        );
    }
}

#[test]
fn what_is_no_file_is_refused_and_the_others_go_on() {
    let folder = Folder::new();
    let (text, masked) = text();
    folder.write("a", &text);
    std::fs::create_dir(folder.path("folder")).expect("a folder can be made");
    let made = folder.shell("mkfifo pipe");
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    symlink("/dev/null", folder.path("null")).expect("a link can be made");
    let ran = folder.run(&["--in-place", "missing", "folder", "pipe", "null", "a"]);
    assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0));
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 4, "{}", ran.stderr);
    assert!(lines[0].starts_with("dtmask: cannot mask missing: "));
    assert_eq!(lines[1], "dtmask: cannot mask folder: it is a folder");
    for (line, name) in [(lines[2], "pipe"), (lines[3], "null")] {
        let message = format!("dtmask: cannot mask {name}: it is no regular file");
        assert!(line.starts_with(&message), "{line}");
    }
    let pipe = folder.path("pipe").metadata().expect("it is there");
    assert!(pipe.file_type().is_fifo());
    assert_eq!(folder.read("a"), masked.as_bytes());
}

#[test]
fn a_journal_that_cannot_be_made_is_done_without() {
    let folder = Folder::new();
    let (text, masked) = text();
    // There is no room for the name of a journal.
    let long = "x".repeat(250);
    folder.write(&long, &text);
    let ran = folder.run(&["--in-place", &long]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(folder.read(&long), masked.as_bytes());
    // Something else has it.
    folder.write("a", &text);
    std::fs::create_dir(folder.path(".a.dtmask-journal")).expect("a folder can be made");
    let ran = folder.run(&["--in-place", "a"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(folder.read("a"), masked.as_bytes());
}
