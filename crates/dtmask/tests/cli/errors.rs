//! What goes wrong, what is said about it, and what must not be said.

use std::fs;

use dtmask_test::samples;

use crate::known::{folder, run_in, text};
use crate::process::run;

/// Arguments in which somebody pasted a token.
fn pasted(token: &str) -> Vec<Vec<String>> {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    vec![
        words(&[token]),
        words(&["--with", token]),
        words(&["--without", token]),
        words(&["--profile", token]),
        words(&["--hide-id", token]),
        words(&["--mask-char", token]),
        words(&["--mask-text", token]),
        words(&["--mask-text", &format!("a {token} b")]),
        words(&[&format!("--{token}")]),
        words(&[&format!("--stats={token}")]),
        words(&["rules", token]),
        words(&["help", token]),
        words(&["--with", &format!("apiToken={}", samples::L21)]),
        words(&[&format!("Api-Token {}", samples::L21)]),
    ]
}

#[test]
fn a_message_never_holds_a_secret() {
    for token in [
        samples::api_token(),
        samples::tenant_token(),
        samples::connection_token(),
    ] {
        let secret = token.rsplit_once('.').expect("a token has parts").1;
        for args in pasted(&token) {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let ran = run(&args, "input\n");
            assert_eq!(ran.code, Some(2), "{args:?}");
            assert!(!ran.stderr.is_empty());
            for hidden in [secret, &secret[..12], samples::L21] {
                assert!(!ran.stderr.contains(hidden), "a secret in {}", ran.stderr);
                assert!(!ran.text().contains(hidden), "a secret in the output");
            }
        }
    }
}

#[test]
fn no_message_shows_a_known_value() {
    let value = "sw0rdfish/42";
    let folder = folder(&[
        ("values", value.as_bytes()),
        ("short", b"sw0rdfish/42\nshort"),
    ]);
    let file = folder.path().join("values");
    let short = folder.path().join("short");
    let config = folder.path().join("dtmask.toml");
    fs::write(&config, "[known]\nfile = ['values']").unwrap();
    let file_flag = format!("--known-file={}", text(&file));
    let sources = [
        vec!["--known-env", "V"],
        vec!["--known-env=V"],
        vec![&*file_flag],
        vec!["--known-dir", "DIR", "--known-env", "V"],
        vec!["--config", text(&config)],
    ];
    let quoted = format!("--bogus={value}");
    let padded = format!("x{value}y");
    let wrong = [
        vec!["--hide-id", value],
        vec!["--mask-text", &padded],
        vec!["--mask-char", value],
        vec!["--known-file", &padded],
        vec!["--known-env", &padded],
        vec!["--known-dir", &padded],
        vec!["--known-file", text(&short)],
        // What clap says of these, it says before anything is read.
        vec!["--with", &padded],
        vec!["--profile", value],
        vec![&*quoted],
        vec![&*padded],
        vec!["rules", value],
    ];
    for source in &sources {
        for wrong in &wrong {
            for args in [
                [source.clone(), wrong.clone()],
                [wrong.clone(), source.clone()],
            ] {
                let args = args.concat();
                let ran = run_in(&[("V", value)], &args, value);
                assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""), "{args:?}");
                assert!(ran.stderr.starts_with("dtmask: "), "{}", ran.stderr);
                assert!(!ran.stderr.contains("sw0rdfish"), "{args:?} {}", ran.stderr);
            }
        }
    }
}

/// What the system says of a path may be written in another way than the path.
#[test]
fn no_message_about_a_file_in_an_absent_folder_shows_a_secret() {
    let secret = samples::S64;
    let coloured = format!("dt0c01.{}.\u{1b}[0m{secret}/x", samples::P24);
    hidden(&["-o", &coloured], &secret[..8]);
    hidden(&["scan", "--write-baseline", &coloured], &secret[..8]);
    let value = "qualm/zebra\u{ad}jinx";
    for flag in ["-o", "--write-baseline"] {
        let args = match flag {
            "-o" => vec!["--known-env", "V", flag, value],
            flag => vec!["scan", "--known-env", "V", flag, value],
        };
        let ran = run_in(&[("V", value)], &args, "");
        assert_eq!(ran.code, Some(2));
        for part in ["qualm", "zebra", "jinx"] {
            assert!(!ran.stderr.contains(part), "{}", ran.stderr);
        }
    }
}

/// A rule file with a rule that finds what no built-in rule does, and nothing else.
const SESSIONS: &str = "[[rule]]\nname = 'session'\n\
    [[rule.pattern]]\nkeep = 'session='\nsecret = '[a-f0-9]'\nmin = 16\n";

