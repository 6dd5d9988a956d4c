//! `#[migrate(from = 1, to = 2)]`: a way from one form of the state to another.

use syn::parse::ParseStream;
use syn::{Error, FnArg, Ident, ItemFn, LitInt, Result, Token};

/// A function that migrates.
pub struct Migration {
    /// The state version found.
    pub from: u32,
    /// The state version left.
    pub to: u32,
    /// Its name in Rust.
    pub ident: Ident,
}

/// Takes the marker off a function; none when it has none.
pub fn take(item: &mut ItemFn) -> Result<Option<Migration>> {
    let Some(place) = item.attrs.iter().position(|attribute| attribute.path().is_ident("migrate")) else {
        return Ok(None);
    };
    let marker = item.attrs.remove(place);
    let (from, to) = marker.parse_args_with(versions)?;
    if from == to {
        return Err(Error::new_spanned(&marker, "a migration goes from one version of the state to another"));
    }
    if item.sig.inputs.len() != 1 || !matches!(item.sig.inputs.first(), Some(FnArg::Typed(_))) {
        let message = "expected `ctx: &mut TransactionContext` as the only argument";
        return Err(Error::new_spanned(&item.sig.ident, message));
    }
    Ok(Some(Migration { from, to, ident: item.sig.ident.clone() }))
}

fn versions(input: ParseStream<'_>) -> Result<(u32, u32)> {
    let number = |name: &str| -> Result<u32> {
        let key: Ident = input.parse()?;
        if key != name {
            return Err(Error::new(key.span(), "expected `from = 1, to = 2`"));
        }
        input.parse::<Token![=]>()?;
        input.parse::<LitInt>()?.base10_parse()
    };
    let from = number("from")?;
    input.parse::<Token![,]>()?;
    Ok((from, number("to")?))
}
