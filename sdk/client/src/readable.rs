//! Bytes of a chaincode made readable by what it says of itself: JSON where a schema knows them, text or hexadecimal
//! where none does.

use crate::error::Cause;
use crate::json::Schema;
use serde_json::{Value, json};
use theriac_types::{Description, FunctionName};

/// Reads by one version's schemas.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reader<'a>(Option<&'a Description>);

impl<'a> Reader<'a> {
    /// A reader by a description; without one, nothing has a schema.
    pub fn new(description: Option<&'a Description>) -> Self {
        Self(description)
    }

    /// An argument of a function.
    pub fn argument(&self, function: &FunctionName, bytes: &[u8]) -> Value {
        let known = self.0.and_then(|known| known.functions.iter().find(|one| one.name == *function));
        by_schema(known.map(|function| &*function.argument_schema), bytes)
    }

    /// A result of a function.
    pub fn result(&self, function: &FunctionName, bytes: &[u8]) -> Value {
        let known = self.0.and_then(|known| known.functions.iter().find(|one| one.name == *function));
        by_schema(known.map(|function| &*function.result_schema), bytes)
    }

    /// The payload of an event.
    pub fn event(&self, topic: &str, payload: &[u8]) -> Value {
        let known = self.0.and_then(|known| known.events.iter().find(|one| &*one.topic == topic));
        by_schema(known.map(|event| &*event.schema), payload)
    }

    /// The value of a key within the chaincode's own part of the state.
    pub fn value(&self, key: &[u8], value: &[u8]) -> Value {
        let table = self.0.and_then(|known| known.table_of(key));
        by_schema(table.map(|table| &*table.value_schema), value)
    }

    /// The value of a key, if its table has a schema that it follows.
    pub fn typed_value(&self, key: &[u8], value: &[u8]) -> Option<Value> {
        let table = self.0.and_then(|known| known.table_of(key))?;
        Schema::from_bytes(&table.value_schema).ok()?.decode(value).ok()
    }

    /// A key by the schema of its table, if it follows it.
    pub fn typed_key(&self, key: &[u8]) -> Option<Value> {
        let table = self.0.and_then(|known| known.table_of(key))?;
        Schema::from_bytes(&table.key_schema).ok()?.decode_key(key.get(table.prefix.len()..)?).ok()
    }

    /// A key: by the schema of its table, or as it is.
    pub fn key(&self, key: &[u8]) -> Value {
        self.typed_key(key).unwrap_or_else(|| plain(key))
    }

    /// The bytes of a key in a table; those that all of its keys begin with when none is said.
    ///
    /// # Errors
    /// When there is no such table, or when the key does not follow its schema.
    pub fn key_of(&self, table: &str, key: Option<&Value>) -> Result<Vec<u8>, Cause> {
        let tables = self.0.map(|known| &known.tables[..]).unwrap_or_default();
        let Some(found) = tables.iter().find(|one| &*one.name == table) else {
            let names: Vec<&str> = tables.iter().map(|one| &*one.name).filter(|name| !name.is_empty()).collect();
            let known =
                if names.is_empty() { "It declares none".to_owned() } else { format!("It has: {}", names.join(", ")) };
            return Err(Cause::request(format!("The chaincode has no table {table:?}. {known}.")));
        };
        let key = key.map(|key| Schema::from_bytes(&found.key_schema)?.encode_key(key)).transpose()?;
        Ok([&found.prefix[..], &key.unwrap_or_default()].concat())
    }

    /// What a code means that the chaincode refuses with.
    pub fn meaning(&self, code: &str) -> Option<&'a str> {
        let known = self.0?.errors.iter().find(|error| &*error.code == code)?;
        Some(&*known.meaning).filter(|meaning| !meaning.is_empty())
    }

    /// The name of the table that a key belongs to, when it has one.
    pub fn table(&self, key: &[u8]) -> Option<&'a str> {
        let table = self.0.and_then(|known| known.table_of(key))?;
        Some(&*table.name).filter(|name| !name.is_empty())
    }
}

/// Bytes without a schema: text when they are readable, hexadecimal otherwise.
pub fn plain(bytes: &[u8]) -> Value {
    let readable = |text: &&str| !text.is_empty() && text.chars().all(|c| !c.is_control());
    match std::str::from_utf8(bytes).ok().filter(readable) {
        Some(text) => json!(text),
        None => json!(format!("0x{}", hex::encode(bytes))),
    }
}

fn by_schema(schema: Option<&[u8]>, bytes: &[u8]) -> Value {
    let schema = schema.filter(|schema| !schema.is_empty()).and_then(|schema| Schema::from_bytes(schema).ok());
    schema.and_then(|schema| schema.decode(bytes).ok()).unwrap_or_else(|| plain(bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use borsh::schema_container_of;
    use theriac_types::{Bytes, EventDescription, List, Text, encode};

    #[test]
    fn a_schema_makes_json_of_bytes_and_what_it_does_not_fit_stays_bytes() {
        let schema = Bytes::new(encode(&schema_container_of::<(String, u32)>())).unwrap();
        let event = EventDescription { topic: Text::new("made").unwrap(), schema };
        let untyped = Description::untyped("trace".parse().unwrap());
        let description = Description { events: List::new(vec![event]).unwrap(), ..untyped };
        let reader = Reader::new(Some(&description));
        assert_eq!(reader.event("made", &encode(&("pack", 7_u32))), json!(["pack", 7]));
        assert_eq!(reader.event("made", &[1, 2]), json!("0x0102"));
        assert_eq!(reader.event("other", b"plain text"), json!("plain text"));
        assert_eq!(reader.value(b"key", b"\x1b[31m"), json!("0x1b5b33316d"), "no terminal is reached for");
        assert_eq!(reader.table(b"key"), None);
        assert_eq!(Reader::default().event("made", b""), json!("0x"));
    }
}
