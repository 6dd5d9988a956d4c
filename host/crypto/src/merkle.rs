//! The receipts tree: a binary Merkle tree over the receipts of one block.
//!
//! Leaf, node and root have domains of their own; the root binds the number of leaves; an odd node rises unchanged,
//! it is never paired with itself. A proof is the list of siblings from leaf to root, with the index saying on which
//! side each stands. An empty block has a root too.

use crate::hash::{Domain, hash};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::BLOCK_TRANSACTIONS_MAX;
use theriac_types::{Digest, List, Receipt, ReceiptsRoot};

/// Levels of the largest tree.
pub const DEPTH_MAX: usize = BLOCK_TRANSACTIONS_MAX.ilog2() as usize + 1;

/// The way from one receipt to its block's receipts root.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReceiptProof {
    /// Place of the receipt in the block.
    pub index: u32,
    /// Receipts in the block.
    pub count: u32,
    /// Siblings, from the leaf upwards; levels where the node has none are left out.
    pub siblings: List<Digest, DEPTH_MAX>,
}

/// A proof that does not lead from the receipt to the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the receipt is not proven by this receipts root")]
pub struct ReceiptNotProven;

/// Hash of a receipt as a leaf.
pub fn receipt_leaf(receipt: &Receipt) -> Digest {
    crate::hash::hash_value(Domain::ReceiptLeaf, receipt)
}

/// Root of a block's receipts.
pub fn receipts_root(leaves: &[Digest]) -> ReceiptsRoot {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = next_level(&level);
    }
    bind(level.first().copied().unwrap_or(Digest::ZERO), leaves.len())
}

/// Proof for the leaf at an index; none when there is no such leaf or there are too many leaves. For more than one
/// proof of a block, build a [`ReceiptTree`].
pub fn prove(leaves: &[Digest], index: usize) -> Option<ReceiptProof> {
    ReceiptTree::new(leaves.iter().copied()).prove(index)
}

/// The whole tree of one block, hashed once and good for any number of proofs.
#[derive(Debug, Clone)]
pub struct ReceiptTree {
    /// From the leaves upwards.
    levels: Vec<Vec<Digest>>,
}

impl ReceiptTree {
    /// Hashes the tree above these leaves.
    pub fn new(leaves: impl IntoIterator<Item = Digest>) -> Self {
        let mut level: Vec<Digest> = leaves.into_iter().collect();
        let mut levels = Vec::new();
        while level.len() > 1 {
            let next = next_level(&level);
            levels.push(std::mem::replace(&mut level, next));
        }
        levels.push(level);
        Self { levels }
    }

    /// Proof for the leaf at an index; none when there is no such leaf or there are too many leaves.
    pub fn prove(&self, index: usize) -> Option<ReceiptProof> {
        let count = self.levels.first()?.len();
        if index >= count {
            return None;
        }
        let at_level = |(depth, level): (usize, &Vec<Digest>)| level.get((index >> depth) ^ 1).copied();
        let siblings: Vec<Digest> = self.levels.iter().enumerate().filter_map(at_level).collect();
        let siblings = List::new(siblings).ok()?;
        Some(ReceiptProof { index: u32::try_from(index).ok()?, count: u32::try_from(count).ok()?, siblings })
    }
}

/// Checks that the receipt stands in the block with this root, at the place both name.
pub fn verify(proof: &ReceiptProof, receipt: &Receipt, root: ReceiptsRoot) -> Result<(), ReceiptNotProven> {
    if proof.index >= proof.count || proof.index != receipt.index {
        return Err(ReceiptNotProven);
    }
    let (mut node, mut position, mut width) = (receipt_leaf(receipt), proof.index as usize, proof.count as usize);
    let mut siblings = proof.siblings.iter();
    while width > 1 {
        if position ^ 1 < width {
            let sibling = siblings.next().ok_or(ReceiptNotProven)?;
            node = if position % 2 == 0 { parent(&node, sibling) } else { parent(sibling, &node) };
        }
        position /= 2;
        width = width.div_ceil(2);
    }
    if siblings.next().is_some() || bind(node, proof.count as usize) != root {
        return Err(ReceiptNotProven);
    }
    Ok(())
}

fn next_level(level: &[Digest]) -> Vec<Digest> {
    let pair = |nodes: &[Digest]| if let [left, right] = nodes { parent(left, right) } else { nodes[0] };
    level.chunks(2).map(pair).collect()
}

fn parent(left: &Digest, right: &Digest) -> Digest {
    hash(Domain::ReceiptNode, &[&left.0, &right.0])
}

fn bind(top: Digest, count: usize) -> ReceiptsRoot {
    ReceiptsRoot(hash(Domain::ReceiptRoot, &[&(count as u64).to_le_bytes(), &top.0]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::{Budget, Bytes, Height, Outcome, Text, TxId};

    fn receipts(count: u32) -> Vec<Receipt> {
        let receipt = |index| Receipt {
            tx_id: TxId(Digest([index as u8; 32])),
            height: Height(1),
            index,
            outcome: Outcome::Valid,
            code: Text::default(),
            message: Text::default(),
            judges: List::default(),
            result: Bytes::default(),
            events: List::default(),
            used: Budget::ZERO,
        };
        (0..count).map(receipt).collect()
    }

    #[test]
    fn every_receipt_of_every_size_is_proven_at_its_own_place_only() {
        for count in 1..=33 {
            let receipts = receipts(count);
            let leaves: Vec<_> = receipts.iter().map(receipt_leaf).collect();
            let root = receipts_root(&leaves);
            for (index, receipt) in receipts.iter().enumerate() {
                let proof = prove(&leaves, index).expect("in range");
                assert_eq!(verify(&proof, receipt, root), Ok(()), "{index} of {count}");
                for other in receipts.iter().filter(|other| *other != receipt) {
                    assert!(verify(&proof, other, root).is_err());
                }
                let moved = ReceiptProof { count: count + 1, ..proof.clone() };
                assert!(verify(&moved, receipt, root).is_err(), "the count is bound");
                let mut longer = proof.siblings.clone().into_vec();
                longer.push(Digest::ZERO);
                if let Ok(siblings) = List::new(longer) {
                    assert!(verify(&ReceiptProof { siblings, ..proof }, receipt, root).is_err());
                }
            }
        }
    }

    #[test]
    fn a_changed_receipt_is_not_proven() {
        let receipts = receipts(5);
        let leaves: Vec<_> = receipts.iter().map(receipt_leaf).collect();
        let proof = prove(&leaves, 3).expect("in range");
        let lie = Receipt { used: Budget { gas: 1, host_gas: 0 }, ..receipts[3].clone() };
        assert_eq!(verify(&proof, &lie, receipts_root(&leaves)), Err(ReceiptNotProven));
    }

    #[test]
    fn the_largest_block_fits_a_proof() {
        let leaves = vec![Digest::ZERO; BLOCK_TRANSACTIONS_MAX];
        assert!(prove(&leaves, BLOCK_TRANSACTIONS_MAX - 1).is_some());
        assert_ne!(receipts_root(&[]), receipts_root(&[Digest::ZERO]));
    }
}
