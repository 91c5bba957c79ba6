//! Files and folders: a parallel walk that knows what git ignores.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread;

use dtmask_core::Redactor;
use ignore::{DirEntry, WalkBuilder, WalkState};

use super::Scanned;
use super::content::{Scanner, Scope};
use crate::report;
use crate::stdio::Input;

/// How the walk goes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// Also files and folders whose name starts with a dot.
    pub(crate) hidden: bool,
    /// Also what an ignore file names.
    pub(crate) no_ignore: bool,
    /// Through symbolic links.
    pub(crate) follow: bool,
    /// How many threads; `None` for as many as there are processors.
    pub(crate) threads: Option<usize>,
}

/// Standard input as a path.
const STDIN: &str = "-";

/// Scans `paths`, or the current folder if there are none.
pub(super) fn run(
    redactor: &Redactor,
    scope: Scope,
    options: Options,
    paths: &[PathBuf],
) -> Scanned {
    let mut scanned = Scanned::default();
    let is_stdin = |path: &PathBuf| path.as_os_str() == STDIN;
    if paths.iter().any(is_stdin) {
        stdin(&mut Scanner::new(redactor, scope), &mut scanned);
    }
    let mut roots: Vec<&Path> = paths
        .iter()
        .filter(|p| !is_stdin(p))
        .map(|p| &**p)
        .collect();
    if paths.is_empty() {
        roots.push(Path::new("."));
    }
    let [first, others @ ..] = roots.as_slice() else {
        return scanned;
    };
    let mut walk = WalkBuilder::new(first);
    for other in others {
        walk.add(other);
    }
    walk.standard_filters(!options.no_ignore)
        .hidden(!options.hidden)
        .follow_links(options.follow)
        .threads(options.threads.unwrap_or_else(processors));

    let strip = paths.is_empty();
    let all = Mutex::new(scanned);
    walk.build_parallel().run(|| {
        let mut visitor = Visitor {
            scanner: Scanner::new(redactor, scope),
            scanned: Scanned::default(),
            all: &all,
            strip,
        };
        Box::new(move |entry| visitor.visit(entry))
    });
    let mut scanned = all.into_inner().unwrap_or_else(PoisonError::into_inner);
    // Only now: whoever wants it scanned may have been slower to start.
    if paths.is_empty() && Input::open().is_ok_and(|input| input.has_unread()) {
        scanned.warn("standard input was not scanned, the current folder was; '-' scans it");
    }
    scanned
}

/// One thread of the walk.
struct Visitor<'r> {
    scanner: Scanner<'r>,
    scanned: Scanned,
    /// Where the threads put together what they have, at their ends.
    all: &'r Mutex<Scanned>,
    /// Whether paths start with a `./` that nobody typed.
    strip: bool,
}

impl Drop for Visitor<'_> {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.append(std::mem::take(&mut self.scanned));
    }
}

impl Visitor<'_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        match entry {
            Ok(entry) => {
                if let Some(error) = entry.error() {
                    self.scanned.warn(error);
                }
                self.entry(&entry);
            }
            Err(error) => self.scanned.fail(error),
        }
        WalkState::Continue
    }

    fn entry(&mut self, entry: &DirEntry) {
        let Some(kind) = entry.file_type() else {
            return;
        };
        // A pipe or a device is read if it was named, such as a process substitution.
        let named = entry.depth() == 0 && !kind.is_dir();
        if !kind.is_file() && !named {
            return;
        }
        let path = entry.path();
        let looked = File::open(path).and_then(|mut file| {
            if kind.is_file() || file.metadata()?.is_file() {
                self.scanner.scan(&mut file)
            } else {
                self.scanner.scan_once(&mut file)
            }
        });
        let path = if self.strip {
            path.strip_prefix(".").unwrap_or(path)
        } else {
            path
        };
        if named && matches!(looked, Ok(None)) {
            self.scanned.binary.push(report::path(path));
        }
        self.scanned
            .add(path.as_os_str().as_encoded_bytes(), looked);
    }
}

fn stdin(scanner: &mut Scanner<'_>, scanned: &mut Scanned) {
    struct Stdin(Input);
    impl io::Read for Stdin {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }
    let looked = Input::open().and_then(|input| scanner.scan_once(&mut Stdin(input)));
    if matches!(looked, Ok(None)) {
        scanned.binary.push("standard input".to_owned());
    }
    scanned.add(STDIN.as_bytes(), looked);
}

fn processors() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
