//! What a package says of itself, in the ledger's own form.

use crate::bindings::exports::theriac::chaincode::contract::{Description as Told, Function, Kind};
use theriac_ledger::PackageError;
use theriac_types::{Bytes, ChaincodeName, Description, FunctionDescription, FunctionKind, FunctionName, List};

/// Takes a package at its word, as far as its words are well formed.
pub fn description(told: Told) -> Result<Description, PackageError> {
    let name = ChaincodeName::new(told.name).map_err(refused)?;
    let functions: Vec<FunctionDescription> = told.functions.into_iter().map(function).collect::<Result<_, _>>()?;
    if functions.is_empty() || !functions.is_sorted_by(|a, b| a.name < b.name) {
        return Err(refused("its functions are not ascending by name, each once, at least one"));
    }
    let functions = List::new(functions).map_err(refused)?;
    Ok(Description { functions, state_version: told.state_version, ..Description::untyped(name) })
}

fn function(told: Function) -> Result<FunctionDescription, PackageError> {
    Ok(FunctionDescription {
        name: FunctionName::new(told.name).map_err(refused)?,
        kind: match told.kind {
            Kind::Transaction => FunctionKind::Transaction,
            Kind::Query => FunctionKind::Query,
        },
        argument_schema: Bytes::new(told.argument_schema).map_err(refused)?,
        result_schema: Bytes::new(told.result_schema).map_err(refused)?,
    })
}

/// The error of a package that describes itself badly.
pub fn refused(reason: impl std::fmt::Display) -> PackageError {
    let message =
        format!("it does not describe itself well: {reason}. Write it with #[chaincode] of theriac-chaincode");
    PackageError { code: "PACKAGE_DESCRIPTION", message }
}
