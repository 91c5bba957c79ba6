//! The rule file: what it says, and who wins.

use std::fs;
use std::path::{Path, PathBuf};

use dtmask_test::samples::{self, L21, P8, P24, S64};
use tempfile::TempDir;

use crate::process::{Ran, command, feed, run};

/// A folder with a rule file in it.
pub(crate) struct Folder {
    folder: TempDir,
    pub(crate) config: PathBuf,
}

impl Folder {
    pub(crate) fn with(text: impl AsRef<[u8]>) -> Folder {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let config = folder.path().join("dtmask.toml");
        fs::write(&config, text).expect("a file can be written");
        Folder { folder, config }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> &str {
        self.config.to_str().expect("the path is text")
    }

    /// Runs the binary with the rule file and `args`.
    pub(crate) fn run(&self, args: &[&str], input: impl AsRef<[u8]>) -> Ran {
        run(&[&["--config", self.config()], args].concat(), input)
    }
}

/// Runs the binary with this rule file and `args`.
pub(crate) fn run_with(text: &str, args: &[&str], input: impl AsRef<[u8]>) -> Ran {
    Folder::with(text).run(args, input)
}

/// What comes of `input` with this rule file, if nothing is to be said.
#[track_caller]
fn masked(text: &str, args: &[&str], input: &str) -> String {
    let ran = run_with(text, args, input);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    ran.text()
}

/// A rule file with one rule.
pub(crate) const SESSION: &str = "
[[rule]]
name = 'session'
pattern = [{ keep = 'session=', secret = '[a-f0-9]', min = 8, max = 12 }]
";

#[test]
fn an_empty_file_changes_nothing() {
    let token = samples::api_token();
    for text in [
        "",
        "# nothing",
        "[known]\n[scan]\n",
        "with = []\nrule = []",
        "\u{feff}",
    ] {
        assert_eq!(masked(text, &[], &token), samples::masked(&token));
    }
}

#[test]
fn every_key_does_what_the_flag_does() {
    let jwt = format!("eyJhbGciOi.eyJzdWIiOi.{}", "a1-B_".repeat(8));
    let answer = format!("{{\"token\": \"{L21}\"}}");
    let token = samples::api_token();
    let input = format!("{jwt} {answer} {token} apiToken={L21} dt0s16.{P8}.{S64}");
    for (text, args) in [
        ("profile = 'published'", &["--profile=published"][..]),
        ("profile = 'default'", &[]),
        (
            "with = ['jwt', 'token-response']",
            &["--with=jwt", "--with=token-response"],
        ),
        (
            "without = ['token', 'context-assign']",
            &["--without=token", "--without=context-assign"],
        ),
        (
            "hide-id = ['dt0s16', 'dt0c01']",
            &["--hide-id=dt0s16", "--hide-id=dt0c01"],
        ),
        ("mask-char = '~'", &["--mask-char=~"]),
        ("mask-text = '[GONE]'", &["--mask-text=[GONE]"]),
        ("ansi = false", &[]),
        ("without = ['jwt']\nwith = ['jwt']", &[]),
    ] {
        let expected = run(args, &input).text();
        assert_eq!(masked(text, &[], &input), expected, "{text}");
        assert_ne!(expected, input, "{text}");
    }
}

#[test]
fn a_token_between_colours_is_seen_if_the_file_says_so() {
    let (front, back) = S64.split_at(20);
    let input = format!("dt0c01.\x1b[31m{P24}.{front}\x1b[0m{back}");
    let expected = format!(
        "dt0c01.\x1b[31m{P24}.{}\x1b[0m{}",
        "*".repeat(20),
        "*".repeat(44)
    );
    assert_eq!(masked("ansi = true", &[], &input), expected);
    assert_ne!(masked("ansi = false", &[], &input), expected);
}

#[test]
fn own_rules_mask_and_are_listed_counted_and_explained() {
    let input = "session=0123456789abcdef session=0123 sessions";
    let folder = Folder::with(SESSION);
    let ran = folder.run(&["--stats"], input);
    assert_eq!(ran.text(), "session=************cdef session=0123 sessions");
    let summary = "dtmask: 1 secret masked (session 1) in 46 B (46 bytes)\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), summary));

    let table = folder.run(&["rules"], "").text();
    let row = table.lines().last().expect("there are rules");
    let cells: Vec<&str> = row.split_whitespace().collect();
    let finds = ["[a-f0-9]", "behind", "session="];
    assert_eq!(cells[..4], ["session", "1", "8", "12"], "{table}");
    assert_eq!(cells[4..], finds, "{table}");
    let ran = run(&["rules", "--explain", "--config", folder.config()], input);
    let expected = "1:9: session, 12 bytes at offset 8, cut off\n    \
                    session=************cdef session=0123 sessions\n1 secret in 46 bytes\n";
    assert_eq!(ran.text(), expected);
}

#[test]
fn a_rule_has_patterns_in_either_spelling() {
    let tables = "[[rule]]\nname = 'a.b_c-1'\n[[rule.pattern]]\nkeep = 'k='\nsecret = '[0-9]'\nmin = 2\n\
                  [[rule.pattern]]\nkeep = 'K='\nsecret = '\\d'\nmin = 3\n\
                  [[rule]]\nname = 'other'\npattern = [{keep = 'o=', secret = 'x', min = 1}]";
    assert_eq!(
        masked(tables, &[], "k=1 k=12 K=12 K=123 o=xxy"),
        "k=1 k=** K=12 K=*** o=**y"
    );
    // On one line, and without what it must not show.
    let token = samples::api_token();
    let text = format!(
        "[[rule]]\nname='own'\npattern=[{{keep=\"a\\n\\u001b\",secret='b',min=1}},\
         {{keep='{token}',secret='c',min=1}}]"
    );
    let table = Folder::with(text).run(&["rules"], "").text();
    let finds = format!(
        "b behind a\\n\\u{{1b}}, c behind {}\n",
        samples::masked(&token)
    );
    assert!(table.ends_with(&finds), "{table}");
}

#[test]
fn the_command_line_has_the_last_word() {
    let token = samples::api_token();
    let short = samples::platform_token();
    let short_masked = samples::masked(&short);
    let text = "profile = 'published'\nmask-text = '[FILE]'\n";
    // What can be one way only is replaced.
    assert_eq!(
        masked(text, &["--profile=default", "--mask-char=*"], &short),
        short_masked
    );
    let expected = format!("dt0c01.{P24}.[FLAG]");
    assert_eq!(masked(text, &["--mask-text=[FLAG]"], &token), expected);
    assert_eq!(
        masked("mask-char = '~'", &["--mask-text=[FLAG]"], &token),
        expected
    );

    // Of a rule that one switches on and the other off, the command line decides.
    let assigned = format!("apiToken={L21}");
    let assigned_masked = format!("apiToken={}", "*".repeat(21));
    let off = "without = ['context-assign', 'token']";
    assert_eq!(masked(off, &[], &assigned), assigned);
    assert_eq!(
        masked(off, &["--with=context-assign"], &assigned),
        assigned_masked
    );
    assert_eq!(
        masked("with = ['jwt']", &["--without=context-assign"], &assigned),
        assigned
    );
    let on = "with = ['token-response']";
    let answer = format!("{{\"token\": \"{L21}\"}}");
    assert_eq!(masked(on, &["--without=token-response"], &answer), answer);
    assert_eq!(
        masked(
            on,
            &["--with=token-response", "--without=token-response"],
            &answer
        ),
        answer
    );

    // Rules of the file are no others.
    let own = "[[rule]]\nname = 'own'\npattern = [{keep='own=', secret='[a-z]', min=4}]";
    assert_eq!(masked(own, &[], "own=abcdef"), "own=******");
    let off = format!("without = ['own']\n{own}");
    for (text, args) in [(own, &["--without=own"][..]), (&off, &[])] {
        assert_eq!(masked(text, args, "own=abcdef"), "own=abcdef");
    }
    assert_eq!(masked(&off, &["--with=own"], "own=abcdef"), "own=******");

    // Lists add up.
    let both = format!("dt0s16.{P8} dt0s01.{P8}");
    let stars = "*".repeat(8);
    assert_eq!(
        masked("hide-id = ['dt0s16']", &["--hide-id=dt0s01"], &both),
        format!("dt0s16.{stars} dt0s01.{stars}")
    );
}

#[test]
fn known_values_add_up_and_paths_start_at_the_file() {
    let folder = Folder::with(
        "[known]\nenv = ['FROM_FILE', 'GLOB_*']\nfile = ['values']\ndir = ['sub/dir']",
    );
    fs::create_dir_all(folder.path().join("sub/dir")).unwrap();
    fs::write(folder.path().join("values"), "from a file\n").unwrap();
    fs::write(folder.path().join("sub/dir/key"), "from a folder\n").unwrap();
    let mut dtmask = command(["--config", folder.config(), "--known-env", "FROM_FLAG"]);
    dtmask
        .current_dir("/")
        .env("FROM_FILE", "named in file")
        .env("GLOB_TOKEN", "globbed there")
        .env("FROM_FLAG", "named in flag");
    let input = b"from a file, from a folder, named in file, globbed there, named in flag, other";
    let ran = feed(dtmask, input);
    let expected = "***********, *************, *************, *************, *************, other";
    assert_eq!((ran.text().as_str(), ran.stderr.as_str()), (expected, ""));

    // A path on the command line starts where the command does.
    let mut dtmask = command(["--known-file", "values"]);
    dtmask.current_dir(folder.path());
    assert_eq!(feed(dtmask, b"from a file").text(), "***********");
}

#[test]
fn the_environment_names_the_file_where_no_flag_does() {
    let token = samples::api_token();
    let (a, b) = (
        Folder::with("mask-text = '[A]'"),
        Folder::with("mask-text = '[B]'"),
    );
    let with = |variable: &str, args: &[&str]| {
        let mut dtmask = command(args);
        dtmask.env("DTMASK_CONFIG", variable);
        feed(dtmask, token.as_bytes())
    };
    let kept = format!("dt0c01.{P24}.");
    let stars = "*".repeat(64);
    for (variable, args, mask) in [
        (a.config(), &[][..], "[A]"),
        (a.config(), &["--config", b.config()], "[B]"),
        (a.config(), &["--no-config"], &stars),
        // An empty variable is none.
        ("", &[], &stars),
        ("", &["--config", b.config()], "[B]"),
        // The last one counts, on both sides of a command as well.
        ("", &["--config", a.config(), "--config", b.config()], "[B]"),
        ("", &["--config", a.config(), "--no-config"], &stars),
        ("", &["--no-config", "--config", a.config()], "[A]"),
    ] {
        let ran = with(variable, args);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{args:?}");
        assert_eq!(ran.text(), format!("{kept}{mask}"), "{args:?}");
    }
    let session = Folder::with(SESSION);
    let listed = |args: &[&str]| run(args, "").text().contains("session");
    assert!(listed(&["--config", session.config(), "rules"]));
    assert!(listed(&[
        "--no-config",
        "rules",
        "--config",
        session.config()
    ]));
    assert!(!listed(&[
        "--config",
        session.config(),
        "rules",
        "--no-config"
    ]));
    assert!(!listed(&[
        "--config",
        session.config(),
        "rules",
        "--config",
        a.config()
    ]));

    let ran = with("/nowhere/dtmask.toml", &[]);
    assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""));
    let message = "dtmask: DTMASK_CONFIG: cannot read the rule file /nowhere/dtmask.toml: No such";
    assert!(ran.stderr.starts_with(message), "{}", ran.stderr);
}

