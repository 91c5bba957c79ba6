//! Replays every file under `fuzz/regressions` through the check of its fuzz target.

mod common;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use arbitrary::{Arbitrary, Unstructured};
use common::checks;

/// Runs the check of the fuzz target of that name, as libFuzzer would.
fn replay(target: &str, data: &[u8]) {
    /// Grows a case from `data`; too few bytes for one are no case.
    fn grown<'a, T: Arbitrary<'a>>(data: &'a [u8], check: fn(&T)) {
        if data.len() >= T::size_hint(0).0
            && let Ok(case) = T::arbitrary_take_rest(Unstructured::new(data))
        {
            check(&case);
        }
    }
    match target {
        "chunking_and_oracle" => grown(data, checks::chunking_and_oracle),
        "user_rules" => grown(data, checks::user_rules),
        "any_rule" => grown(data, checks::any_rule),
        "superset" => grown(data, checks::superset),
        "transparency" => grown(data, checks::transparency),
        "bounded" => grown(data, checks::bounded),
        "idempotence" => grown(data, checks::idempotence),
        "in_place" => grown(data, checks::in_place),
        "flush_and_writer" => grown(data, checks::flush_and_writer),
        "reader" => grown(data, checks::reader),
        "views" => grown(data, checks::views),
        "views_of_user_rules" => grown(data, checks::views_of_user_rules),
        "known_values_in_views" => grown(data, checks::known_values_in_views),
        "known_values" => grown(data, checks::known_values),
        "search" => grown(data, checks::search),
        "linear" => grown(data, checks::linear),
        _ => panic!("fuzz/regressions/{target} belongs to no fuzz target"),
    }
}

#[test]
fn every_regression_stays_fixed() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let (mut failed, mut cases) = (Vec::new(), 0);
    for folder in fs::read_dir(fuzz.join("regressions")).expect("the folder is part of the project")
    {
        let folder = folder.expect("the folder can be read").path();
        let target = folder
            .file_name()
            .and_then(|name| name.to_str())
            .expect("names are ASCII");
        let source = fuzz.join("fuzz_targets").join(target).with_extension("rs");
        assert!(
            source.exists(),
            "fuzz/regressions/{target} belongs to no fuzz target"
        );
        for file in fs::read_dir(&folder).expect("a folder for each target") {
            let file = file.expect("the folder can be read").path();
            let data = fs::read(&file).expect("a regression can be read");
            cases += 1;
            if catch_unwind(AssertUnwindSafe(|| replay(target, &data))).is_err() {
                failed.push(file);
            }
        }
    }
    assert!(failed.is_empty(), "of {cases} cases fail: {failed:#?}");
    assert!(cases > 20, "only {cases} cases were found");
}
