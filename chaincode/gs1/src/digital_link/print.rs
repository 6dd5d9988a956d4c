//! From elements to a URI.

use super::CANONICAL_DOMAIN;
use super::parse::fits_path;
use crate::text::percent_encode;
use crate::{Ai, Element, ElementString, Gs1Error, Problem};

/// Keys and which of their qualifiers, the first that is there, names the finest thing.
const FINEST: &[(Ai, &[Ai])] = &[
    (Ai::GTIN, &[Ai::SERIAL, Ai::THIRD_PARTY, Ai::LOT]),
    (Ai::ITIP, &[Ai::SERIAL, Ai::LOT]),
    (Ai::LOCATION, &[Ai::EXTENSION]),
    (Ai::PAY_TO, &[Ai::PAYMENT_REFERENCE]),
    (Ai::CPI, &[Ai::CPI_SERIAL]),
];

impl ElementString {
    /// Prints a Digital Link below an address such as `https://example.org/stem`: the first key that can take all
    /// others beside it, its qualifiers in their order, then the attributes, those of predefined length first.
    ///
    /// # Errors
    /// `DL_SYNTAX` when there is no key, or an element has no place in the link of any key there is.
    pub fn to_digital_link(&self, base: &str) -> Result<String, Gs1Error> {
        let keys = self.iter().filter(|element| element.ai().is_primary_key());
        match keys.filter_map(|key| self.path_and_rest(key.ai())).next() {
            Some((path, rest)) => Ok(format!("{}/{}{}", base.trim_end_matches('/'), written(&path), query(rest))),
            None if self.iter().any(|element| element.ai().is_primary_key()) => {
                Err(Problem::DigitalLink { reason: "its elements fit into no one link" }.into())
            }
            None => Err(no_key()),
        }
    }

    /// Prints the Digital Link below `https://id.gs1.org/` in which equal elements, in whatever order, give equal
    /// texts: identifiers go by their digits.
    ///
    /// # Errors
    /// As [`ElementString::to_digital_link`].
    pub fn to_canonical_link(&self) -> Result<String, Gs1Error> {
        self.sorted().to_digital_link(CANONICAL_DOMAIN)
    }

    /// Prints the Digital Link of the finest thing that the elements name, and nothing else about it: for keys and
    /// hashes. A serial number hides lot and variant.
    ///
    /// # Errors
    /// `DL_SYNTAX` when there is no key.
    pub fn to_constrained_link(&self) -> Result<String, Gs1Error> {
        self.constrained_path().map(|path| format!("{CANONICAL_DOMAIN}{path}"))
    }

    /// The same without domain: `01/09501101530003/21/A1`.
    ///
    /// # Errors
    /// `DL_SYNTAX` when there is no key.
    pub fn constrained_path(&self) -> Result<String, Gs1Error> {
        let key = self.iter().find(|element| element.ai().is_primary_key()).ok_or_else(no_key)?;
        let qualifiers = FINEST.iter().find(|(known, _)| *known == key.ai()).map_or(&[][..], |(_, finest)| *finest);
        let finest = qualifiers.iter().find_map(|ai| self.iter().find(|element| element.ai() == *ai));
        Ok(written(&[Some(key), finest].into_iter().flatten().collect::<Vec<_>>()))
    }

    /// The path under a key, and the attributes, by an order of qualifiers that leaves nothing else.
    fn path_and_rest(&self, key: Ai) -> Option<(Vec<&Element>, Vec<&Element>)> {
        let element = |ai: Ai| self.iter().find(|element| element.ai() == ai);
        let paths = key
            .rules()
            .qualifier_orders()
            .map(|order| -> Vec<&Element> { [key].into_iter().chain(order).filter_map(element).collect() });
        let mut complete = paths.filter_map(|path| {
            let qualifiers: Vec<Ai> = path.iter().skip(1).map(|element| element.ai()).collect();
            let rest: Vec<&Element> = self.iter().filter(|element| !path.contains(element)).collect();
            let fits = |ai: Ai| ai.is_link_attribute() && !fits_path(key, &qualifiers, ai);
            rest.iter().all(|element| fits(element.ai())).then_some((path, rest))
        });
        complete.next()
    }
}

fn no_key() -> Gs1Error {
    Problem::DigitalLink { reason: "there is no key such as 01 or 00" }.into()
}

fn written(path: &[&Element]) -> String {
    let pair = |element: &&Element| format!("{}/{}", element.ai(), percent_encode(element.value()));
    path.iter().map(pair).collect::<Vec<_>>().join("/")
}

fn query(mut attributes: Vec<&Element>) -> String {
    attributes.sort_by_key(|element| !element.ai().is_predefined_length());
    let pairs = attributes.iter().map(|element| format!("{}={}", element.ai(), percent_encode(element.value())));
    let query = pairs.collect::<Vec<_>>().join("&");
    if query.is_empty() { query } else { format!("?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> ElementString {
        ElementString::from_bracketed(text.as_bytes()).expect("the test writes good elements")
    }

    #[test]
    fn path_and_query_hold_each_element_once() {
        for (text, link) in [
            ("(21)S/1(01)09501101530003(10)L", "https://a/s/01/09501101530003/10/L/21/S%2F1"),
            ("(01)09501101530003(99)A+(17)270131", "https://a/s/01/09501101530003?17=270131&99=A%2B"),
            ("(10)L(414)9501101530003(254)D", "https://a/s/414/9501101530003/254/D?10=L"),
            ("(01)09501101530003(235)T(10)L", "https://a/s/01/09501101530003/235/T?10=L"),
            ("(8010)95011(01)09501101530003(21)S", "https://a/s/01/09501101530003/21/S?8010=95011"),
        ] {
            assert_eq!(elements(text).to_digital_link("https://a/s").as_deref(), Ok(link), "{text}");
        }
        for bad in ["(10)L", "(01)09501101530003(235)T(22)V"] {
            assert_eq!(elements(bad).to_digital_link("https://a").map_err(|e| e.code()), Err("DL_SYNTAX"), "{bad}");
        }
    }

    #[test]
    fn canonical_links_do_not_depend_on_the_order() {
        let canonical = "https://id.gs1.org/01/09501101530003/10/L/21/S?17=270131&99=X";
        for text in ["(01)09501101530003(10)L(21)S(17)270131(99)X", "(99)X(21)S(17)270131(10)L(01)09501101530003"] {
            assert_eq!(elements(text).to_canonical_link().as_deref(), Ok(canonical));
        }
    }

    #[test]
    fn the_constrained_link_keeps_the_finest_thing_only() {
        for (text, path) in [
            ("(01)09501101530003(22)V(10)L(21)S(17)270131", "01/09501101530003/21/S"),
            ("(01)09501101530003(22)V(10)L", "01/09501101530003/10/L"),
            ("(01)09501101530003(22)V", "01/09501101530003"),
            ("(01)09501101530003(235)T", "01/09501101530003/235/T"),
            ("(414)9501101530003(254)D", "414/9501101530003/254/D"),
            ("(8017)401234500000067657(8019)1", "8017/401234500000067657"),
        ] {
            assert_eq!(elements(text).constrained_path().as_deref(), Ok(path), "{text}");
        }
        assert!(elements("(10)L").to_constrained_link().is_err());
    }
}
