//! `dtmask rules`: which there are, and which of them matched where.

use std::io::Write as _;

use dtmask_test::samples::{self, L21, P24, S64};
use dtmask_test::table::cases;

use crate::process::run;
use crate::scan::{Tree, assert_no_secret};

/// The first column of a table.
fn names(table: &str) -> Vec<&str> {
    table
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

#[test]
fn the_table_lists_the_active_rules() {
    let ran = run(&["rules"], "");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let table = ran.text();
    let head: Vec<&str> = table
        .lines()
        .next()
        .into_iter()
        .flat_map(str::split_whitespace)
        .collect();
    assert_eq!(head, ["RULE", "PATTERNS", "MIN", "MAX", "FINDS"]);
    assert_eq!(
        names(&table),
        [
            "token",
            "token-any-id",
            "token-wrapped",
            "tenant-token",
            "context-assign",
            "context-pair",
            "context-block",
            "context-realm",
            "base64",
            "base64-wrapped",
        ]
    );
    let base64 = table.lines().find(|line| line.starts_with("base64 "));
    let cells: Vec<&str> = base64
        .into_iter()
        .flat_map(str::split_whitespace)
        .take(4)
        .collect();
    assert_eq!(cells, ["base64", "3", "16", "260"]);
    assert!(
        table
            .lines()
            .all(|line| line.len() <= 100 && line == line.trim_end())
    );
}

#[test]
fn flags_count_on_both_sides_of_the_command() {
    let args = ["--profile", "published", "--with", "jwt", "rules"];
    let before = run(&args, "").text();
    assert_eq!(names(&before), ["published", "jwt"]);
    let args = ["rules", "--with", "jwt", "--profile=published"];
    assert_eq!(run(&args, "").text(), before);
    let args = [
        "--with",
        "jwt",
        "rules",
        "--profile",
        "published",
        "--with",
        "token-response",
    ];
    assert_eq!(
        names(&run(&args, "").text()),
        ["published", "jwt", "token-response"]
    );
    let args = [
        "--without",
        "base64",
        "rules",
        "--hide-id",
        "dt0s01",
        "--without=base64-wrapped",
    ];
    let table = run(&args, "").text();
    assert!(!names(&table).iter().any(|name| name.starts_with("base64")));
    assert!(names(&table).contains(&"hide-id"));
}

#[test]
fn an_explanation_says_where_and_why_and_not_what() {
    let token = samples::api_token();
    let input = format!("first\nAuth: Api-Token {token} x\n\napiToken={L21}\n");
    let ran = run(&["rules", "--explain"], &input);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let stars = "*".repeat(64);
    let offset = input.find(S64).expect("the token is there");
    let second = input.find(L21).expect("the value is there");
    assert_eq!(
        ran.text(),
        format!(
            "2:49: token, 64 bytes at offset {offset}, complete, token identifier dt0c01.{P24}\n    \
             Auth: Api-Token dt0c01.{P24}.{stars} x\n\
             4:10: context-assign, 21 bytes at offset {second}, cut off\n    \
             apiToken={}\n\
             2 secrets in {} bytes\n",
            &stars[..21],
            input.len()
        )
    );
}

#[test]
fn an_explanation_of_nothing_says_so() {
    let ran = run(&["rules", "--explain"], "Api-Token expired\n");
    assert_eq!(
        (ran.code, ran.text().as_str()),
        (Some(0), "0 secrets in 18 bytes\n")
    );
    let ran = run(&["rules", "--explain", "--fail-on-match"], "");
    assert_eq!(
        (ran.code, ran.text().as_str()),
        (Some(0), "0 secrets in 0 bytes\n")
    );
}

#[test]
fn an_explanation_can_fail_a_build() {
    for args in [
        ["rules", "--explain", "--fail-on-match"],
        ["--fail-on-match", "rules", "--explain"],
    ] {
        let ran = run(&args, samples::api_token());
        assert_eq!(ran.code, Some(1));
        assert!(
            ran.text()
                .starts_with("1:33: token, 64 bytes at offset 32, complete")
        );
        assert!(ran.text().ends_with("\n1 secret in 96 bytes\n"));
    }
}

#[test]
fn a_hidden_identifier_is_not_explained_away() {
    let ran = run(
        &["rules", "--explain", "--hide-id", "dt0c01"],
        samples::api_token(),
    );
    assert!(!ran.text().contains(&P24[..4]), "{}", ran.text());
}

#[test]
fn long_lines_are_cut_and_controls_are_spelt_out() {
    let token = samples::api_token();
    let input = format!(
        "{}\x1b[1m{token}\0{}\n{token}\n",
        "x".repeat(5000),
        "y".repeat(5000)
    );
    let ran = run(&["rules", "--explain"], &input);
    let text = ran.text();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("1:5037: token, "), "{}", lines[0]);
    assert!(lines[1].starts_with("    …xxx"), "{}", lines[1]);
    assert!(lines[1].contains("x\\u{1b}[1mdt0c01."), "{}", lines[1]);
    assert!(lines[1].contains("*\\u{0}yyy"), "{}", lines[1]);
    assert!(lines[1].ends_with("yyy…"), "{}", lines[1]);
    assert!(lines[1].chars().count() < 220, "{}", lines[1]);
    assert!(lines[2].starts_with("2:33: token, "), "{}", lines[2]);

    // A secret without end is cut as well.
    let input = format!("dt0c01.{P24}.{}", "A".repeat(1 << 20));
    let text = run(&["rules", "--explain"], input).text();
    assert!(text.len() < 500);
    assert!(
        text.contains(", 1048576 bytes at offset 32, complete"),
        "{text}"
    );
}

