//! What is said if a rule file is wrong, and what must not be said.

use std::fs;

use dtmask_test::samples::{self, S64};

use crate::config::{Folder, SESSION, run_with};
use crate::process::{command, feed, run};

#[test]
fn a_fault_is_placed() {
    for (text, place, words) in [
        (
            "mask = '*'",
            "1:1",
            "unknown field `mask`, expected one of `profile`, ",
        ),
        ("\n  profil = 'default'", "2:3", "unknown field `profil`"),
        (
            "profile = 'Default'",
            "1:11",
            "unknown variant `Default`, expected `default` or `published`",
        ),
        ("with = 'jwt'", "1:8", "expected an array, found a string"),
        (
            "with = ['jwt', 1]",
            "1:16",
            "expected a string, found an integer",
        ),
        ("ansi = 'yes'", "1:8", "expected a boolean, found a string"),
        (
            "[known]\nenvs = []",
            "2:1",
            "unknown field `envs`, expected one of `env`, `file`, `dir`",
        ),
        ("known = 'x'", "1:9", "expected a table, found a string"),
        ("[scan]\nformat = 'json'", "2:1", "unknown field `format`"),
        (
            "[scan]\nstrict = 1",
            "2:10",
            "expected a boolean, found an integer",
        ),
        ("[other]", "1:2", "unknown field `other`"),
        ("with = [\n", "1:9", "unclosed array"),
        ("ansi = true\nansi = false", "2:1", "duplicate key"),
        ("ansi", "1:5", ""),
        ("# ünï\n\tünï = 1", "2:2", ""),
        ("mask-char = 'ab'", "1:13", "one printable ASCII"),
        ("mask-char = ''", "1:13", "one printable ASCII"),
        ("mask-char = 'é'", "1:13", "one printable ASCII"),
        ("mask-text = ''", "1:13", "must not be empty"),
        ("mask-text = \"a\\nb\"", "1:13", "printable"),
        ("mask-char = 'A'", "1:13", "could become part of a secret"),
        (
            "ansi = true\nmask-text = 'REDACTED'",
            "2:13",
            "could become part of a secret",
        ),
        (
            "mask-text = 'x'\nmask-char = '*'",
            "1:13",
            "cannot be used together",
        ),
        (
            "with = ['jwt',\n 'tokn']",
            "2:2",
            "no rule `tokn`; there are: token, ",
        ),
        ("without = ['tokn']", "1:12", "no rule `tokn`"),
        (
            "hide-id = ['dt0s01', 'dt1']",
            "1:22",
            "`dt1` is no token prefix",
        ),
        ("[[rule]]\nname = 'a'", "1:1", "missing field `pattern`"),
        (
            "[[rule]]\nname = 'a'\nkeep = 'x'",
            "3:1",
            "unknown field `keep`",
        ),
        (
            "[[rule]]\nname = 'a b'\npattern = []",
            "2:8",
            "a rule's name is made of",
        ),
        (
            "[[rule]]\nname = ''\npattern = []",
            "2:8",
            "a rule's name is made of",
        ),
        (
            "[[rule]]\nname = 'a'\npattern = []",
            "1:1",
            "rule `a` has no pattern",
        ),
        (
            "[[rule]]\nname = 'token'\npattern = [{keep='a', secret='b', min=1}]",
            "1:1",
            "the name of another rule",
        ),
        (
            "[[rule]]\nname = 'known-value'\npattern = [{keep='a', secret='b', min=1}]",
            "1:1",
            "the name of another rule",
        ),
        (
            "[[rule]]\nname = 'a'\npattern = [{keep='a', secret='b'}]",
            "3:12",
            "missing field `min`",
        ),
        (
            "[[rule]]\nname = 'a'\npattern = [{keep='a', secret='b', min=-1}]",
            "3:39",
            "-1 is no length of a secret: 1 to 4294967295 bytes",
        ),
    ] {
        let folder = Folder::with(text);
        let ran = folder.run(&[], "x");
        assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""), "{text}");
        let start = format!("dtmask: {}:{place}: ", folder.config());
        assert!(ran.stderr.starts_with(&start), "{text}\n{}", ran.stderr);
        assert!(ran.stderr.contains(words), "{text}\n{}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn the_rule_at_fault_is_placed() {
    let good = "[[rule]]\nname = 'good'\npattern = [{keep='g=', secret='[a-z]', min=1}]\n";
    for (name, pattern, words) in [
        (
            "bad",
            "keep='^a', secret='b', min=1",
            "look-around or an anchor",
        ),
        (
            "bad",
            "keep='a*', secret='b', min=1",
            "matches the empty string",
        ),
        ("bad", "keep='a(', secret='b', min=1", "bad expression"),
        ("bad", "keep='a', secret='bc', min=1", "no class of bytes"),
        ("bad", "keep='a', secret='[a&&b]', min=1", "empty class"),
        ("bad", "keep='a', secret='b', min=0", "min 0"),
        ("bad", "keep='a', secret='b', min=5000", "min 5000"),
        (
            "bad",
            "keep='a', secret='b', min=9, max=8",
            "max 8, which is less than min 9",
        ),
        (
            "good",
            "keep='a', secret='b', min=1",
            "rule `good` has the name of another rule",
        ),
    ] {
        let text = format!(
            "{good}[[rule]]\nname = '{name}'\npattern = [{{{pattern}}}]\n{}",
            good.replace("good", "late")
        );
        let folder = Folder::with(text);
        let ran = folder.run(&["rules"], "");
        assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""), "{pattern}");
        let start = format!("dtmask: {}:4:1: rule `{name}` ", folder.config());
        assert!(ran.stderr.starts_with(&start), "{pattern}\n{}", ran.stderr);
        assert!(ran.stderr.contains(words), "{pattern}\n{}", ran.stderr);
    }
    // One that is off is not at fault, whatever is wrong with it.
    let rule = |name| format!("[[rule]]\nname='{name}'\npattern=[{{keep='(',secret='b',min=1}}]");
    let text = format!("without = ['off']\n{}\n{}", rule("off"), rule("bad"));
    let ran = run_with(&text, &[], "");
    assert!(ran.stderr.contains(":5:1: rule `bad` "), "{}", ran.stderr);
    assert_eq!(run_with(&text, &["--without=bad"], "").code, Some(0));
    // The fault of a flag is none of the file.
    let ran = run_with(good, &["--mask-char", "A"], "");
    assert!(
        ran.stderr.starts_with("dtmask: the mask `A` could"),
        "{}",
        ran.stderr
    );
    let ran = run_with(good, &["--hide-id", "nothing"], "");
    assert!(
        ran.stderr.starts_with("dtmask: --hide-id: `nothing` is no"),
        "{}",
        ran.stderr
    );
    // A rule that takes the mask for a secret is worth a warning.
    let stars = "[[rule]]\nname = 'stars'\npattern = [{keep='s=', secret='[*a-z]', min=1}]";
    let ran = run_with(stars, &[], "s=ab*");
    assert_eq!((ran.code, ran.text().as_str()), (Some(0), "s=***"));
    assert!(
        ran.stderr.starts_with("dtmask: warning: rule `stars` "),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_is_no_rule_file_is_an_error() {
    let folder = Folder::with(b"ansi = true\nmask-text = '\xff'");
    let ran = folder.run(&[], "x");
    let message = format!("dtmask: {}:2:14: a rule file is UTF-8", folder.config());
    assert!(ran.stderr.starts_with(&message), "{}", ran.stderr);
    fs::write(&folder.config, "#".repeat((1 << 20) + 1)).unwrap();
    let big = folder.run(&[], "x");
    assert!(
        big.stderr
            .contains("dtmask.toml is no rule file: it has more than 1024 KiB")
    );
    let missing = run(&["--config", "/nowhere/rules.toml"], "x");
    let message = "dtmask: cannot read the rule file /nowhere/rules.toml: No such file";
    assert!(missing.stderr.starts_with(message), "{}", missing.stderr);
    assert_eq!(run(&["--config", ""], "x").code, Some(2));
    let directory = run(&["--config", "/"], "x");
    assert!(
        directory
            .stderr
            .starts_with("dtmask: cannot read the rule file /: ")
    );
    for ran in [ran, big, missing, directory] {
        assert_eq!(
            (ran.code, ran.text().as_str()),
            (Some(2), ""),
            "{}",
            ran.stderr
        );
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
}

/// Somebody puts secrets where sources belong.
#[test]
fn a_message_about_a_file_shows_no_secret() {
    let token = samples::api_token();
    for text in [
        format!("[known]\nvalues = ['hunter2hunter2', '{token}']"),
        "[known]\nenv = 'hunter2hunter2'".to_owned(),
        format!("profile = '{token}'"),
        format!("with = ['{token}']"),
        format!("hide-id = ['{token}']"),
        format!("mask-text = '{token}'"),
        format!("ansi = '{token}'"),
        format!("[known]\nenv = ['{token}']"),
        format!("[known]\nfile = ['{token}']"),
        format!("[known]\n'{token}' = 1"),
        format!("[[rule]]\nname = '{token}'\npattern = []"),
        format!("[[rule]]\nname = 'a'\npattern = [{{ keep = '({token}', secret = 'x', min = 1 }}]"),
        format!("with = ['{token}"),
        format!("ansi = {token}"),
    ] {
        let ran = run_with(&text, &[], "x");
        assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""), "{text}");
        for hidden in ["hunter2", S64, &S64[..12]] {
            assert!(!ran.stderr.contains(hidden), "{text}\n{}", ran.stderr);
        }
    }
    // A name that happens to be a value is none to print either.
    let folder = Folder::with(SESSION.replace("'session'", "'sesam-open-now'"));
    for args in [&["rules"][..], &["rules", "--explain"], &["--stats"]] {
        let mut dtmask =
            command([&["--config", folder.config(), "--known-env", "V"], args].concat());
        dtmask.env("V", "sesam-open-now");
        let ran = feed(dtmask, b"session=0123456789");
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let said = ran.text() + &ran.stderr;
        assert!(
            said.contains("**************") && !said.contains("sesam"),
            "{said}"
        );
    }
}

#[test]
fn a_known_value_that_the_file_asks_for_in_vain_is_placed() {
    let folder = Folder::with("[known]\nenv = [\n  'DTMASK_IS_NOT_SET',\n]\nfile = ['nowhere']");
    let ran = folder.run(&[], "x");
    assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""));
    let message = format!(
        "dtmask: {}:3:3: the environment variable DTMASK_IS_NOT_SET is not set\n",
        folder.config()
    );
    assert_eq!(ran.stderr, message);
    fs::write(&folder.config, "\n[known]\nfile = ['short']").unwrap();
    fs::write(folder.path().join("short"), "\nhunter2").unwrap();
    let ran = folder.run(&[], "x");
    let place = format!(
        "dtmask: {}:3:9: {}",
        folder.config(),
        folder.path().display()
    );
    let message = format!("{place}/short:2 is too short");
    assert!(ran.stderr.starts_with(&message), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hunter2"));
}
