//! Borsh to JSON.

use super::{JsonError, Path, Schema, integer, is_text_map, option_content};
use borsh::schema::{Definition, Fields};
use serde_json::{Map, Value};

pub(super) fn read(schema: &Schema, declaration: &str, path: &Path<'_>, rest: &mut &[u8]) -> Result<Value, JsonError> {
    if declaration == "String" {
        return text(path, rest).map(Value::String);
    }
    match schema.definition(&path.text(), declaration)? {
        Definition::Primitive(_) => primitive(declaration, path, rest),
        Definition::Sequence { length_width, length_range, elements } => {
            let count = if *length_width == 0 { *length_range.start() } else { unsigned(*length_width, path, rest)? };
            if !length_range.contains(&count) {
                return Err(path.bytes_error("a count out of range"));
            }
            sequence(schema, declaration, elements, count, path, rest)
        }
        Definition::Tuple { elements } => array(schema, elements, path, rest),
        Definition::Enum { tag_width, variants } => enumeration(schema, declaration, *tag_width, variants, path, rest),
        Definition::Struct { fields } => structure(schema, fields, path, rest),
    }
}

fn take<'a>(count: usize, path: &Path<'_>, rest: &mut &'a [u8]) -> Result<&'a [u8], JsonError> {
    let (taken, left) = rest.split_at_checked(count).ok_or_else(|| path.bytes_error("they end too early"))?;
    *rest = left;
    Ok(taken)
}

fn unsigned(width: u8, path: &Path<'_>, rest: &mut &[u8]) -> Result<u64, JsonError> {
    let mut bytes = [0; 8];
    let width = usize::from(width.min(8));
    bytes[..width].copy_from_slice(take(width, path, rest)?);
    Ok(u64::from_le_bytes(bytes))
}

fn text(path: &Path<'_>, rest: &mut &[u8]) -> Result<String, JsonError> {
    let count = usize::try_from(unsigned(4, path, rest)?).map_err(|_| path.bytes_error("a count out of range"))?;
    let bytes = take(count, path, rest)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| path.bytes_error("text that is not UTF-8"))
}

fn primitive(declaration: &str, path: &Path<'_>, rest: &mut &[u8]) -> Result<Value, JsonError> {
    if let Some((signed, width)) = integer(declaration) {
        let bytes = take(width, path, rest)?;
        let negative = signed && bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 16];
        wide[..width].copy_from_slice(bytes);
        let (plain, minus) = (u128::from_le_bytes(wide), i128::from_le_bytes(wide));
        return Ok(match (width, signed) {
            (16, true) => Value::String(minus.to_string()),
            (16, false) => Value::String(plain.to_string()),
            (_, true) => Value::from(minus as i64),
            (_, false) => Value::from(plain as u64),
        });
    }
    match declaration {
        "bool" => match take(1, path, rest)? {
            [0] => Ok(Value::Bool(false)),
            [1] => Ok(Value::Bool(true)),
            _ => Err(path.bytes_error("neither true nor false")),
        },
        "()" => Ok(Value::Null),
        _ => Err(JsonError::Schema { reason: format!("the type {declaration:?} has no JSON form") }),
    }
}

fn sequence(
    schema: &Schema,
    declaration: &str,
    elements: &str,
    count: u64,
    path: &Path<'_>,
    rest: &mut &[u8],
) -> Result<Value, JsonError> {
    // Every element takes a byte at least, so a large claim with few bytes costs nothing.
    let count = usize::try_from(count).ok().filter(|count| *count <= rest.len());
    let count = count.ok_or_else(|| path.bytes_error("fewer elements than counted"))?;
    if elements == "u8" {
        return Ok(Value::String(hex::encode(take(count, path, rest)?)));
    }
    let items = (0..count).map(|index| read(schema, elements, &path.index(index)?, rest));
    let items = items.collect::<Result<Vec<_>, _>>()?;
    if !is_text_map(declaration) {
        return Ok(Value::Array(items));
    }
    let mut map = Map::new();
    for item in items {
        match item {
            Value::Array(pair) => match <[Value; 2]>::try_from(pair) {
                Ok([Value::String(key), value]) => map.insert(key, value),
                _ => return Err(path.bytes_error("no pair of a text and a value")),
            },
            _ => return Err(path.bytes_error("no pair of a text and a value")),
        };
    }
    Ok(Value::Object(map))
}

fn array(schema: &Schema, elements: &[String], path: &Path<'_>, rest: &mut &[u8]) -> Result<Value, JsonError> {
    let items = elements.iter().enumerate().map(|(index, item)| read(schema, item, &path.index(index)?, rest));
    items.collect::<Result<Vec<_>, _>>().map(Value::Array)
}

fn structure(schema: &Schema, fields: &Fields, path: &Path<'_>, rest: &mut &[u8]) -> Result<Value, JsonError> {
    match fields {
        Fields::Empty => Ok(Value::Null),
        Fields::UnnamedFields(only) if only.len() == 1 => read(schema, &only[0], path, rest),
        Fields::UnnamedFields(elements) => array(schema, elements, path, rest),
        Fields::NamedFields(fields) => {
            let mut object = Map::new();
            for (name, declaration) in fields {
                object.insert(name.clone(), read(schema, declaration, &path.field(name)?, rest)?);
            }
            Ok(Value::Object(object))
        }
    }
}

fn enumeration(
    schema: &Schema,
    declaration: &str,
    tag_width: u8,
    variants: &[(i64, String, String)],
    path: &Path<'_>,
    rest: &mut &[u8],
) -> Result<Value, JsonError> {
    let tag = unsigned(tag_width, path, rest)?;
    let variant = variants.iter().find(|(known, _, _)| u64::try_from(*known) == Ok(tag));
    let (_, name, content) = variant.ok_or_else(|| path.bytes_error("a variant that does not exist"))?;
    if option_content(declaration, variants).is_some() {
        return if tag == 0 { Ok(Value::Null) } else { read(schema, content, path, rest) };
    }
    match read(schema, content, &path.field(name)?, rest)? {
        Value::Null => Ok(Value::String(name.clone())),
        content => Ok(Value::Object(Map::from_iter([(name.clone(), content)]))),
    }
}
