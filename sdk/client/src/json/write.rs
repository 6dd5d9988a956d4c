//! JSON to borsh.

use super::{JsonError, Path, Schema, integer, is_text_map, option_content};
use borsh::schema::{Definition, Fields};
use serde_json::Value;

pub(super) fn write(
    schema: &Schema,
    declaration: &str,
    value: &Value,
    path: &Path<'_>,
    out: &mut Vec<u8>,
) -> Result<(), JsonError> {
    if declaration == "String" {
        let text = value.as_str().ok_or_else(|| path.expected("text", value))?;
        return write_bytes(4, text.as_bytes(), path, out);
    }
    match schema.definition(&path.text(), declaration)? {
        Definition::Primitive(_) => primitive(declaration, value, path, out),
        Definition::Sequence { length_width, length_range, elements } => {
            let sequence = Sequence { declaration, width: *length_width, elements };
            let count = sequence.write(schema, value, path, out)?;
            if !length_range.contains(&(count as u64)) {
                return Err(path.expected(format!("{length_range:?} elements"), value));
            }
            Ok(())
        }
        Definition::Tuple { elements } => array(schema, elements, value, path, out),
        Definition::Enum { tag_width, variants } => {
            enumeration(schema, declaration, *tag_width, variants, value, path, out)
        }
        Definition::Struct { fields } => structure(schema, fields, value, path, out),
    }
}

fn primitive(declaration: &str, value: &Value, path: &Path<'_>, out: &mut Vec<u8>) -> Result<(), JsonError> {
    if let Some((signed, width)) = integer(declaration) {
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.clone(),
            _ => return Err(path.expected(format!("a whole number ({declaration})"), value)),
        };
        let wrong = || path.expected(format!("a whole number ({declaration})"), value);
        let bytes = if signed {
            let number: i128 = text.parse().map_err(|_| wrong())?;
            let limit = 1_i128.checked_shl(width as u32 * 8 - 1).filter(|limit| *limit > 0);
            if limit.is_some_and(|limit| number >= limit || number < -limit) {
                return Err(wrong());
            }
            number.to_le_bytes()
        } else {
            let number: u128 = text.parse().map_err(|_| wrong())?;
            if width < 16 && number >> (width * 8) != 0 {
                return Err(wrong());
            }
            number.to_le_bytes()
        };
        out.extend_from_slice(&bytes[..width]);
        return Ok(());
    }
    match (declaration, value) {
        ("bool", Value::Bool(value)) => out.push(u8::from(*value)),
        ("bool", _) => return Err(path.expected("true or false", value)),
        ("()", Value::Null) => {}
        ("()", Value::Object(fields)) if fields.is_empty() => {}
        ("()", _) => return Err(path.expected("nothing (null)", value)),
        _ => return Err(JsonError::Schema { reason: format!("the type {declaration:?} has no JSON form") }),
    }
    Ok(())
}

fn write_bytes(width: u8, bytes: &[u8], path: &Path<'_>, out: &mut Vec<u8>) -> Result<(), JsonError> {
    length(width, bytes.len(), path, out)?;
    out.extend_from_slice(bytes);
    Ok(())
}

fn length(width: u8, count: usize, path: &Path<'_>, out: &mut Vec<u8>) -> Result<(), JsonError> {
    let width = usize::from(width);
    let bytes = (count as u64).to_le_bytes();
    if width > 8 || bytes[width..].iter().any(|byte| *byte != 0) && width != 0 {
        return Err(JsonError::Limit { path: path.text(), what: "a sequence", max: (1 << (width.min(7) * 8)) - 1 });
    }
    out.extend_from_slice(&bytes[..width]);
    Ok(())
}

struct Sequence<'a> {
    declaration: &'a str,
    width: u8,
    elements: &'a str,
}

