//! The maxima of this crate, and the sizes that the standards prescribe.

/// Most characters of a GS1-128: identifiers, values and separators, the leading FNC1 not counted (General
/// Specifications 5.4.4.3).
pub const BAR_CODE_CHARS_MAX: usize = 48;
/// Widest a GS1-128 on a logistic label may be, quiet zones included: 165.1 mm (General Specifications 5.4.4.3) of the
/// narrowest modules that a logistic label may have, 0.495 mm.
pub const LOGISTIC_WIDTH_MODULES_MAX: usize = 165_100 / LOGISTIC_MODULE_MICROMETRES as usize;
/// Height of the bars of a GS1-128. On a logistic label they are at least 31.75 mm high, whatever the module's width.
pub const BAR_HEIGHT_MODULES: usize = 31_750_usize.div_ceil(LOGISTIC_MODULE_MICROMETRES as usize);
/// Narrowest module on a logistic label.
pub(crate) const LOGISTIC_MODULE_MICROMETRES: u32 = 495;

/// Most characters of the address that Digital Links begin with.
pub const LINK_BASE_CHARS_MAX: usize = 256;

/// Narrowest module: printers do worse than that.
pub const MODULE_MICROMETRES_MIN: u32 = 100;
/// Widest module: a QR code on a poster.
pub const MODULE_MICROMETRES_MAX: u32 = 10_000;
/// Most pixels of a PNG along one side: at one bit each, the largest one takes eight megabytes of memory.
pub const IMAGE_SIDE_PIXELS_MAX: usize = 8_192;

const _: () = assert!(MODULE_MICROMETRES_MIN < LOGISTIC_MODULE_MICROMETRES);
const _: () = assert!(LOGISTIC_MODULE_MICROMETRES < MODULE_MICROMETRES_MAX);
// A lot of 20 letters has room: 22 characters, start, FNC1, check character and stop, and the quiet zones.
const _: () = assert!(LOGISTIC_WIDTH_MODULES_MAX >= 11 * 26 + 2 + 20);
