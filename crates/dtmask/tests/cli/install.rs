//! Completions and man pages.

use std::fs;

use crate::process::run;

#[test]
fn completions_know_flags_and_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = run(&["completions", shell], "");
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{shell}");
        for word in ["mask-text", "fail-on-match", "explain", "run", "man"] {
            assert!(ran.text().contains(word), "{shell}: {word}");
        }
        // The names of rules, where a shell is told of values.
        let values = matches!(shell, "bash" | "zsh" | "fish");
        assert_eq!(ran.text().contains("context-assign"), values, "{shell}");
    }
    let ran = run(&["completions", "ksh"], "");
    assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("powershell"), "{}", ran.stderr);
    assert_eq!(run(&["completions"], "").code, Some(2));
}

#[cfg(unix)]
#[test]
fn bash_completes() {
    let script = "eval \"$(\"$DTMASK\" completions bash)\"; \
        complete_words() { COMP_WORDS=(dtmask \"$@\"); COMP_CWORD=$#; COMPREPLY=(); \
        _dtmask dtmask \"${COMP_WORDS[$COMP_CWORD]}\" \"${COMP_WORDS[$((COMP_CWORD - 1))]}\"; \
        echo \"${COMPREPLY[@]}\"; }; \
        complete_words ru; complete_words --mask-t; complete_words run --with toke; \
        complete_words completions z";
    let ran = crate::process::shell(
        &format!("exec bash --norc -c '{}'", script.replace('\'', "'\\''")),
        "",
    );
    assert_eq!(ran.stderr, "");
    assert_eq!(
        ran.text(),
        "rules run\n--mask-text\ntoken token-any-id token-wrapped token-response\nzsh\n"
    );
}

#[test]
fn each_command_has_a_man_page() {
    let ran = run(&["man"], "");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let page = ran.text();
    for part in [
        ".TH dtmask 1",
        ".SH SYNOPSIS",
        "\\-\\-mask\\-text",
        ".SH EXAMPLES",
        "dtmask\\-run(1)",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let page = run(&["man", "run"], "").text();
    for part in [
        ".TH dtmask-run 1",
        ".SH \"EXIT CODES\"",
        "125    dtmask itself",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    let ran = run(&["man", "walk"], "");
    assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""));
    assert!(
        ran.stderr
            .starts_with("dtmask: there is no command 'walk'; there are: ")
    );
}

#[test]
fn all_man_pages_are_written() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let pages = folder.path().join("share/man1");
    let name = pages.to_str().expect("its name is text");
    let ran = run(&["man", "--out", name], "");
    assert_eq!(
        (ran.code, ran.text().as_str(), ran.stderr.as_str()),
        (Some(0), "", "")
    );
    let mut names: Vec<String> = fs::read_dir(&pages)
        .expect("the folder was made")
        .map(|entry| entry.expect("it can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    for page in ["dtmask.1", "dtmask-rules.1", "dtmask-run.1", "dtmask-man.1"] {
        assert!(
            names.iter().any(|name| name == page),
            "{page} is not in {names:?}"
        );
    }
    assert!(!names.iter().any(|name| name.contains("help")), "{names:?}");
    let written = fs::read_to_string(pages.join("dtmask-run.1")).expect("it is text");
    assert_eq!(written, run(&["man", "run"], "").text());

    let ran = run(&["man", "--out", "/dev/null/pages"], "");
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.stderr
            .starts_with("dtmask: cannot write man pages to '/dev/null/pages': ")
    );
}
