//! EPC URNs: `urn:epc:id:sgtin:PREFIX.ITEM.SERIAL` and its sisters. The check digit is not in them and is computed.

use super::{Gln, Gtin, IdentifierError, Sscc};
use crate::text::{percent_decode, shortened};

/// The parts of a URN whose scheme this ledger reads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum EpcUrn {
    /// `id:sgtin`.
    Sgtin(Gtin, String),
    /// `id:sscc`.
    Sscc(Sscc),
    /// `id:sgln`, with its extension; the extension `0` means none.
    Sgln(Gln, Option<String>),
    /// `id:pgln`.
    Pgln(Gln),
    /// `class:lgtin`.
    Lgtin(Gtin, String),
    /// `idpat:sgtin` with `*` for the serial: a product.
    Product(Gtin),
}

/// Reads the URN. `Ok(None)` when it is no URN of these schemes.
pub(super) fn parse(urn: &str) -> Result<Option<EpcUrn>, IdentifierError> {
    let error = |reason| IdentifierError::Urn { found: shortened(urn), reason };
    let Some(name) = urn.strip_prefix("urn:epc:") else { return Ok(None) };
    let mut parts = name.splitn(3, ':');
    let (kind, scheme, body) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
    let decoded = |text: &str| percent_decode(text).ok_or_else(|| error("a percent escape is broken"));
    let two = || body.split_once('.').ok_or_else(|| error("a dot is missing"));
    let three = || {
        let (prefix, rest) = two()?;
        // Serials may contain dots: only the first two separate.
        let (reference, last) = rest.split_once('.').ok_or_else(|| error("a dot is missing"))?;
        Ok::<_, IdentifierError>((prefix, reference, last))
    };
    let parsed = match (kind, scheme) {
        (Some("id"), Some("sgtin")) => {
            let (prefix, item, serial) = three()?;
            EpcUrn::Sgtin(gtin(urn, prefix, item)?, decoded(serial)?)
        }
        (Some("idpat"), Some("sgtin")) => match three()? {
            (prefix, item, "*") => EpcUrn::Product(gtin(urn, prefix, item)?),
            _ => return Ok(None),
        },
        (Some("class"), Some("lgtin")) => {
            let (prefix, item, lot) = three()?;
            EpcUrn::Lgtin(gtin(urn, prefix, item)?, decoded(lot)?)
        }
        (Some("id"), Some("sscc")) => {
            let (prefix, reference) = two()?;
            let (extension, serial) = leading_digit(urn, prefix, reference, 17)?;
            EpcUrn::Sscc(Sscc::complete(&format!("{extension}{prefix}{serial}"))?)
        }
        (Some("id"), Some("sgln")) => {
            let (prefix, reference, extension) = three()?;
            let extension = decoded(extension)?;
            EpcUrn::Sgln(gln(urn, prefix, reference)?, (extension != "0").then_some(extension))
        }
        (Some("id"), Some("pgln")) => {
            let (prefix, reference) = two()?;
            EpcUrn::Pgln(gln(urn, prefix, reference)?)
        }
        _ => return Ok(None),
    };
    Ok(Some(parsed))
}

fn gtin(urn: &str, prefix: &str, item: &str) -> Result<Gtin, IdentifierError> {
    let (indicator, reference) = leading_digit(urn, prefix, item, 13)?;
    Gtin::complete(&format!("{indicator}{prefix}{reference}"))
}

fn gln(urn: &str, prefix: &str, reference: &str) -> Result<Gln, IdentifierError> {
    check_digits(urn, prefix, reference, 12)?;
    Gln::complete(&format!("{prefix}{reference}"))
}

/// Splits the packaging level, or extension digit, off the reference.
fn leading_digit<'a>(
    urn: &str,
    prefix: &str,
    reference: &'a str,
    total: usize,
) -> Result<(&'a str, &'a str), IdentifierError> {
    check_digits(urn, prefix, reference, total)?;
    if reference.is_empty() {
        let reason = "the part after the company prefix is empty";
        return Err(IdentifierError::Urn { found: shortened(urn), reason });
    }
    Ok(reference.split_at(1))
}

fn check_digits(urn: &str, prefix: &str, reference: &str, total: usize) -> Result<(), IdentifierError> {
    let error = |reason| Err(IdentifierError::Urn { found: shortened(urn), reason });
    if !prefix.bytes().chain(reference.bytes()).all(|b| b.is_ascii_digit()) {
        return error("company prefix and reference consist of digits");
    }
    if !(6..=12).contains(&prefix.len()) {
        return error("a company prefix in a URN has 6 to 12 digits");
    }
    if prefix.len() + reference.len() != total {
        return error(
            "company prefix and reference together have 13 digits for a product, 17 for an SSCC, 12 for a GLN",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_computed_and_the_level_moves_to_the_front() {
        let gtin = |text: &str| text.parse::<Gtin>().expect("its check digit is right");
        assert_eq!(
            parse("urn:epc:id:sgtin:9501101.153000.A.B%2F1"),
            Ok(Some(EpcUrn::Sgtin(gtin("19501101530000"), "A.B/1".to_owned())))
        );
        assert_eq!(parse("urn:epc:idpat:sgtin:9501101.053000.*"), Ok(Some(EpcUrn::Product(gtin("09501101530003")))));
        assert_eq!(
            parse("urn:epc:class:lgtin:9501101.053000.LOT%2F7"),
            Ok(Some(EpcUrn::Lgtin(gtin("09501101530003"), "LOT/7".to_owned())))
        );
        assert_eq!(
            parse("urn:epc:id:sscc:9501101.0000000001"),
            Ok("095011010000000018".parse().ok().map(EpcUrn::Sscc))
        );
        let gln: Gln = "9501101000018".parse().expect("its check digit is right");
        assert_eq!(parse("urn:epc:id:sgln:9501101.00001.0"), Ok(Some(EpcUrn::Sgln(gln, None))));
        assert_eq!(parse("urn:epc:id:sgln:9501101.00001.DOCK"), Ok(Some(EpcUrn::Sgln(gln, Some("DOCK".to_owned())))));
        assert_eq!(parse("urn:epc:id:pgln:9501101.00001"), Ok(Some(EpcUrn::Pgln(gln))));
    }

    #[test]
    fn wrong_lengths_and_letters_are_refused() {
        for bad in [
            "urn:epc:id:sgtin:9501101.53000.1",
            "urn:epc:id:sgtin:9501101.0530000.1",
            "urn:epc:id:sgtin:950110x.053000.1",
            "urn:epc:id:sgtin:95011.01053000.1",
            "urn:epc:id:sgtin:9501101.053000",
            "urn:epc:id:sscc:9501101",
            "urn:epc:id:sgln:950110100001..0",
            "urn:epc:id:sgtin:9501101.053000.%",
        ] {
            let found = parse(bad);
            if bad.contains("..0") {
                assert!(found.is_ok(), "a GLN whose reference is empty: twelve digits of prefix");
            } else {
                assert_eq!(found.map_err(|e| e.code()), Err("URN_SYNTAX"), "{bad}");
            }
        }
        assert_eq!(parse("urn:epc:id:giai:9501101.7"), Ok(None));
        assert_eq!(parse("urn:uuid:1"), Ok(None));
    }
}
