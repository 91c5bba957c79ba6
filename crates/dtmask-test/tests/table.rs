//! The case table and the oracle were written apart; here they must agree.

use std::collections::BTreeSet;

use dtmask_test::oracle::Oracle;
use dtmask_test::table::{self, Case};

fn agree(cases: &[Case]) {
    let (default, published) = (Oracle::default_rules(), Oracle::published());
    let mut wrong = Vec::new();
    for case in cases {
        for (profile, oracle, expected) in [
            ("default", &default, &case.default),
            ("published", &published, &case.published),
        ] {
            let got = oracle.redact_fill(&case.input, b'*');
            if got != *expected {
                wrong.push(format!(
                    "{} {profile}\n  in       {}\n  expected {}\n  oracle   {}",
                    case.id,
                    case.input.escape_ascii(),
                    expected.escape_ascii(),
                    got.escape_ascii()
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn table_and_oracle_agree() {
    agree(&table::cases());
}

#[test]
fn table_and_oracle_agree_between_stray_bytes() {
    let cases: Vec<_> = table::cases().iter().map(table::surrounded).collect();
    agree(&cases);
}

#[test]
fn ids_are_unique() {
    let mut seen = BTreeSet::new();
    for case in table::cases() {
        assert!(seen.insert(case.id.clone()), "{} twice", case.id);
    }
}

#[test]
fn a_case_is_found_by_its_id() {
    assert_eq!(table::case("neg17").input, b"dt0");
}
