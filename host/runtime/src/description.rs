//! What a package says of itself, held to what the ledger can keep.

use theriac_ledger::PackageError;
use theriac_types::limits::SYSTEM_VALUE_BYTES_MAX;
use theriac_types::{Description, decode};

/// Takes a package at its word, as far as its words are well formed.
pub fn description(told: &[u8]) -> Result<Description, PackageError> {
    let description: Description = decode(told, SYSTEM_VALUE_BYTES_MAX).map_err(refused)?;
    let Description { functions, events, errors, migrations, reads, .. } = &description;
    if functions.is_empty() || !functions.is_sorted_by(|a, b| a.name < b.name) {
        return Err(refused("its functions are not ascending by name, each once, at least one"));
    }
    let sorted = events.is_sorted_by(|a, b| a.topic < b.topic)
        && errors.is_sorted_by(|a, b| a.code < b.code)
        && migrations.is_sorted_by(|a, b| a < b)
        && reads.is_sorted_by(|a, b| a < b);
    if !sorted {
        return Err(refused("its events, errors, migrations and reads are not ascending, each once"));
    }
    Ok(description)
}

fn refused(reason: impl std::fmt::Display) -> PackageError {
    let message =
        format!("it does not describe itself well: {reason}. Write it with #[chaincode] of theriac-chaincode");
    PackageError { code: "PACKAGE_DESCRIPTION", message }
}
