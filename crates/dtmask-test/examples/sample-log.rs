//! Prints a sample log with tokens in it, put together while it runs: no tracked file
//! holds a complete one.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let log = dtmask_test::placeholder::expand(include_str!("../sample.log"));
    std::io::stdout().write_all(&log)
}
