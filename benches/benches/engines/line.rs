//! The cost of looking at one clean line, where start-up costs of a search show most.

use std::hint::black_box;
use std::time::Duration;

use benches::corpora;
use dtmask_core::Redactor;
use memchr::memmem::Finder;

use crate::clock::{interleaved, now};

/// The length of every line.
pub(crate) const LINE: usize = 128;
/// So many that no branch predictor learns them by heart, so few that they stay in the cache.
const LINES: usize = 256;

/// Time for one line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) memmem: Duration,
    pub(crate) redact: Duration,
}

/// Times `redact` with the default rules and a prebuilt finder over the same lines.
pub(crate) fn measure(rounds: usize, passes: u32) -> Times {
    let clean = corpora::by_name("clean").expect("it is in the table");
    let bytes = (clean.make)(LINES * LINE * 8);
    let lines: Vec<&[u8]> = bytes
        .split(|&byte| byte == b'\n')
        .filter(|line| line.len() >= LINE)
        .map(|line| &line[..LINE])
        .take(LINES)
        .collect();
    assert_eq!(lines.len(), LINES, "the corpus has long lines enough");

    let redactor = Redactor::new();
    let finder = Finder::new("dt0");
    let medians = interleaved(rounds, 2, |contestant| {
        let start = now();
        for _ in 0..passes {
            for line in &lines {
                if contestant == 0 {
                    black_box(finder.find(black_box(line)));
                } else {
                    black_box(redactor.redact(black_box(line)));
                }
            }
        }
        now() - start
    });
    let one = |total: Duration| total.div_f64(f64::from(passes) * LINES as f64);
    Times {
        memmem: one(medians[0]),
        redact: one(medians[1]),
    }
}
