//! Ids that look like the vendors' own, from a counter: the same seed gives the same ids.

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A source of ids that never repeats one while its counter lives.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    seed: u64,
    next: u64,
}

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, next: 0 }
    }

    /// The next id: `prefix` and `length` letters and digits.
    pub(crate) fn fresh(&mut self, prefix: &str, length: usize) -> String {
        self.next += 1;
        let mut id = String::with_capacity(prefix.len() + length);
        id.push_str(prefix);
        let mut word = mix(self.seed ^ mix(self.next));
        for _ in 0..length {
            let [low, ..] = word.to_le_bytes();
            id.push(char::from(ALPHABET[usize::from(low) % ALPHABET.len()]));
            word = mix(word);
        }
        id
    }
}

/// splitmix64's finisher: spreads any number over all 64 bits. Not for secrets.
pub(crate) fn mix(value: u64) -> u64 {
    let mut word = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
