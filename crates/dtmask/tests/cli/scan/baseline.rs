//! Findings that are known.

use dtmask_test::samples;

use super::Tree;

/// An API token of the same identifier and with another secret.
fn other_token() -> String {
    samples::api_token().replace("ZYX", "AAA")
}

#[test]
fn what_was_known_is_not_reported() {
    let folder = Tree::new();
    let token = samples::api_token();
    folder.write("src/a", format!("{token}\n"));
    let ran = folder.run("scan src --write-baseline known.json");
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.stderr, "dtmask: 1 known finding in known.json\n");
    assert_eq!(ran.text(), "0 secrets in 1 file\n");
    // Wherever it stands, however the path is written.
    folder.write("src/a", format!("\n\n x {token}\n{token}\n"));
    assert!(folder.found("scan src --baseline known.json").is_empty());
    assert!(folder.found("scan ./src --baseline known.json").is_empty());
    assert!(folder.found("scan --baseline known.json").is_empty());
    // Not another secret in its place.
    folder.write("src/a", format!("{}\n", other_token()));
    assert_eq!(
        folder.found("scan src --baseline known.json"),
        ["src/a:1:33: token"]
    );
    // Nor the same one elsewhere.
    folder.write("src/a", "");
    folder.write("src/b", token);
    assert_eq!(
        folder.found("scan src --baseline known.json"),
        ["src/b:1:33: token"]
    );
}

#[test]
fn the_file_is_stable_and_holds_no_secret() {
    let folder = Tree::new();
    let token = samples::api_token();
    for name in ["b", "a", "c/d"] {
        folder.write(name, format!("{token} {token} {}", samples::tenant_token()));
    }
    folder.run("scan --write-baseline .known.json");
    let path = folder.path().join(".known.json");
    let first = std::fs::read_to_string(&path).unwrap();
    assert_eq!(first.matches("\"path\"").count(), 6);
    assert!(!first.contains(&samples::S64[..8]) && !first.contains(&samples::A24[..8]));
    folder.run("scan --threads 1 --write-baseline .known.json");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first);
    // And is no finding itself.
    assert!(folder.found("scan .known.json").is_empty());
    let sorted: Vec<&str> = first
        .lines()
        .filter(|line| line.contains("\"path\""))
        .collect();
    assert!(sorted.is_sorted());
}

#[test]
fn a_new_baseline_keeps_what_the_old_one_had() {
    let folder = Tree::new();
    folder.write("a", samples::api_token());
    folder.run("scan --write-baseline .k");
    folder.write("b", samples::platform_token());
    let ran = folder.run("scan --baseline .k --write-baseline .k");
    assert_eq!(ran.stderr, "dtmask: 2 known findings in .k\n");
    assert!(folder.found("scan --baseline .k").is_empty());
}

#[test]
fn a_file_that_is_no_baseline_is_refused() {
    let folder = Tree::new();
    folder.write("empty", "");
    folder.write("other", "{\"version\": 1}");
    folder.write("future", "{\"version\": 2, \"findings\": []}");
    folder.write("more", "{\"version\": 1, \"findings\": [], \"x\": 1}");
    for (name, said) in [
        ("empty", "empty is no baseline: EOF"),
        ("other", "other is no baseline: missing field `findings`"),
        ("future", "future is a baseline of version 2"),
        ("more", "more is no baseline: unknown field `x`"),
        (
            "absent",
            "cannot read the baseline absent (--write-baseline absent makes one)",
        ),
    ] {
        let ran = folder.run(&format!("scan --baseline {name}"));
        assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""));
        assert!(
            ran.stderr.starts_with(&format!("dtmask: {said}")),
            "{}",
            ran.stderr
        );
    }
    let ran = folder.run("scan --write-baseline no/such/folder");
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr
            .starts_with("dtmask: cannot write the baseline no/such/folder: ")
    );
}

#[cfg(unix)]
#[test]
fn what_the_path_leads_to_is_written_and_not_replaced() {
    use std::os::unix::fs::{FileTypeExt as _, symlink};

    let folder = Tree::new();
    folder.write("src/a", samples::api_token());
    let real = folder.write("real", "");
    symlink("real", folder.path().join("link")).unwrap();
    assert_eq!(folder.run("scan src --write-baseline link").code, Some(0));
    assert!(folder.path().join("link").is_symlink());
    assert!(std::fs::read_to_string(real).unwrap().contains("src/a"));

    symlink("nowhere", folder.path().join("dangling")).unwrap();
    let ran = folder.run("scan src --write-baseline dangling");
    assert_eq!(ran.code, Some(2));
    assert!(folder.path().join("dangling").is_symlink());

    let pipe = folder.path().join("pipe");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).unwrap()
    });
    assert_eq!(folder.run("scan src --write-baseline pipe").code, Some(0));
    assert!(reader.join().unwrap().contains("src/a"));
    assert!(pipe.metadata().unwrap().file_type().is_fifo());
}
