//! From a URN to elements.

use super::scheme::{Body, NAMESPACE, SCHEMES, Scheme, Tail};
use crate::limits::{PREFIX_DIGITS_MAX, URN_PREFIX_DIGITS_MIN};
use crate::linter::check_digit;
use crate::text::{Located, ascii, percent_decode, quoted};
use crate::{Ai, ElementString, Gs1Error, Problem};

impl ElementString {
    /// Reads an EPC URN: an identity, a class, or a pattern with `*` for all of a kind.
    ///
    /// # Errors
    /// `SCAN_NOT_GS1` when it is none of a scheme of GS1's keys; otherwise what is wrong with it.
    pub fn from_urn(bytes: &[u8]) -> Result<Self, Gs1Error> {
        from_text(ascii(bytes)?)
    }
}

/// Reads an EPC URN.
pub(crate) fn from_text(text: &str) -> Result<ElementString, Gs1Error> {
    let not_gs1 = |reason| Gs1Error::from(Problem::NotGs1 { found: quoted(text), reason });
    let Some(name) = text.strip_prefix(NAMESPACE) else {
        return Err(not_gs1("an EPC URN begins with urn:epc:"));
    };
    let mut parts = name.splitn(3, ':');
    let (kind, name, body) = (parts.next(), parts.next(), parts.next());
    let is_meant = |scheme: &&Scheme| {
        let is_kind = Some(scheme.kind) == kind || (scheme.has_pattern && kind == Some("idpat"));
        is_kind && Some(scheme.name) == name
    };
    let (Some(scheme), Some(body)) = (SCHEMES.iter().find(is_meant), body) else {
        return Err(not_gs1("no key of GS1 has this scheme"));
    };
    let position = text.len() - body.len() + 1;
    Urn { body, position, is_pattern: kind == Some("idpat") }.read(*scheme)
}

struct Urn<'a> {
    body: &'a str,
    position: usize,
    is_pattern: bool,
}

impl Urn<'_> {
    fn error(&self, reason: &'static str) -> Gs1Error {
        Problem::Urn { reason }.at(self.position)
    }

    fn read(&self, scheme: Scheme) -> Result<ElementString, Gs1Error> {
        let fields = match scheme.tail {
            Tail::None => 2,
            Tail::Qualifier(_) | Tail::QualifierOrZero(_) | Tail::Serial => 3,
            Tail::Pieces(_) => 5,
        };
        // Only so many dots separate: a serial number may have more.
        let fields: Vec<&str> = self.body.splitn(fields, '.').collect();
        let (prefix, reference) = match fields.as_slice() {
            [prefix, reference, ..] => (*prefix, self.decoded(reference)?),
            _ => return Err(self.error("a dot is missing")),
        };
        if matches!(scheme.body, Body::Open(min) if reference.len() < min && !self.is_pattern) {
            return Err(self.error("the part after the prefix is empty"));
        }
        let mut key = key_digits(scheme, prefix, &reference).map_err(|reason| self.error(reason))?;
        let (pieces, last) = match (scheme.tail, fields.as_slice()) {
            (Tail::None, [_, _]) => (None, None),
            (Tail::Pieces(_), [_, _, piece, total, last]) => (Some((piece, total)), Some(*last)),
            (Tail::Qualifier(_) | Tail::QualifierOrZero(_) | Tail::Serial, [_, _, last]) => (None, Some(*last)),
            _ => return Err(self.error("a dot is missing")),
        };
        if let Some((piece, total)) = pieces {
            if piece.len() != 2 || total.len() != 2 {
                return Err(self.error("piece and total have two digits each"));
            }
            key = format!("{key}{piece}{total}");
        }
        let last = match last {
            Some("*") if self.is_pattern => None,
            _ if self.is_pattern => return Err(self.error("a pattern ends with *")),
            Some("") => return Err(self.error("the last part is empty")),
            Some(last) => Some(self.decoded(last)?),
            None => None,
        };
        self.elements(scheme, key, last)
    }

    fn elements(&self, scheme: Scheme, mut key: String, last: Option<String>) -> Result<ElementString, Gs1Error> {
        let qualifier = match (scheme.tail, last) {
            (Tail::Serial, Some(serial)) => {
                key.push_str(&serial);
                None
            }
            (Tail::QualifierOrZero(_), Some(zero)) if zero == "0" => None,
            (Tail::Qualifier(ai) | Tail::QualifierOrZero(ai) | Tail::Pieces(ai), Some(value)) => Some((ai, value)),
            _ => None,
        };
        let mut elements = ElementString::new();
        self.push(&mut elements, scheme.key, &key)?;
        if let Some((ai, value)) = qualifier {
            self.push(&mut elements, ai, &value)?;
        }
        Ok(elements)
    }

    /// Adds an element; characters have moved too much for a position to be more than that of the body.
    fn push(&self, elements: &mut ElementString, ai: Ai, value: &str) -> Result<(), Gs1Error> {
        elements.push(ai, &Located { text: value.to_owned(), positions: vec![self.position; value.len() + 1] })
    }

    fn decoded(&self, text: &str) -> Result<String, Gs1Error> {
        match text.find(|c: char| !c.is_ascii_graphic() || "\"&/<>?#".contains(c)) {
            Some(_) => Err(self.error("one of \" & / < > ? # has to be written as a percent escape")),
            None => percent_decode(text, 1).map(|l| l.text).ok_or_else(|| self.error("a percent escape is broken")),
        }
    }
}

