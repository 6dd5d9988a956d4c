//! The address that the Digital Links of a QR code begin with.

use crate::LabelError;
use crate::limits::LINK_BASE_CHARS_MAX;
use std::fmt;
use theriac_gs1::{Ai, ElementString, Gs1Error, LinkOptions};

/// Scheme, host and stem of Digital Links, such as `https://id.example.org` or `https://example.org/packs`: whoever
/// scans a link asks there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkBase(String);

impl LinkBase {
    /// Reads an address. Names in other scripts are written as DNS has them (`xn--…`); a `/` at the end is dropped.
    ///
    /// # Errors
    /// `LABEL_LINK_BASE` when links below the address would not be read as Digital Links: another scheme, a user, a
    /// query, a fragment, or characters that do not belong into an address.
    pub fn parse(text: &str) -> Result<Self, LabelError> {
        let refused = |reason| LabelError::LinkBase { base: text.chars().take(LINK_BASE_CHARS_MAX).collect(), reason };
        if text.len() > LINK_BASE_CHARS_MAX {
            return Err(refused("it is too long"));
        }
        let base = text.trim_end_matches('/');
        let Some(rest) = base.strip_prefix("https://").or_else(|| base.strip_prefix("http://")) else {
            return Err(refused("it begins with neither https:// nor http://"));
        };
        let (host, stem) = rest.split_once('/').unwrap_or((rest, ""));
        if !is_host(host) {
            return Err(refused("its host is no name such as id.example.org, with or without a port"));
        }
        if !stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte)) {
            return Err(refused("its path has other characters than letters, digits and - . _ ~ /"));
        }
        let base = Self(base.to_owned());
        if base.gives_back_what_it_takes() { Ok(base) } else { Err(refused("links below it are read as others")) }
    }

    /// The address, without `/` at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a link below the address is read as it was written.
    fn gives_back_what_it_takes(&self) -> bool {
        let probe = || -> Result<bool, Gs1Error> {
            let elements = ElementString::new().with(Ai::GTIN, "00000000000000")?.with(Ai::SERIAL, "0")?;
            let link = elements.to_digital_link(self.as_str())?;
            Ok(ElementString::from_digital_link(link.as_bytes(), LinkOptions::default())? == elements)
        };
        probe().unwrap_or(false)
    }
}

/// A name of letters, digits, hyphens and dots, and perhaps a port.
fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').map_or((host, None), |(name, port)| (name, Some(port)));
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    name.split('.').all(is_label) && port.is_none_or(is_port)
}

impl fmt::Display for LinkBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        for (text, base) in [
            ("https://id.gs1.org", "https://id.gs1.org"),
            ("https://id.gs1.org/", "https://id.gs1.org"),
            ("http://localhost:8080/a/~b/", "http://localhost:8080/a/~b"),
            ("https://example.org/01/packs", "https://example.org/01/packs"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(LinkBase::parse(text).map(|base| base.to_string()).as_deref(), Ok(base));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("https://{}", "a".repeat(LINK_BASE_CHARS_MAX));
        for text in [
            "",
            "id.gs1.org",
            "ftp://id.gs1.org",
            "HTTPS://id.gs1.org",
            "https://",
            "https:///stem",
            "https://a..b",
            "https://user@example.org",
            "https://example.org:port",
            "https://example.org:65536",
            "https://example.org:",
            "https://example.org?a=b",
            "https://example.org/#top",
            "https://example.org/a b",
            "https://example.org/<script>",
            "https://example.org/%41",
            "https://bücher.example",
            &long,
        ] {
            assert_eq!(LinkBase::parse(text).map_err(|error| error.code()), Err("LABEL_LINK_BASE"), "{text}");
        }
    }
}
