//! Fields outside the standard that this chaincode understands, whatever their prefix: `theriac:recursive`,
//! `theriac:recallReason`, `theriac:recallClass`.

use theriac_domain::event::ExtensionField;

/// The JSON text of the field of this local name.
pub(crate) fn find<'a>(fields: &'a [ExtensionField], name: &str) -> Option<&'a str> {
    let is_named = |field: &&ExtensionField| field.name.rsplit([':', '/', '#', '}']).next() == Some(name);
    fields.iter().find(is_named).map(|field| field.json.as_str())
}

/// Whether the field is there and true, as a truth value or as a text.
pub(crate) fn is_true(fields: &[ExtensionField], name: &str) -> bool {
    matches!(find(fields, name), Some("true" | "\"true\""))
}

/// The field as a text: what stands between its quotation marks, or the number as it is. Escapes are kept.
pub(crate) fn text<'a>(fields: &'a [ExtensionField], name: &str) -> Option<&'a str> {
    let json = find(fields, name)?;
    Some(json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(json))
}
