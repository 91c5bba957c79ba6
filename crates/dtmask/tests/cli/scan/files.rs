//! Files and folders.

use dtmask_test::samples::{self, L21, P24};

use super::{Tree, assert_no_secret};
use crate::process::command;

#[test]
fn a_folder_is_scanned_to_its_end() {
    let folder = Tree::new();
    let token = samples::api_token();
    folder.write("b/deep/er.txt", format!("a\nö {token}\n"));
    folder.write("a.txt", format!("{token} {}\n", samples::tenant_token()));
    folder.write("clean.txt", "dt0c01 and nothing\n");
    let ran = folder.run("scan");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    assert_eq!(
        ran.text(),
        format!(
            "a.txt:1:33: token, 64 bytes at offset 32, complete, token identifier dt0c01.{P24}\n\
             a.txt:1:105: tenant-token, 24 bytes at offset 104, complete, token identifier dt0a02\n\
             b/deep/er.txt:2:36: token, 64 bytes at offset 37, complete, token identifier dt0c01.{P24}\n\
             3 secrets in 3 files\n\
             \n\
             These tokens leaked, rotate them:\n  \
             dt0a02, tenant token, 1 place\n  \
             dt0c01.{P24}, API, personal access, PaaS or cluster token, 2 places\n"
        )
    );
}

#[test]
fn a_clean_folder_says_so() {
    let folder = Tree::new();
    folder.write("a", "nothing");
    let ran = folder.run("scan");
    assert_eq!(
        (ran.code, ran.text().as_str()),
        (Some(0), "0 secrets in 1 file\n")
    );
}

#[test]
fn paths_are_printed_as_given() {
    let folder = Tree::new();
    let path = folder.write("src/a", samples::api_token());
    assert_eq!(folder.found("scan"), ["src/a:1:33: token"]);
    assert_eq!(folder.found("scan ."), ["./src/a:1:33: token"]);
    assert_eq!(folder.found("scan src"), ["src/a:1:33: token"]);
    assert_eq!(folder.found("scan src/a src/a"), ["src/a:1:33: token"]);
    let absolute = path.to_str().unwrap();
    assert_eq!(
        folder.found(&format!("scan {absolute}")),
        [format!("{absolute}:1:33: token")]
    );
}

#[test]
fn the_default_is_complete_tokens_and_strict_is_everything() {
    let folder = Tree::new();
    let token = samples::api_token();
    folder.write("a", format!("api-token={L21}\n"));
    folder.write("b", &token[..50]);
    folder.write("c", samples::connection_token());
    folder.write("d", format!("eyJhb.eyJzd.{}", "a".repeat(20)));
    assert_eq!(folder.found("scan"), ["c:1:17: token-any-id"]);
    assert_eq!(
        folder.found("scan --strict"),
        [
            "a:1:11: context-assign",
            "b:1:33: token",
            "c:1:17: token-any-id"
        ]
    );
    assert_eq!(
        folder.found("scan --with jwt"),
        ["c:1:17: token-any-id", "d:1:13: jwt"]
    );
    assert_eq!(
        folder.found("--with context-assign scan --without token-any-id"),
        ["a:1:11: context-assign"]
    );
    folder.write("c", token);
    assert_eq!(
        folder.found("scan --profile published"),
        ["c:1:33: published"]
    );
}

#[test]
fn lines_with_the_marker_are_passed_over() {
    let folder = Tree::new();
    let token = samples::api_token();
    folder.write(
        "a",
        format!("{token} # dtmask:allow\n# dtmask:allow {token} {token}\n{token}\ndtmask:allow\n"),
    );
    assert_eq!(folder.found("scan"), ["a:3:33: token"]);
}

#[test]
fn identifiers_can_be_allowed() {
    let folder = Tree::new();
    folder.write("a", samples::api_token());
    folder.write("b", samples::platform_token());
    let args = format!("scan --allow-id dt0c01.{P24}");
    assert_eq!(folder.found(&args), ["b:1:17: token"]);
    let args = format!("{args} --allow-id dt0s16.{}", samples::P8);
    assert!(folder.found(&args).is_empty());
    // Not a start of one.
    let args = format!("scan --allow-id dt0c01.{}", &P24[..20]);
    assert_eq!(folder.found(&args).len(), 2);
    let ran = folder.run(&format!("scan --allow-id {}", samples::api_token()));
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr.contains("--allow-id takes a token identifier"),
        "{}",
        ran.stderr
    );
    assert_no_secret(&ran.stderr);
}