/// A folder that wants everything shown, and a command that runs in it.
#[test]
fn a_file_that_nobody_named_is_not_read() {
    let off =
        "profile = 'published'\nwithout = ['published']\nmask-text = 'x'\n[known]\nenv = ['HOME']";
    let folder = Folder::with(off);
    fs::create_dir_all(folder.path().join(".git")).unwrap();
    fs::create_dir_all(folder.path().join("deep/er")).unwrap();
    for name in [
        ".dtmask.toml",
        "dtmask/config.toml",
        ".config/dtmask.toml",
        "deep/dtmask.toml",
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, off).unwrap();
    }
    let token = samples::api_token();
    let rules = run(&["rules"], "").text();
    for inside in ["", "deep", "deep/er"] {
        let inside = folder.path().join(inside);
        let run_inside = |args: &[&str], input: &str| {
            let mut dtmask = command(args);
            dtmask
                .current_dir(&inside)
                .env("HOME", folder.path())
                .env("XDG_CONFIG_HOME", folder.path());
            feed(dtmask, input.as_bytes())
        };
        let ran = run_inside(&[], &token);
        assert_eq!((ran.code, ran.text()), (Some(0), samples::masked(&token)));
        assert_eq!(ran.stderr, "");
        assert_eq!(run_inside(&["rules"], "").text(), rules);
        let ran = run_inside(&["rules", "--explain"], &token);
        assert!(
            ran.text().starts_with("1:33: token, 64 bytes"),
            "{}",
            ran.text()
        );
    }
    // The file works, if it is named.
    let mut dtmask = command(["--config", folder.config()]);
    dtmask.env("HOME", folder.path());
    assert_eq!(feed(dtmask, token.as_bytes()).text(), token);
}

