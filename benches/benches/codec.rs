//! `RedactCodec` against the core's stream over the same chunks, with the ratios printed.
//!
//! ```text
//! cargo bench --bench codec                      # 256 MiB through each, in rounds of 1 MiB
//! cargo bench --bench codec -- --quick dense     # 32 MiB, corpora whose names contain `dense`
//! cargo bench --bench codec -- --strict          # exit 1 when a bar is missed
//! cargo bench --bench codec -- --test            # outputs compared on small inputs, nothing timed worth telling
//! ```

#[path = "engines/clock.rs"]
mod clock;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Duration;

use benches::corpora::{self, Corpus, Shape};
use bytes::BytesMut;
use dtmask_core::Redactor;
use dtmask_tokio::RedactCodec;
use tokio_util::codec::Decoder;

/// The frames that the bar speaks of.
const CHUNK: usize = 64 * 1024;
const MIB: usize = 1 << 20;
/// What the codec must reach of the core's speed.
const BAR: f64 = 0.7;

/// What the command line asks for.
struct Options {
    /// Length of a corpus in bytes.
    len: usize,
    rounds: usize,
    /// The outputs are the point, not the times.
    test: bool,
    /// A missed bar is an error.
    strict: bool,
    /// A corpus takes part when its name contains one of these, or when there are none.
    filters: Vec<String>,
}

impl Options {
    fn parse(args: impl Iterator<Item = String>) -> Result<Options, String> {
        // `cargo bench` says `--bench`; `cargo test` runs the same file and says nothing.
        let (mut bench, mut test, mut quick, mut strict) = (false, false, false, false);
        let mut filters = Vec::new();
        for arg in args {
            match arg.as_str() {
                "--bench" => bench = true,
                "--test" => test = true,
                "--quick" => quick = true,
                "--strict" => strict = true,
                flag if flag.starts_with('-') => return Err(format!("unknown option {flag}")),
                _ => filters.push(arg),
            }
        }
        let test = test || !bench;
        // Rounds shorter than the slice of time a scheduler gives: on a busy machine an
        // interruption spoils some of them, and not the median.
        let (len, rounds) = match (test, quick) {
            (true, _) => (200 * 1024, 1),
            (false, true) => (MIB, 32),
            (false, false) => (MIB, 256),
        };
        Ok(Options {
            len,
            rounds,
            test,
            strict,
            filters,
        })
    }

    /// The corpora that the bar speaks of, and those between and beyond them.
    fn corpora(&self) -> impl Iterator<Item = &'static Corpus> {
        corpora::ALL.iter().filter(|corpus| {
            let logs = !matches!(corpus.shape, Shape::Adversarial);
            let named = |filter: &String| corpus.name.contains(filter.as_str());
            logs && (self.filters.is_empty() || self.filters.iter().any(named))
        })
    }
}

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("codec: {error}");
            return ExitCode::from(2);
        }
    };
    let mut rows = Vec::new();
    for corpus in options.corpora() {
        let haystack = (corpus.make)(options.len);
        for (profile, redactor) in [
            ("default", Redactor::new()),
            ("published", Redactor::published()),
        ] {
            compare(corpus.name, &redactor, &haystack);
            let medians = clock::interleaved(options.rounds, 2, |contestant| match contestant {
                0 => by_stream(&redactor, &haystack, |bytes| {
                    black_box(bytes);
                }),
                _ => by_codec(&redactor, &haystack, |bytes| {
                    black_box(bytes);
                }),
            });
            rows.push((profile, corpus, medians));
        }
    }
    if options.test {
        println!("codec: {} comparisons, all outputs agree", rows.len());
        return ExitCode::SUCCESS;
    }
    let all_hold = report(&options, &rows);
    if options.strict && !all_hold {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// Nothing is timed before its output is known to be right.
///
/// # Panics
///
/// Panics when the outputs differ.
fn compare(name: &str, redactor: &Redactor, haystack: &[u8]) {
    let [mut expected, mut found] = [(); 2].map(|()| Vec::with_capacity(haystack.len()));
    by_stream(redactor, haystack, |bytes| {
        expected.extend_from_slice(bytes);
    });
    by_codec(redactor, haystack, |bytes| found.extend_from_slice(bytes));
    assert!(expected == found, "{name}: the outputs differ");
}

/// One pass of the core's stream. Each chunk is copied to one reused buffer first, as a
/// read would do, and only what follows is timed.
fn by_stream(redactor: &Redactor, haystack: &[u8], mut sink: impl FnMut(&[u8])) -> Duration {
    let mut stream = redactor.stream();
    let mut buffer = vec![0; CHUNK];
    let mut time = Duration::ZERO;
    for chunk in haystack.chunks(CHUNK) {
        let buffer = &mut buffer[..chunk.len()];
        buffer.copy_from_slice(chunk);
        let start = clock::now();
        for segment in stream.push(buffer) {
            sink(segment.as_bytes());
        }
        time += clock::now() - start;
    }
    let start = clock::now();
    for segment in stream.finish() {
        sink(segment.as_bytes());
    }
    time + (clock::now() - start)
}

/// One pass of the codec, driven as `FramedRead` does. What the frames and the buffer
/// cost is timed, the copy that stands for the read is not.
fn by_codec(redactor: &Redactor, haystack: &[u8], mut sink: impl FnMut(&[u8])) -> Duration {
    let mut codec = RedactCodec::new(redactor);
    let mut buffer = BytesMut::with_capacity(CHUNK);
    let mut time = Duration::ZERO;
    for chunk in haystack.chunks(CHUNK) {
        let start = clock::now();
        buffer.reserve(CHUNK);
        time += clock::now() - start;
        buffer.extend_from_slice(chunk);
        let start = clock::now();
        while let Some(frame) = codec.decode(&mut buffer).expect("decoding never fails") {
            sink(&frame);
        }
        time += clock::now() - start;
    }
    let start = clock::now();
    while let Some(frame) = codec.decode_eof(&mut buffer).expect("decoding never fails") {
        sink(&frame);
    }
    time + (clock::now() - start)
}

/// Prints the table and returns whether the bar holds where it is asked for.
fn report(options: &Options, rows: &[(&str, &Corpus, Vec<Duration>)]) -> bool {
    println!(
        "GB/s, medians of {} interleaved rounds over {} MiB in frames of {} KiB.\n",
        options.rounds,
        options.len / MIB,
        CHUNK / 1024
    );
    println!("| rules | corpus | stream | codec | ratio | asked for |");
    println!("|---|---|---:|---:|---:|---|");
    let mut all_hold = true;
    for (profile, corpus, medians) in rows {
        let [stream, codec] =
            [0, 1].map(|contestant| options.len as f64 / 1e9 / medians[contestant].as_secs_f64());
        let ratio = codec / stream;
        let asked = match corpus.shape {
            _ if ratio >= BAR => "holds",
            // Next to nothing but tokens: masks are frames too, four or more a line.
            Shape::Tokens => "",
            _ => {
                all_hold = false;
                "**missed**"
            }
        };
        println!(
            "| {profile} | {} | {stream:.2} | {codec:.2} | {ratio:.2} | {asked} |",
            corpus.name
        );
    }
    all_hold
}
