//! The example, run as a user would.

use dtmask_test::example;
use dtmask_test::samples::{self, L21, S64};

#[test]
fn env_logger_prints_no_secret_either_way() {
    let token = samples::api_token();
    for way in ["", "sink"] {
        let mut env_logger = example::command("env_logger");
        let output = env_logger.arg(way).env("DT_API_TOKEN", &token).output();
        let output = output.unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{way}: {log}");
        let masked = format!("Authorization: Api-Token {}", samples::masked(&token));
        assert!(log.contains(&masked), "{way}: {log}");
        assert!(
            log.contains(&format!("api_token={}", "*".repeat(L21.len()))),
            "{way}: {log}"
        );
        assert_eq!(log.lines().count(), 3, "{way}: {log}");
        assert!(!log.contains(S64) && !log.contains(L21), "{way}: {log}");
    }
}
