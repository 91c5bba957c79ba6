//! A measure of law 10: the time for four times the input over that for the input, 4 if the
//! cost is linear, 16 if it is quadratic.
//!
//! The time is the processor's for this thread, where that can be asked for. A busy machine
//! only ever makes a run slower, so the fastest of some runs counts, and a doubtful ratio is
//! measured again.

use std::hint::black_box;
use std::time::Duration;

use dtmask_core::Redactor;

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
pub(crate) fn assert_linear(
    what: &str,
    len: usize,
    input: impl Fn(usize) -> Vec<u8>,
    work: impl Fn(&[u8]),
) {
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

/// Redacts `input` in chunks of that size.
pub(crate) fn push_all(redactor: &Redactor, input: &[u8], size: usize) {
    let mut stream = redactor.stream();
    for chunk in input.chunks(size) {
        black_box(stream.push(chunk).count());
    }
    black_box(stream.finish().count());
}

/// Checks the cost of a stream of nothing but `piece`, in single bytes or as a whole.
pub(crate) fn assert_linear_in(redactor: &Redactor, piece: &[u8], single: bool) {
    // Enough for the time not to be that of beginning, and for what is open to add up.
    const LEN: usize = 4000;
    if piece.is_empty() {
        return;
    }
    let input = |len| piece.iter().copied().cycle().take(len).collect();
    let size = if single { 1 } else { usize::MAX };
    let what = super::text(piece);
    assert_linear(&what, LEN, input, |input| push_all(redactor, input, size));
}
