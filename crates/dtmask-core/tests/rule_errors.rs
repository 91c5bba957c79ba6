//! What a builder refuses, and that it says which rule is at fault and why.

mod common;

use common::no_rules;
use dtmask_core::{Builder, Error, ErrorKind, MAX_MIN, Redactor, Rule, builtin_rules};
use dtmask_test::samples;

fn refused(builder: Builder) -> Error {
    match builder.build() {
        Err(error) => error,
        Ok(redactor) => panic!("{redactor:?} was built"),
    }
}

/// Checks kind and message of an error, and how messages are written.
fn assert_error(error: &Error, kind: ErrorKind, parts: &[&str]) {
    let message = error.to_string();
    assert_eq!(error.kind(), kind, "{message}");
    for part in parts {
        assert!(message.contains(part), "no {part:?} in {message:?}");
    }
    assert!(
        message.starts_with(|c: char| c.is_lowercase() || c == '`'),
        "{message}"
    );
    assert!(
        !message.ends_with('.') && !message.contains('\n'),
        "{message}"
    );
}

fn assert_rule_refused(rule: &Rule, kind: ErrorKind, parts: &[&str]) {
    let name = format!("`{}`", rule.name());
    // With and without rules beside it.
    for builder in [Redactor::builder(), no_rules()] {
        let error = refused(builder.rule(rule.clone()));
        assert_error(&error, kind, parts);
        assert!(error.to_string().contains(&name), "{error}");
    }
}

fn rule(keep: &str, secret: &str, min: u32, max: Option<u32>) -> Rule {
    Rule::new("culprit").pattern(keep, secret, min, max)
}

fn named(name: &str) -> Rule {
    Rule::new(name).pattern("a", "[b]", 1, None)
}

#[test]
fn names() {
    for empty in ["", " ", "\t \n"] {
        let error = refused(Redactor::builder().rule(named(empty)));
        assert_error(&error, ErrorKind::RuleName, &["empty name"]);
    }
    let twice = Redactor::builder()
        .rule(named("mine"))
        .rule(named("yours"))
        .rule(named("mine"));
    assert_error(
        &refused(twice),
        ErrorKind::RuleName,
        &["`mine`", "name of another rule"],
    );
    for name in builtin_rules().map(Rule::name).chain(["hide-id"]) {
        // Also if the built-in rule is off: a name means one thing.
        for builder in [
            Redactor::builder(),
            no_rules(),
            Redactor::builder().hide_id("dt0s01"),
        ] {
            let error = refused(builder.rule(named(name)));
            assert_error(&error, ErrorKind::RuleName, &[name, "name of another rule"]);
        }
    }
    no_rules()
        .rule(named("tokens"))
        .rule(named("Token"))
        .build()
        .expect("names tell case apart");
}

#[test]
fn a_rule_without_a_pattern() {
    assert_rule_refused(
        &Rule::new("culprit"),
        ErrorKind::Expression,
        &["no pattern"],
    );
}

#[test]
fn bad_expressions() {
    for keep in [
        "(",
        ")",
        "[",
        "a{2,1}",
        "*",
        "a**{",
        r"\xZZ",
        r"\p{Greek}",
        r"(a)\1",
        "(?P<a",
    ] {
        assert_rule_refused(
            &rule(keep, "[b]", 1, None),
            ErrorKind::Expression,
            &["bad expression", keep],
        );
    }
    let deep = "(".repeat(1000) + "a" + &")".repeat(1000);
    assert_rule_refused(
        &rule(&deep, "[b]", 1, None),
        ErrorKind::Expression,
        &["bad expression"],
    );
}

#[test]
fn look_around_of_every_kind() {
    for look in [
        "^",
        "$",
        r"\A",
        r"\z",
        r"\b",
        r"\B",
        r"\<",
        r"\>",
        r"\b{start}",
        r"\b{end}",
        r"\b{start-half}",
        r"\b{end-half}",
        "(?m:^)",
        "(?m:$)",
        "(?mR:^)",
        "(?mR:$)",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?<!a)",
    ] {
        for keep in [
            format!("{look}a"),
            format!("a{look}"),
            format!("a(?:b|{look}c)d"),
        ] {
            let parts = ["look-around", &keep];
            assert_rule_refused(&rule(&keep, "[b]", 1, None), ErrorKind::LookAround, &parts);
        }
    }
    // What only looks like it.
    for keep in [r"\^", r"\$", "[$^]", r"\\b"] {
        no_rules()
            .rule(rule(keep, "[b]", 1, None))
            .build()
            .expect("these are literals");
    }
}

#[test]
fn expressions_that_match_the_empty_string_or_nothing() {
    for keep in [
        "", "a*", "a?", "(?:)", "a|", "(?:a*b*)", "a{0}", "a{0,3}", "()", "(?i)",
    ] {
        let parts = ["matches the empty string", keep];
        assert_rule_refused(&rule(keep, "[b]", 1, None), ErrorKind::EmptyMatch, &parts);
    }
    for keep in ["[a&&b]", r"a[^\x00-\xff]"] {
        let parts = ["matches nothing", keep];
        assert_rule_refused(&rule(keep, "[b]", 1, None), ErrorKind::Expression, &parts);
    }
}

