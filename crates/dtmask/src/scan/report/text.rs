//! For people: a line for each secret, and the tokens to rotate.

use std::fmt::Write as _;

use super::{Report, tokens};
use crate::printable::printable;
use crate::scan::finding::Finding;

pub(super) fn render(report: &Report<'_>) -> String {
    let findings = &report.scanned.findings;
    let mut text = String::new();
    for finding in findings {
        line(&mut text, finding);
    }
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{} in {}",
        count(findings.len() as u64, "secret"),
        count(report.scanned.contents, "file")
    );
    let tokens = tokens::tokens(findings);
    if !tokens.is_empty() {
        text.push_str("\nThese tokens leaked, rotate them:\n");
    }
    for token in tokens {
        let _ = writeln!(
            text,
            "  {}, {}, {}",
            printable(token.identifier.as_bytes()),
            token.kind.unwrap_or("token of an unknown kind"),
            count(token.places as u64, "place")
        );
    }
    text
}

fn line(text: &mut String, finding: &Finding) {
    let Finding { origin, place, .. } = finding;
    if let Some(commit) = &origin.commit {
        let _ = write!(text, "{}:", commit.id);
    }
    let _ = write!(
        text,
        "{}:{}:{}: {}, {} bytes at offset {}, {}",
        printable(&origin.path),
        place.start.line,
        place.start.column,
        finding.rule,
        finding.length,
        finding.offset,
        finding.state(),
    );
    if let Some(identifier) = &finding.identifier {
        let _ = write!(
            text,
            ", token identifier {}",
            printable(identifier.as_bytes())
        );
    }
    text.push('\n');
}

fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
