//! From a module to a module with a function table.

use crate::function::{Function, Kind, take};
use crate::migration::{self, Migration};
use crate::options::Options;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Item, ItemMod, Result};

/// Adds `Chaincode` and its exports to the module.
pub fn expand(options: &Options, mut module: ItemMod) -> Result<TokenStream> {
    let Some((_, items)) = &mut module.content else {
        return Err(Error::new_spanned(&module, "write the chaincode's functions in this module: `mod name { … }`"));
    };
    let (mut functions, mut migrations) = (Vec::new(), Vec::new());
    for item in items.iter_mut() {
        if let Item::Fn(item) = item {
            migrations.extend(migration::take(item)?);
            functions.extend(take(item)?);
        }
    }
    if functions.is_empty() {
        return Err(Error::new_spanned(&module.ident, "mark at least one function #[transaction] or #[query]"));
    }
    functions.sort_by(|a, b| a.name.cmp(&b.name));

    let describe = describe(options, &functions, &migrations);
    let migrate = migrate(&migrations);
    let invoke = dispatch(&functions, Kind::Transaction);
    let query = dispatch(&functions, Kind::Query);
    let (_, items) = module.content.as_mut().expect("the content was there above");
    items.push(Item::Verbatim(quote! {
        /// The chaincode of this module, callable by function name.
        #[derive(Debug, Clone, Copy)]
        pub struct Chaincode;

        impl ::theriac_chaincode::Contract for Chaincode {
            fn describe() -> ::theriac_chaincode::Description { #describe }

            fn invoke(
                ctx: &mut ::theriac_chaincode::TransactionContext<'_>,
                name: &str,
                argument: &[u8],
            ) -> ::core::result::Result<::std::vec::Vec<u8>, ::theriac_chaincode::Failure> { #invoke }

            fn query(
                ctx: &::theriac_chaincode::QueryContext<'_>,
                name: &str,
                argument: &[u8],
            ) -> ::core::result::Result<::std::vec::Vec<u8>, ::theriac_chaincode::Failure> { #query }

            fn migrate(
                ctx: &mut ::theriac_chaincode::TransactionContext<'_>,
                from: u32,
                to: u32,
            ) -> ::core::result::Result<(), ::theriac_chaincode::Failure> { #migrate }
        }

        // The generated exports pass raw pointers to the host; nothing else may.
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code)]
        mod exports {
            type Exported = ::theriac_chaincode::guest::Exported<super::Chaincode>;
            ::theriac_chaincode::guest::bindings::export_bindings!(
                Exported with_types_in ::theriac_chaincode::guest::bindings
            );
        }
    }));
    Ok(quote!(#module))
}

fn describe(options: &Options, functions: &[Function], migrations: &[Migration]) -> TokenStream {
    let Options { name, state_version, tables, events, errors, reads } = options;
    let rows = functions.iter().map(|function| {
        let Function { name, argument, returned, .. } = function;
        let kind = match function.kind {
            Kind::Transaction => quote!(Transaction),
            Kind::Query => quote!(Query),
        };
        quote! {
            ::theriac_chaincode::FunctionDescription::new::<
                #argument,
                <#returned as ::theriac_chaincode::contract::ReturnType>::Value,
            >(#name, ::theriac_chaincode::Kind::#kind)
        }
    });
    let tables = match &tables[..] {
        [] => quote!(::std::vec![::theriac_chaincode::contract::TableDescription::everything()]),
        tables => quote!(::std::vec![#(#tables.describe()),*]),
    };
    let migrations = migrations.iter().map(|Migration { from, to, .. }| quote!((#from, #to)));
    quote! {
        ::theriac_chaincode::Description {
            name: ::std::string::String::from(#name),
            state_version: #state_version,
            functions: ::std::vec![#(#rows),*],
            tables: #tables,
            events: ::std::vec![#(::theriac_chaincode::contract::EventDescription::new::<#events>()),*],
            errors: {
                #[allow(unused_mut)]
                let mut errors = ::std::vec::Vec::new();
                #(errors.extend(::theriac_chaincode::contract::errors::<#errors>());)*
                errors
            },
            migrations: ::std::vec![#(#migrations),*],
            reads: ::std::vec![#({
                let (chaincode, prefix) = #reads;
                (::std::string::String::from(chaincode), ::std::vec::Vec::<u8>::from(prefix))
            }),*],
        }
        .sorted()
    }
}

fn migrate(migrations: &[Migration]) -> TokenStream {
    let arms = migrations.iter().map(|Migration { from, to, ident }| {
        quote! { (#from, #to) => ::core::result::Result::Ok(#ident(ctx)?), }
    });
    quote! {
        // A chaincode without migrations does not use it.
        let _ = &ctx;
        match (from, to) {
            #(#arms)*
            _ => ::core::result::Result::Err(::theriac_chaincode::contract::no_migration(from, to)),
        }
    }
}

fn dispatch(functions: &[Function], kind: Kind) -> TokenStream {
    let (own, other): (Vec<_>, Vec<_>) = functions.iter().partition(|function| function.kind == kind);
    let arms = own.iter().map(|function| {
        let Function { name, ident, argument, .. } = function;
        let called = if function.takes_argument { quote!(#ident(ctx, argument)) } else { quote!(#ident(ctx)) };
        quote! { #name => ::theriac_chaincode::contract::call(argument, |argument: #argument| #called), }
    });
    let kind = match kind {
        Kind::Transaction => quote!(Transaction),
        Kind::Query => quote!(Query),
    };
    let own_names = own.iter().map(|function| &function.name);
    let other_names = other.iter().map(|function| &function.name);
    quote! {
        // A chaincode without functions of this kind uses neither.
        let _ = (&ctx, argument);
        match name {
            #(#arms)*
            _ => ::core::result::Result::Err(::theriac_chaincode::contract::unknown(
                name,
                ::theriac_chaincode::Kind::#kind,
                &[#(#own_names),*],
                &[#(#other_names),*],
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    /// What the compiler would say of a module; empty when it is one of a chaincode.
    fn refused(module: ItemMod) -> String {
        let options = parse_quote!(name = "custody", state_version = 1);
        expand(&options, module).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn functions_that_cannot_be_called_are_refused_in_words() {
        for (module, told) in [
            ("#[query] fn f(ctx: &QueryContext, argument: u8) -> Result<u8, Refusal> { Ok(1) }", ""),
            ("fn f() {}", "mark at least one function"),
            ("#[query] fn f() -> Result<u8, Refusal> { Ok(1) }", "expected `ctx: &QueryContext`"),
            ("#[transaction] fn f(self) -> R { r }", "expected `ctx: &mut TransactionContext`"),
            ("#[query] fn f(ctx: &QueryContext) {}", "expected a return type"),
            ("#[query] fn f(ctx: &C, a: u8, b: u8) -> R { r }", "make it a struct"),
            ("#[query] async fn f(ctx: &C) -> R { r }", "chaincode is synchronous"),
            ("#[query] fn f<T>(ctx: &C, t: T) -> R { r }", "cannot be generic"),
            ("#[query] #[transaction] fn f(ctx: &C) -> R { r }", "one plain marker"),
            ("#[migrate(from = 1, to = 1)] fn f(ctx: &C) -> R { r }", "from one version"),
            ("#[migrate(of = 1, to = 2)] fn f(ctx: &C) -> R { r }", "expected `from = 1, to = 2`"),
            ("#[migrate(from = 1, to = 2)] fn f(ctx: &C, a: u8) -> R { r }", "as the only argument"),
        ] {
            let said = refused(syn::parse_str(&format!("mod m {{ {module} }}")).expect("a module"));
            assert!(said.contains(told) && said.is_empty() == told.is_empty(), "{module}: {said}");
        }
        assert!(
            refused(parse_quote!(
                mod m;
            ))
            .contains("write the chaincode's functions in this module")
        );
    }
}
