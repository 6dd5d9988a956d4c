//! The attribute that makes a module a chaincode. Documented where it is used: crate `theriac-chaincode`.

mod expand;
mod function;
mod options;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Makes a module a chaincode: its functions marked `#[transaction]` and `#[query]` become callable by name.
///
/// Options: `name`, what the chaincode calls itself, and `state_version`, the version of the form of its data. A
/// transaction function takes `&mut TransactionContext`, a query function `&QueryContext`; each takes at most one
/// further argument (`BorshDeserialize + BorshSchema`) and gives `Result<R, Refusal>` (`R: BorshSerialize +
/// BorshSchema`). The module gains `pub struct Chaincode`, which implements `Contract`.
#[proc_macro_attribute]
pub fn chaincode(options: TokenStream, module: TokenStream) -> TokenStream {
    let options = parse_macro_input!(options as options::Options);
    let module = parse_macro_input!(module as syn::ItemMod);
    expand::expand(&options, module).unwrap_or_else(|error| error.to_compile_error()).into()
}
