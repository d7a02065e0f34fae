//! What differs from run to run, replaced by its name.

use std::path::Path;

/// Shapes and names. In a shape `#` is a digit, `+` are several, `~` are several blanks.
const SHAPES: [(&str, &str); 10] = [
    ("####-##-## ##:##:##Z", "[TIME]"),
    ("####-##-##T##:##:##Z", "[TIME]"),
    ("~+ ms", " [TOOK]"),
    ("~+.+ s", " [TOOK]"),
    ("(+ ms)", "([TOOK])"),
    ("(+.+ s)", "([TOOK])"),
    ("\"duration_ms\":+", "\"duration_ms\":[TOOK]"),
    ("pid +", "pid [PID]"),
    ("127.0.0.1:+", "127.0.0.1:[PORT]"),
    ("port +", "port [PORT]"),
];

/// Replaces them.
pub(super) fn redact(text: &str, root: &Path) -> String {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(root);
    let text = text
        .replace(&*root.to_string_lossy(), "[ROOT]")
        .replace(&*checkout.to_string_lossy(), "[CHECKOUT]");
    let mut rest = text.as_str();
    let mut redacted = String::with_capacity(text.len());
    while let Some(next) = rest.chars().next() {
        let found = SHAPES.iter().find_map(|(shape, name)| Some((length(shape, rest)?, name)));
        let length = match found {
            Some((length, name)) => {
                redacted.push_str(name);
                length
            }
            None => {
                redacted.push(next);
                next.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    redacted
}

/// How much of the text's beginning has the shape.
fn length(shape: &str, text: &str) -> Option<usize> {
    let mut at = 0;
    for part in shape.bytes() {
        let rest = &text.as_bytes()[at..];
        let run = |matches: fn(&u8) -> bool| rest.iter().take_while(|byte| matches(byte)).count();
        let one = |matches: bool| usize::from(matches);
        let taken = match part {
            b'#' => one(rest.first().is_some_and(u8::is_ascii_digit)),
            b'+' => run(u8::is_ascii_digit),
            b'~' => run(|byte| *byte == b' '),
            other => one(rest.first() == Some(&other)),
        };
        if taken == 0 {
            return None;
        }
        at += taken;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_named_and_the_rest_is_kept() {
        let text = "applied  2026-11-21 02:55:27Z     12 ms  /tmp/x1/up.sql:3 ä (1.5 s) pid 77;";
        assert_eq!(
            redact(text, Path::new("/tmp/x1")),
            "applied  [TIME] [TOOK]  [ROOT]/up.sql:3 ä ([TOOK]) pid [PID];"
        );
    }
}
