//! Kinds of events and of refusals, from types.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Error, Expr, ExprLit, Fields, Lit, LitStr, Meta, Result, Variant};

/// `impl Event`, by the type's `#[topic("…")]`.
pub fn event(input: &DeriveInput) -> Result<TokenStream> {
    let topic = text(&input.attrs, "topic")?
        .ok_or_else(|| Error::new_spanned(&input.ident, "say what it is about: #[topic(\"unit.shipped\")]"))?;
    let ident = &input.ident;
    Ok(quote! {
        impl ::theriac_chaincode::Event for #ident {
            const TOPIC: &'static str = #topic;
        }
    })
}

/// `impl ErrorCodes` and `From<…> for Refusal`, by the variants of an enum.
pub fn error(input: &DeriveInput) -> Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(&input.ident, "refusals are the variants of an enum"));
    };
    let (mut codes, mut arms) = (Vec::new(), Vec::new());
    for variant in &data.variants {
        let code =
            text(&variant.attrs, "code")?.map_or_else(|| capitals(&variant.ident.to_string()), |code| code.value());
        let meaning = documentation(&variant.attrs);
        if meaning.is_empty() {
            return Err(Error::new_spanned(variant, "say in its documentation what it means and what to do"));
        }
        let message =
            text(&variant.attrs, "message")?.unwrap_or_else(|| LitStr::new(&escaped(&meaning), variant.ident.span()));
        let (ident, pattern) = (&variant.ident, pattern(variant)?);
        arms.push(quote! {
            #[allow(unused_variables)]
            Self::#ident #pattern => ::theriac_chaincode::Refusal::new(#code, ::std::format!(#message)),
        });
        codes.push(quote!((#code, #meaning)));
    }
    let ident = &input.ident;
    Ok(quote! {
        impl ::theriac_chaincode::ErrorCodes for #ident {
            fn codes() -> ::std::vec::Vec<(&'static str, &'static str)> {
                ::std::vec![#(#codes),*]
            }
        }

        impl #ident {
            /// As a refusal: its code and its message.
            fn into_refusal(self) -> ::theriac_chaincode::Refusal {
                match self { #(#arms)* }
            }
        }

        impl ::core::convert::From<#ident> for ::theriac_chaincode::Refusal {
            fn from(error: #ident) -> Self {
                error.into_refusal()
            }
        }
    })
}

fn pattern(variant: &Variant) -> Result<TokenStream> {
    match &variant.fields {
        Fields::Unit => Ok(quote!()),
        Fields::Named(fields) => {
            let names = fields.named.iter().map(|field| &field.ident);
            Ok(quote!({ #(#names),* }))
        }
        Fields::Unnamed(_) => {
            Err(Error::new_spanned(variant, "give its fields names, so that the message can use them"))
        }
    }
}

/// The text of `#[name("…")]`.
fn text(attributes: &[Attribute], name: &str) -> Result<Option<LitStr>> {
    let found = attributes.iter().find(|attribute| attribute.path().is_ident(name));
    found.map(Attribute::parse_args).transpose()
}

fn documentation(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let lines = lines.filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// A text that `format!` gives back as it is.
fn escaped(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// `NotHolder` as `NOT_HOLDER`.
fn capitals(name: &str) -> String {
    let mut code = String::new();
    for (place, character) in name.chars().enumerate() {
        if place > 0 && character.is_uppercase() {
            code.push('_');
        }
        code.extend(character.to_uppercase());
    }
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the compiler would say.
    fn refused<T>(derived: Result<T>) -> String {
        derived.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_people_must_be_told_is_asked_for() {
        let of = |input: DeriveInput| refused(error(&input));
        let silent: DeriveInput = syn::parse_quote!(
            enum Fault {
                NotHolder,
            }
        );
        assert_eq!(of(silent), "say in its documentation what it means and what to do");
        let unnamed = of(syn::parse_quote!(
            enum Fault {
                /** It is full. Take another. */
                Full(u32),
            }
        ));
        assert_eq!(unnamed, "give its fields names, so that the message can use them");
        assert_eq!(
            of(syn::parse_quote!(
                struct Fault;
            )),
            "refusals are the variants of an enum"
        );
        let topic = refused(event(&syn::parse_quote!(
            struct Shipped;
        )));
        assert_eq!(topic, "say what it is about: #[topic(\"unit.shipped\")]");
        assert!(
            !refused(event(&syn::parse_quote!(
                #[topic(7)]
                struct Shipped;
            )))
            .is_empty(),
            "a topic is a text"
        );
    }

    #[test]
    fn a_variant_names_its_code() {
        assert_eq!(capitals("NotHolder"), "NOT_HOLDER");
        assert_eq!(capitals("Full"), "FULL");
    }
}
