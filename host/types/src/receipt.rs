//! A receipt: the outcome of one transaction, proven under the receipts root of its block.

use crate::limits::{
    CODE_BYTES_MAX, EVENT_BYTES_MAX, EVENTS_MAX, MESSAGE_BYTES_MAX, RESULT_BYTES_MAX, TOPIC_BYTES_MAX,
};
use crate::{Bytes, Height, List, Outcome, PackageId, Text, TxId};
use borsh::{BorshDeserialize, BorshSerialize};

/// Something a chaincode announces.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Event {
    /// What it is about, for filters.
    pub topic: Text<TOPIC_BYTES_MAX>,
    /// Borsh by the chaincode's schema.
    pub payload: Bytes<EVENT_BYTES_MAX>,
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
    /// The chaincode version that judged it; none when none ran.
    pub package: Option<PackageId>,
    /// What the function returned, borsh by the chaincode's schema.
    pub result: Bytes<RESULT_BYTES_MAX>,
    /// Announced events; none unless `Valid`.
    pub events: List<Event, EVENTS_MAX>,
    /// Gas used by the guest and its host calls.
    pub gas: u64,
}
