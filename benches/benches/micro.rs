//! The small costs: one line, one push, one redactor.

use std::hint::black_box;
use std::time::Duration;

use benches::corpora;
use benches::rng::Rng;
use benches::tokens;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dtmask_core::Redactor;

/// A clean line of 128 bytes, a line that only talks of tokens, and one that holds a token.
fn lines() -> [(&'static str, Vec<u8>); 3] {
    let longest = |name: &str| {
        let bytes = (corpora::by_name(name).expect("it is in the table").make)(16 * 1024);
        let line = bytes
            .split(|&byte| byte == b'\n')
            .max_by_key(|line| line.len());
        line.expect("a corpus has lines").to_vec()
    };
    let mut clean = longest("clean-nginx");
    clean.truncate(128);
    let token = tokens::published(&mut Rng::new(1));
    let dense = format!("2025-03-12T08:15:42Z DEBUG Authorization: Api-Token {token}\n");
    [
        ("clean", clean),
        ("wordy", longest("wordy")),
        ("token", dense.into_bytes()),
    ]
}

fn one_line(c: &mut Criterion) {
    for (profile, redactor) in [
        ("default", Redactor::new()),
        ("published", Redactor::published()),
    ] {
        let mut group = c.benchmark_group(format!("line/{profile}"));
        for (name, line) in lines() {
            group.throughput(Throughput::Bytes(line.len() as u64));
            group.bench_function(format!("redact/{name}"), |b| {
                b.iter(|| redactor.redact(black_box(&line)));
            });
            let mut stream = redactor.stream();
            group.bench_function(format!("push/{name}"), |b| {
                b.iter(|| {
                    for segment in stream.push(black_box(&line)) {
                        black_box(segment.as_bytes());
                    }
                });
            });
            group.bench_function(format!("find_iter/{name}"), |b| {
                b.iter(|| {
                    for secret in redactor.find_iter(black_box(&line)) {
                        black_box(secret.range());
                    }
                });
            });
        }
        group.finish();
    }
}

/// What a process pays that masks one line and ends.
fn first_line(c: &mut Criterion) {
    let mut group = c.benchmark_group("first");
    group.bench_function("new", |b| b.iter(Redactor::new));
    for (name, line) in lines() {
        group.bench_function(format!("new and redact/{name}"), |b| {
            b.iter(|| Redactor::new().redact(black_box(&line)).len());
        });
    }
    let redactor = Redactor::new();
    group.bench_function("stream", |b| b.iter(|| redactor.stream()));
    group.finish();
}

/// Short: the figures are nanoseconds, and the bars are judged elsewhere.
fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
}

criterion_group! {
    name = benches;
    config = config();
    targets = one_line, first_line
}
criterion_main!(benches);
