//! A whole label: symbols, and the lines that people read.

use crate::limits::LOGISTIC_WIDTH_MODULES_MAX;
use crate::{LabelError, Line, LinkBase, ModuleWidth, Symbol, layout};
use theriac_gs1::{Ai, Element, ElementString};

/// A label for a pack, a case or a pallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    symbols: Vec<Symbol>,
    lines: Vec<Line>,
    arrangement: Arrangement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrangement {
    Beside,
    Stacked,
}

impl Label {
    /// A GS1 DataMatrix with the lines beside it: what is on a pack. The century of dates is the one next to
    /// `current_year`, as everywhere in [`theriac_gs1`].
    ///
    /// # Errors
    /// As [`Symbol::data_matrix`]; GS1's own codes when elements do not belong together (`AI_COMBINATION`) or name
    /// nothing (`ID_KIND`).
    pub fn data_matrix(elements: &ElementString, current_year: u32) -> Result<Self, LabelError> {
        check(elements)?;
        let symbols = vec![Symbol::data_matrix(elements)?];
        Ok(Self { symbols, lines: Line::all(elements, current_year), arrangement: Arrangement::Beside })
    }

    /// A QR code with the Digital Link, and the lines beside it: what phones open.
    ///
    /// # Errors
    /// As [`Symbol::qr_code`] and [`Label::data_matrix`].
    pub fn qr_code(elements: &ElementString, base: &LinkBase, current_year: u32) -> Result<Self, LabelError> {
        check(elements)?;
        let symbols = vec![Symbol::qr_code(elements, base)?];
        Ok(Self { symbols, lines: Line::all(elements, current_year), arrangement: Arrangement::Beside })
    }

    /// GS1-128 bar codes under the lines: a logistic label. As few bar codes as their width allows hold the elements,
    /// those of predefined length first; the SSCC has the lowest one for itself (General Specifications 6.6).
    ///
    /// # Errors
    /// `LABEL_TOO_WIDE` for an element that no bar code on a label has room for; `LABEL_TOO_LONG`, `LABEL_EMPTY` and
    /// GS1's own codes as above.
    pub fn gs1_128(elements: &ElementString, current_year: u32) -> Result<Self, LabelError> {
        check(elements)?;
        let (sscc, mut others): (Vec<&Element>, Vec<&Element>) = elements.iter().partition(|e| e.ai() == Ai::SSCC);
        others.sort_by_key(|element| !element.ai().is_predefined_length());
        let mut symbols = Vec::new();
        for group in [others, sscc] {
            symbols.extend(bar_codes(&group)?);
        }
        Ok(Self { symbols, lines: Line::all(elements, current_year), arrangement: Arrangement::Stacked })
    }

    /// The symbols from top to bottom.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// What people read: first what the thing is, GTIN, serial number, expiry date and lot, then the other elements.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = &Line> {
        self.lines.iter()
    }

    /// An SVG of the label. Coordinates are whole modules, lengths millimetres; the title names the kind, the
    /// description has the lines.
    pub fn to_svg(&self, module: ModuleWidth) -> String {
        let title = self.symbols.first().map(|symbol| format!("Label with {}", symbol.symbology())).unwrap_or_default();
        let description = self.lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let arrange = match self.arrangement {
            Arrangement::Beside => layout::beside,
            Arrangement::Stacked => layout::stacked,
        };
        arrange(&self.symbols, &self.lines, &title, &description).to_svg(module)
    }
}

/// Checks that the elements name something, and may stand together.
fn check(elements: &ElementString) -> Result<(), LabelError> {
    if elements.is_empty() {
        return Err(LabelError::Empty);
    }
    elements.key()?;
    Ok(elements.check_associations()?)
}

/// Bar codes that hold the elements in their order, each as many as there is room for.
fn bar_codes(elements: &[&Element]) -> Result<Vec<Symbol>, LabelError> {
    let mut done = Vec::new();
    let mut last: Option<(ElementString, Symbol)> = None;
    for element in elements {
        let longer = last.as_ref().map(|(held, _)| bar_code(held.clone(), element));
        match longer {
            Some(Ok(longer)) => last = Some(longer),
            _ => done.extend(last.replace(bar_code(ElementString::new(), element)?).map(|(_, symbol)| symbol)),
        }
    }
    done.extend(last.map(|(_, symbol)| symbol));
    Ok(done)
}

