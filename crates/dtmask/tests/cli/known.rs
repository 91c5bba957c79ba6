//! Secrets that are known word for word: from the environment and from files.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tempfile::TempDir;

use crate::process::{Ran, command, feed, run};

/// A value with all that encoders escape.
const VALUE: &str = "corr/ect h0rse\"é";

/// Runs the binary with variables in its environment.
pub(crate) fn run_in(env: &[(&str, &str)], args: &[&str], input: impl AsRef<[u8]>) -> Ran {
    let mut command = command(args);
    command.envs(env.iter().copied());
    feed(command, input.as_ref())
}

pub(crate) fn stars(len: usize) -> String {
    "*".repeat(len)
}

/// A folder with these files in it.
pub(crate) fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("a file can be written");
    }
    folder
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

/// Fails unless the run was refused with a message that has all of `words`.
#[track_caller]
pub(crate) fn refused(ran: &Ran, words: &[&str]) {
    assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""));
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "no {word} in {}", ran.stderr);
    }
}

#[test]
fn a_variable_is_masked_wherever_its_value_stands() {
    let env = [("DB_URL_PART", VALUE)];
    let input = format!("a {VALUE}b\n{VALUE}{VALUE}");
    let ran = run_in(&env, &["--known-env", "DB_URL_PART"], &input);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let n = VALUE.len();
    assert_eq!(ran.text(), format!("a {}b\n{}", stars(n), stars(2 * n)));
    // Not asked for, not masked.
    assert_eq!(run_in(&env, &[], &input).text(), input);
}

#[test]
fn encoded_forms_are_masked() {
    let url = "corr%2Fect%20h0rse%22%C3%A9";
    let json = r#"corr/ect h0rse\"é"#;
    let ascii = r#"corr/ect h0rse\"\u00e9"#;
    let base64 = BASE64_STANDARD.encode(VALUE);
    for form in [url, json, ascii, &base64] {
        let ran = run_in(&[("V", VALUE)], &["--known-env=V"], format!("<{form}>"));
        let masked = ran.text();
        // The padding is no part of the value.
        let kept = form.len() - form.trim_end_matches('=').len();
        let expected = format!("<{}{}>", stars(form.len() - kept), "=".repeat(kept));
        assert_eq!(masked, expected, "{form}");
    }
    // Inside of a longer text, at every alignment, at most a character at each end is
    // shared with what stands around it.
    for before in ["", "x", "xy", "xyz"] {
        let encoded = BASE64_STANDARD.encode(format!("{before}{VALUE}xyz"));
        let ran = run_in(&[("V", VALUE)], &["--known-env=V"], &encoded);
        let masked = ran.text().matches('*').count();
        assert!(
            masked >= VALUE.len() * 4 / 3 - 1,
            "{encoded} {}",
            ran.text()
        );
        assert_eq!(ran.text().len(), encoded.len());
    }
}

#[test]
fn a_glob_takes_names_of_secrets_only() {
    let env = [
        ("CI_JOB_TOKEN", "value-of-token"),
        ("CI_SECRET", "value-of-secret"),
        ("CI_DB_Password", "value-of-password"),
        ("CI_DEPLOY_KEY", "value-of-key"),
        ("CI_PROJECT", "value-of-project"),
        ("CI_TOKEN_FILE", "value-of-file"),
        ("OTHER_TOKEN", "value-of-other"),
    ];
    let input: String = env.iter().map(|(_, value)| format!("{value}\n")).collect();
    let ran = run_in(&env, &["--known-env", "CI_*"], &input);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let masked: Vec<usize> = (1..)
        .zip(ran.text().lines())
        .filter(|(_, line)| line.bytes().all(|byte| byte == b'*'))
        .map(|(number, _)| number)
        .collect();
    assert_eq!(masked, [1, 2, 3, 4], "{}", ran.text());
    let kept = "value-of-project\nvalue-of-file\nvalue-of-other\n";
    assert!(ran.text().ends_with(kept), "{}", ran.text());

    let ran = run_in(&env, &["--known-env", "C?_J*_TOKEN"], &input);
    assert!(ran.text().starts_with("**************\nvalue-of-secret\n"));
}

