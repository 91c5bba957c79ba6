//! What commits added.

use dtmask_test::samples;

use super::git::Repository;

#[test]
fn each_commit_tells_of_the_lines_it_added() {
    let repository = Repository::new();
    let token = samples::api_token();
    let platform = samples::platform_token();
    repository.add("a", format!("1\n{token}\n"));
    let first = repository.commit();
    repository.add("a", format!("0\n1\n{token}\n\n{platform}\n"));
    let second = repository.commit();
    repository.add("a", "all gone\n");
    repository.commit();
    assert_eq!(
        repository.found("scan --history HEAD"),
        [
            format!("{second}:a:5:17: token"),
            format!("{first}:a:2:33: token")
        ]
    );
    assert_eq!(
        repository.found(&format!("scan --history {first}..")),
        [format!("{second}:a:5:17: token")]
    );
    assert!(
        repository
            .found(&format!("scan --history {second}..HEAD"))
            .is_empty()
    );
    repository.folder.write("elsewhere", "");
    assert!(repository.found("scan --history HEAD elsewhere").is_empty());
}

#[test]
fn a_rename_adds_what_it_changes() {
    let repository = Repository::new();
    let token = samples::api_token();
    let text = (0..30).map(|n| format!("line {n}\n")).collect::<String>();
    repository.add("a", format!("{text}{token}\n"));
    let first = repository.commit();
    repository.git(["mv", "a", "b\nc"]);
    repository.commit();
    repository.git(["mv", "b\nc", "d"]);
    repository.add("d", format!("{text}{token}\n{}\n", samples::tenant_token()));
    let third = repository.commit();
    assert_eq!(
        repository.found("scan --history HEAD"),
        [
            format!("{third}:d:32:8: tenant-token"),
            format!("{first}:a:31:33: token")
        ]
    );
}

#[test]
fn a_merge_adds_what_none_of_its_parents_has() {
    let repository = Repository::new();
    let token = samples::api_token();
    repository.add("a", "1\n2\n3\n4\n5\n");
    let base = repository.commit();
    repository.git(["checkout", "--quiet", "-b", "side"]);
    repository.add("a", format!("{token}\n1\n2\n3\n4\n5\n"));
    let side = repository.commit();
    repository.git(["checkout", "--quiet", "main"]);
    repository.add("a", "1\n2\n3\n4\n5\n6\n");
    repository.commit();
    repository.git(["merge", "--quiet", "--no-edit", "--no-commit", "side"]);
    let platform = samples::platform_token();
    repository.add("a", format!("{token}\n1\n2\n{platform}\n3\n4\n5\n6\n"));
    repository.add("new", &platform);
    let merge = repository.commit();
    assert_eq!(
        repository.found(&format!("scan --history {base}..")),
        [
            format!("{merge}:a:4:17: token"),
            format!("{merge}:new:1:17: token"),
            format!("{side}:a:1:33: token"),
        ]
    );
}

#[test]
fn a_secret_that_comes_back_is_told_again() {
    let repository = Repository::new();
    let token = samples::api_token();
    repository.add("a", &token);
    let first = repository.commit();
    repository.add("a", "");
    repository.commit();
    repository.add("a", &token);
    repository.add("copy", &token);
    let third = repository.commit();
    assert_eq!(
        repository.found("scan --history HEAD"),
        [
            format!("{third}:a:1:33: token"),
            format!("{third}:copy:1:33: token"),
            format!("{first}:a:1:33: token"),
        ]
    );
}

#[test]
fn a_range_is_no_option_and_no_path() {
    let repository = Repository::new();
    repository.add("a", samples::api_token());
    repository.commit();
    for (range, said) in [
        ("--all", "it is no range of commits, such as main..HEAD"),
        ("--output=x", "it is no range of commits"),
        ("--", "it is no range of commits"),
        ("", "it is no range of commits"),
        ("nothere", "git: bad revision 'nothere'"),
        ("a", "git: bad revision 'a'"),
        ("@{", "git: bad revision '@{'"),
    ] {
        let ran = repository.run(&format!("scan --history={range}"));
        assert_eq!((ran.code, ran.text().as_str()), (Some(2), ""), "{range}");
        let start = format!("dtmask: cannot scan the history '{range}': {said}");
        assert!(ran.stderr.starts_with(&start), "{range}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1);
        if !range.is_empty() {
            let ran = repository.run(&format!("scan --history {range}"));
            assert!(ran.stderr.starts_with(&start), "{range}: {}", ran.stderr);
        }
    }
    assert!(!repository.path().join("x").exists());
}

#[test]
fn submodules_and_binary_files_are_passed_over() {
    let repository = Repository::new();
    let token = samples::api_token();
    repository.add("binary", format!("\0{token}"));
    let id = repository.commit();
    let entry = format!("160000,{id},sub");
    repository.git(["update-index", "--add", "--cacheinfo", &entry]);
    repository.commit();
    assert!(repository.found("scan --history HEAD").is_empty());
    assert_eq!(
        repository.found("scan --history HEAD --binary"),
        [format!("{id}:binary:1:34: token")]
    );
}

#[test]
fn a_lost_object_is_named_and_the_rest_is_scanned() {
    let repository = Repository::new();
    let token = samples::api_token();
    repository.add("lost", "lost\n");
    repository.add("kept", &token);
    let id = repository.commit();
    let lost = repository.git(["rev-parse", "HEAD:lost"]);
    let (folder, name) = lost.split_at(2);
    let object = repository
        .path()
        .join(".git/objects")
        .join(folder)
        .join(name);
    std::fs::remove_file(object).unwrap();
    let ran = repository.run("scan --history HEAD");
    assert_eq!(ran.code, Some(2));
    assert!(ran.text().starts_with(&format!("{id}:kept:1:33: token, ")));
    assert_eq!(
        ran.stderr,
        format!("dtmask: cannot read lost of commit {id}: git: {lost} missing\n")
    );
}

#[test]
fn contents_longer_than_a_buffer_are_read_twice() {
    let repository = Repository::new();
    let token = samples::api_token();
    let long = "x\n".repeat(200_000);
    repository.add("a", format!("{long}{token}\n"));
    repository.add("b", &long);
    repository.add("c", format!("{token}\n{long}"));
    repository.add("d", &token);
    assert_eq!(
        repository.found("scan --staged"),
        ["a:200001:33: token", "c:1:33: token", "d:1:33: token"]
    );
}
