//! What a member asks a peer about the past. Signed like a query, to a chaincode that there is not: what is signed for
//! an audit is good for nothing else.

use crate::replay::candidate::CandidateSource;
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::{ChaincodeName, Height, TxId};

/// The name that questions are signed to.
pub const AUDIT: &str = "_audit";
/// The function that stands for a replay; its argument is [`AskReplay`].
pub const REPLAY: &str = "replay";
/// The function that stands for a dry run; its argument is [`AskDryRun`].
pub const DRY_RUN: &str = "dry_run";

/// Asks for a transaction to be executed again.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AskReplay {
    /// The transaction.
    pub id: TxId,
}

/// Asks for past transactions to be judged by another package.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct AskDryRun {
    /// The chaincode whose transactions are judged.
    pub chaincode: ChaincodeName,
    /// The package to judge them by.
    pub package: CandidateSource,
    /// The newest height to look at; the certified head when none.
    pub newest: Option<Height>,
    /// How many blocks with such transactions.
    pub blocks: u32,
}
