//! Classes of bytes, and how long a run of one is.

use wide::u8x16;

/// The bytes looked at in one step of a run.
const STEP: usize = 16;

/// How many ranges a class may have to be compared as ranges, not looked up.
const MAX_RANGES: usize = 7;

/// A set of bytes.
#[derive(Clone)]
pub(crate) struct ByteClass {
    contains: [bool; 256],
    /// The set as ranges (first byte, length less one, each in every lane), the last one
    /// repeated to fill the array; meaningless if there are more of them than fit.
    ranges: [[[u8; STEP]; 2]; MAX_RANGES],
    range_count: usize,
}

impl PartialEq for ByteClass {
    fn eq(&self, other: &Self) -> bool {
        self.contains == other.contains
    }
}

impl std::fmt::Debug for ByteClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let len = self.contains.iter().filter(|&&c| c).count();
        write!(f, "ByteClass({len} bytes in {} ranges)", self.range_count)
    }
}

impl ByteClass {
    /// The union of inclusive ranges.
    pub(crate) const fn from_ranges(union: &[(u8, u8)]) -> Self {
        let mut contains = [false; 256];
        let mut index = 0;
        while index < union.len() {
            let (first, last) = (union[index].0 as usize, union[index].1 as usize);
            let mut byte = first;
            while byte <= last {
                contains[byte] = true;
                byte += 1;
            }
            index += 1;
        }
        let mut ranges = [[[0; STEP]; 2]; MAX_RANGES];
        let mut range_count = 0;
        let mut byte = 0;
        while byte < contains.len() {
            let first = byte;
            while byte < contains.len() && contains[byte] {
                byte += 1;
            }
            if byte > first {
                let mut index = range_count;
                while index < MAX_RANGES {
                    ranges[index] = [[first as u8; STEP], [(byte - first - 1) as u8; STEP]];
                    index += 1;
                }
                range_count += 1;
            }
            byte += 1;
        }
        Self {
            contains,
            ranges,
            range_count,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.range_count == 0
    }

    pub(crate) fn contains(&self, byte: u8) -> bool {
        self.contains[usize::from(byte)]
    }

    /// A bit for each of these bytes that is in the class.
    // The branches are gone where the class is known.
    #[inline(always)]
    pub(crate) fn members(&self, bytes: &[u8; STEP]) -> u16 {
        match self.range_count {
            0..=2 => self.members_by_ranges::<2>(bytes),
            3..=5 => self.members_by_ranges::<5>(bytes),
            6..=MAX_RANGES => self.members_by_ranges::<MAX_RANGES>(bytes),
            _ => {
                let bits = bytes.iter().enumerate();
                bits.fold(0, |bits, (at, &byte)| {
                    bits | u16::from(self.contains(byte)) << at
                })
            }
        }
    }

    #[inline(always)]
    fn members_by_ranges<const N: usize>(&self, bytes: &[u8; STEP]) -> u16 {
        let ranges: &[_; N] = self.ranges.first_chunk().expect("there are that many");
        let bytes = u8x16::new(*bytes);
        // How far each byte is from the nearest range; 0 in one.
        let mut distance = u8x16::MAX;
        for &[first, len] in ranges {
            distance = distance.min((bytes - u8x16::new(first)).saturating_sub(u8x16::new(len)));
        }
        distance.simd_eq(u8x16::ZERO).to_bitmask() as u16
    }

    /// Where the longest run of this class that starts at `from` ends.
    ///
    /// # Complexity
    ///
    /// Linear in the length of the run.
    #[inline]
    pub(crate) fn run_end(&self, haystack: &[u8], from: usize) -> usize {
        match self.range_count {
            0..=2 => self.run_end_by_ranges::<2>(haystack, from),
            3..=5 => self.run_end_by_ranges::<5>(haystack, from),
            6..=MAX_RANGES => self.run_end_by_ranges::<MAX_RANGES>(haystack, from),
            _ => self.run_end_by_byte(haystack, from),
        }
    }

    fn run_end_by_ranges<const N: usize>(&self, haystack: &[u8], from: usize) -> usize {
        let mut at = from;
        for step in haystack[from..].as_chunks::<STEP>().0 {
            let outside = !self.members_by_ranges::<N>(step);
            if outside != 0 {
                return at + outside.trailing_zeros() as usize;
            }
            at += STEP;
        }
        self.run_end_by_byte(haystack, at)
    }

    fn run_end_by_byte(&self, haystack: &[u8], from: usize) -> usize {
        haystack[from..]
            .iter()
            .position(|&byte| !self.contains(byte))
            .map_or(haystack.len(), |len| from + len)
    }
}

#[cfg(test)]
mod tests {
    use super::ByteClass;

    #[test]
    fn runs_end_where_a_plain_loop_says() {
        let classes: [&[(u8, u8)]; 6] = [
            &[(b'A', b'Z'), (b'0', b'9')],
            &[
                (b'A', b'Z'),
                (b'a', b'z'),
                (b'0', b'9'),
                (b'_', b'_'),
                (b'-', b'-'),
            ],
            &[(0, 255)],
            &[(200, 255), (0, 3), (4, 9)],
            &[(1, 1), (3, 3), (5, 5), (7, 7), (9, 9), (11, 11), (13, 13)],
            &[
                (1, 1),
                (3, 3),
                (5, 5),
                (7, 7),
                (9, 9),
                (11, 11),
                (13, 13),
                (15, 15),
                (17, 17),
            ],
        ];
        for ranges in classes {
            let class = ByteClass::from_ranges(ranges);
            let inside = |b: u8| {
                ranges
                    .iter()
                    .any(|&(first, last)| (first..=last).contains(&b))
            };
            for byte in 0..=255 {
                assert_eq!(class.contains(byte), inside(byte));
            }
            let member = ranges[0].0;
            for stop in 0..=255u8 {
                for len in 0..50 {
                    let mut haystack = vec![member; len];
                    haystack.push(stop);
                    haystack.extend(vec![member; 40]);
                    for from in 0..=len {
                        let expected = if inside(stop) { haystack.len() } else { len };
                        assert_eq!(class.run_end(&haystack, from), expected);
                    }
                }
            }
        }
    }

    #[test]
    fn the_empty_class_has_no_runs() {
        let class = ByteClass::from_ranges(&[]);
        assert!(class.is_empty());
        assert_eq!(class.run_end(b"abc", 1), 1);
    }
}
