//! Medians of interleaved runs, in processor time.

use std::time::Duration;

use benches::rng::Rng;

/// The processor time of this thread, which does not go on while others have the processor.
#[cfg(unix)]
pub(crate) fn now() -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("time does not run backwards")
}

/// The time since the first call.
#[cfg(not(unix))]
pub(crate) fn now() -> Duration {
    use std::sync::LazyLock;
    static START: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

/// What is quicker than this runs [`OFTEN`] times a round: a disturbance of some milliseconds
/// is as long as all of it.
const QUICK: Duration = Duration::from_millis(25);
const OFTEN: usize = 3;

/// Runs every contestant once a round, or more often if it is quick, and returns the median
/// of the times that `run` tells.
///
/// Contestants of one round run within the same second or so: whatever slows
/// the machine down for a while slows all of them. The order changes at
/// random, so that none always runs behind the same other one.
pub(crate) fn interleaved(
    rounds: usize,
    contestants: usize,
    mut run: impl FnMut(usize) -> Duration,
) -> Vec<Duration> {
    let mut times = vec![Vec::new(); contestants];
    let mut order: Vec<usize> = (0..contestants).collect();
    let mut rng = Rng::new(rounds as u64);
    for round in 0..rounds * OFTEN {
        for last in (1..contestants).rev() {
            order.swap(last, rng.below(last as u32 + 1) as usize);
        }
        for &contestant in &order {
            let times = &mut times[contestant];
            if round % OFTEN == 0 || times[0] < QUICK {
                times.push(run(contestant));
            }
        }
    }
    times.into_iter().map(median).collect()
}

/// The middle of `times`, or the mean of the two in the middle.
///
/// # Panics
///
/// Panics when `times` is empty.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    let middle = times.len() / 2;
    if times.len() % 2 == 1 {
        times[middle]
    } else {
        (times[middle - 1] + times[middle]) / 2
    }
}
