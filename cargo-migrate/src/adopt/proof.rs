//! Checksums that tools keep of the files that they ran.

use std::hash::{Hash as _, Hasher as _};

use sha2::{Digest as _, Sha384};
use siphasher::sip::SipHasher13;

use super::files::unmarked;

/// What a migration's text was when it ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// SHA-384 of the file's bytes, in hexadecimal digits: sqlx.
    Sha384(String),
    /// SipHash-1-3 of name, version and text, as `refinery_core` takes it.
    Refinery {
        /// The checksum.
        checksum: String,
        /// As refinery names it.
        name: String,
        /// As refinery counts.
        version: i64,
    },
}

impl Proof {
    /// Whether this is the text that ran; what a conversion wrote before it does not count.
    pub(crate) fn holds(&self, text: &str) -> bool {
        self.is_of(text) || unmarked(text).is_some_and(|text| self.is_of(text))
    }

    fn is_of(&self, text: &str) -> bool {
        match self {
            Self::Sha384(checksum) => {
                hexadecimal(&Sha384::digest(text)).eq_ignore_ascii_case(checksum)
            }
            Self::Refinery { checksum, name, version } => {
                // Its versions have 32 bits, or 64 where it was built with `int8-versions`.
                let short = i32::try_from(*version).ok();
                short.is_some_and(|version| {
                    refinery(name, text, |hasher| version.hash(hasher)) == *checksum
                }) || refinery(name, text, |hasher| version.hash(hasher)) == *checksum
            }
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn refinery(name: &str, text: &str, hash_version: impl FnOnce(&mut SipHasher13)) -> String {
    let mut hasher = SipHasher13::new();
    name.hash(&mut hasher);
    hash_version(&mut hasher);
    text.hash(&mut hasher);
    hasher.finish().to_string()
}
