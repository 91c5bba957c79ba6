//! Texts that break off while a writer goes on: a panic, or an error of what is formatted.

use std::fmt::{self, Display};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use dtmask_core::{RedactWriter, Redactor};
use dtmask_test::hostile::{Fault, HostileWriter, RecordingWriter, Schedule};

/// The start of a secret, and then what it does.
struct Half(fn() -> fmt::Result);

impl Display for Half {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Api-Token FAKE_")?;
        f.write_str("legacy")?;
        (self.0)()
    }
}

/// Unwinds as a panic does, without a message on standard error.
fn unwind<T>() -> T {
    resume_unwind(Box::new("unwound"))
}

fn recorded() -> (RedactWriter<RecordingWriter>, RecordingWriter) {
    let record = RecordingWriter::new();
    (RedactWriter::new(&Redactor::new(), record.clone()), record)
}

fn text(record: &RecordingWriter) -> String {
    String::from_utf8(record.bytes()).expect("it is text")
}

#[test]
fn what_is_undecided_of_a_text_that_panics_is_masked() {
    let (mut writer, record) = recorded();
    let half = Half(unwind);
    let unwound = catch_unwind(AssertUnwindSafe(|| write!(writer, "a {half} b")));
    assert!(unwound.is_err());
    assert_eq!(text(&record), "a Api-Token ***********");
    // Another text, that does not go on with the first.
    write!(writer, "-tok3n_abc {}", 1).expect("the writer takes everything");
    drop(writer);
    assert_eq!(text(&record), "a Api-Token ***********-tok3n_abc 1");
}

#[test]
fn what_is_undecided_of_a_text_that_fails_is_masked() {
    let (mut writer, record) = recorded();
    let half = Half(|| Err(fmt::Error));
    let error = write!(writer, "a {half} b").expect_err("it cannot be formatted");
    assert_eq!(error.to_string(), "a value could not be formatted");
    assert_eq!(text(&record), "a Api-Token ***********");
    writer
        .write_all(b" c")
        .expect("the writer takes everything");
    writer.finish().expect("the writer takes everything");
    assert_eq!(text(&record), "a Api-Token *********** c");
}

#[test]
fn a_text_that_is_complete_may_be_gone_on_with() {
    let (mut writer, record) = recorded();
    let half = Half(|| Ok(()));
    write!(writer, "{half}").expect("the writer takes everything");
    write!(writer, "-tok3n_abc").expect("the writer takes everything");
    writer.finish().expect("the writer takes everything");
    assert_eq!(text(&record), "Api-Token *********************");
}

#[test]
fn an_error_of_the_inner_writer_is_told_as_it_is() {
    let inner = HostileWriter::new(Schedule::new().fault_at(1, Fault::Error));
    let record = inner.taken();
    let mut writer = RedactWriter::new(&Redactor::new(), inner);
    let half = Half(|| Ok(()));
    let error = write!(writer, "{half} b").expect_err("the second write fails");
    assert_eq!(error.to_string(), "scheduled fault");
    assert!(writer.write_all(b"c").is_err());
    drop(writer);
    assert_eq!(text(&record), "Api-Token ");
}

/// Takes one write and panics at the next.
struct Panicking(RecordingWriter);

impl Write for Panicking {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.writes().is_empty() {
            return self.0.write(bytes);
        }
        unwind()
    }

    fn flush(&mut self) -> io::Result<()> {
        unwind()
    }
}

#[test]
fn after_a_panic_of_the_inner_writer_every_call_fails() {
    type Call = fn(&mut RedactWriter<Panicking>) -> io::Result<()>;
    let calls: [Call; 3] = [
        |writer| writer.write_all(b" and more"),
        |writer| write!(writer, " and {}", 1),
        |writer| writer.flush(),
    ];
    for call in calls {
        let record = RecordingWriter::new();
        let mut writer = RedactWriter::new(&Redactor::new(), Panicking(record.clone()));
        writer
            .write_all(b"Api-Token FAKE_legacy")
            .expect("the first write is taken");
        let unwound = catch_unwind(AssertUnwindSafe(|| call(&mut writer)));
        assert!(unwound.is_err());
        for call in calls {
            assert!(call(&mut writer).is_err());
        }
        drop(writer);
        assert_eq!(text(&record), "Api-Token ");
    }
}
