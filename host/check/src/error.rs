//! Why a package is refused. Each reason has a stable code and says what to do.

use std::fmt;

/// A thing that no chaincode may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forbidden {
    /// A function that runs before the chaincode is called.
    Start,
    /// A memory, table or global that comes from outside.
    ImportedState,
    /// Not exactly one memory.
    Memories,
    /// More than one table.
    Tables,
    /// An export whose name is kept for the peer.
    ReservedName,
}

/// Where in a module something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The byte.
    pub offset: u64,
    /// The function, in the names of its source; by its number when the module has none.
    pub function: Option<String>,
    /// Functions that lead to it, when it is of Rust's own libraries.
    pub callers: Vec<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(function) = &self.function {
            write!(out, "in {function}{}, ", called(&self.callers))?;
        }
        write!(out, "at byte {}", self.offset)
    }
}

/// A package that may not be deployed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// Not a core module, or broken.
    #[error(
        "not a WebAssembly core module: {reason} (at byte {offset}). Build the package with `theriac chaincode build`"
    )]
    Malformed {
        /// The validator's words.
        reason: String,
        /// Where.
        offset: u64,
    },
    /// Uses what the accepted language does not have.
    #[error(
        "uses WebAssembly beyond the accepted language: {reason} ({place}). {hint}. Build for \
         wasm32-unknown-unknown without further target features, with `theriac chaincode build`"
    )]
    Feature {
        /// The validator's words.
        reason: String,
        /// Where.
        place: Place,
        /// What usually leads to it.
        hint: &'static str,
    },
    /// Computes with floating point.
    #[error(
        "contains floating point ({place}), whose results may differ between machines. {hint}. Use integers or fixed \
         point"
    )]
    Floats {
        /// Where.
        place: Place,
        /// What usually leads to it.
        hint: &'static str,
    },
    /// Something is too large or there is too much of it.
    #[error("{what}: {found} exceeds the limit of {max}. Make the chaincode smaller, or split it")]
    Limit {
        /// What is limited.
        what: &'static str,
        /// What was found.
        found: usize,
        /// What is allowed.
        max: usize,
    },
    /// Has what no chaincode may have.
    #[error("{found}. {advice}")]
    Forbidden {
        /// Of which kind.
        kind: Forbidden,
        /// A sentence.
        found: String,
        /// What to do.
        advice: &'static str,
    },
    /// Asks for what no peer offers.
    #[error(
        "imports {module:?} {name:?}, which no peer offers{}. {hint}. Chaincode has no files, network, clock or \
         randomness: remove what asks for it, and use the contexts of theriac-chaincode",
        called(callers)
    )]
    UnknownImport {
        /// The module asked for.
        module: String,
        /// The name in it.
        name: String,
        /// Some of the functions that call it.
        callers: Vec<String>,
        /// What usually leads to it.
        hint: &'static str,
    },
    /// Lacks or mistypes a part of the interface.
    #[error(
        "does not fit the interface theriac:chaincode: {reason}. Build it against a theriac-chaincode of this network"
    )]
    Interface {
        /// What does not fit.
        reason: String,
    },
    /// Does not say what it offers.
    #[error("does not describe itself well: {reason}. Write it with #[chaincode] of theriac-chaincode")]
    Description {
        /// What came instead.
        reason: String,
    },
    /// Metering cannot be injected: a mistake of the peer's, which refuses the package for it.
    #[error("cannot be metered: {reason}. Report this to whoever makes the peers' software")]
    Metering {
        /// What went wrong.
        reason: String,
    },
}

fn called(callers: &[String]) -> String {
    if callers.is_empty() { String::new() } else { format!(", called by {}", callers.join(", ")) }
}

impl CheckError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "PACKAGE_MALFORMED",
            Self::Feature { .. } => "PACKAGE_FEATURE",
            Self::Floats { .. } => "PACKAGE_FLOATS",
            Self::Limit { .. } => "PACKAGE_LIMIT",
            Self::Forbidden { kind: Forbidden::Start, .. } => "PACKAGE_START",
            Self::Forbidden { .. } => "PACKAGE_STRUCTURE",
            Self::UnknownImport { .. } => "PACKAGE_IMPORT",
            Self::Interface { .. } => "PACKAGE_INTERFACE",
            Self::Description { .. } => "PACKAGE_DESCRIPTION",
            Self::Metering { .. } => "PACKAGE_METERING",
        }
    }
}
