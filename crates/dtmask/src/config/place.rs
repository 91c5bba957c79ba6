//! Where in a rule file something stands, and how a parser's message is put.

use std::fmt;
use std::path::Path;

/// `FILE:LINE:COLUMN`, both counted from 1 and the column in characters.
#[derive(Clone, Debug)]
pub(crate) struct Place(String);

impl Place {
    /// The place of the byte at `offset` of `text`, which is the content of `path`.
    pub(super) fn new(path: &Path, text: &str, offset: usize) -> Place {
        let end = (0..=offset.min(text.len()))
            .rev()
            .find(|&at| text.is_char_boundary(at));
        let before = &text[..end.unwrap_or(0)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = 1 + before.bytes().filter(|&byte| byte == b'\n').count();
        let column = 1 + before[line_start..].chars().count();
        Place(format!("{}:{line}:{column}", path.display()))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the parser says, in the words of TOML, and without the value that it says it of:
/// somebody may have put a secret where none belongs.
pub(super) fn message(error: &toml::de::Error) -> String {
    let message = error.message().trim().replace('\n', ", ");
    let words = ["invalid type: ", "invalid value: "]
        .iter()
        .find_map(|start| message.strip_prefix(start))
        .and_then(|rest| rest.rsplit_once(", expected "));
    let Some((found, expected)) = words else {
        return message;
    };
    let found = found.split(['"', '`']).next().unwrap_or_default().trim();
    let article = if found.starts_with('i') { "an" } else { "a" };
    let say = |word: &str| word.replace("sequence", "array").replace("map", "table");
    format!(
        "expected {}, found {article} {}",
        say(expected).replace("a array", "an array"),
        say(found)
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Place, message};
    use crate::config::File;

    #[test]
    fn places_are_counted_from_1_and_in_characters() {
        let text = "a\nmüsli = 1\r\n\n";
        for (offset, place) in [
            (0, "f:1:1"),
            (1, "f:1:2"),
            (2, "f:2:1"),
            (5, "f:2:3"),
            // Inside a character.
            (4, "f:2:2"),
            (text.len() - 1, "f:3:1"),
            (text.len(), "f:4:1"),
            (usize::MAX, "f:4:1"),
        ] {
            assert_eq!(Place::new(Path::new("f"), text, offset).to_string(), place);
        }
    }

    #[test]
    fn a_message_shows_no_value() {
        for (text, said) in [
            (
                "with = 'hunter, expected 2'",
                "expected an array, found a string",
            ),
            ("with = [17]", "expected a string, found an integer"),
            ("known = true", "expected a table, found a boolean"),
            ("known = {env = [{}]}", "expected a string, found a table"),
            (
                "mask-char = 1.5",
                "expected a string, found a floating point",
            ),
        ] {
            let error = toml::from_str::<File>(text).unwrap_err();
            assert_eq!(message(&error), said, "{text}");
        }
    }
}
