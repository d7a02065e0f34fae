//! Whether SQL that a database keeps speaks of an object.

/// Whether a text holds the name as a whole word, both in lower case. A doubled quote may hide a
/// name that holds one.
pub(super) fn has_name(text: &str, name: &str) -> bool {
    if name.contains(['"', '\'', '`']) {
        return true;
    }
    let is_part = |byte: Option<&u8>| {
        byte.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | 0x80..))
    };
    text.match_indices(name).any(|(at, found)| {
        let bytes = text.as_bytes();
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        !is_part(before) && !is_part(bytes.get(at + found.len()))
    })
}
