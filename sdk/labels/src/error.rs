//! Why there is no symbol or label: a stable code and one sentence that says what to do next.

use crate::Symbology;
use crate::limits::{IMAGE_SIDE_PIXELS_MAX, MODULE_MICROMETRES_MAX, MODULE_MICROMETRES_MIN};
use std::fmt::Display;
use theriac_gs1::{Ai, Gs1Error};
use thiserror::Error;

/// A symbol or label that cannot be made. The caller asked for what no symbol can be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LabelError {
    /// There are no elements.
    #[error("there is nothing to encode; add elements, such as (01) and (21)")]
    Empty,
    /// More than the symbol can hold.
    #[error("{length} characters do not fit into a {symbology}; {}", remedy(*symbology))]
    TooLong {
        /// The kind of symbol.
        symbology: Symbology,
        /// How many characters there are, separators included.
        length: usize,
    },
    /// A bar code that is too wide for a logistic label.
    #[error("the bar code of {ai:#} is {modules} modules wide, a label has room for {max}; put it into a DataMatrix")]
    TooWide {
        /// The only element of the bar code.
        ai: Ai,
        /// Its width with its quiet zones.
        modules: usize,
        /// The widest.
        max: usize,
    },
    /// An address that no Digital Link can begin with.
    #[error("{base:?} is no address for Digital Links: {reason}; write one such as https://id.example.org")]
    LinkBase {
        /// The address, shortened.
        base: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A module that nobody can print.
    #[error(
        "modules of {micrometres} micrometres cannot be printed; choose {}",
        range(MODULE_MICROMETRES_MIN, MODULE_MICROMETRES_MAX)
    )]
    ModuleWidth {
        /// The width asked for.
        micrometres: u32,
    },
    /// A PNG without pixels, or with too many.
    #[error("{modules} modules of {pixels} pixels make no image; choose {}", range(1, IMAGE_SIDE_PIXELS_MAX / modules.max(&1)))]
    ImageSize {
        /// Pixels per module asked for.
        pixels: usize,
        /// The longer side of the symbol with its quiet zones.
        modules: usize,
    },
    /// Elements that do not belong together, or name nothing, or make no Digital Link.
    #[error(transparent)]
    Elements(#[from] Gs1Error),
}

impl LabelError {
    /// The stable code; of elements, GS1's.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "LABEL_EMPTY",
            Self::TooLong { .. } => "LABEL_TOO_LONG",
            Self::TooWide { .. } => "LABEL_TOO_WIDE",
            Self::LinkBase { .. } => "LABEL_LINK_BASE",
            Self::ModuleWidth { .. } => "LABEL_MODULE_WIDTH",
            Self::ImageSize { .. } => "LABEL_IMAGE_SIZE",
            Self::Elements(error) => error.code(),
        }
    }
}

fn remedy(symbology: Symbology) -> &'static str {
    match symbology {
        Symbology::Gs1128 => "leave elements out, or take a GS1 DataMatrix",
        Symbology::Gs1DataMatrix | Symbology::QrCode => "leave elements out",
    }
}

fn range(min: impl Display, max: impl Display) -> String {
    format!("{min} to {max}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_says_what_to_do_next() {
        let errors = [
            LabelError::Empty,
            LabelError::TooLong { symbology: Symbology::Gs1128, length: 49 },
            LabelError::TooLong { symbology: Symbology::QrCode, length: 4_000 },
            LabelError::TooWide { ai: Ai::GIAI, modules: 400, max: 333 },
            LabelError::LinkBase { base: "x".to_owned(), reason: "it is short" },
            LabelError::ModuleWidth { micrometres: 0 },
            LabelError::ImageSize { pixels: 0, modules: 0 },
        ];
        for error in errors {
            assert!(error.code().starts_with("LABEL_"), "{error}");
            assert!(error.to_string().contains("; "), "{error}");
        }
        let error = LabelError::TooLong { symbology: Symbology::Gs1128, length: 49 };
        assert_eq!(
            error.to_string(),
            "49 characters do not fit into a GS1-128; leave elements out, or take a GS1 DataMatrix"
        );
        let error = LabelError::ImageSize { pixels: 500, modules: 18 };
        assert!(error.to_string().ends_with("choose 1 to 455"), "{error}");
    }

    #[test]
    fn what_is_wrong_with_elements_keeps_its_code() {
        let error = theriac_gs1::ElementString::from_bracketed(b"(01)09501101530004").expect_err("a wrong digit");
        let sentence = error.to_string();
        let error = LabelError::from(error);
        assert_eq!((error.code(), error.to_string()), ("ID_CHECK_DIGIT", sentence));
    }
}
