//! Finds a field in a borsh value by its path, and encodes it so that bytes sort as values do.
//!
//! The encoding is that of keys in the guest SDK: numbers big-endian, texts and byte strings escaped with an end,
//! arrays of bytes as they are, a variant without data as the byte that borsh gives it.

use borsh::schema::{BorshSchemaContainer, Declaration, Definition, Fields};

/// How deep schemas may nest.
const DEPTH_MAX: usize = 32;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number of so many bytes, or a truth value, or a variant without data.
    Fixed(usize),
    /// So many bytes.
    Array(usize),
    /// A text or a byte string.
    Bytes,
    /// One of these, or nothing: then the entry is not in the index.
    Optional(Box<Kind>),
}

/// A way to a field: which field to take at each level, and what is found at its end.
#[derive(Debug)]
pub(super) struct Path {
    steps: Vec<String>,
    pub kind: Kind,
}

impl Path {
    /// Finds the field in a schema.
    pub fn new(schema: &BorshSchemaContainer, path: &str) -> Result<Self, String> {
        let steps: Vec<String> = path.split('.').map(str::to_owned).collect();
        let mut declaration = schema.declaration().clone();
        for step in &steps {
            let fields = named_fields(schema, &declaration);
            let found = fields.and_then(|fields| fields.iter().find(|(name, _)| name == step));
            declaration = found.ok_or_else(|| format!("its values have no field {path}"))?.1.clone();
        }
        let kind = kind(schema, &declaration, DEPTH_MAX);
        let kind = kind.ok_or_else(|| {
            format!("field {path} cannot be sorted by: use unsigned numbers, texts, bytes, or variants without data")
        })?;
        Ok(Self { steps, kind })
    }

    /// Appends the field of a value in its sorting form. None when there is nothing in it, an error when the value is
    /// not of the schema.
    pub fn encode(
        &self,
        schema: &BorshSchemaContainer,
        value: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<()>, Malformed> {
        let mut rest = value;
        let mut declaration = schema.declaration();
        for step in &self.steps {
            let fields = named_fields(schema, declaration).ok_or(Malformed)?;
            for (name, field) in fields {
                if name == step {
                    declaration = field;
                    break;
                }
                skip(schema, field, &mut rest, DEPTH_MAX)?;
            }
        }
        encode(&self.kind, &mut rest, out)
    }
}

/// A value that does not fit its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

fn named_fields<'s>(
    schema: &'s BorshSchemaContainer,
    declaration: &Declaration,
) -> Option<&'s Vec<(String, Declaration)>> {
    match schema.get_definition(declaration)? {
        Definition::Struct { fields: Fields::NamedFields(fields) } => Some(fields),
        _ => None,
    }
}

fn kind(schema: &BorshSchemaContainer, declaration: &Declaration, depth: usize) -> Option<Kind> {
    let depth = depth.checked_sub(1)?;
    match schema.get_definition(declaration)? {
        // Signed numbers do not sort by their bytes.
        Definition::Primitive(size) if !declaration.starts_with('i') => Some(Kind::Fixed(usize::from(*size))),
        Definition::Sequence { length_width, length_range, elements } => {
            let bytes = elements == "u8" && matches!(schema.get_definition(elements), Some(Definition::Primitive(1)));
            match (bytes, length_width) {
                (true, 4) => Some(Kind::Bytes),
                (true, 0) => Some(Kind::Array(usize::try_from(*length_range.start()).ok()?)),
                _ => None,
            }
        }
        Definition::Struct { fields: Fields::UnnamedFields(fields) } if fields.len() == 1 => {
            kind(schema, &fields[0], depth)
        }
        Definition::Enum { tag_width: 1, variants } => match &variants[..] {
            [(0, none, _), (1, some, within)] if none == "None" && some == "Some" => {
                match kind(schema, within, depth)? {
                    Kind::Optional(_) => None,
                    within => Some(Kind::Optional(Box::new(within))),
                }
            }
            _ => variants.iter().all(|(_, _, data)| is_empty(schema, data)).then_some(Kind::Fixed(1)),
        },
        _ => None,
    }
}

fn is_empty(schema: &BorshSchemaContainer, declaration: &Declaration) -> bool {
    match schema.get_definition(declaration) {
        Some(Definition::Primitive(0) | Definition::Struct { fields: Fields::Empty }) => true,
        Some(Definition::Tuple { elements }) => elements.is_empty(),
        _ => false,
    }
}

