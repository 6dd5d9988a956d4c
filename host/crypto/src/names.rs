//! The digests that name things: one function each, so that a name is made in one way only.

use crate::hash::{Domain, hash, hash_value};
use theriac_types::{
    BlockBody, BlockHash, BlockHeader, BodyHash, ChannelId, Configuration, Definition, Digest, Genesis, PackageId,
    ProposedConfiguration, StateCommitment, StateDigest, TransactionBody, TxId,
};

/// Names a transaction; this digest is what its signers sign.
pub fn tx_id(body: &TransactionBody) -> TxId {
    TxId(hash_value(Domain::Transaction, body))
}

/// Names a block body.
pub fn body_hash(body: &BlockBody) -> BodyHash {
    BodyHash(hash_value(Domain::BlockBody, body))
}

/// Names a block with what came of it, and chains to its predecessor.
pub fn block_hash(channel: &ChannelId, header: &BlockHeader) -> BlockHash {
    BlockHash(hash_value(Domain::Block, &(channel, header)))
}

/// The predecessor of the block at height 1.
pub fn genesis_hash(genesis: &Genesis) -> BlockHash {
    BlockHash(genesis_digest(genesis))
}

/// Names a network by what it started from.
pub fn genesis_digest(genesis: &Genesis) -> Digest {
    hash_value(Domain::Genesis, genesis)
}

/// Names the configuration of an epoch.
pub fn configuration_digest(configuration: &Configuration) -> Digest {
    hash_value(Domain::Configuration, configuration)
}

/// Names what organisations vote on when they change the configuration.
pub fn proposed_configuration_digest(proposed: &ProposedConfiguration) -> Digest {
    hash_value(Domain::ProposedConfiguration, proposed)
}

/// Names everything that holds after a height.
pub fn state_digest(commitment: &StateCommitment) -> StateDigest {
    StateDigest(hash_value(Domain::StateCommitment, commitment))
}

/// Names the definition of a chaincode's version: what organisations approve.
pub fn definition_digest(definition: &Definition) -> Digest {
    hash_value(Domain::Definition, definition)
}

/// Names a chaincode package: its core module as deployed.
pub fn package_id(module: &[u8]) -> PackageId {
    PackageId(hash(Domain::Package, &[module]))
}
