//! Lines without end: memory does not follow the input.

use dtmask_test::samples;

use crate::live::Live;
use crate::process::{DTMASK, command_of, run, shell};

/// Bytes of a line that no memory limit below could hold.
const LINE: usize = 64 << 20;

/// Address space in KiB. A program that does nothing takes a few thousand.
const LIMIT: usize = 24 * 1024;

/// Peak memory of a release build in KiB: what is promised.
const PEAK: usize = 6 * 1024;

/// The code of an unoptimised program, which all commands share, alone takes several
/// thousand more.
const UNOPTIMISED_PEAK: usize = 2 * PEAK;

/// Names a release build to measure in the place of the binary under test, since to
/// build all tests that way takes minutes.
const RELEASE: &str = "DTMASK_RELEASE";

fn limited(flags: &str, input: &[u8], expected: &[u8]) {
    let ran = shell(
        &format!("ulimit -v {LIMIT} && exec \"$DTMASK\" {flags}"),
        input,
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{flags}");
    assert!(ran.stdout == expected, "{flags}: the output is another");
}

#[test]
fn the_limit_is_one() {
    let script = format!("ulimit -v {LIMIT} && exec \"$DTMASK\" rules --explain");
    let ran = shell(&script, vec![b'x'; LINE]);
    assert_ne!(ran.code, Some(0), "reading all of it should have failed");
}

#[test]
fn a_long_line_needs_no_memory() {
    let input = vec![b'x'; LINE];
    limited("", &input, &input);
    limited("--mask-text '[REDACTED]'", &input, &input);
}

#[test]
fn a_long_identifier_needs_no_memory() {
    let mut input = b"dt0c01.".to_vec();
    input.resize(LINE, b'a');
    limited("", &input, &input);
}

#[test]
fn a_long_secret_needs_no_memory() {
    let mut input = format!("dt0c01.{}.", samples::P24).into_bytes();
    let head = input.len();
    input.resize(LINE, b'A');
    let mut expected = input[..head].to_vec();
    expected.resize(LINE, b'*');
    limited("", &input, &expected);
    expected.truncate(head);
    expected.extend_from_slice(b"[REDACTED]");
    limited("--mask-text '[REDACTED]'", &input, &expected);
}

#[test]
fn a_long_mask_needs_no_memory() {
    let unit = format!("dt0c01.{}.A ", samples::P24);
    let mask = format!("[{}]", ".".repeat(20_000));
    let ran = run(&["--mask-text", &mask], unit.repeat(2000));
    let expected = format!("dt0c01.{}.{mask} ", samples::P24).repeat(2000);
    assert!(ran.stdout == expected.as_bytes());
    let script = format!("ulimit -v {LIMIT} && exec \"$DTMASK\" --mask-text '{mask}' | wc -c");
    let ran = shell(&script, unit.repeat(2000));
    assert_eq!(
        ran.text().trim(),
        expected.len().to_string(),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_peak_stays_below_the_promise() {
    let release = std::env::var_os(RELEASE);
    let bound = if cfg!(debug_assertions) && release.is_none() {
        UNOPTIMISED_PEAK
    } else {
        PEAK
    };
    let program = release.as_deref().unwrap_or(DTMASK.as_ref());
    let mut live = Live::spawn(command_of::<&str>(program, []));
    let token = samples::api_token();
    let mut chunk = vec![b'x'; 1 << 20];
    chunk[1000..1000 + token.len()].copy_from_slice(token.as_bytes());
    for _ in 0..64 {
        live.say(&chunk);
    }
    live.say("Api-Token ");
    // All was read once the last of it is out.
    let mut masked = chunk.clone();
    masked[1000..1000 + token.len()].copy_from_slice(samples::masked(&token).as_bytes());
    for _ in 0..64 {
        live.hear(&masked);
    }
    live.hear("Api-Token ");
    let status = live.proc("status");
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .and_then(|number| number.parse::<usize>().ok())
        .expect("the system tells the peak");
    assert!(peak <= bound, "{peak} KiB");
    live.hang_up();
    assert_eq!(live.end().code, Some(0));
}