fn encode(kind: &Kind, rest: &mut &[u8], out: &mut Vec<u8>) -> Result<Option<()>, Malformed> {
    match kind {
        Kind::Fixed(size) => out.extend(take(rest, *size)?.iter().rev()),
        Kind::Array(length) => out.extend(take(rest, *length)?),
        Kind::Bytes => {
            let length = length(rest, 4)?;
            escape(take(rest, length)?, out);
        }
        Kind::Optional(within) => match take(rest, 1)? {
            [0] => return Ok(None),
            _ => return encode(within, rest, out),
        },
    }
    Ok(Some(()))
}

/// Takes an encoded field off the front of a key.
pub(super) fn pass(kind: &Kind, key: &mut &[u8]) -> Option<()> {
    match kind {
        Kind::Fixed(length) | Kind::Array(length) => {
            *key = key.get(*length..)?;
        }
        Kind::Bytes => loop {
            let (first, rest) = key.split_first()?;
            *key = rest;
            if *first == 0 {
                let (second, rest) = key.split_first()?;
                *key = rest;
                if *second == 1 {
                    break;
                }
            }
        },
        Kind::Optional(within) => return pass(within, key),
    }
    Some(())
}

/// Appends bytes of any length such that none is a prefix of another's: `00` becomes `00 ff`, the end is `00 01`.
pub fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes {
        out.push(byte);
        if byte == 0 {
            out.push(0xff);
        }
    }
    out.extend([0, 1]);
}

fn take<'v>(rest: &mut &'v [u8], count: usize) -> Result<&'v [u8], Malformed> {
    let (taken, after) = rest.split_at_checked(count).ok_or(Malformed)?;
    *rest = after;
    Ok(taken)
}

fn length(rest: &mut &[u8], width: u8) -> Result<usize, Malformed> {
    let bytes = take(rest, usize::from(width))?;
    let number = bytes.iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    usize::try_from(number).map_err(|_| Malformed)
}

/// Passes over a value.
fn skip(
    schema: &BorshSchemaContainer,
    declaration: &Declaration,
    rest: &mut &[u8],
    depth: usize,
) -> Result<(), Malformed> {
    let depth = depth.checked_sub(1).ok_or(Malformed)?;
    match schema.get_definition(declaration).ok_or(Malformed)? {
        Definition::Primitive(size) => take(rest, usize::from(*size)).map(|_| ()),
        Definition::Sequence { length_width: 0, length_range, elements } => {
            let count = usize::try_from(*length_range.start()).map_err(|_| Malformed)?;
            skip_many(schema, elements, count, rest, depth)
        }
        Definition::Sequence { length_width, elements, .. } => {
            let count = length(rest, *length_width)?;
            skip_many(schema, elements, count, rest, depth)
        }
        Definition::Tuple { elements } => elements.iter().try_for_each(|element| skip(schema, element, rest, depth)),
        Definition::Enum { tag_width, variants } => {
            let tag = length(rest, *tag_width)?;
            let variant = variants.iter().find(|(value, ..)| usize::try_from(*value) == Ok(tag)).ok_or(Malformed)?;
            skip(schema, &variant.2, rest, depth)
        }
        Definition::Struct { fields } => match fields {
            Fields::NamedFields(fields) => fields.iter().try_for_each(|(_, field)| skip(schema, field, rest, depth)),
            Fields::UnnamedFields(fields) => fields.iter().try_for_each(|field| skip(schema, field, rest, depth)),
            Fields::Empty => Ok(()),
        },
    }
}

fn skip_many(
    schema: &BorshSchemaContainer,
    elements: &Declaration,
    count: usize,
    rest: &mut &[u8],
    depth: usize,
) -> Result<(), Malformed> {
    if let Some(Definition::Primitive(size)) = schema.get_definition(elements) {
        let bytes = count.checked_mul(usize::from(*size)).ok_or(Malformed)?;
        return take(rest, bytes).map(|_| ());
    }
    for _ in 0..count {
        let before = rest.len();
        skip(schema, elements, rest, depth)?;
        // Elements that take no room are all alike: there is nothing more to pass.
        if rest.len() == before {
            break;
        }
    }
    Ok(())
}
