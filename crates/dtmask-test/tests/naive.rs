//! The oracle against an evaluator more naive still: every start tried with
//! every end, by the regex crate, and the rule's sentence taken word for word.

use dtmask_test::oracle::{Oracle, OracleRule};
use dtmask_test::{rules, strategies};
use proptest::prelude::*;
use regex::bytes::{Regex, RegexBuilder};

fn anchored(expression: &str) -> Regex {
    RegexBuilder::new(&format!(r"\A(?:{expression})\z"))
        .unicode(false)
        .build()
        .unwrap()
}

struct Naive {
    /// `keep`, class, `min` and `max` of every pattern of every rule.
    patterns: Vec<(Regex, Regex, usize, usize)>,
}

impl Naive {
    fn new(rules: &[OracleRule]) -> Naive {
        let patterns = rules
            .iter()
            .flat_map(|rule| &rule.patterns)
            .map(|pattern| {
                (
                    anchored(&pattern.keep),
                    anchored(&pattern.secret),
                    pattern.min as usize,
                    pattern.max.map_or(usize::MAX, |max| max as usize),
                )
            })
            .collect();
        Naive { patterns }
    }

    fn secret_bytes(&self, input: &[u8]) -> Vec<bool> {
        let mut secret = vec![false; input.len()];
        for (keep, class, min, max) in &self.patterns {
            for p in 0..=input.len() {
                if !(0..p).any(|start| keep.is_match(&input[start..p])) {
                    continue;
                }
                let run = input[p..]
                    .iter()
                    .take_while(|&&byte| class.is_match(&[byte]))
                    .count();
                if run >= *min {
                    secret[p..p + run.min(*max)].fill(true);
                }
            }
        }
        secret
    }

    /// Withheld is what some continuation makes secret and another does not:
    /// here the continuations are `longest` more of one byte, for every byte.
    fn held(&self, input: &[u8], longest: usize) -> usize {
        let now = self.secret_bytes(input);
        let mut first = input.len();
        for byte in 0..=255u8 {
            let longer = [input, &vec![byte; longest]].concat();
            let later = self.secret_bytes(&longer);
            let changed = (0..input.len()).find(|&at| now[at] != later[at]);
            first = first.min(changed.unwrap_or(input.len()));
        }
        input.len() - first
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn user_rules(case in strategies::user_case()) {
        let input = &case.input[..case.input.len().min(60)];
        let naive = Naive::new(&case.rules).secret_bytes(input);
        prop_assert_eq!(Oracle::new(&case.rules).secret_bytes(input), naive);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn held_under_user_rules(case in strategies::user_case()) {
        let input = &case.input[..case.input.len().min(20)];
        let naive = Naive::new(&case.rules).held(input, 70);
        prop_assert_eq!(Oracle::new(&case.rules).held(input), naive);
    }

    #[test]
    fn built_in_rules(input in strategies::short_input()) {
        let mut all = rules::default_rules();
        all.extend([rules::published(), rules::jwt(), rules::token_response(), rules::hide_id("dt0s01")]);
        for rule in all {
            let rule = [rule];
            let naive = Naive::new(&rule).secret_bytes(&input);
            prop_assert_eq!(Oracle::new(&rule).secret_bytes(&input), naive, "{}", rule[0].name);
        }
    }

    #[test]
    fn published_is_a_leftmost_replace(input in strategies::input()) {
        let expression = r"(dt0[a-zA-Z][0-9]{2}\.[A-Z0-9]{24}\.)[A-Z0-9]{64}";
        let vendor = RegexBuilder::new(expression).unicode(false).build().unwrap();
        let stars = [b"${1}", &[b'*'; 64][..]].concat();
        let replaced = vendor.replace_all(&input, stars);
        prop_assert_eq!(Oracle::published().redact_fill(&input, b'*'), replaced.into_owned());
    }

    #[test]
    fn superset(input in strategies::input()) {
        let all = Oracle::default_rules().secret_bytes(&input);
        let published = Oracle::published().secret_bytes(&input);
        prop_assert!(published.iter().zip(all).all(|(&published, all)| all || !published));
    }

    #[test]
    fn rules_are_united(input in strategies::input()) {
        let oracle = Oracle::default_rules();
        let by_rule = oracle.secret_bytes_by_rule(&input);
        let alone: Vec<_> = rules::default_rules()
            .into_iter()
            .map(|rule| Oracle::new(&[rule]).secret_bytes(&input))
            .collect();
        prop_assert_eq!(by_rule, alone);
    }

    #[test]
    fn held_is_bounded(input in strategies::input()) {
        prop_assert!(Oracle::default_rules().held(&input) <= 15);
        prop_assert!(Oracle::published().held(&input) <= 63);
    }
}
