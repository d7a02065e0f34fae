//! A line more in a `build.rs` that somebody else wrote.

use std::path::Path;

use super::Error;

const CALL: &str = "migrate_build::verify();";

/// `source` with the call at the start of `main`; `None` when it mentions the verifier already.
pub(super) fn extended(path: &Path, source: &str) -> Result<Option<String>, Error> {
    let code = code(source);
    if words(&code, "migrate_build").next().is_some() {
        return Ok(None);
    }
    let Some(body) = body_of_main(&code) else {
        return Err(Error::usage(format!(
            "`{}` has no plain `fn main() {{ … }}` to put a line into",
            path.display()
        ))
        .with_help(format!("add `{CALL}` where it is run in every build, then try again")));
    };
    let (before, after) = source.split_at(body);
    let line_end = if source.contains("\r\n") { "\r\n" } else { "\n" };
    let mut text = format!("{before}{line_end}{}{CALL}", indent(after));
    let rest = after.trim_start_matches([' ', '\t']);
    if !rest.starts_with(['\r', '\n']) {
        // `fn main() { first(); }`: what follows gets a line of its own.
        text.push_str(line_end);
        if !rest.starts_with('}') {
            text.push_str("    ");
        }
        text.push_str(rest);
    } else {
        text.push_str(after);
    }
    Ok(Some(text))
}

/// The white space in front of the first statement of a body.
fn indent(body: &str) -> &str {
    let lines = body.lines().skip(1).filter(|line| !line.trim().is_empty());
    lines
        .map(|line| &line[..line.len() - line.trim_start().len()])
        .next()
        .filter(|space| !space.is_empty())
        .unwrap_or("    ")
}

/// Where the body of the one `fn main()` starts: behind its brace. `None` when there is none, when
/// there are several, or when the body begins with `#![…]`, which has to stay first.
fn body_of_main(code: &str) -> Option<usize> {
    let mut bodies = words(code, "fn").filter_map(|at| {
        let nested = code[..at].matches('{').count() != code[..at].matches('}').count();
        let rest = code[at + 2..].trim_start().strip_prefix("main")?;
        let rest = rest.trim_start().strip_prefix('(')?.trim_start().strip_prefix(')')?;
        let brace = rest.find(['{', ';']).filter(|at| rest[*at..].starts_with('{'))?;
        (!nested).then(|| code.len() - rest.len() + brace + 1)
    });
    let body = bodies.next()?;
    let plain = bodies.next().is_none() && !code[body..].trim_start().starts_with("#!");
    plain.then_some(body)
}

/// Where `word` stands in `code`, as a whole word.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).map(|(at, _)| at).filter(move |at| {
        !code[..*at].ends_with(part) && !code[at + word.len()..].starts_with(part)
    })
}

/// `source` with blanks for all that is inside comments, strings and characters: byte for byte in
/// the same place, so that braces and words can be looked for.
fn code(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let token = token(rest, out.ends_with(|c: char| c.is_alphanumeric() || c == '_'));
        match token {
            Some(length) => {
                let (hidden, after) = rest.split_at(length);
                out.extend(hidden.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
                rest = after;
            }
            None => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    out
}

/// The length of the comment or literal at the start of `rest`, if there is one. `in_word`: the
/// character before belongs to a word, so that an `r` here starts nothing.
fn token(rest: &str, in_word: bool) -> Option<usize> {
    let length = |end: Option<usize>| Some(end.unwrap_or(rest.len()));
    if rest.starts_with("//") {
        return length(rest.find('\n'));
    }
    if rest.starts_with("/*") {
        return length(block_comment(rest));
    }
    let prefix = rest.len() - rest.trim_start_matches(['b', 'c', 'r']).len();
    if (1..=2).contains(&prefix) && rest[..prefix].ends_with('r') && !in_word {
        let hashes = rest[prefix..].bytes().take_while(|byte| *byte == b'#').count();
        let open = prefix + hashes;
        if rest[open..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let end = rest[open + 1..].find(&close);
            return length(end.map(|at| open + 1 + at + close.len()));
        }
    }
    if rest.starts_with('"') {
        return length(closing(rest, '"'));
    }
    // `'a'` and `'\n'` are characters, `'a` is a lifetime.
    let inner = rest.strip_prefix('\'')?.chars().next()?;
    match inner {
        '\\' => length(closing(rest, '\'')),
        _ => rest[1 + inner.len_utf8()..].starts_with('\'').then_some(2 + inner.len_utf8()),
    }
}

/// Behind the next `quote` that no backslash stands before; the first character is the opening one.
fn closing(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    rest.char_indices().skip(1).find_map(|(at, c)| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at + 1)
    })
}

