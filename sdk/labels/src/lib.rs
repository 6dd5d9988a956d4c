//! Machine-readable codes, and labels for packs and logistic units: elements in, SVG and PNG out.
//!
//! A [`Symbol`] is one code: a GS1 DataMatrix for what scanners read on a pack, a QR code with a Digital Link for what
//! phones open, a GS1-128 for cases and pallets. A [`Label`] puts the human readable lines beside or above it: every
//! element under a title, dates that can be read one way only. For a thing that is known by its key alone, take
//! [`theriac_gs1::Key::elements`].
//!
//! ```
//! use theriac_gs1::ElementString;
//! use theriac_labels::{Label, LinkBase, ModuleWidth, Symbol};
//!
//! let pack = ElementString::from_bracketed(b"(01)09501101530003(21)A1(17)280500(10)LOT7")?;
//! let label = Label::data_matrix(&pack, 2026)?;
//! assert_eq!(label.lines().map(ToString::to_string).collect::<Vec<_>>()[2], "EXP 2028-05");
//! assert!(label.to_svg(ModuleWidth::PACK).starts_with("<svg "));
//!
//! let symbol = Symbol::qr_code(&pack, &LinkBase::parse("https://id.example.org")?)?;
//! assert_eq!(symbol.content(), "https://id.example.org/01/09501101530003/10/LOT7/21/A1?17=280500");
//! assert!(symbol.to_png(4)?.starts_with(b"\x89PNG"));
//! # Ok::<(), theriac_labels::LabelError>(())
//! ```
//!
//! Quiet zones and the height of bars are the standards' own; [`ModuleWidth`] has the usual widths of a module. How well
//! a print can be read (ISO/IEC 15415 and 15416) depends on printer and paper, and only a test print shows it.
//!
//! Pure: no clock, no float, no hash map, no I/O. No input makes it panic.

mod data_matrix;
mod drawing;
mod error;
mod gs1_128;
mod image;
mod label;
mod layout;
mod limits;
mod line;
mod link_base;
mod module_width;
mod modules;
mod qr_code;
mod symbol;
mod symbology;

pub use error::LabelError;
pub use label::Label;
pub use limits::{
    BAR_CODE_CHARS_MAX, BAR_HEIGHT_MODULES, IMAGE_SIDE_PIXELS_MAX, LINK_BASE_CHARS_MAX, LOGISTIC_WIDTH_MODULES_MAX,
    MODULE_MICROMETRES_MAX, MODULE_MICROMETRES_MIN,
};
pub use line::Line;
pub use link_base::LinkBase;
pub use module_width::ModuleWidth;
pub use symbol::Symbol;
pub use symbology::Symbology;