#[test]
fn a_glob_skips_short_values_and_says_so() {
    let env = [
        ("AX_TOKEN", "7 bytes"),
        ("BX_TOKEN", ""),
        ("CX_KEY", "8 bytes!"),
    ];
    let ran = run_in(&env, &["--known-env=?X_*"], "7 bytes, 8 bytes!");
    assert_eq!(ran.code, Some(0));
    assert_eq!(ran.text(), "7 bytes, ********");
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.stderr);
    assert!(lines[0].starts_with("dtmask: warning: the environment variable AX_TOKEN is skipped"));
    assert!(lines[1].starts_with("dtmask: warning: the environment variable BX_TOKEN is skipped"));
    assert!(!ran.stderr.contains("7 bytes"), "{}", ran.stderr);
}

#[test]
fn a_glob_that_fits_nothing_says_so() {
    let ran = run_in(&[("NOPE", "long enough")], &["--known-env", "NOPE*"], "x");
    assert_eq!((ran.code, ran.text().as_str()), (Some(0), "x"));
    let message = "dtmask: warning: no environment variable fits NOPE* ";
    assert!(ran.stderr.starts_with(message), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1);
}

#[test]
fn an_exact_name_has_to_be_set_and_long_enough() {
    let ran = run(&["--known-env", "DTMASK_IS_NOT_SET"], "x");
    refused(&ran, &["variable DTMASK_IS_NOT_SET is not set"]);
    for value in ["", "hunter2"] {
        let ran = run_in(&[("SHORT", value)], &["--known-env", "SHORT"], "x");
        refused(&ran, &["variable SHORT is too short", "8 bytes or more"]);
        assert!(!ran.stderr.contains("hunter"), "{}", ran.stderr);
    }
    let long = "L".repeat(64 * 1024 + 1);
    let ran = run_in(&[("LONG", &long)], &["--known-env", "LONG"], "x");
    refused(&ran, &["variable LONG is too long", "64 KiB or less"]);
    assert!(!ran.stderr.contains("LLLLL"));
    // Of a glob as well: what cannot be masked must not pass in silence.
    let ran = run_in(&[("LONG_KEY", &long)], &["--known-env", "LONG_*"], "x");
    refused(&ran, &["variable LONG_KEY is too long"]);
}

#[test]
fn a_file_has_a_value_a_line() {
    let folder = folder(&[(
        "values",
        b"\xef\xbb\xbffirst value\r\n\n\r\nvalue \xff two \n# third\tone",
    )]);
    let path = folder.path().join("values");
    let input = b"first value|value \xff two |# third\tone|value \xff two|first valu";
    let ran = run(&["--known-file", text(&path)], input);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    // Blanks count, and so does what looks like a comment.
    let expected = b"***********|************|***********|value \xff two|first valu";
    assert!(ran.stdout == expected, "{}", ran.text());
}

#[test]
fn a_bad_file_is_named_with_the_line() {
    let folder = folder(&[
        ("short", b"long enough\n\nhunter2\n"),
        ("utf16", b"\xff\xfeh\0u\0n\0t\0e\0r\0"),
        ("long", &[b'L'; 64 * 1024 + 1]),
        ("many", "0123456789abcdef".repeat(2000).as_bytes()),
    ]);
    let at = |name: &str| folder.path().join(name).display().to_string();
    let of = |path: &str| run(&["--known-file", path], "hunter2 long enough");

    let ran = of(&at("short"));
    refused(&ran, &[&format!("{}:3 is too short", at("short"))]);
    assert!(!ran.stderr.contains("hunter") && !ran.stderr.contains("enough"));
    refused(
        &of(&at("utf16")),
        &[&at("utf16"), "UTF-16", "save it as UTF-8"],
    );
    let ran = of(&at("long"));
    refused(&ran, &[&format!("{}:1 is too long", at("long"))]);
    assert!(!ran.stderr.contains("LLLLL"));
    let missing = of(&at("missing"));
    refused(&missing, &["cannot read", &at("missing"), "No such file"]);
    refused(&of(text(folder.path())), &["is a folder", "--known-dir"]);
}

