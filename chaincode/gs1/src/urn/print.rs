//! From elements to a URN.

use super::scheme::{Body, NAMESPACE, SCHEMES, Scheme, Tail};
use crate::limits::{PREFIX_DIGITS_MAX, URN_PREFIX_DIGITS_MIN};
use crate::text::percent_encode_except;
use crate::{Ai, ElementString, Gs1Error, Problem};

/// Signs of set 82 that stand in a URN as they are; the others are escaped, and `#` of set 39 with them.
const KEPT: &str = "!'()*+,-.:;=_";

impl ElementString {
    /// Prints the EPC URN of the finest thing that the elements name: `id` for one, `class` for a lot, `idpat` for all
    /// of a kind. `prefix_digits` is the length of the company prefix in the key.
    ///
    /// # Errors
    /// `URN_SYNTAX` when there is no key that has a URN, or its prefix cannot have that length.
    pub fn to_urn(&self, prefix_digits: usize) -> Result<String, Gs1Error> {
        if !(URN_PREFIX_DIGITS_MIN..=PREFIX_DIGITS_MAX).contains(&prefix_digits) {
            return Err(refused("a company prefix has 6 to 12 digits"));
        }
        let key = self.iter().find(|element| SCHEMES.iter().any(|scheme| scheme.key == element.ai()));
        let Some(key) = key else { return Err(refused("there is no key that has one")) };
        let of_key = || SCHEMES.iter().filter(|scheme| scheme.key == key.ai());
        let exact = of_key().find_map(|scheme| Some((scheme, self.tail(*scheme, key.value())?, scheme.kind)));
        let pattern = || {
            of_key()
                .find(|scheme| scheme.has_pattern)
                .map(|scheme| (scheme, format!("{}.*", pieces(*scheme, key.value())), "idpat"))
        };
        let Some((scheme, tail, kind)) = exact.or_else(pattern) else {
            return Err(refused("its scheme needs a qualifier that is not there"));
        };
        // There are URNs of a lot of products, and none of a lot of their pieces.
        if kind == "idpat" && key.ai() == Ai::ITIP && self.value(Ai::LOT).is_some() {
            return Err(refused("a piece of a lot has none"));
        }
        let (prefix, reference) = split(scheme.body, key.value(), prefix_digits).map_err(refused)?;
        if matches!(scheme.body, Body::Open(min) if reference.len() < min && kind != "idpat") {
            return Err(refused("nothing of the key is left behind its company prefix"));
        }
        let reference = percent_encode_except(&reference, KEPT);
        Ok(format!("{NAMESPACE}{kind}:{}:{prefix}.{reference}{tail}", scheme.name))
    }

    /// What follows the reference, when the elements have it.
    fn tail(&self, scheme: Scheme, key: &str) -> Option<String> {
        let escaped = |value: &str| format!(".{}", percent_encode_except(value, KEPT));
        match scheme.tail {
            Tail::None => Some(String::new()),
            Tail::Qualifier(ai) => self.value(ai).map(escaped),
            Tail::QualifierOrZero(ai) => Some(self.value(ai).map_or_else(|| ".0".to_owned(), escaped)),
            Tail::Pieces(ai) => self.value(ai).map(|value| format!("{}{}", pieces(scheme, key), escaped(value))),
            Tail::Serial => serial(scheme.key, key).map(escaped),
        }
    }
}

fn refused(reason: &'static str) -> Gs1Error {
    Problem::Urn { reason }.into()
}

fn serial(ai: Ai, key: &str) -> Option<&str> {
    key.get(ai.rules().length().0..).filter(|serial| !serial.is_empty())
}

/// Piece and total of an ITIP, each behind a dot; nothing for other keys.
fn pieces(scheme: Scheme, key: &str) -> String {
    match (scheme.tail, key.get(14..16), key.get(16..18)) {
        (Tail::Pieces(_), Some(piece), Some(total)) => format!(".{piece}.{total}"),
        _ => String::new(),
    }
}

