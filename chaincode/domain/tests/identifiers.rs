//! What holds for every identifier: one canonical text, which is read as what printed it, and bytes that hold that text.
#![allow(clippy::unwrap_used)]

use borsh::{BorshDeserialize, BorshSerialize};
use proptest::prelude::*;
use std::fmt::{Debug, Display};
use std::str::FromStr;
use theriac_domain::{Epc, EpcClass, Gtin, ItemId, Place, ScannedCode};

/// A text of set 82.
fn value() -> impl Strategy<Value = String> {
    "[!\"%&'()*+,./0-9:;<=>?A-Z_a-z-]{1,20}"
}

fn gtin() -> impl Strategy<Value = String> {
    "[0-9]{13}".prop_map(|body| Gtin::complete(&body).unwrap().to_string())
}

/// A text that is an identifier, or nearly.
fn nearly_an_identifier() -> impl Strategy<Value = String> {
    let start = prop_oneof![
        Just(""),
        Just("https://id.gs1.org/"),
        Just("https://a.example/01/09501101530003/"),
        Just("https://a.example/414/9501101000018/254/"),
        Just("urn:epc:id:sgtin:9501101.053000."),
        Just("urn:epc:id:giai:9501101."),
        Just("urn:epc:id:sgln:9501101.00001."),
        Just("urn:epc:idpat:cpi:9501101."),
        Just("urn:epc:id:gid:"),
        Just("urn:theriac:cn.nmpa:8101234567890123456"),
        Just("cn.nmpa/8101234567890123456"),
        Just("8003/09501101000018"),
        Just("8004/9501101"),
        Just("253/9501101000018"),
        Just("01/09501101530003/21/"),
        Just("(01)09501101530003(21)"),
        Just("]d20109501101530003"),
    ];
    (start, "[0-9A-Za-z/.%?=&#*:;+()-]{0,24}").prop_map(|(start, end)| format!("{start}{end}"))
}

fn has_one_canonical_text<T>(text: &str)
where
    T: FromStr + Display + BorshSerialize + BorshDeserialize + PartialEq + Debug,
{
    let Ok(value) = text.parse::<T>() else { return };
    let canonical = value.to_string();
    assert_eq!(canonical.parse::<T>().ok().as_ref(), Some(&value), "{text} prints as {canonical}");
    let bytes = borsh::to_vec(&value).unwrap();
    assert_eq!(borsh::from_slice::<T>(&bytes).ok().as_ref(), Some(&value), "{text}");
    let written = borsh::from_slice::<T>(&borsh::to_vec(text).unwrap());
    assert_eq!(written.is_ok(), text == canonical, "{text} prints as {canonical}");
}

proptest! {
    #[test]
    fn every_identifier_has_one_canonical_text(text in nearly_an_identifier()) {
        has_one_canonical_text::<ItemId>(&text);
        has_one_canonical_text::<Epc>(&text);
        has_one_canonical_text::<EpcClass>(&text);
        has_one_canonical_text::<Place>(&text);
        if let Ok(code) = ScannedCode::parse(&text, 2026) {
            prop_assert_eq!(code.item.path().parse(), Ok(code.item));
        }
    }

    #[test]
    fn a_unit_is_the_same_in_every_syntax(gtin in gtin(), serial in value()) {
        let item = ScannedCode::parse(format!("(01){gtin}(21){}", serial.replace('(', "\\(")), 2026).unwrap().item;
        let scan = ScannedCode::parse(format!("]d201{gtin}21{serial}\u{1d}"), 2026).unwrap().item;
        let stored = borsh::from_slice::<ItemId>(&borsh::to_vec(&item).unwrap()).unwrap();
        prop_assert_eq!(item.uri().parse(), Ok(item.clone()));
        prop_assert_eq!((&scan, &stored), (&item, &item));
    }
}
