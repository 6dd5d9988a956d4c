//! BLS12-381 multi-signatures, signatures in G1 (48 bytes), keys in G2 (96 bytes).
//!
//! Every key comes with a proof of possession, checked once when the scheme is built; without it a rogue key could
//! cancel others out of an aggregate. Shares are combined unchecked and the combination verified once, with its
//! subgroup check; only when that fails are shares verified one by one. Source: draft-irtf-cfrg-bls-signature-05.

use crate::certificate::{CertificateError, CertificateScheme, Culprits, Share, ShareSigner, check_signers};
use crate::statement::{Statement, VoteContext};
use crate::storage::storage_bytes;
use blst::BLST_ERROR;
use blst::min_sig::{AggregatePublicKey, AggregateSignature, PublicKey, SecretKey, Signature};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use theriac_types::limits::{CERTIFICATE_SIGNATURE_BYTES_MAX, CONSENSUS_KEY_BYTES_MAX};
use theriac_types::{
    Bytes, Certificate, ChannelId, Configuration, HeldDocuments, ReplicaId, ReplicaRecord, SignerBitmap,
};

const VOTE_SUITE: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";
const POSSESSION_SUITE: &[u8] = b"BLS_POP_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_";

/// A set of keys that cannot form a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlsKeyError {
    /// Too short, or zero.
    #[error("a consensus secret needs at least 32 random bytes")]
    Secret,
    /// Not a point of the right group, or infinity.
    #[error("the consensus key of replica {replica} is no valid BLS12-381 key")]
    Key {
        /// Whose.
        replica: ReplicaId,
    },
    /// The proof of possession does not verify.
    #[error("replica {replica} does not prove that it holds its consensus key")]
    Possession {
        /// Whose.
        replica: ReplicaId,
    },
    /// Two replicas with one key.
    #[error("replica {replica} has the same consensus key as another")]
    Repeated {
        /// The second of them.
        replica: ReplicaId,
    },
}

/// A replica's consensus secret.
#[derive(Clone)]
pub struct BlsSecretKey(SecretKey);

impl BlsSecretKey {
    /// Derives a key from at least 32 random bytes.
    pub fn from_seed(seed: &[u8]) -> Result<Self, BlsKeyError> {
        SecretKey::key_gen(seed, b"theriac/consensus-key").map(Self).map_err(|_| BlsKeyError::Secret)
    }

    /// Takes a stored secret.
    pub fn from_bytes(secret: &[u8; 32]) -> Result<Self, BlsKeyError> {
        SecretKey::from_bytes(secret).map(Self).map_err(|_| BlsKeyError::Secret)
    }

    /// The secret, for storing it.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public half, compressed.
    pub fn public_key(&self) -> Bytes<CONSENSUS_KEY_BYTES_MAX> {
        Bytes::new(self.0.sk_to_pk().compress()).expect("a compressed key fits")
    }

    /// The proof of possession: the key signed by itself under a suite of its own.
    pub fn proof_of_possession(&self) -> Bytes<CERTIFICATE_SIGNATURE_BYTES_MAX> {
        let proof = self.0.sign(&self.0.sk_to_pk().compress(), POSSESSION_SUITE, &[]);
        Bytes::new(proof.compress()).expect("a compressed signature fits")
    }

    /// Signs that its replica holds every byte of these documents, durably, and keeps them up to this time at least.
    pub fn sign_storage(&self, context: &VoteContext, held: &HeldDocuments) -> Share {
        let signature = self.0.sign(&storage_bytes(context, held), VOTE_SUITE, &[]);
        Bytes::new(signature.compress()).expect("a compressed signature fits")
    }

    /// A signer for votes in this context.
    pub fn signer(&self, context: VoteContext) -> BlsSigner {
        BlsSigner { key: self.clone(), context }
    }
}

impl fmt::Debug for BlsSecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlsSecretKey(..)")
    }
}

/// Signs votes of one replica.
#[derive(Debug, Clone)]
pub struct BlsSigner {
    key: BlsSecretKey,
    context: VoteContext,
}

impl ShareSigner for BlsSigner {
    fn sign(&self, statement: &Statement) -> Share {
        let signature = self.key.0.sign(&statement.signed_bytes(&self.context), VOTE_SUITE, &[]);
        Bytes::new(signature.compress()).expect("a compressed signature fits")
    }
}

/// Checks a replica's key and that its owner holds the secret.
pub fn check_key(replica: ReplicaId, record: &ReplicaRecord) -> Result<(), BlsKeyError> {
    validate(replica, record).map(|_| ())
}

fn validate(replica: ReplicaId, record: &ReplicaRecord) -> Result<PublicKey, BlsKeyError> {
    let key = PublicKey::key_validate(&record.consensus_key).map_err(|_| BlsKeyError::Key { replica })?;
    if key.compress() != *record.consensus_key {
        return Err(BlsKeyError::Key { replica });
    }
    let possession =
        Signature::sig_validate(&record.proof_of_possession, true).map_err(|_| BlsKeyError::Possession { replica })?;
    match possession.verify(false, &record.consensus_key, POSSESSION_SUITE, &[], &key, false) {
        BLST_ERROR::BLST_SUCCESS => Ok(key),
        _ => Err(BlsKeyError::Possession { replica }),
    }
}

