//! `scan --strict` finds what the naive evaluation of the rules finds.

use std::ops::Range;

use dtmask_test::oracle::Oracle;
use dtmask_test::strategies;
use proptest::prelude::*;
use serde_json::Value;

use super::Tree;

/// Rule, offsets, whether it is complete, line and column.
type Finding = (String, Range<usize>, bool, usize, usize);

fn expected(oracle: &Oracle, input: &[u8]) -> Vec<Finding> {
    let secrets = oracle.secrets(input).into_iter();
    secrets
        .map(|secret| {
            let before = &input[..secret.range.start];
            let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
            let start = before.iter().rposition(|&byte| byte == b'\n');
            let column = before.len() - start.map_or(0, |at| at + 1) + 1;
            (secret.rule, secret.range, secret.complete, line, column)
        })
        .collect()
}

fn told(finding: &Value) -> Finding {
    let number = |name: &str| {
        let number = finding[name].as_u64().expect("it is a number");
        usize::try_from(number).expect("it is small")
    };
    let offset = number("offset");
    (
        finding["rule"].as_str().expect("it has a rule").to_owned(),
        offset..offset + number("length"),
        finding["complete"].as_bool().expect("it tells"),
        number("line"),
        number("column"),
    )
}

proptest! {
    // Each case is a process and some files.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn strict_finds_what_the_oracle_finds(
        inputs in prop::collection::vec(strategies::input(), 1..8),
        pad in prop_oneof![9 => Just(0), 1 => Just(131_000usize)],
    ) {
        let oracle = Oracle::default_rules();
        let folder = Tree::new();
        let (mut all, mut last) = (Vec::new(), Vec::new());
        for (index, input) in inputs.iter().enumerate() {
            // A few are longer than a buffer, with their secrets around its end.
            let pad = if index == 0 { pad } else { 0 };
            let input = [vec![b'\n'; pad], input.clone()].concat();
            // A byte order mark makes another text of it.
            prop_assume!(!input.starts_with(b"\xff\xfe") && !input.starts_with(b"\xfe\xff"));
            folder.write(index.to_string(), &input);
            all.extend(expected(&oracle, &input).into_iter().map(|f| (index.to_string(), f)));
            last = input;
        }
        let (code, found) = scan(&folder, "", b"");
        prop_assert_eq!(code, Some(i32::from(!all.is_empty())));
        prop_assert_eq!(found, all);
        // The same by way of standard input, which is read once.
        let (_, found) = scan(&folder, " -", &last);
        let expected = expected(&oracle, &last).into_iter();
        let expected: Vec<_> = expected.map(|finding| ("-".to_owned(), finding)).collect();
        prop_assert_eq!(found, expected);
    }
}

/// The exit code of a scan, and what it found in which file.
fn scan(folder: &Tree, path: &str, input: &[u8]) -> (Option<i32>, Vec<(String, Finding)>) {
    let ran = folder.run_with(
        &format!("scan --strict --binary --format json{path}"),
        input,
    );
    assert_eq!(ran.stderr, "");
    let report: Value = serde_json::from_slice(&ran.stdout).expect("it is a document");
    let findings = report["findings"].as_array().expect("it has findings");
    let path = |finding: &Value| finding["path"].as_str().expect("it has one").to_owned();
    (
        ran.code,
        findings.iter().map(|f| (path(f), told(f))).collect(),
    )
}
