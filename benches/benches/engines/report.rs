//! Markdown tables of rates, and the bars with the verdict on each.

use std::time::Duration;

use benches::corpora::{Corpus, Shape};

use crate::engine::Kind;
use crate::line::{LINE, Times};

/// What was measured on one corpus.
pub(crate) struct Row {
    pub(crate) corpus: &'static Corpus,
    /// In the order of [`Kind::ALL`], in bytes a second.
    pub(crate) rates: Vec<f64>,
    /// Time of the default stream over the whole corpus, by its time over the first half.
    pub(crate) twice: f64,
}

impl Row {
    pub(crate) fn rate(&self, kind: Kind) -> f64 {
        let column = Kind::ALL
            .iter()
            .position(|&k| k == kind)
            .expect("every kind has a column");
        self.rates[column]
    }

    fn ratio(&self, ours: Kind, theirs: Kind) -> f64 {
        self.rate(ours) / self.rate(theirs)
    }
}

/// Prints the rates of every corpus in GB/s.
pub(crate) fn rates(rows: &[Row]) {
    print!("| corpus |");
    for kind in Kind::ALL {
        print!(" {} |", kind.title());
    }
    println!(" default: 2n / n |");
    print!("|---|");
    for _ in Kind::ALL {
        print!("---:|");
    }
    println!("---:|");
    for row in rows {
        print!("| {} |", row.corpus.name);
        for rate in &row.rates {
            print!(" {} |", gigabytes(*rate));
        }
        println!(" {:.2} |", row.twice);
    }
}

/// Our streams by the rivals that do the same work, or less.
const RATIOS: &[(Kind, &[Kind])] = &[
    (
        Kind::StreamPublished,
        &[Kind::Memcpy, Kind::Memmem, Kind::RegexPublished],
    ),
    (
        Kind::StreamDefault,
        &[
            Kind::Memcpy,
            Kind::Memmem,
            Kind::RegexDefault,
            Kind::AhoCorasick,
        ],
    ),
];

/// Prints how many times as fast as each rival the streams are on every corpus.
pub(crate) fn ratios(rows: &[Row]) {
    let pairs = || {
        let of = |&(ours, rivals): &(Kind, &'static [Kind])| {
            rivals.iter().map(move |&theirs| (ours, theirs))
        };
        RATIOS.iter().flat_map(of)
    };
    print!("| corpus |");
    for (ours, theirs) in pairs() {
        print!(" {}: by {} |", ours.title(), theirs.title());
    }
    print!("\n|---|");
    for _ in pairs() {
        print!("---:|");
    }
    println!();
    for row in rows {
        print!("| {} |", row.corpus.name);
        for (ours, theirs) in pairs() {
            print!(" {:.2} |", row.ratio(ours, theirs));
        }
        println!();
    }
}

fn gigabytes(rate: f64) -> String {
    let rate = rate / 1e9;
    if rate < 1.0 {
        format!("{rate:.3}")
    } else {
        format!("{rate:.2}")
    }
}

/// What a bar asks for.
#[derive(Clone, Copy)]
enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

impl Limit {
    fn holds(self, measured: f64) -> bool {
        match self {
            Limit::AtLeast(floor) => measured >= floor,
            Limit::AtMost(ceiling) => measured <= ceiling,
        }
    }

    /// The measurement that is hardest on this limit.
    fn worst<'r>(self, measured: impl Iterator<Item = (&'r str, f64)>) -> Option<(&'r str, f64)> {
        match self {
            Limit::AtLeast(_) => measured.min_by(|a, b| a.1.total_cmp(&b.1)),
            Limit::AtMost(_) => measured.max_by(|a, b| a.1.total_cmp(&b.1)),
        }
    }
}

/// A bar over all corpora of one shape.
struct Bar {
    what: &'static str,
    shape: Shape,
    limit: Limit,
    unit: &'static str,
    measure: fn(&Row) -> f64,
}

/// The bars of the project that can be judged inside one process.
const BARS: &[Bar] = &[
    Bar {
        what: "stream, published, clean: by memmem",
        shape: Shape::Clean,
        limit: Limit::AtLeast(0.75),
        unit: " ×",
        measure: |row| row.ratio(Kind::StreamPublished, Kind::Memmem),
    },
    Bar {
        what: "stream, published, a token a line: by regex",
        shape: Shape::Dense,
        limit: Limit::AtLeast(8.0),
        unit: " ×",
        measure: |row| row.ratio(Kind::StreamPublished, Kind::RegexPublished),
    },
    Bar {
        what: "stream, default, clean: by memmem",
        shape: Shape::Clean,
        limit: Limit::AtLeast(0.3),
        unit: " ×",
        measure: |row| row.ratio(Kind::StreamDefault, Kind::Memmem),
    },
    Bar {
        what: "stream, default, wordy: by memmem",
        shape: Shape::Wordy,
        limit: Limit::AtLeast(0.2),
        unit: " ×",
        measure: |row| row.ratio(Kind::StreamDefault, Kind::Memmem),
    },
    Bar {
        what: "stream, default, a token a line: by regex",
        shape: Shape::Dense,
        limit: Limit::AtLeast(8.0),
        unit: " ×",
        measure: |row| row.ratio(Kind::StreamDefault, Kind::RegexDefault),
    },
    Bar {
        what: "stream, default, adversarial",
        shape: Shape::Adversarial,
        limit: Limit::AtLeast(0.2),
        unit: " GB/s",
        measure: |row| row.rate(Kind::StreamDefault) / 1e9,
    },
    Bar {
        what: "stream, default, adversarial: twice the input by once",
        shape: Shape::Adversarial,
        limit: Limit::AtMost(2.2),
        unit: " ×",
        measure: |row| row.twice,
    },
];

/// Prints the verdict on every bar that `rows` and `line` allow to judge; true when all of them hold.
///
/// A bar is judged by the worst of its corpora.
pub(crate) fn bars(rows: &[Row], line: Option<Times>) -> bool {
    println!("| bar | worst on | measured | asked for | |");
    println!("|---|---|---:|---:|---|");
    let mut all_hold = true;
    let mut judge = |what: &str, worst: &str, measured: f64, limit: Limit, unit: &str| {
        let holds = limit.holds(measured);
        let verdict = if holds { "holds" } else { "**missed**" };
        let (word, value) = match limit {
            Limit::AtLeast(value) => ("at least", value),
            Limit::AtMost(value) => ("at most", value),
        };
        println!("| {what} | {worst} | {measured:.2}{unit} | {word} {value}{unit} | {verdict} |");
        all_hold &= holds;
    };
    for bar in BARS {
        let measured = rows
            .iter()
            .filter(|row| row.corpus.shape == bar.shape)
            .map(|row| (row.corpus.name, (bar.measure)(row)));
        if let Some((worst, measured)) = bar.limit.worst(measured) {
            judge(bar.what, worst, measured, bar.limit, bar.unit);
        }
    }
    if let Some(Times { memmem, redact }) = line {
        judge(
            &format!("redact, default, a clean line of {LINE} bytes: by memmem"),
            &format!("{} by {} ns", nanoseconds(redact), nanoseconds(memmem)),
            redact.as_secs_f64() / memmem.as_secs_f64(),
            Limit::AtMost(5.0),
            " ×",
        );
    }
    all_hold
}

fn nanoseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e9)
}
