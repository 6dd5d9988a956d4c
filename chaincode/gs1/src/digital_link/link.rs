//! Reading a whole Digital Link, or what stands behind its domain, and what is read besides the standard.

use super::from_text;
use crate::text::ascii;
use crate::{Ai, ElementString, Gs1Error};

/// Where canonical Digital Links begin.
pub const CANONICAL_DOMAIN: &str = "https://id.gs1.org/";

/// What is read besides links as the current standard has them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LinkOptions {
    /// Names such as `gtin`, `lot` and `ser` instead of numbers: deprecated, and still met.
    pub short_names: bool,
    /// GTINs of 8, 12 or 13 digits, without the zeros that fill them up to 14.
    pub short_gtins: bool,
    /// Qualifiers of the key in the query instead of the path.
    pub qualifiers_in_query: bool,
    /// `;` between attributes, as in the first edition of the standard, where a name and `=` follow it.
    pub semicolons: bool,
}

impl LinkOptions {
    /// Everything that is met in practice.
    pub const LENIENT: Self =
        Self { short_names: true, short_gtins: true, qualifiers_in_query: true, semicolons: true };
}

impl ElementString {
    /// Reads a Digital Link. The key comes first, then its qualifiers, then the attributes in their order.
    ///
    /// # Errors
    /// `SCAN_NOT_GS1` for a web address that is no Digital Link at all; otherwise what is wrong with the link.
    pub fn from_digital_link(bytes: &[u8], options: LinkOptions) -> Result<Self, Gs1Error> {
        from_text(ascii(bytes)?, 1, options)
    }

    /// Reads what stands behind the domain of a Digital Link: `01/09501101530003/21/A1`.
    ///
    /// # Errors
    /// As [`ElementString::from_digital_link`].
    pub fn from_link_path(bytes: &[u8]) -> Result<Self, Gs1Error> {
        from_path(ascii(bytes)?)
    }
}

/// Reads what stands behind the domain.
pub(crate) fn from_path(path: &str) -> Result<ElementString, Gs1Error> {
    let uri = format!("{CANONICAL_DOMAIN}{path}");
    from_text(&uri, 1, LinkOptions::default()).map_err(|error| {
        let position = error.position.map(|at| at.saturating_sub(CANONICAL_DOMAIN.len()).max(1));
        Gs1Error { position, ..error }
    })
}

/// Whether a text begins like a path: with the identifier of a key and a slash. No element string does, because the
/// value of every key begins with a digit.
pub(crate) fn is_path(text: &str) -> bool {
    let key = text.split_once('/').and_then(|(digits, _)| Ai::from_digits(digits));
    key.is_some_and(Ai::is_primary_key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_element_strings() {
        for path in ["01/09501101530003", "8004/95011", "00/", "415/x"] {
            assert!(is_path(path), "{path}");
        }
        for other in ["10/L", "0109501101530003/", "89/", "1/2", "01", "/01/"] {
            assert!(!is_path(other), "{other}");
        }
    }

    #[test]
    fn a_path_needs_no_domain() {
        let read = |path: &str| ElementString::from_link_path(path.as_bytes());
        let elements = read("01/09501101530003/21/A%2F1").expect("a good path");
        assert_eq!(elements.to_bracketed(), "(01)09501101530003(21)A/1");
        assert_eq!(elements.constrained_path().as_deref(), Ok("01/09501101530003/21/A%2F1"));
        for (path, code, position) in
            [("01/09501101530004", "ID_CHECK_DIGIT", Some(17)), ("", "DL_SYNTAX", Some(1)), ("x", "DL_SYNTAX", Some(1))]
        {
            assert_eq!(read(path).map_err(|e| (e.code(), e.position)), Err((code, position)), "{path}");
        }
    }
}
