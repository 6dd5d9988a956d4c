//! Places in a document, spelled out only when a problem is told.

use std::fmt;

/// A place: a field or an item of another place.
#[derive(Clone, Copy)]
pub(crate) enum Path<'a> {
    Root,
    Field(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    /// A field of the object here.
    pub fn field(&'a self, name: &'a str) -> Self {
        Self::Field(self, name)
    }

    /// An item of the array here.
    pub fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }
}

/// A JSON path such as `$.epcisBody.eventList[0].eventTime`.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("$"),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}
