//! What is built and when, and what a user rule does to the others.

use super::{Engine, Family, Lane};
use crate::redactor::Redactor;
use crate::rules::Rule;

/// How many prefilters and how many automata are there.
fn built(engine: &Engine) -> (usize, usize) {
    let prefilters = engine.lanes.iter().filter(|l| l.prefilter.get().is_some());
    let automata = engine.families().filter(|f| f.automaton.get().is_some());
    (prefilters.count(), automata.count())
}

#[test]
fn nothing_is_built_before_an_input_asks_for_it() {
    let user_rule = Rule::new("mine").pattern("password=", "[a-z]", 8, None);
    let with_user_rule = Redactor::builder().with("jwt").rule(user_rule).build();
    let with_user_rule = with_user_rule.expect("the rule is valid");
    for redactor in [Redactor::new(), Redactor::published(), with_user_rule] {
        let clone = redactor.clone();
        assert_eq!(built(redactor.engine()), (0, 0));
        let stream = redactor.stream();
        assert_eq!(built(redactor.engine()), (0, 0));
        drop(stream);

        // One line without a needle, and one with many that guards refuse.
        let lanes = redactor.engine().lanes.len();
        for clean in [
            "GET /index.html 200 5123",
            "client_id=dt0s02.FAKEPUB2 the token, api token expired at noon, dt0 dt0 dt0, wait for it",
        ] {
            assert_eq!(redactor.redact_str(clean), clean);
            assert_eq!(built(redactor.engine()), (lanes, 0));
        }

        // What one clone had to build, the other one has: the same, and no more.
        let token = ["dt0c01", "FAKEPUBLICFAKEPUBLIC2345", &"A".repeat(64)].join(".");
        assert_ne!(redactor.redact_str(&token), token);
        assert_eq!(built(clone.engine()), (lanes, 1));
        let mut families = clone.engine().families();
        let family = families.find(|family| family.automaton.get().is_some());
        let family = family.expect("one of them was built");
        assert!(!family.automaton().is_idle_behind("dt0"));
        assert_ne!(clone.redact_str(&token), token);
        assert_eq!(built(redactor.engine()), (lanes, 1));
    }
}

/// All that a scan has of the families of a lane.
fn shown(lane: &Lane) -> Vec<String> {
    let family = |family: &Family| {
        let Family {
            groups,
            first_group,
            needles,
            leaps,
            keeps,
            automaton: _,
        } = family;
        format!("{groups:?} {first_group} {needles:?} {leaps:?} {keeps:?}")
    };
    let families = lane.families.iter().map(family);
    let of_lane = format!("{} {}", lane.anchored, lane.crosses_lines);
    families.chain([of_lane]).collect()
}

#[test]
fn a_slow_user_rule_slows_nothing_but_itself() {
    let without = Redactor::new();
    let slow = Rule::new("slow").pattern("(?s)a.{1,200}b", "[a-z]", 4, Some(9));
    let with = Redactor::builder().rule(slow).build();
    let with = with.expect("the rule is valid");
    let [lane] = &without.engine().lanes[..] else {
        panic!("the default rules share a lane");
    };
    let [beside, own] = &with.engine().lanes[..] else {
        panic!("the rule has a lane of its own");
    };
    assert_eq!(lane.families.len(), 3);
    assert_eq!(shown(beside), shown(lane));
    // It is looked for at each byte, and in its own lane only.
    assert!(beside.anchored && !own.anchored);
    assert_eq!((own.families.len(), own.families[0].groups.len()), (1, 1));
    assert_eq!(own.families[0].groups[0].rule, without.rules().count());
    // Nor does it make the default ones look further back.
    assert_eq!(with.engine().tail_len, without.engine().tail_len);
    // And it builds none of their automata.
    assert_eq!(
        with.redact_str("a line with a b and more"),
        "a line with a b and more"
    );
    let [beside, own] = &with.engine().lanes[..] else {
        unreachable!("the lanes are the same");
    };
    assert!(beside.families.iter().all(|f| f.automaton.get().is_none()));
    assert!(own.families[0].automaton.get().is_some());
}
