use super::*;

type Report = Event<char, char>;

/// Runs the rule `start` of a grammar over one-letter tokens.
fn run(grammar: &str, tokens: &str) -> Result<Vec<Report>, Failure> {
    let mut symbols = Symbols::default();
    let rules = read(grammar).expect("a grammar");
    symbols.intern_all(&rules);
    let mut any = Set::default();
    symbols.all().for_each(|(symbol, _)| any.insert(symbol));
    symbols.class("any", any);
    let first = |text: &str| text.chars().next();
    let program = Program::compile(&rules, &symbols, first, first).expect("a grammar");
    let tokens: Vec<Symbol> =
        tokens.chars().map(|c| symbols.get(&c.to_string()).unwrap_or(Symbol::MAX)).collect();
    program.run("start", &tokens)
}

fn fits(grammar: &str, tokens: &str) -> bool {
    run(grammar, tokens).is_ok()
}

#[test]
fn every_operator_of_the_notation_means_what_it_says() {
    for (grammar, right, wrong) in [
        ("start = A B", &["AB"][..], &["A", "BA", "ABA", ""][..]),
        ("start = A | B", &["A", "B"], &["AB", ""]),
        ("start = [A] B", &["AB", "B"], &["A", "AAB"]),
        ("start = A* B", &["B", "AAAB"], &["A"]),
        ("start = A+", &["A", "AAA"], &[""]),
        ("start = A ...", &["A", "A,A,A"], &["A,", ",A", "AA"]),
        ("start = (A | B) ...", &["A,B"], &["A,"]),
        ("start = &A any", &["A"], &["B"]),
        ("start = !A any\n# B", &["B"], &["A"]),
        ("start = A rest # not B\n\nrest = B\n  | A", &["AB", "AA"], &["A"]),
        ("start = '(' start ')' | A", &["A", "((A))"], &["((A)"]),
    ] {
        let grammar = format!("{grammar}\nunused = A B");
        right.iter().for_each(|tokens| assert!(fits(&grammar, tokens), "{grammar}: {tokens}"));
        wrong.iter().for_each(|tokens| assert!(!fits(&grammar, tokens), "{grammar}: {tokens}"));
    }
}

#[test]
fn marks_report_the_way_that_fits_and_no_other() {
    let grammar = "start = <x A> B | <y A> {n} <z> C";
    assert_eq!(
        run(grammar, "AC").expect("it fits"),
        [Event::Open('y', 0), Event::Close('y', 1), Event::Need('n', 1), Event::Mark('z', 1)]
    );
    assert_eq!(run(grammar, "AB").expect("it fits"), [Event::Open('x', 0), Event::Close('x', 1)]);
}

#[test]
fn a_failure_is_where_no_way_leads_on() {
    let Err(Failure::Unexpected { at, expected }) = run("start = A (B C | B D) | A", "ABA") else {
        panic!("it does not fit")
    };
    let wanted: Vec<bool> = (0..5).map(|symbol| expected.contains(symbol)).collect();
    assert_eq!((at, wanted.iter().filter(|wanted| **wanted).count()), (2, 2), "`C` or `D`");
}

#[test]
fn the_stack_has_an_end() {
    let grammar = "start = '(' start ')' | A";
    let nested = |depth| format!("{}A{}", "(".repeat(depth), ")".repeat(depth));
    assert!(fits(grammar, &nested(1_000)));
    assert!(matches!(run(grammar, &nested(100_000)), Err(Failure::TooDeep { .. })));
}

#[test]
fn what_is_no_grammar_is_said() {
    let compile = |text: &str| {
        let mut symbols = Symbols::default();
        let rules = read(text)?;
        symbols.intern_all(&rules);
        let mark = |text: &str| (text == "known").then_some(());
        Program::<(), ()>::compile(&rules, &symbols, mark, mark).map(|_| ())
    };
    for (text, problem) in [
        ("start", "in the rule `start`"),
        ("start = (A", "in the rule `start = (A`"),
        ("start = A )", "in the rule `start = A )`"),
        ("start = ]", "in the rule `start = ]`"),
        ("start = A\nstart = B", "two rules `start`"),
        ("start = other", "no rule `other`"),
        ("start = A other", "no rule `other`"),
        ("start = [A] next\nnext = start B", "`next` begins with itself"),
        ("start = [A]*", "endless: Optional(Terminal(\"A\"))"),
        ("start = <new A>", "no mark `new`"),
        ("start = {new} A", "no need `new`"),
    ] {
        assert_eq!(compile(text), Err(problem.to_owned()), "{text}");
    }
    assert_eq!(compile("start = <known A> {known}"), Ok(()));
}