#[test]
fn classes() {
    for secret in [
        "",
        "ab",
        "a*",
        "[a]+",
        "(",
        "[",
        "^",
        "a|bc",
        "(a)",
        "é",
        "(?u:é)",
        "(?u:[é-ü])",
    ] {
        let parts = ["no class of bytes", secret];
        assert_rule_refused(&rule("k", secret, 1, None), ErrorKind::Class, &parts);
    }
    for secret in ["[a&&b]", r"[^\x00-\xff]"] {
        let parts = ["empty class", secret];
        assert_rule_refused(&rule("k", secret, 1, None), ErrorKind::Class, &parts);
    }
    for secret in [
        "a",
        "[a]",
        ".",
        r"\w",
        "[^a]",
        "(?i:a)",
        "a|b|c",
        r"\xff",
        "[[:alnum:]]",
        r"(?s:.)",
    ] {
        no_rules()
            .rule(rule("k", secret, 1, None))
            .build()
            .expect("each is a class of bytes");
    }
}

#[test]
fn bounds() {
    for min in [0, MAX_MIN + 1, u32::MAX] {
        let parts = [&*format!("min {min}"), "4096"];
        assert_rule_refused(&rule("k", "[b]", min, None), ErrorKind::Bounds, &parts);
        assert_rule_refused(&rule("k", "[b]", min, Some(min)), ErrorKind::Bounds, &parts);
    }
    for (min, max) in [(1, 0), (2, 1), (4096, 4095)] {
        let parts = [&*format!("max {max}"), &*format!("min {min}")];
        assert_rule_refused(&rule("k", "[b]", min, Some(max)), ErrorKind::Bounds, &parts);
    }
    for (min, max) in [
        (1, Some(1)),
        (1, Some(u32::MAX)),
        (4096, None),
        (4096, Some(4096)),
    ] {
        no_rules()
            .rule(rule("k", "[b]", min, max))
            .build()
            .expect("the bounds are in order");
    }
}

#[test]
fn automata_over_the_size_limit() {
    let size_limit = ["size limit", "bytes"];
    for keep in [
        "(?:[a-z]{1,1000}){1,1000}",
        "a{1,4294967295}",
        "(?:(?:(?:a{99}){99}){99}){99}",
    ] {
        assert_rule_refused(
            &rule(keep, "[b]", 1, None),
            ErrorKind::TooLarge,
            &size_limit,
        );
    }
}

#[test]
fn identifiers_of_more_prefixes_than_fit_are_refused() {
    // The same prefix is one, however often it is named.
    let mut same = no_rules();
    for _ in 0..6000 {
        same = same.hide_id("dt0s01");
    }
    let same = same.build().expect("one prefix is small");
    assert_eq!(same.redact_str("dt0s01.FAKEPUB2."), "dt0s01.********.");
    let mut all = no_rules();
    for letter in ('a'..='z').chain('A'..='Z') {
        for number in 0..100 {
            all = all.hide_id(format!("dt0{letter}{number:02}"));
        }
    }
    let error = all.build().expect_err("there are 5200 of them");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(error.to_string().contains("hide-id"), "{error}");
}

#[test]
fn any_pattern_can_be_at_fault() {
    let good = Rule::new("culprit").pattern("a", "[b]", 1, None);
    assert_rule_refused(
        &good.clone().pattern("^a", "[b]", 1, None),
        ErrorKind::LookAround,
        &["^a"],
    );
    assert_rule_refused(
        &good.clone().pattern("a", "b+", 1, None),
        ErrorKind::Class,
        &["b+"],
    );
    assert_rule_refused(
        &good.pattern("a", "b", 3, Some(2)),
        ErrorKind::Bounds,
        &["max 2"],
    );
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    for name in ["tokens", "", "Token", "hide-id", "token ", "default"] {
        for builder in [
            Redactor::builder().with(name),
            Redactor::builder().without(name),
        ] {
            let error = refused(builder);
            assert_error(&error, ErrorKind::UnknownRule, &[&format!("`{name}`")]);
            for known in builtin_rules() {
                assert!(error.to_string().contains(known.name()), "{error}");
            }
        }
    }
    let mine = Rule::new("mine").pattern("a", "b", 1, None);
    let error = refused(Redactor::builder().rule(mine).without("mime"));
    assert!(error.to_string().ends_with(", mine"), "{error}");
}

#[test]
fn prefixes_whose_identifiers_cannot_be_hidden() {
    for prefix in [
        "", "dt0", "dt0s0", "dt0s011", "dt0s01.", " dt0s01", "dt0s01 ", "Dt0s01", "DT0S01",
        "dt1s01", "dt0101", "dt0ss1", "dt0s0x", "dt0.01", "dt0ä1", "dt0[a", "ddt0s01",
    ] {
        let error = refused(Redactor::builder().hide_id("dt0s01").hide_id(prefix));
        assert_error(&error, ErrorKind::HideId, &[&format!("`{prefix}`"), "dt0"]);
    }
    for prefix in ["dt0s01", "dt0S99", "dt0a00", "dt0z19"] {
        Redactor::builder()
            .hide_id(prefix)
            .build()
            .expect("this is a prefix");
    }
}

#[test]
fn errors_are_errors() {
    let error = refused(Redactor::builder().with("nope"));
    let boxed: Box<dyn std::error::Error + Send + Sync> = Box::new(error.clone());
    assert_eq!(boxed.to_string(), error.to_string());
    assert!(boxed.source().is_none());
    assert_eq!(error, error.clone());
    assert_ne!(error, refused(Redactor::builder().with("nope2")));
}

#[test]
fn nothing_of_a_token_is_in_an_error() {
    let token = samples::api_token();
    let error = Redactor::builder().with(&*token).build();
    let error = error.expect_err("there is no such rule");
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(&samples::S64[..10]), "{text}");
        assert!(text.contains(samples::P24), "{text}");
    }
}
