//! `dtmask patterns`: complete tokens as extended regular expressions, for programs that
//! search with `grep -E`, such as git-secrets.

use anyhow::{Result, bail};
use dtmask_core::{Pattern, Redactor};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use crate::DONE;

/// Prints an expression for each pattern of the token rules of `redactor` and returns
/// the exit code.
///
/// # Errors
///
/// If none of them is active, or standard output fails.
pub(crate) fn run(redactor: &Redactor) -> Result<u8> {
    let expressions: Vec<String> = redactor
        .rules()
        .filter_map(|rule| Some((rule, rule.complete_at()?)))
        .flat_map(|(rule, length)| rule.patterns().iter().map(move |p| (p, length)))
        .filter_map(|(pattern, length)| expression(pattern, length))
        .collect();
    if expressions.is_empty() {
        bail!("no token rule is on, so there are no patterns");
    }
    let mut text = expressions.join("\n");
    text.push('\n');
    crate::stdio::print(text).map(|_| DONE)
}

/// git-secrets asks for whole words, and tokens are often glued to others.
const WORD: &str = "[A-Za-z0-9_]*";

/// What `pattern` keeps with a secret of `length` bytes behind it, within a line.
fn expression(pattern: &Pattern, length: u64) -> Option<String> {
    let keep = within_line(&parse(pattern.keep())?)?;
    let secret = within_line(&parse(pattern.secret())?)?;
    Some(format!("{WORD}{keep}{secret}{{{length}}}{WORD}"))
}

fn parse(expression: &str) -> Option<Hir> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    parser.parse(expression).ok()
}

/// The matches of `hir` that have no line feed in them, if it has any: the dialect of
/// `grep -E` in the C locale, without blanks, at which git-secrets would cut it in two.
fn within_line(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Empty => Some(String::new()),
        HirKind::Literal(literal) => literal.0.iter().map(|&byte| bracket([byte])).collect(),
        HirKind::Class(Class::Bytes(class)) => {
            bracket(class.iter().flat_map(|range| range.start()..=range.end()))
        }
        HirKind::Class(Class::Unicode(_)) | HirKind::Look(_) => None,
        HirKind::Repetition(repetition) => repeated(repetition),
        HirKind::Capture(capture) => within_line(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(within_line).collect(),
        HirKind::Alternation(branches) => {
            let branches: Vec<String> = branches.iter().filter_map(within_line).collect();
            (!branches.is_empty()).then(|| format!("({})", branches.join("|")))
        }
    }
}

fn repeated(repetition: &Repetition) -> Option<String> {
    let Some(sub) = within_line(&repetition.sub) else {
        // What cannot be there may still be there no times.
        return (repetition.min == 0).then(String::new);
    };
    let count = match (repetition.min, repetition.max) {
        (0, None) => "*".to_owned(),
        (0, Some(1)) => "?".to_owned(),
        (1, None) => "+".to_owned(),
        (min, None) => format!("{{{min},}}"),
        (min, Some(max)) if min == max => format!("{{{min}}}"),
        (min, Some(max)) => format!("{{{min},{max}}}"),
    };
    let is_one = match repetition.sub.kind() {
        HirKind::Class(_) | HirKind::Alternation(_) => true,
        HirKind::Literal(literal) => literal.0.len() == 1,
        _ => false,
    };
    Some(if is_one {
        format!("{sub}{count}")
    } else {
        format!("({sub}){count}")
    })
}

/// One of `bytes`. Blanks and controls stand for all of their kind; nothing if there is
/// only a line feed, or if one of them has no place in text.
fn bracket(bytes: impl IntoIterator<Item = u8>) -> Option<String> {
    let mut bytes: Vec<u8> = bytes.into_iter().filter(|&byte| byte != b'\n').collect();
    if bytes.is_empty() || !bytes.is_ascii() {
        return None;
    }
    match bytes.as_slice() {
        &[byte] if byte.is_ascii_alphanumeric() || b"_-%&;#=<>:,'\"".contains(&byte) => {
            return Some(char::from(byte).to_string());
        }
        [b'^'] => return Some(r"\^".to_owned()),
        _ => {}
    }
    let mut kinds = String::new();
    for (kind, is_of) in [
        ("[:blank:]", is_blank as fn(&u8) -> bool),
        ("[:cntrl:]", u8::is_ascii_control),
    ] {
        if bytes.iter().any(is_of) {
            kinds.push_str(kind);
            bytes.retain(|byte| !is_of(byte));
        }
    }
    // Where these stand makes them plain.
    let take = |byte: u8, bytes: &mut Vec<u8>| {
        let found = bytes.contains(&byte);
        bytes.retain(|&b| b != byte);
        if found {
            char::from(byte).to_string()
        } else {
            String::new()
        }
    };
    let [close, open, caret, dash] = [b']', b'[', b'^', b'-'].map(|b| take(b, &mut bytes));
    let ranges = ranges(&bytes);
    Some(format!("[{close}{ranges}{kinds}{open}{caret}{dash}]"))
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Sorted bytes with runs of letters and digits as ranges.
fn ranges(bytes: &[u8]) -> String {
    let mut text = String::new();
    let follows =
        |a: &u8, b: &u8| a + 1 == *b && a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric();
    for run in bytes.chunk_by(follows) {
        match run {
            [first, _, .., last] => {
                text.extend([char::from(*first), '-', char::from(*last)]);
            }
            run => text.extend(run.iter().copied().map(char::from)),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{parse, within_line};

    fn translated(expression: &str) -> Option<String> {
        within_line(&parse(expression).expect("the expression parses"))
    }

    #[test]
    fn expressions_of_all_kinds_are_translated() {
        for (expression, expected) in [
            (r"a\.b", "a[.]b"),
            ("(?:ab|cd)+(?:ef)*", "(ab|cd)+(ef)*"),
            ("[A-Z0-9]{24}", "[0-9A-Z]{24}"),
            ("[a-c]{2,}x{0,3}y?", "[a-c]{2,}x{0,3}y?"),
            (r"[ \t]*", "[[:blank:]]*"),
            (r"\x1b\[[0-9;]*[mK]", "[[:cntrl:]][[][0-9;]*[Km]"),
            (r"(?:=?\r?\n|\\r\\n|\\n)", r"([\]r[\]n|[\]n)"),
            (r"[\]\[^-]", "[][^-]"),
            (r"\^", r"\^"),
            (r"a\n?b", "ab"),
        ] {
            assert_eq!(
                translated(expression).as_deref(),
                Some(expected),
                "{expression}"
            );
        }
        assert_eq!(translated(r"a\nb"), None);
        // Any byte has no place in text.
        assert_eq!(translated("a.b"), None);
    }
}
