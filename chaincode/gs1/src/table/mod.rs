//! What GS1 says about each application identifier: the parts of its value, how scanners and Digital Links treat it,
//! and which others it needs or excludes (General Specifications 3; GS1 Digital Link: URI Syntax).

mod lookup;
mod rows;

pub use lookup::{Component, Rules, all};
pub(crate) use lookup::{fits, row};
