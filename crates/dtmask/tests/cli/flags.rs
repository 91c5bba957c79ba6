//! Every flag: what it does, and the exit code that comes of it.

use dtmask_test::samples::{self, P8, P24, S64};

use crate::process::run;

/// A line with a token in it, and its identifier.
fn line() -> (String, String) {
    let identifier = format!("dt0c01.{P24}");
    (format!("GET {identifier}.{S64} ok\n"), identifier)
}

#[test]
fn without_flags_the_secret_portion_becomes_stars() {
    let (input, identifier) = line();
    let ran = run(&[], input);
    assert_eq!(ran.code, Some(0));
    assert_eq!(
        ran.text(),
        format!("GET {identifier}.{} ok\n", "*".repeat(64))
    );
    assert_eq!(ran.stderr, "");
}

#[test]
fn fail_on_match_tells_by_the_exit_code() {
    let (input, identifier) = line();
    let ran = run(&["--fail-on-match"], &input);
    assert_eq!(ran.code, Some(1));
    assert_eq!(
        ran.text(),
        format!("GET {identifier}.{} ok\n", "*".repeat(64))
    );
    assert_eq!(ran.stderr, "");

    assert_eq!(run(&["--fail-on-match"], "GET ok\n").code, Some(0));
    assert_eq!(run(&["--fail-on-match"], "").code, Some(0));
    // Released at the end, so nothing was masked.
    assert_eq!(run(&["--fail-on-match"], "Api-Token expired").code, Some(0));
    // A secret that ends with the input counts.
    assert_eq!(
        run(&["--fail-on-match"], input.trim_end_matches(" ok\n")).code,
        Some(1)
    );
}

#[test]
fn mask_text_stands_once_for_each_secret() {
    let (input, identifier) = line();
    let ran = run(&["--mask-text", "[REDACTED]"], input.repeat(2));
    assert_eq!(ran.code, Some(0));
    assert_eq!(
        ran.text(),
        format!("GET {identifier}.[REDACTED] ok\n").repeat(2)
    );
}

#[test]
fn mask_char_keeps_lengths() {
    let (input, identifier) = line();
    let ran = run(&["--mask-char", "~"], input);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(
        ran.text(),
        format!("GET {identifier}.{} ok\n", "~".repeat(64))
    );
}

#[test]
fn masks_that_would_not_stay_are_refused() {
    for args in [
        &["--mask-char", "A"][..],
        &["--mask-char", "ab"],
        &["--mask-char", ""],
        &["--mask-char", "é"],
        &["--mask-char", "\t"],
        &["--mask-text", ""],
        &["--mask-text", "two\nlines"],
        &["--mask-text", "dt0c01."],
        &["--mask-text", "REDACTED"],
        &["--mask-char", "*", "--mask-text", "[X]"],
        &["--mask-char", "*", "rules", "--mask-text", "[X]"],
    ] {
        let ran = run(args, "input\n");
        assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""), "{args:?}");
        assert!(
            ran.stderr.starts_with("dtmask: "),
            "{args:?}: {}",
            ran.stderr
        );
        assert!(ran.stderr.contains("mask"), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn the_last_of_two_equal_flags_counts() {
    let (input, identifier) = line();
    let ran = run(&["--mask-text", "[A]", "--mask-text", "[B]"], input);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.text(), format!("GET {identifier}.[B] ok\n"));
}

#[test]
fn the_published_profile_knows_one_form_only() {
    let (input, identifier) = line();
    let short = format!("dt0s16.{P8}.{S64}\n");
    let ran = run(&["--profile", "published"], format!("{input}{short}"));
    let masked = format!("GET {identifier}.{} ok\n{short}", "*".repeat(64));
    assert_eq!((ran.code, ran.text()), (Some(0), masked));

    let ran = run(&["--profile", "default"], &short);
    assert_eq!(ran.text(), short.replace(S64, &"*".repeat(64)));
}

#[test]
fn rules_are_turned_on() {
    let jwt = format!("eyJhbGciOi.eyJzdWIiOi.{}\n", "a1-B_".repeat(8));
    assert_eq!(run(&[], &jwt).text(), jwt);
    let ran = run(&["--with", "jwt"], &jwt);
    assert_eq!(
        ran.text(),
        format!("eyJhbGciOi.eyJzdWIiOi.{}\n", "*".repeat(40))
    );

    let answer = format!("{{\"token\": \"{}\"}}", samples::L21);
    assert_eq!(run(&[], &answer).text(), answer);
    let ran = run(&["--with=jwt", "--with=token-response"], &answer);
    assert_eq!(ran.text(), format!("{{\"token\": \"{}\"}}", "*".repeat(21)));
}

#[test]
fn rules_are_turned_off() {
    let input = format!("tenantToken={} apiToken={}\n", samples::T16, samples::L21);
    let masked = format!(
        "tenantToken={} apiToken={}\n",
        "*".repeat(16),
        "*".repeat(21)
    );
    assert_eq!(run(&[], &input).text(), masked);
    assert_eq!(run(&["--without", "context-assign"], &input).text(), input);
    // Off is off, wherever it was said.
    let both = ["--without", "context-assign", "--with", "context-assign"];
    assert_eq!(run(&both, &input).text(), input);
    let ran = run(
        &["--without=context-assign", "--without=context-pair"],
        &input,
    );
    assert_eq!((ran.code, ran.text()), (Some(0), input));
}

