//! QR codes that hold a Digital Link (ISO/IEC 18004), at level M of error correction: fifteen percent may be damaged.

use crate::modules::Modules;
use qrcode::{Color, EcLevel, QrCode};

/// The modules for a URI, or nothing when it does not fit into the largest symbol.
pub(crate) fn encode(uri: &str) -> Option<Modules> {
    let code = QrCode::with_error_correction_level(uri, EcLevel::M).ok()?;
    let width = code.width();
    Some(Modules::matrix(width, code.into_colors().into_iter().map(|color| color == Color::Dark).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_as_small_as_can_be_and_as_large_as_there_are() {
        for (length, side) in [(1, Some(21)), (14, Some(21)), (15, Some(25)), (2_331, Some(177)), (2_332, None)] {
            assert_eq!(encode(&"a".repeat(length)).map(|modules| modules.width()), side, "{length}");
        }
    }
}
