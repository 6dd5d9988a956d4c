//! Steps: what happened to a chaincode, when, by whom, why, and what came of it. They are never changed.

use super::records::{Activation, Motion, Sequence, numbered, own};
use crate::state::{ReadError, StateKey};
use crate::system::SystemCall;
use crate::system::record::{list, write};
use crate::view::{Overlay, View};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{CODE_BYTES_MAX, MESSAGE_BYTES_MAX};
use theriac_types::{Budget, ChaincodeName, Digest, Height, MemberId, Migration, PackageId, Policy, Text, TxId};

/// What happened in a step.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Action {
    /// A version was proposed, and thereby approved by the member's organisation.
    Proposed {
        /// The version.
        sequence: Sequence,
        /// Digest of its definition.
        definition: Digest,
    },
    /// A version was approved by the member's organisation.
    Approved(Sequence),
    /// The member's organisation voted for a motion.
    Voted(Motion),
    /// A motion was carried.
    Carried(Motion),
    /// A version was decided on: it comes into force at a height.
    Decided(Activation),
    /// A decision that had not begun was replaced by the one that follows.
    Replaced(Activation),
    /// A version came into force.
    Activated {
        /// The version.
        activation: Activation,
        /// What became of the data, when its form changed.
        migration: Option<MigrationReport>,
    },
    /// A version did not come into force: its migration failed, and changed nothing.
    Void {
        /// The version that was decided on.
        activation: Activation,
        /// The code of the failure: the chaincode's own, or that of the outcome.
        code: Text<CODE_BYTES_MAX>,
        /// A sentence.
        message: Text<MESSAGE_BYTES_MAX>,
    },
    /// The member's organisation voted for another lifecycle policy.
    PolicyVoted(Policy),
    /// Another lifecycle policy was decided on.
    PolicyChanged(Policy),
}

/// What a migration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct MigrationReport {
    /// From which form of the data to which.
    pub migration: Migration,
    /// The package whose code did it.
    pub package: PackageId,
    /// Keys that it wrote or removed.
    pub keys: u32,
    /// What it used.
    pub used: Budget,
}

/// One step in a chaincode's life.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Step {
    /// The block.
    pub height: Height,
    /// Its time in milliseconds since 1970.
    pub time_ms: u64,
    /// Who brought it about.
    pub member: MemberId,
    /// By which transaction.
    pub tx_id: TxId,
    /// What happened.
    pub action: Action,
    /// The reason the member gave; empty for what followed by itself.
    pub reason: Text<MESSAGE_BYTES_MAX>,
}

impl Step {
    /// A step by the caller.
    pub(super) fn of(call: &SystemCall<'_, '_>, action: Action, reason: Text<MESSAGE_BYTES_MAX>) -> Self {
        let (height, time_ms, member, tx_id) = (call.height, call.time_ms, call.caller.clone(), call.tx_id);
        Self { height, time_ms, member, tx_id, action, reason }
    }
}

/// Where a `Step` stands in the world state, from number 1 on.
pub fn step_key(name: &ChaincodeName, number: u64) -> StateKey {
    numbered('s', name, number)
}

/// What the keys of all `Step`s of a chaincode begin with.
pub fn steps_prefix(name: &ChaincodeName) -> StateKey {
    own(format!("s/{name}/"))
}

/// Notes a step behind the last one; the caller keeps the number.
pub(super) fn put_step(state: &mut Overlay<'_>, name: &ChaincodeName, last_step: &mut u64, step: &Step) {
    *last_step += 1;
    write(state, &step_key(name, *last_step), step);
}

pub(super) fn steps(view: &dyn View, name: &ChaincodeName, after: u64, limit: usize) -> Result<Vec<Step>, ReadError> {
    let found = list(view, &steps_prefix(name), &after.to_be_bytes(), limit)?;
    Ok(found.into_iter().map(|(_, step)| step).collect())
}
