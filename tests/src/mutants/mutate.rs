//! One token of a statement lost, doubled, swapped, joined, misspelt, or put in.

use migrate_build::Span;
use migrate_build::sql::Parser;

/// What is put in front of a token.
const FOREIGN: &[&str] =
    &[",", "(", ")", ";", "SELECT", "NOT", "'", "\"", "/*", "--\n", "1x", "x", "&&"];

/// All that one mistake makes of a statement, sorted, each once.
#[must_use]
pub fn mutants(parser: &dyn Parser, statement: &str) -> Vec<String> {
    let tokens = parser.tokens(statement);
    let spans: Vec<Span> =
        tokens.iter().filter(|token| !token.is_comment()).map(|token| token.span).collect();
    let mut mutants = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let word = &statement[span.range()];
        let before = &statement[..span.range().start];
        let behind = &statement[span.range().end..];
        let mut instead = |word: &str| mutants.push(format!("{before}{word}{behind}"));
        instead("");
        instead(&format!("{word} {word}"));
        for foreign in FOREIGN {
            instead(&format!("{foreign} {word}"));
        }
        for slip in misspelt(word) {
            instead(&slip);
        }
        if let Some(next) = spans.get(at + 1) {
            let between = &statement[span.range().end..next.range().start];
            let behind = &statement[next.range().end..];
            let next = &statement[next.range()];
            mutants.push(format!("{before}{next}{between}{word}{behind}"));
            mutants.push(format!("{before}{next} {word}{behind}"));
            mutants.push(format!("{before}{word}{next}{behind}"));
        }
    }
    mutants.sort_unstable();
    mutants.dedup();
    mutants.retain(|mutant| mutant != statement);
    mutants
}

/// One letter lost, doubled, or swapped with its neighbour. Of a long text, only the ends.
fn misspelt(word: &str) -> Vec<String> {
    const FROM_EACH_END: usize = 12;
    let letters: Vec<char> = word.chars().collect();
    let mut slips = Vec::new();
    for at in 0..letters.len() {
        if at >= FROM_EACH_END && at + FROM_EACH_END < letters.len() {
            continue;
        }
        let mut slip = letters.clone();
        slip.remove(at);
        slips.push(slip.iter().collect());
        let mut slip = letters.clone();
        slip.insert(at, letters[at]);
        slips.push(slip.iter().collect());
        if at + 1 < letters.len() {
            let mut slip = letters.clone();
            slip.swap(at, at + 1);
            slips.push(slip.iter().collect());
        }
    }
    slips
}
