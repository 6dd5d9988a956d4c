//! Keys of tables as JSON. Their bytes sort like their values, which borsh's do not: the SDK's module `key` says how.
//!
//! Numbers are big-endian; texts and byte strings of any length end with `00 01`, and a `00` within is `00 ff`.

use super::{JsonError, Path, Schema, integer};
use borsh::schema::Definition;
use serde_json::Value;

const ESCAPED: u8 = 0x00;
const ESCAPED_ZERO: u8 = 0xff;
const ESCAPED_END: u8 = 0x01;

impl Schema {
    /// A key's bytes, behind the table's prefix, to JSON. Every byte must be used.
    pub fn decode_key(&self, bytes: &[u8]) -> Result<Value, JsonError> {
        let (mut rest, path) = (bytes, Path::root());
        let value = read(self, self.name(), &path, &mut rest)?;
        if rest.is_empty() { Ok(value) } else { Err(path.bytes_error("bytes follow the key")) }
    }

    /// JSON to a key's bytes. Of a tuple, the first parts alone give what all of its keys begin with.
    pub fn encode_key(&self, value: &Value) -> Result<Vec<u8>, JsonError> {
        let mut bytes = Vec::new();
        write(self, self.name(), value, &Path::root(), &mut bytes)?;
        Ok(bytes)
    }
}

fn read(schema: &Schema, declaration: &str, path: &Path<'_>, rest: &mut &[u8]) -> Result<Value, JsonError> {
    if declaration == "String" {
        let text = String::from_utf8(unescaped(path, rest)?);
        return text.map(Value::String).map_err(|_| path.bytes_error("text that is not UTF-8"));
    }
    if let Some((false, width @ 1..=8)) = integer(declaration) {
        let mut wide = [0; 8];
        wide[8 - width..].copy_from_slice(take(width, path, rest)?);
        return Ok(Value::from(u64::from_be_bytes(wide)));
    }
    match (declaration, schema.definition(&path.text(), declaration)?) {
        ("()", _) => Ok(Value::Null),
        ("bool", _) => match take(1, path, rest)? {
            [0] => Ok(Value::Bool(false)),
            [1] => Ok(Value::Bool(true)),
            _ => Err(path.bytes_error("neither true nor false")),
        },
        (_, Definition::Sequence { length_width: 0, length_range, elements }) if elements == "u8" => {
            let count = usize::try_from(*length_range.start()).map_err(|_| path.bytes_error("a count out of range"))?;
            Ok(Value::String(hex::encode(take(count, path, rest)?)))
        }
        (_, Definition::Sequence { elements, .. }) if elements == "u8" => {
            Ok(Value::String(hex::encode(unescaped(path, rest)?)))
        }
        (_, Definition::Tuple { elements }) => {
            let part = |(index, element): (usize, &String)| read(schema, element, &path.index(index)?, rest);
            elements.iter().enumerate().map(part).collect::<Result<_, _>>().map(Value::Array)
        }
        _ => Err(no_key(declaration)),
    }
}

fn write(
    schema: &Schema,
    declaration: &str,
    value: &Value,
    path: &Path<'_>,
    out: &mut Vec<u8>,
) -> Result<(), JsonError> {
    if declaration == "String" {
        escape(value.as_str().ok_or_else(|| path.expected("text", value))?.as_bytes(), out);
        return Ok(());
    }
    if let Some((false, width @ 1..=8)) = integer(declaration) {
        let number = value.as_u64().filter(|number| width == 8 || number >> (width * 8) == 0);
        let number = number.ok_or_else(|| path.expected(format!("a whole number ({declaration})"), value))?;
        out.extend_from_slice(&number.to_be_bytes()[8 - width..]);
        return Ok(());
    }
    match (declaration, schema.definition(&path.text(), declaration)?) {
        ("()", _) if value.is_null() => Ok(()),
        ("()", _) => Err(path.expected("nothing (null)", value)),
        ("bool", _) => {
            out.push(u8::from(value.as_bool().ok_or_else(|| path.expected("true or false", value))?));
            Ok(())
        }
        (_, Definition::Sequence { length_width, length_range, elements }) if elements == "u8" => {
            let bytes = value.as_str().and_then(|text| hex::decode(text).ok());
            let bytes = bytes.filter(|bytes| length_range.contains(&(bytes.len() as u64)));
            let bytes = bytes.ok_or_else(|| path.expected(format!("{declaration} in hexadecimal"), value))?;
            if *length_width == 0 {
                out.extend_from_slice(&bytes)
            } else {
                escape(&bytes, out)
            }
            Ok(())
        }
        (_, Definition::Tuple { elements }) => {
            let parts = value.as_array().filter(|parts| parts.len() <= elements.len());
            let parts = parts.ok_or_else(|| path.expected(format!("a list of {} parts", elements.len()), value))?;
            let mut pairs = elements.iter().zip(parts).enumerate();
            pairs.try_for_each(|(index, (element, part))| write(schema, element, part, &path.index(index)?, out))
        }
        _ => Err(no_key(declaration)),
    }
}

