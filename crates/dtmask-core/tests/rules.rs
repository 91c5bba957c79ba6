//! Which rules are active, and that the opt-in ones do what they say.

mod common;

use std::sync::LazyLock;

use common::{assert_output, assert_secrets, no_rules, stream_output};
use dtmask_core::{Builder, Mask, Profile, Redactor, Rule, builtin_rules};
use dtmask_test::oracle::{Oracle, OracleRule};
use dtmask_test::placeholder::expand;
use dtmask_test::rules::{self, DEFAULT_NAMES};
use dtmask_test::samples;
use dtmask_test::strategies::{chunking, input};
use proptest::prelude::*;

fn build(builder: Builder) -> Redactor {
    builder.build().expect("the rules are valid")
}

fn names(redactor: &Redactor) -> Vec<&str> {
    redactor.rules().map(Rule::name).collect()
}

/// The rules `oracle` knows of, in table order, as the builder's.
fn oracle_rules(names: &[&str]) -> Vec<OracleRule> {
    let mut known = rules::default_rules();
    known.extend([rules::published(), rules::jwt(), rules::token_response()]);
    known.retain(|rule| names.contains(&rule.name.as_str()));
    known
}

#[test]
fn profiles() {
    let default = Redactor::new();
    assert_eq!(names(&default), DEFAULT_NAMES);
    assert_eq!(default.max_held(), 15);
    assert_eq!(*default.mask(), Mask::default());
    assert_eq!(default.mask_warning(), None);
    let published = Redactor::published();
    assert_eq!(names(&published), ["published"]);
    assert_eq!(published.max_held(), 63);
    assert_eq!(names(&Redactor::default()), DEFAULT_NAMES);
    assert_eq!(names(&build(Redactor::builder())), DEFAULT_NAMES);
    assert_eq!(
        names(&build(Redactor::builder().profile(Profile::Default))),
        DEFAULT_NAMES
    );
    let published = Redactor::builder()
        .profile(Profile::Default)
        .profile(Profile::Published);
    assert_eq!(names(&build(published)), ["published"]);
}

#[test]
fn every_built_in_rule_can_be_switched_off_and_on() {
    let all: Vec<&str> = builtin_rules().map(Rule::name).collect();
    assert_eq!(all[..10], DEFAULT_NAMES);
    assert_eq!(all[10..], ["published", "jwt", "token-response"]);
    for rule in builtin_rules() {
        assert!(!rule.description().is_empty(), "{}", rule.name());
        let without = build(Redactor::builder().without(rule.name()));
        let others: Vec<_> = DEFAULT_NAMES
            .into_iter()
            .filter(|name| *name != rule.name())
            .collect();
        assert_eq!(names(&without), others);
        let alone = build(no_rules().with(rule.name()));
        assert_eq!(alone.rules().collect::<Vec<_>>(), [rule]);
        let min = rule.patterns().iter().map(dtmask_core::Pattern::min).max();
        assert_eq!(Some(alone.max_held() as u32 + 1), min);
    }
    let none = build(no_rules());
    assert_eq!(names(&none), [""; 0]);
    assert_eq!(none.max_held(), 0);
    let token = samples::api_token();
    assert_eq!(none.redact_str(&token), token);
    assert_eq!(stream_output(&none, &[token.as_bytes()]), token.as_bytes());
}

#[test]
fn of_switches_of_one_rule_the_last_one_wins() {
    let on = |builder: Builder| names(&build(builder)).contains(&"jwt");
    let builder = Redactor::builder;
    assert!(on(builder().with("jwt")));
    assert!(on(builder().without("jwt").with("jwt")));
    assert!(on(builder().with("jwt").without("jwt").with("jwt")));
    assert!(!on(builder().with("jwt").without("jwt")));
    assert!(!on(builder()
        .without("jwt")
        .with("jwt")
        .without("base64")
        .without("jwt")));
    // Whenever the profile is chosen.
    let published = builder()
        .with("token")
        .without("published")
        .profile(Profile::Published);
    assert_eq!(names(&build(published)), ["token"]);
}

#[test]
fn own_rules_are_switched_off_like_built_in_ones() {
    let mine = Rule::new("mine").pattern("a=", "[b]", 1, None);
    let yours = Rule::new("yours").pattern("a=", "[c]", 1, None);
    let both = || no_rules().rule(mine.clone()).rule(yours.clone());
    let masked = |builder: Builder| build(builder).redact_str("a=b a=c").into_owned();
    assert_eq!(masked(both()), "a=* a=*");
    assert_eq!(masked(both().with("mine")), "a=* a=*");
    assert_eq!(masked(both().without("mine")), "a=b a=*");
    assert_eq!(masked(both().without("yours")), "a=* a=c");
    assert_eq!(masked(both().without("mine").without("yours")), "a=b a=c");
    assert_eq!(masked(both().without("mine").with("mine")), "a=* a=*");
    // Also before it is there.
    let early = no_rules().without("mine").rule(mine.clone());
    assert_eq!(names(&build(early)), [""; 0]);
    assert_eq!(names(&build(both().without("mine"))), ["yours"]);
    // One that cannot be compiled is no obstacle then, two of one name are.
    let broken = Rule::new("broken").pattern("(", "[b]", 1, None);
    let off = both().rule(broken).without("broken");
    assert_eq!(names(&build(off)), ["mine", "yours"]);
    let twice = both().rule(mine.clone()).without("mine");
    let error = twice.build().expect_err("a name is for one rule");
    assert_eq!(error.kind(), dtmask_core::ErrorKind::RuleName);
}

