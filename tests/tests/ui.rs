//! What `embed_migrations!` says when it refuses.

#[test]
fn compile_errors_show_the_sql() {
    let cases = trybuild::TestCases::new();
    cases.pass("ui/embeds.rs");
    cases.compile_fail("ui/fail/*.rs");
}