/// Company prefix and reference of a key.
fn split(body: Body, key: &str, prefix_digits: usize) -> Result<(&str, String), &'static str> {
    let too_short = "the key has fewer digits than its company prefix should have";
    let part = |start: usize, end: usize| key.get(start..end).ok_or(too_short);
    let (prefix, reference) = match body {
        Body::Indicated(length) => {
            let prefix = part(1, prefix_digits + 1)?;
            (prefix, format!("{}{}", part(0, 1)?, part(prefix_digits + 1, length)?))
        }
        Body::Plain(length) => (part(0, prefix_digits)?, part(prefix_digits, length)?.to_owned()),
        Body::BehindZero(length) => (part(1, prefix_digits + 1)?, part(prefix_digits + 1, length + 1)?.to_owned()),
        Body::Open(_) => (part(0, prefix_digits)?, part(prefix_digits, key.len())?.to_owned()),
    };
    if !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("a company prefix consists of digits");
    }
    Ok((prefix, reference))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urns_come_back_as_they_were() {
        for urn in [
            "urn:epc:id:sgtin:9501101.153000.A.B%2F1%25!",
            "urn:epc:id:sgtin:950110153000.1.A",
            "urn:epc:idpat:sgtin:9501101.053000.*",
            "urn:epc:class:lgtin:9501101.053000.LOT%2F7",
            "urn:epc:id:upui:9501101.053000.T",
            "urn:epc:id:sscc:9501101.0000000001",
            "urn:epc:id:sgln:9501101.00001.0",
            "urn:epc:id:sgln:950110100001..DOCK",
            "urn:epc:id:pgln:9501101.00001",
            "urn:epc:id:grai:9501101.00001.A",
            "urn:epc:idpat:grai:9501101.00001.*",
            "urn:epc:idpat:gdti:9501101.00001.*",
            "urn:epc:id:sgcn:9501101.00001.7",
            "urn:epc:id:itip:9501101.053000.01.02.S",
            "urn:epc:idpat:itip:9501101.053000.01.02.*",
            "urn:epc:id:giai:9501101.7",
            "urn:epc:id:cpi:9501101.A%23%2F.7",
            "urn:epc:idpat:cpi:9501101.A.*",
            "urn:epc:id:gsrnp:4012345.0000006765",
            "urn:epc:id:gsin:4012345.222333444",
        ] {
            let digits = urn.split([':', '.']).nth(4).map_or(0, str::len);
            let elements = ElementString::from_urn(urn.as_bytes()).expect("a good URN");
            assert_eq!(elements.to_urn(digits).as_deref(), Ok(urn));
        }
    }

    #[test]
    fn a_prefix_that_cannot_be_is_refused() {
        let urn = |text: &str, digits| {
            let elements = ElementString::from_bracketed(text.as_bytes()).expect("good elements");
            elements.to_urn(digits).map_err(|e| e.code())
        };
        assert_eq!(urn("(01)09501101530003", 5), Err("URN_SYNTAX"));
        assert_eq!(urn("(01)09501101530003", 13), Err("URN_SYNTAX"));
        assert_eq!(urn("(8004)9501A", 6), Err("URN_SYNTAX"));
        assert_eq!(urn("(8004)95011A7", 6), Err("URN_SYNTAX"));
        assert_eq!(urn("(10)L", 7), Err("URN_SYNTAX"));
        assert_eq!(urn("(8004)95011017", 8), Err("URN_SYNTAX"), "all of the key would be its prefix");
        assert_eq!(urn("(8010)95011017", 8).as_deref(), Ok("urn:epc:idpat:cpi:95011017..*"));
    }

    #[test]
    fn no_urn_names_more_than_the_elements_do() {
        let urn = |text: &str| {
            let elements = ElementString::from_bracketed(text.as_bytes()).expect("good elements");
            elements.to_urn(7).map_err(|e| e.code())
        };
        assert_eq!(urn("(8006)095011015300030102(10)L"), Err("URN_SYNTAX"), "the pattern would be of all lots");
        assert_eq!(urn("(8006)095011015300030102(10)L(21)S").as_deref(), Ok("urn:epc:id:itip:9501101.053000.01.02.S"));
    }
}