#[test]
fn the_values_of_a_file_have_a_bound() {
    let lines: String = (0..20_000)
        .map(|n| format!("value number {n:06}\n"))
        .collect();
    let folder = folder(&[
        ("many", lines.as_bytes()),
        ("huge", "\n".repeat(1 << 20).as_bytes()),
    ]);
    for (name, words) in [
        ("many", "one known value too many"),
        ("huge", "is too long"),
    ] {
        let path = folder.path().join(name);
        refused(&run(&["--known-file", text(&path)], "x"), &[words, name]);
    }
}

#[test]
fn a_file_without_values_is_worth_a_warning() {
    let folder = folder(&[("empty", b""), ("blank", b"\n\r\n")]);
    for name in ["empty", "blank"] {
        let path = folder.path().join(name);
        let ran = run(&["--known-file", text(&path)], "x");
        assert_eq!((ran.code, ran.text().as_str()), (Some(0), "x"));
        let message = format!("dtmask: warning: {} holds no known value\n", path.display());
        assert_eq!(ran.stderr, message);
    }
}

#[test]
fn overlapping_values_are_masked_as_one() {
    let folder = folder(&[(
        "values",
        b"abcdefghij\nfghijklmno\nabcdefghijXY\nhijklmnopq",
    )]);
    let path = folder.path().join("values");
    let masked = |input: &str| run(&["--known-file", text(&path)], input).text();
    assert_eq!(masked("<abcdefghij>"), "<**********>");
    assert_eq!(masked("<abcdefghijXY>"), "<************>");
    // The longer one is not completed, the shorter one is.
    assert_eq!(masked("<abcdefghijXZ>"), "<**********XZ>");
    assert_eq!(masked("<abcdefghijklmno>"), "<***************>");
    assert_eq!(masked("<abcdefghijklmnopq>"), "<*****************>");
    assert_eq!(masked("<abcdefghi fghijklmn>"), "<abcdefghi fghijklmn>");
    // Periods.
    let folder = self::folder(&[("values", b"abababab")]);
    let path = folder.path().join("values");
    let ran = run(&["--known-file", text(&path)], "xababababababx");
    assert_eq!(ran.text(), "x************x");
}

#[test]
fn known_values_and_rules_add_up() {
    let token = dtmask_test::samples::api_token();
    let value = &token[..10];
    let ran = run_in(&[("V", value)], &["--known-env=V", "--stats"], &token);
    let identifier = &token[10..token.len() - 64];
    assert_eq!(
        ran.text(),
        format!("{}{identifier}{}", stars(10), stars(64))
    );
    let summary = "dtmask: 2 secrets masked (token 1, known-value 1) in 96 B (96 bytes)\n";
    assert_eq!(ran.stderr, summary);

    let args = ["--known-env=V", "--mask-text", "[GONE]", "--fail-on-match"];
    let ran = run_in(&[("V", VALUE)], &args, format!("a {VALUE}{VALUE} b"));
    assert_eq!((ran.code, ran.text().as_str()), (Some(1), "a [GONE] b"));
    let ran = run_in(&[("V", VALUE)], &args, &VALUE[..9]);
    assert_eq!((ran.code, ran.text().as_str()), (Some(0), &VALUE[..9]));
}

#[test]
fn equal_values_are_counted_once_and_none_is_shown() {
    let folder = folder(&[("values", b"the same value\nanother value")]);
    let path = folder.path().join("values");
    let env = [("A", "the same value"), ("B", "the same value")];
    let args = [
        "--known-env=A",
        "rules",
        "--known-env=B",
        "--known-file",
        text(&path),
    ];
    let ran = run_in(&env, &args, "");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let table = ran.text();
    let row = table.lines().find(|line| line.starts_with("known-value"));
    assert!(
        row.is_some_and(|row| row.contains(" 2 known values")),
        "{table}"
    );
    assert!(!table.contains("the same") && !table.contains("another"));
    // Without any there is no such rule.
    assert!(!run(&["rules"], "").text().contains("known-value"));
}

