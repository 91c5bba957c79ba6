//! SIGHUP, SIGINT and SIGTERM, and SIGXFSZ.
//!
//! Whoever stops a pipeline signals all of it at once, and the program before us
//! still has its last words to say. So the first signal lets us read on to the end
//! of a live input, for some seconds; a second one, or the first if the input is a
//! file, ends the process at once. Either way what is withheld in the end comes out
//! masked, as nobody knows whether the words were all said. What is half written goes.

#[cfg(unix)]
use std::sync::Arc;
#[cfg(unix)]
use std::sync::atomic::AtomicBool;
#[cfg(unix)]
use std::time::Duration;

#[cfg(not(unix))]
pub(crate) use none::watch;
#[cfg(unix)]
pub(crate) use unix::{LAST_WORDS, has, ignored, lock_within, watch};

/// Work that a signal ends.
#[cfg(unix)]
pub(crate) trait Work: Send + Sync + 'static {
    /// Whether the input has an end worth waiting for.
    fn is_live(&self) -> bool {
        false
    }

    /// Where it is noted that a signal came, before anything is read that comes after it.
    fn signalled(&self) -> Arc<AtomicBool> {
        Arc::default()
    }

    /// Ends the work in an orderly way, and lets nobody go on with it, if that can be
    /// done within `patience`. The process ends either way.
    fn stop(&self, patience: Duration) {
        let _ = patience;
    }
}

#[cfg(unix)]
mod unix {
    use std::io::{self, Read};
    use std::os::unix::net::UnixStream;
    use std::sync::{Arc, Mutex, MutexGuard, TryLockError};
    use std::thread;
    use std::time::{Duration, Instant};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::Signal;
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag;
    use signal_hook::low_level::pipe;

    use super::Work;
    use crate::{report, scratch};

    /// Signals that come this close to the first one are the same request: `timeout` sends
    /// its signal to the process and then to the group that the process is in.
    const TOGETHER: Duration = Duration::from_millis(20);

    /// How long the input may go on after the first signal.
    pub(crate) const LAST_WORDS: Duration = Duration::from_secs(5);

    /// How long whoever sent the first signal is told nothing: most inputs end at once then.
    const SILENCE: Duration = Duration::from_secs(1);

    /// How long the end waits for a reader of the output that is stuck.
    const STUCK_READER: Duration = Duration::from_millis(200);

    /// Handles signals from now on, on a thread of its own.
    ///
    /// # Errors
    ///
    /// If the system has no more descriptors or threads.
    pub(crate) fn watch<W: Work>(work: &Arc<W>) -> io::Result<()> {
        let mut watcher = Watcher {
            bells: Vec::new(),
            work: Arc::clone(work),
        };
        let ignored = ignored();
        let signalled = work.signalled();
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            // A shell makes its background jobs ignore SIGINT, nohup SIGHUP: leave it at that.
            // Where nobody can tell, nohup is the one that is used.
            let is_ignored = ignored.map_or(signal == SIGHUP, |ignored| has(ignored, signal));
            if !is_ignored {
                let (bell, rope) = UnixStream::pair()?;
                bell.set_nonblocking(true)?;
                flag::register(signal, Arc::clone(&signalled))?;
                pipe::register(signal, rope)?;
                watcher.bells.push((signal, bell));
            }
        }
        // Of itself it would end the process in the midst of a file: now the write fails.
        flag::register(Signal::XFSZ.as_raw(), Arc::default())?;
        if !watcher.bells.is_empty() {
            thread::Builder::new()
                .name("signals".into())
                .spawn(move || watcher.run())?;
        }
        Ok(())
    }

    struct Watcher<W> {
        /// For each signal, where one byte comes out each time it arrives.
        bells: Vec<(i32, UnixStream)>,
        work: Arc<W>,
    }

    impl<W: Work> Watcher<W> {
        fn run(&self) {
            let Some(first) = self.next(None) else { return };
            if !self.work.is_live() {
                self.end(first);
            }
            let arrival = Instant::now();
            while self.next(Some(arrival + TOGETHER)).is_some() {}
            let second = self.next(Some(arrival + SILENCE)).or_else(|| {
                report::hint(format_args!(
                    "reading on for {} seconds at most; Ctrl-C again ends it now",
                    LAST_WORDS.as_secs()
                ));
                self.next(Some(arrival + LAST_WORDS))
            });
            self.end(second.unwrap_or(first));
        }

        /// The next signal, or nothing at the deadline.
        fn next(&self, deadline: Option<Instant>) -> Option<i32> {
            loop {
                for (signal, bell) in &self.bells {
                    // One byte: a second signal of the kind is one more.
                    if matches!((&mut &*bell).read(&mut [0]), Ok(1)) {
                        return Some(*signal);
                    }
                }
                let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
                if left.is_some_and(|left| left.is_zero()) {
                    return None;
                }
                let timeout = left.and_then(|left| Timespec::try_from(left).ok());
                // No vector: the allocator would reserve a whole arena for this thread.
                let last = self.bells.last()?;
                let mut fds = std::array::from_fn::<_, 3, _>(|index| {
                    let (_, bell) = self.bells.get(index).unwrap_or(last);
                    PollFd::new(bell, PollFlags::IN)
                });
                match poll(&mut fds, timeout.as_ref()) {
                    Ok(_) | Err(rustix::io::Errno::INTR) => {}
                    // Out of memory, say: signals still have to be answered.
                    Err(_) => thread::sleep(Duration::from_millis(10)),
                }
            }
        }

        fn end(&self, signal: i32) -> ! {
            self.work.stop(STUCK_READER);
            scratch::remove_within(STUCK_READER);
            std::process::exit(128 + signal);
        }
    }

    /// What `mutex` guards, if it can be had within `patience`.
    pub(crate) fn lock_within<T>(
        mutex: &Mutex<T>,
        patience: Duration,
    ) -> Option<MutexGuard<'_, T>> {
        let patience = Instant::now() + patience;
        loop {
            match mutex.try_lock() {
                Ok(guard) => return Some(guard),
                Err(TryLockError::WouldBlock) if Instant::now() < patience => {
                    thread::sleep(Duration::from_millis(1));
                }
                Err(_) => return None,
            }
        }
    }

    /// The signals that this process was told to ignore, as bits; nothing where that cannot
    /// be known.
    pub(crate) fn ignored() -> Option<u64> {
        // Elsewhere than on Linux there is no way to ask without unsafe code.
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let mut lines = status.lines();
        let mask = lines.find_map(|line| line.strip_prefix("SigIgn:"))?;
        u64::from_str_radix(mask.trim(), 16).ok()
    }

    /// Whether `signal` is one of `signals`.
    pub(crate) fn has(signals: u64, signal: i32) -> bool {
        signals >> (signal - 1) & 1 == 1
    }
}

#[cfg(not(unix))]
mod none {
    use std::io;
    use std::sync::Arc;

    /// Other systems end the process themselves; what is withheld is not written.
    pub(crate) fn watch<W>(_: &Arc<W>) -> io::Result<()> {
        Ok(())
    }
}
