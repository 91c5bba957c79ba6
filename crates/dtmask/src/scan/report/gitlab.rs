//! A secret detection report of GitLab, form 15.

use std::time::SystemTime;

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{List, NAME, Report, VERSION};
use crate::scan::finding::{Finding, hex};

/// The version of GitLab's form.
const FORM: &str = "15.0.7";

/// What GitLab's own analyzer says where there is no commit.
const NO_COMMIT: &str = "0000000";

#[derive(Serialize)]
struct Document<V> {
    scan: Value,
    schema: String,
    version: &'static str,
    vulnerabilities: V,
}

pub(super) fn document(report: &Report<'_>) -> impl Serialize {
    let scanned = report.scanned;
    let (start, end) = report.times;
    let program = json!({
        "id": NAME,
        "name": NAME,
        "version": VERSION,
        "vendor": { "name": "The dtmask developers" },
    });
    Document {
        scan: json!({
            "type": "secret_detection",
            "status": if scanned.errors.is_empty() { "success" } else { "failure" },
            "start_time": time(start),
            "end_time": time(end),
            "analyzer": program,
            "scanner": program,
            "messages": scanned
                .errors
                .iter()
                .map(|error| json!({ "level": "fatal", "value": error }))
                .collect::<Vec<_>>(),
        }),
        schema: format!(
            "https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/raw/v{FORM}/dist/secret-detection-report-format.json"
        ),
        version: FORM,
        vulnerabilities: List(|| scanned.findings.iter().map(vulnerability)),
    }
}

fn vulnerability(finding: &Finding) -> Value {
    let Finding { origin, place, .. } = finding;
    let commit = origin
        .commit
        .as_ref()
        .map_or(NO_COMMIT, |commit| &commit.id);
    let kind = finding.kind().unwrap_or("secret");
    let of = match &finding.identifier {
        Some(identifier) => format!(" of {identifier}"),
        None => String::new(),
    };
    json!({
        "id": id(finding, commit),
        "name": format!("Dynatrace {kind}"),
        "description": format!(
            "The secret portion{of} ({} bytes, {}) was found by the rule {}.",
            finding.length,
            finding.state(),
            finding.rule
        ),
        "severity": if finding.complete { "Critical" } else { "High" },
        "solution": "Revoke the token in Dynatrace and make a new one.",
        "identifiers": [{
            "type": "dtmask_rule",
            "name": format!("dtmask rule {}", finding.rule),
            "value": finding.rule,
        }],
        "location": {
            "file": origin.path_text().trim_start_matches("./"),
            "start_line": place.start.line,
            "end_line": place.end.line,
            "commit": { "sha": commit },
        },
    })
}

/// A UUID that stays as long as the finding does.
fn id(finding: &Finding, commit: &str) -> String {
    let fingerprint = finding.fingerprint().digest();
    let text = format!("{fingerprint}:{commit}:{}", finding.offset);
    let mut digest = Sha256::digest(text);
    // Version 8, made in a way of our own.
    digest[6] = digest[6] & 0x0f | 0x80;
    digest[8] = digest[8] & 0x3f | 0x80;
    let digits = hex(&digest[..16]);
    let [a, b, c, d] = [8, 12, 16, 20];
    let parts = [
        &digits[..a],
        &digits[a..b],
        &digits[b..c],
        &digits[c..d],
        &digits[d..],
    ];
    parts.join("-")
}

/// In UTC and without a zone, as the form wants it.
fn time(time: SystemTime) -> String {
    let text = humantime::format_rfc3339_seconds(time).to_string();
    text.trim_end_matches('Z').to_owned()
}
