//! `dtmask patterns`: expressions for others to search with. What git-secrets makes of
//! them is in hooks.sh.

use dtmask_test::samples;
use regex::bytes::RegexSet;

use crate::process::run;

fn lines(args: &[&str]) -> Vec<String> {
    let ran = run(args, "");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    ran.text().lines().map(str::to_owned).collect()
}

#[test]
fn expressions_find_complete_tokens_and_no_identifiers() {
    let expressions = lines(&["patterns"]);
    // git-secrets splits at blanks, and an empty one would match everything.
    assert!(
        expressions
            .iter()
            .all(|line| !line.is_empty() && !line.contains([' ', '\t']))
    );
    // A bracket within a bracket means something else in this dialect.
    let own = |line: &String| line.replace("[[]", r"\[").replace(r"[\]", r"\\");
    let set = RegexSet::new(expressions.iter().map(own)).expect("they are expressions");
    for token in [
        samples::api_token(),
        samples::platform_token(),
        samples::connection_token(),
        samples::tenant_token(),
        samples::api_token().replace('.', "%2E"),
        samples::api_token().replace('.', "\\u002e"),
        format!("x_{}z", samples::api_token()),
        samples::token_with_id("dt0s02", "dt-app-local"),
    ] {
        assert!(set.is_match(token.as_bytes()), "{token}");
        assert!(!set.is_match(samples::masked(&token).as_bytes()), "{token}");
        assert!(!set.is_match(&token.as_bytes()[..token.len() - 3]) || token.ends_with('z'));
    }
}

#[test]
fn expressions_follow_the_rules() {
    let published = lines(&["patterns", "--profile", "published"]);
    assert_eq!(
        published,
        ["[A-Za-z0-9_]*dt0[A-Za-z][0-9]{2}[.][0-9A-Z]{24}[.][0-9A-Z]{64}[A-Za-z0-9_]*"]
    );
    let fewer = lines(&["--without", "tenant-token", "patterns"]);
    assert_eq!(fewer.len() + 1, lines(&["patterns"]).len());
    let ran = run(
        &["patterns", "--profile=published", "--without=published"],
        "",
    );
    assert_eq!(ran.code, Some(2));
    assert_eq!(
        ran.stderr,
        "dtmask: no token rule is on, so there are no patterns\n"
    );
}
