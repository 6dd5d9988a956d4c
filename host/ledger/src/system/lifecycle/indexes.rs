//! Whether the entries that are there are in the indexes that a version declares.

use crate::refusal::Refusal;
use theriac_types::{Description, TableDescription};

/// Holds what comes into force against what is, when the data keeps its form: an index holds the entries that were
/// written since it was declared, so a new one would miss those that are there.
///
/// # Errors
/// When it declares such an index.
pub(super) fn check(active: &Description, target: &Description) -> Result<(), Refusal> {
    let Some(table) = target.tables.iter().find(|table| !covers(active, table)) else { return Ok(()) };
    let (table, form) = (&table.name, target.state_version);
    let message = format!(
        "table {table:?} declares indexes that the version in force does not keep, and the data stays in form {form}: \
         entries that are there would be missing from them. Raise the form and offer a migration that puts them again"
    );
    Err(Refusal { code: "INDEX_NOT_FILLED".to_owned(), ..Refusal::precondition(message) })
}

/// Whether whatever lies in a table is in its indexes already.
fn covers(active: &Description, table: &TableDescription) -> bool {
    let overlaps =
        |known: &&TableDescription| known.prefix.starts_with(&table.prefix) || table.prefix.starts_with(&known.prefix);
    let same = |known: &TableDescription| {
        known.prefix == table.prefix && known.value_schema == table.value_schema && known.indexes == table.indexes
    };
    table.indexes.is_empty() || active.tables.iter().filter(overlaps).all(same)
}
