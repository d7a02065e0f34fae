//! One checksum all the way: what was verified is what is embedded is what is recorded.

use std::fmt;

use sha2::{Digest as _, Sha256};

/// SHA-256 of a script's text, carriage returns left out, so that a checkout with other line ends
/// has the same checksum.
///
/// Its text form, `v1:` and 64 hexadecimal digits, stands in ledgers: it never changes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Checksum(pub [u8; 32]);

impl Checksum {
    /// The checksum of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut hasher = Sha256::new();
        for part in text.as_bytes().split(|byte| *byte == b'\r') {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }

    /// The checksum that a text form is of.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("v1:")?.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let nibble = |digit: u8| (digit as char).to_digit(16);
            *byte = u8::try_from(nibble(pair[0])? * 16 + nibble(pair[1])?).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v1:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A hash over a script's tokens, comments and white space left out: tells an edited comment from
/// an edited statement. The first eight bytes of a SHA-256, because it is kept beside the full
/// [`Checksum`] and only grades a difference that the checksum has found.
#[derive(Clone, Default)]
pub struct TokenHasher(Sha256);

impl TokenHasher {
    /// Takes one token in.
    pub fn token(&mut self, text: &[u8]) {
        // Every token ends in a byte that no UTF-8 text holds: `a b` and `ab` differ.
        self.0.update(text);
        self.0.update([0xff]);
    }

    /// The hash of all tokens taken in.
    #[must_use]
    pub fn finish(self) -> u64 {
        let digest: [u8; 32] = self.0.finalize().into();
        let [a, b, c, d, e, f, g, h, ..] = digest;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // These bytes are in people's databases. If this test fails, the code is wrong, not the test.
    #[test]
    fn golden_checksums_never_change() {
        assert_eq!(
            Checksum::of("CREATE TABLE t (id INTEGER);\n").to_string(),
            "v1:cb7bba9473513daa6e6daf9337f9d5822cbc95cac71c944b6bf85958041038e1"
        );
        assert_eq!(
            Checksum::of("").to_string(),
            "v1:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    #[test]
    fn line_ends_do_not_count() {
        assert_eq!(Checksum::of("a;\r\nb;\r\n"), Checksum::of("a;\nb;\n"));
        assert_ne!(Checksum::of("a;\nb;\n"), Checksum::of("a; b;\n"));
    }

    #[test]
    fn token_boundaries_count() {
        let of = |tokens: &[&str]| {
            let mut hasher = TokenHasher::default();
            tokens.iter().for_each(|token| hasher.token(token.as_bytes()));
            hasher.finish()
        };
        assert_ne!(of(&["ab"]), of(&["a", "b"]));
        assert_eq!(of(&["a", "b"]), of(&["a", "b"]));
    }
}
