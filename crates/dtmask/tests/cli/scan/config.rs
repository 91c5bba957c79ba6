//! The rule file of a scan, which may be found and not named.

use std::fs;

use dtmask_test::samples::{self, L21, P24, S64};

use super::Tree;
use crate::process::{Ran, command, feed};

/// A repository with a token in it, and with a rule file.
fn tree(config: &str) -> Tree {
    let tree = Tree::new();
    fs::create_dir(tree.path().join(".git")).expect("a folder can be made");
    tree.write("dtmask.toml", config);
    tree.write("src/a.txt", samples::api_token());
    tree
}

#[track_caller]
fn refused(ran: &Ran, words: &str) {
    assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""));
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
}

#[test]
fn a_file_in_the_folder_or_above_is_found() {
    let tree = tree(&format!("[scan]\nallow-id = ['dt0c01.{P24}']"));
    assert_eq!(tree.run("scan").code, Some(0));
    assert_eq!(tree.run("scan src/a.txt").code, Some(0));
    let inside = |args: &[&str]| {
        let mut dtmask = command(args);
        dtmask.current_dir(tree.path().join("src"));
        feed(dtmask, b"")
    };
    let above = inside(&["scan"]);
    assert_eq!(above.code, Some(0));
    let root = tree.path().canonicalize().expect("it is there");
    let rules = root.join("dtmask.toml");
    assert_eq!(
        above.stderr,
        format!("dtmask: with the rules of {}\n", rules.display())
    );
    assert_eq!(inside(&["scan", "--quiet"]).stderr, "");
    assert_eq!(tree.run("scan").stderr, "");
    for ran in [
        tree.run("scan --no-config"),
        tree.run("--no-config scan"),
        inside(&["scan", "--no-config"]),
    ] {
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    }
    // A file that is named is the only one.
    tree.write("other.toml", "");
    assert_eq!(tree.run("scan --config other.toml").code, Some(1));
    assert_eq!(tree.run("--config other.toml scan").code, Some(1));
    let mut dtmask = command(["scan"]);
    dtmask
        .current_dir(tree.path())
        .env("DTMASK_CONFIG", "other.toml");
    assert_eq!(feed(dtmask, b"").code, Some(1));
    // The root of another repository ends the search.
    tree.write("src/.git", "gitdir: elsewhere");
    assert_eq!(inside(&["scan"]).code, Some(1));
}

/// What is long and comes from a pipe is masked as it is searched, to tell places.
#[test]
fn a_mask_is_for_what_masks() {
    let tree = tree(&format!("mask-text = '{}'", "[X]".repeat(2000)));
    let long = format!("{}\n", samples::api_token()).repeat(3000);
    let scan = |args: &[&str]| {
        let mut dtmask = command(["scan", "--format", "json"].iter().chain(args));
        dtmask.current_dir(tree.path());
        feed(dtmask, long.as_bytes())
    };
    let (found, plain) = (scan(&["-"]), scan(&["--no-config", "-"]));
    assert_eq!((found.code, found.stderr.as_str()), (Some(1), ""));
    assert_eq!(found.text(), plain.text());
    assert_eq!(plain.text().matches("\"fingerprint\"").count(), 3000);
}

#[test]
fn the_other_commands_find_none() {
    let tree = tree("without = ['token', 'token-any-id', 'token-wrapped', 'tenant-token']");
    assert_eq!(tree.run("scan src").code, Some(0));
    let ran = tree.run_with("", samples::api_token());
    assert_eq!(ran.text(), samples::masked(&samples::api_token()));
    assert_eq!(tree.run("src/a.txt").text(), ran.text());
    assert!(tree.run("rules").text().contains("\ntoken "));
    assert!(tree.run("patterns").text().contains("[0-9A-Z]{64}"));
    assert_eq!(tree.run("--in-place src/a.txt").code, Some(0));
    let masked = fs::read(tree.path().join("src/a.txt")).unwrap();
    assert_eq!(String::from_utf8(masked).unwrap(), ran.text());
}

#[test]
fn the_table_of_scan_does_what_its_flags_do() {
    for (config, name, content, args) in [
        ("strict = true", "b", format!("apiToken={L21}"), "--strict"),
        ("hidden = true", ".b", samples::api_token(), "--hidden"),
        (
            "binary = true",
            "b",
            format!("\0{}", samples::api_token()),
            "--binary",
        ),
        (
            "no-ignore = true",
            "ignored",
            samples::api_token(),
            "--no-ignore",
        ),
    ] {
        let tree = tree(&format!("[scan]\n{config}"));
        tree.write(".gitignore", "ignored\n");
        tree.write(name, content);
        let without = tree.found("scan --no-config");
        let with = tree.found("scan");
        assert_eq!(with.len(), without.len() + 1, "{config}");
        assert_eq!(with, tree.found(&format!("scan --no-config {args}")));
    }
}

#[test]
fn rules_of_the_file_report_what_they_find() {
    let tree = tree(
        "with = ['jwt']\n[[rule]]\nname = 'session'\n\
         pattern = [{keep = 'session=', secret = '[a-f0-9]', min = 16}]",
    );
    tree.write("b", "session=0123456789abcdef");
    tree.write("c", format!("eyJhbGciOi.eyJzdWIiOi.{}", "a1-B_".repeat(8)));
    tree.write("d", format!("apiToken={L21}"));
    let found = tree.found("scan").join("\n");
    assert_eq!(found.lines().count(), 3, "{found}");
    for rule in ["token", "session", "jwt"] {
        assert!(found.contains(rule), "{found}");
    }
    assert_eq!(tree.found("scan --without jwt").len(), 2);
}

#[test]
fn a_baseline_is_read_from_where_the_file_is() {
    let tree = tree("[scan]\nbaseline = 'known/baseline.json'");
    fs::create_dir(tree.path().join("known")).unwrap();
    refused(&tree.run("scan src"), "cannot read the baseline");
    let ran = tree.run("scan src --write-baseline known/baseline.json");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(tree.run("scan src").code, Some(0));
    tree.write("src/b.txt", samples::platform_token());
    assert_eq!(tree.found("scan src").len(), 1);
    // The flag replaces it.
    tree.run("scan src --write-baseline all.json");
    assert_eq!(tree.run("scan src --baseline all.json").code, Some(0));
}

#[test]
fn a_file_that_was_found_is_not_trusted() {
    let outside = Tree::new();
    let path = outside.write("values", "long enough value");
    let path = path.display();
    let tree = tree(&format!("[known]\nfile = ['{path}']\nenv = ['PATH']"));
    tree.write("b", "a long enough value");
    let ran = tree.run("scan");
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.starts_with("dtmask: warning: [known] in "));
    assert!(!ran.text().contains("known-value"), "{}", ran.text());
    let named = tree.run("scan --config dtmask.toml");
    assert!(named.text().contains("known-value"), "{}", named.text());
    assert!(!named.text().contains("long enough") && named.stderr.is_empty());

    tree.write("dtmask.toml", format!("[scan]\nbaseline = '{path}'"));
    refused(&tree.run("scan"), "dtmask.toml:2:12: a baseline outside of");
    tree.write("dtmask.toml", "[scan]\nbaselin = 'x'");
    refused(
        &tree.run("scan"),
        "dtmask.toml:2:1: unknown field `baselin`",
    );
    let token = samples::api_token();
    tree.write("dtmask.toml", format!("[scan]\nallow-id = ['{token}']"));
    let ran = tree.run("scan");
    refused(&ran, "dtmask.toml:2:13: allow-id takes a token identifier");
    assert!(!ran.stderr.contains(&S64[..12]));
}
