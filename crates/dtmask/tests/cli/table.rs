//! The case table, through the whole program.

use std::thread;

use dtmask_test::table::{Case, cases};

use crate::process::run;

/// Runs every case, some at a time.
fn all(args: &[&str], expected: impl Fn(&Case) -> &[u8] + Sync) {
    let cases = cases();
    let length = cases.len().div_ceil(4);
    let expected = &expected;
    thread::scope(|scope| {
        for slice in cases.chunks(length) {
            scope.spawn(move || {
                for case in slice {
                    let ran = run(args, &case.input);
                    assert_eq!(
                        String::from_utf8_lossy(&ran.stdout),
                        String::from_utf8_lossy(expected(case)),
                        "{}",
                        case.id
                    );
                    let code = i32::from(case.input != expected(case));
                    assert_eq!((ran.code, ran.stderr.as_str()), (Some(code), ""));
                }
            });
        }
    });
}

#[test]
fn default_rules() {
    all(&["--fail-on-match"], |case| &case.default);
}

#[test]
fn published_profile() {
    all(&["--profile", "published", "--fail-on-match"], |case| {
        &case.published
    });
}
