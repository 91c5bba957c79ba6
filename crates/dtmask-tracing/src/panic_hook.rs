//! What a panic prints, redacted.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write;
use std::panic::PanicHookInfo;

use tracing_subscriber::fmt::MakeWriter;

use crate::make_writer::{RedactExt, RedactMakeWriter};

/// Redacts what panics print, from now on and in all threads.
///
/// A panic message is no event: it goes to standard error past every subscriber, with
/// whatever a failed `unwrap` or `assert_eq!` had in its hands. This puts a
/// [`panic_hook`] in the place of the standard library's, with the default rules. It is
/// up to the service to call it, once, and early: hooks that were set before it are not
/// called any more.
///
/// # Examples
///
/// ```
/// dtmask_tracing::redact_panics();
/// ```
pub fn redact_panics() {
    std::panic::set_hook(Box::new(panic_hook(std::io::stderr.redacted())));
}

/// A panic hook that prints to `writer` what the standard library prints to standard
/// error: thread, place, message, and the backtrace if `RUST_BACKTRACE` asks for one.
///
/// The whole report is one write. Secrets in it count as those of the writer's events
/// do.
///
/// The writer must not be one behind a [`Mutex`](std::sync::Mutex) that the panicking
/// thread may hold: that is, not the one that the panic came out of.
///
/// # Examples
///
/// ```
/// use dtmask_tracing::{RedactExt, panic_hook};
///
/// let writer = std::io::stderr.redacted();
/// std::panic::set_hook(Box::new(panic_hook(writer.clone())));
/// let subscriber = tracing_subscriber::fmt().with_writer(writer).finish();
/// # drop(subscriber);
/// ```
pub fn panic_hook<M>(
    writer: RedactMakeWriter<M>,
) -> impl Fn(&PanicHookInfo<'_>) + Send + Sync + 'static
where
    M: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    move |panic| {
        let report = report(panic, &Backtrace::capture());
        // A panic must not fail for want of a place to be told at.
        let _ = writer.make_writer().write_all(report.as_bytes());
    }
}

fn report(panic: &PanicHookInfo<'_>, backtrace: &Backtrace) -> String {
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("<unnamed>");
    let mut report = format!("\nthread '{thread}' panicked");
    if let Some(location) = panic.location() {
        report.push_str(&format!(" at {location}"));
    }
    report.push_str(":\n");
    report.push_str(message(panic.payload()));
    report.push('\n');
    match backtrace.status() {
        BacktraceStatus::Captured => {
            report.push_str(&format!("stack backtrace:\n{backtrace}"));
        }
        BacktraceStatus::Disabled => report.push_str(
            "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
        ),
        _ => {}
    }
    if !report.ends_with('\n') {
        report.push('\n');
    }
    report
}

/// What `panic!` was told.
fn message(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "Box<dyn Any>"
    }
}
