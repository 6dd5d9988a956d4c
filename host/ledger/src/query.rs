//! Queries: a call that reads the committed state at a height and changes nothing.

use crate::authorise::Members;
use crate::call::{Caller, Done, Runner, Target};
use crate::chaincode::{CallKind, ChaincodeEngine};
use crate::refusal::ExecuteError;
use crate::state::ReadError;
use crate::store::BlockStore;
use crate::view::At;
use theriac_types::{Budget, ChaincodeName, Creator, Digest, FunctionName, Height, Judge, Outcome, TxId};

/// A question to a chaincode.
#[derive(Debug, Clone, Copy)]
pub struct Query<'a> {
    /// Who asks. The caller has checked that the question is signed with this key.
    pub creator: &'a Creator,
    /// The chaincode.
    pub chaincode: &'a ChaincodeName,
    /// Its function.
    pub function: &'a FunctionName,
    /// The function's argument, borsh by the chaincode's schema.
    pub args: &'a [u8],
}

/// An answer. Not proven: another peer may answer otherwise if this one lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The height whose state was read.
    pub height: Height,
    /// How the call ended.
    pub outcome: Outcome,
    /// The chaincode's own code when it refused; empty otherwise.
    pub code: String,
    /// A sentence for people when it did not end `Valid`; empty otherwise.
    pub message: String,
    /// The chaincode versions that answered: the one asked first. None when none ran.
    pub judges: Vec<Judge>,
    /// What the function returned, borsh by the chaincode's schema.
    pub result: Vec<u8>,
    /// What it used.
    pub used: Budget,
}

/// Asks a chaincode about the state after a height; after the head if none is given. The version that answers is the
/// one that judges the block after that height. Whether the asker is a member is decided at the head.
///
/// # Errors
/// When the height is not there yet, or when this peer fails.
pub fn evaluate<S: BlockStore>(
    store: &S,
    engine: &dyn ChaincodeEngine,
    query: &Query<'_>,
    at: Option<Height>,
) -> Result<Answer, ExecuteError> {
    let head = store.head()?;
    let height = at.unwrap_or(head.height);
    let not_yet = || ReadError::NotYet { height, head: head.height };
    let read_at = store.commitment(height)?.ok_or_else(not_yet)?;
    let now = At { reader: store, height: head.height };
    let view = At { reader: store, height };
    let runner = Runner {
        engine,
        committed: view,
        channel: &read_at.channel,
        kind: CallKind::Query,
        height,
        time_ms: read_at.time_ms,
    };
    let standing = match Members::default().admit(&now, query.creator)? {
        Ok(standing) => standing,
        Err(refusal) => return Ok(answer(height, Done::refused(refusal))),
    };
    let caller = Caller { member: query.creator.member.clone(), standing, cosigners: Vec::new() };
    let Query { chaincode, function, args, .. } = *query;
    let target = Target { chaincode, function, args, tx_id: TxId(Digest::ZERO) };
    let (done, _) = runner.call(&view, &caller, &target)?;
    Ok(answer(height, done))
}

fn answer(height: Height, done: Done) -> Answer {
    let Done { outcome, code, message, judges, result, used, events: _ } = done;
    Answer { height, outcome, code, message, judges, result, used }
}
