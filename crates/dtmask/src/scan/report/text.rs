//! For people: a line for each secret, and the tokens to rotate.

use std::io::{self, Write};

use super::{Report, tokens};
use crate::printable::printable;
use crate::scan::finding::Finding;

pub(super) fn write(report: &Report<'_>, output: &mut dyn Write) -> io::Result<()> {
    let findings = &report.scanned.findings;
    for finding in findings {
        line(finding, output)?;
    }
    writeln!(
        output,
        "{} in {}",
        count(findings.len() as u64, "secret"),
        count(report.scanned.contents, "file")
    )?;
    let tokens = tokens::tokens(findings);
    if !tokens.is_empty() {
        writeln!(output, "\nThese tokens leaked, rotate them:")?;
    }
    for token in tokens {
        writeln!(
            output,
            "  {}, {}, {}",
            printable(token.identifier.as_bytes()),
            token.kind.unwrap_or("token of an unknown kind"),
            count(token.places as u64, "place")
        )?;
    }
    Ok(())
}

fn line(finding: &Finding, output: &mut dyn Write) -> io::Result<()> {
    let Finding { origin, place, .. } = finding;
    if let Some(commit) = &origin.commit {
        write!(output, "{}:", commit.id)?;
    }
    write!(
        output,
        "{}:{}:{}: {}, {} bytes at offset {}, {}",
        printable(&origin.path),
        place.start.line,
        place.start.column,
        finding.rule,
        finding.length,
        finding.offset,
        finding.state(),
    )?;
    if let Some(identifier) = &finding.identifier {
        let identifier = printable(identifier.as_bytes());
        write!(output, ", token identifier {identifier}")?;
    }
    writeln!(output)
}

fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