/// Verifies and combines the votes of a network.
#[derive(Debug, Clone)]
pub struct BlsScheme {
    context: VoteContext,
    keys: Vec<PublicKey>,
}

impl BlsScheme {
    /// Checks every key and proof of possession of a configuration. Votes count in its epoch.
    pub fn new(channel: ChannelId, configuration: &Configuration) -> Result<Self, BlsKeyError> {
        let mut keys: Vec<PublicKey> = Vec::with_capacity(configuration.replicas.len());
        for (id, record) in (0..).zip(&configuration.replicas) {
            let replica = ReplicaId(id);
            let key = validate(replica, record)?;
            if keys.contains(&key) {
                return Err(BlsKeyError::Repeated { replica });
            }
            keys.push(key);
        }
        Ok(Self { context: VoteContext { channel, epoch: configuration.epoch }, keys })
    }

    /// Where the votes count.
    pub fn context(&self) -> &VoteContext {
        &self.context
    }

    fn key(&self, ReplicaId(id): ReplicaId) -> Option<&PublicKey> {
        self.keys.get(usize::from(id))
    }
}

impl CertificateScheme for BlsScheme {
    fn replicas(&self) -> usize {
        self.keys.len()
    }

    fn verify_share(&self, replica: ReplicaId, statement: &Statement, share: &Share) -> bool {
        let (Some(key), Ok(signature)) = (self.key(replica), compressed(share)) else {
            return false;
        };
        let message = statement.signed_bytes(&self.context);
        signature.verify(true, &message, VOTE_SUITE, &[], key, false) == BLST_ERROR::BLST_SUCCESS
    }

    fn combine(&self, statement: &Statement, shares: &BTreeMap<ReplicaId, Share>) -> Result<Certificate, Culprits> {
        if let Some(certificate) = self.combine_unchecked(shares)
            && self.verify(statement, &certificate, shares.len()).is_ok()
        {
            return Ok(certificate);
        }
        let bad = shares.iter().filter(|(id, share)| !self.verify_share(**id, statement, share));
        Err(Culprits { replicas: bad.map(|(id, _)| *id).collect::<BTreeSet<_>>() })
    }

    fn verify(
        &self,
        statement: &Statement,
        certificate: &Certificate,
        threshold: usize,
    ) -> Result<(), CertificateError> {
        check_signers(certificate, self.keys.len(), threshold)?;
        let signature = compressed(&certificate.signature).map_err(|_| CertificateError::Signature)?;
        let signers: Vec<&PublicKey> = certificate.signers.iter().filter_map(|id| self.key(id)).collect();
        let key = AggregatePublicKey::aggregate(&signers, false).map_err(|_| CertificateError::Signature)?;
        let message = statement.signed_bytes(&self.context);
        // The subgroup check happens here, once, on the combination.
        match signature.verify(true, &message, VOTE_SUITE, &[], &key.to_public_key(), false) {
            BLST_ERROR::BLST_SUCCESS => Ok(()),
            _ => Err(CertificateError::Signature),
        }
    }
}

/// Whether one message was signed by each of these keys. The keys are of replicas whose possession was checked when their
/// configuration was taken.
pub(crate) fn is_signed_by_all(message: &[u8; 32], signed: &[(&[u8], &Share)]) -> bool {
    let keys: Result<Vec<_>, _> = signed.iter().map(|(key, _)| PublicKey::uncompress(key)).collect();
    let points: Result<Vec<_>, _> = signed.iter().map(|(_, share)| compressed(share)).collect();
    let (Ok(keys), Ok(points)) = (keys, points) else { return false };
    let key = AggregatePublicKey::aggregate(&keys.iter().collect::<Vec<_>>(), false);
    let combined = AggregateSignature::aggregate(&points.iter().collect::<Vec<_>>(), false);
    let (Ok(key), Ok(combined)) = (key, combined) else { return false };
    // The subgroup check happens here, once, on the combination.
    let verdict = combined.to_signature().verify(true, message, VOTE_SUITE, &[], &key.to_public_key(), false);
    verdict == BLST_ERROR::BLST_SUCCESS
}

impl BlsScheme {
    fn combine_unchecked(&self, shares: &BTreeMap<ReplicaId, Share>) -> Option<Certificate> {
        let points = shares.values().map(|share| compressed(share)).collect::<Result<Vec<_>, _>>().ok()?;
        let combined = AggregateSignature::aggregate(&points.iter().collect::<Vec<_>>(), false).ok()?;
        let known = shares.keys().all(|id| self.key(*id).is_some());
        let signers = known.then(|| SignerBitmap::new(self.keys.len(), shares.keys().copied()))?.ok()?;
        Some(Certificate { signers, signature: Bytes::new(combined.to_signature().compress()).ok()? })
    }
}

