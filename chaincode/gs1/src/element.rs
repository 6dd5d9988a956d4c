//! The element string: the one thing that all syntaxes spell.

use crate::limits::ELEMENTS_MAX;
use crate::text::{Located, quoted};
use crate::{Ai, Gs1Error, Problem, value};

/// An application identifier and its value, which keeps the identifier's rules.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Element {
    ai: Ai,
    value: String,
}

impl Element {
    /// The application identifier.
    pub fn ai(&self) -> Ai {
        self.ai
    }

    /// The value, without any escapes.
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// Elements in their order, each identifier once.
///
/// Two of them are equal when the order is; [`ElementString::sorted`] takes the order away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ElementString {
    elements: Vec<Element>,
}

impl ElementString {
    /// No elements.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an element.
    ///
    /// # Errors
    /// When the value breaks the identifier's rules, or the identifier is there with another value.
    pub fn with(mut self, ai: Ai, value: &str) -> Result<Self, Gs1Error> {
        self.push(ai, &Located::verbatim(value, 1))?;
        Ok(self)
    }

    /// Adds an element; one that is there already is not added twice.
    pub(crate) fn push(&mut self, ai: Ai, value: &Located) -> Result<(), Gs1Error> {
        value::check(ai, value)?;
        let place = |error: Gs1Error| Gs1Error { position: value.position(0), ..error }.about(ai);
        match self.value(ai) {
            Some(first) if first != value.text => {
                let problem = Problem::Repeated { first: quoted(first), second: quoted(&value.text) };
                Err(place(problem.into()))
            }
            Some(_) => Ok(()),
            None if self.elements.len() == ELEMENTS_MAX => {
                Err(place(Problem::TooManyElements { max: ELEMENTS_MAX }.into()))
            }
            None => {
                self.elements.push(Element { ai, value: value.text.clone() });
                Ok(())
            }
        }
    }

    /// Adds the elements of another code of the same pack.
    ///
    /// # Errors
    /// When an identifier has another value there.
    pub fn merged(mut self, other: &Self) -> Result<Self, Gs1Error> {
        for element in other.iter() {
            self.push(element.ai, &Located::verbatim(&element.value, 1))?;
        }
        Ok(self)
    }

    /// The same elements in the order of their identifiers' digits.
    pub fn sorted(&self) -> Self {
        let mut elements = self.elements.clone();
        elements.sort_by_key(|element| element.ai.to_string());
        Self { elements }
    }

    /// The value of an identifier.
    pub fn value(&self, ai: Ai) -> Option<&str> {
        self.elements.iter().find(|element| element.ai == ai).map(Element::value)
    }

    /// The elements in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Element> {
        self.elements.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_one_value() {
        let lot = ElementString::new().with(Ai::LOT, "A").expect("a good lot");
        assert_eq!(lot.clone().with(Ai::LOT, "A").map(|e| e.len()), Ok(1));
        let error = lot.with(Ai::LOT, "B").expect_err("another lot");
        assert_eq!((error.code(), error.ai), ("AI_REPEAT_CONFLICT", Some(Ai::LOT)));
        assert_eq!(
            error.to_string(),
            "lot (10): at character 1: it occurs twice, as \"A\" and as \"B\". Scan one code at a time."
        );
    }

    #[test]
    fn there_is_a_most_of_elements() {
        let measures = (3100..3700).filter_map(Ai::from_number);
        let mut elements = ElementString::new();
        for ai in measures.clone().take(ELEMENTS_MAX) {
            elements = elements.with(ai, "000001").expect("six digits");
        }
        let error = measures.clone().nth(ELEMENTS_MAX).map(|ai| elements.clone().with(ai, "000001"));
        assert_eq!(error.map(|error| error.map_err(|e| e.code())), Some(Err("AI_COMBINATION")));
        let known = measures.clone().next().map(|ai| elements.with(ai, "000001").is_ok());
        assert_eq!(known, Some(true), "what is there already is not too much");
    }

    #[test]
    fn codes_of_one_pack_are_merged_and_sorted() {
        let first = ElementString::new().with(Ai::SERIAL, "S").expect("a good serial");
        let second = ElementString::new().with(Ai::GTIN, "09501101530003").expect("a good GTIN");
        let both = first.merged(&second).expect("no conflict").sorted();
        assert_eq!(both.iter().map(Element::ai).collect::<Vec<_>>(), [Ai::GTIN, Ai::SERIAL]);
        assert!(!both.is_empty());
    }
}
