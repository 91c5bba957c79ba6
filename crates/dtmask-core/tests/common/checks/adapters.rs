//! The laws of readers and writers.

use std::io::{self, ErrorKind, Read, Write};

use dtmask_core::{RedactReader, RedactWriter, Redactor};
use dtmask_test::expand::Dice;
use dtmask_test::hostile::{Fault, HostileReader, HostileWriter, RecordingWriter, Schedule};
use dtmask_test::oracle::Oracle;
use dtmask_test::user_rules as drawn;

use super::case::{Case, LONGEST};
use crate::common::{for_every_rule_set, text};

/// Laws 8 and 9.
pub(crate) fn flush_and_writer(case: &Case<'_>) {
    for_every_rule_set_of(case, |redactor, oracle, input| {
        flushed_and_written(case, redactor, oracle, input);
    });
}

/// Asks a law of both profiles, and of rules that are drawn from the seed of the case.
fn for_every_rule_set_of(case: &Case<'_>, law: impl Fn(&Redactor, &Oracle, &[u8])) {
    let rules = drawn::rules(&mut Dice::new(case.seed));
    let mut input_of_rules = drawn::input(case.seed);
    input_of_rules.truncate(LONGEST);
    for_every_rule_set(&case.input(), &rules, &input_of_rules, law);
}

fn flushed_and_written(case: &Case<'_>, redactor: &Redactor, oracle: &Oracle, input: &[u8]) {
    let expected = oracle.redact_fill(input, b'*');
    let record = RecordingWriter::new();
    let mut writer = RedactWriter::new(redactor, record.clone());
    for chunk in case.chunks(input) {
        let writes = record.writes().len();
        writer
            .write_all(chunk)
            .expect("the inner writer takes everything");
        assert!(record.writes().len() <= writes + 1);
        let written = record.writes().len();
        writer.flush().expect("the inner writer takes everything");
        assert_eq!(record.writes().len(), written);
    }
    writer.finish().expect("the inner writer takes everything");
    assert_eq!(text(&record.bytes()), text(&expected));

    let mut dice = Dice::new(&case.chunking);
    let schedule = Schedule::new()
        .step(1 + dice.below(100))
        .interrupted_every(2 + dice.below(3));
    let fault = dice.pick(&[
        Fault::WouldBlock,
        Fault::Error,
        Fault::BrokenPipe,
        Fault::Zero,
    ]);
    let inner = HostileWriter::new(schedule.fault_at(dice.below(20), fault));
    let record = inner.taken();
    let mut writer = RedactWriter::new(redactor, inner);
    let failed = case
        .chunks(input)
        .into_iter()
        .any(|chunk| writer.write_all(chunk).is_err());
    let written = record.bytes();
    assert!(expected.starts_with(&written));
    if failed {
        assert!(writer.write_all(b"x").is_err() && writer.flush().is_err());
        drop(writer);
        assert_eq!(text(&record.bytes()), text(&written));
    }
}

/// What comes through a reader, whatever the inner one does.
pub(crate) fn reader(case: &Case<'_>) {
    for_every_rule_set_of(case, |redactor, oracle, input| {
        read_through(case, redactor, oracle, input);
    });
}

fn read_through(case: &Case<'_>, redactor: &Redactor, oracle: &Oracle, input: &[u8]) {
    let mut dice = Dice::new(&case.chunking);
    let schedule = Schedule::new()
        .step(1 + dice.below(100))
        .interrupted_every(2 + dice.below(3));
    let schedule = schedule.fault_at(dice.below(20), Fault::WouldBlock);
    let failing = dice.below(60);
    let mut buffer = vec![0; 1 + dice.below(200)];
    let schedule = schedule.fault_at(failing, Fault::BrokenPipe);
    let mut reader = RedactReader::new(redactor, HostileReader::new(input, schedule));
    let mut out = Vec::new();
    let failed = loop {
        match reader.read(&mut buffer) {
            Ok(0) => break false,
            Ok(len) => out.extend_from_slice(&buffer[..len]),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::WouldBlock => {}
                kind => {
                    assert_eq!(kind, ErrorKind::BrokenPipe);
                    break true;
                }
            },
        }
    };
    assert_eq!(failed, reader.get_ref().calls() > failing);
    let given = &input[..reader.get_ref().position()];
    let expected = if failed {
        oracle.redact_fill_on_abort(given, b'*')
    } else {
        oracle.redact_fill(input, b'*')
    };
    assert_eq!(text(&out), text(&expected));
    let after: io::Result<usize> = reader.read(&mut buffer);
    assert_eq!(after.is_err(), failed);
}
