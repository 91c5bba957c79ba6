//! `app | dtmask | less`: what comes out, when, and how it ends.

use std::io::{Read, Seek, SeekFrom, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use dtmask_test::samples;

use crate::live::Live;
use crate::process::{command, run, shell};

#[test]
fn a_prompt_appears_without_a_newline() {
    let mut live = Live::start(&[]);
    live.say("login: ");
    live.hear("login: ");
    live.say("me\npassword: ");
    live.hear("me\npassword: ");
    live.hang_up();
    let ran = live.end();
    assert_eq!((ran.code, ran.text().as_str()), (Some(0), ""));
}

/// What waits for a timer, or for more to come, takes longer every time; a busy machine
/// does not.
#[test]
fn a_prompt_appears_at_once() {
    let mut live = Live::start(&[]);
    live.say("login: ");
    live.hear("login: ");
    let took = (0..10).map(|_| {
        let said = Instant::now();
        live.say("me\npassword: ");
        live.hear("me\npassword: ");
        said.elapsed()
    });
    let best = took.min().expect("there were some");
    assert!(best < Duration::from_millis(200), "{best:?} at best");
    live.hang_up();
    assert_eq!(live.end().code, Some(0));
}

/// Between processes that hand on little at a time, waking each other takes the most time.
#[cfg(target_os = "linux")]
#[test]
fn pipes_on_both_sides_are_widened() {
    use crate::process::end_of;
    use rustix::pipe::fcntl_getpipe_size;

    let (reader, mut input) = std::io::pipe().expect("there are descriptors");
    let (mut output, writer) = std::io::pipe().expect("there are descriptors");
    let before = fcntl_getpipe_size(&input).expect("it is a pipe");
    let mut command = command::<&str>([]);
    command.stdin(reader).stdout(writer);
    let mut child = command.spawn().expect("the binary starts");
    drop(command);
    input.write_all(b"?").expect("the process reads");
    output.read_exact(&mut [0]).expect("the process writes");
    for pipe in [fcntl_getpipe_size(&input), fcntl_getpipe_size(&output)] {
        let size = pipe.expect("it is a pipe");
        assert!(size > before && size >= 512 * 1024, "{before} {size}");
    }
    drop(input);
    assert!(end_of(&mut child).is_some_and(|status| status.success()));
}

#[test]
fn a_token_appears_as_it_is_typed() {
    let mut live = Live::start(&[]);
    let token = samples::api_token();
    for (&typed, &shown) in token
        .as_bytes()
        .iter()
        .zip(samples::masked(&token).as_bytes())
    {
        live.say([typed]);
        live.hear([shown]);
    }
    live.hang_up();
    assert_eq!(live.end().code, Some(0));
}

#[test]
fn an_undecided_value_waits_and_what_is_before_it_does_not() {
    let mut live = Live::start(&[]);
    live.say("Api-Token expired");
    live.hear("Api-Token ");
    live.hear_nothing(Duration::from_millis(100));
    live.say(", renew it");
    live.hear("expired, renew it");

    live.say("\nApi-Token abcdefghijklmno");
    live.hear("\nApi-Token ");
    live.hear_nothing(Duration::from_millis(100));
    live.say("p");
    live.hear("****************");
    live.say("q\n");
    live.hear("*\n");
    live.hang_up();
    assert_eq!(live.end().code, Some(0));
}

#[test]
fn the_end_of_the_input_releases_what_was_undecided() {
    let ran = run(&[], "Api-Token expired");
    assert_eq!(
        (ran.code, ran.text().as_str()),
        (Some(0), "Api-Token expired")
    );
}

#[test]
fn a_followed_log_appears_line_by_line() {
    let mut live = Live::start(&["--mask-text", "[REDACTED]"]);
    for line in 0..100 {
        let token = samples::platform_token();
        live.say(format!("{line} GET /api {token} ok\n"));
        let identifier = token.rsplit_once('.').expect("a token has parts").0;
        live.hear(format!("{line} GET /api {identifier}.[REDACTED] ok\n"));
    }
    live.hang_up();
    assert_eq!(live.end().code, Some(0));
}

#[test]
fn bytes_that_are_no_secret_stay_what_they_are() {
    // Xorshift: every byte value, no structure.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut input = vec![0; 4 << 20];
    for chunk in input.chunks_mut(8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        chunk.copy_from_slice(&state.to_le_bytes());
    }
    for args in [
        &[][..],
        &["--mask-text", "[REDACTED]"],
        &["--profile", "published"],
    ] {
        let ran = run(args, &input);
        assert_eq!(ran.code, Some(0));
        assert!(ran.stdout == input, "{args:?} changed something");
    }
}

#[test]
fn secrets_are_found_wherever_the_reads_cut_them() {
    let token = samples::api_token();
    let masked = samples::masked(&token);
    let line = |n: usize, token: &str| format!("{n} {} header={token};\n", ".".repeat(n % 151));
    let all = |token: &str| (0..20_000).map(|n| line(n, token)).collect::<String>();
    let (input, expected) = (all(&token), all(&masked));
    assert!(run(&[], &input).stdout == expected.as_bytes());

    let expected = expected.replace(&"*".repeat(64), "[REDACTED]");
    let ran = run(&["--mask-text", "[REDACTED]"], &input);
    assert!(ran.stdout == expected.as_bytes());
}

#[test]
fn a_file_goes_into_a_file() {
    let mut file = tempfile();
    let token = samples::api_token();
    writeln!(file, "a {token}").expect("a file takes bytes");
    file.seek(SeekFrom::Start(0))
        .expect("a file can be rewound");
    let mut output = tempfile();
    let status = command::<&str>([])
        .stdin(file)
        .stdout(output.try_clone().expect("a file can be shared"))
        .status()
        .expect("the binary starts");
    assert_eq!(status.code(), Some(0));
    output
        .seek(SeekFrom::Start(0))
        .expect("a file can be rewound");
    let mut text = String::new();
    output
        .read_to_string(&mut text)
        .expect("the output is text");
    assert_eq!(text, format!("a {}\n", samples::masked(&token)));
}

/// A file that nobody else sees.
fn tempfile() -> std::fs::File {
    tempfile::tempfile().expect("a temporary file can be made")
}

#[test]
fn a_reader_that_had_enough_is_no_error() {
    let input = "line\n".repeat(1 << 20);
    for (args, code) in [
        (&[][..], 0),
        (&["--mask-text", "[X]"], 0),
        (&["--fail-on-match"], 2),
    ] {
        let mut child = command(args).spawn().expect("the binary starts");
        let mut stdout = child.stdout.take().expect("standard output is piped");
        let mut stdin = child.stdin.take().expect("standard input is piped");
        let writer = std::thread::spawn({
            let input = input.clone();
            move || stdin.write_all(input.as_bytes())
        });
        stdout.read_exact(&mut [0; 5]).expect("a line comes out");
        drop(stdout);
        let output = child.wait_with_output().expect("the binary ends");
        assert_eq!(output.status.code(), Some(code), "{args:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert!(writer.join().is_ok_and(|wrote| wrote.is_err()));
    }
}

/// Then it is known whether something was masked.
#[test]
fn a_reader_may_go_once_the_whole_input_was_read() {
    let token = samples::api_token();
    let two_lines = format!("{token}\n");
    let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    let path = file.path().to_str().expect("the path is text");
    for (flags, said, code) in [
        (&["--fail-on-match"][..], "", 0),
        (&["--fail-on-match"], &*two_lines, 1),
        (&[], &*two_lines, 0),
        (&["--fail-on-match", "--mask-text", "[X]"], "", 0),
        // There was more to read.
        (&["--fail-on-match", "-", path], &*two_lines, 2),
        (&["--fail-on-match", path, "-"], &*two_lines, 1),
    ] {
        let mut child = command(flags).spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("standard input is piped");
        let mut stdout = child.stdout.take().expect("standard output is piped");
        let all = format!("{said}Api-Token abc");
        stdin.write_all(all.as_bytes()).expect("the process reads");
        let decided = format!(
            "{}Api-Token ",
            said.replace(&token, &samples::masked(&token))
        );
        let mut heard = vec![0; decided.len()];
        stdout.read_exact(&mut heard).expect("that much comes out");
        assert_eq!(String::from_utf8_lossy(&heard), decided);
        // It finds that out when it writes what was undecided until the end.
        drop(stdout);
        drop(stdin);
        let output = child.wait_with_output().expect("the binary ends");
        assert_eq!(output.status.code(), Some(code), "{flags:?} {said:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    }
}

#[test]
fn head_ends_the_pipeline() {
    let ran = shell("yes | \"$DTMASK\" --stats | head -n 2", "");
    assert_eq!((ran.code, ran.text().as_str()), (Some(0), "y\ny\n"));
    assert!(ran.stderr.starts_with("dtmask: 0 secrets masked in "));
    assert_eq!(ran.stderr.lines().count(), 1);
}

#[test]
fn closed_streams_are_empty_ones() {
    let ran = shell("\"$DTMASK\" <&-", "");
    assert_eq!((ran.code, ran.stdout.len()), (Some(0), 0));
    let ran = shell("\"$DTMASK\" >&-", "line\n");
    assert_eq!((ran.code, ran.stdout.len()), (Some(0), 0));
    // A message that nobody can hear is no reason to fail otherwise.
    let ran = shell("\"$DTMASK\" --stats 2>&-", "line\n");
    assert_eq!((ran.code, ran.text().as_str()), (Some(0), "line\n"));
}

#[test]
fn nothing_in_nothing_out() {
    let status = command::<&str>([])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status();
    assert_eq!(status.expect("the binary starts").code(), Some(0));
}