/// Behind the end of a comment, which may hold others.
fn block_comment(rest: &str) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        let next = at + rest[at..].find(['/', '*'])?;
        at = next + 1;
        if rest[next..].starts_with("/*") {
            (depth, at) = (depth + 1, next + 2);
        } else if rest[next..].starts_with("*/") {
            (depth, at) = (depth - 1, next + 2);
            if depth == 0 {
                return Some(at);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::extended;

    fn extend(source: &str) -> Option<String> {
        extended(Path::new("build.rs"), source).unwrap()
    }

    #[test]
    fn the_call_comes_first_in_main() {
        for (before, after) in [
            (
                "fn main() {\n    go();\n}\n",
                "fn main() {\n    migrate_build::verify();\n    go();\n}\n",
            ),
            ("fn main() {}\n", "fn main() {\n    migrate_build::verify();\n}\n"),
            ("fn main() { go(); }", "fn main() {\n    migrate_build::verify();\n    go(); }"),
            ("fn main() {\n}\n", "fn main() {\n    migrate_build::verify();\n}\n"),
            (
                "fn main() {\r\n\tgo();\r\n}\r\n",
                "fn main() {\r\n\tmigrate_build::verify();\r\n\tgo();\r\n}\r\n",
            ),
            (
                "pub fn main ( ) -> Result<(), Box<dyn Error>>\n{\n  go()\n}",
                "pub fn main ( ) -> Result<(), Box<dyn Error>>\n{\n  migrate_build::verify();\n  go()\n}",
            ),
        ] {
            assert_eq!(extend(before).as_deref(), Some(after), "{before}");
            // A second time, there is nothing to do.
            assert_eq!(extend(after), None, "{after}");
        }
    }

    #[test]
    fn comments_and_literals_are_not_taken_for_code() {
        for decoy in [
            "// fn main() { migrate_build\n",
            "/* fn main() { /* migrate_build */ fn main() { */\n",
            "const A: &str = \"fn main() { \\\" migrate_build { \";\n",
            "const A: &str = r#\"fn main() { \" migrate_build { \"#;\n",
            "const A: &[u8] = br\"{ \\\";\n",
            "const A: [char; 4] = ['{', '\"', '\\'', 'é'];\n",
            "fn a<'a>(_: &'a str, r#fn: u8) { let _ = 'a'; }\n",
            "mod a { fn main() {} }\n",
            "fn main_of_all() {}\nfn my_migrate_build_x() {}\n",
            "fn b() { /* } */ }\n",
        ] {
            let source = format!("{decoy}fn main() {{\n    go();\n}}\n");
            let wanted =
                format!("{decoy}fn main() {{\n    migrate_build::verify();\n    go();\n}}\n");
            assert_eq!(extend(&source), Some(wanted), "{decoy}");
        }
    }

    #[test]
    fn where_main_is_not_plain_the_author_is_told_the_line() {
        for source in [
            "",
            "main!();\n",
            "// fn main() {}\n",
            "mod a { fn main() {} }\n",
            "#[cfg(unix)]\nfn main() {}\n#[cfg(not(unix))]\nfn main() {}\n",
            "fn main() {\n    #![allow(unused)]\n}\n",
            "fn main();",
            "fn main() \"open",
        ] {
            let error = extended(Path::new("build.rs"), source).unwrap_err().to_string();
            assert!(error.contains("`build.rs` has no plain `fn main()"), "{source}: {error}");
            assert!(error.contains("add `migrate_build::verify();`"), "{source}: {error}");
        }
    }

    #[test]
    fn any_mention_of_the_verifier_is_enough() {
        for source in [
            "use migrate_build::verify;\nfn main() { verify() }\n",
            "fn main() {\n    migrate_build::Verifier::new().run();\n}\n",
        ] {
            assert_eq!(extend(source), None, "{source}");
        }
    }
}