#[test]
fn rules_stand_in_table_order_however_they_were_asked_for() {
    let redactor = build(
        Redactor::builder()
            .rule(Rule::new("mine").pattern("a", "[b]", 1, None))
            .hide_id("dt0s01")
            .with("token-response")
            .rule(Rule::new("also-mine").pattern("a", "[b]", 1, None))
            .with("published")
            .with("jwt"),
    );
    let expected = [
        "published",
        "jwt",
        "token-response",
        "hide-id",
        "mine",
        "also-mine",
    ];
    assert_eq!(names(&redactor), [&DEFAULT_NAMES[..], &expected].concat());
}

#[test]
fn a_rule_says_what_it_is_made_of() {
    let rule = Rule::new("mine")
        .pattern("a+", "[b-d]", 2, None)
        .pattern("x", "y", 3, Some(4));
    assert_eq!((rule.name(), rule.description()), ("mine", ""));
    let patterns: Vec<_> = rule
        .patterns()
        .iter()
        .map(|p| (p.keep(), p.secret(), p.min(), p.max()))
        .collect();
    assert_eq!(patterns, [("a+", "[b-d]", 2, None), ("x", "y", 3, Some(4))]);
    let redactor = build(no_rules().rule(rule.clone()));
    assert_eq!(redactor.rules().collect::<Vec<_>>(), [&rule]);
}

#[test]
fn the_redactor_of_a_stream_is_the_same() {
    let redactor = build(no_rules().with("jwt"));
    assert_eq!(names(&redactor.stream().redactor()), ["jwt"]);
}

#[test]
fn hidden_identifiers() {
    let token = samples::token("dt0s01");
    let redactor = build(
        Redactor::builder()
            .hide_id("dt0s01")
            .hide_id("dt0s16")
            .hide_id("dt0s01"),
    );
    let hidden = format!("dt0s01.{}.{}", "*".repeat(24), "*".repeat(64));
    assert_eq!(redactor.redact_str(&token), hidden);
    assert_eq!(redactor.redact_str("dt0s01.FAKE"), "dt0s01.****");
    assert_eq!(redactor.redact_str("dt0s16.a-b_c.d"), "dt0s16.*****.d");
    // Other prefixes, and the same one in another case, are not meant.
    assert_eq!(
        redactor.redact_str("dt0s02.FAKEPUB2 DT0S01.FAKE"),
        "dt0s02.FAKEPUB2 DT0S01.FAKE"
    );
    assert_eq!(redactor.max_held(), 15);
    let alone = build(no_rules().hide_id("dt0s01"));
    assert_eq!(alone.max_held(), 0);
    assert_eq!(
        alone.redact_str(&token),
        format!("dt0s01.{}.{}", "*".repeat(24), samples::S64)
    );
}

struct Judged {
    redactor: Redactor,
    oracle: Oracle,
}

/// Sets of rules that are not the default ones, each with its oracle.
static SETS: LazyLock<Vec<Judged>> = LazyLock::new(|| {
    let hide_ids = |prefixes: &[&str]| OracleRule {
        name: "hide-id".to_owned(),
        patterns: prefixes
            .iter()
            .flat_map(|prefix| rules::hide_id(prefix).patterns)
            .collect(),
    };
    let with_all = [&DEFAULT_NAMES[..], &["published", "jwt", "token-response"]].concat();
    let mut all = oracle_rules(&with_all);
    all.push(hide_ids(&["dt0s01", "dt0c01"]));
    let sets = [
        (no_rules().with("jwt"), oracle_rules(&["jwt"])),
        (
            no_rules().with("token-response"),
            oracle_rules(&["token-response"]),
        ),
        (no_rules().hide_id("dt0c01"), vec![hide_ids(&["dt0c01"])]),
        (
            Redactor::builder()
                .profile(Profile::Published)
                .hide_id("dt0c01")
                .hide_id("dt0s16"),
            [
                oracle_rules(&["published"]),
                vec![hide_ids(&["dt0c01", "dt0s16"])],
            ]
            .concat(),
        ),
        (
            Redactor::builder().with("published"),
            oracle_rules(&[&DEFAULT_NAMES[..], &["published"]].concat()),
        ),
        (
            Redactor::builder()
                .with("published")
                .with("jwt")
                .with("token-response")
                .hide_id("dt0s01")
                .hide_id("dt0c01"),
            all,
        ),
    ];
    // And each default rule without the others it shares an automaton with.
    let single = DEFAULT_NAMES.map(|name| (no_rules().with(name), oracle_rules(&[name])));
    let sets = sets.into_iter().chain(single);
    sets.map(|(builder, rules)| Judged {
        redactor: build(builder),
        oracle: Oracle::new(&rules),
    })
    .collect()
});

