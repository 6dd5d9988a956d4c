//! Where symbols and lines stand on a label.

use crate::drawing::{Drawing, Letters};
use crate::limits::LOGISTIC_WIDTH_MODULES_MAX;
use crate::{Line, Symbol};

/// Beside a matrix: lines as tall as a few modules.
const BESIDE: Letters = Letters { line_height: 6, size: 5, advance: 3 };
/// Under bars, and titles on a logistic label: capitals of 3 mm and more.
const SMALL: Letters = Letters { line_height: 12, size: 10, advance: 6 };
/// Values on a logistic label, read from a fork lift: capitals of 7 mm (General Specifications 6.6.4.2).
const LARGE: Letters = Letters { line_height: 26, size: 21, advance: 12 };
/// From a quiet zone, a bar code or the edge to a text.
const GAP: usize = 2;

/// The symbols at the left, one under the other, and the lines beside them.
pub(crate) fn beside(symbols: &[Symbol], lines: &[Line], title: &str, description: &str) -> Drawing {
    let columns = Columns::new(lines, BESIDE, BESIDE, usize::MAX);
    let left = widest(symbols) + GAP;
    let height = symbols.iter().map(Symbol::outer_height).sum::<usize>().max(columns.height());
    let mut drawing = Drawing::new(left + columns.width() + GAP, height, title, description);
    let mut y = 0;
    for symbol in symbols {
        symbol.draw(&mut drawing, 0, y);
        y += symbol.outer_height();
    }
    columns.draw(&mut drawing, left);
    drawing
}

/// The lines at the top, under them the bar codes, the text of each below its bars.
pub(crate) fn stacked(symbols: &[Symbol], lines: &[Line], title: &str, description: &str) -> Drawing {
    let columns = Columns::new(lines, SMALL, LARGE, LOGISTIC_WIDTH_MODULES_MAX - 2 * GAP);
    let width = widest(symbols).max(columns.width() + 2 * GAP);
    let mut y = columns.height() + GAP;
    let heights = symbols.iter().map(|symbol| symbol.outer_height() + SMALL.line_height + GAP);
    let mut drawing = Drawing::new(width, y + heights.sum::<usize>(), title, description);
    columns.draw(&mut drawing, GAP);
    for symbol in symbols {
        symbol.draw(&mut drawing, 0, y);
        y += symbol.outer_height();
        let left = symbol.symbology().quiet_zone_modules();
        drawing.text(symbol.text(), SMALL, left, y + SMALL.size, symbol.width_modules());
        y += SMALL.line_height + GAP;
    }
    drawing
}

fn widest(symbols: &[Symbol]) -> usize {
    symbols.iter().map(Symbol::outer_width).max().unwrap_or_default()
}

/// Titles in one column, values in the next.
#[derive(Debug)]
struct Columns<'a> {
    lines: &'a [Line],
    titles: Letters,
    values: Letters,
    /// Where the values begin.
    indent: usize,
    /// How wide a value may be.
    room: usize,
}

impl<'a> Columns<'a> {
    /// Columns no wider together than `width_max`, unless titles take more than half of it.
    fn new(lines: &'a [Line], titles: Letters, values: Letters, width_max: usize) -> Self {
        let longest = lines.iter().map(|line| titles.width(line.title())).max().unwrap_or_default();
        let indent = longest + titles.advance;
        Self { lines, titles, values, indent, room: width_max.saturating_sub(indent).max(width_max / 2) }
    }

    fn height(&self) -> usize {
        self.lines.len() * self.values.line_height
    }

    fn width(&self) -> usize {
        let widest = self.lines.iter().map(|line| self.values.width(line.value())).max().unwrap_or_default();
        self.indent + widest.min(self.room)
    }

    fn draw(&self, drawing: &mut Drawing, left: usize) {
        for (index, line) in self.lines.iter().enumerate() {
            let foot = index * self.values.line_height + self.values.size;
            drawing.text(line.title(), self.titles, left, foot, usize::MAX);
            drawing.text(line.value(), self.values, left + self.indent, foot, self.room);
        }
    }
}
