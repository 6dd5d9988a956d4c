//! From a URI to elements.

use super::{CANONICAL_DOMAIN, LinkOptions, short_names};
use crate::scan::padded;
use crate::text::{Located, percent_decode, quoted};
use crate::{Ai, ElementString, Gs1Error, Problem};

const SCHEMES: &[&str] = &["https://", "http://", "HTTPS://", "HTTP://"];

/// Whether the text begins like a web address. A scheme is all capitals or none.
pub(crate) fn is_web_address(text: &str) -> bool {
    SCHEMES.iter().any(|scheme| text.starts_with(scheme))
}

/// A piece of the URI and where it begins in the input.
#[derive(Debug, Clone, Copy)]
struct Piece<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Piece<'a> {
    /// The pieces between a sign.
    fn split(self, sign: char) -> impl Iterator<Item = Self> {
        let mut position = self.position;
        self.text.split(sign).map(move |text| {
            let piece = Self { text, position };
            position += text.len() + 1;
            piece
        })
    }

    /// What stands before and after the first sign; nothing after it when it is not there.
    fn cut(self, sign: char) -> (Self, Option<Self>) {
        match self.text.split_once(sign) {
            Some((before, after)) => {
                let position = self.position + before.len() + 1;
                (Self { text: before, ..self }, Some(Self { text: after, position }))
            }
            None => (self, None),
        }
    }

    /// The attributes of a query.
    fn attributes(self, options: LinkOptions) -> Vec<Self> {
        let parts = self.split('&');
        if options.semicolons { parts.flat_map(Self::split_at_semicolons).collect() } else { parts.collect() }
    }

    /// The pieces between `;`, where a name and `=` follow it; another one belongs to the value.
    fn split_at_semicolons(self) -> Vec<Self> {
        let piece = |start: usize, end: usize| Self {
            text: self.text.get(start..end).unwrap_or_default(),
            position: self.position + start,
        };
        let mut pieces = Vec::new();
        let mut start = 0;
        for (at, _) in self.text.match_indices(';') {
            let next = self.text.get(at + 1..).and_then(|after| after.split(';').next());
            if next.is_some_and(|next| next.contains('=')) {
                pieces.push(piece(start, at));
                start = at + 1;
            }
        }
        pieces.push(piece(start, self.text.len()));
        pieces
    }

    fn error(self, reason: &'static str) -> Gs1Error {
        Problem::DigitalLink { reason }.at(self.position)
    }
}

/// Reads a Digital Link whose first character stands at `position` in the input.
pub(crate) fn from_text(text: &str, position: usize, options: LinkOptions) -> Result<ElementString, Gs1Error> {
    let whole = Piece { text, position };
    let not_gs1 = |reason| Gs1Error::from(Problem::NotGs1 { found: quoted(text), reason });
    let Some(scheme) = SCHEMES.iter().find(|scheme| text.starts_with(**scheme)) else {
        return Err(not_gs1("a Digital Link begins with https:// or http://"));
    };
    if let Some(offset) = text.find(|c: char| !is_allowed(c)) {
        return Err(Piece { text, position: position + offset }.error("it has a character that no URI may have"));
    }
    let (uri, _) = whole.cut('#');
    let rest = Piece { text: uri.text.get(scheme.len()..).unwrap_or_default(), position: position + scheme.len() };
    let (address, query) = rest.cut('?');
    let (domain, path) = address.cut('/');
    if domain.text.is_empty() || !domain.text.chars().all(is_domain_character) {
        return Err(domain.error("its domain is empty or has a character that no domain may have"));
    }
    let segments: Vec<Piece> = path.into_iter().flat_map(|path| path.split('/')).collect();
    let Some(start) = primary_key_at(&segments, options) else {
        let has_key = segments.iter().any(|segment| primary_key(segment.text, options).is_some());
        if has_key || text.starts_with(CANONICAL_DOMAIN) {
            return Err(domain.error("no key such as 01 or 00 has a value after it, or something follows without one"));
        }
        return Err(not_gs1("the web address holds no key such as 01 or 00"));
    };
    let mut elements = ElementString::new();
    let path = read_path(segments.get(start..).unwrap_or_default(), options, &mut elements)?;
    for part in query.into_iter().flat_map(|query| query.attributes(options)) {
        read_attribute(part, &path, options, &mut elements)?;
    }
    Ok(elements)
}

/// Characters of URIs (RFC 3986).
fn is_allowed(character: char) -> bool {
    character.is_ascii_graphic() && !"\"\\^`{|}<>".contains(character)
}

fn is_domain_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._:[]".contains(character)
}

fn identifier(segment: &str, options: LinkOptions) -> Option<Ai> {
    let named = || short_names::digits(segment).filter(|_| options.short_names).and_then(Ai::from_digits);
    Ai::from_digits(segment).or_else(named)
}

