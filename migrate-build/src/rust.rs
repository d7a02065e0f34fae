//! `migration.rs`: a migration as a Rust function, with the words of it that a verifier needs.
//!
//! What the code does to a database is not read: a compiler says whether it is right, and the author
//! whether it leaves the schema alone. One file holds both ways, `up` and `down`.

use std::sync::Arc;

use ra_ap_rustc_lexer::{FrontmatterAllowed, Token, TokenKind, tokenize};

use crate::check::Role;
use crate::checksum::TokenHasher;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::source::{Source, Span, count};
use crate::sql::{self, Directive, DirectiveKind, Effect, Mode, Parsed, Statement, StatementKind};

/// The file's name.
pub(crate) const FILE: &str = "migration.rs";

/// Why nothing is known of what code does.
const NOT_READ: &str = "what is written in Rust is not read";

/// Whether a script is one of these.
pub(crate) fn is_rust(source: &Source) -> bool {
    source.path().file_name().is_some_and(|name| name == FILE)
}

/// The name of the function for a way.
const fn function(role: Role) -> &'static str {
    match role {
        Role::Up => "up",
        Role::Down => "down",
    }
}

/// Reads what a file has for one way: the function as the only statement. `count` is 0 where there is
/// none that a program could call.
pub(crate) fn parse(
    source: &Arc<Source>,
    dialect: Dialect,
    role: Role,
    findings: &mut Vec<Diagnostic>,
) -> Parsed {
    // What is wrong with the whole file is said once.
    let mut again = Vec::new();
    let file = File::read(source, if role == Role::Up { findings } else { &mut again });
    let is_told = |kind: DirectiveKind| file.directives.iter().any(|told| told.kind == kind);
    let keeps_schema = is_told(DirectiveKind::AssumeRowsOnly);
    let statement = file.function(role).filter(|function| function.is_public).map(|function| {
        Statement {
            span: function.span,
            kind: StatementKind::Code,
            // MySQL ends a transaction with every change of the schema.
            mode: match dialect {
                Dialect::Mysql if !keeps_schema => Mode::Once,
                _ => Mode::Normal,
            },
            traces: Vec::new(),
            effect: if keeps_schema { Effect::None } else { Effect::Opaque(NOT_READ) },
        }
    });
    Parsed {
        count: usize::from(statement.is_some()),
        statements: statement.into_iter().collect(),
        unread: Vec::new(),
        directives: file.directives_of(role),
        tokens: tokens_of(source.text()),
    }
}

/// The function for a way that is there, but that nobody else can call.
pub(crate) fn private_function(source: &Arc<Source>, role: Role) -> Option<Span> {
    let file = File::read(source, &mut Vec::new());
    file.function(role).filter(|function| !function.is_public).map(|function| function.span)
}

/// Whether there is a function for a way, though perhaps none that anybody else can call.
pub(crate) fn has(source: &Arc<Source>, role: Role) -> bool {
    File::read(source, &mut Vec::new()).function(role).is_some()
}

/// As much of a statement as messages show: of a function its first line.
pub(crate) fn shown(source: &Source, statement: Span) -> Span {
    let first_line = source.line_span(source.location(statement.start).line);
    let is_longer = is_rust(source) && first_line.end < statement.end;
    Span { end: if is_longer { first_line.end } else { statement.end }, ..statement }
}

/// A hash over all that the compiler reads.
pub(crate) fn tokens_of(text: &str) -> u64 {
    let mut hasher = TokenHasher::default();
    for (_, span) in tokens(text).filter(|(token, _)| !is_trivia(token.kind)) {
        hasher.token(&text.as_bytes()[span.range()]);
    }
    hasher.finish()
}

/// Every word of the code, in literals too, lower case, sorted, each once: whatever tables it is
/// about are among them.
pub(crate) fn names(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut names: Vec<String> = tokens(text)
        .filter(|(token, _)| !is_trivia(token.kind))
        .flat_map(|(_, span)| text[span.range()].split(|c: char| !is_part(c)))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A function of the file, outside of everything else.
struct Function<'s> {
    name: &'s str,
    is_public: bool,
    /// From its first word to the end of its body.
    span: Span,
}

/// What is known of a file.
struct File<'s> {
    functions: Vec<Function<'s>>,
    directives: Vec<Directive>,
}

impl<'s> File<'s> {
    fn read(source: &'s Arc<Source>, findings: &mut Vec<Diagnostic>) -> Self {
        let mut directives = Vec::new();
        let mut code = Vec::new();
        for (token, span) in tokens(source.text()) {
            match token.kind {
                TokenKind::LineComment { doc_style: None } => {
                    directives.extend(sql::directive::parse(source, span, findings));
                }
                kind if is_trivia(kind) => {}
                kind => code.push((kind, span)),
            }
        }
        Self { functions: functions(source, &code), directives }
    }

    fn function(&self, role: Role) -> Option<&Function<'s>> {
        self.functions.iter().find(|found| found.name == function(role))
    }

    fn directives_of(&self, role: Role) -> Vec<Directive> {
        self.directives.iter().filter(|told| self.role_of(told) == role).cloned().collect()
    }

    /// What is said of the whole file is said of `up`. What is allowed is allowed in the function that
    /// it stands in or above.
    fn role_of(&self, directive: &Directive) -> Role {
        let DirectiveKind::Allow(_) = directive.kind else { return Role::Up };
        let mut ways = self.functions.iter().filter_map(|found| {
            let is = |role: &Role| found.name == function(*role);
            Some((found.span.end, [Role::Up, Role::Down].into_iter().find(is)?))
        });
        let behind = ways.find(|(end, _)| directive.span.start < *end);
        behind.map_or(Role::Up, |(_, role)| role)
    }
}

