//! Storage receipts: replicas' words that they hold documents, by which the ledger knows that what it names can be had.
//!
//! A receipt is signed with the replica's key for votes, over a hash of a domain of its own: it is no vote, and no vote
//! is a receipt. With `f + 1` of them one is of a correct replica, which has checked every byte.

use crate::bls::is_signed_by_all;
use crate::hash::{Domain, hash_value};
use crate::statement::VoteContext;
use std::collections::BTreeSet;
use theriac_types::{Configuration, Digest, HeldDocuments, ReplicaId, StorageReceipt};

/// Receipts that do not show that documents are held.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageReceiptError {
    /// Not one of the epoch's replicas.
    #[error("there is no replica {replica} in this epoch of {replicas}")]
    Stranger {
        /// Who it says it is.
        replica: ReplicaId,
        /// Replicas in the epoch.
        replicas: usize,
    },
    /// Two receipts of one replica.
    #[error("there are two receipts of replica {replica}")]
    Repeated {
        /// Whose.
        replica: ReplicaId,
    },
    /// Too few.
    #[error("{found} replicas hold it where {needed} must")]
    TooFew {
        /// Receipts given.
        found: usize,
        /// Receipts needed.
        needed: usize,
    },
    /// Not that replica's signature over these documents in this epoch.
    #[error("the receipt of replica {replica} is not for these documents, or not its own")]
    Signature {
        /// Whose.
        replica: ReplicaId,
    },
}

/// The 32 bytes that a replica signs when it holds documents.
pub fn storage_bytes(context: &VoteContext, held: &HeldDocuments) -> [u8; 32] {
    hash_value(Domain::Storage, &(context, held)).0
}

/// The replicas of a configuration that should hold a document, best first: everyone computes the same ones, and a new
/// configuration moves few documents (rendezvous hashing).
pub fn placement(configuration: &Configuration, sha2_256: &Digest) -> Vec<ReplicaId> {
    let weight = |key: &[u8]| hash_value(Domain::Placement, &(sha2_256, key));
    let ids = (0..).map(ReplicaId).zip(&configuration.replicas);
    let mut weighed: Vec<_> = ids.map(|(id, record)| (weight(&record.consensus_key), id)).collect();
    weighed.sort_unstable();
    weighed.into_iter().map(|(_, id)| id).collect()
}

