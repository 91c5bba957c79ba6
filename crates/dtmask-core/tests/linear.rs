//! Law 10: the cost is linear in the input, adversarial inputs included.

mod common;

use std::hint::black_box;

use common::corpora::{ADVERSARIAL, CLEAN, DENSE, long_run, repeated};
use common::linear::{self, assert_linear, push_all};
use common::{checks, no_rules, redactor_of};
use dtmask_core::{Mask, Redactor, Rule};
use dtmask_test::expand;
use dtmask_test::strategies::user_rules;
use proptest::prelude::*;

fn patterns() -> impl Iterator<Item = &'static str> {
    ADVERSARIAL.into_iter().chain([CLEAN, DENSE])
}

#[test]
fn law_10_linear_within_a_block() {
    let redactor = Redactor::new();
    for pattern in patterns() {
        let input = |len| repeated(pattern, len);
        assert_linear(pattern, 8 << 10, input, |input| {
            push_all(&redactor, input, usize::MAX);
        });
    }
    assert_linear("long run", 8 << 10, long_run, |input| {
        push_all(&redactor, input, usize::MAX);
    });
}

#[test]
fn law_10_linear_over_many_blocks() {
    let redactor = Redactor::new();
    for pattern in patterns() {
        let input = |len| repeated(pattern, len);
        assert_linear(pattern, 100_000, input, |input| {
            push_all(&redactor, input, usize::MAX);
        });
    }
    assert_linear("long run", 100_000, long_run, |input| {
        push_all(&redactor, input, usize::MAX);
    });
}

#[test]
fn law_10_linear_in_small_chunks() {
    for redactor in [Redactor::new(), Redactor::published()] {
        for pattern in patterns() {
            let input = |len| repeated(pattern, len);
            assert_linear(pattern, 3000, input, |input| push_all(&redactor, input, 1));
        }
    }
}

#[test]
fn law_10_linear_in_one_shot_and_in_place() {
    let redactor = Redactor::new();
    for pattern in patterns() {
        let input = |len| repeated(pattern, len);
        assert_linear(pattern, 20_000, input, |input| {
            black_box(redactor.redact(input));
        });
        assert_linear(pattern, 20_000, input, |input| {
            black_box(redactor.find_iter(input).count());
        });
        assert_linear(pattern, 20_000, input, |input| {
            let mut input = input.to_vec();
            black_box(redactor.stream().push_in_place(&mut input).ready.len());
        });
    }
}

#[test]
fn law_10_linear_for_user_rules() {
    for (len, keep, secret, min, max) in [
        // Every byte ends an expression, each with a run of its own.
        (8000, "a", "[a]", 50, Some(60)),
        (20_000, "a+", "[a]", 4096, Some(5000)),
        (8000, "a*b", "[a-z]", 3, None),
        (8000, "(?:a|aa|aaa)+b?", "[ab]", 40, Some(41)),
        (8000, "(?s)a.*b", "[ab]", 2, Some(2)),
        (8000, "aaaaaaaab", "[ab]", 1, None),
        // Outgrows any table.
        (2000, "(?s)a.{1,40}b", "[a-c]", 30, Some(31)),
    ] {
        let rule = Rule::new("mine").pattern(keep, secret, min, max);
        let redactor = no_rules().rule(rule).build().expect("the rule is valid");
        for pattern in ["a", "aaab", "ab", "aaaaaaaa", "aabbabacbab."] {
            let input = |len| repeated(pattern, len);
            let what = format!("{keep} over {pattern}");
            assert_linear(&what, len, input, |input| {
                push_all(&redactor, input, usize::MAX);
            });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_10_linear_in_whatever_is_repeated(
        seed in prop::collection::vec(any::<u8>(), 1..12), single in any::<bool>()
    ) {
        let piece = expand::input(&seed);
        for (redactor, _) in checks::both() {
            linear::assert_linear_in(redactor, &piece, single);
        }
    }

    #[test]
    fn law_10_linear_for_drawn_rules(
        rules in user_rules(), seed in prop::collection::vec(any::<u8>(), 1..12), single in any::<bool>()
    ) {
        let piece = dtmask_test::user_rules::input(&seed);
        linear::assert_linear_in(&redactor_of(&rules, Mask::default()), &piece, single);
    }
}