#[test]
fn known_values_are_explained() {
    let ran = run_in(
        &[("V", VALUE)],
        &["rules", "--explain", "--known-env=V"],
        format!("a\nb {VALUE} c\n"),
    );
    let n = VALUE.len();
    let expected = format!("2:3: known-value, {n} bytes at offset 4, ");
    assert!(ran.text().starts_with(&expected), "{}", ran.text());
    assert!(ran.text().contains(&format!("\n    b {} c\n", stars(n))));
    assert!(!ran.text().contains("h0rse"), "{}", ran.text());
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::time::Duration;

    use rustix::process::Signal;

    use super::{folder, refused, stars};
    use crate::live::Live;
    use crate::process::{command, feed, shell};

    #[test]
    fn a_value_of_any_bytes_is_masked() {
        let value = b"caf\xe9\xff\xfe\x80-and-more";
        let mut dtmask = command(["--known-env", "V", "--with", "x"]);
        dtmask.env("V", OsStr::from_bytes(value));
        dtmask.arg(OsStr::from_bytes(&[b"--bogus=", &value[..]].concat()));
        let ran = feed(dtmask, value);
        assert_eq!(ran.code, Some(2));
        assert!(!ran.stderr.contains("and-more"), "{}", ran.stderr);

        let mut dtmask = command(["--known-env", "V"]);
        dtmask.env("V", OsStr::from_bytes(value));
        let ran = feed(dtmask, &[b"<\xe9", &value[..], b"\xff>"].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let expected = [b"<\xe9", stars(value.len()).as_bytes(), b"\xff>"].concat();
        assert!(ran.stdout == expected, "{}", ran.text());

        // The message is text, the path is not.
        let mut dtmask = command(["--known-env", "V", "--known-file"]);
        dtmask.env("V", OsStr::from_bytes(value));
        dtmask.arg(OsStr::from_bytes(&[b"/nowhere/", &value[..]].concat()));
        let ran = feed(dtmask, b"");
        refused(&ran, &["cannot read known values from /nowhere/***"]);
        assert!(!ran.stderr.contains("and-more"), "{}", ran.stderr);
    }

    #[test]
    fn a_value_may_come_in_parts() {
        let mut dtmask = command(["--known-env", "V"]);
        dtmask.env("V", "corr ect\nhorse");
        let mut live = Live::spawn(dtmask);
        live.say("prompt> corr e");
        // What may become the value waits, and nothing else does.
        live.hear("prompt> ");
        live.hear_nothing(Duration::from_millis(100));
        live.say("ct\nhor");
        live.hear_nothing(Duration::from_millis(100));
        live.say("se!");
        live.hear("**************!");
        live.say("corr ect\nhose");
        live.hear("corr ect\nhose");
        live.say("corr");
        live.hang_up();
        let ran = live.end();
        assert_eq!((ran.code, ran.text().as_str()), (Some(0), "corr"));
    }

    #[test]
    fn a_signal_masks_the_part_that_came() {
        let mut dtmask = command(["--known-env", "V"]);
        dtmask.env("V", "corr ect horse");
        let mut live = Live::spawn(dtmask);
        live.say("> corr ect");
        live.hear("> ");
        live.signal(Signal::TERM);
        live.signal(Signal::TERM);
        let ran = live.end();
        assert_eq!((ran.code, ran.text().as_str()), (Some(143), "********"));
    }

    #[test]
    fn values_can_come_through_a_pipe() {
        let script = "mkfifo \"$DIR/pipe\" && { printf 'corr ect horse\\n' > \"$DIR/pipe\" & } && \
                      exec \"$DTMASK\" --known-file \"$DIR/pipe\"";
        let folder = folder(&[]);
        let script = format!("DIR='{}'; {script}", folder.path().display());
        let ran = shell(&script, "a corr ect horse");
        assert_eq!(
            (ran.code, ran.text().as_str()),
            (Some(0), "a **************")
        );
    }
}
