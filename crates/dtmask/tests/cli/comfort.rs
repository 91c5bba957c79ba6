//! Colours, quiet and progress.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use dtmask_test::samples;
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::folder::Folder;
use crate::process::command;

/// A terminal, and what appears on it until nobody has it open any more.
fn terminal() -> (OwnedFd, JoinHandle<String>) {
    let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal can be made");
    grantpt(&user).expect("it can be given away");
    unlockpt(&user).expect("it can be unlocked");
    let name = ptsname(&user, Vec::new()).expect("it has a name");
    let flags = OFlags::RDWR | OFlags::NOCTTY;
    let terminal = rustix::fs::open(name, flags, Mode::empty()).expect("it can be opened");
    let screen = thread::spawn(move || {
        let mut seen = Vec::new();
        let mut user = File::from(user);
        let mut buffer = [0; 4096];
        // The end of a terminal is an error.
        while let Ok(n @ 1..) = user.read(&mut buffer) {
            seen.extend_from_slice(&buffer[..n]);
        }
        String::from_utf8_lossy(&seen).into_owned()
    });
    (terminal, screen)
}

/// What `args` show on a terminal that is standard output and error.
fn seen(args: &[&str], setup: impl FnOnce(&mut Command)) -> String {
    let (terminal, screen) = terminal();
    let mut dtmask = command(args);
    dtmask
        .env("TERM", "xterm")
        .env_remove("NO_COLOR")
        .stdin(Stdio::null())
        .stdout(terminal.try_clone().expect("a descriptor can be copied"))
        .stderr(terminal);
    setup(&mut dtmask);
    let status = dtmask.status().expect("the binary starts");
    drop(dtmask);
    assert!(status.code().is_some());
    screen.join().expect("the screen is read")
}

const ESCAPE: &str = "\u{1b}[";

#[test]
fn a_terminal_gets_colours_unless_it_does_not_want_them() {
    let missing = "missing-file";
    for args in [
        &["--help"][..],
        &["-h"],
        &["rules", "--help"],
        &[missing],
        &["--bogus"],
    ] {
        assert!(seen(args, |_| {}).contains(ESCAPE), "{args:?}");
        let plain = |name, value| {
            seen(args, |command| {
                command.env(name, value);
            })
        };
        assert!(!plain("NO_COLOR", "1").contains(ESCAPE), "{args:?}");
        assert!(!plain("TERM", "dumb").contains(ESCAPE), "{args:?}");
        // Set, but empty, is not set.
        assert!(plain("NO_COLOR", "").contains(ESCAPE), "{args:?}");
        let never = [&["--color=never"], args].concat();
        assert!(!seen(&never, |_| {}).contains(ESCAPE), "{never:?}");
        let always = [&["--color", "always"], args].concat();
        let colored = seen(&always, |command| {
            command.env("NO_COLOR", "1");
        });
        assert!(colored.contains(ESCAPE), "{always:?}");
    }
}

#[test]
fn a_pipe_gets_colours_only_if_they_are_asked_for() {
    let folder = Folder::new();
    folder.write("a", samples::api_token());
    for args in [&["--help"][..], &["--in-place", "--dry-run", "a"]] {
        assert!(!folder.run(args).text().contains(ESCAPE), "{args:?}");
        let args = [args, &["--color", "always"]].concat();
        assert!(folder.run(&args).text().contains(ESCAPE), "{args:?}");
    }
    for args in [&["missing"][..], &["--bogus"]] {
        let ran = folder.run(&[&["--color=always"], args].concat());
        assert!(ran.stderr.starts_with(ESCAPE), "{}", ran.stderr);
        assert!(ran.stderr.contains("dtmask: "), "{}", ran.stderr);
        let ran = folder.run(&[&["--color=auto"], args].concat());
        assert!(ran.stderr.starts_with("dtmask: "), "{}", ran.stderr);
    }
    // What is masked has the colours it had.
    let ran = folder.feed(&["--color", "always"], b"\x1b[31mred\x1b[0m");
    assert_eq!(ran.text(), "\u{1b}[31mred\u{1b}[0m");
}

#[test]
fn quiet_leaves_errors_and_results() {
    let folder = Folder::new();
    let token = samples::api_token();
    folder.write("a", &token);
    for flag in ["-q", "--quiet"] {
        let ran = folder.run(&[flag, "--stats", "a", "missing"]);
        assert_eq!((ran.code, ran.text()), (Some(2), samples::masked(&token)));
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        assert!(ran.stderr.starts_with("dtmask: cannot read missing: "));
        let ran = folder.run(&["--in-place", "--dry-run", flag, "a"]);
        assert_eq!(ran.text(), "a: 1 secret (token 1)\n");
    }
    // Flags of every command stand before it or behind it.
    for args in [["-q", "rules"], ["rules", "-q"]] {
        assert_eq!(folder.run(&args).code, Some(0), "{args:?}");
    }
}

/// Long enough that every machine works on it for some seconds.
fn long_work(folder: &Folder) {
    let file = File::create(folder.path("big")).expect("a file can be made");
    file.set_len(16 << 30).expect("a file can have a hole");
}

/// Lets `args` work in `folder` for some seconds, and returns what was seen on
/// standard error.
fn progress(folder: &Folder, args: &[&str], stdout: impl Into<Stdio>) -> String {
    let (terminal, screen) = terminal();
    let mut dtmask = command(args);
    dtmask
        .current_dir(folder.path("."))
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(terminal);
    let mut child = dtmask.spawn().expect("the binary starts");
    drop(dtmask);
    for _ in 0..25 {
        thread::sleep(Duration::from_millis(100));
        if child
            .try_wait()
            .expect("a child can be waited for")
            .is_some()
        {
            break;
        }
    }
    child.kill().expect("a child can be killed");
    child.wait().expect("a child can be waited for");
    screen.join().expect("the screen is read")
}

#[test]
fn long_work_on_files_shows_a_bar() {
    let folder = Folder::new();
    long_work(&folder);
    let in_place = ["--in-place", "--no-progress", "big"];
    assert_eq!(progress(&folder, &in_place, Stdio::null()), "");
    assert_eq!(
        progress(&folder, &["--in-place", "-q", "big"], Stdio::null()),
        ""
    );
    let bar = progress(&folder, &["--in-place", "missing", "big"], Stdio::null());
    assert!(bar.contains("cannot mask missing"), "{bar:?}");
    assert!(
        bar.contains("big") && bar.contains('%') && bar.contains("16.00 GiB"),
        "{bar:?}"
    );

    // The output of a pipeline may be the same terminal.
    let (reader, writer) = std::io::pipe().expect("a pipe can be made");
    let drain = thread::spawn(move || std::io::copy(&mut &reader, &mut std::io::sink()));
    assert_eq!(progress(&folder, &["big"], writer), "");
    drain.join().expect("it ends").expect("a pipe can be read");
}

#[test]
fn short_work_shows_no_bar() {
    let folder = Folder::new();
    folder.write("a", "text");
    assert_eq!(progress(&folder, &["--in-place", "a"], Stdio::null()), "");
}
