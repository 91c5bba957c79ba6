//! Without pseudo-terminals and signals: two pipes, and a thread for each.

use std::io::{self, ErrorKind, Read};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result};
use dtmask_core::Redactor;

use super::{Options, Outcome, Ran, cannot_run};
use crate::buffer::Buffer;
use crate::filter::Pump;
use crate::sink::Sink;
use crate::{report, stdio};

/// Runs a command to its end.
///
/// # Errors
///
/// If the system does not let us.
pub(super) fn wrap(redactor: &Redactor, options: &Options) -> Result<Ran> {
    let (name, args) = options.name_and_args();
    let mut stdout = Pump::new(redactor, Sink::stdout().context("cannot write")?);
    let mut stderr = Pump::new(redactor, Sink::stderr().context("cannot write")?);
    let mut command = Command::new(name);
    command
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return Ok(Ran::nothing(cannot_run(name, &error))),
    };
    let (output, errors) = (child.stdout.take(), child.stderr.take());
    let outcome = thread::scope(|scope| {
        let errors = errors.map(|from| scope.spawn(|| copy(from, &mut stderr, "error")));
        let output = output.map(|from| copy(from, &mut stdout, "output"));
        let errors = errors.map(|thread| thread.join().unwrap_or(Outcome::Failed));
        output.into_iter().chain(errors).max()
    });
    let status = child.wait().context("cannot wait for the command")?;
    Ok(Ran {
        // Codes of other systems may be larger; then it did not end with 0.
        code: status
            .code()
            .map_or(1, |code| u8::try_from(code).unwrap_or(1)),
        outcome: outcome.unwrap_or(Outcome::Complete),
        masked: vec![stdout, stderr],
    })
}

/// Hands on one output to its end.
fn copy(mut from: impl Read, pump: &mut Pump, name: &str) -> Outcome {
    let mut buffer = Buffer::new();
    loop {
        let written = match from.read(&mut buffer) {
            Ok(0) => return outcome(pump.finish(), name),
            Ok(n) => pump.push(&mut buffer[..n]),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) => {
                let _ = pump.abort();
                report::error(format_args!(
                    "cannot read the standard {name} of the command: {error}"
                ));
                return Outcome::Failed;
            }
        };
        if written.is_err() {
            return outcome(written, name);
        }
    }
}

fn outcome(written: io::Result<()>, name: &str) -> Outcome {
    match written {
        Ok(()) => Outcome::Complete,
        Err(error) if stdio::is_closed(&error) => Outcome::Closed,
        Err(error) => {
            report::error(format_args!("cannot write to standard {name}: {error}"));
            Outcome::Failed
        }
    }
}
