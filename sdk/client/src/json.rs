//! JSON for people, borsh for the ledger: a chaincode's own schema says how one becomes the other.
//!
//! Structures are objects, sequences arrays, bytes hexadecimal text, options `null` or the value, enumerations the
//! variant's name or `{"name": content}`, 128-bit integers decimal text. There are no floats on the ledger.

mod key;
mod read;
mod write;

use borsh::schema::{BorshSchemaContainer, Definition};
use serde_json::Value;
use theriac_types::limits::{ARGS_BYTES_MAX, RESULT_BYTES_MAX};

/// Levels a value may nest.
const DEPTH_MAX: usize = 64;
/// Largest schema of one type, in bytes.
const SCHEMA_BYTES_MAX: usize = 256 * 1024;

/// A value that does not follow its schema, or a schema that describes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// The schema's bytes are not a schema.
    #[error("the chaincode's schema cannot be read: {reason}")]
    Schema {
        /// What is wrong.
        reason: String,
    },
    /// Another kind of value is wanted.
    #[error("{path}: expected {expected}, found {found}")]
    Expected {
        /// Where, from the root `$`.
        path: String,
        /// What the schema wants.
        expected: String,
        /// What is there, shortened.
        found: String,
    },
    /// A field is not there.
    #[error("{path}: the field {field:?} is missing; it is {expected}")]
    Missing {
        /// Where.
        path: String,
        /// Its name.
        field: String,
        /// Its type.
        expected: String,
    },
    /// A field or variant that the schema does not know.
    #[error("{path}: {found:?} is unknown; known are {known}")]
    Unknown {
        /// Where.
        path: String,
        /// The name.
        found: String,
        /// The names there are.
        known: String,
    },
    /// The bytes end too early, go on too long, or hold a value out of range.
    #[error("{path}: the bytes do not follow the schema: {reason}")]
    Bytes {
        /// Where.
        path: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// Too large or too deep.
    #[error("{path}: {what} exceeds {max}")]
    Limit {
        /// Where.
        path: String,
        /// What is limited.
        what: &'static str,
        /// The maximum.
        max: usize,
    },
}

/// How one type of a chaincode is written in borsh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema(BorshSchemaContainer);

impl Schema {
    /// Reads the schema that a chaincode describes an argument or result with.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, JsonError> {
        let container: BorshSchemaContainer = theriac_types::decode(bytes, SCHEMA_BYTES_MAX)
            .map_err(|error| JsonError::Schema { reason: error.to_string() })?;
        container.validate().map_err(|error| JsonError::Schema { reason: format!("{error:?}") })?;
        Ok(Self(container))
    }

    /// The type's name.
    pub fn name(&self) -> &str {
        self.0.declaration()
    }

    /// Whether the type holds nothing, as the argument of a function without one.
    pub fn is_unit(&self) -> bool {
        matches!(self.definition("$", self.name()), Ok(Definition::Primitive(0)))
    }

    /// JSON to borsh.
    pub fn encode(&self, value: &Value) -> Result<Vec<u8>, JsonError> {
        let mut bytes = Vec::new();
        write::write(self, self.name(), value, &Path::root(), &mut bytes)?;
        if bytes.len() > ARGS_BYTES_MAX {
            return Err(JsonError::Limit { path: "$".to_owned(), what: "the encoded value", max: ARGS_BYTES_MAX });
        }
        Ok(bytes)
    }

    /// Borsh to JSON. Every byte must be used.
    pub fn decode(&self, bytes: &[u8]) -> Result<Value, JsonError> {
        if bytes.len() > RESULT_BYTES_MAX.max(ARGS_BYTES_MAX) {
            return Err(JsonError::Limit { path: "$".to_owned(), what: "the value", max: ARGS_BYTES_MAX });
        }
        let mut rest = bytes;
        let value = read::read(self, self.name(), &Path::root(), &mut rest)?;
        if !rest.is_empty() {
            return Err(JsonError::Bytes { path: "$".to_owned(), reason: "bytes follow the value" });
        }
        Ok(value)
    }

    fn definition(&self, path: &str, declaration: &str) -> Result<&Definition, JsonError> {
        self.0
            .get_definition(declaration)
            .ok_or_else(|| JsonError::Schema { reason: format!("{path}: the type {declaration:?} is not described") })
    }
}

/// Where in a value we are.
struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
    depth: usize,
}

enum Step<'a> {
    Root,
    Field(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    fn root() -> Self {
        Self { parent: None, step: Step::Root, depth: 0 }
    }

    fn below(&'a self, step: Step<'a>) -> Result<Self, JsonError> {
        if self.depth == DEPTH_MAX {
            return Err(JsonError::Limit { path: self.text(), what: "nesting", max: DEPTH_MAX });
        }
        Ok(Self { parent: Some(self), step, depth: self.depth + 1 })
    }

    fn field(&'a self, name: &'a str) -> Result<Self, JsonError> {
        self.below(Step::Field(name))
    }

    fn index(&'a self, index: usize) -> Result<Self, JsonError> {
        self.below(Step::Index(index))
    }

    fn text(&self) -> String {
        let parent = self.parent.map(Self::text).unwrap_or_default();
        match self.step {
            Step::Root => "$".to_owned(),
            Step::Field(name) => format!("{parent}.{name}"),
            Step::Index(index) => format!("{parent}[{index}]"),
        }
    }

    fn bytes_error(&self, reason: &'static str) -> JsonError {
        JsonError::Bytes { path: self.text(), reason }
    }

    fn expected(&self, expected: impl Into<String>, found: &Value) -> JsonError {
        let found = found.to_string().chars().take(60).collect();
        JsonError::Expected { path: self.text(), expected: expected.into(), found }
    }
}

/// What an integer type is called: signedness and width in bytes; none for other types.
fn integer(declaration: &str) -> Option<(bool, usize)> {
    let signed = match declaration.chars().next()? {
        'u' => false,
        'i' => true,
        _ => return None,
    };
    match &declaration[1..] {
        "8" => Some((signed, 1)),
        "16" => Some((signed, 2)),
        "32" => Some((signed, 4)),
        "64" => Some((signed, 8)),
        "128" => Some((signed, 16)),
        _ => None,
    }
}

/// The key type's name when a sequence of pairs is a map with text for keys.
fn is_text_map(declaration: &str) -> bool {
    declaration.starts_with("BTreeMap<String,") || declaration.starts_with("HashMap<String,")
}

/// The variant's content type of an option, when the enumeration is one.
fn option_content(declaration: &str, variants: &[(i64, String, String)]) -> Option<String> {
    match variants {
        [(0, none, _), (1, some, content)]
            if none == "None" && some == "Some" && declaration.starts_with("Option<") =>
        {
            Some(content.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
