//! GS1 Digital Link: `https://any.host/any/stem/01/GTIN/10/LOT/21/SERIAL?17=YYMMDD`.

use super::IdentifierError;
use crate::text::{percent_decode, shortened};

/// A Digital Link taken apart, its values decoded but not yet checked against their application identifiers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DigitalLink {
    /// The primary key's application identifier and value.
    pub primary: (String, String),
    /// Qualifiers in the path, in their order.
    pub qualifiers: Vec<(String, String)>,
    /// Application identifiers in the query.
    pub attributes: Vec<(String, String)>,
}

/// Primary keys of the Digital Link standard by their application identifiers.
const PRIMARY_KEYS: [&str; 16] = [
    "00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010", "8013", "8017", "8018", "415",
];

/// Takes the URI apart. `Ok(None)` when it is a web address that holds no primary key: no Digital Link at all.
pub(super) fn parse(uri: &str) -> Result<Option<DigitalLink>, IdentifierError> {
    let Some(rest) = after_scheme(uri) else { return Ok(None) };
    let rest = rest.split('#').next().unwrap_or_default();
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let Some((host, path)) = address.split_once('/') else { return Ok(None) };
    if host.is_empty() {
        return Ok(None);
    }
    let Some(path) = parse_path(uri, path)? else { return Ok(None) };
    let mut pairs = path.into_iter();
    let Some(primary) = pairs.next() else { return Ok(None) };
    let attributes = parse_query(uri, query)?;
    Ok(Some(DigitalLink { primary, qualifiers: pairs.collect(), attributes }))
}

/// Takes the canonical path apart: the same without scheme and host.
pub(super) fn parse_path(uri: &str, path: &str) -> Result<Option<Vec<(String, String)>>, IdentifierError> {
    let error = |reason| IdentifierError::DigitalLink { found: shortened(uri), reason };
    let segments: Vec<&str> = path.split('/').collect();
    // A stem may come first; values come in pairs after it, so the key stands an even number of segments from the end.
    let start = (0..segments.len())
        .filter(|at| (segments.len() - at).is_multiple_of(2))
        .find(|at| PRIMARY_KEYS.contains(&segments[*at]));
    let Some(start) = start else {
        let looks_like_one = segments.windows(2).any(|pair| matches!(pair[0], "00" | "01" | "414" | "417"));
        return if looks_like_one {
            Err(error("a value is missing after an application identifier"))
        } else {
            Ok(None)
        };
    };
    let mut pairs = Vec::new();
    for pair in segments[start..].chunks_exact(2) {
        let value = percent_decode(pair[1]).ok_or_else(|| error("a percent escape is broken"))?;
        pairs.push((pair[0].to_owned(), value));
    }
    Ok(Some(pairs))
}

fn parse_query(uri: &str, query: &str) -> Result<Vec<(String, String)>, IdentifierError> {
    let error = |reason| IdentifierError::DigitalLink { found: shortened(uri), reason };
    let mut attributes: Vec<(String, String)> = Vec::new();
    for part in query.split(['&', ';']).filter(|part| !part.is_empty()) {
        let Some((key, value)) = part.split_once('=') else { continue };
        // Keys that are no number, such as linkType, belong to the resolver.
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        let value = percent_decode(value).ok_or_else(|| error("a percent escape is broken"))?;
        match attributes.iter().find(|(known, _)| known == key) {
            Some((_, first)) if *first != value => {
                return Err(IdentifierError::Repeated { found: shortened(uri), identifier: key.to_owned() });
            }
            Some(_) => {}
            None => attributes.push((key.to_owned(), value)),
        }
    }
    Ok(attributes)
}

/// What follows `http://` or `https://`, both all lower or all upper case.
fn after_scheme(uri: &str) -> Option<&str> {
    ["https://", "http://", "HTTPS://", "HTTP://"].iter().find_map(|scheme| uri.strip_prefix(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn primary(uri: &str) -> Option<(String, String)> {
        parse(uri).ok().flatten().map(|link| link.primary)
    }

    #[test]
    fn a_stem_and_a_query_may_stand_around_the_key() {
        let key = Some(("01".to_owned(), "09501101530003".to_owned()));
        assert_eq!(primary("https://id.gs1.org/01/09501101530003/21/A"), key);
        assert_eq!(primary("HTTPS://shop.example/de/p/01/09501101530003/21/A?linkType=gs1:pip"), key);
        assert_eq!(primary("http://a/01/09501101530003?17=350131&10=L"), key);
        assert_eq!(primary("https://a/01/01/09501101530003/21/A"), key, "01 can be part of the stem");
    }

    #[test]
    fn other_addresses_are_no_digital_links() {
        for other in ["https://example.org/about", "HtTp://a/01/1/21/2", "urn:epc:id:sscc:1.2", "https:///01/2", "x"] {
            assert_eq!(parse(other), Ok(None), "{other}");
        }
    }

    #[test]
    fn a_missing_value_and_a_broken_escape_are_named() {
        for bad in ["https://id.gs1.org/01/09501101530003/21", "https://a/01/09501101530003/21/A%2"] {
            assert_eq!(parse(bad).map_err(|e| e.code()), Err("DL_SYNTAX"), "{bad}");
        }
        assert_eq!(
            parse("https://a/01/09501101530003?17=350131&17=350132").map_err(|e| e.code()),
            Err("AI_REPEAT_CONFLICT")
        );
    }
}