/// Inputs of the pieces that the opt-in rules are made of.
fn opt_in_input() -> impl Strategy<Value = Vec<u8>> {
    let runs = [15, 16, 17, 40].map(|len| "FAKE_secret-".chars().cycle().take(len).collect());
    let mut pieces: Vec<String> = runs.into();
    pieces.extend(
        [
            "ey",
            "ey",
            "eyA",
            "ey-",
            ".ey",
            ".",
            ".",
            ".",
            "x",
            "=",
            "eyFAKEhead.eyFAKEbody.",
            "\n",
            "\r\n",
            "\ntoken\n",
            "\ntoken\"\r\n\"",
            "token",
            "\"",
            "'",
            "\\",
            "\"token\":\"",
            "'token\\' : \\'",
            " ",
            "\t",
            ":",
            "dt0c01.",
            "dt0s01.",
            "dt0s16.",
            "dt0",
            "dt0c01.FAKEPUB2.",
        ]
        .map(str::to_owned),
    );
    let pieces = prop::collection::vec(prop::sample::select(pieces), 0..14);
    pieces.prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_2_oracle_for_other_sets_of_rules(input in input(), chunking in chunking()) {
        for Judged { redactor, oracle } in &*SETS {
            assert_output(redactor, oracle, &chunking.split(&input));
            assert_secrets(redactor, oracle, &chunking.split(&input));
        }
    }

    #[test]
    fn law_2_oracle_for_any_set_of_built_in_rules(
        input in input(), chunking in chunking(), set in any::<u16>(), hide in prop::bool::weighted(0.2)
    ) {
        let known = builtin_rules().map(Rule::name).enumerate();
        let names: Vec<&str> = known.filter(|(i, _)| set >> i & 1 == 1).map(|(_, n)| n).collect();
        let mut builder = names.iter().fold(no_rules(), |builder, name| builder.with(*name));
        let mut rules = oracle_rules(&names);
        if hide {
            builder = builder.hide_id("dt0c01");
            rules.push(rules::hide_id("dt0c01"));
        }
        let (redactor, oracle) = (build(builder), Oracle::new(&rules));
        assert_output(&redactor, &oracle, &chunking.split(&input));
        assert_secrets(&redactor, &oracle, &chunking.split(&input));
    }

    #[test]
    fn law_2_oracle_for_the_opt_in_rules(input in opt_in_input(), chunking in chunking()) {
        for Judged { redactor, oracle } in &SETS[..6] {
            assert_output(redactor, oracle, &chunking.split(&input));
            assert_output(redactor, oracle, &input.chunks(1).collect::<Vec<_>>());
            assert_secrets(redactor, oracle, &chunking.split(&input));
        }
    }
}

#[test]
fn a_rule_keeps_its_meaning_beside_any_other() {
    // The published expression tells case apart, those it shares an automaton with do not.
    for other in ["token", "token-any-id", "token-wrapped", "tenant-token"] {
        let names = [other, "published"];
        let redactor = build(
            names
                .iter()
                .fold(no_rules(), |builder, name| builder.with(*name)),
        );
        let oracle = Oracle::new(&oracle_rules(&names));
        for prefix in ["dt0c01", "DT0C01", "dT0c01", "dt0C01"] {
            let input = expand(&format!(
                "{prefix}.{{P24}}.{{S64}} {prefix}.{{P8}}.{{S64}}."
            ));
            assert_output(&redactor, &oracle, &[&input]);
            assert_secrets(&redactor, &oracle, &[&input]);
        }
    }
}

#[test]
fn the_inputs_hold_what_the_opt_in_rules_look_for() {
    for (text, owner) in [
        ("eyFAKEhead.eyFAKEbody.{L21}", "jwt"),
        ("{\"token\":\"{L21}\"}", "token-response"),
        ("\ntoken\n{L21}", "token-response"),
        ("dt0s01.FAKE", "hide-id"),
        ("dt0c01.{P24}.{S64}", "token"),
    ] {
        let all = &SETS[5].redactor;
        let input = expand(text);
        let owners: Vec<_> = all.find_iter(&input).map(|s| s.rule().to_owned()).collect();
        let expected = if text.starts_with("dt0c01") {
            vec!["hide-id", "token"]
        } else {
            vec![owner]
        };
        assert_eq!(owners, expected, "{text}");
    }
}
