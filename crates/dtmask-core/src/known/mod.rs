//! Known values: literal secrets, found wherever they stand, also encoded.
//!
//! One automaton over all forms of all values. Where it stands tells how much of the
//! input may be the beginning of one, which is what a stream has to withhold.

mod forms;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::ops::Range;

use aho_corasick::automaton::{Automaton as _, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::packed;

use aho_corasick::{Anchored, MatchKind};

use self::forms::forms;
use crate::error::{Error, ErrorKind};
use crate::runs::Block;
use crate::scan::Interval;

/// The shortest value that can be known, in bytes: a shorter one would be found in too
/// many places that have nothing to do with it.
pub const MIN_KNOWN_LEN: usize = 8;
/// The longest one. A stream withholds as much of it as it may have seen.
pub const MAX_KNOWN_LEN: usize = 64 << 10;

/// A value with the name it is spoken of by. Its bytes are never shown.
#[derive(Clone)]
pub(crate) struct KnownValue {
    pub(crate) name: String,
    pub(crate) value: Vec<u8>,
}

/// The forms of all known values, compiled.
pub(crate) struct Known {
    automaton: NFA,
    start: StateID,
    /// What each state but the start tells.
    states: HashMap<StateID, State>,
    beginnings: Beginnings,
    /// The length of the longest form.
    longest: usize,
    /// The index of the rule that known values are counted by.
    rule: usize,
}

/// A search for where a form may begin.
enum Beginnings {
    /// For the first four bytes of each, if they are few and the platform has one.
    Packed(packed::Searcher),
    /// A bit for each pair of bytes that one begins with.
    Pairs(Box<[u64; PAIRS / 64]>),
}

/// How many pairs of bytes there are.
const PAIRS: usize = 1 << 16;

/// What is known of the bytes before a state.
#[derive(Clone, Copy, Default)]
struct State {
    /// The length of their longest end that is a proper prefix of a form.
    begun: u32,
    /// The length of the longest form they end with; 0 if there is none.
    complete: u32,
}

/// Where a stream stands in the forms.
pub(crate) struct Place {
    state: StateID,
    /// Where values were found that end behind the first byte of what may be the beginning
    /// of another one: in order, and none touches the next.
    found: VecDeque<Range<u64>>,
}

impl KnownValue {
    /// # Errors
    ///
    /// If the value is too short or too long; names it and does not show it.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let fault = match self.value.len() {
            len if len < MIN_KNOWN_LEN => format!("at least {MIN_KNOWN_LEN} are needed"),
            len if len > MAX_KNOWN_LEN => format!("{MAX_KNOWN_LEN} are the most"),
            _ => return Ok(()),
        };
        let (name, len) = (&self.name, self.value.len());
        Err(Error::new(
            ErrorKind::KnownValue,
            format!("the known value `{name}` has {len} bytes; {fault}"),
        ))
    }
}

impl Known {
    /// Compiles values that passed the check; `None` if there are none. Found ones are
    /// counted by the rule of this index.
    pub(crate) fn new(values: &[KnownValue], rule: usize) -> Option<Self> {
        let forms: BTreeSet<Vec<u8>> = values.iter().flat_map(|v| forms(&v.value)).collect();
        let longest = forms.iter().map(Vec::len).max()?;
        let automaton = NFA::builder()
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(&forms)
            .expect("as many values as fit into memory make an automaton");
        let start = automaton
            .start_state(Anchored::No)
            .expect("the automaton is built for unanchored searches");
        let mut known = Self {
            automaton,
            start,
            states: HashMap::new(),
            beginnings: Beginnings::new(&forms),
            longest,
            rule,
        };
        known.measure(&forms);
        Some(known)
    }