/// The functions among the tokens of a file, in its order.
fn functions<'s>(source: &'s Source, code: &[(TokenKind, Span)]) -> Vec<Function<'s>> {
    let mut functions: Vec<Function<'s>> = Vec::new();
    let mut depth = 0_u32;
    // Where the item under way begins, and whether it is public.
    let (mut start, mut is_public, mut is_open) = (None, false, false);
    let mut words = code.iter().peekable();
    while let Some((kind, span)) = words.next() {
        match kind {
            TokenKind::OpenBrace | TokenKind::OpenParen | TokenKind::OpenBracket => depth += 1,
            TokenKind::CloseBrace | TokenKind::CloseParen | TokenKind::CloseBracket => {
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
        if depth > 0 {
            continue;
        }
        let text = source.slice(*span);
        match kind {
            TokenKind::Ident if text == "pub" => (start, is_public) = (Some(span.start), true),
            TokenKind::Ident if text == "fn" => {
                if let Some((_, name)) = words.peek() {
                    let start = start.unwrap_or(span.start);
                    let span = Span::new(start, name.end);
                    functions.push(Function { name: source.slice(*name), is_public, span });
                    is_open = true;
                }
            }
            TokenKind::CloseBrace | TokenKind::Semi => {
                if let Some(function) = functions.last_mut().filter(|_| is_open) {
                    function.span.end = span.end;
                }
                (start, is_public, is_open) = (None, false, false);
            }
            _ => {}
        }
    }
    functions
}

fn tokens(text: &str) -> impl Iterator<Item = (Token, Span)> {
    let mut at = 0;
    tokenize(text, FrontmatterAllowed::No).map(move |token| {
        let start = at;
        at += token.len as usize;
        (token, Span::new(count(start), count(at)))
    })
}

const fn is_trivia(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::Whitespace | TokenKind::LineComment { .. } | TokenKind::BlockComment { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r##"//! Hashes `passwords`.
// migrate: assume(rows-only) reason="updates users"
use diesel::prelude::*;

fn helper() -> &'static str { "fn up() { } {" }

// migrate: allow(row-loss) reason="old sessions go"
pub fn up(conn: &mut SqliteConnection) -> QueryResult<()> {
    diesel::sql_query(r#"DELETE FROM Sessions"#).execute(conn).map(drop)
}

pub(crate) fn down(_: &mut SqliteConnection) -> QueryResult<()> {
    // migrate: allow(unproved) reason="nothing to do"
    Ok(())
}
"##;

    fn read(text: &str, dialect: Dialect, role: Role) -> (Parsed, Vec<Diagnostic>) {
        let source = Arc::new(Source::new("1_a/migration.rs", text));
        let mut findings = Vec::new();
        (parse(&source, dialect, role, &mut findings), findings)
    }

    #[test]
    fn each_way_is_its_function() {
        let (up, findings) = read(FILE, Dialect::Sqlite, Role::Up);
        assert!(findings.is_empty());
        let (down, _) = read(FILE, Dialect::Sqlite, Role::Down);
        let text = |parsed: &Parsed| FILE[parsed.statements[0].span.range()].to_owned();
        assert!(text(&up).starts_with("pub fn up(") && text(&up).ends_with("map(drop)\n}"));
        assert!(text(&down).starts_with("pub(crate) fn down(") && text(&down).ends_with("}"));
        assert_eq!(up.tokens, down.tokens);
    }

    #[test]
    fn directives_belong_to_the_function_that_they_stand_in_or_above() {
        let kinds = |role| -> Vec<DirectiveKind> {
            let directives = read(FILE, Dialect::Sqlite, role).0.directives;
            directives.into_iter().map(|directive| directive.kind).collect()
        };
        let allow = |rule: &str| DirectiveKind::Allow(rule.to_owned());
        assert_eq!(kinds(Role::Up), [DirectiveKind::AssumeRowsOnly, allow("row-loss")]);
        assert_eq!(kinds(Role::Down), [allow("unproved")]);
    }

    #[test]
    fn only_the_author_says_that_a_schema_is_left_alone() {
        let first = |text: &str, dialect| read(text, dialect, Role::Up).0.statements.remove(0);
        let told = first(FILE, Dialect::Mysql);
        assert_eq!((told.effect, told.mode), (Effect::None, Mode::Normal));
        let silent = FILE.replace("migrate: assume", "assume");
        let silent = first(&silent, Dialect::Mysql);
        assert_eq!((silent.effect, silent.mode), (Effect::Opaque(NOT_READ), Mode::Once));
        assert_eq!(first("pub fn up() {}", Dialect::Postgres).mode, Mode::Normal);
    }

    #[test]
    fn a_function_that_nobody_can_call_is_none() {
        let private = "mod a { pub fn up() {} }\nfn up() {}\n";
        assert!(read(private, Dialect::Sqlite, Role::Up).0.statements.is_empty());
        let source = Arc::new(Source::new("1_a/migration.rs", private));
        let span = private_function(&source, Role::Up).expect("there is one");
        assert_eq!(source.slice(span), "fn up() {}");
        assert_eq!(private_function(&source, Role::Down), None);
    }

    #[test]
    fn code_that_breaks_off_ends_nothing_else() {
        for text in ["pub fn up( {", "pub fn up() { \"", "}}} pub fn up() {}", "pub fn", "/* pub"] {
            read(text, Dialect::Sqlite, Role::Up);
        }
    }

    #[test]
    fn names_are_words_of_code_and_literals_but_not_of_comments() {
        let names = names(FILE);
        assert!(
            ["sessions", "delete", "diesel", "up"]
                .iter()
                .all(|name| names.contains(&name.to_string()))
        );
        assert!(!names.contains(&"passwords".to_owned()));
    }
}
