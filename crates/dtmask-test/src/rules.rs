//! The built-in rules as text, written down independently of the engine.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::oracle::{OraclePattern, OracleRule};

/// Names of the default rules, in table order.
pub const DEFAULT_NAMES: [&str; 10] = [
    "token",
    "token-any-id",
    "token-wrapped",
    "tenant-token",
    "context-assign",
    "context-pair",
    "context-block",
    "context-realm",
    "base64",
    "base64-wrapped",
];

const SGR: &str = r"\x1b\[[0-9;]*[mK]";
const DOT: &str = r"(?:\.|%2[Ee]|\\u002[Ee])";
const ID: &str = r"(?:[A-Z0-9]{24}|[A-Z0-9]{8})";
const NL: &str = r"(?:=?\r?\n|\\r\\n|\\n)[ \t]*";
const KEY: &str = r"(?i:(?:api|paas|tenant|cluster|ingest)[-_. ]?token)";
const ASSIGN: &str = r"(?:=>|:=|==?|->|[:>]|%3[AaDd]|\\u003[AaDdEe])";

const UPPER: &str = "[A-Z0-9]";
const LOWER: &str = "[a-z0-9]";
const WORD: &str = "[A-Za-z0-9_-]";
const BASE64: &str = "[A-Za-z0-9+/_=-]";

fn head() -> String {
    format!(r"(?i:dt0)[a-zA-Z][0-9]{{2}}{DOT}")
}