#[test]
fn what_is_for_scan_never_changes_masking() {
    let token = samples::api_token();
    let text = format!(
        "[scan]\nstrict = true\nhidden = true\nbinary = true\nno-ignore = true\n\
         allow-id = ['dt0c01.{P24}']\nbaseline = '/nowhere/baseline.json'"
    );
    assert_eq!(masked(&text, &[], &token), samples::masked(&token));
    let allowed = format!("{token} dtmask:allow\n");
    assert_eq!(
        masked(&text, &[], &allowed),
        allowed.replace(S64, &"*".repeat(64))
    );
}

#[test]
fn the_example_is_a_rule_file() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/dtmask.toml");
    let ran = run(&["--config", example, "rules"], "");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let table = ran.text();
    let has = |name: &str| table.lines().any(|line| line.starts_with(name));
    assert!(has("jwt ") && has("session ") && has("hide-id ") && !has("base64-wrapped"));
    let mut dtmask = command(["--config", example]);
    dtmask.env("CI_JOB_TOKEN", "value of the job");
    let input = format!(
        "sessionId: 0123456789abcdef {} value of the job",
        samples::api_token()
    );
    let expected = format!("sessionId: [REDACTED] dt0c01.{P24}.[REDACTED] [REDACTED]");
    assert_eq!(feed(dtmask, input.as_bytes()).text(), expected);
}
