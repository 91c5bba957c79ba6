//! `dtmask rules --explain`: which rule matched where, without showing what.

use std::fmt::Write as _;
use std::ops::Range;

use anyhow::Result;
use dtmask_core::{Redactor, Secret};

use crate::compress::Format;
use crate::printable::printable;
use crate::progress::Progress;
use crate::source::Name;
use crate::{DONE, ERROR, MASKED, report, stdio};

/// How long a line is shown whole.
const WHOLE: usize = 240;

/// How much of a longer line is shown before a secret, and how much after it.
const AROUND: usize = 60;

/// How many masked bytes of a secret are shown in a longer line.
const SHOWN: usize = 64;

/// Explains each input to standard output and returns the exit code.
///
/// # Errors
///
/// If standard output fails, a reader that went away excepted. An input that fails is
/// reported, and what could be read of it and the others explained.
pub(crate) fn run(redactor: &Redactor, inputs: &[Name], fail_on_match: bool) -> Result<u8> {
    let mut report = Report {
        text: String::new(),
        secrets: 0,
        bytes: 0,
    };
    let is_named = inputs != [Name::Stdin];
    let (mut failed, mut is_heard) = (false, true);
    for name in inputs {
        let mut input = Vec::new();
        let read = name
            .open(&Progress::default(), None)
            .and_then(|mut source| source.read_to_end(&mut input));
        if let (Name::Stdin, Some(format)) = (name, Format::of_content(&input)) {
            report::warning(format_args!(
                "standard input is compressed by {format}; only a file that is named is looked into"
            ));
        }
        is_heard &= report.explain(redactor, is_named.then_some(name), &input)?;
        if let Err(error) = read {
            report::error(format_args!("cannot read {name}: {error}"));
            failed = true;
        }
        if !is_heard {
            break;
        }
    }
    // Of what could not be read there is nothing to tell.
    if is_heard && (report.bytes > 0 || !failed) {
        report.end();
        report.print()?;
    }
    Ok(match report.secrets {
        _ if failed => ERROR,
        1.. if fail_on_match => MASKED,
        _ => DONE,
    })
}

/// What is told.
struct Report {
    /// What was not printed yet.
    text: String,
    /// How many secrets were seen, in how many bytes.
    secrets: usize,
    bytes: usize,
}

impl Report {
    /// Tells of the secrets of `input`, and returns whether somebody still reads it.
    fn explain(&mut self, redactor: &Redactor, name: Option<&Name>, input: &[u8]) -> Result<bool> {
        self.bytes += input.len();
        let mut masked = input.to_vec();
        redactor.redact_in_place(&mut masked);
        let mut lines = Lines {
            input,
            masked: &masked,
            passed: 0,
            line: 1,
            line_start: 0,
        };
        for secret in redactor.find_iter(input) {
            self.secrets += 1;
            if let Some(name) = name {
                // Writing to a string cannot fail.
                let _ = write!(self.text, "{name}:");
            }
            lines.tell(&secret, &mut self.text);
            if self.text.len() >= 64 * 1024 && !self.print()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn end(&mut self) {
        let noun = if self.secrets == 1 {
            "secret"
        } else {
            "secrets"
        };
        let _ = writeln!(self.text, "{} {noun} in {} bytes", self.secrets, self.bytes);
    }

    /// Hands over what there is, and returns whether somebody still reads it.
    fn print(&mut self) -> Result<bool> {
        let text = std::mem::take(&mut self.text);
        stdio::print(text)
    }
}

/// Where secrets stand in an input. Bytes of it get into the report by way of `masked`
/// only, so that no fault in here can show a secret.
struct Lines<'h> {
    input: &'h [u8],
    /// The input with a mask byte for each byte of a secret.
    masked: &'h [u8],
    /// How much of the input was searched for ends of lines.
    passed: usize,
    /// The number of the line that `passed` stands in, from 1.
    line: usize,
    /// The start of that line.
    line_start: usize,
}

impl<'h> Lines<'h> {
    fn tell(&mut self, secret: &Secret<'_, 'h>, text: &mut String) {
        let range = secret.range();
        self.advance(range.start);
        let state = if secret.is_complete() {
            "complete"
        } else {
            "cut off"
        };
        let _ = write!(
            text,
            "{}:{}: {}, {} bytes at offset {}, {state}",
            self.line,
            range.start - self.line_start + 1,
            report::safe(secret.rule()),
            range.len(),
            range.start,
        );
        if let Some(identifier) = secret.identifier() {
            let identifier = printable(identifier);
            let _ = write!(text, ", token identifier {identifier}");
        }
        text.push_str("\n    ");
        self.show_line(&range, text);
        text.push('\n');
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
    fn show_line(&self, secret: &Range<usize>, text: &mut String) {
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
            text.push('…');
        }
        text.push_str(&printable(&self.masked[start..shown]));
        if shown < secret.end {
            text.push('…');
        }
        text.push_str(&printable(&self.masked[secret.end..end]));
        if line_end != Some(end) {
            text.push('…');
        }
    }
}
