//! Where colours are used, and which.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::sync::OnceLock;

use clap::ValueEnum;
use clap::builder::styling::{AnsiColor, Style};

/// The values of `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Also in a pipe or a file
    Always,
    /// Not at all
    Never,
}

/// What failed.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What was left out or may surprise.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// The name of a file.
pub(crate) const PATH: Style = AnsiColor::Magenta.on_default();

static WHEN: OnceLock<When> = OnceLock::new();

/// Decides for the rest of the process. Until then it is [`When::Auto`]; the first
/// decision stays.
pub(crate) fn choose(when: When) {
    let _ = WHEN.set(when);
}

/// Whether standard output gets colours.
pub(crate) fn on_stdout() -> bool {
    wanted(std::io::stdout().is_terminal())
}

/// Whether standard error gets colours.
pub(crate) fn on_stderr() -> bool {
    wanted(std::io::stderr().is_terminal())
}

fn wanted(terminal: bool) -> bool {
    match WHEN.get().copied().unwrap_or_default() {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            let set = |name, plain: fn(&OsString) -> bool| std::env::var_os(name).filter(plain);
            terminal
                && set("NO_COLOR", |value| !value.is_empty()).is_none()
                && set("TERM", |value| value == "dumb").is_none()
        }
    }
}

/// `text` in `style`, if it is to be coloured.
pub(crate) fn paint(colored: bool, style: Style, text: impl std::fmt::Display) -> String {
    if colored {
        format!("{style}{text}{style:#}")
    } else {
        text.to_string()
    }
}

/// What `arguments` say of colours. For help and for arguments that make no sense:
/// they are answered before the flags are known.
pub(crate) fn typed(arguments: impl IntoIterator<Item = OsString>) -> When {
    let mut when = When::default();
    let mut arguments = arguments
        .into_iter()
        .take_while(|argument| argument != "--");
    while let Some(argument) = arguments.next() {
        let value = match argument.to_str() {
            Some("--color") => arguments.next(),
            Some(text) => text.strip_prefix("--color=").map(OsString::from),
            None => None,
        };
        let value = value.as_ref().and_then(|value| value.to_str());
        if let Some(Ok(value)) = value.map(|value| When::from_str(value, false)) {
            when = value;
        }
    }
    when
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{ERROR, When, paint, typed};

    #[test]
    fn the_last_choice_that_was_typed_counts() {
        for (line, when) in [
            ("", When::Auto),
            ("--help", When::Auto),
            ("--color always --help", When::Always),
            ("--color=never", When::Never),
            ("--color=never rules --color always", When::Always),
            ("--color=never --color=sometimes", When::Never),
            ("--color", When::Auto),
            ("run -- ls --color=always", When::Auto),
        ] {
            let arguments = line.split_whitespace().map(OsString::from);
            assert_eq!(typed(arguments), when, "{line}");
        }
    }

    #[test]
    fn paint_ends_where_the_text_does() {
        assert_eq!(paint(false, ERROR, "text"), "text");
        let painted = paint(true, ERROR, "text");
        assert!(painted.starts_with("\x1b[") && painted.ends_with("text\x1b[0m"));
    }
}
