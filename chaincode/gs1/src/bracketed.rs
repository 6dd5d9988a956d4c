//! The form that people read and type: `(01)09501101530003(21)A1`. A bracket within a value is written `\(`.

use crate::text::{Located, ascii, quoted};
use crate::{Ai, ElementString, Gs1Error, Problem};

impl ElementString {
    /// Reads the bracketed form.
    ///
    /// # Errors
    /// The first element that cannot be read.
    pub fn from_bracketed(bytes: &[u8]) -> Result<Self, Gs1Error> {
        from_text(ascii(bytes)?, 1)
    }

    /// Prints the bracketed form, in the order of the elements.
    pub fn to_bracketed(&self) -> String {
        let element = |ai: Ai, value: &str| format!("({ai}){}", value.replace('(', "\\("));
        self.iter().map(|e| element(e.ai(), e.value())).collect()
    }
}

/// Reads the bracketed form, its first character at `position` in the input.
pub(crate) fn from_text(text: &str, position: usize) -> Result<ElementString, Gs1Error> {
    let not_gs1 = |reason, at| Err(Problem::NotGs1 { found: quoted(text), reason }.at(at));
    let mut elements = ElementString::new();
    let mut at = position;
    let mut rest = text;
    while !rest.is_empty() {
        let Some(opened) = rest.strip_prefix('(') else {
            return not_gs1("an opening bracket is missing", at);
        };
        let Some((digits, after)) = opened.split_once(')') else {
            return not_gs1("a closing bracket is missing", at);
        };
        let Some(ai) = Ai::from_digits(digits) else {
            return Err(Problem::UnknownIdentifier { found: quoted(digits) }.at(at + 1));
        };
        at += digits.len() + 2;
        let (value, length) = split_value(after, at);
        elements.push(ai, &value)?;
        at += length;
        rest = after.get(length..).unwrap_or_default();
    }
    if elements.is_empty() {
        return not_gs1("it holds no element", position);
    }
    Ok(elements)
}

/// The value at the start of `rest`, unescaped, and its length as written.
fn split_value(rest: &str, position: usize) -> (Located, usize) {
    let mut value = Located::default();
    let mut characters = rest.char_indices().peekable();
    while let Some((offset, character)) = characters.next() {
        match character {
            '(' => return (ended(value, position + offset), offset),
            '\\' if characters.next_if(|(_, next)| *next == '(').is_some() => value.push('(', position + offset + 1),
            other => value.push(other, position + offset),
        }
    }
    (ended(value, position + rest.len()), rest.len())
}

fn ended(mut value: Located, position: usize) -> Located {
    value.positions.push(position);
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, (&'static str, Option<usize>)> {
        ElementString::from_bracketed(text.as_bytes()).map(|e| e.to_bracketed()).map_err(|e| (e.code(), e.position))
    }

    #[test]
    fn brackets_within_values_are_escaped() {
        for text in ["(01)09501101530003(10)A\\(21)B(21)S)", "(10)\\(", "(10)\\(\\("] {
            assert_eq!(read(text).as_deref(), Ok(text));
        }
        let elements = ElementString::from_bracketed(b"(10)A\\(21)B").expect("readable");
        assert_eq!(elements.value(Ai::LOT), Some("A(21)B"));
    }

    #[test]
    fn broken_forms_name_their_place() {
        for (text, code, position) in [
            ("", "SCAN_NOT_GS1", 1),
            ("10)A", "SCAN_NOT_GS1", 1),
            ("(10", "SCAN_NOT_GS1", 1),
            ("()A", "AI_UNKNOWN", 2),
            ("(1O)A", "AI_UNKNOWN", 2),
            ("(10)(21)A", "ID_LENGTH", 5),
            ("(10)A(21)", "ID_LENGTH", 10),
            ("(10)A\\B", "ID_CHARSET", 6),
            ("(10)\\(#", "ID_CHARSET", 7),
            ("(01)09501101530004", "ID_CHECK_DIGIT", 18),
        ] {
            assert_eq!(read(text), Err((code, Some(position))), "{text}");
        }
    }
}
