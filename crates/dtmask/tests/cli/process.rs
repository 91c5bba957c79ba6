//! Runs the binary and feeds it.

use std::ffi::OsStr;
use std::io::Write;
#[cfg(unix)]
use std::process::{Child, ExitStatus};
use std::process::{Command, Output, Stdio};
#[cfg(unix)]
use std::sync::{Arc, Once};
use std::thread;
#[cfg(unix)]
use std::time::{Duration, Instant};

#[cfg(unix)]
use rustix::process::Signal;

/// The path of the binary under test.
pub(crate) const DTMASK: &str = env!("CARGO_BIN_EXE_dtmask");

/// Longer than any answer takes on a busy machine.
#[cfg(unix)]
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How a run ended, and what it said.
pub(crate) struct Ran {
    /// The exit code; a process that was killed has none.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Ran {
    /// What was printed, as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The binary with `args`, and with all three streams piped.
pub(crate) fn command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    command_of(DTMASK.as_ref(), args)
}

/// As [`command`], of another build.
pub(crate) fn command_of<S: AsRef<OsStr>>(
    program: &OsStr,
    args: impl IntoIterator<Item = S>,
) -> Command {
    #[cfg(unix)]
    heed_signals();
    let mut command = Command::new(program);
    command
        .args(args)
        .env_remove("DTMASK_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Whoever runs the tests may ignore signals, and what they start would too: `nohup` ignores
/// SIGHUP, a shell SIGINT and SIGQUIT for its background jobs. What is handled is not inherited.
#[cfg(unix)]
pub(crate) fn heed_signals() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        for signal in [Signal::HUP, Signal::INT, Signal::QUIT] {
            let signal = signal.as_raw();
            if ignored.unwrap_or_default() >> (signal - 1) & 1 == 1 {
                signal_hook::flag::register(signal, Arc::default()).expect("it can be handled");
            }
        }
    });
}

/// Waits for the end of a process; one that does not end is killed.
#[cfg(unix)]
pub(crate) fn end_of(child: &mut Child) -> Option<ExitStatus> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let status = child.try_wait().expect("a child can be waited for");
        if status.is_some() {
            return status;
        }
        if Instant::now() > deadline {
            child.kill().expect("a child can be killed");
            return None;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// Runs `command` over `input` to the end.
pub(crate) fn feed(mut command: Command, input: &[u8]) -> Ran {
    let mut child = command.spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("standard input is piped");
    thread::scope(|scope| {
        scope.spawn(move || {
            // It may end without having read everything.
            let _ = stdin.write_all(input);
        });
        let output = child.wait_with_output();
        output.expect("the binary can be waited for").into()
    })
}

/// Runs the binary with `args` over `input` to the end.
pub(crate) fn run(args: &[&str], input: impl AsRef<[u8]>) -> Ran {
    feed(command(args), input.as_ref())
}

/// Runs a shell script in which `$DTMASK` is the binary.
#[cfg(unix)]
pub(crate) fn shell(script: &str, input: impl AsRef<[u8]>) -> Ran {
    feed(shell_command(script), input.as_ref())
}

/// A shell script in which `$DTMASK` is the binary.
#[cfg(unix)]
pub(crate) fn shell_command(script: &str) -> Command {
    heed_signals();
    let mut command = Command::new("sh");
    command
        .args(["-c", script])
        .env("DTMASK", DTMASK)
        .env_remove("DTMASK_CONFIG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Says the name of each signal it gets, one after the other.
#[cfg(unix)]
pub(crate) const NAMES_SIGNALS: &str = "for s in HUP INT QUIT TERM USR1 USR2; do trap \"echo $s\" $s; done; \
     echo ready; for n in $(seq 400); do sleep 0.05; done";

/// The signals that [`NAMES_SIGNALS`] names.
#[cfg(unix)]
pub(crate) const NAMED_SIGNALS: [(Signal, &str); 6] = [
    (Signal::HUP, "HUP"),
    (Signal::INT, "INT"),
    (Signal::QUIT, "QUIT"),
    (Signal::TERM, "TERM"),
    (Signal::USR1, "USR1"),
    (Signal::USR2, "USR2"),
];
