//! The reader adapter: every inner reader gives the same bytes, and a failing one
//! shows nothing that is undecided.

mod common;

use std::io::{self, Cursor, ErrorKind, Read};
use std::sync::LazyLock;

use common::corpora::{DENSE, repeated};
use common::{for_every_rule_set, text};
use dtmask_core::{Mask, RedactReader, Redactor};
use dtmask_test::hostile::{Fault, HostileReader, Schedule};
use dtmask_test::strategies::{input, user_case};
use proptest::prelude::*;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::new);

/// Ends in a run that is undecided: too short to be secret, and not over.
const UNDECIDED: &str = "Api-Token FAKE_legacy";

fn hostile(redactor: &Redactor, input: &[u8], schedule: Schedule) -> RedactReader<HostileReader> {
    RedactReader::new(redactor, HostileReader::new(input, schedule))
}

/// Reads `size` bytes at a time until the end or an error that is not to be retried.
fn read_on(reader: &mut impl Read, size: usize) -> (Vec<u8>, io::Result<()>) {
    let mut out = Vec::new();
    let mut buffer = vec![0; size];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => return (out, Ok(())),
            Ok(len) => out.extend_from_slice(&buffer[..len]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (out, Err(error)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn law_2_oracle_through_a_hostile_reader(
        input in input(), user in user_case(),
        step in 1usize..40, every in 2usize..5, size in 1usize..300
    ) {
        for_every_rule_set(&input, &user.rules, &user.input, |redactor, oracle, input| {
            let schedule = Schedule::new().step(step).interrupted_every(every);
            let mut reader = hostile(redactor, input, schedule);
            let (out, ended) = read_on(&mut reader, size);
            assert!(ended.is_ok());
            assert_eq!(text(&out), text(&oracle.redact_fill(input, b'*')));
            assert_eq!(reader.stats().bytes_in(), input.len() as u64);
            assert_eq!(reader.stats().secrets(), oracle.secrets(input).len() as u64);
        });
    }

    #[test]
    fn a_reader_that_would_block_loses_nothing(
        input in input(), user in user_case(),
        blocked in prop::collection::btree_set(0usize..30, 0..8), step in 1usize..100
    ) {
        for_every_rule_set(&input, &user.rules, &user.input, |redactor, oracle, input| {
            let schedule = blocked.iter().fold(Schedule::new().step(step), |schedule, &call| {
                schedule.fault_at(call, Fault::WouldBlock)
            });
            let mut reader = hostile(redactor, input, schedule);
            let mut out = Vec::new();
            let mut met = 0;
            loop {
                let (read, ended) = read_on(&mut reader, 64);
                out.extend(read);
                let Err(error) = ended else { break };
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                met += 1;
                // What was given and is decided is there before the caller has to wait.
                let given = &input[..reader.get_ref().position()];
                assert_eq!(out.len() + oracle.held(given), given.len());
            }
            let reads = input.len().div_ceil(step) + 1;
            let expected = blocked.iter().enumerate().take_while(|&(n, &call)| call < reads + n);
            assert_eq!(met, expected.count());
            assert_eq!(text(&out), text(&oracle.redact_fill(input, b'*')));
        });
    }

    #[test]
    fn a_failing_reader_is_an_abnormal_end(
        input in input(), user in user_case(),
        call in 0usize..20, step in 1usize..100, size in 1usize..100
    ) {
        for_every_rule_set(&input, &user.rules, &user.input, |redactor, oracle, input| {
            let schedule = Schedule::new().step(step).fault_at(call, Fault::BrokenPipe);
            let mut reader = hostile(redactor, input, schedule);
            let (out, ended) = read_on(&mut reader, size);
            let calls = reader.get_ref().calls();
            if calls <= call {
                assert!(ended.is_ok());
                assert_eq!(text(&out), text(&oracle.redact_fill(input, b'*')));
                return;
            }
            // What was read, undecided bytes masked, then the error as it is, and then errors.
            let given = &input[..reader.get_ref().position()];
            assert_eq!(text(&out), text(&oracle.redact_fill_on_abort(given, b'*')));
            assert_eq!(ended.unwrap_err().kind(), ErrorKind::BrokenPipe);
            for _ in 0..3 {
                let (out, ended) = read_on(&mut reader, size);
                assert_eq!(out.len(), 0);
                assert_eq!(ended.unwrap_err().kind(), ErrorKind::Other);
            }
            assert_eq!(reader.get_ref().calls(), calls);
        });
    }
}

#[test]
fn an_error_in_the_middle_of_a_run_masks_it() {
    let schedule = || Schedule::new().step(5).fault_at(4, Fault::Error);
    let (out, ended) = read_on(
        &mut hostile(&REDACTOR, UNDECIDED.as_bytes(), schedule()),
        100,
    );
    assert_eq!(text(&out), "Api-Token **********");
    assert_eq!(ended.unwrap_err().to_string(), "scheduled fault");

    let mask = Mask::text("[REDACTED]").expect("the text is printable");
    let redactor = Redactor::builder()
        .mask(mask)
        .build()
        .expect("the mask is inert");
    let inner = HostileReader::new(UNDECIDED, schedule());
    let (out, ended) = read_on(&mut RedactReader::new(&redactor, inner), 100);
    assert_eq!(text(&out), "Api-Token [REDACTED]");
    assert!(ended.is_err());
}

#[test]
fn a_clean_end_releases_an_undecided_run_once() {
    let mut reader = hostile(&REDACTOR, UNDECIDED.as_bytes(), Schedule::new());
    let (out, ended) = read_on(&mut reader, 4);
    assert_eq!(text(&out), UNDECIDED);
    assert!(ended.is_ok());
    // An end is an end: the inner reader is not asked again.
    let calls = reader.get_ref().calls();
    assert_eq!(reader.read(&mut [0; 9]).unwrap(), 0);
    assert_eq!(reader.get_ref().calls(), calls);
    assert_eq!(reader.into_inner().position(), UNDECIDED.len());
}

#[test]
fn what_is_decided_is_there_at_once() {
    let schedule = Schedule::new().fault_at(1, Fault::WouldBlock);
    let mut reader = hostile(&REDACTOR, b"login: ", schedule);
    let mut buffer = [0; 100];
    assert_eq!(reader.read(&mut buffer).unwrap(), 7);
    assert_eq!(text(&buffer[..7]), "login: ");
    let blocked = reader.read(&mut buffer).unwrap_err();
    assert_eq!(blocked.kind(), ErrorKind::WouldBlock);
    assert_eq!(reader.read(&mut buffer).unwrap(), 0);
}

#[test]
fn an_interruption_is_handed_on_and_can_be_tried_again() {
    let mut reader = hostile(&REDACTOR, b"abc", Schedule::new().interrupted_every(2));
    let interrupted = reader.read(&mut [0; 9]).unwrap_err();
    assert_eq!(interrupted.kind(), ErrorKind::Interrupted);
    let mut rest = String::new();
    // Which the standard library does by itself.
    reader.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "abc");
}

#[test]
fn an_empty_buffer_asks_for_nothing() {
    let mut reader = hostile(&REDACTOR, b"abc", Schedule::new());
    assert_eq!(reader.read(&mut []).unwrap(), 0);
    assert_eq!(reader.get_ref().calls(), 0);
    let (out, _) = read_on(&mut reader, 2);
    assert_eq!(text(&out), "abc");
}

#[test]
fn large_inputs_pass_in_pieces() {
    let input = repeated(DENSE, 200_000);
    let expected = REDACTOR.redact(&input);
    let mut out = Vec::new();
    let mut reader = RedactReader::new(&REDACTOR, Cursor::new(&input));
    io::copy(&mut reader, &mut out).unwrap();
    assert_eq!(out, *expected);
    assert!(reader.stats().secrets() > 1000);
}
