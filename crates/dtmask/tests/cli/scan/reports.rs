//! What the formats say.

use dtmask_test::samples::{self, P24};
use serde_json::{Value, json};

use super::Tree;

fn report(folder: &Tree, format: &str) -> Value {
    let ran = folder.run(&format!("scan --format {format}"));
    assert_eq!(ran.stderr, "");
    assert!(ran.stdout.ends_with(b"}\n"));
    serde_json::from_slice(&ran.stdout).expect("the report is JSON")
}

/// With a token behind characters of several bytes.
fn folder() -> Tree {
    let folder = Tree::new();
    folder.write(
        "dir/ä b.txt",
        format!("one\né€😀 {} x\n", samples::api_token()),
    );
    folder
}

#[test]
fn json_has_every_field_of_its_form() {
    let mut report = report(&folder(), "json");
    let fingerprint = report["findings"][0]["fingerprint"].take();
    assert_eq!(fingerprint.as_str().map(str::len), Some(32));
    let kind = "API, personal access, PaaS or cluster token";
    assert_eq!(
        report,
        json!({
            "version": 1,
            "tool": { "name": "dtmask", "version": env!("CARGO_PKG_VERSION") },
            "contents": 1,
            "errors": 0,
            "findings": [{
                "commit": null,
                "path": "dir/ä b.txt",
                "line": 2,
                "column": 43,
                "end_line": 2,
                "end_column": 107,
                "offset": 46,
                "length": 64,
                "rule": "token",
                "identifier": format!("dt0c01.{P24}"),
                "kind": kind,
                "complete": true,
                "fingerprint": null,
            }],
            "tokens": [{ "identifier": format!("dt0c01.{P24}"), "kind": kind, "places": 1 }],
        })
    );
}

#[test]
fn sarif_counts_characters_and_encodes_paths() {
    let report = report(&folder(), "sarif");
    let run = &report["runs"][0];
    let result = &run["results"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"]);
    assert_eq!(result["level"], "error");
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "dir/%C3%A4%20b.txt");
    assert_eq!(
        location["region"],
        json!({
            "startLine": 2, "startColumn": 37, "endLine": 2, "endColumn": 101,
            "byteOffset": 46, "byteLength": 64,
        })
    );
}

#[test]
fn fingerprints_stay_when_lines_move_and_tell_equal_lines_apart() {
    let folder = Tree::new();
    let token = samples::api_token();
    let hashes = |content: String| -> Vec<String> {
        folder.write("a", content);
        let report = report(&folder, "sarif");
        let results = report["runs"][0]["results"].as_array().unwrap().iter();
        let hash =
            |result: &Value| result["partialFingerprints"]["primaryLocationLineHash"].clone();
        results
            .map(|result| hash(result).as_str().unwrap().to_owned())
            .collect()
    };
    let before = hashes(format!("a {token}\nb {token}\na {token}\n"));
    let after = hashes(format!("new\n\n\ta {token}\r\nb  {token}\na {token}"));
    assert_eq!(before, after);
    let (first, count) = before[0].split_once(':').unwrap();
    assert_eq!((first.len(), count), (16, "1"));
    assert_eq!(before[2], format!("{first}:2"));
    assert_ne!(before[1].split(':').next(), Some(first));
    // The secret has no share in it.
    assert_eq!(
        hashes(format!("a {}", token.replace("ZYX", "AAA")))[0],
        before[0]
    );
}

#[test]
fn gitlab_names_the_commit_or_says_that_there_is_none() {
    let report = report(&folder(), "gitlab");
    assert_eq!(report["scan"]["status"], "success");
    let vulnerability = &report["vulnerabilities"][0];
    assert_eq!(
        vulnerability["location"],
        json!({
            "file": "dir/ä b.txt", "start_line": 2, "end_line": 2, "commit": { "sha": "0000000" },
        })
    );
    assert_eq!(vulnerability["severity"], "Critical");
    let id = vulnerability["id"].as_str().unwrap();
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12]);
}

#[test]
fn an_error_is_in_the_report_too() {
    let folder = Tree::new();
    for (format, path, value) in [
        ("json", "/errors", json!(1)),
        (
            "sarif",
            "/runs/0/invocations/0/executionSuccessful",
            json!(false),
        ),
        ("gitlab", "/scan/status", json!("failure")),
    ] {
        let ran = folder.run(&format!("scan nothere --format {format}"));
        assert_eq!(ran.code, Some(2));
        let report: Value = serde_json::from_slice(&ran.stdout).unwrap();
        assert_eq!(report.pointer(path), Some(&value));
    }
}

#[cfg(unix)]
#[test]
fn no_format_steers_a_terminal() {
    let folder = Tree::new();
    folder.write("a\x1b[2J\u{9b}\x7f\n", samples::api_token());
    for format in ["text", "json", "sarif", "gitlab"] {
        let text = folder.run(&format!("scan --format {format}")).text();
        assert!(
            !text.contains(|c: char| c.is_control() && c != '\n'),
            "{text:?}"
        );
    }
    let path = report(&folder, "json")["findings"][0]["path"].clone();
    assert_eq!(path, "a\x1b[2J\u{9b}\x7f\n");
}

#[test]
fn no_format_shows_what_is_hidden_in_a_name() {
    let folder = Tree::new();
    let (session, id) = ("0123456789abcdef0123", "dt0s01.FAKEPUB2");
    folder.write(
        "rules.toml",
        "[[rule]]\nname = 'session'\n\
         [[rule.pattern]]\nkeep = 'session='\nsecret = '[a-f0-9]'\nmin = 16\n",
    );
    let token = samples::api_token();
    folder.write(format!("session={session}.log"), &token);
    folder.write(format!("{id}.log"), &token);
    folder.write(format!("{token}.log"), &token);
    let hiding = "scan --config rules.toml --hide-id dt0s01";
    let absent = format!("absent-{token} absent-{id}-session={session}");
    for format in ["text", "json", "sarif", "gitlab"] {
        let found = folder.run(&format!("{hiding} --format {format}"));
        assert_eq!(found.code, Some(1));
        let failed = folder.run(&format!("{hiding} --format {format} . {absent}"));
        assert_eq!(failed.code, Some(2));
        for text in [found.text(), failed.text(), failed.stderr] {
            assert!(!text.contains(session), "{text}");
            assert!(!text.contains("FAKEPUB2"), "{text}");
            assert!(!text.contains(&samples::S64[..8]), "{text}");
        }
    }
    folder.run(&format!("{hiding} --write-baseline known.json"));
    let known = std::fs::read_to_string(folder.path().join("known.json")).unwrap();
    assert_eq!(known.matches("\"path\"").count(), 3);
    assert!(!known.contains(session) && !known.contains("FAKEPUB2"));
}

#[test]
fn no_format_shows_a_secret() {
    let folder = Tree::new();
    for case in dtmask_test::table::cases() {
        folder.write(&case.id, &case.input);
    }
    for format in ["text", "json", "sarif", "gitlab"] {
        let text = folder
            .run(&format!("scan --strict --binary --format {format}"))
            .text();
        for secret in [
            samples::S64,
            samples::HEX64,
            samples::A24,
            samples::L21,
            samples::T16,
        ] {
            // No half of it either.
            for part in [&secret[..8], &secret[secret.len() - 8..]] {
                assert!(!text.contains(part), "{format} shows {part}");
            }
        }
    }
}
