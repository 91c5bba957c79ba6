//! Key-values, of every kind that a value can be of.

use dtmask_core::Mask;
use dtmask_log::{RedactLog, Redactor, dtmask_core};
use dtmask_test::samples::{self, L21, S64};
use dtmask_test::strategies;
use log::kv::{Source, Value};
use log::{Level, Log, Record};
use proptest::collection::vec;
use proptest::prelude::*;
use serde::Serialize;

use crate::ORACLE;
use crate::capture::{Capture, Seen};

fn log_with(logger: &RedactLog<Capture>, pairs: &dyn Source) -> Seen {
    let mut builder = Record::builder();
    builder.level(Level::Info).key_values(&pairs);
    logger.log(&builder.args(format_args!("sent")).build());
    let [seen] = logger.get_ref().take().try_into().unwrap();
    seen
}

fn key_values(pairs: &dyn Source) -> Vec<(String, String)> {
    log_with(&RedactLog::new(Capture::default()), pairs).key_values
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

fn stars(secret: &str) -> String {
    "*".repeat(secret.len())
}

#[derive(Debug, Serialize)]
struct Config {
    api_token: &'static str,
}

#[test]
fn a_token_is_masked_in_a_value_of_any_kind() {
    let token = samples::api_token();
    let masked = samples::masked(&token);
    let error = std::io::Error::other(token.clone());
    let config = Config { api_token: L21 };
    let pairs = [
        ("text", Value::from(token.as_str())),
        ("debug", Value::from_debug(&token)),
        ("display", Value::from_display(&token)),
        ("error", Value::from_dyn_error(&error)),
        ("struct", Value::from_debug(&config)),
        ("serde", Value::from_serde(&config)),
    ];
    let seen = key_values(&pairs);
    assert_eq!(seen[0], pair("text", &masked));
    assert_eq!(seen[1], pair("debug", &format!("{masked:?}")));
    assert_eq!(seen[2], pair("display", &masked));
    assert_eq!(seen[3], pair("error", &masked));
    let shown = format!("Config {{ api_token: \"{}\" }}", stars(L21));
    assert_eq!(seen[4], pair("struct", &shown));
    assert_eq!(seen[5], pair("serde", &shown));
}

#[test]
fn the_key_gives_a_legacy_token_away() {
    let pairs = [("api_token", L21), ("user", L21), ("Api-Token", L21)];
    let expected = [
        pair("api_token", &stars(L21)),
        pair("user", L21),
        pair("Api-Token", &stars(L21)),
    ];
    assert_eq!(key_values(&pairs), expected);
}

#[test]
fn the_pair_before_gives_a_legacy_token_away() {
    let pairs = [("name", "tenantToken"), ("value", L21)];
    let expected = [pair("name", "tenantToken"), pair("value", &stars(L21))];
    assert_eq!(key_values(&pairs), expected);
}

#[test]
fn pairs_that_only_stand_side_by_side_do_not_make_a_secret() {
    let pairs = [
        ("api_token", ""),
        ("authentication_method_of_the_request", "oauth"),
        ("ingest token", "none"),
        (
            "authentication-of-the-request",
            "a_long_word_that_is_no_token",
        ),
    ];
    let expected = pairs.map(|(key, value)| pair(key, value));
    assert_eq!(key_values(&pairs), expected);
}

#[test]
fn a_secret_in_a_key_is_masked() {
    let token = samples::platform_token();
    let pairs = [(token.as_str(), 1), ("b", 2)];
    let seen = log_with(&RedactLog::new(Capture::default()), &pairs);
    let expected = [pair(&samples::masked(&token), "1"), pair("b", "2")];
    assert_eq!(seen.key_values, expected);
    assert_eq!(seen.numbers, [1, 2]);
}

#[test]
fn clean_values_beside_a_secret_stay_what_they_are() {
    let token = samples::api_token();
    let pairs = [
        ("before", Value::from(3)),
        ("token", Value::from(token.as_str())),
        ("behind", Value::from(4)),
        ("none", Value::null()),
    ];
    let seen = log_with(&RedactLog::new(Capture::default()), &pairs);
    assert_eq!(seen.numbers, [3, 4]);
    assert_eq!(seen.key_values[1].1, samples::masked(&token));
    assert_eq!(seen.key_values[3], pair("none", "None"));
}

#[test]
fn a_text_mask_stands_once_for_each_secret() {
    let mask = Mask::text("[REDACTED]").unwrap();
    let redactor = Redactor::builder().mask(mask).build().unwrap();
    let logger = RedactLog::with_redactor(Capture::default(), redactor);
    let two = format!("{0} and {0}", samples::platform_token());
    let pairs = [("both", two.as_str()), ("api_token", L21), ("é", "clean")];
    let seen = log_with(&logger, &pairs).key_values;
    let id = format!("dt0s16.{}.[REDACTED]", samples::P8);
    let expected = [
        pair("both", &format!("{id} and {id}")),
        pair("api_token", "[REDACTED]"),
        pair("é", "clean"),
    ];
    assert_eq!(seen, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// The pairs are searched as the line that they would make.
    #[test]
    fn any_pairs_are_what_the_oracle_says(inputs in vec(strategies::short_input(), 0..8)) {
        let texts: Vec<_> = inputs.iter().map(|i| String::from_utf8_lossy(i)).collect();
        let pairs: Vec<(&str, &str)> = texts.chunks_exact(2).map(|p| (&*p[0], &*p[1])).collect();
        let line = pairs.iter().map(|(key, value)| format!("{key}=\"{value}\""));
        let line = ORACLE.redact_fill(line.collect::<Vec<_>>().join(",").as_bytes(), b'*');
        // A fill mask keeps every part where it was.
        let mut rest = String::from_utf8(line).unwrap();
        let mut expected = Vec::new();
        for (key, value) in &pairs {
            let mut behind = rest.split_off((key.len() + value.len() + 4).min(rest.len()));
            expected.push(pair(&rest[..key.len()], &rest[key.len() + 2..][..value.len()]));
            std::mem::swap(&mut rest, &mut behind);
        }
        prop_assert_eq!(key_values(&pairs), expected);
    }
}

#[test]
fn the_macros_of_log() {
    // The macros go to the one logger of the process, so this is the test that installs it.
    static CAPTURE: std::sync::LazyLock<Capture> = std::sync::LazyLock::new(Capture::default);
    let logger = RedactLog::new(&*CAPTURE);
    logger.install(log::LevelFilter::Info).unwrap();
    let token = samples::api_token();
    let error = std::io::Error::other(format!("Api-Token {L21} refused"));
    log::info!(target: "sends", token:% = token, status = 401; "sent {token}");
    log::warn!(error:err = error; "no answer");
    log::debug!("filtered out {token}");
    let [first, second] = CAPTURE.take().try_into().unwrap();
    let masked = samples::masked(&token);
    assert_eq!(first.message, format!("sent {masked}"));
    assert_eq!(
        first.key_values,
        [pair("token", &masked), pair("status", "401")]
    );
    assert_eq!(first.target, "sends");
    let refused = format!("Api-Token {} refused", stars(L21));
    assert_eq!(second.key_values, [pair("error", &refused)]);
    assert_eq!(second.target, module_path!());
    assert!(
        RedactLog::new(&*CAPTURE)
            .install(log::LevelFilter::Off)
            .is_err()
    );
    assert!(!first.message.contains(S64));
}