/// Reads a compressed point: exactly 48 bytes, on the curve, and not infinity.
fn compressed(bytes: &[u8]) -> Result<Signature, BLST_ERROR> {
    // The first byte of an encoded infinity has this bit set.
    if bytes.len() != 48 || bytes[0] & 0x40 != 0 {
        return Err(BLST_ERROR::BLST_BAD_ENCODING);
    }
    Signature::uncompress(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{channel, configuration, secrets};
    use theriac_types::{BodyHash, Digest, Epoch, List, SeqNum, View};

    fn setup() -> (Vec<BlsSigner>, BlsScheme, Statement) {
        let scheme = BlsScheme::new(channel(), &configuration(4)).expect("valid keys");
        let signers = secrets(4).iter().map(|s| s.signer(scheme.context().clone())).collect();
        let statement = Statement::Prepare { view: View(0), seq: SeqNum(1), body: BodyHash(Digest([1; 32])) };
        (signers, scheme, statement)
    }

    fn shares(signers: &[BlsSigner], statement: &Statement) -> BTreeMap<ReplicaId, Share> {
        (0..).map(ReplicaId).zip(signers).map(|(id, s)| (id, s.sign(statement))).collect()
    }

    #[test]
    fn certificates_verify_up_to_their_signers() {
        let (signers, scheme, statement) = setup();
        let certificate = scheme.combine(&statement, &shares(&signers[..3], &statement)).expect("good shares");
        assert_eq!(scheme.verify(&statement, &certificate, 3), Ok(()));
        let few = CertificateError::TooFewSigners { found: 3, needed: 4 };
        assert_eq!(scheme.verify(&statement, &certificate, 4), Err(few));
        let other = Statement::Commit { view: View(0), seq: SeqNum(1), body: BodyHash(Digest([1; 32])) };
        assert_eq!(scheme.verify(&other, &certificate, 3), Err(CertificateError::Signature));
    }

    #[test]
    fn forged_bitmaps_and_signatures_are_refused() {
        let (signers, scheme, statement) = setup();
        let good = scheme.combine(&statement, &shares(&signers[..3], &statement)).expect("good shares");
        let bitmap = |n, ids: &[u16]| SignerBitmap::new(n, ids.iter().copied().map(ReplicaId)).expect("small");
        for signers in [bitmap(4, &[0, 1, 3]), bitmap(4, &[0, 1, 2, 3]), bitmap(8, &[0, 1, 2, 4]), bitmap(16, &[0])] {
            let forged = Certificate { signers, ..good.clone() };
            assert!(scheme.verify(&statement, &forged, 1).is_err());
        }
        let mut infinity = vec![0; 48];
        infinity[0] = 0xc0;
        for signature in [vec![], vec![0; 48], infinity, vec![0xff; 48], vec![0; 96]] {
            let forged = Certificate { signature: Bytes::new(signature).expect("short"), ..good.clone() };
            assert_eq!(scheme.verify(&statement, &forged, 1), Err(CertificateError::Signature));
        }
        let nobody = Certificate { signers: bitmap(4, &[]), ..good };
        assert!(scheme.verify(&statement, &nobody, 0).is_err());
    }

    #[test]
    fn culprits_are_named() {
        let (signers, scheme, statement) = setup();
        let mut shares = shares(&signers, &statement);
        let other = Statement::State { seq: SeqNum(9), digest: theriac_types::StateDigest(Digest([9; 32])) };
        shares.insert(ReplicaId(1), signers[1].sign(&other));
        shares.insert(ReplicaId(3), Share::default());
        let culprits = Culprits { replicas: [1, 3].map(ReplicaId).into() };
        assert_eq!(scheme.combine(&statement, &shares), Err(culprits));
    }

    #[test]
    fn keys_without_possession_or_repeated_are_refused() {
        let mut stolen = configuration(4);
        let mut replicas = stolen.replicas.into_vec();
        replicas[1].proof_of_possession = replicas[0].proof_of_possession.clone();
        stolen.replicas = List::new(replicas.clone()).expect("four");
        let error = BlsScheme::new(channel(), &stolen).err();
        assert_eq!(error, Some(BlsKeyError::Possession { replica: ReplicaId(1) }));
        replicas[1] = replicas[0].clone();
        stolen.replicas = List::new(replicas).expect("four");
        let error = BlsScheme::new(channel(), &stolen).err();
        assert_eq!(error, Some(BlsKeyError::Repeated { replica: ReplicaId(1) }));
    }

    #[test]
    fn votes_of_one_epoch_prove_nothing_in_the_next() {
        let (signers, scheme, statement) = setup();
        let certificate = scheme.combine(&statement, &shares(&signers[..3], &statement)).expect("good shares");
        let next = Configuration { epoch: Epoch(1), ..configuration(4) };
        let next = BlsScheme::new(channel(), &next).expect("valid keys");
        assert_eq!(next.verify(&statement, &certificate, 3), Err(CertificateError::Signature));
    }
}
