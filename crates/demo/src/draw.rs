//! Chance that falls the same way every time: numbers drawn from what they are for.

/// A row of numbers that belongs to a name.
#[derive(Clone, Copy)]
pub struct Draw(u64);

impl Draw {
    /// The row of this name; another name has another.
    pub fn of(name: &[&str]) -> Self {
        // FNV-1a, with a mark after each part.
        let bytes = name.iter().flat_map(|part| part.bytes().chain([0xff]));
        Self(bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        }))
    }

    pub fn next(&mut self) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, and not including, this. Nought for nought.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// From the first up to and including the last.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let span = last.saturating_sub(first).unsigned_abs().saturating_add(1);
        first + i64::try_from(self.next() % span).unwrap_or(0)
    }

    /// True this many times out of a hundred.
    pub fn percent(&mut self, share: u8) -> bool {
        self.below(100) < usize::from(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_draws_the_same_and_another_draws_otherwise() {
        let row = |name: &[&str]| -> Vec<u64> {
            let mut draw = Draw::of(name);
            (0..4).map(|_| draw.next()).collect()
        };
        assert_eq!(row(&["a", "b"]), row(&["a", "b"]));
        assert_ne!(row(&["a", "b"]), row(&["ab"]));
        let mut draw = Draw::of(&["x"]);
        assert!((0..999).all(|_| (3..=5).contains(&draw.between(3, 5))));
    }
}
