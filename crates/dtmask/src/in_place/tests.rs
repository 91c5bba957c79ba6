//! What an interruption leaves behind, at every point, and that the next run makes it
//! good.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::bail;
use dtmask_core::Redactor;
use dtmask_test::samples;
use tempfile::TempDir;

use super::journal::{self, Journal, Sealed};
use super::target::Target;
use super::{Options, mask_all, overwrite};

/// A folder with a file.
struct Case {
    folder: TempDir,
    redactor: Redactor,
    text: Vec<u8>,
    masked: Vec<u8>,
}

impl Case {
    fn new(redactor: &Redactor, text: impl Into<Vec<u8>>) -> Case {
        let text = text.into();
        let mut masked = text.clone();
        redactor.redact_in_place(&mut masked);
        assert_ne!(text, masked);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), &text).unwrap();
        Case {
            folder,
            redactor: redactor.clone(),
            text,
            masked,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("a")
    }

    fn left(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }

    fn names(&self) -> usize {
        fs::read_dir(self.folder.path()).unwrap().count()
    }

    /// The journal of the file, which is read `step` bytes at a time.
    fn journal(&self, step: usize) -> Sealed {
        let target = Target::open(&self.path()).unwrap();
        let mut journal = Journal::new(target.path());
        let mut stream = self.redactor.stream();
        for chunk in self.text.chunks(step) {
            for segment in stream.push(chunk) {
                journal.pass(&segment).unwrap();
            }
        }
        for segment in stream.finish() {
            journal.pass(&segment).unwrap();
        }
        journal.seal(target.metadata()).unwrap()
    }

    /// Masks the file up to the `n`th write, and returns whether there was one.
    fn die_at(&self, n: usize, secrets: &Sealed) -> bool {
        let mut file = self.left();
        let mut writes = 0;
        let died = overwrite::backward(secrets, self.redactor.max_held(), |offset, bytes| {
            if writes == n {
                bail!("killed");
            }
            writes += 1;
            file[offset as usize..][..bytes.len()].copy_from_slice(bytes);
            Ok(())
        });
        // In place: the file stays the same.
        fs::write(self.path(), &file).unwrap();
        died.is_err()
    }

    fn run(&self) {
        let options = Options {
            files: vec![self.path()],
            suffix: None,
            dry_run: false,
            progress: false,
            stats: false,
            fail_on_match: false,
        };
        let done = mask_all(&self.redactor, &options);
        assert_eq!(done, crate::DONE);
    }

    fn each_byte_is_old_or_masked(&self) {
        let left = self.left();
        assert_eq!(left.len(), self.text.len());
        for (at, byte) in left.iter().enumerate() {
            assert!([self.text[at], self.masked[at]].contains(byte), "at {at}");
        }
    }
}

fn default() -> Redactor {
    Redactor::builder().utf16(true).build().unwrap()
}

fn hiding() -> Redactor {
    Redactor::builder().hide_id("dt0c01").build().unwrap()
}

/// Files in which the order of writes matters.
fn cases() -> Vec<Case> {
    let token = samples::api_token();
    let nested = format!("dt0c01.{token}");
    let (legacy, tenant) = (samples::L21, samples::tenant_token());
    let short = format!("{token}\napi-token={legacy} {nested}{nested}{tenant}\n");
    let wide = |text: &str| -> Vec<u8> {
        let text = format!("\u{feff}{text}");
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    };
    let mut cases = vec![
        Case::new(&default(), &*short),
        Case::new(&hiding(), &*short),
        Case::new(&default(), short.repeat(50)),
        Case::new(&default(), wide(&short)),
        Case::new(
            &default(),
            format!("dt0c01.{}.{}\n{short}", samples::P24, "A".repeat(20_000)),
        ),
        Case::new(&default(), format!("x api-token={}", "a".repeat(10_000))),
    ];
    // The end of a page at every place of a secret that is found by its context.
    for at in (0..24).chain([4096 - 64]) {
        let pad = "x".repeat(4096 - "api-token=".len() - at);
        cases.push(Case::new(
            &default(),
            format!("{pad}api-token={legacy}&{token}"),
        ));
        // Two that touch, each with a rule of its own.
        let known = Redactor::builder()
            .known_value("first", "0123456789")
            .known_value("second", "abcdefghijkl")
            .build();
        let text = format!("{}0123456789abcdefghijkl.", "x".repeat(4096 - at));
        cases.push(Case::new(&known.unwrap(), text));
    }
    cases
}

#[test]
fn a_run_that_dies_at_any_write_is_finished_by_the_next() {
    for case in cases() {
        for n in 0.. {
            fs::write(case.path(), &case.text).unwrap();
            let journal = case.journal(case.text.len());
            let died = case.die_at(n, &journal);
            case.each_byte_is_old_or_masked();
            assert!(journal::exists(&fs::canonicalize(case.path()).unwrap()));
            case.run();
            assert!(case.left() == case.masked, "after {n} writes");
            assert_eq!(case.names(), 1);
            if !died {
                assert!(n > 0);
                break;
            }
            // Of very many writes, the first ones and the last ones are enough.
            assert!(n < 1000);
        }
    }
}

