//! The example, run as a user would.

use dtmask_test::example;
use dtmask_test::samples::{self, S64};

#[test]
fn the_service_logs_its_requests_without_the_secret() {
    let token = samples::api_token();
    let mut service = example::command("service");
    let output = service.env("DT_API_TOKEN", &token).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{log}");

    // The request was sent as it is, and logged with its identifier.
    let sent = "Api-Token ".len() + token.len();
    assert!(stdout.contains(&format!("got {sent} bytes")), "{stdout}");
    assert!(
        stdout.contains("masked_secrets{rule=\"token\"} 1\n"),
        "{stdout}"
    );
    let masked = format!(
        "\\\"authorization\\\": \\\"Api-Token {}\\\"",
        samples::masked(&token)
    );
    assert!(log.contains(&masked), "{log}");
    assert!(!log.contains(S64), "{log}");
    for line in log.lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect(line);
        assert_eq!(event["level"], "INFO", "{line}");
    }
}
