//! The signals that are caught, and from whom they came.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use rustix::process::Signal;
use signal_hook::iterator::backend::SignalDelivery;
use signal_hook::iterator::exfiltrator::WithRawSiginfo;

use crate::signals::{has, ignored};

/// Signals that are passed on to the command.
pub(super) const PASSED_ON: [Signal; 6] = [
    Signal::HUP,
    Signal::INT,
    Signal::QUIT,
    Signal::TERM,
    Signal::USR1,
    Signal::USR2,
];

/// Signals that stop a job. SIGSTOP is none: whoever sends it to one process does not mean
/// the others.
pub(super) const STOPPING: [Signal; 3] = [Signal::TSTP, Signal::TTIN, Signal::TTOU];

/// Whether `signal` is one of [`STOPPING`].
pub(super) fn stops_jobs(signal: i32) -> bool {
    STOPPING.map(Signal::as_raw).contains(&signal)
}

/// The signals that arrive at this process.
#[derive(Debug)]
pub(super) struct Signals {
    delivery: SignalDelivery<UnixStream, WithRawSiginfo>,
}

/// A signal that arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    pub(super) signal: Signal,
    /// Whether a process sent it. A terminal does it too, but to all of the process
    /// group, so that the command in it has the signal already.
    pub(super) from_process: bool,
}

impl Signals {
    /// Catches `signals` from now on, and that a child changed. What this process was
    /// told to ignore it goes on to ignore, and so will the command.
    ///
    /// # Errors
    ///
    /// If the system has no more descriptors.
    pub(super) fn catch(signals: impl IntoIterator<Item = Signal>) -> io::Result<Signals> {
        let ignored = ignored().unwrap_or(0);
        let caught = signals
            .into_iter()
            .map(Signal::as_raw)
            .filter(|&signal| !has(ignored, signal))
            .chain([Signal::CHILD.as_raw()]);
        let (bell, rope) = UnixStream::pair()?;
        let delivery = SignalDelivery::with_pipe(bell, rope, WithRawSiginfo, caught)?;
        Ok(Signals { delivery })
    }

    /// What arrived since this was asked last, in any order.
    pub(super) fn arrived(&mut self) -> impl Iterator<Item = Arrival> {
        self.delivery.pending().filter_map(|info| {
            let signal = Signal::from_named_raw(info.si_signo)?;
            let from_process = is_of_process(info.si_code);
            Some(Arrival {
                signal,
                from_process,
            })
        })
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.delivery.get_read().as_fd()
    }
}

/// What the system says of the origin of a signal.
fn is_of_process(code: i32) -> bool {
    /// `SI_USER` of macOS and the BSDs.
    const USER: i32 = 0x10001;

    if cfg!(target_os = "linux") {
        code <= 0
    } else {
        code == USER
    }
}
