//! PNG: greyscale, one bit per pixel, a whole number of pixels per module (ISO/IEC 15948).

use crate::LabelError;
use crate::limits::IMAGE_SIDE_PIXELS_MAX;
use crate::modules::Modules;
use png::{BitDepth, ColorType, Encoder};

/// The modules between light margins: at the left and right, and at the top and bottom.
pub(crate) fn png(modules: &Modules, margins: (usize, usize), pixels: usize) -> Result<Vec<u8>, LabelError> {
    let (across, down) = (modules.width() + 2 * margins.0, modules.height() + 2 * margins.1);
    let longer = across.max(down);
    if !longer.checked_mul(pixels).is_some_and(|side| (1..=IMAGE_SIDE_PIXELS_MAX).contains(&side)) {
        return Err(LabelError::ImageSize { pixels, modules: longer });
    }
    let side = |modules: usize| u32::try_from(modules * pixels).expect("not even the longer side has more pixels");
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, side(across), side(down));
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    let rows = pixel_rows(modules, margins, pixels);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&rows)?;
        writer.finish()
    });
    written.expect("memory takes every write, and the rows have the size that the header says");
    Ok(file)
}

/// Rows of packed pixels, the first one in the highest bit; a bit that is set is white.
fn pixel_rows(modules: &Modules, (left, top): (usize, usize), pixels: usize) -> Vec<u8> {
    let width = (modules.width() + 2 * left) * pixels;
    let light = vec![0xff; width.div_ceil(8)];
    let mut rows = light.repeat(top * pixels);
    for row in modules.rows() {
        let mut line = light.clone();
        let dark = row.iter().enumerate().filter(|(_, dark)| **dark);
        for x in dark.flat_map(|(module, _)| (left + module) * pixels..(left + module + 1) * pixels) {
            line[x / 8] &= !(0x80 >> (x % 8));
        }
        rows.extend_from_slice(&line.repeat(modules.row_height() * pixels));
    }
    rows.extend_from_slice(&light.repeat(top * pixels));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_packed_and_margins_are_light() {
        let modules = Modules::matrix(2, vec![true, false, true, true]);
        assert_eq!(
            pixel_rows(&modules, (1, 0), 3),
            [
                [0b1110_0011, 0b1111_1111],
                [0b1110_0011, 0b1111_1111],
                [0b1110_0011, 0b1111_1111],
                [0b1110_0000, 0b0111_1111],
                [0b1110_0000, 0b0111_1111],
                [0b1110_0000, 0b0111_1111],
            ]
            .concat()
        );
        assert_eq!(pixel_rows(&modules, (0, 1), 1), [0xff, 0x7f, 0x3f, 0xff]);
    }

    #[test]
    fn images_have_pixels_and_not_too_many() {
        let modules = Modules::matrix(2, vec![true; 4]);
        for (pixels, good) in [(0, false), (1, true), (2_048, true), (2_049, false), (usize::MAX, false)] {
            let file = png(&modules, (1, 1), pixels);
            assert_eq!(
                file.map(|_| true).map_err(|error| error.code()),
                good.then_some(true).ok_or("LABEL_IMAGE_SIZE")
            );
        }
    }
}
