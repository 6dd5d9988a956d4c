//! One function of a chaincode: what its signature says.

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Error, FnArg, Ident, ItemFn, Result, ReturnType, Type, parse_quote};

/// What a function was marked as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `#[transaction]`
    Transaction,
    /// `#[query]`
    Query,
}

impl Kind {
    fn marker(self) -> &'static str {
        match self {
            Self::Transaction => "transaction",
            Self::Query => "query",
        }
    }
}

/// A callable function.
pub struct Function {
    /// Transaction or query.
    pub kind: Kind,
    /// Its name in Rust.
    pub ident: Ident,
    /// Its name for callers.
    pub name: String,
    /// The type of its argument; `()` when it takes none.
    pub argument: Type,
    /// Whether it takes one.
    pub takes_argument: bool,
    /// The type that it returns, a `Result`.
    pub returned: Type,
}

/// Takes the marker off a function and reads its signature; none when it has no marker.
pub fn take(item: &mut ItemFn) -> Result<Option<Function>> {
    let Some(kind) = take_marker(&mut item.attrs)? else { return Ok(None) };
    let signature = &item.sig;
    if let Some(keyword) = &signature.asyncness {
        return Err(Error::new_spanned(keyword, "chaincode is synchronous: remove `async`"));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new_spanned(&signature.generics, "a function that callers name cannot be generic"));
    }
    let mut inputs = signature.inputs.iter();
    let context = match kind {
        Kind::Transaction => "ctx: &mut TransactionContext",
        Kind::Query => "ctx: &QueryContext",
    };
    if !matches!(inputs.next(), Some(FnArg::Typed(_))) {
        return Err(Error::new_spanned(&signature.ident, format!("expected `{context}` as first argument")));
    }
    let argument = match inputs.next() {
        None => None,
        Some(FnArg::Typed(typed)) => Some((*typed.ty).clone()),
        Some(other) => return Err(Error::new_spanned(other, "expected an argument with a type")),
    };
    if let Some(excess) = inputs.next() {
        return Err(Error::new_spanned(excess, "a function takes one argument after its context: make it a struct"));
    }
    let ReturnType::Type(_, returned) = &signature.output else {
        return Err(Error::new_spanned(&signature.ident, "expected a return type `Result<_, Refusal>`"));
    };
    Ok(Some(Function {
        kind,
        ident: signature.ident.clone(),
        name: signature.ident.unraw().to_string(),
        takes_argument: argument.is_some(),
        argument: argument.unwrap_or_else(|| parse_quote!(())),
        returned: (**returned).clone(),
    }))
}

fn take_marker(attributes: &mut Vec<Attribute>) -> Result<Option<Kind>> {
    let mut found: Option<Kind> = None;
    let mut error = None;
    attributes.retain(|attribute| {
        let kinds = [Kind::Transaction, Kind::Query];
        let Some(kind) = kinds.into_iter().find(|kind| attribute.path().is_ident(kind.marker())) else { return true };
        if found.is_some() || attribute.meta.require_path_only().is_err() {
            let text = attribute.to_token_stream();
            error = Some(Error::new_spanned(attribute, format!("one plain marker per function; found {text} too")));
        }
        found = Some(kind);
        false
    });
    error.map_or(Ok(found), Err)
}