    /// Finds out what every state tells.
    fn measure(&mut self, forms: &BTreeSet<Vec<u8>>) {
        for form in forms {
            let mut state = self.start;
            for (len, &byte) in form.iter().enumerate() {
                // The start tells nothing.
                if len > 0 {
                    self.states.entry(state).or_default().begun = len as u32;
                }
                state = self.next(state, byte);
                let complete = self.longest_match(state);
                self.states.entry(state).or_default().complete = complete;
            }
        }
        // What a whole form ends with, unless it begins another one itself. The shorter ones
        // are known first.
        let mut by_len: Vec<&Vec<u8>> = forms.iter().collect();
        by_len.sort_by_key(|form| form.len());
        for form in by_len {
            let after = |bytes: &[u8]| bytes.iter().fold(self.start, |s, &b| self.next(s, b));
            let (whole, end) = (after(form), after(&form[1..]));
            if self.tells(whole).begun == 0 {
                let begun = self.tells(end).begun;
                self.states.entry(whole).or_default().begun = begun;
            }
        }
    }

    fn next(&self, state: StateID, byte: u8) -> StateID {
        self.automaton.next_state(Anchored::No, state, byte)
    }

    fn tells(&self, state: StateID) -> State {
        self.states.get(&state).copied().unwrap_or_default()
    }

    /// The beginning of a stream.
    pub(crate) fn start(&self) -> Place {
        Place {
            state: self.start,
            found: VecDeque::new(),
        }
    }

    /// The most bytes that are ever withheld.
    pub(crate) fn max_withheld(&self) -> usize {
        self.longest - 1
    }

    /// Whether this byte can be withheld.
    pub(crate) fn may_withhold(&self, byte: u8) -> bool {
        let mut states = self.states.keys().chain([&self.start]);
        states.any(|&state| self.tells(self.next(state, byte)).begun > 0)
    }

    /// Whether `haystack` may hold a value.
    pub(crate) fn may_be_in(&self, haystack: &[u8]) -> bool {
        self.beginnings.find(haystack, 0).is_some()
    }

    /// Goes over `block`, and returns the offset of the first byte that may be in a value
    /// that is not known to be there; `u64::MAX` if there is none.
    pub(crate) fn scan(
        &self,
        place: &mut Place,
        block: Block<'_>,
        found: &mut Vec<Interval>,
    ) -> u64 {
        let Block { bytes, base } = block;
        let first = found.len();
        let mut state = place.state;
        let mut at = 0;
        loop {
            if state == self.start {
                let Some(begin) = self.beginnings.from(bytes, at) else {
                    break;
                };
                at = begin;
            }
            let Some(&byte) = bytes.get(at) else { break };
            state = self.next(state, byte);
            at += 1;
            if self.automaton.is_match(state) {
                let end = base + at as u64;
                let start = place.add(end - u64::from(self.tells(state).complete)..end);
                // Values that overlap make one interval: there may be one a byte.
                match found[first..].last_mut() {
                    Some(last) if start == last.end => last.end = end,
                    _ => found.push(Interval::new(start, end, self.rule)),
                }
            }
        }
        place.state = state;
        let end = base + bytes.len() as u64;
        let begun = place.pass(end - u64::from(self.tells(state).begun));
        if begun < end { begun } else { u64::MAX }
    }

    fn longest_match(&self, state: StateID) -> u32 {
        if !self.automaton.is_match(state) {
            return 0;
        }
        let matches = 0..self.automaton.match_len(state);
        let patterns = matches.map(|index| self.automaton.match_pattern(state, index));
        let lengths = patterns.map(|pattern| self.automaton.pattern_len(pattern) as u32);
        lengths.max().unwrap_or(0)
    }
}

impl Place {
    /// Takes note of a value that was found, behind the ends of all others, and returns from
    /// where on it is new.
    fn add(&mut self, value: Range<u64>) -> u64 {
        while self
            .found
            .back()
            .is_some_and(|last| last.start > value.start)
        {
            self.found.pop_back();
        }
        match self.found.back_mut() {
            Some(last) if last.end >= value.start => std::mem::replace(&mut last.end, value.end),
            _ => {
                let start = value.start;
                self.found.push_back(value);
                start
            }
        }
    }