impl Sequence<'_> {
    fn write(&self, schema: &Schema, value: &Value, path: &Path<'_>, out: &mut Vec<u8>) -> Result<usize, JsonError> {
        if self.elements == "u8"
            && let Value::String(text) = value
        {
            let bytes = hex::decode(text).map_err(|_| path.expected("bytes in hexadecimal", value))?;
            write_bytes(self.width, &bytes, path, out)?;
            return Ok(bytes.len());
        }
        if let (true, Value::Object(entries)) = (is_text_map(self.declaration), value) {
            return self.write_map(schema, entries, path, out);
        }
        let items = value.as_array().ok_or_else(|| path.expected("a list", value))?;
        length(self.width, items.len(), path, out)?;
        for (index, item) in items.iter().enumerate() {
            write(schema, self.elements, item, &path.index(index)?, out)?;
        }
        Ok(items.len())
    }

    /// A map: its keys must be in order, whatever order the JSON has.
    fn write_map(
        &self,
        schema: &Schema,
        entries: &serde_json::Map<String, Value>,
        path: &Path<'_>,
        out: &mut Vec<u8>,
    ) -> Result<usize, JsonError> {
        let Definition::Tuple { elements } = schema.definition(&path.text(), self.elements)? else {
            return Err(JsonError::Schema { reason: format!("{} is no map of pairs", self.declaration) });
        };
        let [_, content] = elements.as_slice() else {
            return Err(JsonError::Schema { reason: format!("{} is no map of pairs", self.declaration) });
        };
        let mut sorted: Vec<_> = entries.iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(b.0));
        length(self.width, sorted.len(), path, out)?;
        for (key, value) in &sorted {
            write_bytes(4, key.as_bytes(), path, out)?;
            write(schema, content, value, &path.field(key)?, out)?;
        }
        Ok(sorted.len())
    }
}

fn array(
    schema: &Schema,
    elements: &[String],
    value: &Value,
    path: &Path<'_>,
    out: &mut Vec<u8>,
) -> Result<(), JsonError> {
    let items = value.as_array().filter(|items| items.len() == elements.len());
    let items = items.ok_or_else(|| path.expected(format!("a list of {}", elements.len()), value))?;
    for (index, (declaration, item)) in elements.iter().zip(items).enumerate() {
        write(schema, declaration, item, &path.index(index)?, out)?;
    }
    Ok(())
}

fn structure(
    schema: &Schema,
    fields: &Fields,
    value: &Value,
    path: &Path<'_>,
    out: &mut Vec<u8>,
) -> Result<(), JsonError> {
    match fields {
        Fields::Empty => primitive("()", value, path, out),
        Fields::UnnamedFields(only) if only.len() == 1 => write(schema, &only[0], value, path, out),
        Fields::UnnamedFields(elements) => array(schema, elements, value, path, out),
        Fields::NamedFields(fields) => {
            let object = value.as_object().ok_or_else(|| path.expected("an object", value))?;
            if let Some(found) = object.keys().find(|key| !fields.iter().any(|(name, _)| name == *key)) {
                let known = fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
                return Err(JsonError::Unknown { path: path.text(), found: found.clone(), known });
            }
            for (name, declaration) in fields {
                let absent =
                    || JsonError::Missing { path: path.text(), field: name.clone(), expected: declaration.clone() };
                let optional = declaration.starts_with("Option<").then_some(&Value::Null);
                let value = object.get(name).or(optional).ok_or_else(absent)?;
                write(schema, declaration, value, &path.field(name)?, out)?;
            }
            Ok(())
        }
    }
}

fn enumeration(
    schema: &Schema,
    declaration: &str,
    tag_width: u8,
    variants: &[(i64, String, String)],
    value: &Value,
    path: &Path<'_>,
    out: &mut Vec<u8>,
) -> Result<(), JsonError> {
    if let Some(content) = option_content(declaration, variants) {
        out.push(u8::from(!value.is_null()));
        return if value.is_null() { Ok(()) } else { write(schema, &content, value, path, out) };
    }
    let (name, content) = match value {
        Value::String(name) => (name, &Value::Null),
        Value::Object(object) if object.len() == 1 => {
            object.iter().next().ok_or_else(|| path.expected("a variant", value))?
        }
        _ => return Err(path.expected("the name of a variant, or {\"name\": content}", value)),
    };
    let Some((tag, name, declaration)) = variants.iter().find(|(_, known, _)| known == name) else {
        let known = variants.iter().map(|(_, name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
        return Err(JsonError::Unknown { path: path.text(), found: name.clone(), known });
    };
    let width = usize::from(tag_width.min(8));
    out.extend_from_slice(&tag.to_le_bytes()[..width]);
    write(schema, declaration, content, &path.field(name)?, out)
}
