//! A document's number of its own: valid records with one number name one document.

use crate::record::Record;
use crate::refused::{Fault, identifier};
use crate::standing::Claimant;
use crate::subject::document_identifier;
use crate::tables::IDENTIFIERS;
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use theriac_chaincode::{ReadContext, Refusal, TransactionContext};

/// What an identifier of a document names.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema)]
pub(crate) struct Named {
    /// The document's CID.
    cid: String,
    /// How many valid records bear the identifier, at least 1.
    records: u32,
}

/// The canonical path of an identifier that the claimant may give to the document.
pub(crate) fn given(
    ctx: &ReadContext<'_>,
    claimant: &Claimant<'_, '_>,
    text: &str,
    cid: &str,
) -> Result<String, Refusal> {
    let key = document_identifier(text).map_err(identifier)?;
    claimant.expect_own_number(&key)?;
    let identifier = key.path();
    match IDENTIFIERS.get(ctx, &identifier)? {
        Some(Named { cid: known, .. }) if known != cid => Err(Fault::IdentifierTaken { identifier, cid: known }.into()),
        _ => Ok(identifier),
    }
}

/// Counts a record that has come to hold.
pub(crate) fn put(ctx: &mut TransactionContext<'_>, record: &Record) -> Result<(), Refusal> {
    let Some(identifier) = &record.identifier else { return Ok(()) };
    let records = IDENTIFIERS.get(ctx, identifier)?.map_or(0, |named| named.records);
    let named = Named { cid: record.document.cid.clone(), records: records.saturating_add(1) };
    IDENTIFIERS.put(ctx, identifier, &named)
}

/// Counts a record no more. With the last one the identifier is free again.
pub(crate) fn delete(ctx: &mut TransactionContext<'_>, record: &Record) -> Result<(), Refusal> {
    let Some(identifier) = &record.identifier else { return Ok(()) };
    match IDENTIFIERS.get(ctx, identifier)? {
        Some(Named { cid, records }) if records > 1 => {
            IDENTIFIERS.put(ctx, identifier, &Named { cid, records: records - 1 })
        }
        _ => {
            IDENTIFIERS.delete(ctx, identifier);
            Ok(())
        }
    }
}
