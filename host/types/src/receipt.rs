//! A receipt: the outcome of one transaction, proven under the receipts root of its block.

use crate::limits::{
    CODE_BYTES_MAX, EVENT_BYTES_MAX, EVENTS_MAX, JUDGES_MAX, MESSAGE_BYTES_MAX, RESULT_BYTES_MAX, TOPIC_BYTES_MAX,
};
use crate::{Budget, Bytes, ChaincodeName, Height, List, Outcome, PackageId, Text, TxId};
use borsh::{BorshDeserialize, BorshSerialize};

/// Something a chaincode announces.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Event {
    /// Who announces it: the chaincode that was called, or one that this one called.
    pub chaincode: ChaincodeName,
    /// What it is about, for filters.
    pub topic: Text<TOPIC_BYTES_MAX>,
    /// Borsh by the chaincode's schema.
    pub payload: Bytes<EVENT_BYTES_MAX>,
}

/// A version of a chaincode that took part in judging a transaction.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Judge {
    /// The chaincode.
    pub chaincode: ChaincodeName,
    /// The version's number within it.
    pub sequence: u64,
    /// The version's package: the digest of its code.
    pub package: PackageId,
}

/// What came of one transaction.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Receipt {
    /// The transaction.
    pub tx_id: TxId,
    /// Its block.
    pub height: Height,
    /// Its place in the block.
    pub index: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The chaincode's own code when it refused; empty otherwise.
    pub code: Text<CODE_BYTES_MAX>,
    /// A sentence for people when it did not end `Valid`; empty otherwise.
    pub message: Text<MESSAGE_BYTES_MAX>,
    /// The chaincode versions that judged it: the one called first, then those that it called, by first call. None
    /// when none ran.
    pub judges: List<Judge, JUDGES_MAX>,
    /// What the function returned, borsh by the chaincode's schema.
    pub result: Bytes<RESULT_BYTES_MAX>,
    /// Announced events; none unless `Valid`.
    pub events: List<Event, EVENTS_MAX>,
    /// What it used: gas of the guest, and of what the host did for it.
    pub used: Budget,
}
