//! For programs: all that is known, in a form that docs/scan.md describes.

use serde::Serialize;
use serde_json::{Value, json};

use super::tokens::{Token, tokens};
use super::{List, NAME, Report, VERSION};
use crate::scan::finding::Finding;

/// The version of the form. Changes when a field changes its meaning or goes away, not
/// when one is added.
const FORM: u32 = 1;

#[derive(Serialize)]
struct Document<F> {
    contents: u64,
    errors: usize,
    findings: F,
    tokens: Vec<Value>,
    tool: Value,
    version: u32,
}

pub(super) fn document(report: &Report<'_>) -> impl Serialize {
    let scanned = report.scanned;
    Document {
        contents: scanned.contents,
        errors: scanned.errors.len(),
        findings: List(|| scanned.findings.iter().map(finding)),
        tokens: tokens(&scanned.findings).iter().map(token).collect(),
        tool: json!({ "name": NAME, "version": VERSION }),
        version: FORM,
    }
}

fn token(token: &Token<'_>) -> Value {
    json!({
        "identifier": token.identifier,
        "kind": token.kind,
        "places": token.places,
    })
}

fn finding(finding: &Finding) -> Value {
    let Finding { origin, place, .. } = finding;
    json!({
        "commit": origin.commit.as_ref().map(|commit| &*commit.id),
        "path": origin.path_text(),
        "line": place.start.line,
        "column": place.start.column,
        "end_line": place.end.line,
        "end_column": place.end.column,
        "offset": finding.offset,
        "length": finding.length,
        "rule": finding.rule,
        "identifier": finding.identifier,
        "kind": finding.kind(),
        "complete": finding.complete,
        "fingerprint": finding.fingerprint().digest(),
    })
}
