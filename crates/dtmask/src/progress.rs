//! How far long work on files has come, on standard error.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that takes no longer shows no bar.
const LONG: Duration = Duration::from_secs(1);

const LOOK: &str = "{wide_msg} [{bar:24}] {percent:>3}% {bytes}/{total_bytes} {eta}";

/// The bar that is seen now.
static SEEN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// A bar that appears if the work turns out to be long, or none at all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Option<Arc<Bar>>);

#[derive(Debug)]
struct Bar {
    bar: ProgressBar,
    since: Instant,
    seen: AtomicBool,
}

impl Progress {
    /// Over `total` bytes; without a terminal to show it on, none.
    pub(crate) fn new(total: u64) -> Progress {
        if !io::stderr().is_terminal() {
            return Progress::default();
        }
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        if let Ok(look) = ProgressStyle::with_template(LOOK) {
            bar.set_style(look.progress_chars("=> "));
        }
        Progress(Some(Arc::new(Bar {
            bar,
            since: Instant::now(),
            seen: AtomicBool::new(false),
        })))
    }

    /// What is worked on now.
    pub(crate) fn name(&self, path: &Path) {
        if let Progress(Some(this)) = self {
            this.bar.set_message(crate::report::path(path));
        }
    }

    /// There are `bytes` more to read than was thought.
    pub(crate) fn lengthen(&self, bytes: u64) {
        if let Progress(Some(this)) = self {
            this.bar.inc_length(bytes);
        }
    }

    /// `file`, whose bytes count as they are read.
    pub(crate) fn meter(&self, file: File) -> Metered {
        Metered {
            file,
            progress: self.clone(),
        }
    }

    /// The work is done.
    pub(crate) fn finish(&self) {
        if let Progress(Some(this)) = self {
            *SEEN.lock().unwrap_or_else(PoisonError::into_inner) = None;
            this.bar.finish_and_clear();
        }
    }

    fn advance(&self, bytes: usize) {
        let Progress(Some(this)) = self else { return };
        this.bar.inc(bytes as u64);
        if this.since.elapsed() > LONG && !this.seen.swap(true, Ordering::Relaxed) {
            this.bar.set_draw_target(ProgressDrawTarget::stderr());
            *SEEN.lock().unwrap_or_else(PoisonError::into_inner) = Some(this.bar.clone());
        }
    }
}

/// Prints something else on standard error, out of the way of the bar.
pub(crate) fn aside(print: impl FnOnce()) {
    let bar = SEEN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match bar {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

/// A file that is read with its progress shown.
#[derive(Debug)]
pub(crate) struct Metered {
    file: File,
    progress: Progress,
}

impl Metered {
    pub(crate) fn file(&self) -> &File {
        &self.file
    }
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.progress.advance(n);
        Ok(n)
    }
}
