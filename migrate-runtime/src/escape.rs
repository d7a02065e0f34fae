//! Foreign text made fit for a terminal.
use std::fmt;

/// Shows text with every character escaped that could move a cursor, hide text, or turn its
/// direction. Names from the ledger and messages from the server pass through here.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_unfit(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                fmt::Write::write_char(f, character)?;
            }
        }
        Ok(())
    }
}

fn is_unfit(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::Escaped;

    #[test]
    fn escape_sequences_and_direction_marks_do_not_reach_a_terminal() {
        let shown = Escaped("a\u{1b}[2J\r\n\u{202e}ü").to_string();
        assert_eq!(shown, "a\\u{1b}[2J\\r\\n\\u{202e}ü");
    }
}
