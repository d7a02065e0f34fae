//! What the macro is called with.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Token};

/// The runtime's path, as the caller reaches it, and the directory.
pub(crate) struct Input {
    /// Tokens of `$crate`.
    pub(crate) runtime: TokenStream,
    /// The directory, if one is named.
    pub(crate) directory: Option<LitStr>,
}

impl Input {
    /// Where errors belong: the directory's name, or the call.
    pub(crate) fn span(&self) -> Span {
        self.directory.as_ref().map_or_else(Span::call_site, LitStr::span)
    }
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let runtime: TokenTree = input.parse()?;
        input.parse::<Token![;]>()?;
        let directory = if input.is_empty() { None } else { Some(parse_directory(input)?) };
        Ok(Self { runtime: runtime.into(), directory })
    }
}

fn parse_directory(input: ParseStream<'_>) -> syn::Result<LitStr> {
    const EXPECTED: &str = "expected the directory as a text, relative to `Cargo.toml`: `embed_migrations!(\"migrations\")`";
    let directory: LitStr =
        input.parse().map_err(|error| syn::Error::new(error.span(), EXPECTED))?;
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() { Ok(directory) } else { Err(input.error(EXPECTED)) }
}
