//! `dtmask FILE...`: files into one output.

use dtmask_test::samples;

use crate::folder::Folder;

/// A line with a token, and the same line masked.
fn line(name: &str) -> (String, String) {
    let token = samples::api_token();
    let masked = samples::masked(&token);
    (
        format!("{name} {token} end\n"),
        format!("{name} {masked} end\n"),
    )
}

#[test]
fn files_come_out_one_after_the_other() {
    let folder = Folder::new();
    let (a, b) = (line("a"), line("b"));
    folder.write("a.log", &a.0);
    folder.write("b.log", &b.0);
    let ran = folder.run(&["a.log", "b.log", "a.log"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(ran.text(), format!("{}{}{}", a.1, b.1, a.1));
    assert_eq!(folder.read("a.log"), a.0.as_bytes());
}

#[test]
fn a_dash_is_standard_input() {
    let folder = Folder::new();
    let (file, input) = (line("file"), line("input"));
    folder.write("a", &file.0);
    let ran = folder.feed(&["a", "-", "a"], input.0.as_bytes());
    assert_eq!(ran.text(), format!("{}{}{}", file.1, input.1, file.1));
    // Its end is its end.
    let ran = folder.feed(&["-", "-"], input.0.as_bytes());
    assert_eq!((ran.code, ran.text()), (Some(0), input.1));
}

#[test]
fn a_secret_never_goes_on_in_the_next_file() {
    let folder = Folder::new();
    let token = samples::api_token();
    let (head, tail) = token.split_at(token.len() - 20);
    folder.write("a", head);
    folder.write("b", tail);
    let ran = folder.run(&["a", "b"]);
    assert_eq!(ran.text(), format!("{}{tail}", samples::masked(head)));

    // Nor is what is undecided at the end of a file decided by another.
    folder.write("a", "Api-Token abcdefgh");
    folder.write("b", "ijklmnopqrst");
    let ran = folder.run(&["a", "b", "a"]);
    assert_eq!(
        ran.text(),
        "Api-Token abcdefghijklmnopqrstApi-Token abcdefgh"
    );
}

#[test]
fn what_cannot_be_read_is_named_and_the_others_go_on() {
    let folder = Folder::new();
    let (a, b) = (line("a"), line("b"));
    folder.write("a", &a.0);
    folder.write("b", &b.0);
    std::fs::create_dir(folder.path("folder")).expect("a folder can be made");
    for flags in [&[][..], &["--fail-on-match"], &["--quiet"]] {
        let ran = folder.run(&[flags, &["a", "missing", "folder", "b"]].concat());
        assert_eq!((ran.code, ran.text()), (Some(2), format!("{}{}", a.1, b.1)));
        let lines: Vec<&str> = ran.stderr.lines().collect();
        assert_eq!(lines.len(), 2, "{}", ran.stderr);
        assert!(lines[0].starts_with("dtmask: cannot read missing: "));
        assert!(lines[1].starts_with("dtmask: cannot read folder: "));
    }
}

#[test]
fn a_name_can_hold_a_secret_and_play_tricks() {
    let folder = Folder::new();
    let token = samples::api_token();
    let ran = folder.run(&[&format!("{token}\n\u{1b}[2J")]);
    assert_eq!(ran.code, Some(2));
    let masked = samples::masked(&token);
    assert!(
        ran.stderr
            .starts_with(&format!("dtmask: cannot read {masked}\\n\\u{{1b}}[2J: ")),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stderr.lines().count(), 1);
}

#[test]
fn statistics_and_the_exit_code_are_of_all_files() {
    let folder = Folder::new();
    let a = line("a").0;
    let b = format!("tenantToken={}\n", samples::T16);
    folder.write("a", &a);
    folder.write("b", &b);
    folder.write("clean", "nothing\n");
    let ran = folder.run(&["--stats", "--fail-on-match", "a", "clean", "b", "a"]);
    assert_eq!(ran.code, Some(1));
    let bytes = 2 * a.len() + b.len() + 8;
    assert_eq!(
        ran.stderr,
        format!(
            "dtmask: 3 secrets masked (token 2, context-assign 1) in {bytes} B ({bytes} bytes)\n"
        )
    );
    assert_eq!(folder.run(&["--fail-on-match", "clean"]).code, Some(0));
}

#[test]
fn a_file_that_is_called_as_a_command_goes_behind_two_dashes() {
    let folder = Folder::new();
    let (file, masked) = line("x");
    folder.write("rules", &file);
    assert_eq!(folder.run(&["--", "rules"]).text(), masked);
    assert_eq!(folder.run(&["./rules"]).text(), masked);
    assert!(folder.run(&["rules"]).text().contains("context-assign"));
    // Behind a file all are files.
    folder.write("a", "a");
    assert_eq!(folder.run(&["a", "rules"]).text(), format!("a{masked}"));
}

#[test]
fn flags_may_stand_behind_files() {
    let folder = Folder::new();
    folder.write("a", line("a").0);
    let ran = folder.run(&["a", "--mask-text", "[X]"]);
    let token = samples::api_token();
    assert_eq!(
        ran.text(),
        format!("a {}[X] end\n", &token[..token.len() - 64])
    );
}

#[test]
fn an_output_file_appears_whole() {
    let folder = Folder::new();
    let (file, masked) = line("x");
    folder.write("in", &file);
    let ran = folder.run(&["-o", "out", "in"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str(), ran.stdout.len()),
        (Some(0), "", 0)
    );
    assert_eq!(folder.read("out"), masked.as_bytes());
    assert_eq!(folder.names(), ["in", "out"]);

    let ran = folder.feed(&["--output", "out"], file.replace('x', "y").as_bytes());
    assert_eq!(ran.code, Some(0));
    assert_eq!(folder.read("out"), masked.replace('x', "y").as_bytes());

    // So it may be an input: that was read by then.
    let ran = folder.run(&["-o", "in", "in", "out"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let both = format!("{masked}{}", masked.replace('x', "y"));
    assert_eq!(folder.read("in"), both.as_bytes());
    assert_eq!(
        folder.run(&["-o", "-", "out"]).text(),
        masked.replace('x', "y")
    );
}

#[test]
fn an_output_file_is_left_as_it_was_after_an_error() {
    let folder = Folder::new();
    folder.write("a", line("a").0);
    for existing in [None, Some("old")] {
        if let Some(text) = existing {
            folder.write("out", text);
        }
        let before = folder.names();
        let ran = folder.run(&["-o", "out", "a", "missing"]);
        assert_eq!(ran.code, Some(2));
        assert!(
            ran.stderr.ends_with("dtmask: out is not written\n"),
            "{}",
            ran.stderr
        );
        assert_eq!(folder.names(), before);
    }
    assert_eq!(folder.read("out"), b"old");

    for out in ["missing/out", "folder"] {
        let _ = std::fs::create_dir(folder.path("folder"));
        let ran = folder.run(&["-o", out, "a"]);
        assert_eq!(ran.code, Some(2));
        assert!(
            ran.stderr
                .starts_with(&format!("dtmask: cannot write to {out}: ")),
            "{}",
            ran.stderr
        );
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::Permissions;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    use std::process::Stdio;
    use std::thread;
    use std::time::Duration;

    use rustix::process::Signal;

    use super::line;
    use crate::folder::Folder;
    use crate::live::Live;
    use crate::process::command;

    #[test]
    fn a_file_that_is_written_to_is_not_read() {
        let folder = Folder::new();
        let (file, masked) = line("x");
        for script in [
            "\"$DTMASK\" in other >> in",
            "\"$DTMASK\" - other < in >> in",
            "\"$DTMASK\" in other 1<> in",
            "\"$DTMASK\" -o /dev/stdout in other >> in",
        ] {
            folder.write("in", &file);
            folder.write("other", "other\n");
            let ran = folder.shell(script);
            assert_eq!(ran.code, Some(2), "{script}");
            assert!(
                ran.stderr.contains("it is the output too"),
                "{}",
                ran.stderr
            );
            let text = folder.read("in");
            assert!(!text.starts_with(masked.as_bytes()), "{script}");
            assert!(text.windows(6).any(|bytes| bytes == b"other\n"), "{script}");
        }
        // There is nothing left to read in this one.
        folder.write("in", &file);
        let ran = folder.shell("\"$DTMASK\" in > in");
        assert_eq!((ran.code, folder.read("in").len()), (Some(0), 0));
    }

    #[test]
    fn an_output_file_keeps_its_mode_and_a_new_one_gets_the_usual() {
        let folder = Folder::new();
        folder.write("in", "text");
        folder.write("out", "old");
        std::fs::set_permissions(folder.path("out"), Permissions::from_mode(0o640))
            .expect("a mode can be set");
        let ran = folder.shell("umask 027; \"$DTMASK\" -o out in && \"$DTMASK\" -o new in");
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        let mode = |name| folder.path(name).metadata().expect("it is there").mode() & 0o7777;
        assert_eq!([mode("out"), mode("new")], [0o640; 2]);
        assert_eq!([folder.read("out"), folder.read("new")], [b"text"; 2]);
    }

    #[test]
    fn an_output_file_keeps_its_owner_where_files_can_be_given_away() {
        use std::os::unix::fs::chown;

        let folder = Folder::new();
        folder.write("in", "text");
        folder.write("out", "old");
        let out = folder.path("out");
        // Only root can give one away; for all others this is no change.
        let own = out.metadata().expect("it is there");
        let root = own.uid() == 0;
        let owner = if root {
            (65534, 65534)
        } else {
            (own.uid(), own.gid())
        };
        chown(&out, Some(owner.0), Some(owner.1)).expect("it can be given away");
        std::fs::set_permissions(&out, Permissions::from_mode(0o600)).expect("it is ours");
        assert_eq!(folder.run(&["-o", "out", "in"]).code, Some(0));
        let out = out.metadata().expect("it is there");
        assert_eq!((out.uid(), out.gid()), owner);
        assert_eq!(out.mode() & 0o7777, 0o600);
        assert_eq!(folder.read("out"), b"text");
    }

    #[test]
    fn what_a_link_leads_to_is_replaced() {
        let folder = Folder::new();
        folder.write("in", "text");
        folder.write("target", "old");
        symlink("target", folder.path("link")).expect("a link can be made");
        symlink("nowhere", folder.path("dangling")).expect("a link can be made");
        assert_eq!(folder.run(&["-o", "link", "in"]).code, Some(0));
        assert!(folder.path("link").is_symlink());
        assert_eq!(folder.read("target"), b"text");

        let ran = folder.run(&["-o", "dangling", "in"]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.contains("a link to a file that does not exist"));
    }

    #[test]
    fn pipes_and_devices_are_written_to_directly() {
        let folder = Folder::new();
        let (file, masked) = line("x");
        folder.write("in", &file);
        let ran = folder.run(&["-o", "/dev/stdout", "in"]);
        assert_eq!((ran.code, ran.text()), (Some(0), masked.clone()));
        let ran = folder.shell("{ echo first; \"$DTMASK\" -o /dev/stdout in; echo last; } > out");
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(
            folder.read("out"),
            format!("first\n{masked}last\n").as_bytes()
        );
        let ran = folder.shell("mkfifo pipe; cat pipe & \"$DTMASK\" -o pipe in; wait");
        assert_eq!((ran.code, ran.text()), (Some(0), masked));
        assert_eq!(folder.run(&["-o", "/dev/null", "in"]).code, Some(0));
    }

    #[test]
    fn a_pipe_is_read_as_it_comes() {
        let folder = Folder::new();
        let ran = folder.shell(
            "mkfifo pipe && (printf 'a\\n'; sleep 0.1; echo b) > pipe & \
                                sleep 0.1; \"$DTMASK\" pipe; wait",
        );
        assert_eq!((ran.code, ran.text().as_str()), (Some(0), "a\nb\n"));
    }

    /// A process that is in the middle of writing a file, and can read no further.
    fn stuck(folder: &Folder) -> Live {
        let (file, _) = line("x");
        folder.write("in", file.repeat(1000));
        let mut dtmask = command(["-o", "out", "in", "-"]);
        dtmask
            .current_dir(folder.path("."))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let live = Live::spawn(dtmask);
        while folder.names().len() < 2 {
            thread::sleep(Duration::from_millis(1));
        }
        live
    }

    #[test]
    fn a_signal_leaves_no_file_behind() {
        for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
            let folder = Folder::new();
            let live = stuck(&folder);
            thread::sleep(Duration::from_millis(100));
            live.signal(signal);
            live.signal(signal);
            let ran = live.end();
            assert_eq!(ran.code, Some(128 + signal.as_raw()));
            assert_eq!(folder.names(), ["in"]);
        }
    }

    #[test]
    fn the_last_words_of_a_pipe_are_in_the_file() {
        let folder = Folder::new();
        let mut live = stuck(&folder);
        thread::sleep(Duration::from_millis(100));
        live.signal(Signal::TERM);
        live.say("last words\n");
        live.hang_up();
        assert_eq!(live.end().code, Some(0));
        assert_eq!(folder.names(), ["in", "out"]);
        assert!(folder.read("out").ends_with(b" end\nlast words\n"));
    }
}
