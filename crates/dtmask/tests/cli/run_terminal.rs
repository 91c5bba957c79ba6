//! `dtmask run` at a terminal.

use std::fs;

use dtmask_test::samples::{self, P24, S64};
use rustix::process::Signal;

use crate::process::{NAMED_SIGNALS, NAMES_SIGNALS};
use crate::terminal::Terminal;

const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
const CTRL_Z: &str = "\x1a";

/// `dtmask run` over a shell script, at a terminal.
fn run(script: &str) -> Terminal {
    Terminal::dtmask(&["run", "--", "sh", "-c", script])
}

/// Says which streams are terminals.
const TERMINALS: &str = "test -t 0 && echo in; test -t 1 && echo out; test -t 2 && echo err; :";

#[test]
fn all_three_streams_are_terminals() {
    let (code, screen) = run(TERMINALS).end();
    assert_eq!((code, screen.as_str()), (Some(0), "in\r\nout\r\nerr\r\n"));
}

#[test]
fn a_stream_that_is_redirected_is_no_terminal() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let file = folder.path().join("out");
    let name = file.to_str().expect("its name is text");
    let script = format!("\"$DTMASK\" run -- sh -c '{TERMINALS}' 2>{name}");
    assert_eq!(Terminal::sh(&script).end().1, "in\r\nout\r\n");

    let script = format!("\"$DTMASK\" run -- sh -c '{TERMINALS}' >{name}");
    assert_eq!(Terminal::sh(&script).end().1, "");
    assert_eq!(fs::read_to_string(&file).expect("it is text"), "in\nerr\n");

    let script = format!("\"$DTMASK\" run -- sh -c '{TERMINALS}' </dev/null");
    assert_eq!(Terminal::sh(&script).end().1, "out\r\nerr\r\n");
}

#[test]
fn the_exit_code_is_that_of_the_command() {
    for code in [0, 3, 255] {
        assert_eq!(run(&format!("exit {code}")).end().0, Some(code));
    }
    for (signal, code) in [("TERM", 143), ("KILL", 137), ("SEGV", 139)] {
        let (ended, screen) = run(&format!("printf 'Api-Token abcdefg'; kill -{signal} $$")).end();
        assert_eq!((ended, screen.as_str()), (Some(code), "Api-Token *******"));
    }
    let (code, screen) = Terminal::dtmask(&["run", "no-such-command"]).end();
    assert_eq!(code, Some(127));
    assert!(
        screen.contains("cannot run 'no-such-command': "),
        "{screen}"
    );
    assert_eq!(Terminal::dtmask(&["run", "/"]).end().0, Some(126));
}

#[test]
fn each_output_is_a_stream_of_its_own() {
    let (head, tail) = S64.split_at(30);
    let script = format!(
        "printf '\\033[32m{}'; sleep 0.2; printf ' noise ' >&2; sleep 0.2; echo '{}\\033[0m'",
        ["dt0c01", P24, head].join("."),
        tail
    );
    let (_, screen) = run(&script).end();
    let head = "*".repeat(30);
    let tail = "*".repeat(34);
    assert_eq!(
        screen,
        format!("\x1b[32mdt0c01.{P24}.{head} noise {tail}\x1b[0m\r\n")
    );
}

#[test]
fn one_terminal_is_one() {
    let mut terminal = Terminal::dtmask(&[
        "run",
        "--one-terminal",
        "--",
        "sh",
        "-c",
        "\
        test \"$(tty <&2)\" = \"$(tty)\" && echo same; \
        for n in 1 2 3 4 5 6 7 8 9; do echo out $n; echo err $n >&2; done; \
        stty size <&2",
    ]);
    terminal.see("same\r\n");
    // Exactly in order, as fast as they come.
    for n in 1..=9 {
        assert_eq!(
            terminal.see(&format!("err {n}\r\n")),
            format!("out {n}\r\n")
        );
    }
    assert_eq!(terminal.end(), (Some(0), "24 80\r\n".to_owned()));

    let mut terminal = Terminal::bash();
    terminal
        .press("PS1='in''ner: ' \"$DTMASK\" run --one-terminal -- bash --norc --noediting -i\n");
    terminal.see("inner: ");
    terminal.press("cat\n");
    terminal.see("cat\r\n");
    terminal.press("x\r");
    terminal.see("x\r\nx\r\n");
    terminal.press(CTRL_Z);
    terminal.see("Stopped");
    terminal.see("inner: ");
    terminal.press("fg\n");
    terminal.see("cat\r\n");
    terminal.press("y\r");
    terminal.see("y\r\ny\r\n");
    terminal.press(CTRL_D);
    terminal.see("inner: ");
    terminal.press("exit\n");
    terminal.see("> ");
    terminal.press("exit\n");
    terminal.end();

    // Where they go different ways, they are two.
    let script = "\"$DTMASK\" run --one-terminal -- sh -c 'echo out; echo err >&2' 2>/dev/null";
    assert_eq!(Terminal::sh(script).end(), (Some(0), "out\r\n".to_owned()));
}