fn primary_key(segment: &str, options: LinkOptions) -> Option<Ai> {
    identifier(segment, options).filter(|ai| ai.is_primary_key())
}

/// Where the last primary key stands that has a value and nothing but pairs after it.
fn primary_key_at(segments: &[Piece], options: LinkOptions) -> Option<usize> {
    let paired = (0..segments.len()).rev().filter(|at| (segments.len() - at).is_multiple_of(2));
    let mut keys = paired.filter(|at| segments.get(*at).is_some_and(|key| primary_key(key.text, options).is_some()));
    keys.next()
}

/// Reads the key and its qualifiers; gives their identifiers.
fn read_path(segments: &[Piece], options: LinkOptions, elements: &mut ElementString) -> Result<Vec<Ai>, Gs1Error> {
    let mut path: Vec<Ai> = Vec::new();
    for pair in segments.chunks_exact(2) {
        let [name, value] = pair else { break };
        let ai = identifier(name.text, options);
        if let Some(key) = path.first().copied()
            && !ai.is_some_and(|ai| is_in_order(key, path.get(1..).unwrap_or_default(), ai))
        {
            let problem = Problem::QualifierOrder { key, order: key.rules().key.unwrap_or_default() };
            let error = problem.at(name.position);
            return Err(Gs1Error { ai, ..error });
        }
        let Some(ai) = ai else { return Err(name.error("it has an unknown identifier in its path")) };
        elements.push(ai, &decoded(*value, ai, false, options)?)?;
        path.push(ai);
    }
    Ok(path)
}

/// Whether a qualifier may follow those before it, in one of the key's orders.
fn is_in_order(key: Ai, before: &[Ai], next: Ai) -> bool {
    key.rules().qualifier_orders().any(|order| {
        let mut places = order.iter();
        before.iter().chain([&next]).all(|qualifier| places.any(|place| place == qualifier))
    })
}

/// Whether an order of the key holds all of these qualifiers, so that none of them belongs in the query.
pub(super) fn fits_path(key: Ai, qualifiers: &[Ai], another: Ai) -> bool {
    key.rules().qualifier_orders().any(|order| qualifiers.iter().chain([&another]).all(|ai| order.contains(ai)))
}

fn read_attribute(
    part: Piece,
    path: &[Ai],
    options: LinkOptions,
    elements: &mut ElementString,
) -> Result<(), Gs1Error> {
    let (name, value) = part.cut('=');
    if name.text.is_empty() || !name.text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    let Some(ai) = Ai::from_digits(name.text) else {
        return Err(Problem::UnknownIdentifier { found: quoted(name.text) }.at(name.position));
    };
    let Some(value) = value else {
        return Err(name.error("an identifier in its query has no value").about(ai));
    };
    let (key, qualifiers) = match path {
        [key, qualifiers @ ..] => (*key, qualifiers),
        [] => return Ok(()),
    };
    let belongs_in_path = fits_path(key, qualifiers, ai);
    if belongs_in_path && !options.qualifiers_in_query {
        let problem = Problem::QualifierOrder { key, order: key.rules().key.unwrap_or_default() };
        return Err(problem.at(name.position).about(ai));
    }
    if !belongs_in_path && !ai.is_link_attribute() {
        return Err(name.error("an identifier in its query is no attribute").about(ai));
    }
    let value = decoded(value, ai, true, options)?;
    if elements.value(ai) == Some(value.text.as_str()) {
        return Err(name.error("an identifier occurs twice").about(ai));
    }
    elements.push(ai, &value)
}