/// The key's digits, with its check digit, or the whole key when it has none.
fn key_digits(scheme: Scheme, prefix: &str, reference: &str) -> Result<String, &'static str> {
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(prefix) {
        return Err("a company prefix consists of digits");
    }
    if !(URN_PREFIX_DIGITS_MIN..=PREFIX_DIGITS_MAX).contains(&prefix.len()) {
        return Err("a company prefix has 6 to 12 digits");
    }
    let (length, body) = match scheme.body {
        Body::Open(_) => return Ok(format!("{prefix}{reference}")),
        Body::Plain(length) => (length, format!("{prefix}{reference}")),
        Body::BehindZero(length) => (length, format!("0{prefix}{reference}")),
        Body::Indicated(length) => {
            let (indicator, rest) = reference.split_at_checked(1).ok_or("the part after the prefix is empty")?;
            (length, format!("{indicator}{prefix}{rest}"))
        }
    };
    if !are_digits(reference) {
        return Err("the part after the prefix consists of digits");
    }
    if prefix.len() + reference.len() != length {
        return Err("prefix and the part after it have 13 digits for a product, 17 for an SSCC, 12 for a GLN");
    }
    let digit = check_digit(body.as_bytes()).map(char::from).ok_or("the key consists of digits")?;
    Ok(format!("{body}{digit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(urn: &str) -> Result<String, &'static str> {
        ElementString::from_urn(urn.as_bytes()).map(|e| e.to_bracketed()).map_err(|e| e.code())
    }

    #[test]
    fn check_digits_are_computed_and_the_level_moves_to_the_front() {
        for (urn, bracketed) in [
            ("urn:epc:id:sgtin:9501101.153000.A.B%2F1", "(01)19501101530000(21)A.B/1"),
            ("urn:epc:idpat:sgtin:9501101.053000.*", "(01)09501101530003"),
            ("urn:epc:class:lgtin:9501101.053000.LOT%2F7", "(01)09501101530003(10)LOT/7"),
            ("urn:epc:id:upui:9501101.053000.T", "(01)09501101530003(235)T"),
            ("urn:epc:id:sscc:9501101.0000000001", "(00)095011010000000018"),
            ("urn:epc:id:sgln:9501101.00001.0", "(414)9501101000018"),
            ("urn:epc:id:sgln:9501101.00001.DOCK", "(414)9501101000018(254)DOCK"),
            ("urn:epc:id:pgln:9501101.00001", "(417)9501101000018"),
            ("urn:epc:id:sgln:950110100001..0", "(414)9501101000018"),
            ("urn:epc:id:grai:9501101.00001.A", "(8003)09501101000018A"),
            ("urn:epc:idpat:grai:9501101.00001.*", "(8003)09501101000018"),
            ("urn:epc:id:gdti:9501101.00001.A", "(253)9501101000018A"),
            ("urn:epc:id:sgcn:9501101.00001.7", "(255)95011010000187"),
            ("urn:epc:id:itip:9501101.053000.01.02.S", "(8006)095011015300030102(21)S"),
            ("urn:epc:idpat:itip:9501101.053000.01.02.*", "(8006)095011015300030102"),
            ("urn:epc:id:giai:9501101.7", "(8004)95011017"),
            ("urn:epc:id:cpi:9501101.A%23%2F.7", "(8010)9501101A#/(8011)7"),
            ("urn:epc:id:ginc:9501101.x", "(401)9501101x"),
            ("urn:epc:id:gsrn:4012345.0000006765", "(8018)401234500000067657"),
            ("urn:epc:id:gsrnp:4012345.0000006765", "(8017)401234500000067657"),
            ("urn:epc:id:gsin:4012345.222333444", "(402)40123452223334442"),
        ] {
            assert_eq!(read(urn).as_deref(), Ok(bracketed), "{urn}");
        }
    }

    #[test]
    fn wrong_lengths_letters_and_escapes_are_refused() {
        for bad in [
            "urn:epc:id:sgtin:9501101.53000.1",
            "urn:epc:id:sgtin:9501101.0530000.1",
            "urn:epc:id:sgtin:950110x.053000.1",
            "urn:epc:id:sgtin:95011.01053000.1",
            "urn:epc:id:sgtin:9501101.053000",
            "urn:epc:id:sgtin:9501101.053000.",
            "urn:epc:id:sgtin:9501101.053000.%",
            "urn:epc:id:sgtin:9501101.053000.a/b",
            "urn:epc:id:sgtin:9501101053000..1",
            "urn:epc:idpat:sgtin:9501101.053000.1",
            "urn:epc:id:sscc:9501101",
            "urn:epc:id:giai:9501101.",
            "urn:epc:id:cpi:9501101..7",
            "urn:epc:id:itip:9501101.053000.1.2.S",
            "urn:epc:id:itip:9501101.053000.01.02",
        ] {
            assert_eq!(read(bad), Err("URN_SYNTAX"), "{bad}");
        }
        for (bad, code) in [
            ("urn:uuid:1", "SCAN_NOT_GS1"),
            ("urn:epc:id:usdod:1.2", "SCAN_NOT_GS1"),
            ("urn:epc:idpat:sscc:1.2", "SCAN_NOT_GS1"),
            ("urn:epc:id:sgtin", "SCAN_NOT_GS1"),
            ("urn:epc:id:sgtin:9501101.053000.a%20b", "ID_CHARSET"),
            ("urn:epc:id:itip:9501101.053000.03.02.S", "AI_VALUE"),
        ] {
            assert_eq!(read(bad), Err(code), "{bad}");
        }
    }
}
