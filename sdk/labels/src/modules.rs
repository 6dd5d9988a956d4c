//! Dark and light modules, row by row.

/// A rectangle of modules. A row may be many modules high: bars are one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Modules {
    width: usize,
    row_height: usize,
    dark: Vec<bool>,
}

/// Neighbouring dark modules of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first module from the left.
    pub x: usize,
    /// The top of the row.
    pub y: usize,
    /// How many modules there are.
    pub width: usize,
}

impl Modules {
    /// A matrix, its rows from top to bottom; a last row that is not complete is left out.
    pub fn matrix(width: usize, dark: Vec<bool>) -> Self {
        Self { width, row_height: 1, dark }
    }

    /// Bars of one height.
    pub fn bars(dark: Vec<bool>, height: usize) -> Self {
        Self { width: dark.len(), row_height: height, dark }
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn height(&self) -> usize {
        self.rows().len() * self.row_height
    }

    /// How high each row is.
    pub fn row_height(&self) -> usize {
        self.row_height
    }

    /// Whether the module is dark; outside it is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let row = y.checked_div(self.row_height).and_then(|row| self.rows().nth(row));
        row.and_then(|row| row.get(x)).copied().unwrap_or(false)
    }

    /// The rows from top to bottom.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[bool]> {
        self.dark.chunks_exact(self.width.max(1))
    }

    /// All runs, from top to bottom and from left to right.
    pub fn runs(&self) -> impl Iterator<Item = Run> {
        self.rows().enumerate().flat_map(|(index, row)| {
            let y = index * self.row_height;
            let chunks = row.chunk_by(|a, b| a == b);
            let starts = chunks.scan(0, |end, chunk| {
                *end += chunk.len();
                Some((*end - chunk.len(), chunk))
            });
            let dark = starts.filter(|(_, chunk)| chunk.first() == Some(&true));
            dark.map(move |(x, chunk)| Run { x, y, width: chunk.len() })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_the_dark_modules() {
        let dark = [1, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1].map(|bit| bit == 1).to_vec();
        let matrix = Modules::matrix(4, dark.clone());
        let run = |x, y, width| Run { x, y, width };
        assert_eq!(matrix.runs().collect::<Vec<_>>(), [run(0, 0, 2), run(3, 0, 1), run(1, 2, 3)]);
        assert_eq!((matrix.width(), matrix.height()), (4, 3));
        let bars = Modules::bars(dark, 65);
        assert_eq!((bars.width(), bars.height()), (12, 65));
        assert_eq!(bars.runs().map(|run| run.width).sum::<usize>(), 6);
        assert!(bars.is_dark(0, 64) && !bars.is_dark(2, 64) && !bars.is_dark(0, 65) && !bars.is_dark(12, 0));
    }

    #[test]
    fn nothing_is_light() {
        let nothing = Modules::matrix(0, Vec::new());
        assert_eq!((nothing.width(), nothing.height(), nothing.runs().count()), (0, 0, 0));
        assert!(!nothing.is_dark(0, 0));
    }
}
