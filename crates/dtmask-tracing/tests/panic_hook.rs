//! What a panic prints. A test of its own, without the harness of others: it is run once
//! more as the process that panics.

use std::env;
use std::process::{Command, Output};
use std::thread;

use dtmask_test::hostile::RecordingWriter;
use dtmask_test::samples::{self, L21, S64};
use dtmask_tracing::{RedactExt, panic_hook, redact_panics};

/// Says to the process how to panic.
const HOW: &str = "DTMASK_TEST_PANIC";

fn main() {
    match env::var(HOW) {
        Ok(how) => panic_like(&how),
        Err(_) => {
            standard_error_shows_no_secret();
            a_backtrace_is_there_if_asked_for();
            the_hook_writes_to_the_writer_it_is_given();
        }
    }
}

fn panic_like(how: &str) -> ! {
    let token = samples::api_token();
    redact_panics();
    match how {
        "unwrap" => {
            send().unwrap();
        }
        "thread" => {
            let thread = thread::Builder::new().name(format!("sends {token}"));
            let panics = || panic!("nothing to see here");
            thread.spawn(panics).unwrap().join().unwrap_err();
        }
        "static" => panic!("nothing to see here"),
        "payload" => std::panic::panic_any(token),
        "other" => std::panic::panic_any(7),
        _ => assert_eq!(how, token),
    }
    std::process::exit(1);
}

fn send() -> Result<(), String> {
    Err(format!("Api-Token {L21} refused"))
}

fn child(how: &str, backtrace: &str) -> String {
    let Output { status, stderr, .. } = Command::new(env::current_exe().unwrap())
        .env(HOW, how)
        .env("RUST_BACKTRACE", backtrace)
        .output()
        .unwrap();
    assert!(!status.success(), "{how}");
    String::from_utf8(stderr).unwrap()
}

fn standard_error_shows_no_secret() {
    let masked = samples::masked(&samples::api_token());
    for (how, shown) in [
        (
            "unwrap",
            format!("\"Api-Token {} refused\"", "*".repeat(L21.len())),
        ),
        ("thread", format!("\nthread 'sends {masked}' panicked at ")),
        ("static", ":\nnothing to see here\n".to_owned()),
        ("payload", format!(":\n{masked}\n")),
        ("other", ":\nBox<dyn Any>\n".to_owned()),
        ("equal", format!("right: \"{masked}\"")),
    ] {
        let stderr = child(how, "0");
        assert!(stderr.contains(&shown), "{how}: {stderr}");
        assert!(stderr.contains("panic_hook.rs:"), "{how}: {stderr}");
        assert!(stderr.ends_with("display a backtrace\n"), "{how}: {stderr}");
        for secret in [S64, L21] {
            assert!(!stderr.contains(secret), "{how}: {stderr}");
        }
    }
}

fn a_backtrace_is_there_if_asked_for() {
    let stderr = child("equal", "1");
    let (_, backtrace) = stderr.split_once("\nstack backtrace:\n").expect(&stderr);
    assert!(backtrace.contains("panic_hook.rs:"), "{stderr}");
    assert!(!stderr.contains(S64), "{stderr}");
}

fn the_hook_writes_to_the_writer_it_is_given() {
    let record = RecordingWriter::new();
    let inner = record.clone();
    let writer = (move || inner.clone()).redacted();
    let counters = writer.counters();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(panic_hook(writer)));
    let panics = || panic!("could not send {}", samples::api_token());
    thread::spawn(panics).join().unwrap_err();
    std::panic::set_hook(before);

    let writes = record.writes();
    let report = String::from_utf8(writes.concat()).unwrap();
    assert_eq!(writes.len(), 1, "{report}");
    let masked = samples::masked(&samples::api_token());
    assert!(
        report.contains(&format!("could not send {masked}\n")),
        "{report}"
    );
    assert_eq!(counters.secrets(), 1);
}
