//! The offsets at which needles start, many at once.

/// The most there can be.
const MANY: usize = 128;

/// The offsets at which needles start, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Starts {
    base: usize,
    /// Those behind the base.
    offsets: [u16; MANY],
    next: usize,
    len: usize,
}

impl Default for Starts {
    fn default() -> Self {
        Self {
            base: 0,
            offsets: [0; MANY],
            next: 0,
            len: 0,
        }
    }
}

impl Starts {
    /// Forgets all. The next ones are at `base` or less than 64 KiB behind.
    pub(crate) fn clear(&mut self, base: usize) {
        (self.base, self.next, self.len) = (base, 0, 0);
    }

    /// Whether there is room for a word of offsets.
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.len + u64::BITS as usize <= self.offsets.len()
    }

    /// Adds an offset behind the base, and `first` behind that, for each bit of this word,
    /// which has one at least. There must be room.
    #[inline]
    pub(crate) fn add(&mut self, first: u16, word: u64) {
        let offset = |word: u64| first + word.trailing_zeros() as u16;
        // No branch for what most words have: one or two.
        let more = word & (word - 1);
        self.offsets[self.len] = offset(word);
        self.offsets[self.len + 1] = offset(more);
        self.len += 1 + usize::from(more != 0);
        let mut rest = more & more.wrapping_sub(1);
        while rest != 0 {
            self.offsets[self.len] = offset(rest);
            self.len += 1;
            rest &= rest - 1;
        }
    }

    /// Keeps those that `keep` says, which should decide without a branch.
    #[inline]
    pub(crate) fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        let mut kept = 0;
        for index in self.next..self.len {
            let offset = self.offsets[index];
            self.offsets[kept] = offset;
            kept += usize::from(keep(self.base + usize::from(offset)));
        }
        (self.next, self.len) = (0, kept);
    }

    /// Passes over those before `start`.
    #[inline]
    pub(super) fn pass_over(&mut self, start: usize) {
        let before = |offset: u16| self.base + usize::from(offset) < start;
        while self.next < self.len && before(self.offsets[self.next]) {
            self.next += 1;
        }
    }
}

impl Iterator for Starts {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        let offset = *self.offsets[..self.len].get(self.next)?;
        self.next += 1;
        Some(self.base + usize::from(offset))
    }
}

#[cfg(test)]
mod tests {
    use super::{MANY, Starts};

    /// Words of every number of bits, here and there.
    fn words() -> impl Iterator<Item = u64> {
        let spread = [1, 0x0000_0001_0000_0001, 0x1111_1111_1111_1111, u64::MAX];
        let shifted = |word: u64| (0..64).map(move |shift| word << shift);
        let masks = (0..64).map(|shift| u64::MAX >> shift);
        spread.into_iter().flat_map(shifted).chain(masks)
    }

    fn of(words: &[u64]) -> (Starts, Vec<usize>) {
        let mut starts = Starts::default();
        starts.clear(10);
        let mut all = Vec::new();
        for (index, &word) in words.iter().enumerate() {
            assert!(starts.has_room());
            starts.add(1000 * index as u16, word);
            all.extend(
                (0..64)
                    .filter(|bit| word >> bit & 1 == 1)
                    .map(|bit| 10 + 1000 * index + bit),
            );
        }
        (starts, all)
    }

    #[test]
    fn there_is_one_for_each_bit() {
        for first in words() {
            for second in words() {
                let (starts, all) = of(&[first, second]);
                assert_eq!(starts.has_room(), all.len() + 64 <= MANY);
                assert!(starts.eq(all));
            }
        }
    }

    #[test]
    fn those_that_are_kept_stay_in_order() {
        for word in words() {
            let (mut starts, mut all) = of(&[word, 0x8000_0000_0000_0101]);
            for divisor in [7, 3, 2] {
                starts.retain(|start| start % divisor != 0);
                all.retain(|start| start % divisor != 0);
                assert!(starts.eq(all.iter().copied()));
            }
            starts.clear(0);
            assert_eq!(starts.next(), None);
        }
    }

    #[test]
    fn those_in_front_are_passed_over() {
        for word in words() {
            for to in (0..80).chain([1009, 1010, 1011, 1018, 2000]) {
                for taken in 0..3 {
                    let (mut starts, all) = of(&[word, 0x8000_0000_0000_0101]);
                    let mut left = all.into_iter();
                    assert!(starts.by_ref().take(taken).eq(left.by_ref().take(taken)));
                    starts.pass_over(to);
                    // What was taken is not kept either.
                    starts.retain(|_| true);
                    assert!(starts.eq(left.filter(|&start| start >= to)));
                }
            }
        }
    }
}
