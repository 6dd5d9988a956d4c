//! `name = "trace", state_version = 1`.

use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitInt, LitStr, Result, Token};

/// What stands in the brackets of `#[chaincode(...)]`.
pub struct Options {
    /// What the chaincode calls itself.
    pub name: LitStr,
    /// Version of the form of its data.
    pub state_version: u32,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut name = None;
        let mut state_version = None;
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            match key.to_string().as_str() {
                "name" => name = Some(checked(input.parse()?)?),
                "state_version" => state_version = Some(input.parse::<LitInt>()?.base10_parse()?),
                _ => return Err(Error::new(key.span(), "expected `name` or `state_version`")),
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        let missing = |what| input.error(format!("expected `{what}`, as in `name = \"trace\", state_version = 1`"));
        Ok(Self {
            name: name.ok_or_else(|| missing("name"))?,
            state_version: state_version.ok_or_else(|| missing("state_version"))?,
        })
    }
}

/// The ledger's rule for names, found broken here rather than at the first deployment.
fn checked(name: LitStr) -> Result<LitStr> {
    let text = name.value();
    let starts_well = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    if text.len() <= 64 && starts_well && text.bytes().all(allowed) {
        return Ok(name);
    }
    Err(Error::new(name.span(), "a chaincode's name is 1 to 64 of a-z A-Z 0-9 . _ -, starting with a letter or digit"))
}