#[test]
fn no_message_shows_a_hidden_identifier() {
    let id = format!("dt0s01.{}", samples::P24);
    let name = format!("nosuch/{id}.log");
    let folder = folder(&[("dtmask.toml", b"hide-id = ['dt0s01']")]);
    let config = folder.path().join("dtmask.toml");
    let hiding = [
        vec!["--hide-id", "dt0s01"],
        vec!["--hide-id=dt0s01"],
        vec!["--config", text(&config)],
        vec!["--hide-id", "dt0s01", "--hide-id", "nothing"],
    ];
    let bogus = format!("--bogus={id}");
    let wrong = [
        vec![&*name],
        vec![&*bogus],
        vec!["--profile", &id],
        vec!["--known-file", &name],
        vec!["rules", &id],
    ];
    for hiding in &hiding {
        for wrong in &wrong {
            let args = [hiding.clone(), wrong.clone()].concat();
            hidden(&args, samples::P24);
        }
    }
    hidden(&["--hide-id", "dt0s01", "--config", &name], samples::P24);
    hidden(&["--hide-id", "dt0s01", "--in-place", &name], samples::P24);
    hidden(&["scan", "--hide-id", "dt0s01", &name], samples::P24);
    // Shown where nobody asked for anything else.
    assert!(run(&[&name], "").stderr.contains(samples::P24));
}

#[test]
fn no_message_shows_what_a_rule_of_the_user_finds() {
    let secret = "0123456789abcdef";
    let name = format!("nosuch/session={secret}");
    let twice = SESSIONS.repeat(2);
    let faulty = format!("{SESSIONS}[[rule]]\nname = 'token'\npattern = []\n");
    let folder = folder(&[
        ("good.toml", SESSIONS.as_bytes()),
        ("twice.toml", twice.as_bytes()),
        ("faulty.toml", faulty.as_bytes()),
    ]);
    for file in ["good.toml", "twice.toml", "faulty.toml"] {
        let config = folder.path().join(file);
        let config = text(&config);
        hidden(&["--config", config, &name], secret);
        hidden(&["--config", config, "--hide-id", &name], secret);
        hidden(&["--config", config, &format!("--bogus=/{name}")], secret);
        hidden(&["scan", "--config", config, &name], secret);
    }
    assert!(run(&[&name], "").stderr.contains(secret));
}

/// Fails if a message about `args`, which there must be, shows `secret`.
#[track_caller]
fn hidden(args: &[&str], secret: &str) {
    let ran = run(args, "");
    assert_eq!(ran.code, Some(2), "{args:?}");
    assert!(ran.stderr.starts_with("dtmask: "), "{}", ran.stderr);
    assert!(!ran.stderr.contains(secret), "{args:?} {}", ran.stderr);
}

#[test]
fn a_message_cannot_steer_a_terminal() {
    let ran = run(&["\u{1b}[2Jgone"], "");
    assert_eq!(ran.code, Some(2));
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
}

#[cfg(unix)]
mod unix {
    use std::fs::File;
    use std::io::{ErrorKind, Write};
    use std::net::{TcpListener, TcpStream};
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::net::UnixDatagram;
    use std::process::Stdio;

    use dtmask_test::samples;

    use crate::folder::Folder;
    use crate::live::Live;
    use crate::process::{command, feed, shell};

    #[test]
    fn an_argument_that_is_no_text_is_an_error() {
        let argument = std::ffi::OsStr::from_bytes(b"--with=\xff\xfe");
        let ran = feed(command([argument]), b"");
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.starts_with("dtmask: "), "{}", ran.stderr);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error() {
        let token = samples::api_token();
        for flags in [
            "",
            "--mask-text '[X]'",
            "--fail-on-match",
            "rules",
            "--help",
        ] {
            let ran = shell(&format!("\"$DTMASK\" {flags} > /dev/full"), &token);
            assert_eq!(ran.code, Some(2), "{flags}");
            assert!(
                ran.stderr
                    .starts_with("dtmask: cannot write to standard output: No space left"),
                "{flags}: {}",
                ran.stderr
            );
            assert_eq!(ran.stderr.lines().count(), 1);
        }
        let ran = shell("\"$DTMASK\" --stats > /dev/full", &token);
        assert_eq!((ran.code, ran.stderr.lines().count()), (Some(2), 2));
        // Whoever cannot be told anything still gets the exit code.
        let ran = shell("\"$DTMASK\" --stats > /dev/full 2> /dev/full", &token);
        assert_eq!(ran.code, Some(2));
    }

