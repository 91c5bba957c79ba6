//! Streams that somebody else made non-blocking: a shell, Node.js, ssh, expect.

use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use dtmask_test::samples;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::live::Live;
use crate::process::command;

fn set_nonblocking(fd: impl AsFd) {
    let flags = fcntl_getfl(&fd).expect("a descriptor has flags");
    fcntl_setfl(&fd, flags | OFlags::NONBLOCK).expect("flags can be set");
}

/// Ticks of processor time that the process used.
fn ticks(live: &Live) -> u64 {
    let stat = live.proc("stat");
    let after_name = stat
        .rsplit_once(") ")
        .expect("the name is in parentheses")
        .1;
    let fields: Vec<&str> = after_name.split(' ').collect();
    let number = |at: usize| fields[at].parse::<u64>().expect("times are numbers");
    number(11) + number(12)
}

#[test]
fn an_input_that_would_block_is_waited_for() {
    let (reader, mut writer) = std::io::pipe().expect("a pipe can be made");
    set_nonblocking(&reader);
    let mut dtmask = command::<&str>([]);
    dtmask.stdin(reader);
    let mut live = Live::spawn(dtmask);

    writer.write_all(b"login: ").expect("the pipe takes bytes");
    live.hear("login: ");
    let before = ticks(&live);
    thread::sleep(Duration::from_millis(500));
    assert!(ticks(&live) - before <= 5, "the wait is a busy one");

    let token = samples::api_token();
    let (front, back) = token.split_at(50);
    for half in [front, back] {
        writer
            .write_all(half.as_bytes())
            .expect("the pipe takes bytes");
        thread::sleep(Duration::from_millis(50));
    }
    live.hear(samples::masked(&token));
    drop(writer);
    assert_eq!(live.end().code, Some(0));
}

/// Runs the binary with `output`, does not read from `reader` for a while and
/// then compares all that comes with `expected`.
fn drain(args: &[&str], input: String, expected: &str, output: OwnedFd, mut reader: impl Read) {
    let mut dtmask = command(args);
    dtmask.stdout(Stdio::from(output));
    let mut child = dtmask.spawn().expect("the binary starts");
    // It holds the other copy of the output's descriptor.
    drop(dtmask);
    let mut stdin = child.stdin.take().expect("standard input is piped");
    let writer = thread::spawn(move || stdin.write_all(input.as_bytes()));
    thread::sleep(Duration::from_millis(200));
    let mut all = Vec::new();
    reader
        .read_to_end(&mut all)
        .expect("the output can be read");
    assert!(
        all == expected.as_bytes(),
        "{args:?} lost or repeated bytes"
    );
    assert!(writer.join().is_ok_and(|wrote| wrote.is_ok()));
    let output = child.wait_with_output().expect("the binary ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// A text much longer than a pipe, and the same masked.
fn long() -> (String, String) {
    let token = samples::api_token();
    let masked = samples::masked(&token);
    let all = |token: &str| (0..10_000).map(|n| format!("{n} {token}\n")).collect();
    (all(&token), all(&masked))
}

#[test]
fn an_output_that_would_block_loses_nothing() {
    let (input, expected) = long();
    let text = expected.replace(&"*".repeat(64), "[REDACTED]");
    for (args, expected) in [
        (&[][..], &expected),
        (&["--mask-text", "[REDACTED]"], &text),
    ] {
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        set_nonblocking(&writer);
        drain(args, input.clone(), expected, writer.into(), reader);
    }
}

#[test]
fn a_socket_that_would_block_loses_nothing() {
    let (input, expected) = long();
    let (reader, writer) = UnixStream::pair().expect("sockets can be made");
    writer.set_nonblocking(true).expect("a socket has a mode");
    drain(&[], input, &expected, writer.into(), reader);
}
