//! `dtmask rules --explain`: which rule matched where, without showing what.

use std::fmt::Write as _;
use std::ops::Range;

use anyhow::{Context, Result};
use dtmask_core::{Redactor, Secret};

use crate::printable::printable;
use crate::stdio::Input;
use crate::{DONE, MASKED, report, stdio};

/// How long a line is shown whole.
const WHOLE: usize = 240;

/// How much of a longer line is shown before a secret, and how much after it.
const AROUND: usize = 60;

/// How many masked bytes of a secret are shown in a longer line.
const SHOWN: usize = 64;

/// Explains standard input to standard output and returns the exit code.
///
/// # Errors
///
/// If either of them fails, a reader that went away excepted.
pub(crate) fn run(redactor: &Redactor, fail_on_match: bool) -> Result<u8> {
    let input = Input::open()
        .and_then(|mut input| input.read_to_end())
        .context("cannot read standard input")?;
    let mut masked = input.clone();
    redactor.redact_in_place(&mut masked);

    let mut report = Report::new(&input, &masked);
    for secret in redactor.find_iter(&input) {
        report.add(&secret);
        if report.text.len() >= 64 * 1024 && !report.print()? {
            break;
        }
    }
    let found = report.secrets > 0;
    report.end();
    report.print()?;
    Ok(if found && fail_on_match { MASKED } else { DONE })
}

/// The text that is being made. Bytes of the input get into it by way of `masked`
/// only, so that no fault in here can show a secret.
struct Report<'h> {
    input: &'h [u8],
    /// The input with a mask byte for each byte of a secret.
    masked: &'h [u8],
    /// What was not printed yet.
    text: String,
    /// How many secrets were seen.
    secrets: usize,
    /// How much of the input was searched for ends of lines.
    passed: usize,
    /// The number of the line that `passed` stands in, from 1.
    line: usize,
    /// The start of that line.
    line_start: usize,
}

impl<'h> Report<'h> {
    fn new(input: &'h [u8], masked: &'h [u8]) -> Report<'h> {
        Report {
            input,
            masked,
            text: String::new(),
            secrets: 0,
            passed: 0,
            line: 1,
            line_start: 0,
        }
    }

    /// Hands over what there is, and returns whether somebody still reads it.
    fn print(&mut self) -> Result<bool> {
        let text = std::mem::take(&mut self.text);
        stdio::print(text)
    }

    fn add(&mut self, secret: &Secret<'_, 'h>) {
        let range = secret.range();
        self.advance(range.start);
        self.secrets += 1;
        let state = if secret.is_complete() {
            "complete"
        } else {
            "cut off"
        };
        // Writing to a string cannot fail.
        let _ = write!(
            self.text,
            "{}:{}: {}, {} bytes at offset {}, {state}",
            self.line,
            range.start - self.line_start + 1,
            report::safe(secret.rule()),
            range.len(),
            range.start,
        );
        if let Some(identifier) = secret.identifier() {
            let identifier = printable(identifier);
            let _ = write!(self.text, ", token identifier {identifier}");
        }
        self.text.push_str("\n    ");
        self.show_line(&range);
        self.text.push('\n');
    }

    fn end(&mut self) {
        let noun = if self.secrets == 1 {
            "secret"
        } else {
            "secrets"
        };
        let _ = writeln!(
            self.text,
            "{} {noun} in {} bytes",
            self.secrets,
            self.input.len()
        );
    }

    /// Counts the lines up to `offset`.
    fn advance(&mut self, offset: usize) {
        for (at, _) in self.input[self.passed..offset]
            .iter()
            .enumerate()
            .filter(|&(_, &byte)| byte == b'\n')
        {
            self.line += 1;
            self.line_start = self.passed + at + 1;
        }
        self.passed = offset;
    }

    /// The line that `secret` starts in, or as much of it as is useful. A secret
    /// that goes on in the next line brings that one with it.
    fn show_line(&mut self, secret: &Range<usize>) {
        // No further than can be shown: a line may be as long as the input.
        let rest = &self.input[secret.end..];
        let rest = &rest[..rest.len().min(WHOLE)];
        let line_end = rest.iter().position(|&byte| byte == b'\n');
        let line_end = line_end.or((rest.len() < WHOLE).then_some(rest.len()));
        let line_end = line_end.map(|length| secret.end + length);

        let whole = line_end.filter(|end| end - self.line_start <= WHOLE);
        let (start, end) = match whole {
            Some(end) => (self.line_start, end),
            None => (
                self.line_start.max(secret.start.saturating_sub(AROUND)),
                line_end
                    .unwrap_or(usize::MAX)
                    .min(secret.end + AROUND)
                    .min(self.input.len()),
            ),
        };
        let shown = match whole {
            Some(_) => secret.end,
            None => secret.end.min(secret.start + SHOWN),
        };
        if start > self.line_start {
            self.text.push('…');
        }
        self.text.push_str(&printable(&self.masked[start..shown]));
        if shown < secret.end {
            self.text.push('…');
        }
        self.text
            .push_str(&printable(&self.masked[secret.end..end]));
        if line_end != Some(end) {
            self.text.push('…');
        }
    }
}