    /// A signal comes with it that ends whoever does not handle it.
    #[test]
    fn a_file_that_may_not_grow_is_an_error() {
        let input = samples::api_token().repeat(1000);
        for (flags, said) in [
            ("in -o out", "cannot write to out"),
            ("in > out", "cannot write to standard output"),
            ("< in > out", "cannot write to standard output"),
            ("--mask-text '[REDACTED]' --in-place in", "cannot mask in"),
        ] {
            let folder = Folder::new();
            folder.write("in", &input);
            let ran = folder.shell(&format!("ulimit -f 1; \"$DTMASK\" {flags}"));
            assert_eq!(ran.code, Some(2), "{flags}: {}", ran.stderr);
            let message = format!("dtmask: {said}: File too large");
            assert!(ran.stderr.starts_with(&message), "{flags}: {}", ran.stderr);
            assert_eq!(ran.stderr.lines().count(), 1, "{flags}");
            assert_eq!(folder.read("in"), input.as_bytes());
            let mut names = folder.names();
            names.retain(|name| !["in", "out"].contains(&name.as_str()));
            assert!(names.is_empty(), "{flags}: {names:?}");
        }
    }

    #[test]
    fn a_directory_cannot_be_read() {
        for flags in ["", "--fail-on-match", "rules --explain"] {
            let ran = shell(&format!("\"$DTMASK\" {flags} < /"), "");
            assert_eq!((ran.code, ran.stdout.len()), (Some(2), 0));
            let message = "dtmask: cannot read standard input: ";
            assert!(ran.stderr.starts_with(message), "{}", ran.stderr);
        }
    }

    #[test]
    fn an_input_open_for_writing_only_cannot_be_read() {
        let file = File::options().write(true).open("/dev/null");
        let mut dtmask = command::<&str>([]);
        dtmask.stdin(file.expect("the null device can be written"));
        let output = dtmask.output().expect("the binary starts");
        assert_eq!(output.status.code(), Some(2));
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains("cannot read standard input"), "{message}");
    }

    #[test]
    fn a_reader_that_left_is_no_error_for_the_table_either() {
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        drop(reader);
        for args in [&["rules"][..], &["--help"], &["rules", "--explain"]] {
            let mut dtmask = command(args);
            dtmask
                .stdin(Stdio::null())
                .stdout(writer.try_clone().expect("a descriptor can be copied"));
            let output = dtmask.output().expect("the binary starts");
            assert_eq!(output.status.code(), Some(0), "{args:?}");
            assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        }
    }

    /// A connection that breaks, as seen by the binary: what was undecided may be
    /// a secret.
    #[test]
    fn a_read_error_masks_what_is_withheld() {
        for (args, mask) in [(&[][..], "*******"), (&["--mask-text", "[X]"], "[X]")] {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
            let address = listener.local_addr().expect("it has an address");
            let mut ours = TcpStream::connect(address).expect("somebody listens");
            let (mut theirs, _) = listener.accept().expect("somebody called");
            // A close with bytes unread is a reset.
            theirs.write_all(b"unread").expect("a socket takes bytes");
            ours.peek(&mut [0]).expect("they arrived");

            let mut dtmask = command(args);
            dtmask.stdin(Stdio::from(OwnedFd::from(theirs)));
            let mut live = Live::spawn(dtmask);
            ours.write_all(b"Api-Token abcdefg")
                .expect("a socket takes bytes");
            live.hear("Api-Token ");
            drop(ours);
            let ran = live.end();
            assert_eq!((ran.code, ran.text().as_str()), (Some(2), mask));
            let message = "dtmask: cannot read standard input: ";
            assert!(ran.stderr.starts_with(message), "{}", ran.stderr);
        }
    }

    #[test]
    fn a_message_is_one_write() {
        // Of which each write arrives by itself.
        let (ours, theirs) = UnixDatagram::pair().expect("sockets can be made");
        let mut dtmask = command(["--profile", "nothing"]);
        dtmask.stdin(Stdio::null()).stderr(OwnedFd::from(theirs));
        let status = dtmask.status().expect("the binary starts");
        assert_eq!(status.code(), Some(2));
        ours.set_nonblocking(true).expect("a socket has modes");
        let mut message = [0; 4096];
        let len = ours.recv(&mut message).expect("there is a message");
        let message = String::from_utf8_lossy(&message[..len]);
        assert!(
            message.starts_with("dtmask: invalid value 'nothing'"),
            "{message}"
        );
        assert!(message.ends_with("'--help'.\n"), "{message}");
        let more = ours.recv(&mut [0]).expect_err("there is no more");
        assert_eq!(more.kind(), ErrorKind::WouldBlock);
    }
}
