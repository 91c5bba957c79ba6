//! Reports against the schemas that their readers publish.

use std::path::PathBuf;
use std::process::Command;

use dtmask_test::samples;
use serde_json::Value;

use super::Tree;
use super::git::Repository;

/// The schema of SARIF 2.1.0 that OASIS publishes, as the crate `serde-sarif` ships it.
fn sarif_schema() -> Value {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    // What other platforms need may not be there.
    let version = Command::new("rustc").arg("-vV").output();
    let version = String::from_utf8(version.expect("rustc runs").stdout).expect("it is text");
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--filter-platform"])
        .arg(host.expect("rustc names the platform"))
        .args(["--manifest-path", manifest])
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let metadata: Value = serde_json::from_slice(&output.stdout).expect(&said);
    let packages = metadata["packages"].as_array().expect("there are packages");
    let package = packages
        .iter()
        .find(|package| package["name"] == "serde-sarif");
    let manifest = package.expect("it is a dependency")["manifest_path"].as_str();
    let manifest = PathBuf::from(manifest.expect("a package has a manifest"));
    let schema = std::fs::read(manifest.with_file_name("src/schema.json"));
    serde_json::from_slice(&schema.expect("it ships the schema")).expect("the schema is JSON")
}

#[test]
fn sarif_is_what_oasis_says_it_is() {
    let mut schema = sarif_schema();
    // A bracket too many, which no other dialect than that of JavaScript takes.
    for definition in ["run", "toolComponent"] {
        let pattern = format!("/definitions/{definition}/properties/language/pattern");
        let pattern = schema.pointer_mut(&pattern).expect("there is a pattern");
        assert_eq!(*pattern, "^[a-zA-Z]{2}|^[a-zA-Z]{2}-[a-zA-Z]{2}]?$");
        *pattern = "^[a-zA-Z]{2}(-[a-zA-Z]{2})?$".into();
    }
    assert!(
        schema["title"]
            .as_str()
            .is_some_and(|title| title.contains("2.1.0"))
    );
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let assert_valid = |stdout: &[u8], results: usize| {
        let report: Value = serde_json::from_slice(stdout).expect("the report is JSON");
        let errors: Vec<String> = validator
            .iter_errors(&report)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let found = report["runs"][0]["results"]
            .as_array()
            .expect("it has results");
        assert_eq!(found.len(), results);
    };

    let folder = Tree::new();
    assert_valid(&folder.run("scan --format sarif").stdout, 0);
    assert_valid(&folder.run("scan nothere --format sarif").stdout, 0);
    folder.write("a b\u{7}", format!("{} é\n", samples::api_token()));
    folder.write("c", format!("api-token={}\n", samples::L21));
    assert_valid(
        &folder.run("scan --strict --with jwt --format sarif").stdout,
        2,
    );

    let repository = Repository::new();
    repository.add("a", samples::api_token());
    repository.commit();
    assert_valid(
        &repository.run("scan --history HEAD --format sarif").stdout,
        1,
    );

    // The validator is one.
    let mut report: Value =
        serde_json::from_slice(&folder.run("scan --format sarif").stdout).unwrap();
    report["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] =
        0.into();
    assert!(!validator.is_valid(&report));
}
