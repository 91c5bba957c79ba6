//! Other readings of the same bytes: as UTF-16, or as a terminal shows them.
//!
//! A view has a text of its own and remembers where its bytes stand in the input. What
//! the rules make secret in the text is secret there, in addition to what they make
//! secret in the bytes as they are.

use crate::engine::Engine;
use crate::escapes::Escapes;
use crate::scan::{Interval, Scan};
use crate::unit::Unit;

/// A reading of a stream, and what it remembers of it.
pub(crate) struct View {
    /// How the characters of the text stand in the input.
    unit: Unit,
    /// The offset in the stream of the first character, were all of them visible.
    origin: u64,
    /// If escape sequences are passed over: where they are.
    escapes: Option<Escapes>,
    /// The first byte of a character of two, where a block has cut it.
    half: Option<u8>,
    /// Visible characters so far, and all of them.
    visible: u64,
    all: u64,
    /// Where the text and the characters part, each time that sequences were passed over;
    /// those that an undecided run may still need.
    marks: Vec<Mark>,
    /// The rules at work on the text.
    scan: Scan,
    /// The text of the block.
    text: Vec<u8>,
    /// What was found in it.
    found: Vec<Interval>,
}

/// From this character of the text on, the characters are as far behind.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    visible: u64,
    all: u64,
}

impl View {
    /// Of a stream whose characters are UTF-16 from this offset on, as they are or as a
    /// terminal shows them.
    pub(crate) fn utf16(engine: &Engine, unit: Unit, origin: u64, shown: bool) -> Self {
        Self::new(unit, origin, shown, Scan::new(engine))
    }

    /// As a terminal shows it. It begins where it [follows](Self::follow) the plain one.
    pub(crate) fn shown(engine: &Engine) -> Self {
        Self::new(Unit::Byte, 0, true, Scan::new(engine))
    }

    fn new(unit: Unit, origin: u64, ansi: bool, scan: Scan) -> Self {
        Self {
            unit,
            origin,
            escapes: ansi.then(Escapes::default),
            half: None,
            visible: 0,
            all: 0,
            marks: vec![Mark::default()],
            scan,
            text: Vec::new(),
            found: Vec::new(),
        }
    }

    /// How its characters stand in the input.
    pub(crate) fn unit(&self) -> Unit {
        self.unit
    }

    /// Reads on as it is shown what was read as it is so far.
    pub(crate) fn follow(&mut self, plain: &Scan) {
        self.escapes = Some(Escapes::default());
        self.visible = plain.base();
        self.all = plain.base();
        self.marks.clear();
        self.marks.push(Mark::default());
        self.scan.follow(plain);
    }

    /// Reads the next block.
    pub(crate) fn scan(&mut self, engine: &Engine, block: &[u8], found: &mut Vec<Interval>) {
        self.text.clear();
        match self.unit {
            Unit::Byte => self.read_bytes(block),
            Unit::Wide { big_endian, .. } => {
                for &byte in block {
                    let Some(first) = self.half.take() else {
                        self.half = Some(byte);
                        continue;
                    };
                    let (high, low) = if big_endian {
                        (first, byte)
                    } else {
                        (byte, first)
                    };
                    // What no byte stands for is a byte that stands for nothing.
                    self.read(if high == 0 { low } else { u8::MAX });
                }
            }
        }
        if !self.text.is_empty() {
            let mut inner = std::mem::take(&mut self.found);
            self.scan.scan(engine, &self.text, None, &mut inner);
            for interval in inner.drain(..) {
                self.place(interval, found);
            }
            self.found = inner;
        }
        self.forget();
    }

    /// The offset in the stream of the first undecided byte; `u64::MAX` if there is none.
    pub(crate) fn undecided(&self) -> u64 {
        let half = self.half.map(|_| self.offset(self.all));
        // A run that has no character yet begins behind what was read: the sequences there
        // are no part of it.
        let run = Some(self.scan.undecided()).filter(|&run| run < self.visible);
        let run = run.map(|run| self.offset(self.character(run)));
        half.into_iter().chain(run).min().unwrap_or(u64::MAX)
    }

    /// Whether from now on the text is the stream as `plain` reads it.
    pub(crate) fn is_as(&self, plain: &Scan) -> bool {
        // Sequences that were passed over count towards those that may follow.
        self.escapes
            .is_none_or(|escapes| escapes == Escapes::default())
            && self.scan.is_as(plain)
    }

    fn read_bytes(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let escapes = self.escapes.as_mut();
            let run = escapes.map_or(0..bytes.len(), |escapes| escapes.next_run(bytes));
            self.all += run.start as u64;
            self.show(&bytes[run.clone()]);
            bytes = &bytes[run.end..];
        }
    }

    fn read(&mut self, character: u8) {
        let escapes = self.escapes.as_mut();
        if escapes.is_none_or(|escapes| escapes.is_visible(character)) {
            self.show(&[character]);
        } else {
            self.all += 1;
        }
    }

    /// Adds visible characters to the text.
    fn show(&mut self, characters: &[u8]) {
        if characters.is_empty() {
            return;
        }
        let last = self.marks.last().expect("there is a first mark");
        if self.all - self.visible != last.all - last.visible {
            self.marks.push(Mark {
                visible: self.visible,
                all: self.all,
            });
        }
        self.visible += characters.len() as u64;
        self.all += characters.len() as u64;
        self.text.extend_from_slice(characters);
    }

    /// Hands on an interval of the text as it stands in the stream.
    fn place(&self, interval: Interval, found: &mut Vec<Interval>) {
        let mut at = interval.start;
        while at < interval.end {
            let next = self.marks.partition_point(|mark| mark.visible <= at);
            let end = self.marks.get(next).map_or(u64::MAX, |mark| mark.visible);
            let end = end.min(interval.end);
            let first = self.character(at);
            found.push(Interval {
                start: self.offset(first),
                end: self.offset(first + (end - at)),
                rule: interval.rule,
                unit: self.unit,
            });
            at = end;
        }
    }

    /// The number of the character that this one of the text is.
    fn character(&self, visible: u64) -> u64 {
        let next = self.marks.partition_point(|mark| mark.visible <= visible);
        let mark = self.marks[next - 1];
        mark.all + (visible - mark.visible)
    }

    fn offset(&self, character: u64) -> u64 {
        self.origin + character * self.unit.width()
    }

    /// Lets go of the marks that no run needs any more.
    fn forget(&mut self) {
        let needed = self.scan.undecided().min(self.visible);
        let next = self.marks.partition_point(|mark| mark.visible <= needed);
        self.marks.drain(..next - 1);
    }
}
