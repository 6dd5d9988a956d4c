//! GS1 DataMatrix: Data Matrix ECC 200 with FNC1 in front (General Specifications 5.6, ISO/IEC 16022).
//!
//! Square symbols only, which every reader knows. Separators are group separators (ASCII 29), which the standard allows
//! there, rather than FNC1, which it prefers: the encoder cannot write that one behind the first place, and scanners send
//! the same for both.

use crate::modules::Modules;
use datamatrix::{DataMatrix, SymbolList, SymbolSize};

/// The modules for an element string, or nothing when it does not fit into the largest symbol.
pub(crate) fn encode(raw: &str) -> Option<Modules> {
    let encode = |sizes: SymbolList| DataMatrix::encode_gs1(raw.as_bytes(), sizes).ok();
    // From a list of sizes the encoder takes none for more bytes than the largest holds without compaction, although
    // digits and letters take less; of a single size it asks only whether the outcome fits.
    let symbol = encode(SymbolList::default().enforce_square()).or_else(|| encode(SymbolSize::Square144.into()))?;
    let bitmap = symbol.bitmap();
    Some(Modules::matrix(bitmap.width(), bitmap.bits().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_as_small_as_can_be_and_as_large_as_there_are() {
        for (raw, side) in [
            ("2011", Some(10)),
            ("0109501101530003", Some(16)),
            ("010950110153000321A1", Some(16)),
            ("010950110153000321AB1", Some(18)),
        ] {
            assert_eq!(encode(raw).map(|modules| modules.width()), side, "{raw}");
        }
        // 1558 codewords: FNC1, and two digits in each of the others.
        assert_eq!(encode(&"1".repeat(3_114)).map(|modules| modules.width()), Some(144));
        assert_eq!(encode(&"1".repeat(3_115)), None);
        assert_eq!(encode(&"1".repeat(8_192)), None);
    }
}
