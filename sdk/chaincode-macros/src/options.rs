//! `name = "trace", state_version = 1, tables(UNITS), events(Moved), errors(Fault), reads(("other", b"unit"))`.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, LitInt, LitStr, Path, Result, Token, parenthesized};

/// What stands in the brackets of `#[chaincode(...)]`.
pub struct Options {
    /// What the chaincode calls itself.
    pub name: LitStr,
    /// Version of the form of its data.
    pub state_version: u32,
    /// Its tables; none stands for the whole of its state, without a form.
    pub tables: Vec<Path>,
    /// Types of its events.
    pub events: Vec<Path>,
    /// Types of its refusals.
    pub errors: Vec<Path>,
    /// Pairs of a chaincode and a prefix of its keys.
    pub reads: Vec<Expr>,
}

const EXPECTED: &str = "expected `name`, `state_version`, `tables(…)`, `events(…)`, `errors(…)` or `reads(…)`";

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let (mut name, mut state_version) = (None, None);
        let (mut tables, mut events, mut errors, mut reads) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            match key.to_string().as_str() {
                "name" => {
                    input.parse::<Token![=]>()?;
                    name = Some(checked(input.parse()?)?);
                }
                "state_version" => {
                    input.parse::<Token![=]>()?;
                    state_version = Some(input.parse::<LitInt>()?.base10_parse()?);
                }
                "tables" => tables = list(input)?,
                "events" => events = list(input)?,
                "errors" => errors = list(input)?,
                "reads" => reads = list(input)?,
                _ => return Err(Error::new(key.span(), EXPECTED)),
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        let missing = |what| input.error(format!("expected `{what}`, as in `name = \"trace\", state_version = 1`"));
        Ok(Self {
            name: name.ok_or_else(|| missing("name"))?,
            state_version: state_version.ok_or_else(|| missing("state_version"))?,
            tables,
            events,
            errors,
            reads,
        })
    }
}

fn list<T: Parse>(input: ParseStream<'_>) -> Result<Vec<T>> {
    let content;
    parenthesized!(content in input);
    Ok(Punctuated::<T, Token![,]>::parse_terminated(&content)?.into_iter().collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_say_what_they_expect() {
        let read = |text: &str| syn::parse_str::<Options>(text).map(|options| options.tables.len());
        let whole =
            "name = \"a.b-c_1\", state_version = 2, tables(A, b::C), events(), errors(E), reads((\"x\", b\"y\")),";
        assert_eq!(read(whole).ok(), Some(2));
        for (text, told) in [
            ("state_version = 1", "expected `name`"),
            ("name = \"a\"", "expected `state_version`"),
            ("name = \"a\", version = 1", "expected `name`, `state_version`, `tables(…)`"),
            ("name = \"-a\", state_version = 1", "a chaincode's name is"),
            ("name = \"\", state_version = 1", "a chaincode's name is"),
        ] {
            let said = read(text).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(said.contains(told), "{text}: {said}");
        }
    }
}
