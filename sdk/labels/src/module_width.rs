//! How wide a module is printed.

use crate::LabelError;
use crate::limits::{LOGISTIC_MODULE_MICROMETRES, MODULE_MICROMETRES_MAX, MODULE_MICROMETRES_MIN};
use std::fmt;

/// The width of one module (X dimension) on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ModuleWidth {
    micrometres: u32,
}

impl ModuleWidth {
    /// 0.38 mm: what GS1 aims at for the DataMatrix of medicines that are not sold at a till; 0.254 mm and 0.99 mm are
    /// the ends of the range (General Specifications, symbol specification tables).
    pub const PACK: Self = Self { micrometres: 380 };
    /// 0.495 mm: the narrowest bar of a logistic label; 0.94 mm is the widest (General Specifications, symbol specification
    /// tables).
    pub const LOGISTIC: Self = Self { micrometres: LOGISTIC_MODULE_MICROMETRES };

    /// Any width that can be printed. A printer of 300 dots per inch prints multiples of 85 micrometres only.
    ///
    /// # Errors
    /// `LABEL_MODULE_WIDTH` below 0.1 mm and above 10 mm.
    pub fn from_micrometres(micrometres: u32) -> Result<Self, LabelError> {
        if (MODULE_MICROMETRES_MIN..=MODULE_MICROMETRES_MAX).contains(&micrometres) {
            Ok(Self { micrometres })
        } else {
            Err(LabelError::ModuleWidth { micrometres })
        }
    }

    /// The width.
    pub fn micrometres(self) -> u32 {
        self.micrometres
    }

    /// How long a number of modules is, as CSS writes it: `7.600mm`.
    pub(crate) fn times(self, modules: usize) -> Millimetres {
        Millimetres { micrometres: u64::from(self.micrometres).saturating_mul(modules as u64) }
    }
}

/// A length with three decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Millimetres {
    micrometres: u64,
}

impl fmt::Display for Millimetres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}mm", self.micrometres / 1_000, self.micrometres % 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_have_a_range_and_lengths_three_decimals() {
        for (micrometres, code) in
            [(0, Err("LABEL_MODULE_WIDTH")), (99, Err("LABEL_MODULE_WIDTH")), (100, Ok(100)), (10_000, Ok(10_000))]
        {
            let width = ModuleWidth::from_micrometres(micrometres);
            assert_eq!(width.map(ModuleWidth::micrometres).map_err(|error| error.code()), code);
        }
        assert!(ModuleWidth::from_micrometres(10_001).is_err());
        assert_eq!(ModuleWidth::PACK.times(20).to_string(), "7.600mm");
        assert_eq!(ModuleWidth::LOGISTIC.times(1).to_string(), "0.495mm");
    }
}
