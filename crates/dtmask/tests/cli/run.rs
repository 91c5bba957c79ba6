//! `dtmask run` between pipes.

use std::fs::File;
use std::io::{BufRead, Read};
use std::process::Stdio;
use std::time::{Duration, Instant};

use dtmask_test::samples::{self, P24, S64};
use rustix::process::Signal;

use crate::live::Live;
use crate::process::{NAMED_SIGNALS, NAMES_SIGNALS, Ran, command, feed, run, shell};

/// `dtmask run` with `flags`, over a shell script.
fn sh(flags: &[&str], script: &str) -> Ran {
    let args = [&["run"], flags, &["--", "sh", "-c", script]].concat();
    run(&args, "")
}

/// The two halves of a token, cut within its secret.
fn halves() -> (String, String) {
    let (head, tail) = S64.split_at(30);
    (format!("dt0c01.{P24}.{head}"), tail.to_owned())
}

#[test]
fn both_outputs_are_masked() {
    let token = samples::api_token();
    let masked = samples::masked(&token);
    let ran = sh(&[], &format!("echo out {token}; echo err {token} >&2"));
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.text(), format!("out {masked}\n"));
    assert_eq!(ran.stderr, format!("err {masked}\n"));
}

#[test]
fn each_output_is_a_stream_of_its_own() {
    let (head, tail) = halves();
    let script = format!(
        "printf {head}; printf 'MESSAGE {head}' >&2; sleep 0.1; \
         printf {tail}; sleep 0.1; echo {tail} >&2; echo"
    );
    let ran = sh(&[], &script);
    let masked = samples::masked(&samples::api_token());
    assert_eq!(ran.text(), format!("{masked}\n"));
    assert_eq!(ran.stderr, format!("MESSAGE {masked}\n"));
}

#[test]
fn outputs_come_in_the_order_of_their_writes() {
    let script = "for n in 1 2 3 4 5 6 7 8; do echo out $n; sleep 0.05; \
                  echo err $n >&2; sleep 0.05; done";
    let ran = shell(&format!("\"$DTMASK\" run -- sh -c '{script}' 2>&1"), "");
    let expected: String = (1..=8).map(|n| format!("out {n}\nerr {n}\n")).collect();
    assert_eq!(ran.text(), expected);
}

#[test]
fn of_what_is_there_at_once_half_lines_come_last() {
    for (message, prompt) in [("2", "1"), ("1", "2")] {
        let script = format!(
            "echo ready; sleep 0.3; printf 'line\\nprompt> ' >&{prompt}; echo message >&{message}"
        );
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        let mut dtmask = command(["run", "--", "sh", "-c", &script]);
        dtmask.stdout(writer.try_clone().expect("a descriptor can be had"));
        let mut child = dtmask.stderr(writer).spawn().expect("the binary starts");
        drop(dtmask);
        let mut reader = std::io::BufReader::new(reader);
        let mut line = String::new();
        reader.read_line(&mut line).expect("text comes out");
        // While it stands still both outputs fill.
        let pid = rustix::process::Pid::from_child(&child);
        let signal = |signal| rustix::process::kill_process(pid, signal).expect("it is there");
        signal(Signal::STOP);
        std::thread::sleep(Duration::from_millis(1000));
        signal(Signal::CONT);
        let mut rest = String::new();
        reader.read_to_string(&mut rest).expect("text comes out");
        assert!(rest.ends_with("\nprompt> "), "{rest:?}");
        assert_eq!(rest.len(), "line\nmessage\nprompt> ".len());
        assert!(child.wait().expect("the child ends").success());
    }
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    for code in [0, 1, 2, 3, 125, 255] {
        let ran = sh(&[], &format!("exit {code}"));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(code), ""));
    }
    for (signal, code) in [("TERM", 143), ("KILL", 137), ("SEGV", 139), ("HUP", 129)] {
        let ran = sh(&[], &format!("kill -{signal} $$"));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(code), ""));
    }
}

#[test]
fn a_command_that_cannot_be_run_is_named() {
    let ran = run(&["run", "--stats", "--", "no-such-command"], "");
    assert_eq!((ran.code, ran.text().as_str()), (Some(127), ""));
    assert!(
        ran.stderr
            .starts_with("dtmask: cannot run 'no-such-command': ")
            && ran.stderr.lines().count() == 1,
        "{}",
        ran.stderr
    );
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("data");
    std::fs::write(&file, "data").expect("a file can be written");
    let path = file.to_str().expect("its name is text");
    let ran = run(&["run", path], "");
    assert_eq!(ran.code, Some(126));
    assert!(ran.stderr.starts_with("dtmask: cannot run '"));

    // Whatever is on a command line may be a token.
    let token = samples::api_token();
    let ran = run(&["run", &token], "");
    assert_eq!(ran.code, Some(127));
    assert!(ran.stderr.contains(&samples::masked(&token)));
}

