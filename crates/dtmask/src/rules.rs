//! `dtmask rules`: the active rules as a table.

use anyhow::Result;
use dtmask_core::{Pattern, Redactor, Rule};

use crate::{DONE, report, stdio};

/// Prints the active rules of `redactor` and returns the exit code.
///
/// # Errors
///
/// If standard output fails, a reader that went away excepted.
pub(crate) fn run(redactor: &Redactor) -> Result<u8> {
    let rows: Vec<[String; 5]> = redactor.rules().map(row).collect();
    stdio::print(table(&rows)).map(|_| DONE)
}

const HEAD: [&str; 5] = ["RULE", "PATTERNS", "MIN", "MAX", "FINDS"];

fn row(rule: &Rule) -> [String; 5] {
    let patterns = rule.patterns();
    [
        report::safe(rule.name()),
        patterns.len().to_string(),
        distinct(patterns, |pattern| pattern.min().to_string()),
        distinct(patterns, |pattern| {
            pattern
                .max()
                .map_or_else(|| "-".to_owned(), |max| max.to_string())
        }),
        finds(rule),
    ]
}

/// What a rule says of itself, or what it is made of.
fn finds(rule: &Rule) -> String {
    if !rule.description().is_empty() {
        return rule.description().to_owned();
    }
    let patterns = rule.patterns().iter();
    let patterns =
        patterns.map(|pattern| format!("{} behind {}", pattern.secret(), pattern.keep()));
    let patterns: Vec<String> = patterns.collect();
    report::one_line(&patterns.join(", "))
}

/// What `patterns` say, each answer once.
fn distinct(patterns: &[Pattern], say: impl Fn(&Pattern) -> String) -> String {
    let mut said: Vec<String> = patterns.iter().map(say).collect();
    said.dedup();
    said.join(",")
}

/// Columns as wide as they have to be. No line ends in blanks.
fn table(rows: &[[String; 5]]) -> String {
    let mut widths = HEAD.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    let [name, patterns, min, max, _] = widths;
    let head = HEAD.map(str::to_owned);
    let mut table = String::new();
    for [a, b, c, d, e] in std::iter::once(&head).chain(rows) {
        let row = format!("{a:<name$}  {b:>patterns$}  {c:>min$}  {d:>max$}  {e}");
        table.push_str(row.trim_end());
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_are_aligned() {
        let row = |cells: [&str; 5]| cells.map(str::to_owned);
        let table = table(&[
            row(["token", "1", "1", "-", "a"]),
            row(["context-assign", "12", "16", "260", "b"]),
            row(["mine", "1", "8", "-", ""]),
        ]);
        assert_eq!(
            table,
            "RULE            PATTERNS  MIN  MAX  FINDS\n\
             token                  1    1    -  a\n\
             context-assign        12   16  260  b\n\
             mine                   1    8    -\n"
        );
    }
}
