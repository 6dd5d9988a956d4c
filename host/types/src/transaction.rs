//! A transaction: what a member wants done, signed.

use crate::limits::{ARGS_BYTES_MAX, COSIGNATURES_MAX};
use crate::{
    Bytes, ChaincodeName, ChannelId, Digest, FunctionName, Height, List, MemberId, Nonce, PublicKey, Signature,
};
use borsh::{BorshDeserialize, BorshSerialize};

/// Who signs, and with which key.
///
/// The key travels with the transaction so that its signature can be checked once, in parallel, before ordering and
/// without the ledger. Whether the key belongs to the member is decided at execution, at one height for all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Creator {
    /// The member.
    pub member: MemberId,
    /// The key the member signs with.
    pub key: PublicKey,
}

/// What is signed: every byte of this is under the signature, through the transaction's id.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TransactionBody {
    /// The channel it is meant for; no other accepts it.
    pub channel: ChannelId,
    /// Who asks.
    pub creator: Creator,
    /// Never used twice by this creator within the validity of its transactions.
    pub nonce: Nonce,
    /// Last height at which it may be executed.
    pub valid_until: Height,
    /// The chaincode to call.
    pub chaincode: ChaincodeName,
    /// Its function.
    pub function: FunctionName,
    /// The function's argument, borsh by the chaincode's schema.
    pub args: Bytes<ARGS_BYTES_MAX>,
    /// Digest of data handed over outside the ledger.
    pub transient_hash: Option<Digest>,
}

/// A further member's signature over the same transaction id.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Cosignature {
    /// Who signs, and with which key.
    pub signer: Creator,
    /// The signature over the transaction id.
    pub signature: Signature,
}

/// A body with its creator's signature and those of co-signers.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Transaction {
    /// What is signed.
    pub body: TransactionBody,
    /// The creator's signature over the transaction id.
    pub signature: Signature,
    /// In the order they were added.
    pub cosignatures: List<Cosignature, COSIGNATURES_MAX>,
}