#[test]
fn ignored_hidden_and_binary_files_are_scanned_if_asked_for() {
    let folder = Tree::new();
    let token = samples::api_token();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    folder.write(".gitignore", "*.log\n");
    folder.write("sub/app.log", &token);
    folder.write(".env", &token);
    folder.write("core", format!("\0{token}"));
    assert!(folder.found("scan").is_empty());
    assert_eq!(
        folder.found("scan --no-ignore"),
        ["sub/app.log:1:33: token"]
    );
    assert_eq!(folder.found("scan --hidden"), [".env:1:33: token"]);
    assert_eq!(folder.found("scan --binary"), ["core:1:34: token"]);
    // What is ignored is so from within as well, and not if it is named.
    assert!(folder.found("scan sub").is_empty());
    assert_eq!(folder.found("scan .env sub/app.log").len(), 2);
}

#[test]
fn what_is_named_and_not_looked_at_is_told() {
    let folder = Tree::new();
    folder.write("a.log", "clean");
    folder.write("core", "\0");
    folder.write("dump", "\0");
    // Nobody asked for these.
    let ran = folder.run("scan");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(ran.text().contains("in 1 file"), "{}", ran.text());
    let ran = folder.run("scan core a.log");
    assert_eq!(ran.code, Some(0));
    assert!(ran.text().contains("in 1 file"), "{}", ran.text());
    assert_eq!(
        ran.stderr,
        "dtmask: warning: core is binary and was not scanned; --binary scans it\n"
    );
    let ran = folder.run("scan core dump core");
    assert_eq!(
        ran.stderr,
        "dtmask: warning: 2 of the files are binary and were not scanned; --binary scans them\n"
    );
    assert_eq!(folder.run("scan --quiet core").stderr, "");
    assert_eq!(folder.run("scan --binary core").stderr, "");
    let ran = folder.run_with("scan -", "\0");
    assert!(
        ran.stderr.contains("standard input is binary"),
        "{}",
        ran.stderr
    );
}

/// `kubectl logs pod | dtmask scan` is no scan of what comes through the pipe.
#[test]
fn an_input_that_is_not_scanned_is_told() {
    let folder = Tree::new();
    let token = samples::api_token();
    folder.write("a.log", "clean");
    let input = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(input.path(), &token).unwrap();
    let mut scan = command(["scan"]);
    scan.current_dir(folder.path())
        .stdin(std::fs::File::open(input.path()).unwrap());
    let ran = scan.output().unwrap();
    assert_eq!(ran.status.code(), Some(0));
    assert_eq!(
        String::from_utf8_lossy(&ran.stderr),
        "dtmask: warning: standard input was not scanned, the current folder was; '-' scans it\n"
    );
    for silent in ["scan .", "scan a.log", "scan --quiet"] {
        let ran = folder.run_with(silent, &token);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    }
    assert_eq!(folder.run_with("scan", "").stderr, "");
    assert_eq!(folder.run_with("scan -", &token).code, Some(1));
}

#[test]
fn a_bad_ignore_file_is_a_warning() {
    let folder = Tree::new();
    folder.write(".ignore", "a{b\nc\n");
    folder.write("a", samples::api_token());
    folder.write("c", samples::api_token());
    let ran = folder.run("scan");
    assert_eq!(ran.code, Some(1));
    assert!(ran.text().starts_with("a:1:33: token, "), "{}", ran.text());
    assert!(!ran.text().contains("\nc:"), "{}", ran.text());
    assert!(
        ran.stderr.starts_with("dtmask: warning: "),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains(".ignore"), "{}", ran.stderr);
}

#[test]
fn standard_input_is_a_dash() {
    let folder = Tree::new();
    let token = samples::api_token();
    let ran = folder.run_with("scan -", format!("a\n{token}\n"));
    assert_eq!(super::found(&ran), ["-:2:33: token"]);
    // Longer than a buffer.
    let long = "x\n".repeat(300_000);
    let ran = folder.run_with(
        "scan -",
        format!("{long}{token}\n{token} dtmask:allow\n{long}"),
    );
    assert_eq!(super::found(&ran), ["-:300001:33: token"]);
    folder.write("-", &token);
    assert_eq!(folder.found("scan ./-"), ["./-:1:33: token"]);
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_scanned() {
    let folder = Tree::new();
    folder.write("a", samples::api_token());
    let ran = folder.run("scan nothere a");
    assert_eq!(ran.code, Some(2));
    assert!(ran.text().starts_with("a:1:33: token, "), "{}", ran.text());
    assert!(
        ran.stderr.starts_with("dtmask: nothere: No such file"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr.lines().count(), 1);
}

#[cfg(unix)]
#[test]
fn links_are_followed_if_asked_for_or_named() {
    let folder = Tree::new();
    let outside = Tree::new();
    let path = outside.write("a", samples::api_token());
    std::os::unix::fs::symlink(&path, folder.path().join("file")).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("folder")).unwrap();
    assert!(folder.found("scan").is_empty());
    assert_eq!(
        folder.found("scan --follow"),
        ["file:1:33: token", "folder/a:1:33: token"]
    );
    assert_eq!(folder.found("scan file"), ["file:1:33: token"]);
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_is_named() {
    let folder = Tree::new();
    folder.write("a/b", samples::api_token());
    std::os::unix::fs::symlink("..", folder.path().join("a/up")).unwrap();
    let ran = folder.run("scan --follow");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("loop"), "{}", ran.stderr);
    assert!(ran.text().contains("a/b:1:33: token, "), "{}", ran.text());
}

#[cfg(unix)]
#[test]
fn a_pipe_is_read_if_named_and_not_if_met() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    let folder = Tree::new();
    let pipe = folder.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    assert!(folder.found("scan").is_empty());
    let writer = std::thread::spawn(move || std::fs::write(pipe, samples::api_token()));
    assert_eq!(folder.found("scan pipe"), ["pipe:1:33: token"]);
    writer.join().unwrap().unwrap();
}