#[test]
fn a_prompt_comes_after_the_message_before_it() {
    // Both are there at once: the one that waits for an answer was last.
    for (message, prompt) in [("2", "1"), ("1", "2")] {
        let script = format!(
            "for n in 1 2 3 4 5 6 7 8 9; do echo message >&{message}; \
                              printf 'prompt> ' >&{prompt}; read x; done"
        );
        let mut terminal = run(&script);
        for _ in 0..9 {
            let before = terminal.see("prompt> ");
            assert!(before.contains("message\r\n"), "{before:?}");
            terminal.press("\r");
        }
        terminal.end();
    }
}

#[test]
fn what_is_typed_is_echoed_masked() {
    let mut terminal = Terminal::dtmask(&["run", "--", "cat"]);
    terminal.wait_for_raw(true);
    let token = samples::api_token();
    let masked = samples::masked(&token);
    terminal.press(&format!("{token}\r"));
    // Once by the terminal, once by the command.
    assert_eq!(terminal.see("\r\n"), masked);
    assert_eq!(terminal.see("\r\n"), masked);
    terminal.press(CTRL_D);
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn a_password_is_asked_for_at_once_and_not_echoed() {
    let script = "stty -echo; printf 'password: ' >/dev/tty; read word </dev/tty; stty echo; \
                  echo; echo \"${#word} letters\"";
    let mut terminal = run(script);
    terminal.see("password: ");
    terminal.press("geheim\r");
    let (code, screen) = terminal.end();
    assert_eq!((code, screen.as_str()), (Some(0), "\r\n6 letters\r\n"));
}

#[test]
fn a_pager_reads_keys_at_standard_error() {
    let script = "stty -icanon -echo <&2; printf more >&2; key=$(dd bs=1 count=1 <&2 2>/dev/null); \
                  stty icanon echo <&2; echo \"<$key>\"";
    let mut terminal = run(script);
    terminal.see("more");
    terminal.press("q");
    let (code, screen) = terminal.end();
    assert_eq!((code, screen.as_str()), (Some(0), "<q>\r\n"));

    // And is interrupted there.
    let mut terminal = run("stty -icanon -echo <&2; printf more >&2; exec sleep 60");
    terminal.see("more");
    terminal.press(CTRL_C);
    assert_eq!(terminal.end().0, Some(130));
}

#[test]
fn keys_reach_a_command_behind_a_pipe() {
    let script =
        "echo piped | \"$DTMASK\" run -- sh -c 'cat; printf \"ok? \"; read x </dev/tty; echo $x'";
    let mut terminal = Terminal::sh(script);
    terminal.see("piped\r\nok? ");
    terminal.press("yes\r");
    terminal.see("yes\r\nyes\r\n");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn a_command_before_a_pipe_keeps_the_terminal() {
    let script =
        "\"$DTMASK\" run -- sh -c 'printf \"name? \" >&2; read x; echo \"hello $x\"' | cat";
    let mut terminal = Terminal::sh(script);
    terminal.see("name? ");
    assert!(!terminal.is_raw());
    terminal.press("Ada\n");
    terminal.see("hello Ada\r\n");
    assert_eq!(terminal.end().0, Some(0));
}

// With the tools of util-linux.
#[cfg(target_os = "linux")]
#[test]
fn what_the_terminal_sends_is_not_sent_again() {
    // It sends to all of its foreground; this command is none of that any more, and would
    // have the signal from us.
    let script = "trap 'echo int' INT; echo ready; sleep 0.5; echo done";
    let outer = "trap : INT; \"$DTMASK\" run -- setsid sh -c \"$1\" | (trap '' INT; cat)";
    let mut terminal = Terminal::sh_with(outer, script);
    terminal.see("ready\r\n");
    terminal.press(CTRL_C);
    assert_eq!(terminal.see("done\r\n"), "^C");
    terminal.end();
}

#[test]
fn ctrl_c_ends_the_command_and_restores_the_terminal() {
    let mut terminal = Terminal::sh("\"$DTMASK\" run -- sleep 60; echo \"code $?\"; read x");
    terminal.wait_for_raw(true);
    terminal.press(CTRL_C);
    terminal.see("code 130\r\n");
    assert!(!terminal.is_raw());
    terminal.press("\n");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn ctrl_z_stops_the_job_and_fg_goes_on() {
    for command in [
        "\"$DTMASK\" run -- cat",
        "true | \"$DTMASK\" run -- cat - /dev/tty",
    ] {
        let mut terminal = Terminal::bash();
        terminal.press(&format!("{command}\n"));
        terminal.wait_for_raw(true);
        terminal.press("one\r");
        terminal.see("one\r\none\r\n");
        terminal.press(CTRL_Z);
        terminal.see("Stopped");
        terminal.see("> ");
        assert!(!terminal.is_raw());
        terminal.press("echo in between; fg\n");
        terminal.see("in between\r\n");
        terminal.wait_for_raw(true);
        terminal.press("two\r");
        terminal.see("two\r\ntwo\r\n");
        terminal.press(CTRL_D);
        terminal.see("> ");
        assert!(!terminal.is_raw());
        terminal.press("exit\n");
        terminal.end();
    }
}

#[test]
fn ctrl_z_without_a_shell_stops_nothing() {
    // Nobody could ever continue what is stopped here.
    let mut terminal = Terminal::dtmask(&["run", "--", "cat"]);
    terminal.wait_for_raw(true);
    terminal.press(CTRL_Z);
    terminal.see("^Z");
    terminal.press("hello\r");
    terminal.see("hello\r\nhello\r\n");
    terminal.press(CTRL_D);
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn ctrl_z_stops_a_pipeline_too() {
    let mut terminal = Terminal::bash();
    terminal.press("\"$DTMASK\" run -- sh -c 'echo began >&2; read x; echo \"got $x\"' | cat\n");
    terminal.see("began\r\n");
    terminal.press(CTRL_Z);
    terminal.see("Stopped");
    terminal.see("> ");
    terminal.press("fg\n");
    terminal.see("cat\r\n");
    terminal.press("line\n");
    terminal.see("got line\r\n");
    terminal.see("> ");
    terminal.press("exit\n");
    terminal.end();
}

#[test]
fn a_job_in_the_background_runs_and_comes_to_the_front() {
    let mut terminal = Terminal::bash();
    terminal.press("\"$DTMASK\" run -- sh -c 'sleep 0.3; echo work done' &\n");
    terminal.see("work done\r\n");
    terminal.press("wait; echo \"all $((1 + 1))\"\n");
    terminal.see("all 2");

    terminal.press("\"$DTMASK\" run -- cat\n");
    terminal.wait_for_raw(true);
    terminal.press(CTRL_Z);
    terminal.see("Stopped");
    terminal.press("bg\n");
    terminal.see("&\r\n");
    terminal.press("echo still $((1 + 2))\n");
    terminal.see("still 3\r\n");
    terminal.press("fg\n");
    terminal.wait_for_raw(true);
    terminal.press("hello\r");
    terminal.see("hello\r\nhello\r\n");
    terminal.press(CTRL_D);
    terminal.see("> ");
    terminal.press("exit\n");
    terminal.end();
}

#[test]
fn the_window_has_its_size_and_changes_it() {
    let script = "trap 'stty size; stty size <&2' WINCH; stty size; stty size <&2; \
                  for n in $(seq 400); do sleep 0.05; done";
    let mut terminal = run(script);
    terminal.see("24 80\r\n24 80\r\n");
    terminal.resize(30, 100);
    terminal.see("30 100\r\n30 100\r\n");
    terminal.press(CTRL_C);
    assert_eq!(terminal.end().0, Some(130));

    // Of a pipeline only standard error is a terminal.
    let script = "trap 'stty size <&2 >&2' WINCH; stty size <&2 >&2; for n in $(seq 400); do sleep 0.05; done";
    let mut terminal = Terminal::sh_with("\"$DTMASK\" run -- sh -c \"$1\" | cat", script);
    terminal.see("24 80\r\n");
    terminal.resize(30, 100);
    terminal.see("30 100\r\n");
    terminal.press(CTRL_C);
    terminal.end();
}

#[test]
fn a_kill_restores_the_terminal() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let mut terminal = run("echo ready; exec sleep 60");
        terminal.see("ready\r\n");
        assert!(terminal.is_raw());
        terminal.signal(signal);
        // The descriptor of the user keeps the terminal.
        terminal.wait_for_raw(false);
        assert_eq!(terminal.end().0, Some(code));
    }
}

#[test]
fn signals_are_passed_on() {
    let mut terminal = run(NAMES_SIGNALS);
    terminal.see("ready\r\n");
    for (signal, name) in NAMED_SIGNALS {
        terminal.signal(signal);
        assert_eq!(terminal.see("\r\n"), name);
    }
    // Ctrl-\ is a key that dumps core.
    terminal.press("\x1c");
    terminal.see("QUIT\r\n");
    terminal.signal(Signal::KILL);
    terminal.end();
}

#[test]
fn a_terminal_that_hangs_up_ends_the_command() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let mark = folder.path().join("mark");
    let name = mark.to_str().expect("its name is text");
    let script = format!(
        "trap 'echo hup >{name}; exit' HUP; echo ready; for n in $(seq 400); do sleep 0.05; done"
    );
    let mut terminal = run(&script);
    terminal.see("ready\r\n");
    terminal.hang_up();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while fs::read_to_string(&mark).unwrap_or_default() != "hup\n" {
        assert!(std::time::Instant::now() < deadline, "the command goes on");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

// With the tools of util-linux.
#[cfg(target_os = "linux")]
#[test]
fn a_session_under_script() {
    let token = samples::api_token();
    let masked = samples::masked(&token);
    let inner = format!("test -t 1 && test -t 2 && printf '\\033[31m{token}\\033[0m\\n'; exit 5");
    // It runs its command by a shell, to which the environment tells the rest.
    let outer = "INNER=$1 script -qec '\"$DTMASK\" run -- sh -c \"$INNER\"' /dev/null";
    let (code, screen) = Terminal::sh_with(outer, &inner).end();
    assert_eq!(screen, format!("\x1b[31m{masked}\x1b[0m\r\n"));
    assert_eq!(code, Some(5));
}
