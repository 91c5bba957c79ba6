//! Standard error. All that goes there passes a redactor first: flags, file
//! names and panics may all carry what a user did not mean to show.

use std::fmt::Write as _;
#[cfg(unix)]
use std::io::IsTerminal as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(unix)]
use std::time::Duration;

use clap::builder::styling::Style;
use dtmask_core::{Builder, Redactor, Rule};

#[cfg(unix)]
use crate::stdio::Output;
use crate::{DONE, ERROR, color, progress};

/// Whether warnings and notes are unwanted.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Leaves warnings and notes out from now on.
pub(crate) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// What no message may show. Compiled by the first message after it is known: most runs
/// have nothing to say.
static HIDDEN: OnceLock<Hidden> = OnceLock::new();

/// What a user wants hidden that the built-in rules do not find.
#[derive(Default)]
pub(crate) struct Hidden {
    pub(crate) known: Vec<Vec<u8>>,
    /// The prefixes whose identifiers are hidden.
    pub(crate) prefixes: Vec<String>,
    pub(crate) rules: Vec<Rule>,
}

/// Masks this too, in all that is said from now on. The first call counts.
pub(crate) fn hide(hidden: impl FnOnce() -> Hidden) {
    HIDDEN.get_or_init(hidden);
}

/// Prints one line, with the name of the program before it, since standard error
/// is shared with every other program of a pipeline.
pub(crate) fn line(text: impl std::fmt::Display) {
    print(Style::new(), "", &text.to_string());
}

/// Prints a line as [`line()`] does, unless it is not wanted.
pub(crate) fn note(text: impl std::fmt::Display) {
    if !QUIET.load(Ordering::Relaxed) {
        line(text);
    }
}

/// Prints a line that says what failed.
pub(crate) fn error(text: impl std::fmt::Display) {
    print(color::ERROR, "", &text.to_string());
}

/// Prints a line that starts with `warning:`, unless they are not wanted.
pub(crate) fn warning(text: impl std::fmt::Display) {
    if !QUIET.load(Ordering::Relaxed) {
        print(color::WARNING, "warning: ", &text.to_string());
    }
}

/// The name of a file as it may be shown: on one line and without a secret.
pub(crate) fn path(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}

/// As [`safe`], without line breaks.
pub(crate) fn one_line(text: &str) -> String {
    safe(text).replace('\n', "\\n")
}

/// Prints what clap has to say, help and version to standard output, and returns
/// the exit code.
pub(crate) fn usage(error: &clap::Error) -> u8 {
    color::choose(color::typed(std::env::args_os().skip(1)));
    let text = error.render();
    if error.use_stderr() {
        let text = text.to_string();
        self::error(text.strip_prefix("error: ").unwrap_or(&text).trim_end());
        return ERROR;
    }
    let text = if color::on_stdout() {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    match crate::stdio::print(text) {
        Ok(_) => DONE,
        Err(error) => {
            self::error(format_args!("{error:#}"));
            ERROR
        }
    }
}

/// Makes the message of a panic pass the redactor.
pub(crate) fn mask_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let payload = panic.payload();
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        match panic.location() {
            Some(place) => error(format_args!("bug at {place}: {message}")),
            None => error(format_args!("bug: {message}")),
        }
    }));
}

/// One write, so that lines of several programs do not mix. There is nobody to
/// tell if it fails.
fn print(style: Style, kind: &str, text: &str) {
    let colored = color::on_stderr() && style != Style::new();
    let head = color::paint(colored, style, format_args!("dtmask: {kind}"));
    let line = format!("{head}{}\n", safe(text));
    progress::aside(|| {
        let _ = std::io::stderr().write_all(line.as_bytes());
    });
}

/// Prints a line for somebody at a terminal, unless it is not wanted or the terminal does
/// not take it at once.
#[cfg(unix)]
pub(crate) fn hint(text: impl std::fmt::Display) {
    if QUIET.load(Ordering::Relaxed) || !std::io::stderr().is_terminal() {
        return;
    }
    if let Ok(mut terminal) = Output::open_error() {
        let line = format!("dtmask: {}\n", safe(&text.to_string()));
        terminal.write_within(line.as_bytes(), Duration::ZERO);
    }
}

/// `text` without secrets, and without the control characters with which an
/// argument could play tricks on a terminal.
pub(crate) fn safe(text: &str) -> String {
    let redacted = redactor().redact_str(text);
    let mut safe = String::with_capacity(redacted.len());
    for c in redacted.chars() {
        if c.is_control() && c != '\n' {
            let _ = write!(safe, "{}", c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Every built-in rule, whatever the user switched off, and what the user wants hidden:
/// nobody needs a secret in what we have to say.
pub(crate) fn redactor() -> &'static Redactor {
    static BEFORE: OnceLock<Redactor> = OnceLock::new();
    static SINCE: OnceLock<Redactor> = OnceLock::new();

    match HIDDEN.get() {
        Some(hidden) => SINCE.get_or_init(|| all_rules(hidden.builder(), &hidden.known)),
        None => BEFORE.get_or_init(|| all_rules(Redactor::builder(), &[])),
    }
}

fn all_rules(builder: Builder, known: &[Vec<u8>]) -> Redactor {
    let rules = dtmask_core::builtin_rules().map(Rule::name);
    let mut builder = rules.fold(builder, Builder::with);
    for value in known {
        builder = builder.known_value("a known value", value.as_slice());
    }
    builder.ansi(true).build().unwrap_or_default()
}

impl Hidden {
    /// A builder with the prefixes and rules that make sense: the message may be about
    /// one that does not.
    fn builder(&self) -> Builder {
        let prefixes = self.prefixes.iter().cloned();
        let rules = self.rules.iter().cloned();
        let builder = prefixes.clone().fold(Redactor::builder(), Builder::hide_id);
        let builder = rules.clone().fold(builder, Builder::rule);
        if builder.clone().build().is_ok() {
            return builder;
        }
        let builds = |builder: Builder| builder.build().is_ok();
        let builder = prefixes
            .filter(|prefix| builds(Redactor::builder().hide_id(prefix)))
            .fold(Redactor::builder(), Builder::hide_id);
        let mut names = Vec::new();
        rules
            .filter(|rule| builds(Redactor::builder().rule(rule.clone())))
            .filter(|rule| {
                let is_new = !names.iter().any(|name| name == rule.name());
                names.push(rule.name().to_owned());
                is_new
            })
            .fold(builder, Builder::rule)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use dtmask_test::samples;

    use super::{path, safe};

    #[test]
    fn a_message_shows_no_secret() {
        let token = samples::api_token();
        let message = safe(&format!("unknown argument '{token}' found"));
        let masked = samples::masked(&token);
        assert_eq!(message, format!("unknown argument '{masked}' found"));
    }

    #[test]
    fn a_message_cannot_steer_the_terminal() {
        assert_eq!(safe("a\x1b[2Jb\rc\nd\u{9b}"), "a\\u{1b}[2Jb\\rc\nd\\u{9b}");
    }

    #[test]
    fn a_path_is_one_line_without_a_secret() {
        let token = samples::api_token();
        let name = format!("a\nb\x1b{token}.log");
        let shown = path(Path::new(&name));
        assert_eq!(
            shown,
            format!("a\\nb\\u{{1b}}{}.log", samples::masked(&token))
        );
    }
}
