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
    embed::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
