//! SARIF 2.1.0 as GitHub code scanning takes it.

use std::collections::HashMap;
use std::fmt::Write as _;

use dtmask_core::Rule;
use serde::Serialize;
use serde_json::{Value, json};

use super::{List, NAME, Report, VERSION};
use crate::scan::finding::{Finding, hex};

#[derive(Serialize)]
struct Document<R> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    runs: [Run<R>; 1],
    version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<R> {
    column_kind: &'static str,
    invocations: Value,
    results: R,
    tool: Value,
}

pub(super) fn document(report: &Report<'_>) -> impl Serialize {
    let scanned = report.scanned;
    let rules: Vec<&Rule> = report.redactor.rules().collect();
    let invocations = json!([{
        "executionSuccessful": scanned.errors.is_empty(),
        "toolExecutionNotifications": scanned
            .errors
            .iter()
            .map(|error| json!({ "level": "error", "message": { "text": error } }))
            .collect::<Vec<_>>(),
    }]);
    let tool = json!({ "driver": {
        "name": NAME,
        "version": VERSION,
        "semanticVersion": VERSION,
        "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
    }});
    let results = move || {
        let rules = rules.clone();
        // How often the hash of a line was seen in a file.
        let mut seen: HashMap<_, usize> = HashMap::new();
        scanned.findings.iter().map(move |finding| {
            let seen = seen
                .entry((&finding.origin, finding.place.line_hash))
                .or_default();
            *seen += 1;
            let line_hash = format!("{}:{seen}", hex(&finding.place.line_hash));
            let index = rules.iter().position(|rule| *rule.name() == *finding.rule);
            result(finding, index, &line_hash)
        })
    };
    Document {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        runs: [Run {
            column_kind: "unicodeCodePoints",
            invocations,
            results: List(results),
            tool,
        }],
        version: "2.1.0",
    }
}

/// What GitHub shows of a rule.
fn descriptor(rule: &Rule) -> Value {
    let about = match rule.description() {
        "" => "secrets that a rule of this project finds",
        about => about,
    };
    json!({
        "id": rule.name(),
        "name": rule.name(),
        "shortDescription": { "text": format!("Dynatrace secret: {about}") },
        "fullDescription": { "text": format!("A Dynatrace secret was found: {about}.") },
        "help": {
            "text": HELP,
            "markdown": HELP,
        },
        "defaultConfiguration": { "level": level(rule.complete_at().is_some()) },
        "properties": {
            "tags": ["security", "secret"],
            "precision": if rule.complete_at().is_some() { "very-high" } else { "medium" },
            "problem.severity": level(rule.complete_at().is_some()),
            "security-severity": if rule.complete_at().is_some() { "9.0" } else { "7.0" },
        },
    })
}

const HELP: &str = "Revoke the token in Dynatrace and make a new one: whoever can read this \
file can use it, and deleting it from the file does not delete it from the history. Where it is \
no secret, such as in a sample, write dtmask:allow into the line.";

fn result(finding: &Finding, rule: Option<usize>, line_hash: &str) -> Value {
    let Finding { origin, place, .. } = finding;
    let mut message = format!("Dynatrace secret of {} bytes", finding.length);
    if let Some(identifier) = &finding.identifier {
        let kind = finding.kind().unwrap_or("token of an unknown kind");
        let _ = write!(message, ", token identifier {identifier} ({kind})");
    }
    let _ = write!(message, ", {}", finding.state());
    let mut result = json!({
        "ruleId": finding.rule,
        "level": level(finding.complete),
        "message": { "text": message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": location(&origin.path),
            "region": {
                "startLine": place.start.line.max(1),
                "startColumn": place.start.character.max(1),
                "endLine": place.end.line.max(1),
                "endColumn": place.end.character.max(1),
                "byteOffset": finding.offset,
                "byteLength": finding.length,
            },
        }}],
        "partialFingerprints": {
            "primaryLocationLineHash": line_hash,
            "dtmask/v1": finding.fingerprint().digest(),
        },
        "properties": {
            "identifier": finding.identifier,
            "complete": finding.complete,
            "commit": origin.commit.as_ref().map(|commit| &*commit.id),
        },
    });
    if let Some(rule) = rule {
        result["ruleIndex"] = rule.into();
    }
    result
}

fn level(certain: bool) -> &'static str {
    if certain { "error" } else { "warning" }
}

/// A path relative to the repository's root, as GitHub needs it, or an absolute one.
fn location(path: &[u8]) -> Value {
    let mut path = path;
    while let Some(rest) = path.strip_prefix(b"./") {
        path = rest;
    }
    if path.starts_with(b"/") {
        return json!({ "uri": format!("file://{}", percent_encoded(path)) });
    }
    json!({ "uri": percent_encoded(path), "uriBaseId": "%SRCROOT%" })
}

fn percent_encoded(path: &[u8]) -> String {
    let mut uri = String::with_capacity(path.len());
    for &byte in path {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            byte => {
                // Writing to a string cannot fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::location;

    #[test]
    fn uris_are_relative_and_encoded() {
        for (path, uri) in [
            (&b"./././src/a b.rs"[..], "src/a%20b.rs"),
            (b"a%:?#\n\xff", "a%25%3A%3F%23%0A%FF"),
            (b"../x", "../x"),
            (b"/srv/x y", "file:///srv/x%20y"),
            (b"\xc3\xa9", "%C3%A9"),
        ] {
            assert_eq!(location(path)["uri"], uri);
        }
    }
}
