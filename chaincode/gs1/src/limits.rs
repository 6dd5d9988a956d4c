//! The maxima of this crate: nothing it reads or keeps is unbounded.

/// Most bytes of one scan, typed text, Digital Link or EPC URN. The largest QR code holds 7,089 digits.
pub const INPUT_BYTES_MAX: usize = 8_192;
/// Most different application identifiers in one element string.
pub const ELEMENTS_MAX: usize = 128;
/// Most characters of one value: the internal identifiers (91) to (99) take the most.
pub const VALUE_CHARS_MAX: usize = 90;
/// Most bytes of a text that is decoded from borsh.
pub const TEXT_BYTES_MAX: usize = 1_024;
/// Most characters of an input that a message quotes.
pub const QUOTED_CHARS_MAX: usize = 80;
/// Fewest digits of a GS1 company prefix in an EPC URN.
pub const URN_PREFIX_DIGITS_MIN: usize = 6;
/// Most digits of a GS1 company prefix.
pub const PREFIX_DIGITS_MAX: usize = 12;

const _: () = assert!(VALUE_CHARS_MAX * 3 * 2 < TEXT_BYTES_MAX, "a key and a qualifier, all escaped, make a path");
const _: () = assert!(QUOTED_CHARS_MAX < INPUT_BYTES_MAX && VALUE_CHARS_MAX < INPUT_BYTES_MAX);
const _: () = assert!(URN_PREFIX_DIGITS_MIN < PREFIX_DIGITS_MAX);
