//! A file of vectors: read and compared, or written anew on purpose.

use borsh::{BorshDeserialize, BorshSerialize};
use serde_json::{Map, Value};
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use theriac_types::{decode, encode};

/// Set to `1`, it makes tests write their files instead of comparing.
pub const BLESS: &str = "THERIAC_BLESS";

/// A vector file that does not say what the code computes.
#[derive(Debug, thiserror::Error)]
pub enum GoldenError {
    /// The file cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no JSON object.
    #[error("{path} is no vector file: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What the parser met.
        reason: String,
    },
    /// A format changed.
    #[error(
        "{path}: these vectors differ:\n{differences}If this change of format is meant, run the tests with \
         {BLESS}=1 and say so in the commit."
    )]
    Differs {
        /// The file.
        path: PathBuf,
        /// One line per field.
        differences: String,
    },
}

/// The fields of one vector, in the order they were added.
#[derive(Debug, Clone, Default)]
pub struct Vector(Map<String, Value>);

impl Vector {
    /// Adds the canonical encoding of a value, after making sure that it is the only one.
    ///
    /// # Panics
    /// When the bytes do not decode to the same value, or when they still decode with a byte more or a byte less.
    #[must_use]
    pub fn encoded<T>(self, field: &str, value: &T) -> Self
    where
        T: BorshSerialize + BorshDeserialize + PartialEq + Debug,
    {
        let bytes = encode(value);
        assert_eq!(decode::<T>(&bytes, bytes.len()).as_ref(), Ok(value), "{field} decodes to itself");
        assert!(decode::<T>(&bytes[..bytes.len() - 1], bytes.len()).is_err(), "{field} cut short is refused");
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(decode::<T>(&longer, longer.len()).is_err(), "{field} with a trailing byte is refused");
        self.bytes(field, &bytes)
    }

    /// Adds bytes that are no canonical encoding: keys, signatures, frames.
    #[must_use]
    pub fn bytes(self, field: &str, bytes: &[u8]) -> Self {
        self.text(field, hex::encode(bytes))
    }

    /// Adds anything else a reader should see.
    #[must_use]
    pub fn text(mut self, field: &str, text: impl ToString) -> Self {
        self.0.insert(field.to_owned(), Value::String(text.to_string()));
        self
    }
}

/// One file of vectors.
#[derive(Debug)]
pub struct Golden {
    path: PathBuf,
    vectors: Map<String, Value>,
}

impl Golden {
    /// Starts collecting for `vectors/<name>.json`.
    pub fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(format!("{name}.json"));
        Self { path, vectors: Map::new() }
    }

    /// Adds a vector.
    ///
    /// # Panics
    /// When the name is taken.
    pub fn add(&mut self, name: &str, vector: Vector) {
        let earlier = self.vectors.insert(name.to_owned(), Value::Object(vector.0));
        assert!(earlier.is_none(), "two vectors are named {name}");
    }

    /// Compares with the file, or writes it when [`BLESS`] is set.
    ///
    /// # Errors
    /// Names every field that differs, is missing or is no longer computed.
    pub fn finish(self) -> Result<(), GoldenError> {
        let io = |source| GoldenError::Io { path: self.path.clone(), source };
        if std::env::var(BLESS).as_deref() == Ok("1") {
            std::fs::create_dir_all(self.path.parent().unwrap_or(Path::new("."))).map_err(io)?;
            let text = serde_json::to_string_pretty(&self.vectors).expect("strings and maps are JSON");
            return std::fs::write(&self.path, text + "\n").map_err(io);
        }
        let text = std::fs::read_to_string(&self.path).map_err(io)?;
        let stored: Map<String, Value> = serde_json::from_str(&text)
            .map_err(|e| GoldenError::Malformed { path: self.path.clone(), reason: e.to_string() })?;
        let differences = differences(&stored, &self.vectors);
        if differences.is_empty() {
            return Ok(());
        }
        Err(GoldenError::Differs { path: self.path, differences })
    }
}

/// One line for every field that is not the same on both sides.
fn differences(stored: &Map<String, Value>, computed: &Map<String, Value>) -> String {
    let mut lines = String::new();
    let empty = Map::new();
    let names: std::collections::BTreeSet<&String> = stored.keys().chain(computed.keys()).collect();
    for name in names {
        let fields = |side: &'_ Map<String, Value>| side.get(name).and_then(Value::as_object).cloned();
        let (old, new) = (fields(stored).unwrap_or(empty.clone()), fields(computed).unwrap_or(empty.clone()));
        let fields: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for field in fields.into_iter().filter(|f| old.get(*f) != new.get(*f)) {
            let show = |value: Option<&Value>| value.map_or("nothing".to_owned(), ToString::to_string);
            lines +=
                &format!("  {name}.{field}\n    file: {}\n    code: {}\n", show(old.get(field)), show(new.get(field)));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, vector: Vector) -> Map<String, Value> {
        let mut golden = Golden::new("none");
        golden.add(name, vector);
        golden.vectors
    }

    #[test]
    fn a_changed_a_missing_and_a_forgotten_field_are_named() {
        let stored = of("a", Vector::default().bytes("x", &[1]).bytes("y", &[2]));
        assert_eq!(differences(&stored, &stored), "");
        let computed = of("a", Vector::default().bytes("x", &[3]).bytes("z", &[4]));
        let text = differences(&stored, &computed);
        for field in ["a.x", "a.y", "a.z"] {
            assert!(text.contains(field), "{field} is not in {text}");
        }
        assert!(differences(&stored, &of("b", Vector::default().bytes("x", &[1]))).contains("a.x"));
    }

    #[test]
    #[should_panic(expected = "with a trailing byte is refused")]
    fn an_encoding_that_takes_trailing_bytes_is_found() {
        #[derive(Debug, PartialEq)]
        struct Greedy(u8);
        impl BorshSerialize for Greedy {
            fn serialize<W: borsh::io::Write>(&self, writer: &mut W) -> borsh::io::Result<()> {
                self.0.serialize(writer)
            }
        }
        impl BorshDeserialize for Greedy {
            fn deserialize_reader<R: borsh::io::Read>(reader: &mut R) -> borsh::io::Result<Self> {
                let value = u8::deserialize_reader(reader)?;
                reader.read_to_end(&mut Vec::new())?;
                Ok(Self(value))
            }
        }
        let _ = Vector::default().encoded("greedy", &Greedy(1));
    }
}
