//! Writes a corpus to standard output.
//!
//! ```text
//! cargo run --release -p benches --example corpus -- dense 256M > dense.log
//! ```
//!
//! Without arguments it lists the corpora.

use std::io::{self, Write};
use std::process::ExitCode;

use benches::corpora::{self, Corpus};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let result = match args.as_slice() {
        [] => list(),
        [name, len] => match (corpora::by_name(name), length(len)) {
            (None, _) => Err(format!(
                "no corpus is called {name}; run without arguments for a list"
            )),
            (_, None) => Err(format!(
                "{len} is not a length such as 1000, 64K, 256M or 1G"
            )),
            (Some(corpus), Some(len)) => write(corpus, len),
        },
        _ => Err("two arguments are expected, a corpus and a length".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("corpus: {error}");
            ExitCode::from(2)
        }
    }
}

fn list() -> Result<(), String> {
    let mut out = io::stdout().lock();
    for corpus in corpora::ALL {
        writeln!(out, "{:18} {}", corpus.name, corpus.about).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn write(corpus: &Corpus, len: usize) -> Result<(), String> {
    let bytes = (corpus.make)(len);
    io::stdout()
        .write_all(&bytes)
        .map_err(|error| format!("standard output: {error}"))
}

/// A number of bytes with an optional unit of 1024, 1024² or 1024³.
fn length(text: &str) -> Option<usize> {
    let (digits, shift) = match text.as_bytes().last()? {
        b'K' => (&text[..text.len() - 1], 10),
        b'M' => (&text[..text.len() - 1], 20),
        b'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    digits.parse::<usize>().ok()?.checked_mul(1 << shift)
}