#[test]
fn many_secrets_in_one_line_are_explained_in_linear_time() {
    let token = samples::api_token();
    let ran = run(&["rules", "--explain"], format!("{token} ").repeat(50_000));
    assert!(ran.text().ends_with("50000 secrets in 4850000 bytes\n"));
}

#[test]
fn no_explanation_shows_a_secret() {
    let secrets = [S64, L21, samples::HEX64, samples::A24];
    for case in cases() {
        let ran = run(&["rules", "--explain"], &case.input);
        assert_eq!(ran.code, Some(0), "{}", case.id);
        let masked = String::from_utf8_lossy(&case.default);
        for secret in secrets {
            // What the filter shows, such as a value without context, may be shown.
            let shown = masked.contains(secret) || !ran.text().contains(secret);
            assert!(shown, "{} shows a secret", case.id);
        }
        let found = !ran.text().starts_with("0 secrets in ");
        assert_eq!(found, case.input != case.default, "{}", case.id);
    }
}

#[test]
fn files_are_explained_by_their_names() {
    let folder = Tree::new();
    let line = format!("x {}\n", samples::api_token());
    folder.write("a.log", &line);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(format!("\n{line}").as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    folder.write("b.log.gz", &gzip);
    let ran = folder.run_with("rules --explain a.log - b.log.gz", &line);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    let text = ran.text();
    let places: Vec<_> = text.lines().filter_map(|l| l.split(", ").next()).collect();
    for expected in [
        "a.log:1:35: token",
        "standard input:1:35: token",
        "b.log.gz:2:35: token",
        "3 secrets in 298 bytes",
    ] {
        assert!(places.contains(&expected), "{text}");
    }
    assert_no_secret(&text);

    // What cannot be read, or not all of it, is told, and the rest explained.
    folder.write("cut.gz", &gzip[..gzip.len() - 4]);
    let ran = folder.run("rules --explain --fail-on-match cut.gz missing a.log");
    assert_eq!(ran.code, Some(2));
    assert!(
        ran.text().starts_with("cut.gz:2:35: token"),
        "{}",
        ran.text()
    );
    assert!(ran.text().contains("\na.log:1:35: token"), "{}", ran.text());
    assert!(
        ran.stderr
            .contains("cannot read cut.gz: the gzip file is cut off")
    );
    assert!(
        ran.stderr.contains("cannot read missing: "),
        "{}",
        ran.stderr
    );

    let ran = folder.run("rules a.log");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--explain"), "{}", ran.stderr);
}
