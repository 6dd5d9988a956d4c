//! Votes without cryptography: a record of who signed what, which signs, combines and verifies for the price of a look
//! into a table. It accepts exactly what was signed.

use crate::mix::Mixer;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use theriac_consensus::Cluster;
use theriac_crypto::{CertificateError, CertificateScheme, Culprits, Share, ShareSigner, Statement, VoteContext};
use theriac_types::{Bytes, Certificate, ReplicaId, SignerBitmap};

/// Replicas as the bits of a number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signers(u128);

impl Signers {
    /// How many replicas a simulated network may have.
    pub const MAX: usize = 128;

    /// Whether the replica is one of them.
    pub fn contains(self, ReplicaId(id): ReplicaId) -> bool {
        usize::from(id) < Self::MAX && self.0 & (1 << id) != 0
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Adds one.
    pub fn insert(&mut self, ReplicaId(id): ReplicaId) {
        self.0 |= 1 << id;
    }

    /// All of them, ascending.
    pub fn iter(self) -> impl Iterator<Item = ReplicaId> {
        (0..Self::MAX as u16).map(ReplicaId).filter(move |id| self.contains(*id))
    }
}

/// Every signature of an epoch.
#[derive(Debug, Default)]
struct Signatures {
    /// Made, whether or not anybody has seen them.
    signed: BTreeMap<Statement, Signers>,
    /// Those that may have left their signers: made in a turn that came to its end.
    seen: BTreeMap<Statement, Signers>,
    /// Those that nobody has looked at yet, in the order in which they were made.
    fresh: Vec<(ReplicaId, Statement)>,
}

/// The votes of one epoch. Copies share one record.
#[derive(Debug, Clone)]
pub struct Votes {
    /// The network.
    pub cluster: Cluster,
    key: u64,
    signatures: Arc<Mutex<Signatures>>,
}

impl Votes {
    /// No votes yet. Votes of another context never count here.
    pub fn new(cluster: Cluster, context: &VoteContext) -> Self {
        assert!(cluster.replicas() <= Signers::MAX, "a simulated network is small");
        let key = Mixer::of(0, context).finish()[0];
        Self { cluster, key, signatures: Arc::default() }
    }

    /// Signs for any replica, without a note: liars do so for each other.
    pub fn sign(&self, replica: ReplicaId, statement: &Statement) -> Share {
        self.with(|s| {
            s.signed.entry(*statement).or_default().insert(replica);
            s.seen.entry(*statement).or_default().insert(replica);
        });
        self.share(replica, statement)
    }

    /// The signatures made since the last time. They count as seen from now on.
    pub fn take_fresh(&self) -> Vec<(ReplicaId, Statement)> {
        self.with(|s| {
            for (replica, statement) in &s.fresh {
                s.seen.entry(*statement).or_default().insert(*replica);
            }
            std::mem::take(&mut s.fresh)
        })
    }

    /// Drops the signatures made since the last time: their signer died before anybody saw them.
    pub fn drop_fresh(&self) {
        self.with(|s| s.fresh.clear());
    }

    /// Whose signatures over a statement somebody may have seen.
    pub fn seen(&self, statement: &Statement) -> Signers {
        self.with(|s| s.seen.get(statement).copied().unwrap_or_default())
    }

    /// The shares over a statement that somebody may have seen.
    pub fn seen_shares(&self, statement: &Statement) -> BTreeMap<ReplicaId, Share> {
        self.seen(statement).iter().map(|replica| (replica, self.share(replica, statement))).collect()
    }

