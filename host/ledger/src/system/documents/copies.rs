//! How many peers hold each document: as many as the organisation that asks for most.

use super::calls::refused;
use crate::refusal::Stop;
use crate::state::{ReadError, StateKey, StateReader};
use crate::system::record::{key, list, namespace, write};
use crate::system::{DOCUMENTS, SystemCall, membership};
use crate::view::At;
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::SCAN_ENTRIES_MAX;
use theriac_types::{Height, OrgId};

/// `keep`: says how many peers should hold each document, for the caller's organisation; its administrators may. Returns
/// nothing.
///
/// What counts is the most that any organisation asks for, at least `f + 1` and at most every replica.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Keep {
    /// How many; 0 asks for no more than are needed.
    pub copies: u16,
}

/// Where an organisation's wish stands in the world state.
pub fn copies_key(org: &OrgId) -> StateKey {
    key(namespace(DOCUMENTS), format!("c/{org}"))
}

/// The most copies that an organisation asks for, as a height left it; 0 when none does.
///
/// # Errors
/// When the state cannot be read.
pub fn copies_at(reader: &dyn StateReader, height: Height) -> Result<u16, ReadError> {
    let prefix = key(namespace(DOCUMENTS), "c/");
    let (mut most, mut after) = (0, Vec::new());
    loop {
        let page = list::<u16>(&At { reader, height }, &prefix, &after, SCAN_ENTRIES_MAX)?;
        let Some((last, _)) = page.last() else { return Ok(most) };
        after.clone_from(last);
        most = page.iter().map(|(_, copies)| *copies).fold(most, u16::max);
    }
}

pub(super) fn keep(call: &mut SystemCall<'_, '_>) -> Result<Vec<u8>, Stop> {
    let Keep { copies } = call.argument()?;
    call.administrator("say how many peers hold each document")?;
    let replicas = membership::running(call.state, call.height)?.replicas.len();
    if usize::from(copies) > replicas {
        let reason = format!("{copies} peers cannot hold a document where {replicas} are: ask for {replicas} at most");
        return Err(refused("COPIES_TOO_MANY", reason).into());
    }
    let org = call.caller.org.clone();
    write(call.state, &copies_key(&org), &copies);
    Ok(Vec::new())
}