#[test]
fn a_failure_of_ours_has_a_code_of_its_own() {
    // Wrong usage is what it is everywhere.
    for args in [
        &["run"][..],
        &["run", "--"],
        &["run", "--bogus", "--", "true"],
    ] {
        assert_eq!(run(args, "").code, Some(2), "{args:?}");
    }
    let ran = run(&["run", "--mask-char", "A", "--", "echo", "started"], "");
    assert_eq!((ran.code, ran.text().as_str()), (Some(125), ""));
    assert!(ran.stderr.starts_with("dtmask: "));
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_fails_is_told_and_wins() {
    let mut dtmask = command(["run", "--", "sh", "-c", "echo lost; echo seen >&2; exit 3"]);
    let full = File::options().write(true).open("/dev/full");
    dtmask.stdout(Stdio::from(full.expect("Linux has it")));
    let ran = feed(dtmask, b"");
    assert_eq!(ran.code, Some(125));
    let message = "dtmask: cannot write to standard output: ";
    assert!(ran.stderr.contains(message), "{}", ran.stderr);
    assert!(ran.stderr.contains("seen\n"), "{}", ran.stderr);
}

#[test]
fn a_reader_that_went_away_is_felt_by_the_command() {
    let script = "{ \"$DTMASK\" run -- yes; echo $? >&2; } | head -n 1";
    let ran = shell(script, "");
    assert_eq!((ran.text().as_str(), ran.stderr.as_str()), ("y\n", "141\n"));

    // What was not looked at may hold a secret.
    let stubborn = "trap '' PIPE; for n in 1 2 3 4; do sleep 0.1; echo $n; done 2>/dev/null; :";
    let script =
        format!("{{ \"$DTMASK\" run --fail-on-match -- sh -c \"{stubborn}\"; echo $? >&2; }} | :");
    let ran = shell(&script, "");
    assert_eq!(ran.stderr, "125\n");
}

#[test]
fn what_is_withheld_comes_out_at_a_clean_end() {
    let script = "printf 'Api-Token abcdefg'; printf 'Api-Token hijk' >&2";
    let ran = sh(&[], script);
    assert_eq!(ran.text(), "Api-Token abcdefg");
    assert_eq!(ran.stderr, "Api-Token hijk");
    let ran = sh(&[], &format!("{script}; exit 7"));
    assert_eq!(
        (ran.code, ran.text().as_str()),
        (Some(7), "Api-Token abcdefg")
    );
}

#[test]
fn what_is_withheld_is_masked_if_the_command_was_killed() {
    for signal in ["TERM", "KILL"] {
        let script =
            format!("printf 'Api-Token abcdefg'; printf 'Api-Token hijk' >&2; kill -{signal} $$");
        let ran = sh(&[], &script);
        assert_eq!(ran.text(), "Api-Token *******");
        assert_eq!(ran.stderr, "Api-Token ****");
    }
}

#[test]
fn what_the_command_left_running_is_not_waited_for() {
    let start = Instant::now();
    let ran = sh(&[], "sleep 30 & echo done; printf 'Api-Token abcdefg'");
    // The output did not end, so nobody knows how it would have gone on.
    assert_eq!(
        (ran.code, ran.text().as_str()),
        (Some(0), "done\nApi-Token *******")
    );
    assert!(start.elapsed() < Duration::from_secs(15));

    let ran = sh(&[], "yes & sleep 0.2");
    assert_eq!(ran.code, Some(0));
    assert!(start.elapsed() < Duration::from_secs(15));
}

#[test]
fn much_output_is_complete() {
    let ran = sh(&[], "seq 200000; seq 200000 >&2");
    let expected: String = (1..=200_000).map(|n| format!("{n}\n")).collect();
    assert_eq!(ran.code, Some(0));
    assert!(ran.text() == expected && ran.stderr == expected);
}

#[test]
fn fail_on_match_counts_both_outputs() {
    let token = samples::api_token();
    for stream in ["1", "2"] {
        let ran = sh(&["--fail-on-match"], &format!("echo {token} >&{stream}"));
        assert_eq!(ran.code, Some(1));
        // The code of the command says more.
        let ran = sh(
            &["--fail-on-match"],
            &format!("echo {token} >&{stream}; exit 3"),
        );
        assert_eq!(ran.code, Some(3));
    }
    assert_eq!(sh(&["--fail-on-match"], "echo clean").code, Some(0));
}

#[test]
fn stats_add_both_outputs_up() {
    let token = samples::api_token();
    let ran = sh(&["--stats"], &format!("echo {token}; echo {token} >&2"));
    let bytes = 2 * (token.len() + 1);
    let line = format!("dtmask: 2 secrets masked (token 2) in {bytes} B ({bytes} bytes)\n");
    assert!(ran.stderr.ends_with(&line), "{}", ran.stderr);
    assert_eq!(ran.code, Some(0));
}

#[test]
fn flags_stand_before_the_command_and_not_in_it() {
    let ran = run(
        &["--stats", "run", "echo", "--stats", "--", "-x", "--help"],
        "",
    );
    assert_eq!(
        (ran.code, ran.text().as_str()),
        (Some(0), "--stats -- -x --help\n")
    );
    assert!(ran.stderr.starts_with("dtmask: 0 secrets masked"));

    let token = samples::api_token();
    for args in [
        ["--mask-text", "[X]", "run", "--", "echo", &token],
        ["run", "--mask-text", "[X]", "--", "echo", &token],
    ] {
        assert_eq!(run(&args, "").text(), format!("dt0c01.{P24}.[X]\n"));
    }
}

#[test]
fn standard_input_is_the_commands() {
    let token = samples::api_token();
    let ran = run(&["run", "--", "cat"], format!("hello {token}\n"));
    assert_eq!(ran.text(), format!("hello {}\n", samples::masked(&token)));
}

#[test]
fn a_prompt_is_not_kept_waiting() {
    let script = "printf 'name? '; read name; printf \"hello $name, \"; read rest; echo $rest";
    let mut live = Live::start(&["run", "--", "sh", "-c", script]);
    live.hear("name? ");
    live.say("Ada\n");
    live.hear("hello Ada, ");
    live.say("bye\n");
    live.hear("bye\n");
    assert_eq!(live.end().code, Some(0));
}

#[test]
fn signals_are_passed_on() {
    let mut live = Live::start(&["run", "--", "sh", "-c", NAMES_SIGNALS]);
    live.hear("ready\n");
    // Also one that was passed on before.
    for (signal, name) in NAMED_SIGNALS.into_iter().chain([(Signal::TERM, "TERM")]) {
        live.signal(signal);
        live.hear(format!("{name}\n"));
    }
    live.hear_nothing(Duration::from_millis(200));
    live.signal(Signal::KILL);
    assert_eq!(live.end().code, None);
}

#[test]
fn a_signal_that_ends_the_command_ends_us() {
    let mut live = Live::start(&["run", "--", "sh", "-c", "echo ready; exec sleep 60"]);
    live.hear("ready\n");
    live.signal(Signal::TERM);
    assert_eq!(live.end().code, Some(143));
}

#[test]
fn a_stuck_reader_does_not_keep_signals_from_the_command() {
    let (_reader, writer) = std::io::pipe().expect("a pipe can be made");
    let mut dtmask = command(["run", "--", "sh", "-c", "echo ready >&2; exec yes"]);
    let mut child = dtmask.stdout(writer).spawn().expect("the binary starts");
    std::thread::sleep(Duration::from_millis(500));
    let pid = rustix::process::Pid::from_child(&child);
    let start = Instant::now();
    // The first is for the command, the second for what it left.
    for _ in 0..2 {
        rustix::process::kill_process(pid, Signal::TERM).expect("the process is there");
        std::thread::sleep(Duration::from_millis(300));
    }
    assert_eq!(child.wait().expect("the child ends").code(), Some(143));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_stuck_reader_is_not_waited_for_without_end_if_all_are_to_end() {
    let (_reader, writer) = std::io::pipe().expect("a pipe can be made");
    for (script, code) in [
        ("exec yes", 143),
        ("trap 'exit 3' TERM; yes & wait; exit 4", 143),
    ] {
        let mut dtmask = command(["run", "--", "sh", "-c", script]);
        let writer = writer.try_clone().expect("it can be cloned");
        let mut child = dtmask.stdout(writer).spawn().expect("the binary starts");
        std::thread::sleep(Duration::from_millis(500));
        let pid = rustix::process::Pid::from_child(&child);
        let start = Instant::now();
        rustix::process::kill_process(pid, Signal::TERM).expect("the process is there");
        let status = crate::process::end_of(&mut child).expect("the process ends");
        assert_eq!(status.code(), Some(code));
        assert!(start.elapsed() > Duration::from_secs(4));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_we_ignore_the_command_ignores() {
    let ran = shell(
        "trap '' INT USR1; exec \"$DTMASK\" run -- sh -c 'kill -INT $$; kill -USR1 $$; echo alive'",
        "",
    );
    assert_eq!((ran.code, ran.text().as_str()), (Some(0), "alive\n"));
}

#[test]
fn colour_codes_inside_a_token_are_seen_through() {
    let (head, tail) = halves();
    let script = format!("printf '{head}\\033[1;31m{tail}\\033[0m end\\n'");
    let masked = |text: &str| "*".repeat(text.len());
    let through = format!(
        "dt0c01.{P24}.{}\u{1b}[1;31m{}\u{1b}[0m end\n",
        "*".repeat(30),
        masked(&tail)
    );
    assert_eq!(sh(&[], &script).text(), through);
    assert_eq!(sh(&["--no-ansi", "--ansi"], &script).text(), through);
    let text = sh(&["--no-ansi"], &script).text();
    assert!(text.contains(&tail), "{text:?}");

    // The filter has to be told.
    let colourful = format!("{head}\u{1b}[1;31m{tail}\u{1b}[0m end\n");
    assert_eq!(run(&["--ansi"], &colourful).text(), through);
    assert!(run(&[], &colourful).text().contains(&tail));
    assert!(
        run(&["--ansi", "--no-ansi"], &colourful)
            .text()
            .contains(&tail)
    );
}