    fn with<T>(&self, act: impl FnOnce(&mut Signatures) -> T) -> T {
        act(&mut self.signatures.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn signed(&self, statement: &Statement) -> Signers {
        self.with(|s| s.signed.get(statement).copied().unwrap_or_default())
    }

    fn share(&self, replica: ReplicaId, statement: &Statement) -> Share {
        bytes(Mixer::of(self.key, &(replica, statement)))
    }
}

/// Signs for one replica and notes it.
#[derive(Debug)]
pub struct Signer {
    /// Who signs.
    pub replica: ReplicaId,
    /// Where it is noted.
    pub votes: Votes,
}

impl ShareSigner for Signer {
    fn sign(&self, statement: &Statement) -> Share {
        self.votes.with(|s| {
            s.signed.entry(*statement).or_default().insert(self.replica);
            s.fresh.push((self.replica, *statement));
        });
        self.votes.share(self.replica, statement)
    }
}

impl CertificateScheme for Votes {
    fn replicas(&self) -> usize {
        self.cluster.replicas()
    }

    fn verify_share(&self, replica: ReplicaId, statement: &Statement, share: &Share) -> bool {
        self.signed(statement).contains(replica) && *share == self.share(replica, statement)
    }

    fn combine(&self, statement: &Statement, shares: &BTreeMap<ReplicaId, Share>) -> Result<Certificate, Culprits> {
        let signed = self.signed(statement);
        let good = |id: &ReplicaId, share: &Share| signed.contains(*id) && *share == self.share(*id, statement);
        let bad = shares.iter().filter(|(id, share)| !good(id, share));
        let replicas: std::collections::BTreeSet<_> = bad.map(|(id, _)| *id).collect();
        if !replicas.is_empty() {
            return Err(Culprits { replicas });
        }
        let signers = SignerBitmap::new(self.replicas(), shares.keys().copied()).expect("a simulated network is small");
        let signature = bytes(Mixer::of(self.key, &(statement, &signers)));
        Ok(Certificate { signers, signature })
    }

    fn verify(
        &self,
        statement: &Statement,
        certificate: &Certificate,
        threshold: usize,
    ) -> Result<(), CertificateError> {
        let Certificate { signers, signature } = certificate;
        if !signers.fits(self.replicas()) {
            return Err(CertificateError::Bitmap { replicas: self.replicas() });
        }
        let (found, needed) = (signers.count(), threshold.max(1));
        if found < needed {
            return Err(CertificateError::TooFewSigners { found, needed });
        }
        let signed = self.signed(statement);
        let all_signed = signers.iter().all(|id| signed.contains(id));
        if all_signed && *signature == bytes(Mixer::of(self.key, &(statement, signers))) {
            return Ok(());
        }
        Err(CertificateError::Signature)
    }
}

fn bytes<const MAX: usize>(mixer: Mixer) -> Bytes<MAX> {
    let [a, b] = mixer.finish();
    Bytes::new([a.to_le_bytes(), b.to_le_bytes()].concat()).expect("16 bytes fit")
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::{Digest, Epoch, View};

    fn votes(epoch: u64) -> Votes {
        let context = VoteContext { channel: "test".parse().expect("a name"), epoch: Epoch(epoch) };
        Votes::new(Cluster::new(1, 0).expect("small"), &context)
    }

    fn about(view: u64) -> Statement {
        Statement::ViewChange { view: View(view), message: Digest([1; 32]) }
    }

    #[test]
    fn only_what_was_signed_verifies() {
        let votes = votes(0);
        let shares: BTreeMap<_, _> = [0, 2].map(|id| (ReplicaId(id), votes.sign(ReplicaId(id), &about(3)))).into();
        let certificate = votes.combine(&about(3), &shares).expect("both signed");
        assert_eq!(votes.verify(&about(3), &certificate, 2), Ok(()));
        assert!(votes.verify(&about(3), &certificate, 3).is_err());
        assert!(votes.verify(&about(4), &certificate, 2).is_err());
        assert!(super::tests::votes(1).verify(&about(3), &certificate, 2).is_err(), "another epoch");
        let forged = votes.share(ReplicaId(1), &about(3));
        assert!(!votes.verify_share(ReplicaId(1), &about(3), &forged), "nobody signed it");
        assert!(!votes.verify_share(ReplicaId(2), &about(3), &forged), "it is another's");
    }

    #[test]
    fn what_its_signer_took_to_its_grave_was_never_seen() {
        let votes = votes(0);
        let signer = Signer { replica: ReplicaId(1), votes: votes.clone() };
        signer.sign(&about(1));
        votes.drop_fresh();
        assert_eq!(votes.seen(&about(1)).count(), 0);
        signer.sign(&about(1));
        assert_eq!(votes.take_fresh(), [(ReplicaId(1), about(1))]);
        assert!(votes.seen(&about(1)).contains(ReplicaId(1)));
    }
}
