//! One code: what it holds, and how it is drawn.

use crate::drawing::Drawing;
use crate::modules::Modules;
use crate::{LabelError, LinkBase, ModuleWidth, Symbology, data_matrix, gs1_128, image, qr_code};
use theriac_gs1::ElementString;

/// A code, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    symbology: Symbology,
    modules: Modules,
    content: String,
    text: String,
}

impl Symbol {
    /// A GS1 DataMatrix that holds the elements, those of predefined length first.
    ///
    /// # Errors
    /// `LABEL_EMPTY` without elements; `LABEL_TOO_LONG` for more than fits into 144 by 144 modules: 3,114 digits, or
    /// 1,500 and more characters of other kinds.
    pub fn data_matrix(elements: &ElementString) -> Result<Self, LabelError> {
        Self::of_elements(Symbology::Gs1DataMatrix, elements, data_matrix::encode)
    }

    /// A GS1-128 that holds the elements, those of predefined length first.
    ///
    /// # Errors
    /// `LABEL_EMPTY` without elements; `LABEL_TOO_LONG` for more than 48 characters, separators included.
    pub fn gs1_128(elements: &ElementString) -> Result<Self, LabelError> {
        Self::of_elements(Symbology::Gs1128, elements, gs1_128::encode)
    }

    /// A QR code that holds the Digital Link of the elements.
    ///
    /// # Errors
    /// `LABEL_EMPTY` without elements; `DL_SYNTAX` when they make no link; `LABEL_TOO_LONG` for a link of more than
    /// 2,331 characters, or somewhat more of them with many digits.
    pub fn qr_code(elements: &ElementString, base: &LinkBase) -> Result<Self, LabelError> {
        if elements.is_empty() {
            return Err(LabelError::Empty);
        }
        let content = elements.to_digital_link(base.as_str())?;
        let text = content.clone();
        Self::new(Symbology::QrCode, content, text, qr_code::encode)
    }

    fn of_elements(
        symbology: Symbology,
        elements: &ElementString,
        encode: fn(&str) -> Option<Modules>,
    ) -> Result<Self, LabelError> {
        if elements.is_empty() {
            return Err(LabelError::Empty);
        }
        let text = elements.iter().map(|element| format!("({}){}", element.ai(), element.value())).collect();
        Self::new(symbology, elements.to_raw(), text, encode)
    }

    fn new(
        symbology: Symbology,
        content: String,
        text: String,
        encode: fn(&str) -> Option<Modules>,
    ) -> Result<Self, LabelError> {
        match encode(&content) {
            Some(modules) => Ok(Self { symbology, modules, content, text }),
            None => Err(LabelError::TooLong { symbology, length: content.len() }),
        }
    }

    /// Its kind.
    pub fn symbology(&self) -> Symbology {
        self.symbology
    }

    /// What it holds: an element string with group separators (ASCII 29), or a URI. Scanners send it after the
    /// symbology's identifier.
    pub fn content(&self) -> &str {
        &self.content
    }

    /// What people read: the elements in their order, identifiers in brackets and nothing escaped; or the URI.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its width without quiet zones.
    pub fn width_modules(&self) -> usize {
        self.modules.width()
    }

    /// Its height without quiet zones; of a bar code, the height of the bars.
    pub fn height_modules(&self) -> usize {
        self.modules.height()
    }

    /// Whether a module is dark, counted from the left and from the top, without quiet zones. Outside it is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        self.modules.is_dark(x, y)
    }

    /// An SVG of the symbol in its quiet zones. Coordinates are whole modules, lengths millimetres; the title names the
    /// kind, the description is the text.
    pub fn to_svg(&self, module: ModuleWidth) -> String {
        let title = self.symbology.to_string();
        let mut drawing = Drawing::new(self.outer_width(), self.outer_height(), &title, &self.text);
        self.draw(&mut drawing, 0, 0);
        drawing.to_svg(module)
    }

    /// A PNG of the symbol in its quiet zones: greyscale, one bit per pixel.
    ///
    /// # Errors
    /// `LABEL_IMAGE_SIZE` for no pixels, or for a side of more than 8,192 of them.
    pub fn to_png(&self, pixels_per_module: usize) -> Result<Vec<u8>, LabelError> {
        image::png(&self.modules, self.margins(), pixels_per_module)
    }

    /// Puts the symbol into a drawing, the corner of its quiet zones at a place.
    pub(crate) fn draw(&self, drawing: &mut Drawing, x: usize, y: usize) {
        let (left, top) = self.margins();
        drawing.modules(&self.modules, x + left, y + top);
    }

    /// Its width with quiet zones.
    pub(crate) fn outer_width(&self) -> usize {
        self.modules.width() + 2 * self.margins().0
    }

    /// Its height with quiet zones.
    pub(crate) fn outer_height(&self) -> usize {
        self.modules.height() + 2 * self.margins().1
    }

    /// Its quiet zones: at the left and right, and at the top and bottom.
    fn margins(&self) -> (usize, usize) {
        let zone = self.symbology.quiet_zone_modules();
        match self.symbology {
            Symbology::Gs1DataMatrix | Symbology::QrCode => (zone, zone),
            Symbology::Gs1128 => (zone, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_zones_are_as_wide_as_the_standards_want() {
        let gtin = ElementString::from_bracketed(b"(01)09501101530003").expect("a good GTIN");
        let base = LinkBase::parse("https://id.example.org").expect("a good address");
        for (symbol, view_box, first_run) in [
            (Symbol::data_matrix(&gtin), "0 0 18 18", "M1 1h1"),
            (Symbol::qr_code(&gtin, &base), "0 0 37 37", "M4 4h7"),
            (Symbol::gs1_128(&gtin), "0 0 154 65", "M10 0h2v65"),
        ] {
            let symbol = symbol.expect("a good symbol");
            let svg = symbol.to_svg(ModuleWidth::PACK);
            assert!(svg.contains(&format!("viewBox=\"{view_box}\"")), "{svg}");
            assert!(svg.contains(&format!("d=\"{first_run}")), "{svg}");
            assert!(symbol.is_dark(0, 0) && symbol.is_dark(0, symbol.height_modules() - 1));
            assert!(!symbol.is_dark(symbol.width_modules(), 0) && !symbol.is_dark(0, symbol.height_modules()));
        }
    }

    #[test]
    fn what_people_read_has_nothing_escaped() {
        let pack = ElementString::from_bracketed(b"(21)A\\(1)(01)09501101530003").expect("good elements");
        let symbol = Symbol::data_matrix(&pack).expect("a good symbol");
        assert_eq!(symbol.text(), "(21)A(1)(01)09501101530003");
        assert_eq!(symbol.content(), "010950110153000321A(1)");
    }

    #[test]
    fn nothing_makes_no_symbol_and_no_key_no_link() {
        let base = LinkBase::parse("https://id.example.org").expect("a good address");
        let code = |symbol: Result<Symbol, LabelError>| symbol.map_err(|error| error.code());
        let nothing = ElementString::new();
        for symbol in [Symbol::data_matrix(&nothing), Symbol::gs1_128(&nothing), Symbol::qr_code(&nothing, &base)] {
            assert_eq!(code(symbol), Err("LABEL_EMPTY"));
        }
        let lot = ElementString::from_bracketed(b"(10)L").expect("a good lot");
        assert_eq!(code(Symbol::qr_code(&lot, &base)), Err("DL_SYNTAX"));
        assert!(Symbol::data_matrix(&lot).is_ok());
    }
}
