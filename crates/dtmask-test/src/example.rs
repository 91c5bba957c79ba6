//! The examples of the workspace as processes.

use std::process::{Command, Stdio};

use serde_json::Value;

/// The example of that name, built as `cargo test --workspace` builds it, ready to run.
///
/// # Panics
///
/// If it does not build.
pub fn command(name: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet"]);
    cargo.arg("--message-format=json-render-diagnostics");
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    cargo.args(["--manifest-path", manifest]);
    // The whole workspace: a package alone would build its dependencies a second time,
    // with fewer features.
    cargo.args(["--workspace", "--example", name]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    let output = cargo.stderr(Stdio::inherit()).output().expect("cargo runs");
    assert!(output.status.success(), "the example {name} does not build");
    let executable = String::from_utf8(output.stdout)
        .expect("cargo prints text")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("cargo prints JSON"))
        .filter(|message| message["target"]["name"] == name)
        .find_map(|message| message["executable"].as_str().map(Command::new));
    executable.expect("cargo names what it built")
}
