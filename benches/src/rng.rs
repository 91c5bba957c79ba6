//! A small generator of pseudo-random numbers with a fixed seed.
//!
//! The corpora must be the same bytes on every machine and in every year, so
//! they depend on nothing but these few lines.

/// A xorshift64* generator (Marsaglia 2003, Vigna 2016).
#[derive(Clone, Debug)]
pub struct Rng {
    /// Never zero: zero is the one state that xorshift cannot leave.
    state: u64,
}

impl Rng {
    /// A generator whose numbers depend on `seed` alone.
    pub fn new(seed: u64) -> Rng {
        // An odd multiplier spreads small seeds over all bits; `| 1` keeps zero out.
        Rng {
            state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        }
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`, or 0 when `bound` is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        // Multiply-shift: the upper half of a 64-bit product stays below `bound`.
        let high = self.next_u64() >> 32;
        ((high * u64::from(bound)) >> 32) as u32
    }

    /// A number between `low` and `high`, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True once in `n` times on average.
    pub fn one_in(&mut self, n: u32) -> bool {
        self.below(n) == 0
    }

    /// One of `choices`.
    ///
    /// # Panics
    ///
    /// Panics when `choices` is empty.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u32) as usize]
    }

    /// Appends `len` bytes drawn from `alphabet`.
    ///
    /// # Panics
    ///
    /// Panics when `alphabet` is empty.
    pub fn fill_from(&mut self, alphabet: &[u8], len: usize, out: &mut Vec<u8>) {
        out.extend((0..len).map(|_| self.pick(alphabet)));
    }

    /// `len` characters drawn from `alphabet`, which must be ASCII.
    ///
    /// # Panics
    ///
    /// Panics when `alphabet` is empty.
    pub fn word(&mut self, alphabet: &[u8], len: usize) -> String {
        (0..len).map(|_| char::from(self.pick(alphabet))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_alone_decides() {
        let numbers = |seed| {
            let mut rng = Rng::new(seed);
            [rng.next_u64(), rng.next_u64(), rng.next_u64()]
        };
        assert_eq!(numbers(7), numbers(7));
        assert_ne!(numbers(7), numbers(8));
        assert_ne!(numbers(0), [0; 3]);
    }

    #[test]
    fn below_reaches_every_number_and_no_other() {
        let mut rng = Rng::new(1);
        let mut seen = [0_u32; 10];
        for _ in 0..10_000 {
            seen[rng.below(10) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| (800..1200).contains(&n)), "{seen:?}");
        assert_eq!(rng.below(0), 0);
    }
}
