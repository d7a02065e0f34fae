//! A choice that is the same each time.

/// So many of the items, chosen evenly, in their order; all when there are no more.
#[must_use]
pub fn sample<T>(items: Vec<T>, count: usize) -> Vec<T> {
    let mut random = Random(items.len() as u64);
    let (mut left, mut wanted) = (items.len(), count);
    let chosen = items.into_iter().filter(|_| {
        let take = random.below(left) < wanted;
        left -= 1;
        wanted -= usize::from(take);
        take
    });
    chosen.collect()
}

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators").
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        // The modulus favours small numbers by less than one in a billion here.
        usize::try_from(z % bound as u64).unwrap_or_default()
    }
}
