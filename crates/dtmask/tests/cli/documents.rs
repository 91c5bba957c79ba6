//! What the documents tell users to put into files of theirs. Whether the readers of
//! these files would take them is in hooks.sh.

use std::path::Path;
use std::process::Command;

use dtmask_test::samples;
use serde_json::Value;

use crate::process::DTMASK;
use crate::scan::git::Repository;

fn read(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::read_to_string(root.join(name)).expect("the file is there")
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).expect("it is YAML")
}

/// The block of docs/ci.md that is to go into the file `name`.
fn snippet(name: &str) -> Value {
    let document = read("docs/ci.md");
    let start = format!("```yaml\n# {name}\n");
    let (_, rest) = document.split_once(&start).expect("there is such a block");
    let (block, _) = rest.split_once("```").expect("the block ends");
    yaml(block)
}

/// Runs the only one of `lines` that starts with `dtmask`, in a repository without and
/// one with a token, and returns what it wrote into `file` then.
fn run<'l>(lines: impl Iterator<Item = &'l str>, file: &str) -> Value {
    let lines: Vec<&str> = lines.filter(|line| line.starts_with("dtmask ")).collect();
    let [line] = lines.as_slice() else {
        panic!("there is one such line: {lines:?}");
    };
    let repository = Repository::new();
    let run = || {
        let script = line.replacen("dtmask", "\"$DTMASK\"", 1);
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).env("DTMASK", DTMASK);
        let status = shell.current_dir(repository.path()).status();
        status.expect("there is a shell").code()
    };
    assert_eq!(run(), Some(0));
    repository.add("a", samples::api_token());
    assert_eq!(run(), Some(1));
    let report = std::fs::read(repository.path().join(file)).expect("it made a report");
    serde_json::from_slice(&report).expect("the report is JSON")
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

#[test]
fn the_workflow_for_github_uploads_what_it_scans() {
    let workflow = snippet(".github/workflows/dtmask.yml");
    let steps = workflow["jobs"]["dtmask"]["steps"]
        .as_array()
        .expect("it has steps");
    let upload = steps.last().expect("there is a last one");
    assert!(
        upload["uses"]
            .as_str()
            .is_some_and(|uses| uses.contains("upload-sarif"))
    );
    let file = upload["with"]["sarif_file"]
        .as_str()
        .expect("it names a file");
    let report = run(steps.iter().filter_map(|step| step["run"].as_str()), file);
    assert_eq!(report["runs"][0]["results"][0]["ruleId"], "token");
    assert_eq!(workflow["permissions"]["security-events"], "write");
}

#[test]
fn the_job_for_gitlab_keeps_what_it_scans() {
    let job = &snippet(".gitlab-ci.yml")["dtmask"];
    let reports = &job["artifacts"]["reports"];
    let file = reports["secret_detection"]
        .as_str()
        .expect("it names a file");
    let report = run(texts(&job["script"]), file);
    assert_eq!(report["vulnerabilities"][0]["location"]["file"], "a");
    assert_eq!(job["artifacts"]["when"], "always");
}

#[test]
fn the_configuration_of_pre_commit_names_a_hook_that_is_there() {
    let configuration = snippet(".pre-commit-config.yaml");
    let hooks = yaml(&read(".pre-commit-hooks.yaml"));
    assert_eq!(configuration["repos"][0]["hooks"][0]["id"], hooks[0]["id"]);
    let mut entry = hooks[0]["entry"]
        .as_str()
        .expect("it runs something")
        .split(' ');
    assert_eq!((entry.next(), entry.next()), (Some("dtmask"), Some("scan")));
}
