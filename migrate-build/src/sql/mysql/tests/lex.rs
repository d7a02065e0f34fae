//! Where tokens begin and end, and what they are.

use crate::sql::mysql::lex::{Kind, tokens, unquote};

fn kinds_for<'t>(text: &'t str, version: Option<&str>) -> Vec<(Kind, &'t str)> {
    let version = version.map(|version| version.parse().expect("a version"));
    tokens(text, version).map(|token| (token.kind, &text[token.span.range()])).collect()
}

fn kinds(text: &str) -> Vec<(Kind, &str)> {
    kinds_for(text, None)
}

#[test]
fn quotes_and_escapes_are_mysqls() {
    use Kind::{Bits, National, Quoted, String, Word};
    assert_eq!(
        kinds(r#"'it''s' "a""b\"" 'x\'y' `a``b` N'x' n x'0F' b'01' _utf8'\\'"#),
        [
            (String, "'it''s'"),
            (String, r#""a""b\"""#),
            (String, r"'x\'y'"),
            (Quoted, "`a``b`"),
            (National, "N'x'"),
            (Word, "n"),
            (Bits, "x'0F'"),
            (Bits, "b'01'"),
            (Word, "_utf8"),
            (String, r"'\\'"),
        ]
    );
}

#[test]
fn comments_need_white_space_behind_two_dashes() {
    use Kind::{BlockComment, Integer, LineComment, OpenComment, Operator};
    assert_eq!(
        kinds("1--1-- c\n#c;\n/*;*/--\n/* /* */--"),
        [
            (Integer, "1"),
            (Operator, "-"),
            (Operator, "-"),
            (Integer, "1"),
            (LineComment, "-- c"),
            (LineComment, "#c;"),
            (BlockComment, "/*;*/"),
            (LineComment, "--"),
            (BlockComment, "/* /* */"),
            (LineComment, "--"),
        ]
    );
    assert_eq!(kinds("/* a"), [(OpenComment, "/* a")]);
}

#[test]
fn numbers_are_told_from_names_that_begin_with_digits() {
    use Kind::{Bits, Decimal, Integer, Operator, Word};
    assert_eq!(
        kinds("1a 12 1.5e-3 .5 1e5 1e+2 0xfF 0xg 0X1 0b1 0b2 1..10"),
        [
            (Word, "1a"),
            (Integer, "12"),
            (Decimal, "1.5e-3"),
            (Decimal, ".5"),
            (Decimal, "1e5"),
            (Decimal, "1e+2"),
            (Bits, "0xfF"),
            (Word, "0xg"),
            (Word, "0X1"),
            (Bits, "0b1"),
            (Word, "0b2"),
            (Integer, "1"),
            (Operator, ".."),
            (Integer, "10"),
        ]
    );
}

#[test]
fn a_word_beside_a_dot_is_no_keyword() {
    use Kind::{Integer, Member, Operator, System, Variable, Word};
    assert_eq!(
        kinds("t.1a order.select t .5 @@global.x @a.b u@localhost t.*"),
        [
            (Member, "t"),
            (Operator, "."),
            (Member, "1a"),
            (Member, "order"),
            (Operator, "."),
            (Member, "select"),
            (Word, "t"),
            (Kind::Decimal, ".5"),
            (System, "@@"),
            (Word, "global"),
            (Operator, "."),
            (Member, "x"),
            (Variable, "@a.b"),
            (Word, "u"),
            (Variable, "@localhost"),
            (Word, "t"),
            (Operator, "."),
            (Operator, "*"),
        ]
    );
    assert_eq!(kinds("1 2"), [(Integer, "1"), (Integer, "2")]);
}

#[test]
fn a_conditional_comment_is_code_where_the_server_reads_it() {
    use Kind::{BlockComment, Close, Integer, Open, Word};
    let code = |mark| vec![(Open, mark), (Word, "a"), (BlockComment, "/* c */"), (Close, "*/")];
    for (text, mark) in [
        ("/*! a /* c */ */", "/*!"),
        ("/*!50100 a /* c */ */", "/*!50100"),
        ("/*M!100401a /* c */*/", "/*M!100401"),
    ] {
        assert_eq!(kinds(text), code(mark), "{text}");
    }
    let old = "/*!50100 a */";
    let new = "/*!80000 a /* c */ */";
    let maria = "/*M!100500 a */";
    for (text, server, is_read) in [
        (old, "8.0", true),
        (new, "8.0", true),
        (new, "5.7", false),
        (maria, "8.0", false),
        (old, "mariadb-10.11", true),
        (new, "mariadb-10.11", false),
        (maria, "mariadb-10.4", false),
        (maria, "mariadb-10.5", true),
    ] {
        let found = kinds_for(text, Some(server));
        assert_eq!(found[0].0 == Open, is_read, "{text} for {server}");
        assert_eq!(found == [(BlockComment, text)], !is_read, "{text} for {server}");
    }
    assert_eq!(kinds("/*!1 1 */")[1], (Integer, "1"), "fewer than five digits are code");
}

#[test]
fn what_has_no_end_or_is_malformed_is_told() {
    for text in ["'a", "'a''", "\"a\\\"", "`a", "`a``", "x'", "@'a", "n'"] {
        assert_eq!(kinds(text), [(Kind::Unclosed, text)], "{text}");
    }
    for text in ["x'f'", "b'2'", "1.5e"] {
        assert_eq!(kinds(text), [(Kind::Bad, text)], "{text}");
    }
}

#[test]
fn names_lose_their_quotes() {
    assert_eq!(unquote("`a``b`"), "a`b");
    assert_eq!(unquote("plain"), "plain");
    assert_eq!(unquote("`"), "");
}
