//! sha3-256 with a domain in front.

use borsh::BorshSerialize;
use sha3::{Digest as _, Sha3_256};
use theriac_types::Digest;

macro_rules! domains {
    ($($(#[$doc:meta])* $name:ident = $tag:literal),+ $(,)?) => {
        /// What is hashed. The tag, with its length in front, starts the hashed bytes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Domain { $($(#[$doc])* $name),+ }

        impl Domain {
            /// Every domain.
            pub const ALL: &[Self] = &[$(Self::$name),+];
            /// The tag.
            pub fn tag(self) -> &'static str {
                match self { $(Self::$name => $tag),+ }
            }
        }
    };
}

domains! {
    /// A transaction body; gives its id.
    Transaction = "theriac/transaction",
    /// A block body.
    BlockBody = "theriac/block-body",
    /// A block at its height, chained to its predecessor.
    Block = "theriac/block",
    /// A genesis; gives the hash of the block at height 0.
    Genesis = "theriac/genesis",
    /// A configuration.
    Configuration = "theriac/configuration",
    /// A configuration before it is known when it begins.
    ProposedConfiguration = "theriac/proposed-configuration",
    /// A leaf of a receipts tree.
    ReceiptLeaf = "theriac/receipt-leaf",
    /// An inner node of a receipts tree.
    ReceiptNode = "theriac/receipt-node",
    /// The root of a receipts tree with its number of leaves.
    ReceiptRoot = "theriac/receipt-root",
    /// A key of the world state.
    StateKey = "theriac/state-key",
    /// A node or value of the world state's tree.
    StateTree = "theriac/state-tree",
    /// A state commitment; gives the state digest.
    StateCommitment = "theriac/state-commitment",
    /// What a replica votes for.
    Statement = "theriac/statement",
    /// Which replicas should hold a document.
    Placement = "theriac/placement",
    /// What a replica says that it holds.
    Storage = "theriac/storage",
    /// A view-change message.
    ViewChange = "theriac/view-change",
    /// A new-view message.
    NewView = "theriac/new-view",
    /// A replica's choice of collectors.
    Collectors = "theriac/collectors",
    /// A chaincode package.
    Package = "theriac/package",
    /// A cost table with its algorithm; names the metering of a package.
    Metering = "theriac/metering",
    /// A compiled package in a peer's own folder.
    Compiled = "theriac/compiled",
    /// What organisations approve of a chaincode's version.
    Definition = "theriac/definition",
    /// A simulated share or certificate.
    Recording = "theriac/recording",
    /// A simulator's trace.
    Trace = "theriac/trace",
}

/// Hashes parts under a domain. The parts are concatenated: callers give at most one of variable length, last.
pub fn hash(domain: Domain, parts: &[&[u8]]) -> Digest {
    let tag = domain.tag().as_bytes();
    let length = u8::try_from(tag.len()).expect("tags are short");
    let mut hasher = Sha3_256::new();
    hasher.update([length]);
    hasher.update(tag);
    for part in parts {
        hasher.update(part);
    }
    Digest(hasher.finalize().into())
}

/// Hashes the canonical encoding of a value under a domain.
pub fn hash_value<T: BorshSerialize + ?Sized>(domain: Domain, value: &T) -> Digest {
    hash(domain, &[&theriac_types::encode(value)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_domain_gives_another_digest() {
        let digests: BTreeSet<_> = Domain::ALL.iter().map(|d| hash(*d, &[b"x"])).collect();
        assert_eq!(digests.len(), Domain::ALL.len());
    }

    #[test]
    fn the_empty_sha3_256_is_the_published_one() {
        let empty = Digest(Sha3_256::digest([]).into());
        assert_eq!(empty.to_string(), "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    }
}
