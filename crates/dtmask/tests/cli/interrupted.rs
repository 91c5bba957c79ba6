//! `--in-place` that is killed: nothing is lost, and the next run finishes.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use dtmask_test::samples;
use rustix::process::{Pid, Signal, kill_process};

use crate::folder::Folder;
use crate::process::{Ran, command};

/// Lines of everything that is hard to find again once a part of it is masked.
fn text(lines: usize) -> (Vec<u8>, Vec<u8>) {
    let (token, nested) = (
        samples::api_token(),
        format!("dt0c01.{}", samples::api_token()),
    );
    let (p, legacy, tenant) = (samples::P24, samples::L21, samples::A24);
    let line = |n: usize, token: &str, nested: &str, legacy: &str, tenant: &str| {
        let pad = ".".repeat(n % 61);
        format!("{n}{pad} {token}{token} {nested} api-token={legacy};dt0a02.{tenant} {p}\n")
    };
    let stars = |text: &str| "*".repeat(text.len());
    let hidden = format!("dt0c01.dt0c01.{}.{}", stars(p), stars(samples::S64));
    let all = |token: &str, nested: &str, legacy: &str, tenant: &str| -> Vec<u8> {
        let lines = (0..lines).map(|n| line(n, token, nested, legacy, tenant));
        lines.collect::<String>().into_bytes()
    };
    (
        all(&token, &nested, legacy, tenant),
        all(
            &samples::masked(&token),
            &hidden,
            &stars(legacy),
            &stars(tenant),
        ),
    )
}

/// With this, what looks like a prefix hides what is behind it.
const FLAGS: [&str; 3] = ["--in-place", "--hide-id", "dt0c01"];

/// Kills the process after `delay`, and returns whether it was still there.
fn kill(mut command: Command, delay: Duration) -> bool {
    let mut child = command.spawn().expect("the binary starts");
    let end = Instant::now() + delay;
    while Instant::now() < end {
        std::hint::spin_loop();
    }
    kill_process(Pid::from_child(&child), Signal::KILL).expect("it was not waited for");
    let status = child.wait().expect("a child can be waited for");
    status.code().is_none()
}

#[test]
fn a_kill_at_any_moment_is_made_good_by_the_next_run() {
    let (text, _) = text(1500);
    let whole = Folder::new();
    whole.write("a", &text);
    let start = Instant::now();
    let args = [&FLAGS[..], &["a"]].concat();
    assert_eq!(whole.run(&args).code, Some(0));
    let took = start.elapsed();
    let masked = whole.read("a");
    assert_eq!(masked.len(), text.len());

    // How long it takes depends on what else the machine does: go on until it was
    // caught in the act some times.
    let mut halfway = 0;
    for n in 0..400 {
        let folder = Folder::new();
        folder.write("a", &text);
        let mut dtmask = command(&args);
        dtmask.current_dir(folder.path("."));
        let delay = took * (n % 31) / 25;
        kill(dtmask, delay);

        let left = folder.read("a");
        assert_eq!(left.len(), text.len());
        let each = left.iter().zip(&text).zip(&masked);
        let wrong = each.filter(|((left, old), masked)| left != old && left != masked);
        assert_eq!(wrong.count(), 0);
        halfway += u32::from(left != text && left != masked);

        let ran = folder.run(&args);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        assert!(folder.read("a") == masked, "killed after {delay:?}");
        assert_eq!(folder.names(), ["a"]);
        if n >= 31 && halfway >= 5 {
            return;
        }
    }
    panic!("only {halfway} files were half masked");
}

#[test]
fn many_small_files_are_each_old_or_masked() {
    let folder = Folder::new();
    let (text, _) = text(2);
    let names: Vec<String> = (0..40).map(|n| format!("{n}.log")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for name in &names {
        folder.write(name, &text);
    }
    let args = [&FLAGS[..], &names].concat();
    let mut kills = 0;
    let mut delay = Duration::from_millis(3);
    loop {
        let mut dtmask = command(&args);
        dtmask.current_dir(folder.path("."));
        if !kill(dtmask, delay) {
            break;
        }
        kills += 1;
        delay += Duration::from_millis(1);
        thread::yield_now();
    }
    assert!(kills > 1);
    let masked = folder.read("0.log");
    assert!(
        !masked
            .windows(8)
            .any(|bytes| bytes == &samples::S64.as_bytes()[..8])
    );
    for name in &names {
        assert!(folder.read(name) == masked, "{name}");
    }
    assert_eq!(folder.names().len(), names.len());
}

#[test]
fn a_signal_leaves_no_temporary_file() {
    let (text, _) = text(60_000);
    for flags in [&["--mask-text", "[X]"][..], &["--mask-char", "~"]] {
        let (mut early, mut late) = (0, 0);
        for n in 0..12 {
            let folder = Folder::new();
            folder.write("a", &text);
            let mut dtmask = command([flags, &["--in-place", "a"]].concat());
            dtmask.current_dir(folder.path("."));
            let child = dtmask.spawn().expect("the binary starts");
            thread::sleep(Duration::from_millis(10 + 20 * n));
            kill_process(Pid::from_child(&child), Signal::TERM).expect("it was not waited for");
            let ran = Ran::from(child.wait_with_output().expect("a child can be waited for"));
            assert_eq!(ran.stderr, "");
            match ran.code {
                // It had hardly begun.
                None => {}
                Some(143) => early += 1,
                code => {
                    assert_eq!(code, Some(0));
                    late += 1;
                }
            }
            let names = folder.names();
            // A journal in use stays: it finishes the work.
            let names: Vec<_> = names
                .iter()
                .filter(|name| *name != ".a.dtmask-journal")
                .collect();
            assert_eq!(names, ["a"], "{early} {late}");
            if folder.names().len() == 2 {
                assert_eq!(
                    folder
                        .run(&["--in-place", "--dry-run", "a"])
                        .text()
                        .lines()
                        .next(),
                    Some("a: an interrupted run will be finished")
                );
            }
        }
        assert!(early > 0, "no run was ended");
    }
}

#[test]
fn a_journal_of_what_was_there_before_is_not_used() {
    let (text, _) = text(3000);
    let args = [&FLAGS[..], &["a"]].concat();
    let folder = Folder::new();
    let mut delay = Duration::from_millis(20);
    let caught = (0..400).any(|_| {
        folder.write("a", &text);
        let mut dtmask = command(&args);
        dtmask.current_dir(folder.path("."));
        // A little later if nothing was written yet, a little earlier if all was.
        let ended = !kill(dtmask, delay);
        let begun = folder.read("a") != text;
        if begun && folder.names().len() == 2 {
            return true;
        }
        delay = if ended || begun {
            delay * 9 / 10
        } else {
            delay * 11 / 10
        };
        let _ = std::fs::remove_file(folder.path(".a.dtmask-journal"));
        false
    });
    assert!(caught, "it was never caught with a journal in use");
    // The same file, with other text.
    let other = b"nothing to see here\n".repeat(text.len() / 20 + 1);
    folder.write("a", &other);
    let ran = folder.run(&args);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stderr.contains("warning: "), "{}", ran.stderr);
    assert!(folder.read("a") == other);
    assert_eq!(folder.names(), ["a"]);
}
