//! The case table: inputs, and what must come of them.
//!
//! One JSON object a line in `cases.jsonl`: `id`, `in`, the expected outputs
//! `default` and `published`, and sometimes a `note`. See [`crate::placeholder`]
//! for what stands in braces.

use serde::Deserialize;

use crate::placeholder::expand;

/// The table itself, placeholders and all.
pub const JSONL: &str = include_str!("../cases.jsonl");

/// One row, with its placeholders expanded.
#[derive(Clone, PartialEq, Eq)]
pub struct Case {
    /// Unique in the table.
    pub id: String,
    /// The input.
    pub input: Vec<u8>,
    /// The output of the default rules with fill masks.
    pub default: Vec<u8>,
    /// The output of the `published` profile with fill masks.
    pub published: Vec<u8>,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Case")
            .field("id", &self.id)
            .field("len", &self.input.len())
            .finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    #[serde(rename = "in")]
    input: String,
    default: String,
    published: String,
    #[serde(default, rename = "note")]
    _note: Option<String>,
}

/// Every row of the table.
///
/// # Panics
///
/// If a line of the table is not such an object.
pub fn cases() -> Vec<Case> {
    JSONL
        .lines()
        .enumerate()
        .map(|(index, line)| {
            let row: Row = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("cases.jsonl line {}: {error}", index + 1));
            Case {
                id: row.id,
                input: expand(&row.input),
                default: expand(&row.default),
                published: expand(&row.published),
            }
        })
        .collect()
}

/// The row named `id`.
///
/// # Panics
///
/// If there is none.
pub fn case(id: &str) -> Case {
    cases()
        .into_iter()
        .find(|case| case.id == id)
        .unwrap_or_else(|| panic!("no case {id}"))
}

/// `case` with bytes 0xFF around its input and its outputs: one stray byte
/// must neither hide a secret nor change anything.
pub fn surrounded(case: &Case) -> Case {
    let around = |bytes: &[u8]| [b"\xff\xff", bytes, b"\xff\xff"].concat();
    Case {
        id: format!("{} in 0xFF", case.id),
        input: around(&case.input),
        default: around(&case.default),
        published: around(&case.published),
    }
}
