//! `embed_migrations!`, as `migrate-runtime` re-exports it.
//!
//! With a build script, the set was verified before the crate was compiled, and the macro only
//! takes it over. Without one, the macro verifies it itself.

mod embed;
mod input;

use proc_macro::TokenStream;

/// The expansion behind `migrate_runtime::embed_migrations!`, which passes its own crate's path.
#[doc(hidden)]
#[proc_macro]
pub fn embed(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as input::Input);
    embed::expand(&input).unwrap_or_else(compile_errors).into()
}

/// An error may hold several: a block takes them all where an expression is expected.
fn compile_errors(error: syn::Error) -> proc_macro2::TokenStream {
    let each = error.into_iter().map(|error| error.into_compile_error());
    quote::quote! { { #(#each)* } }
}
