//! What differs between two versions of a chaincode as they describe themselves, and whom a change hurts.
//!
//! Borsh is positional: an encoding is understood when the reader's schema knows every value that the writer's can
//! make. So a new argument schema may know more than the old one, a new result schema may not, and stored values are
//! read by the new version like arguments.

mod description;
mod schema;

pub use description::{Part, compare};
pub use schema::{SchemaChange, Shift};

/// Whom a change hurts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breaks {
    /// Who calls functions as before.
    Callers,
    /// Who reads results, events or foreign state as before.
    Readers,
    /// Values stored by the old version, which the new one does not understand.
    StoredValues,
}

impl Breaks {
    /// In lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Callers => "callers",
            Self::Readers => "readers",
            Self::StoredValues => "stored values",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The kind of thing that changed.
    pub part: Part,
    /// Its name: a function, a topic, a code, a table.
    pub name: String,
    /// What changed, as a sentence.
    pub sentence: String,
    /// Whom it hurts; nobody when none.
    pub breaks: Option<Breaks>,
}

/// What is compared: a description with the interfaces that its package imports.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// What the version says of itself.
    pub description: &'a theriac_types::Description,
    /// Interfaces of the host that it uses, ascending; none when they are not known.
    pub capabilities: Option<&'a [String]>,
}
