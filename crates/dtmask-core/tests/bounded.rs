//! Law 6: what a stream remembers is bounded by its rules, whatever the input.

mod common;

use std::sync::LazyLock;

use common::corpora::{ADVERSARIAL, DENSE, gaps, long_run, repeated};
use common::no_rules;
use dtmask_core::{Redactor, Rule, Stream, builtin_rules};
use dtmask_test::oracle::Oracle;
use dtmask_test::strategies::{chunking, input, short_input};
use proptest::prelude::*;

static DEFAULT: LazyLock<Redactor> = LazyLock::new(Redactor::new);

/// The bytes on the heap that `stream` has more of after `inputs`.
fn growth(stream: &mut Stream, inputs: &[&[u8]]) -> i64 {
    let growth = allocation_counter::measure(|| {
        for input in inputs {
            let _ = stream.push(input).count();
        }
    });
    growth.bytes_current
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_6_held_bytes_in_any_chunking(input in input(), chunking in chunking()) {
        let mut alone: Vec<_> = builtin_rules()
            .map(|rule| {
                let redactor = no_rules().with(rule.name()).build().expect("the rule is valid");
                (redactor.max_held(), redactor.stream())
            })
            .collect();
        for chunk in chunking.split(&input) {
            for (max_held, stream) in &mut alone {
                let _ = stream.push(chunk).count();
                prop_assert!(stream.held_len() <= *max_held);
                let last = chunk.last().filter(|_| stream.held_len() > 0);
                prop_assert!(last.is_none_or(|&byte| stream.redactor().may_hold(byte)));
            }
        }
    }

    #[test]
    fn law_6_what_push_in_place_holds_is_the_same(input in short_input(), chunking in chunking()) {
        let oracle = Oracle::default_rules();
        let (mut pushed, mut in_place) = (DEFAULT.stream(), DEFAULT.stream());
        let mut seen = 0;
        for (turn, chunk) in chunking.split(&input).into_iter().enumerate() {
            let _ = pushed.push(chunk).count();
            // Calls may be mixed.
            if turn % 3 == 2 {
                let _ = in_place.push(chunk).count();
            } else {
                let _ = in_place.push_in_place(&mut chunk.to_vec());
            }
            seen += chunk.len();
            prop_assert_eq!(pushed.held_len(), in_place.held_len());
            prop_assert_eq!(pushed.held_len(), oracle.held(&input[..seen]));
        }
    }
}

#[test]
fn law_6_nothing_is_held_for_rules_with_a_minimum_of_one() {
    for name in ["token", "tenant-token"] {
        let redactor = no_rules().with(name).build().expect("the rule is valid");
        assert_eq!(redactor.max_held(), 0);
        let mut stream = redactor.stream();
        for byte in repeated(DENSE, 2000) {
            let out: usize = stream.push(&[byte]).map(|s| s.as_bytes().len()).sum();
            assert_eq!((out, stream.held_len()), (1, 0));
        }
    }
}

#[test]
fn law_6_memory_does_not_grow_with_the_input() {
    // One secret, one line, one identifier without an end; and all that is hard.
    let mut corpora = vec![
        long_run(300_000),
        [b"dt0c01.", &b"a".repeat(300_000)[..]].concat(),
    ];
    corpora.push([b"api-token=", &b"\"".repeat(300_000)[..]].concat());
    corpora.push(repeated(DENSE, 300_000));
    corpora.extend(ADVERSARIAL.iter().map(|pattern| repeated(pattern, 300_000)));
    for (index, input) in corpora.iter().enumerate() {
        let mut stream = DEFAULT.stream();
        let chunks: Vec<_> = input.chunks(10_000).collect();
        // The second time the end of the input has its beginning behind it.
        for _ in 0..2 {
            let _ = growth(&mut stream, &chunks);
        }
        assert_eq!(growth(&mut stream, &chunks), 0, "corpus {index}");
        assert_eq!(growth(&mut stream, &chunks), 0, "corpus {index}");
    }
}

#[test]
fn law_6_memory_does_not_grow_with_the_chunk() {
    let input = repeated(DENSE, 8 << 20);
    // What the input needs is built first, and is not the stream's.
    let _ = DEFAULT.stream().push(&input[..10_000]).count();
    let of_chunk = |len: usize| growth(&mut DEFAULT.stream(), &[&input[..len]]);
    let (small, large) = (of_chunk(128 << 10), of_chunk(8 << 20));
    assert!(small > 0 && large <= 2 * small, "{small} and {large} bytes");

    let in_place = |len: usize| {
        let mut chunk = input[..len].to_vec();
        let mut stream = DEFAULT.stream();
        let measured = allocation_counter::measure(|| {
            let _ = stream.push_in_place(&mut chunk);
        });
        measured.bytes_max
    };
    let (small, large) = (in_place(128 << 10), in_place(8 << 20));
    assert!(small > 0 && large <= 2 * small, "{small} and {large} bytes");
}

/// The sets that its rows stand for are large, so they are counted too.
#[test]
fn law_6_memory_of_a_rule_that_outgrows_its_table() {
    let rule = Rule::new("slow").pattern("(?s)a.{1,400}b", "[a-z]", 4, Some(9));
    let input = gaps(40_000);
    let mut redactor = None;
    let measured = allocation_counter::measure(|| {
        let built = no_rules().rule(rule).build().expect("the rule is valid");
        assert!(built.stream().push(&input).count() > 0);
        redactor = Some(built);
    });
    let kept = measured.bytes_current;
    assert!(kept < 4 << 20, "{kept} bytes");
}

/// Which secrets are near enough to be a part of an identifier is remembered, and of no others.
#[test]
fn law_6_a_search_remembers_no_more_of_more_secrets() {
    let input = b"api-token=FAKE_legacy-tok3n_abc\n".repeat(50_000);
    let of_find = |len: usize| {
        let found = || DEFAULT.find_iter(&input[..len]).count();
        let _ = found();
        allocation_counter::measure(|| assert!(found() > 0)).bytes_max
    };
    let of_search = |len: usize| {
        let mut search = DEFAULT.search();
        let mut secrets = 0;
        let searched = allocation_counter::measure(|| {
            search.push(&input[..len], |_| secrets += 1);
        });
        assert!(secrets > 0);
        searched.bytes_max
    };
    for (small, large) in [
        (of_find(128 << 10), of_find(input.len())),
        (of_search(128 << 10), of_search(input.len())),
    ] {
        assert!(large <= 2 * small, "{small} and {large} bytes");
    }
}

#[test]
fn law_6_memory_of_a_rule_with_many_undecided_ends() {
    let rule = Rule::new("mine").pattern("a", "[a]", 4096, Some(5000));
    let redactor = no_rules().rule(rule).build().expect("the rule is valid");
    let mut stream = redactor.stream();
    let input = [&b"a".repeat(4095)[..], b".", &b"a".repeat(20_000), b"."].concat();
    for _ in 0..2 {
        let _ = growth(&mut stream, &input.chunks(100).collect::<Vec<_>>());
    }
    assert_eq!(
        growth(&mut stream, &input.chunks(100).collect::<Vec<_>>()),
        0
    );
    assert_eq!(growth(&mut stream, &input.chunks(1).collect::<Vec<_>>()), 0);
}