#[test]
fn the_order_alone_does_it_where_a_page_does_not_end() {
    let token = samples::api_token();
    let nested = format!("dt0c01.{token} api-token={} ", samples::L21);
    for redactor in [default(), hiding()] {
        let case = Case::new(&redactor, nested.repeat(20));
        assert!(case.text.len() < 4096);
        for n in 0.. {
            fs::write(case.path(), &case.text).unwrap();
            let journal = case.journal(case.text.len());
            let died = case.die_at(n, &journal);
            journal.remove().unwrap();
            case.each_byte_is_old_or_masked();
            case.run();
            assert!(case.left() == case.masked, "after {n} writes");
            if !died {
                break;
            }
        }
    }
}

#[test]
fn a_journal_says_the_same_however_the_file_is_read() {
    for case in cases() {
        let secrets = |step| {
            let mut secrets = Vec::new();
            let journal = case.journal(step);
            journal
                .backward(|secret| {
                    secrets.push(secret.clone());
                    Ok(())
                })
                .unwrap();
            journal.remove().unwrap();
            secrets
        };
        let whole = secrets(case.text.len());
        for step in [1, 2, 3, 7, 64] {
            assert_eq!(secrets(step), whole, "{step} bytes at a time");
        }
    }
}

#[test]
fn long_journals_are_read_backward() {
    let case = Case::new(
        &default(),
        format!("dt0c01.{}.A ", samples::P8).repeat(10_000),
    );
    let mut last = u64::MAX;
    let mut count = 0;
    let journal = case.journal(4096);
    journal
        .backward(|secret| {
            assert_eq!(secret.range.end - secret.range.start, 1);
            assert!(secret.range.end < last);
            last = secret.range.start;
            count += 1;
            Ok(())
        })
        .unwrap();
    assert_eq!((count, last), (10_000, 16));
}

#[test]
fn a_journal_that_is_cut_off_was_not_used_yet() {
    let case = Case::new(&default(), samples::api_token());
    let journal = case.journal(4096);
    let path = journal_path(&case.path());
    let bytes = fs::read(&path).unwrap();
    drop(journal);
    for len in 0..bytes.len() {
        fs::write(case.path(), &case.text).unwrap();
        fs::write(&path, &bytes[..len]).unwrap();
        let target = Target::open(&case.path()).unwrap();
        assert!(!journal::recover(&target).unwrap());
        assert_eq!((case.left(), case.names()), (case.text.clone(), 1));
    }
    // Nor is one that does not say what it should.
    for at in bytes.len() - 16..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let target = Target::open(&case.path()).unwrap();
        assert!(!journal::recover(&target).unwrap());
        assert_eq!((case.left(), case.names()), (case.text.clone(), 1));
    }
}

#[test]
fn a_journal_of_another_text_is_not_used() {
    let token = samples::api_token();
    let case = Case::new(&default(), format!("{token} between {token} after"));
    let later = [&case.text[..], b" and more"].concat();
    let text = String::from_utf8(case.text.clone()).unwrap();
    for (now, fits) in [
        (later, true),
        (text.replace("between", "BETWEEN").into(), false),
        (text.replace(" after", "").into(), true),
        (text[..text.len() - 7].into(), false),
        (Vec::new(), false),
    ] {
        let journal = case.journal(4096);
        drop(journal);
        fs::write(case.path(), &now).unwrap();
        let target = Target::open(&case.path()).unwrap();
        assert_eq!(journal::recover(&target).unwrap(), fits);
        assert_eq!(case.left() == now, !fits);
        assert_eq!(case.names(), 1);
        fs::write(case.path(), &case.text).unwrap();
    }
    // Another file of that name and text is another file.
    drop(case.journal(4096));
    fs::rename(case.path(), case.folder.path().join("b")).unwrap();
    fs::write(case.path(), &case.text).unwrap();
    let target = Target::open(&case.path()).unwrap();
    assert!(!journal::recover(&target).unwrap());
    assert_eq!(case.left(), case.text);
}

#[test]
fn nothing_is_written_behind_the_end_of_a_file_that_was_truncated() {
    let case = Case::new(&default(), format!("{0}\n{0}\n", samples::api_token()));
    let journal = case.journal(4096);
    let file = fs::OpenOptions::new()
        .write(true)
        .open(case.path())
        .unwrap();
    file.set_len(100).unwrap();
    let error = overwrite::run(&file, &journal, case.redactor.max_held()).unwrap_err();
    assert!(error.to_string().contains("truncated"), "{error}");
    assert_eq!(case.left(), case.text[..100]);
}

#[test]
fn a_file_that_was_replaced_or_changed_is_noticed() {
    let case = Case::new(&default(), samples::api_token());
    let target = Target::open(&case.path()).unwrap();
    target.writable().unwrap();
    target.check_unchanged().unwrap();
    fs::write(case.path(), [&case.text[..], b"more"].concat()).unwrap();
    target.writable().unwrap();
    assert!(target.check_unchanged().is_err());
    fs::write(case.path(), b"less").unwrap();
    assert!(target.writable().is_err());
    fs::rename(case.path(), case.folder.path().join("b")).unwrap();
    fs::write(case.path(), &case.text).unwrap();
    assert!(target.writable().is_err());
    assert!(target.check_replaced().is_err());
}

fn journal_path(path: &Path) -> PathBuf {
    path.with_file_name(".a.dtmask-journal")
}
