//! SVG: modules and texts at whole coordinates, one module to the unit.

use crate::ModuleWidth;
use crate::modules::Modules;
use std::fmt::Write;

/// A drawing that grows.
#[derive(Debug)]
pub(crate) struct Drawing {
    width: usize,
    height: usize,
    head: String,
    path: String,
    texts: String,
}

/// The size of a text's letters.
///
/// Every reader has other fonts: all letters get the same width, whatever the font has, so that nothing runs into a
/// quiet zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Letters {
    /// From the foot of one line to that of the next.
    pub line_height: usize,
    /// The font's size.
    pub size: usize,
    /// From one letter to the next.
    pub advance: usize,
}

impl Letters {
    /// How wide a text is.
    pub fn width(self, text: &str) -> usize {
        self.advance * text.chars().count()
    }
}

impl Drawing {
    pub fn new(width: usize, height: usize, title: &str, description: &str) -> Self {
        let head = format!("<title>{}</title><desc>{}</desc>", escaped(title), escaped(description));
        Self { width, height, head, path: String::new(), texts: String::new() }
    }

    /// Adds dark modules, their upper left corner at a place. All of them are one path: no viewer shows seams.
    pub fn modules(&mut self, modules: &Modules, x: usize, y: usize) {
        let height = modules.row_height();
        for run in modules.runs() {
            let (x, y) = (x + run.x, y + run.y);
            write!(self.path, "M{x} {y}h{}v{height}h-{}z", run.width, run.width).expect("a string takes every write");
        }
    }

    /// Adds a text, the foot of its first letter at a place, squeezed to a width when it is wider.
    pub fn text(&mut self, text: &str, letters: Letters, x: usize, y: usize, width_max: usize) {
        let Letters { size, .. } = letters;
        let length = letters.width(text).min(width_max);
        write!(
            self.texts,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" textLength=\"{length}\" \
             lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            escaped(text)
        )
        .expect("a string takes every write");
    }

    /// The whole document. Its background is white, so that the light modules are light on every page.
    pub fn to_svg(&self, module: ModuleWidth) -> String {
        let Self { width, height, head, path, texts } = self;
        let (across, down) = (module.times(*width), module.times(*height));
        let texts = match texts.as_str() {
            "" => String::new(),
            texts => format!("<g font-family=\"monospace\">{texts}</g>"),
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{across}\" height=\"{down}\" \
             viewBox=\"0 0 {width} {height}\">{head}<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\
             <path fill=\"#000\" shape-rendering=\"crispEdges\" d=\"{path}\"/>{texts}</svg>\n"
        )
    }
}

/// A text as XML has it, in elements and in attributes. What XML cannot hold shows as a replacement character.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{0}'..'\u{20}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(escaped("</text><script>&'\"%"), "&lt;/text&gt;&lt;script&gt;&amp;&#39;&quot;%");
        assert_eq!(escaped("10A\u{1d}21B\u{0}"), "10A\u{fffd}21B\u{fffd}");
    }

    #[test]
    fn a_drawing_has_whole_coordinates_and_both_names() {
        let mut drawing = Drawing::new(5, 3, "a<b", "c&d");
        drawing.modules(&Modules::matrix(2, vec![true, true, false, true]), 1, 1);
        drawing.text("<&>", Letters { line_height: 6, size: 5, advance: 3 }, 1, 2, 100);
        assert_eq!(
            drawing.to_svg(ModuleWidth::PACK),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"1.900mm\" height=\"1.140mm\" \
             viewBox=\"0 0 5 3\"><title>a&lt;b</title><desc>c&amp;d</desc><rect width=\"5\" height=\"3\" \
             fill=\"#fff\"/><path fill=\"#000\" shape-rendering=\"crispEdges\" d=\"M1 1h2v1h-2zM2 2h1v1h-1z\"/>\
             <g font-family=\"monospace\"><text x=\"1\" y=\"2\" font-size=\"5\" textLength=\"9\" \
             lengthAdjust=\"spacingAndGlyphs\">&lt;&amp;&gt;</text></g></svg>\n"
        );
    }

    #[test]
    fn a_text_is_never_wider_than_it_may_be() {
        let letters = Letters { line_height: 6, size: 5, advance: 3 };
        let mut drawing = Drawing::new(9, 9, "", "");
        drawing.text("1234", letters, 0, 5, 9);
        assert!(drawing.to_svg(ModuleWidth::PACK).contains("textLength=\"9\""));
    }
}