fn quote() -> String {
    format!(r#"(?:["'\\`]|%2[27]|\\u002[27]|&quot;|&#3[49];|{SGR})"#)
}

fn open() -> String {
    let quote = quote();
    format!(r#"(?:{quote}|[ \t\[({{<]|%20|%5[Bb]|%7[Bb]|b["']|Some\(|Optional\[)"#)
}

/// The default rules, in table order.
pub fn default_rules() -> Vec<OracleRule> {
    let (head, quote, open) = (head(), quote(), open());
    let base64 = [0, 1, 2].map(base64_prefix);
    let any_id = format!(r"{head}[A-Za-z0-9_-]+{DOT}(?:{SGR})*");
    vec![
        rule(
            "token",
            vec![pattern(
                format!("{head}{ID}{DOT}(?:{SGR})*"),
                UPPER,
                1,
                None,
            )],
        ),
        rule(
            "token-any-id",
            vec![
                pattern(any_id.clone(), UPPER, 16, None),
                pattern(any_id, LOWER, 16, None),
            ],
        ),
        rule(
            "token-wrapped",
            vec![pattern(
                format!("{head}{ID}{DOT}[A-Z0-9]+{NL}"),
                UPPER,
                16,
                None,
            )],
        ),
        rule(
            "tenant-token",
            vec![pattern(format!("(?i:dt0a02){DOT}"), "[A-Za-z0-9]", 1, None)],
        ),
        rule(
            "context-assign",
            vec![
                pattern(
                    format!(r"{KEY}(?:{quote}|\])*[ \t]*(?:{SGR})*{ASSIGN}{open}*"),
                    WORD,
                    16,
                    None,
                ),
                pattern(format!(r"{KEY}{quote}[ \t]*,[ \t]*{quote}"), WORD, 16, None),
            ],
        ),
        rule(
            "context-pair",
            vec![pattern(
                format!(
                    r"{KEY}{quote}*(?:,[ \t]*|\r?\n[ \t]*|[ \t]+){quote}*(?i:value){quote}*[ \t]*[:=]{open}*"
                ),
                WORD,
                16,
                None,
            )],
        ),
        rule(
            "context-block",
            vec![pattern(
                format!(r"{KEY}{quote}*[ \t]*:[ \t]+[|>][-+0-9]*[ \t]*\r?\n[ \t]+"),
                WORD,
                16,
                None,
            )],
        ),
        rule(
            "context-realm",
            vec![pattern(
                format!(
                    r"(?i:(?:api|paas|tenant|cluster|ingest)[-_]?token)(?:%(?:25)*20|[ \t+])+{quote}*"
                ),
                WORD,
                16,
                None,
            )],
        ),
        rule(
            "base64",
            base64
                .iter()
                .map(|prefix| pattern(prefix.clone(), BASE64, 16, Some(260)))
                .collect(),
        ),
        rule(
            "base64-wrapped",
            base64
                .iter()
                .map(|prefix| format!("{prefix}[A-Za-z0-9+/_-]+{NL}"))
                .map(|keep| pattern(keep, BASE64, 16, Some(132)))
                .collect(),
        ),
    ]
}

/// The `published` profile: the vendor's expression and nothing else.
pub fn published() -> OracleRule {
    let keep = r"dt0[a-zA-Z][0-9]{2}\.[A-Z0-9]{24}\.";
    rule(
        "published",
        vec![pattern(keep.to_string(), UPPER, 64, Some(64))],
    )
}

/// The opt-in rule `jwt`.
pub fn jwt() -> OracleRule {
    let keep = r"ey[A-Za-z0-9_-]+\.ey[A-Za-z0-9_-]+\.";
    rule("jwt", vec![pattern(keep.to_string(), WORD, 16, None)])
}

/// The opt-in rule `token-response`.
pub fn token_response() -> OracleRule {
    let json = r#"["']token["'\\]*[ \t]*:[ \t]*["'\\]+"#;
    let csv = r#"\ntoken["']?\r?\n["']?"#;
    rule(
        "token-response",
        vec![
            pattern(json.to_string(), WORD, 16, None),
            pattern(csv.to_string(), WORD, 16, None),
        ],
    )
}

/// The opt-in rule `hide-id` for one prefix, such as `dt0s01`.
pub fn hide_id(prefix: &str) -> OracleRule {
    rule(
        "hide-id",
        vec![pattern(format!(r"{prefix}\."), WORD, 1, None)],
    )
}

/// `B64(a)` as an expression: ten classes of base64 characters.
pub fn base64_prefix(alignment: usize) -> String {
    base64_classes(alignment)
        .iter()
        .map(|class| format!("[{}]", class.iter().collect::<String>()))
        .collect()
}

/// The characters that each of the ten base64 characters of a token's prefix
/// can be when it starts at byte `alignment` of a group of three.
///
/// Found by encoding every prefix with a real encoder. A neighbour shares a
/// character only with the constant `d` or `.` at the edge, so its 256 values
/// are tried on one prefix alone.
pub fn base64_classes(alignment: usize) -> [BTreeSet<char>; 10] {
    let mut classes: [BTreeSet<char>; 10] = Default::default();
    let mut collect = |neighbour: u8, prefix: &[u8]| {
        let mut plain = vec![neighbour; alignment];
        plain.extend_from_slice(prefix);
        plain.extend_from_slice(&[neighbour; 3]);
        let encoded = STANDARD.encode(plain);
        // The first character that holds a bit of the prefix.
        let first = alignment * 8 / 6;
        for (class, character) in classes.iter_mut().zip(encoded[first..].chars()) {
            class.insert(character);
        }
    };
    for letter in (b'a'..=b'z').chain(b'A'..=b'Z') {
        for digits in 0..100 {
            collect(
                0,
                format!("dt0{}{digits:02}.", char::from(letter)).as_bytes(),
            );
        }
    }
    for neighbour in 0..=255 {
        collect(neighbour, b"dt0c01.");
    }
    classes
}

fn rule(name: &str, patterns: Vec<OraclePattern>) -> OracleRule {
    OracleRule {
        name: name.to_string(),
        patterns,
    }
}

fn pattern(keep: String, secret: &str, min: u32, max: Option<u32>) -> OraclePattern {
    OraclePattern {
        keep,
        secret: secret.to_string(),
        min,
        max,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::URL_SAFE;

    #[test]
    fn names_are_in_table_order() {
        let rules = default_rules();
        let names: Vec<_> = rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, DEFAULT_NAMES);
    }

    #[test]
    fn base64_classes_are_tight() {
        // The needles everybody greps for, and the bits next to them.
        let starts = [0, 1, 2].map(|a| {
            base64_classes(a)[..4]
                .iter()
                .map(|class| class.iter().collect::<String>())
                .collect::<Vec<_>>()
        });
        assert_eq!(starts[0], ["Z", "H", "Q", "w"]);
        assert_eq!(starts[1], ["2GWm", "R", "0", "M"]);
        let k_d_d_b = &starts[2][1..];
        assert_eq!(k_d_d_b, ["k", "d", "D"]);
        for alignment in 0..3 {
            for class in base64_classes(alignment) {
                assert!((1..=52).contains(&class.len()));
                // So the same classes serve the URL-safe alphabet.
                assert!(class.iter().all(char::is_ascii_alphanumeric));
            }
        }
    }

    #[test]
    fn base64_classes_hold_for_random_neighbours() {
        let classes = [0, 1, 2].map(base64_classes);
        let mut seed = 1u32;
        let mut random = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        };
        for round in 0..3000 {
            let alignment = round % 3;
            let mut plain: Vec<u8> = (0..alignment).map(|_| random()).collect();
            let letter = b"abyzABYZ"[usize::from(random()) % 8];
            let digits = (b'0' + random() % 10, b'0' + random() % 10);
            plain.extend_from_slice(&[b'd', b't', b'0', letter, digits.0, digits.1, b'.']);
            plain.extend((0..5).map(|_| random()));
            let encoded = URL_SAFE.encode(&plain);
            let window = &encoded[alignment * 8 / 6..];
            for (class, character) in classes[alignment].iter().zip(window.chars()) {
                assert!(class.contains(&character), "alignment {alignment}");
            }
        }
    }
}
