//! Law 10: the cost is linear in the input, adversarial inputs included.
//!
//! Measured as the time for four times the input over that for the input: 4 if the cost
//! is linear, 16 if it is quadratic. The time is the processor's for this thread, where
//! that can be asked for. A busy machine only ever makes a run slower, so the fastest of
//! some runs counts, and a doubtful ratio is measured again.

mod common;

use std::hint::black_box;
use std::time::Duration;

use common::corpora::{ADVERSARIAL, CLEAN, DENSE, long_run, repeated};
use common::no_rules;
use dtmask_core::{Redactor, Rule};

/// Between 4 and 16, and far from both.
const LIMIT: f64 = 9.0;
const RUNS: usize = 5;
const ATTEMPTS: usize = 8;

fn fastest(mut work: impl FnMut()) -> Duration {
    let runs = (0..RUNS).map(|_| {
        let start = now();
        work();
        now().saturating_sub(start)
    });
    runs.min().expect("there is more than one run")
}

#[cfg(unix)]
fn now() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("time does not run backwards")
}

#[cfg(not(unix))]
fn now() -> Duration {
    use std::sync::LazyLock;
    static START: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

/// Checks the cost of `work` on inputs made by `input` of some length.
fn assert_linear(what: &str, len: usize, input: impl Fn(usize) -> Vec<u8>, work: impl Fn(&[u8])) {
    let (short, long) = (input(len), input(4 * len));
    // What the input needs is built first.
    work(&long);
    let mut ratios = Vec::new();
    for _ in 0..ATTEMPTS {
        let base = fastest(|| work(&short));
        let ratio = fastest(|| work(&long)).as_secs_f64() / base.as_secs_f64();
        if ratio < LIMIT {
            return;
        }
        ratios.push(ratio);
    }
    panic!("{what}: four times the input takes {ratios:.1?} times as long");
}

fn push_all(redactor: &Redactor, input: &[u8], size: usize) {
    let mut stream = redactor.stream();
    for chunk in input.chunks(size) {
        black_box(stream.push(chunk).count());
    }
    black_box(stream.finish().count());
}

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
