//! The line that `--stats` prints.

use std::fmt;

use dtmask_core::Stats;

/// `3 secrets masked (token 2, context-assign 1) in 1.2 MB (1234567 bytes)`.
///
/// Scripts read this line: the first word is the number of secrets, the number
/// before `bytes)` that of the bytes read, and neither moves. Streams of one redactor
/// are added up.
pub(crate) fn summary(streams: &[Stats<'_>]) -> String {
    let mut rules = Vec::new();
    for stats in streams {
        add(&mut rules, stats.by_rule());
    }
    let secrets = streams.iter().map(Stats::secrets).sum();
    let bytes = streams.iter().map(Stats::bytes_in).sum();
    render(secrets, &rules, bytes)
}

/// `3 secrets (token 2, context-assign 1)`.
pub(crate) fn secrets(rules: &[(&str, u64)]) -> String {
    let secrets = rules.iter().map(|(_, count)| count).sum();
    format!("{secrets} {}{}", noun(secrets), by_rule(rules))
}

/// Adds the counts of one more stream, whose rules are the same.
fn add<'r>(sums: &mut Vec<(&'r str, u64)>, counts: impl Iterator<Item = (&'r str, u64)>) {
    for (index, (name, count)) in counts.enumerate() {
        match sums.get_mut(index) {
            Some((_, sum)) => *sum += count,
            None => sums.push((name, count)),
        }
    }
}

fn render(secrets: u64, rules: &[(&str, u64)], bytes: u64) -> String {
    let (noun, rules, size) = (noun(secrets), by_rule(rules), Size(bytes));
    format!("{secrets} {noun} masked{rules} in {size} ({bytes} bytes)")
}

fn noun(secrets: u64) -> &'static str {
    if secrets == 1 { "secret" } else { "secrets" }
}

/// The rules that found something, in parentheses.
fn by_rule(rules: &[(&str, u64)]) -> String {
    let rules: Vec<String> = rules
        .iter()
        .filter(|(_, count)| *count > 0)
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
    use super::{Size, add, render, secrets};

    #[test]
    fn names_the_rules_that_masked() {
        let rules = [("token", 2), ("base64", 0), ("context-assign", 1)];
        assert_eq!(
            render(3, &rules, 1_234_567),
            "3 secrets masked (token 2, context-assign 1) in 1.2 MB (1234567 bytes)"
        );
        assert_eq!(
            render(1, &[("token", 1)], 80),
            "1 secret masked (token 1) in 80 B (80 bytes)"
        );
        assert_eq!(
            render(0, &[("token", 0)], 0),
            "0 secrets masked in 0 B (0 bytes)"
        );
        assert_eq!(
            secrets(&[("token", 1), ("base64", 0)]),
            "1 secret (token 1)"
        );
    }

    #[test]
    fn streams_are_added_up_rule_by_rule() {
        let mut sums = Vec::new();
        add(&mut sums, [("token", 1), ("base64", 0)].into_iter());
        add(&mut sums, [("token", 2), ("base64", 3)].into_iter());
        assert_eq!(sums, [("token", 3), ("base64", 3)]);
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
