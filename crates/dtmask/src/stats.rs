//! The line that `--stats` prints.

use std::fmt;

use dtmask_core::Stats;

/// `3 secrets masked (token 2, context-assign 1) in 1.2 MB (1234567 bytes)`.
///
/// Scripts read this line: the first word is the number of secrets, the number
/// before `bytes)` that of the bytes read, and neither moves.
pub(crate) fn summary(stats: &Stats<'_>) -> String {
    render(stats.secrets(), stats.by_rule(), stats.bytes_in())
}

/// `3 secrets (token 2, context-assign 1)`.
pub(crate) fn secrets(rules: &[(&str, u64)]) -> String {
    let secrets = rules.iter().map(|(_, count)| count).sum();
    format!(
        "{secrets} {}{}",
        noun(secrets),
        by_rule(rules.iter().copied())
    )
}

fn render<'r>(secrets: u64, rules: impl Iterator<Item = (&'r str, u64)>, bytes: u64) -> String {
    let (noun, rules, size) = (noun(secrets), by_rule(rules), Size(bytes));
    format!("{secrets} {noun} masked{rules} in {size} ({bytes} bytes)")
}

fn noun(secrets: u64) -> &'static str {
    if secrets == 1 { "secret" } else { "secrets" }
}

/// The rules that found something, in parentheses.
fn by_rule<'r>(rules: impl Iterator<Item = (&'r str, u64)>) -> String {
    let rules: Vec<String> = rules
        .filter(|&(_, count)| count > 0)
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    match rules.as_slice() {
        [] => String::new(),
        rules => format!(" ({})", rules.join(", ")),
    }
}

/// A number of bytes with a decimal unit.
struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1000 {
            return write!(f, "{} B", self.0);
        }
        let mut tenths = self.0 / 100;
        for unit in ["kB", "MB", "GB", "TB", "PB"] {
            if tenths < 10_000 {
                return write!(f, "{}.{} {unit}", tenths / 10, tenths % 10);
            }
            tenths /= 1000;
        }
        write!(f, "{}.{} EB", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::{Size, render, secrets};

    #[test]
    fn names_the_rules_that_masked() {
        let rules = [("token", 2), ("base64", 0), ("context-assign", 1)];
        assert_eq!(
            render(3, rules.into_iter(), 1_234_567),
            "3 secrets masked (token 2, context-assign 1) in 1.2 MB (1234567 bytes)"
        );
        assert_eq!(
            render(1, [("token", 1)].into_iter(), 80),
            "1 secret masked (token 1) in 80 B (80 bytes)"
        );
        assert_eq!(
            render(0, [("token", 0)].into_iter(), 0),
            "0 secrets masked in 0 B (0 bytes)"
        );
        assert_eq!(
            secrets(&[("token", 1), ("base64", 0)]),
            "1 secret (token 1)"
        );
    }

    #[test]
    fn sizes_have_three_or_four_digits() {
        for (bytes, text) in [
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_999, "999.9 kB"),
            (1_000_000, "1.0 MB"),
            (34_560_000_000, "34.5 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(Size(bytes).to_string(), text);
        }
    }
}
