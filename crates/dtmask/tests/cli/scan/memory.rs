//! Files without end: memory does not follow them.

use dtmask_test::samples;

use super::{Tree, found};
use crate::process::shell;

/// Bytes of a file that no memory limit below could hold.
const FILE: usize = 64 << 20;

/// Address space in KiB: half of the file.
const LIMIT: usize = 32 * 1024;

/// A folder with a long file of one line, and its script in a small address space.
fn limited(content: Vec<u8>, script: &str) -> Vec<String> {
    let folder = Tree::new();
    folder.write("long", content);
    let path = folder.path().display();
    found(&shell(
        &format!("cd '{path}' && ulimit -v {LIMIT} && {script}"),
        "",
    ))
}

#[test]
fn a_long_file_needs_no_memory() {
    let token = samples::api_token();
    let mut content = vec![b'x'; FILE];
    content.extend_from_slice(token.as_bytes());
    let column = FILE + 33;
    assert_eq!(
        limited(content.clone(), "exec \"$DTMASK\" scan --threads 1"),
        [format!("long:1:{column}: token")]
    );
    assert_eq!(
        limited(content, "cat long | \"$DTMASK\" scan -"),
        [format!("-:1:{column}: token")]
    );
}

#[test]
fn a_long_secret_needs_no_memory() {
    let mut content = format!("dt0c01.{}.", samples::P24).into_bytes();
    content.resize(FILE, b'A');
    assert_eq!(
        limited(content.clone(), "exec \"$DTMASK\" scan --threads 1"),
        ["long:1:33: token"]
    );
    assert_eq!(
        limited(content, "cat long | \"$DTMASK\" scan -"),
        ["-:1:33: token"]
    );
}

/// A finding takes some hundred bytes, and what is told of it in SARIF ten thousand, while it
/// is told. (Address space: each thread reserves 64 MiB for what it allocates.)
#[test]
fn a_report_of_many_findings_is_never_in_memory_as_a_whole() {
    let folder = Tree::new();
    let findings = 20_000;
    folder.write(
        "many",
        format!("{}\n", samples::api_token()).repeat(findings),
    );
    let path = folder.path().display();
    for format in ["json", "sarif", "gitlab"] {
        let ran = shell(
            &format!(
                "cd '{path}' && ulimit -v {} && \
                 exec \"$DTMASK\" scan --threads 1 --format {format}",
                144 * 1024
            ),
            "",
        );
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
        let report: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("it is JSON");
        let list = ["/findings", "/runs/0/results", "/vulnerabilities"]
            .into_iter()
            .find_map(|list| report.pointer(list)?.as_array());
        assert_eq!(list.map(Vec::len), Some(findings));
    }
}