fn no_key(declaration: &str) -> JsonError {
    JsonError::Schema { reason: format!("the type {declaration:?} is no key") }
}

fn take<'a>(count: usize, path: &Path<'_>, rest: &mut &'a [u8]) -> Result<&'a [u8], JsonError> {
    let (taken, left) = rest.split_at_checked(count).ok_or_else(|| path.bytes_error("they end too early"))?;
    *rest = left;
    Ok(taken)
}

fn unescaped(path: &Path<'_>, rest: &mut &[u8]) -> Result<Vec<u8>, JsonError> {
    let mut bytes = Vec::new();
    loop {
        match take(1, path, rest)? {
            [ESCAPED] => match take(1, path, rest)? {
                [ESCAPED_ZERO] => bytes.push(ESCAPED),
                [ESCAPED_END] => return Ok(bytes),
                _ => return Err(path.bytes_error("a zero that is not escaped")),
            },
            taken => bytes.extend_from_slice(taken),
        }
    }
}

fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        out.push(byte);
        if byte == ESCAPED {
            out.push(ESCAPED_ZERO);
        }
    }
    out.extend([ESCAPED, ESCAPED_END]);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use borsh::BorshSchema;
    use serde_json::json;

    fn schema<K: BorshSchema>() -> Schema {
        let container = borsh::schema::BorshSchemaContainer::for_type::<K>();
        Schema::from_bytes(&theriac_types::encode(&container)).unwrap()
    }

    fn check<K: BorshSchema>(bytes: &[u8], shown: &Value) {
        let schema = schema::<K>();
        assert_eq!(schema.decode_key(bytes).as_ref(), Ok(shown));
        assert_eq!(schema.encode_key(shown).as_deref(), Ok(bytes));
        let longer = [bytes, &[7][..]].concat();
        assert!(schema.decode_key(&longer).is_err(), "bytes follow");
        assert!(bytes.is_empty() || schema.decode_key(&bytes[..bytes.len() - 1]).is_err(), "cut short");
    }

    #[test]
    fn keys_are_shown_as_their_values_and_come_back_as_the_same_bytes() {
        check::<String>(b"a\x00\xffb\x00\x01", &json!("a\0b"));
        check::<(String, u32)>(b"lot\x00\x01\x00\x00\x01\x02", &json!(["lot", 258]));
        check::<(u8, bool, [u8; 2])>(&[9, 1, 0, 255], &json!([9, true, "00ff"]));
        check::<Vec<u8>>(&[1, 0, 255, 0, 1], &json!("0100"));
        check::<u64>(&u64::MAX.to_be_bytes(), &json!(u64::MAX));
        check::<()>(&[], &Value::Null);
    }

    #[test]
    fn what_is_no_such_key_is_told_with_its_place() {
        let lots = schema::<(String, u8)>();
        assert_eq!(lots.encode_key(&json!(["A"])).unwrap(), b"A\x00\x01", "the first parts are a prefix");
        for (wrong, place) in [(json!(["A", 256]), "$[1]"), (json!([7]), "$[0]"), (json!(["A", 1, 2]), "$: ")] {
            let error = lots.encode_key(&wrong).unwrap_err().to_string();
            assert!(error.starts_with(place), "{error}");
        }
        assert!(lots.decode_key(b"A\x00\x07").is_err() && lots.decode_key(b"\xff\x00\x01\x01").is_err());
        assert!(schema::<Option<u8>>().decode_key(&[1, 1]).is_err(), "an option is no key");
    }
}