/// Undoes percent-encoding and, in a query, `+` for a blank; fills up a short GTIN where that is allowed.
fn decoded(piece: Piece, ai: Ai, in_query: bool, options: LinkOptions) -> Result<Located, Gs1Error> {
    let Some(mut value) = percent_decode(piece.text, piece.position) else {
        return Err(piece.error("a percent escape is broken").about(ai));
    };
    if in_query && piece.text.contains('+') {
        let sources: Vec<char> = piece.text.chars().collect();
        let is_blank = |at: &usize| sources.get(at - piece.position) == Some(&'+');
        value.text =
            value.text.chars().zip(&value.positions).map(|(c, at)| if is_blank(at) { ' ' } else { c }).collect();
    }
    if ai == Ai::GTIN && options.short_gtins && [8, 12, 13].contains(&value.text.len()) {
        return Ok(padded(&value.text, piece.position));
    }
    value.positions.push(piece.position + piece.text.len());
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(uri: &str, options: LinkOptions) -> Result<String, (&'static str, Option<usize>)> {
        let elements = ElementString::from_digital_link(uri.as_bytes(), options);
        elements.map(|e| e.to_bracketed()).map_err(|e| (e.code(), e.position))
    }

    #[test]
    fn a_stem_a_query_and_a_fragment_may_stand_around_the_key() {
        for (uri, bracketed) in [
            ("https://id.gs1.org/01/09501101530003/21/A", "(01)09501101530003(21)A"),
            ("HTTPS://shop.example:80/de/p/01/09501101530003/21/A?linkType=gs1:pip", "(01)09501101530003(21)A"),
            (
                "http://a/01/09501101530003/10/A%2FB?17=350131&x&99=C%2BD#e",
                "(01)09501101530003(10)A/B(17)350131(99)C+D",
            ),
            ("https://a/01/01/09501101530003/21/A", "(01)09501101530003(21)A"),
            ("https://a/00/x/00/095011010000000018", "(00)095011010000000018"),
            ("https://a/01/09501101530003/22/V/10/L/21/00", "(01)09501101530003(22)V(10)L(21)00"),
            ("https://a/414/9501101530003/254/D", "(414)9501101530003(254)D"),
            ("https://a/8004/95011017?", "(8004)95011017"),
            ("https://a/01/09501101530003/235/T?10=L", "(01)09501101530003(235)T(10)L"),
        ] {
            assert_eq!(read(uri, LinkOptions::default()).as_deref(), Ok(bracketed), "{uri}");
        }
    }

    #[test]
    fn broken_links_name_what_is_wrong_and_where() {
        for (uri, code, position) in [
            ("HtTp://a/01/09501101530003", "SCAN_NOT_GS1", None),
            ("https://example.org/about", "SCAN_NOT_GS1", None),
            ("https://id.gs1.org/about", "DL_SYNTAX", Some(9)),
            ("https:///01/09501101530003", "DL_SYNTAX", Some(9)),
            ("https://a$/01/09501101530003", "DL_SYNTAX", Some(9)),
            ("https://a/01/09501101530003/21", "DL_SYNTAX", Some(9)),
            ("https://a/01/09501101530003/", "DL_SYNTAX", Some(9)),
            ("https://a/01/09501101530003/21/", "ID_LENGTH", Some(32)),
            ("https://a/01/09501101530003/21/A%2", "DL_SYNTAX", Some(32)),
            ("https://a/01/09501101530003/21/A<", "DL_SYNTAX", Some(33)),
            ("https://a/01/09501101530003/21/%2FA%20", "ID_CHARSET", Some(36)),
            ("https://a/01/09501101530004", "ID_CHECK_DIGIT", Some(27)),
            ("https://a/01/9501101530003", "ID_LENGTH", Some(27)),
            ("https://a/01/09501101530003/21/A/10/L", "DL_QUALIFIER_ORDER", Some(34)),
            ("https://a/01/09501101530003/22/A/235/L", "DL_QUALIFIER_ORDER", Some(34)),
            ("https://a/417/9501101530003/254/D", "DL_QUALIFIER_ORDER", Some(29)),
            ("https://a/01/09501101530003/99/D", "DL_QUALIFIER_ORDER", Some(29)),
            ("https://a/01/09501101530003?10=L", "DL_QUALIFIER_ORDER", Some(29)),
            ("https://a/01/09501101530003?89=L", "AI_UNKNOWN", Some(29)),
            ("https://a/01/09501101530003?17", "DL_SYNTAX", Some(29)),
            ("https://a/01/09501101530003?254=L", "DL_SYNTAX", Some(29)),
            ("https://a/01/09501101530003?99=L&99=L", "DL_SYNTAX", Some(34)),
            ("https://a/01/09501101530003?99=L&99=M", "AI_REPEAT_CONFLICT", Some(37)),
            ("https://a/01/09501101530003?17=270131;99=L", "ID_CHARSET", Some(38)),
            ("https://a/01/09501101530003?99=A+B", "ID_CHARSET", Some(33)),
            ("https://a/gtin/09501101530003", "SCAN_NOT_GS1", None),
        ] {
            assert_eq!(read(uri, LinkOptions::default()), Err((code, position)), "{uri}");
        }
    }

    #[test]
    fn what_is_met_in_practice_is_read_on_request() {
        for (uri, bracketed) in [
            ("https://a/gtin/09501101530003/lot/L/ser/S", "(01)09501101530003(10)L(21)S"),
            ("https://a/01/9501101530003/21/S", "(01)09501101530003(21)S"),
            ("https://a/01/97803119", "(01)00000097803119"),
            ("https://a/01/09501101530003/21/S?10=L", "(01)09501101530003(21)S(10)L"),
            ("https://a/01/09501101530003?17=270131;99=L;M;;x=", "(01)09501101530003(17)270131(99)L;M;"),
        ] {
            assert_eq!(read(uri, LinkOptions::LENIENT).as_deref(), Ok(bracketed), "{uri}");
            assert!(read(uri, LinkOptions::default()).is_err(), "{uri}");
        }
        assert_eq!(read("https://a/01/9501101530004", LinkOptions::LENIENT), Err(("ID_CHECK_DIGIT", Some(26))));
    }
}
