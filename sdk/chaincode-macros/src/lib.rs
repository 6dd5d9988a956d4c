//! The attribute that makes a module a chaincode. Documented where it is used: crate `theriac-chaincode`.

mod derive;
mod expand;
mod function;
mod migration;
mod options;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Makes a module a chaincode: its functions marked `#[transaction]` and `#[query]` become callable by name.
///
/// Options: `name`, what the chaincode calls itself, and `state_version`, the version of the form of its data; further
/// `tables(…)`, constants of type `Table`: all that it may write, with their forms and indexes (without it, the whole
/// of its state, without a form); `events(…)` and `errors(…)`, types that derive `ChaincodeEvent` and
/// `ChaincodeError`; `reads(…)`, pairs of another chaincode's name and a prefix of its keys. A
/// transaction function takes `&mut TransactionContext`, a query function `&QueryContext`; each takes at most one
/// further argument (`BorshDeserialize + BorshSchema`) and gives `Result<R, Refusal>` (`R: BorshSerialize +
/// BorshSchema`). A function marked `#[migrate(from = 1, to = 2)]` takes `&mut TransactionContext` alone and brings the
/// state from one form to another when a version comes into force or goes back. The module gains `pub struct Chaincode`, which implements `Contract`.
#[proc_macro_attribute]
pub fn chaincode(options: TokenStream, module: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as options::Options);
    let module = parse_macro_input!(module as syn::ItemMod);
    expand::expand(&options, module).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Makes a type a kind of events, by `#[topic("…")]`: `ctx.announce(&event)`.
#[proc_macro_derive(ChaincodeEvent, attributes(topic))]
pub fn chaincode_event(input: TokenStream) -> TokenStream {
    derive::event(&parse_macro_input!(input as syn::DeriveInput))
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}

/// Makes the variants of an enum codes to refuse with: `Err(Fault::NotHolder.into())`.
#[proc_macro_derive(ChaincodeError, attributes(code, message))]
pub fn chaincode_error(input: TokenStream) -> TokenStream {
    derive::error(&parse_macro_input!(input as syn::DeriveInput))
        .unwrap_or_else(|error| error.to_compile_error())
        .into()
}
