//! Reads symbols back from pictures of them, with a decoder that shares no code with the encoders.
pub mod svg;

use rxing::common::HybridBinarizer;
use rxing::datamatrix::DataMatrixReader;
use rxing::oned::Code128Reader;
use rxing::qrcode::QRCodeReader;
use rxing::{
    BinaryBitmap, DecodeHints, Luma8LuminanceSource, RXingResult, RXingResultMetadataType, RXingResultMetadataValue,
    Reader,
};
use theriac_labels::Symbology;

/// A picture in shades of grey, one byte to the pixel, rows from the top.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
}

impl Picture {
    /// A white picture.
    pub fn white(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![255; width * height] }
    }

    /// What a PNG shows; it has to be of one bit to the pixel.
    pub fn of_png(file: &[u8]) -> Self {
        let mut decoder = png::Decoder::new(std::io::Cursor::new(file));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        assert_eq!(
            (reader.info().color_type, reader.info().bit_depth),
            (png::ColorType::Grayscale, png::BitDepth::One)
        );
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        Self { width: info.width as usize, height: info.height as usize, pixels }
    }

    /// Blackens a rectangle.
    pub fn blacken(&mut self, x: usize, y: usize, width: usize, height: usize) {
        for row in self.pixels.chunks_exact_mut(self.width).skip(y).take(height) {
            row[x..x + width].fill(0);
        }
    }

    /// With a white frame as wide, in pixels.
    pub fn framed(&self, frame: usize) -> Self {
        let mut framed = Self::white(self.width + 2 * frame, self.height + 2 * frame);
        for (y, row) in self.pixels.chunks_exact(self.width).enumerate() {
            let start = (y + frame) * framed.width + frame;
            framed.pixels[start..start + self.width].copy_from_slice(row);
        }
        framed
    }

    /// A part of it.
    pub fn part(&self, x: usize, y: usize, width: usize, height: usize) -> Self {
        let rows = self.pixels.chunks_exact(self.width).skip(y).take(height);
        Self { width, height, pixels: rows.flat_map(|row| row[x..x + width].to_vec()).collect() }
    }

    /// What a scanner sends for the symbol: its identifier, then the content.
    pub fn scanned(&self, symbology: Symbology) -> Result<String, String> {
        let found = match symbology {
            Symbology::Gs1DataMatrix => self.decoded_by(DataMatrixReader),
            Symbology::QrCode => self.decoded_by(QRCodeReader),
            Symbology::Gs1128 => self.decoded_by(Code128Reader),
        };
        let found = found.map_err(|error| error.to_string())?;
        let metadata = found.getRXingResultMetadata();
        let Some(RXingResultMetadataValue::SymbologyIdentifier(identifier)) =
            metadata.get(&RXingResultMetadataType::SYMBOLOGY_IDENTIFIER)
        else {
            return Err("no symbology identifier".to_owned());
        };
        Ok(match symbology {
            Symbology::Gs1128 => of_code_128(&found),
            _ => format!("{identifier}{}", found.getText()),
        })
    }

    /// Finds the symbol in the picture. Large regular symbols hold what looks like the corner of another one, and then
    /// the picture is taken for one without perspective.
    fn decoded_by(&self, mut reader: impl Reader) -> rxing::common::Result<RXingResult> {
        let (width, height) = (self.width.try_into().unwrap(), self.height.try_into().unwrap());
        let mut decode = |pure| {
            let source = Luma8LuminanceSource::new(self.pixels.clone(), width, height).unwrap();
            let hints = DecodeHints {
                AssumeGs1: Some(true),
                TryHarder: Some(true),
                PureBarcode: pure,
                ..DecodeHints::default()
            };
            reader.decode_with_hints(&mut BinaryBitmap::new(HybridBinarizer::new(source)), &hints)
        };
        decode(None).or_else(|_| decode(Some(true)))
    }
}

/// The text of a Code 128 with the identifier in front. The decoder takes the check character for content too: when it
/// is FNC1 a separator is at the end, when it is FNC2 another identifier in front.
fn of_code_128(found: &RXingResult) -> String {
    let [.., check, stop] = found.getRawBytes() else { panic!("too few characters") };
    assert_eq!(*stop, 106);
    let text = found.getText();
    match check {
        102 => text.strip_suffix('\u{1d}').unwrap().to_owned(),
        _ => text.to_owned(),
    }
}