/// Checks that at least `needed` replicas of a configuration say that they hold all of these documents.
///
/// # Errors
/// The first thing that is wrong, cheap checks first.
pub fn check_storage_receipts(
    context: &VoteContext,
    configuration: &Configuration,
    held: &HeldDocuments,
    receipts: &[StorageReceipt],
    needed: usize,
) -> Result<(), StorageReceiptError> {
    let mut seen = BTreeSet::new();
    let mut signed = Vec::with_capacity(receipts.len().min(configuration.replicas.len()));
    for StorageReceipt { replica, signature } in receipts {
        let (replica, replicas) = (*replica, configuration.replicas.len());
        let record = configuration.replicas.get(usize::from(replica.0));
        let record = record.ok_or(StorageReceiptError::Stranger { replica, replicas })?;
        if !seen.insert(replica) {
            return Err(StorageReceiptError::Repeated { replica });
        }
        signed.push((replica, (&record.consensus_key[..], signature)));
    }
    let found = receipts.len();
    if found < needed {
        return Err(StorageReceiptError::TooFew { found, needed });
    }
    let message = storage_bytes(context, held);
    let all: Vec<_> = signed.iter().map(|(_, signed)| *signed).collect();
    if is_signed_by_all(&message, &all) {
        return Ok(());
    }
    // The sum of right ones is right: one by one, a wrong one is found.
    match signed.iter().find(|(_, signed)| !is_signed_by_all(&message, &[*signed])) {
        Some((replica, _)) => Err(StorageReceiptError::Signature { replica: *replica }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::ShareSigner;
    use crate::testing::{channel, configuration, secrets};
    use crate::{Share, Statement};
    use theriac_types::{Bytes, Content, Digest, Epoch, List, SeqNum, StateDigest, Text};

    fn context(epoch: u64) -> VoteContext {
        VoteContext { channel: channel(), epoch: Epoch(epoch) }
    }

    fn document(number: u8) -> Content {
        Content { cid: Text::new(format!("bafy{number}")).expect("short"), sha2_256: Digest([number; 32]), bytes: 7 }
    }

    fn held(documents: &[Content]) -> HeldDocuments {
        HeldDocuments { documents: List::new(documents.to_vec()).expect("few"), until_ms: 1_000 }
    }

    fn receipt(replica: u16, signature: Share) -> StorageReceipt {
        StorageReceipt { replica: ReplicaId(replica), signature }
    }

    fn check(receipts: &[StorageReceipt]) -> Result<(), StorageReceiptError> {
        check_storage_receipts(&context(0), &configuration(4), &held(&[document(1), document(2)]), receipts, 2)
    }

    #[test]
    fn enough_replicas_that_hold_the_same_documents_are_enough() {
        let documents = held(&[document(1), document(2)]);
        let sign = |id: u16| receipt(id, secrets(4)[usize::from(id)].sign_storage(&context(0), &documents));
        assert_eq!(check(&[sign(3), sign(1)]), Ok(()));
        assert_eq!(check(&[sign(0), sign(1), sign(2), sign(3)]), Ok(()));
        assert_eq!(check(&[sign(3)]), Err(StorageReceiptError::TooFew { found: 1, needed: 2 }));
        assert_eq!(check(&[]), Err(StorageReceiptError::TooFew { found: 0, needed: 2 }));
        assert_eq!(check(&[sign(1), sign(1)]), Err(StorageReceiptError::Repeated { replica: ReplicaId(1) }));
        let stranger = StorageReceiptError::Stranger { replica: ReplicaId(4), replicas: 4 };
        assert_eq!(check(&[sign(1), receipt(4, sign(0).signature)]), Err(stranger));
    }

    #[test]
    fn documents_are_spread_evenly_and_only_a_replaced_replicas_move() {
        let before = configuration(4);
        let mut replicas = before.replicas.to_vec();
        replicas[3] = configuration(5).replicas[4].clone();
        let after = Configuration { replicas: List::new(replicas).expect("four"), ..before.clone() };
        let mut first = [0_u32; 4];
        for number in 0..1_000_u32 {
            let document = hash_value(Domain::Storage, &number);
            let (old, new) = (placement(&before, &document), placement(&after, &document));
            assert_eq!(old.iter().collect::<BTreeSet<_>>().len(), 4, "everyone once");
            first[usize::from(old[0].0)] += 1;
            let others = |places: &[ReplicaId]| -> Vec<ReplicaId> {
                places.iter().copied().filter(|place| *place != ReplicaId(3)).collect()
            };
            assert_eq!(others(&old), others(&new));
        }
        assert!(first.iter().all(|count| (200..300).contains(count)), "{first:?}");
    }

    #[test]
    fn a_receipt_is_for_its_replica_its_documents_and_its_epoch() {
        let keys = secrets(4);
        let documents = held(&[document(1), document(2)]);
        let good = receipt(0, keys[0].sign_storage(&context(0), &documents));
        let vote =
            keys[1].signer(context(0)).sign(&Statement::State { seq: SeqNum(1), digest: StateDigest(Digest::ZERO) });
        let wrong = [
            ("another's", keys[2].sign_storage(&context(0), &documents)),
            ("another epoch's", keys[1].sign_storage(&context(1), &documents)),
            ("fewer documents'", keys[1].sign_storage(&context(0), &held(&[document(1)]))),
            ("another order's", keys[1].sign_storage(&context(0), &held(&[document(2), document(1)]))),
            (
                "another size's",
                keys[1].sign_storage(&context(0), &held(&[document(1), Content { bytes: 8, ..document(2) }])),
            ),
            (
                "a longer time's",
                keys[1].sign_storage(&context(0), &HeldDocuments { until_ms: 1_001, ..documents.clone() }),
            ),
            ("a vote", vote),
            ("nothing", Bytes::default()),
            ("infinity", Bytes::new([&[0xc0][..], &[0; 47]].concat()).expect("short")),
        ];
        for (what, signature) in wrong {
            let found = check(&[good.clone(), receipt(1, signature)]);
            assert_eq!(found, Err(StorageReceiptError::Signature { replica: ReplicaId(1) }), "{what}");
        }
    }
}
