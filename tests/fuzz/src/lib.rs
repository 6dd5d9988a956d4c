//! What has to hold for every input of the parsers, as the fuzz targets ask it.
//!
//! A parser may refuse, with a code and a sentence. What it accepts, it must have understood: written again, in every
//! syntax that can say it, it is read as the same thing. And it answers in time that grows with the input's length.

mod codes;
mod documents;
mod pace;

pub use codes::check_code;
pub use documents::{check_json, check_xml};
