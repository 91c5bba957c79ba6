//! Rules as users may write them, drawn over a tiny alphabet.
//!
//! Over three letters nearly every expression matches nearly everywhere, runs
//! overlap, several are undecided at once: what the default rules do rarely
//! happens here on every line.

use crate::expand::Dice;
use crate::oracle::{Oracle, OraclePattern, OracleRule};

const LETTERS: &[u8] = b"abc";
const CLASSES: &[&str] = &[
    "[a-c]",
    "[a]",
    "[ab]",
    "[bc]",
    "[c]",
    "[^a]",
    r"[b\xff]",
    r"[a-c\n]",
    r"[\x00-\xff]",
];

/// One to three rules of one or two patterns, every one of them valid.
pub fn rules(dice: &mut Dice<'_>) -> Vec<OracleRule> {
    (0..=dice.below(3))
        .map(|index| OracleRule {
            name: format!("user-{index}"),
            patterns: (0..=dice.below(2)).map(|_| pattern(dice)).collect(),
        })
        .collect()
}

/// An input over the alphabet of the [`rules`], with a stranger now and then.
pub fn input(seed: &[u8]) -> Vec<u8> {
    let mut dice = Dice::new(seed);
    let mut out = Vec::new();
    while !dice.is_empty() {
        match dice.below(8) {
            0..=5 => out.push(dice.pick(LETTERS)),
            6 => {
                let letter = dice.pick(LETTERS);
                let count = dice.pick(&[2, 3, 7, 20, 21, 70, 71]);
                out.extend(std::iter::repeat_n(letter, count));
            }
            _ => out.push(dice.pick(b"\xff\n d\x00")),
        }
    }
    out
}

fn pattern(dice: &mut Dice<'_>) -> OraclePattern {
    let mut keep = expression(dice, 3);
    if matches_empty(&keep) {
        keep = format!("(?:{keep})a");
    }
    let min = match dice.below(6) {
        0..=3 => 1 + dice.below(5),
        4 => 1 + dice.below(20),
        _ => 1 + dice.below(70),
    };
    let max = (!dice.chance(2)).then(|| min + dice.below(12));
    OraclePattern {
        keep,
        secret: dice.pick(CLASSES).to_string(),
        min: u32::try_from(min).expect("at most 70"),
        max: max.map(|max| u32::try_from(max).expect("at most 82")),
    }
}

/// An expression, nested at most `depth` deep.
fn expression(dice: &mut Dice<'_>, depth: usize) -> String {
    if depth == 0 {
        return letter(dice);
    }
    let inner = |dice: &mut Dice<'_>| expression(dice, depth - 1);
    match dice.below(12) {
        0..=2 => letter(dice),
        3..=5 => inner(dice) + &inner(dice),
        6 => format!("(?:{}|{})", inner(dice), inner(dice)),
        7 => format!("(?:{}|{}|)", inner(dice), inner(dice)),
        8 => format!("(?:{})*{}", inner(dice), inner(dice)),
        9 => format!("(?:{})+", inner(dice)),
        10 => format!("(?:{})?{}", inner(dice), inner(dice)),
        _ => {
            let low = dice.below(4);
            let high = low + 1 + dice.below(3);
            let lazy = if dice.chance(2) { "?" } else { "" };
            format!("(?:{}){{{low},{high}}}{lazy}", inner(dice))
        }
    }
}

fn letter(dice: &mut Dice<'_>) -> String {
    match dice.below(10) {
        0..=5 => char::from(dice.pick(LETTERS)).to_string(),
        6 => "[ab]".to_string(),
        7 => "[^b]".to_string(),
        8 => "(?i:B)".to_string(),
        _ => dice.pick(&["(?s:.)", r"\xff", r"\n", "abc"]).to_string(),
    }
}

fn matches_empty(keep: &str) -> bool {
    crate::nfa::Nfa::new(keep).matches_whole(b"")
}

/// An oracle for rules drawn from `seed`, and those rules.
pub fn oracle(seed: &[u8]) -> (Vec<OracleRule>, Oracle) {
    let rules = rules(&mut Dice::new(seed));
    let oracle = Oracle::new(&rules);
    (rules, oracle)
}
