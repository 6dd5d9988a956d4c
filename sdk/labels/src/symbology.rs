//! The kinds of symbols, and what the standards say about each.

use std::fmt;

/// A kind of symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Symbology {
    /// Data Matrix ECC 200 (ISO/IEC 16022) that begins with FNC1.
    Gs1DataMatrix,
    /// QR code (ISO/IEC 18004) that holds a Digital Link.
    QrCode,
    /// Code 128 (ISO/IEC 15417) that begins with FNC1.
    Gs1128,
}

impl Symbology {
    /// How wide the light margin is: on all sides, but of bars at their left and right only.
    pub fn quiet_zone_modules(self) -> usize {
        match self {
            Self::Gs1DataMatrix => 1,
            Self::QrCode => 4,
            Self::Gs1128 => 10,
        }
    }

    /// What scanners send before the content (ISO/IEC 15424).
    pub fn identifier(self) -> &'static str {
        match self {
            Self::Gs1DataMatrix => "]d2",
            Self::QrCode => "]Q1",
            Self::Gs1128 => "]C1",
        }
    }
}

/// As people call it.
impl fmt::Display for Symbology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gs1DataMatrix => "GS1 DataMatrix",
            Self::QrCode => "QR code",
            Self::Gs1128 => "GS1-128",
        })
    }
}
