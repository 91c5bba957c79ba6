//! Ctrl-C and `kill`, at the worst moment.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use dtmask_test::samples;
use rustix::fs::{Mode, OFlags};
use rustix::process::{Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::folder::Folder;
use crate::live::Live;
use crate::process::{DTMASK, command};
use crate::terminal::Terminal;

/// A process that withholds seven characters.
fn undecided(args: &[&str]) -> Live {
    let mut live = Live::start(args);
    live.say("one\nApi-Token abcdefg");
    live.hear("one\nApi-Token ");
    live
}

#[test]
fn after_the_first_signal_the_input_may_end() {
    for signal in [Signal::HUP, Signal::INT, Signal::TERM] {
        let mut live = undecided(&[]);
        live.signal(signal);
        live.say(" is bad\nlast ");
        live.hear("abcdefg is bad\nlast ");
        live.say("words");
        live.hang_up();
        let ran = live.end();
        assert_eq!((ran.code, ran.text().as_str()), (Some(0), "words"));
        assert_eq!(ran.stderr, "");
    }
}

/// Its writer was signalled too, perhaps in the midst of a token.
#[test]
fn an_end_after_a_signal_is_not_a_clean_one() {
    for (args, mask) in [(&[][..], "*******"), (&["--mask-text", "[X]"], "[X]")] {
        let mut live = Live::start(args);
        live.say("one\n");
        live.hear("one\n");
        live.signal(Signal::TERM);
        live.say("Api-Token abcdefg");
        live.hear("Api-Token ");
        live.hang_up();
        let ran = live.end();
        assert_eq!((ran.code, ran.text().as_str()), (Some(0), mask));
        assert_eq!(ran.stderr, "");
    }
}

/// Nobody knows whether it was a secret, but masked it was.
#[test]
fn what_such_an_end_masks_can_fail_a_build() {
    for (text, code) in [("Api-Token abcdefg", 1), ("nothing", 0)] {
        let mut live = Live::start(&["--fail-on-match"]);
        live.say("one\n");
        live.hear("one\n");
        live.signal(Signal::INT);
        live.say(text);
        live.hang_up();
        assert_eq!(live.end().code, Some(code), "{text}");
    }
}

#[test]
fn the_exit_code_of_an_input_that_ended_is_the_usual_one() {
    let mut live = undecided(&["--fail-on-match"]);
    live.signal(Signal::TERM);
    live.say("hijklmnop");
    live.hang_up();
    let ran = live.end();
    assert_eq!(
        (ran.code, ran.text().as_str()),
        (Some(1), "****************")
    );
}

#[test]
fn a_second_signal_masks_what_is_withheld() {
    for (first, second, code) in [
        (Signal::TERM, Signal::TERM, 143),
        (Signal::INT, Signal::INT, 130),
        (Signal::TERM, Signal::INT, 130),
        (Signal::INT, Signal::TERM, 143),
        (Signal::HUP, Signal::HUP, 129),
    ] {
        let live = undecided(&[]);
        live.signal(first);
        live.signal(second);
        let ran = live.end();
        assert_eq!((ran.code, ran.text().as_str()), (Some(code), "*******"));
        assert_eq!(ran.stderr, "");
    }
}

/// As `timeout` does it: to the process, and to the group it is in.
#[test]
fn signals_that_come_together_are_one() {
    for (first, again) in [
        (Signal::TERM, Signal::TERM),
        (Signal::INT, Signal::INT),
        (Signal::INT, Signal::TERM),
    ] {
        let mut live = loop {
            let live = undecided(&[]);
            let start = Instant::now();
            kill_process(live.pid(), first).expect("the process is there");
            // The first is handled by then, so that the system does not merge them.
            thread::sleep(Duration::from_millis(1));
            kill_process(live.pid(), again).expect("the process is there");
            // A busy machine may have torn them apart.
            if start.elapsed() < Duration::from_millis(10) {
                break live;
            }
        };
        // Whoever ends at the second one has ended by now.
        thread::sleep(Duration::from_millis(50));
        live.say(" is bad\nlast words");
        live.hang_up();
        let ran = live.end();
        assert_eq!(
            (ran.code, ran.text().as_str()),
            (Some(0), "abcdefg is bad\nlast words")
        );
    }
}

#[test]
fn a_text_mask_stands_for_what_is_withheld() {
    let live = undecided(&["--mask-text", "[REDACTED]", "--stats"]);
    live.signal(Signal::TERM);
    live.signal(Signal::TERM);
    let ran = live.end();
    assert_eq!((ran.code, ran.text().as_str()), (Some(143), "[REDACTED]"));
    assert!(ran.stderr.starts_with("dtmask: "), "{}", ran.stderr);
    assert!(
        ran.stderr.ends_with(" in 21 B (21 bytes)\n"),
        "{}",
        ran.stderr
    );
}

/// What is said then is redacted by those rules too.
#[test]
fn own_rules_are_compiled_on_any_thread() {
    let keep = format!("{}a{}=", "(?:x".repeat(80), ")+".repeat(80));
    let rule = format!("[[rule]]\nname='deep'\npattern=[{{keep='{keep}',secret='b',min=2}}]");
    let folder = Folder::new();
    folder.write("deep.toml", rule);
    let file = folder.path("deep.toml");
    let name = file.to_str().expect("its name is text");
    let live = undecided(&["--stats", "--config", name]);
    live.signal(Signal::TERM);
    live.signal(Signal::TERM);
    let ran = live.end();
    assert_eq!((ran.code, ran.text().as_str()), (Some(143), "*******"));
    assert!(
        ran.stderr.ends_with(" in 21 B (21 bytes)\n"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_input_that_goes_on_is_read_for_five_seconds() {
    let mut live = undecided(&[]);
    let start = Instant::now();
    live.signal(Signal::INT);
    while start.elapsed() < Duration::from_secs(4) {
        live.say(".\nApi-Token abcdefg");
        live.hear("abcdefg.\nApi-Token ");
        thread::sleep(Duration::from_millis(500));
    }
    let ran = live.end();
    assert_eq!((ran.code, ran.text().as_str()), (Some(130), "*******"));
    let took = start.elapsed();
    assert!(took >= Duration::from_millis(4900), "after {took:?}");
    assert!(took < Duration::from_secs(8), "after {took:?}");
}

#[test]
fn a_socket_is_read_on_too() {
    let (ours, theirs) = UnixStream::pair().expect("sockets can be made");
    let mut dtmask = command::<&str>([]);
    dtmask.stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
    let mut live = Live::spawn(dtmask);
    (&ours).write_all(b"a").expect("a socket takes bytes");
    live.hear("a");
    live.signal(Signal::TERM);
    (&ours).write_all(b"b").expect("a socket takes bytes");
    live.hear("b");
    drop(ours);
    assert_eq!(live.end().code, Some(0));
}

#[test]
fn a_terminal_is_read_on_too() {
    let mut user = std::fs::File::from(
        openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal can be made"),
    );
    grantpt(&user).expect("it can be given away");
    unlockpt(&user).expect("it can be unlocked");
    let name = ptsname(&user, Vec::new()).expect("it has a name");
    let terminal = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty());
    let mut dtmask = command::<&str>([]);
    dtmask.stdin(Stdio::from(terminal.expect("it can be opened")));
    let mut live = Live::spawn(dtmask);

    user.write_all(b"hello\n").expect("a user can type");
    live.hear("hello\n");
    live.signal(Signal::INT);
    user.write_all(b"one line more\n").expect("a user can type");
    live.hear("one line more\n");
    // Ctrl-D.
    user.write_all(b"\x04").expect("a user can type");
    assert_eq!(live.end().code, Some(0));
}

#[test]
fn whoever_waits_at_a_terminal_is_told_why() {
    let hint = "dtmask: reading on for 5 seconds at most; Ctrl-C again ends it now\r\n";
    for (args, said) in [(&[][..], hint), (&["-q"], "")] {
        let mut terminal = Terminal::dtmask(args);
        terminal.press("hello\n");
        // The echo, and then the output.
        terminal.see("hello\r\nhello\r\n");
        terminal.press("\x03");
        terminal.see("^C");
        thread::sleep(Duration::from_millis(1500));
        terminal.press("\x03");
        assert_eq!(terminal.end(), (Some(130), format!("{said}^C")));
    }
}

#[test]
fn a_terminal_that_is_stuck_does_not_keep_the_process() {
    let mut terminal = Terminal::dtmask(&[]);
    terminal.press("hello\n");
    terminal.see("hello\r\nhello\r\n");
    // Ctrl-S.
    terminal.press("\x13");
    terminal.signal(Signal::TERM);
    thread::sleep(Duration::from_millis(1500));
    terminal.signal(Signal::TERM);
    assert_eq!(terminal.end(), (Some(143), String::new()));
}

/// While it waits for a writer, its end is what dtmask is there for.
#[cfg(target_os = "linux")]
#[test]
fn a_fifo_is_waited_for() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let fifo = folder.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("mkfifo is there").success());
    let file = folder.path().join("file");
    std::fs::write(&file, "a line\n").expect("a file can be written");
    let (fifo, file) = (fifo.as_path(), file.as_path());
    for (inputs, first) in [(&[fifo][..], ""), (&[file, fifo], "a line\n")] {
        for signal in [Signal::INT, Signal::TERM] {
            let mut live = Live::spawn(command(inputs));
            live.hear(first);
            wait_until_it_waits(&live);
            live.signal(signal);
            let mut writer = writer_of(fifo);
            writer.write_all(b"last words").expect("somebody reads");
            drop(writer);
            let ran = live.end();
            assert_eq!((ran.code, ran.text().as_str()), (Some(0), "last words"));
        }
    }
}

/// Fails if nobody opens `fifo` for reading.
#[cfg(target_os = "linux")]
fn writer_of(fifo: &std::path::Path) -> std::fs::File {
    let deadline = Instant::now() + Duration::from_secs(4);
    loop {
        match rustix::fs::open(fifo, OFlags::WRONLY | OFlags::NONBLOCK, Mode::empty()) {
            Ok(writer) => return writer.into(),
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Until it handles signals, one ends any process; and what is before the FIFO is done
/// once the main thread waits for something.
#[cfg(target_os = "linux")]
fn wait_until_it_waits(live: &Live) {
    let handled = [Signal::INT, Signal::TERM].map(|signal| 1 << (signal.as_raw() - 1));
    let handled: u64 = handled.iter().sum();
    let waits = || {
        let status = live.proc("status");
        let field = |name| status.lines().find_map(|line| line.strip_prefix(name));
        let caught = field("SigCgt:").expect("the system tells what is caught");
        let caught = u64::from_str_radix(caught.trim(), 16).expect("it is a number");
        let state = field("State:").expect("the system tells the state");
        caught & handled == handled && state.trim().starts_with('S')
    };
    let mut times = 0;
    while times < 10 {
        times = if waits() { times + 1 } else { 0 };
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_file_is_not_read_on() {
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        ends_in_a_file(signal, code);
    }
}

fn ends_in_a_file(signal: Signal, code: i32) {
    let token = samples::api_token();
    let mut file = tempfile::tempfile().expect("a temporary file can be made");
    for n in 0..20_000 {
        writeln!(file, "{n} {token}").expect("a file takes bytes");
    }
    std::io::Seek::rewind(&mut file).expect("a file can be rewound");
    // Nobody reads, so that the process cannot come to the end of the file.
    let (reader, writer) = std::io::pipe().expect("a pipe can be made");
    let mut child = command::<&str>([])
        .stdin(file)
        .stdout(writer)
        .spawn()
        .expect("the binary starts");
    thread::sleep(Duration::from_millis(300));
    assert!(
        child
            .try_wait()
            .expect("a child can be waited for")
            .is_none()
    );

    let start = Instant::now();
    let pid = rustix::process::Pid::from_child(&child);
    kill_process(pid, signal).expect("the process is there");
    let status = child.wait().expect("a child can be waited for");
    assert_eq!(status.code(), Some(code));
    assert!(start.elapsed() < Duration::from_secs(3));
    let output = std::io::read_to_string(reader).expect("text comes out");
    assert!(output.starts_with(&format!("0 {}\n", samples::masked(&token))));
    assert!(!output.contains(samples::S64), "a secret came out");
}

#[test]
fn a_stuck_reader_does_not_keep_the_process() {
    let (_reader, writer) = std::io::pipe().expect("a pipe can be made");
    let mut child = command::<&str>([])
        .stdout(writer)
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    let feeder = thread::spawn(move || while stdin.write_all(&[b'x'; 4096]).is_ok() {});
    thread::sleep(Duration::from_millis(300));
    let pid = rustix::process::Pid::from_child(&child);
    let start = Instant::now();
    for _ in 0..2 {
        kill_process(pid, Signal::TERM).expect("the process is there");
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(child.wait().expect("the child ends").code(), Some(143));
    assert!(start.elapsed() < Duration::from_secs(3));
    feeder.join().expect("the input was closed");
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_background_job_ignores_stays_ignored() {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "trap '' INT; exec \"$DTMASK\""])
        .env("DTMASK", DTMASK)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut live = Live::spawn(shell);
    live.say("a");
    live.hear("a");
    for _ in 0..3 {
        live.signal(Signal::INT);
    }
    live.say("b");
    live.hear("b");
    live.signal(Signal::TERM);
    live.signal(Signal::TERM);
    assert_eq!(live.end().code, Some(143));
}