    /// The first byte from `begun` on that is in no value, given that no other one begins
    /// before it.
    fn pass(&mut self, begun: u64) -> u64 {
        while self.found.front().is_some_and(|first| first.end <= begun) {
            self.found.pop_front();
        }
        let first = self.found.front().filter(|first| first.start <= begun);
        first.map_or(begun, |first| first.end)
    }
}

/// What counts is where the forms go on: what both have found of the last ones is the same
/// if nothing is undecided.
impl PartialEq for Place {
    fn eq(&self, other: &Self) -> bool {
        self.state == other.state
    }
}

impl Clone for Place {
    fn clone(&self) -> Self {
        Self {
            state: self.state,
            found: self.found.clone(),
        }
    }

    /// Keeps the memory.
    fn clone_from(&mut self, other: &Self) {
        self.state = other.state;
        self.found.clone_from(&other.found);
    }
}

/// Whether the mask can make a known value whole again, or holds one.
pub(crate) fn collides(values: &[KnownValue], mask: &[u8], fills: bool) -> bool {
    values.iter().flat_map(|v| forms(&v.value)).any(|form| {
        if fills {
            return form.contains(&mask[0]);
        }
        let borders = |left: &[u8], right: &[u8]| {
            (1..=left.len().min(right.len())).any(|len| left.ends_with(&right[..len]))
        };
        let within = |part: &[u8], whole: &[u8]| whole.windows(part.len()).any(|w| w == part);
        borders(mask, &form) || borders(&form, mask) || within(&form, mask) || within(mask, &form)
    })
}

impl Beginnings {
    /// Of forms that have four bytes at least.
    fn new(forms: &BTreeSet<Vec<u8>>) -> Self {
        let beginnings: BTreeSet<&[u8]> = forms.iter().map(|form| &form[..4]).collect();
        let packed = packed::Config::new().builder().extend(beginnings).build();
        packed.map_or_else(|| Self::pairs(forms), Self::Packed)
    }

    fn pairs(forms: &BTreeSet<Vec<u8>>) -> Self {
        let mut pairs = Box::new([0; PAIRS / 64]);
        for form in forms {
            let pair = usize::from(u16::from_le_bytes([form[0], form[1]]));
            pairs[pair / 64] |= 1 << (pair % 64);
        }
        Self::Pairs(pairs)
    }

    /// Where the next form may begin, from `from` on; `None` if no form can have begun
    /// at the end of `haystack` either.
    fn from(&self, haystack: &[u8], from: usize) -> Option<usize> {
        let compared = match self {
            Self::Packed(_) => 4,
            Self::Pairs(_) => 2,
        };
        // A beginning may be cut off.
        let last = haystack.len().saturating_sub(compared - 1).max(from);
        let at = self.find(haystack, from).unwrap_or(last);
        (at < haystack.len()).then_some(at)
    }

    fn find(&self, haystack: &[u8], from: usize) -> Option<usize> {
        match self {
            Self::Packed(searcher) => {
                let found = searcher.find_in(haystack, (from..haystack.len()).into())?;
                Some(found.start())
            }
            Self::Pairs(pairs) => {
                let begins = |pair: &[u8]| {
                    let pair = usize::from(u16::from_le_bytes([pair[0], pair[1]]));
                    pairs[pair / 64] >> (pair % 64) & 1 == 1
                };
                let at = haystack[from..].windows(2).position(begins)?;
                Some(from + at)
            }
        }
    }
}

impl fmt::Debug for KnownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KnownValue({})", self.name)
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Known({} forms)", self.automaton.patterns_len())
    }
}

impl fmt::Debug for Place {
    // A state tells how many bytes of a value were seen.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Place")
    }
}

#[cfg(test)]
mod tests {
    use super::KnownValue;

    #[test]
    fn a_value_is_never_shown() {
        let known = KnownValue {
            name: "DT_SECRET".to_owned(),
            value: b"never-show-this".to_vec(),
        };
        assert_eq!(format!("{known:?}"), "KnownValue(DT_SECRET)");
    }
}