/// A bar code that holds one element more.
fn bar_code(held: ElementString, element: &Element) -> Result<(ElementString, Symbol), LabelError> {
    let elements = held.with(element.ai(), element.value())?;
    let symbol = Symbol::gs1_128(&elements)?;
    let (modules, max) = (symbol.outer_width(), LOGISTIC_WIDTH_MODULES_MAX);
    if modules > max {
        return Err(LabelError::TooWide { ai: element.ai(), modules, max });
    }
    Ok((elements, symbol))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> ElementString {
        ElementString::from_bracketed(text.as_bytes()).expect("the test writes good elements")
    }

    fn texts(label: &Label) -> Vec<&str> {
        label.symbols().iter().map(Symbol::text).collect()
    }

    #[test]
    fn the_sscc_has_the_lowest_bar_code_for_itself() {
        let pallet = "(00)095011010000000018(02)09501101530003(37)48(10)LOT7(17)280531";
        let label = Label::gs1_128(&elements(pallet), 2026).expect("a good label");
        assert_eq!(texts(&label), ["(02)09501101530003(17)280531(37)48(10)LOT7", "(00)095011010000000018"]);
        assert_eq!(label.lines().next().map(Line::title), Some("SSCC"));
        let pallet = Label::gs1_128(&elements("(00)095011010000000018"), 2026).expect("a good label");
        assert_eq!(texts(&pallet), ["(00)095011010000000018"]);
    }

    #[test]
    fn bar_codes_hold_as_much_as_they_have_room_for() {
        let case = "(01)09501101530003(21)ABCDEFGHIJKLMNOPQRST(10)abcdefghijklmnopqrst(17)280531";
        let label = Label::gs1_128(&elements(case), 2026).expect("a good label");
        assert_eq!(
            texts(&label),
            ["(01)09501101530003(17)280531", "(21)ABCDEFGHIJKLMNOPQRST", "(10)abcdefghijklmnopqrst"]
        );
        let wide = elements("(8004)95011ABCDEFGHIJKLMNOPQRSTUVWXY");
        assert_eq!(Label::gs1_128(&wide, 2026).map_err(|error| error.code()), Err("LABEL_TOO_WIDE"));
        let long = elements(&format!("(01)09501101530003(91){}", "1".repeat(90)));
        assert_eq!(Label::gs1_128(&long, 2026).map_err(|error| error.code()), Err("LABEL_TOO_LONG"));
        assert!(Label::data_matrix(&long, 2026).is_ok());
    }

    #[test]
    fn what_names_nothing_or_lacks_something_gets_no_label() {
        let base = LinkBase::parse("https://id.example.org").expect("a good address");
        for (text, code) in [("(10)L", "ID_KIND"), ("(01)09501101530003(37)5", "AI_COMBINATION"), ("", "LABEL_EMPTY")] {
            let elements = if text.is_empty() { ElementString::new() } else { elements(text) };
            let refused = [
                Label::data_matrix(&elements, 2026),
                Label::gs1_128(&elements, 2026),
                Label::qr_code(&elements, &base, 2026),
            ];
            for label in refused {
                assert_eq!(label.map_err(|error| error.code()), Err(code), "{text}");
            }
        }
    }

    #[test]
    fn hostile_serials_stay_text() {
        let pack = elements("(01)09501101530003(21)</text><b>&'\"%/(10)<!--");
        let base = LinkBase::parse("https://id.example.org").expect("a good address");
        for label in [Label::data_matrix(&pack, 2026), Label::gs1_128(&pack, 2026), Label::qr_code(&pack, &base, 2026)]
        {
            let svg = label.expect("a good label").to_svg(ModuleWidth::PACK);
            assert!(svg.contains(">&lt;/text&gt;&lt;b&gt;&amp;&#39;&quot;%/<"), "{svg}");
            assert!(!svg.contains("<b>") && !svg.contains("<!--"), "{svg}");
        }
    }
}
