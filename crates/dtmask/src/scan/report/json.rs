//! For programs: all that is known, in a form that docs/scan.md describes.

use serde_json::{Value, json};

use super::{NAME, Report, VERSION, tokens};
use crate::scan::finding::Finding;

/// The version of the form. Changes when a field changes its meaning or goes away, not
/// when one is added.
const FORM: u32 = 1;

pub(super) fn render(report: &Report<'_>) -> Value {
    let scanned = report.scanned;
    let tokens = tokens::tokens(&scanned.findings);
    json!({
        "version": FORM,
        "tool": { "name": NAME, "version": VERSION },
        "contents": scanned.contents,
        "errors": scanned.errors.len(),
        "findings": scanned.findings.iter().map(finding).collect::<Vec<_>>(),
        "tokens": tokens
            .iter()
            .map(|token| json!({
                "identifier": token.identifier,
                "kind": token.kind,
                "places": token.places,
            }))
            .collect::<Vec<_>>(),
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