#[cfg(unix)]
#[test]
fn a_name_can_be_anything() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = Tree::new();
    let token = samples::api_token();
    folder.write("-x", &token);
    folder.write("a\nb\x1b[2J", &token);
    folder.write(OsStr::from_bytes(b"c\xff"), &token);
    folder.write(format!("d{token}"), &token);
    let ran = folder.run("scan");
    assert_no_secret(&ran.text());
    let masked = samples::masked(&token);
    assert_eq!(
        super::found(&ran),
        [
            "-x:1:33: token",
            "a\\nb\\u{1b}[2J:1:33: token",
            "c\\xff:1:33: token",
            &format!("d{masked}:1:33: token"),
        ]
    );
    let ran = folder.run("scan -- -x");
    assert_eq!(super::found(&ran), ["-x:1:33: token"]);
}

#[test]
fn the_order_does_not_depend_on_threads() {
    let folder = Tree::new();
    let token = samples::api_token();
    for name in 0..300 {
        let content = if name % 3 == 0 { &token } else { "" };
        folder.write(format!("{}/{name}", name % 7), content);
    }
    let one = folder.run("scan --threads 1").text();
    assert_eq!(
        one.lines()
            .filter(|line| line.contains(": token, "))
            .count(),
        100
    );
    for _ in 0..5 {
        assert_eq!(folder.run("scan --threads 4").text(), one);
    }
    assert_eq!(folder.run("scan --threads 0").code, Some(2));
}

#[test]
fn tokens_of_every_kind_are_named() {
    let folder = Tree::new();
    folder.write("a", samples::platform_token());
    folder.write("b", samples::token("dt0z99"));
    folder.write("c", samples::api_token().replace('.', "%2E"));
    let text = folder.run("scan").text();
    let (_, tokens) = text.split_once("rotate them:\n").unwrap();
    assert_eq!(
        tokens,
        format!(
            "  dt0c01.{P24}, API, personal access, PaaS or cluster token, 1 place\n  \
             dt0s16.{}, platform token, 1 place\n  \
             dt0z99.{P24}, token of an unknown kind, 1 place\n",
            samples::P8
        )
    );
}

#[test]
fn a_hidden_identifier_stays_hidden() {
    let folder = Tree::new();
    folder.write("a", samples::token("dt0s01"));
    for format in ["text", "json", "sarif", "gitlab"] {
        let ran = folder.run(&format!("scan --hide-id dt0s01 --format {format}"));
        assert_eq!(ran.code, Some(1));
        assert!(!ran.text().contains(&P24[..8]), "{}", ran.text());
    }
}

#[test]
fn flags_of_other_jobs_are_refused() {
    let folder = Tree::new();
    for args in [
        "--stats scan",
        "--fail-on-match scan",
        "scan --mask-char x",
        "--mask-text x scan",
        "scan --staged --history HEAD",
        "--stats patterns",
        "patterns --mask-char x",
    ] {
        let ran = folder.run(args);
        assert_eq!(ran.code, Some(2), "{args}");
        assert!(ran.stderr.starts_with("dtmask: "), "{}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_left_is_no_error() {
    let folder = Tree::new();
    folder.write("a", samples::api_token().repeat(3000));
    let script = format!(
        "cd {:?} && {{ \"$DTMASK\" scan; echo $? >&2; }} | head -c 10",
        folder.path()
    );
    let ran = crate::process::shell(&script, "");
    assert_eq!(
        (ran.text().as_str(), ran.stderr.as_str()),
        ("a:1:33: to", "1\n")
    );
}

#[test]
fn utf_16_is_no_binary() {
    let folder = Tree::new();
    let text = format!("\u{feff}a\nb {}\n", samples::api_token());
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("a", bytes);
    assert_eq!(folder.found("scan"), ["a:2:69: token"]);
}
