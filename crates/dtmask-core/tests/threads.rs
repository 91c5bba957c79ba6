//! One redactor for many threads, all of which need its automata at once.

mod common;

use std::sync::Barrier;
use std::thread;

use common::corpora::{ADVERSARIAL, CLEAN, DENSE, repeated, sparse};
use common::{in_place_output, stream_output};
use dtmask_core::{Redactor, Rule};

const THREADS: usize = 8;

fn redactor() -> Redactor {
    // One automaton more that everybody builds, and one that outgrows its table.
    Redactor::builder()
        .with("jwt")
        .rule(Rule::new("slow").pattern("(?s)t.{1,100}o", "[a-z]", 12, Some(20)))
        .build()
        .expect("the rules are valid")
}

fn inputs() -> Vec<Vec<u8>> {
    let mut inputs = vec![
        repeated(DENSE, 20_000),
        sparse(60_000),
        repeated(CLEAN, 5000),
    ];
    inputs.extend(ADVERSARIAL.iter().map(|pattern| repeated(pattern, 2000)));
    inputs
}

#[test]
fn threads_that_build_at_once_get_what_one_gets_alone() {
    let inputs = inputs();
    let alone = redactor();
    let expected: Vec<_> = inputs.iter().map(|input| alone.redact(input)).collect();
    for round in 0..10 {
        let shared = redactor();
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for number in 0..THREADS {
                let (shared, start, inputs, expected) = (&shared, &start, &inputs, &expected);
                scope.spawn(move || {
                    start.wait();
                    // Each begins elsewhere, so that all kinds of rows are built at once.
                    for offset in 0..inputs.len() {
                        let index = (offset + number * 3) % inputs.len();
                        let (input, expected) = (&inputs[index], &expected[index]);
                        let output = match (number + round) % 3 {
                            0 => shared.redact(input).into_owned(),
                            1 => stream_output(shared, &input.chunks(777).collect::<Vec<_>>()),
                            _ => in_place_output(&shared.clone(), &[input]),
                        };
                        assert!(output == **expected, "input {index} in thread {number}");
                    }
                });
            }
        });
    }
}

#[test]
fn a_stream_may_go_from_thread_to_thread() {
    let (redactor, input) = (redactor(), repeated(DENSE, 5000));
    let expected = redactor.redact(&input).into_owned();
    let mut stream = redactor.stream();
    let mut out = Vec::new();
    for chunk in input.chunks(100) {
        let chunk = chunk.to_vec();
        (stream, out) = thread::spawn(move || {
            common::push(&mut stream, &chunk, &mut out);
            (stream, out)
        })
        .join()
        .expect("nothing panics");
    }
    out.extend(
        stream
            .finish()
            .flat_map(|segment| segment.as_bytes().to_vec()),
    );
    assert!(out == expected);
}
