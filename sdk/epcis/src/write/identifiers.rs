//! In which form identifiers of GS1 are written.

use theriac_domain::identifier::CANONICAL_DOMAIN;
use theriac_gs1::{Ai, ElementString};

/// The form of identifiers in what is written. Identifiers of others stay as they are.
#[derive(Clone, Copy, Default)]
pub enum Identifiers<'a> {
    /// Canonical GS1 Digital Links, `https://id.gs1.org/01/…`.
    #[default]
    DigitalLinks,
    /// EPC URNs. They tell where the company prefix ends, which no number shows: the function is given the digits
    /// that begin with the prefix, such as those of a GTIN behind its packaging level, and tells how many belong to it,
    /// 6 to 12. What it does not know is written as a Digital Link.
    Urns(&'a dyn Fn(&str) -> Option<usize>),
}

impl Identifiers<'_> {
    /// The URI of an identifier, given its canonical text: a path such as `01/…/21/…`, or a URI.
    pub(crate) fn uri(&self, canonical: &str) -> String {
        // Only a path begins with a digit: the scheme of a URI begins with a letter.
        if !canonical.starts_with(|first: char| first.is_ascii_digit()) {
            return canonical.to_owned();
        }
        let urn = match self {
            Self::DigitalLinks => None,
            Self::Urns(prefix_digits) => urn(canonical, prefix_digits),
        };
        urn.unwrap_or_else(|| format!("{CANONICAL_DOMAIN}{canonical}"))
    }
}

fn urn(path: &str, prefix_digits: &dyn Fn(&str) -> Option<usize>) -> Option<String> {
    // The URN of a location with the extension 0 is that of the location without one.
    if path.ends_with("/254/0") {
        return None;
    }
    let elements = ElementString::from_link_path(path.as_bytes()).ok()?;
    let key = elements.iter().next()?;
    let is_behind_a_digit = matches!(key.ai(), Ai::GTIN | Ai::SSCC | Ai::ITIP | Ai::GRAI);
    let digits = key.value().get(usize::from(is_behind_a_digit)..)?;
    elements.to_urn(prefix_digits(digits)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urns_are_written_where_the_prefix_is_known() {
        let digits = |number: &str| number.starts_with("9501101").then_some(7);
        let urns = Identifiers::Urns(&digits);
        for (canonical, uri) in [
            ("01/09501101530003/21/A%2F1", "urn:epc:id:sgtin:9501101.053000.A%2F1"),
            ("01/09501101530003/10/L", "urn:epc:class:lgtin:9501101.053000.L"),
            ("01/09501101530003", "urn:epc:idpat:sgtin:9501101.053000.*"),
            ("00/095011010000000018", "urn:epc:id:sscc:9501101.0000000001"),
            ("414/9501101000018", "urn:epc:id:sgln:9501101.00001.0"),
            ("414/9501101000018/254/0", "https://id.gs1.org/414/9501101000018/254/0"),
            ("417/9501101000018", "urn:epc:id:pgln:9501101.00001"),
            ("01/04012345111118/21/A", "https://id.gs1.org/01/04012345111118/21/A"),
            ("urn:x:y", "urn:x:y"),
        ] {
            assert_eq!(urns.uri(canonical), uri);
            let link = Identifiers::DigitalLinks.uri(canonical);
            assert_eq!(link, if uri == "urn:x:y" { uri.to_owned() } else { format!("https://id.gs1.org/{canonical}") });
        }
    }
}