#[test]
fn an_unknown_rule_is_answered_with_the_known_ones() {
    for flag in ["--with", "--without"] {
        let ran = run(&[flag, "tokn"], "");
        assert_eq!(ran.code, Some(2));
        for name in [
            "token",
            "tenant-token",
            "base64-wrapped",
            "jwt",
            "token-response",
        ] {
            assert!(ran.stderr.contains(name), "{name} not in {}", ran.stderr);
        }
    }
}

#[test]
fn an_identifier_is_hidden_if_wanted() {
    let token = |prefix: &str| format!("{prefix}.{P24}.{S64}");
    let input = format!("{} {} dt0s01.{P24}\n", token("dt0s01"), token("dt0c01"));
    let ran = run(&["--hide-id", "dt0s01"], &input);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let (p, s) = ("*".repeat(24), "*".repeat(64));
    assert_eq!(
        ran.text(),
        format!("dt0s01.{p}.{s} dt0c01.{P24}.{s} dt0s01.{p}\n")
    );

    let ran = run(&["--hide-id", "dt0s01", "--hide-id", "dt0c01"], &input);
    assert_eq!(
        ran.text(),
        format!("dt0s01.{p}.{s} dt0c01.{p}.{s} dt0s01.{p}\n")
    );

    for prefix in [
        "", "dt0s1", "dt0s011", "dt1s01", "dt0s01.", "dt0 01", "dt0001",
    ] {
        let ran = run(&["--hide-id", prefix], "");
        assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""), "{prefix}");
    }
}

#[test]
fn stats_are_one_line_that_scripts_can_read() {
    let (input, _) = line();
    let input = format!("{input}{input}tenantToken={}\n", samples::T16);
    let ran = run(&["--stats"], &input);
    assert_eq!(ran.code, Some(0));
    let bytes = input.len();
    assert_eq!(
        ran.stderr,
        format!(
            "dtmask: 3 secrets masked (token 2, context-assign 1) in {bytes} B ({bytes} bytes)\n"
        )
    );

    let ran = run(&["--stats"], "x".repeat(1_234_567));
    assert_eq!(
        ran.stderr,
        "dtmask: 0 secrets masked in 1.2 MB (1234567 bytes)\n"
    );

    // They change neither the output nor the exit code.
    let ran = run(&["--stats", "--fail-on-match"], line().0);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.stdout, run(&[], line().0).stdout);
    assert!(
        ran.stderr
            .starts_with("dtmask: 1 secret masked (token 1) in ")
    );
}

#[test]
fn help_and_version_go_to_standard_output() {
    let short = run(&["-h"], "");
    let long = run(&["--help"], "");
    for ran in [&short, &long] {
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        assert!(ran.text().contains("Examples:"));
        assert!(ran.text().contains("dtmask app.log > clean.log"));
        for flag in [
            "--profile",
            "--with",
            "--without",
            "--hide-id",
            "--mask-char",
            "--mask-text",
            "--config",
            "--no-config",
            "--known-env",
            "--known-file",
            "--known-dir",
            "--stats",
            "--fail-on-match",
            "--output",
            "--in-place",
            "--dry-run",
            "--quiet",
            "--no-progress",
            "--color",
        ] {
            assert!(ran.text().contains(flag), "{flag} is not in the help");
        }
    }
    assert!(long.text().contains("Exit codes:"));
    assert!(long.stdout.len() > short.stdout.len());
    assert!(run(&["rules", "--help"], "").text().contains("--explain"));

    for flag in ["-V", "--version"] {
        let ran = run(&[flag], "");
        let version = format!("dtmask {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!((ran.code, ran.text()), (Some(0), version));
    }
}

#[test]
fn wrong_usage_is_an_error() {
    for args in [
        &["--bogus"][..],
        &["--in-place"],
        &["--in-place", "-"],
        &["--in-place=../x", "file"],
        &["--in-place", "-o", "out", "file"],
        &["--dry-run", "file"],
        &["-o", "out", "rules"],
        &["--in-place", "rules"],
        &["file", "--stats", "rules"],
        &["--color", "sometimes"],
        &["--profile", "secret"],
        &["--profile"],
        &["--stats", "rules"],
        &["--fail-on-match", "rules"],
        &["rules", "--fail-on-match"],
        &["rules", "app.log"],
    ] {
        let ran = run(args, "input\n");
        assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""), "{args:?}");
        assert!(
            ran.stderr.starts_with("dtmask: "),
            "{args:?}: {}",
            ran.stderr
        );
    }
}

#[test]
fn a_filter_without_a_rule_says_so() {
    let token = samples::api_token();
    let ran = run(&["--profile=published", "--without=published"], &token);
    assert_eq!((ran.code, ran.text()), (Some(0), token));
    let warning = "dtmask: warning: no rule is active, so nothing is found\n";
    assert_eq!(ran.stderr, warning);
}
