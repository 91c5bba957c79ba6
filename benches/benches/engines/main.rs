//! Every engine over every corpus, interleaved in one process, with the ratios printed.
//!
//! ```text
//! cargo bench --bench engines                      # all corpora, 5 x 64 MiB or more for each engine and corpus
//! cargo bench --bench engines -- --quick dense     # 3 x 32 MiB, corpora whose names contain `dense`
//! cargo bench --bench engines -- --hot             # each chunk in the cache, as behind a read
//! cargo bench --bench engines -- --strict          # exit 1 when a bar is missed
//! cargo bench --bench engines -- --test            # outputs compared on small inputs, nothing timed worth telling
//! ```
//!
//! The outputs are compared before anything is timed.

mod agree;
mod clock;
mod engine;
mod expressions;
mod line;
mod report;

use std::hint::black_box;
use std::process::ExitCode;

use benches::corpora::{self, Corpus, Shape};

use crate::agree::Judge;
use crate::engine::{Engines, Kind};
use crate::report::Row;

/// What one read of a pipe gives at most.
const CHUNK: usize = 64 * 1024;
const MIB: usize = 1 << 20;

/// What the command line asks for.
struct Options {
    /// Length of a corpus in bytes.
    len: usize,
    /// How often each engine goes over it.
    rounds: usize,
    /// The outputs are the point, not the times.
    test: bool,
    /// Chunks are in the cache before the clock starts.
    hot: bool,
    /// A missed bar is an error.
    strict: bool,
    /// A corpus takes part when its name contains one of these, or when there are none.
    filters: Vec<String>,
}

impl Options {
    fn parse(args: impl Iterator<Item = String>) -> Result<Options, String> {
        // `cargo bench` says `--bench`; `cargo test` runs the same file and says nothing.
        let (mut bench, mut test, mut quick, mut hot, mut strict) =
            (false, false, false, false, false);
        let mut filters = Vec::new();
        for arg in args {
            match arg.as_str() {
                "--bench" => bench = true,
                "--test" => test = true,
                "--quick" => quick = true,
                "--hot" => hot = true,
                "--strict" => strict = true,
                // The name of this file, for those who type `cargo bench -- engines dense`.
                "engines" => {}
                flag if flag.starts_with('-') => return Err(format!("unknown option {flag}")),
                _ => filters.push(arg),
            }
        }
        let test = test || !bench;
        let (len, rounds) = match (test, quick) {
            (true, _) => (96 * 1024, 1),
            (false, true) => (32 * MIB, 3),
            (false, false) => (64 * MIB, 5),
        };
        Ok(Options {
            len,
            rounds,
            test,
            hot,
            strict,
            filters,
        })
    }

    fn takes(&self, corpus: &Corpus) -> bool {
        self.filters.is_empty()
            || self
                .filters
                .iter()
                .any(|filter| corpus.name.contains(filter.as_str()))
    }
}

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("engines: {error}");
            return ExitCode::from(2);
        }
    };
    let mut engines = Engines::new();
    let judge = Judge::new(if options.test { 8 * 1024 } else { 32 * 1024 });
    let mut rows = Vec::new();
    for corpus in corpora::ALL.iter().filter(|corpus| options.takes(corpus)) {
        let haystack = (corpus.make)(options.len);
        judge.compare(&mut engines, corpus, &haystack);
        eprintln!("{}: outputs agree", corpus.name);
        rows.push(measure(&options, &mut engines, corpus, &haystack));
    }
    let line = options.filters.is_empty().then(|| {
        let (rounds, passes) = if options.test { (1, 1) } else { (21, 400) };
        line::measure(rounds, passes)
    });
    if options.test {
        println!("engines: {} corpora, all outputs agree", rows.len());
        return ExitCode::SUCCESS;
    }
    println!(
        "GB/s, medians of {} interleaved rounds or more over {} MiB in chunks of {} KiB; the default rules as an alternation over \
         an eighth of it when adversarial.\n",
        options.rounds,
        options.len / MIB,
        CHUNK / 1024
    );
    report::rates(&rows);
    println!();
    report::ratios(&rows);
    println!();
    let all_hold = report::bars(&rows, line);
    if options.strict && !all_hold {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Times every engine, and the default stream over the first half once more.
fn measure(
    options: &Options,
    engines: &mut Engines,
    corpus: &'static Corpus,
    haystack: &[u8],
) -> Row {
    let mut contestants: Vec<(Kind, &[u8])> = Kind::ALL
        .iter()
        .map(|&kind| {
            let slow = kind == Kind::RegexDefault && corpus.shape == Shape::Adversarial;
            (kind, &haystack[..haystack.len() / if slow { 8 } else { 1 }])
        })
        .collect();
    let half = contestants.len();
    contestants.push((Kind::StreamDefault, &haystack[..haystack.len() / 2]));

    let medians = clock::interleaved(options.rounds, contestants.len(), |contestant| {
        let (kind, haystack) = contestants[contestant];
        engines.pass(kind, haystack, CHUNK, options.hot, &mut |bytes| {
            black_box(bytes);
        })
    });
    let rates = contestants[..half]
        .iter()
        .zip(&medians)
        .map(|((_, haystack), time)| haystack.len() as f64 / time.as_secs_f64())
        .collect();
    let whole = Kind::ALL
        .iter()
        .position(|&kind| kind == Kind::StreamDefault)
        .expect("it is a contestant");
    Row {
        corpus,
        rates,
        twice: medians[whole].as_secs_f64() / medians[half].as_secs_f64(),
    }
}
