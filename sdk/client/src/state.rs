//! The world state: values, ranges and the versions of a key, each proven.

use crate::error::{Cause, ReadError, VerificationError};
use crate::network::Network;
use crate::pool::Answer;
use crate::proven::{CertifiedReceipt, Verification, Verifier, decode, digest};
use theriac_ledger::StateKey;
use theriac_ledger::tree::StateProof;
use theriac_proto::ledger::v1::{
    KeyHistoryRequest, KeyHistoryResponse, RangeRequest, RangeResponse, StateRequest, StateResponse,
};
use theriac_types::limits::FRAME_BYTES_MAX;
use theriac_types::{Certificate, ChaincodeName, Height, StateCommitment, Transaction, TxId};

/// Most versions or keys that one call collects.
const ENTRIES_MAX: usize = 10_000;

/// A value, or its absence, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedValue {
    /// The key.
    pub key: StateKey,
    /// Its value; none when the key has none.
    pub value: Option<Vec<u8>>,
    /// Its way to the state root; none only when verification is off.
    pub proof: Option<StateProof>,
    /// The commitment that holds the root.
    pub commitment: StateCommitment,
    /// The signatures over it; none at height 0, which follows from the genesis.
    pub certificate: Option<Certificate>,
}

impl CertifiedValue {
    /// The height it holds at.
    pub fn height(&self) -> Height {
        self.commitment.height
    }
}

/// A version of a key with what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedVersion {
    /// The value; none when the key was deleted.
    pub value: Option<Vec<u8>>,
    /// The transaction that wrote it, or that decided the activation which did.
    pub transaction: Transaction,
    /// Its outcome, proven.
    pub receipt: CertifiedReceipt,
    /// What the block that wrote it commits to. That is the transaction's own, or for an activation one above it.
    pub commitment: StateCommitment,
    /// The value's way to the state root after its block; none for a version that the same block replaced.
    pub proof: Option<StateProof>,
}

impl CertifiedVersion {
    /// The block that wrote it.
    pub fn height(&self) -> Height {
        self.commitment.height
    }

    /// That block's time in milliseconds since 1970.
    pub fn time_ms(&self) -> u64 {
        self.commitment.time_ms
    }

    /// Its place among the versions of a key: activations come behind their block's transactions.
    fn place(&self) -> (Height, u32) {
        let receipt = &self.receipt.receipt;
        (self.height(), if receipt.height == self.height() { receipt.index } else { u32::MAX })
    }
}

impl Verifier {
    /// A value of a key under a state root.
    pub(crate) fn value(
        &self,
        key: &StateKey,
        value: Option<&[u8]>,
        proof: &[u8],
        commitment: &StateCommitment,
    ) -> Result<Option<StateProof>, VerificationError> {
        if self.verification == Verification::Off {
            return Ok(theriac_types::decode(proof, FRAME_BYTES_MAX).ok());
        }
        let proof: StateProof = decode("state proof", proof, FRAME_BYTES_MAX)?;
        proof
            .verify(commitment.state_root, key, value)
            .map_err(|_| VerificationError::NotProven { what: "value", height: commitment.height })?;
        Ok(Some(proof))
    }

    fn state(
        &self,
        key: StateKey,
        at: Option<Height>,
        answer: &StateResponse,
    ) -> Result<CertifiedValue, VerificationError> {
        let found = Height(answer.height);
        if let Some(expected) = at.filter(|expected| *expected != found) {
            return Err(VerificationError::Height { what: "value", found, expected });
        }
        let (commitment, certificate) = self.anchor(found, &answer.commitment)?;
        let proof = self.value(&key, answer.value.as_deref(), &answer.proof, &commitment)?;
        let value = answer.value.as_ref().map(|value| value.to_vec());
        Ok(CertifiedValue { key, value, proof, commitment, certificate })
    }

    fn version(&self, key: &StateKey, answer: &KeyHistoryResponse) -> Result<CertifiedVersion, VerificationError> {
        let id = digest("transaction id", &answer.tx_id).map(TxId)?;
        let receipt = self.receipt(Some(id), answer.receipt.as_ref())?;
        let height = Height(answer.height);
        let commitment = if answer.commitment.is_empty() {
            receipt.certified.commitment.clone()
        } else {
            self.commitment_of(height, &answer.commitment)?.commitment
        };
        if commitment.height != height || receipt.receipt.height > height || commitment.time_ms != answer.time_ms {
            return Err(VerificationError::Unfit { what: "the version is not of its transaction's block, or above" });
        }
        let transaction = self.transaction(id, &answer.transaction)?;
        let value = answer.value.as_ref().map(|value| value.to_vec());
        let proof = match answer.state_proof.is_empty() {
            true => None,
            false => self.value(key, value.as_deref(), &answer.state_proof, &commitment)?,
        };
        Ok(CertifiedVersion { value, transaction, receipt, commitment, proof })
    }

    /// A key and value of a range whose height's commitment is known.
    pub(crate) fn entry(
        &self,
        namespace: &ChaincodeName,
        entry: &RangeResponse,
        (commitment, certificate): (&StateCommitment, Option<&Certificate>),
    ) -> Result<CertifiedValue, VerificationError> {
        let key = StateKey::new(namespace.clone(), entry.key.to_vec())
            .map_err(|error| VerificationError::Malformed { what: "key", reason: error.to_string() })?;
        let proof = self.value(&key, Some(&entry.value), &entry.proof, commitment)?;
        Ok(CertifiedValue {
            key,
            value: Some(entry.value.to_vec()),
            proof,
            commitment: commitment.clone(),
            certificate: certificate.cloned(),
        })
    }
}

/// Which keys of a chaincode are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRange {
    /// The chaincode.
    pub chaincode: ChaincodeName,
    /// The first key.
    pub start: Vec<u8>,
    /// The first key no longer wanted; empty for the end of the namespace.
    pub end: Vec<u8>,
    /// Most keys.
    pub limit: u32,
    /// The height; the certified head when none.
    pub at: Option<Height>,
}

impl Network {
    /// A key's value or absence at the certified head, or at a height.
    pub async fn state(&self, key: StateKey, at: Option<Height>) -> Result<CertifiedValue, ReadError> {
        let newest = |value: &CertifiedValue| at.is_none().then(|| value.height());
        self.not_older(newest, || self.state_once(key.clone(), at)).await
    }

    async fn state_once(&self, key: StateKey, at: Option<Height>) -> Result<CertifiedValue, ReadError> {
        let request = StateRequest {
            chaincode: key.namespace.to_string(),
            key: key.key.to_vec().into(),
            height: at.map(|height| height.0),
        };
        let answer = self
            .read(|mut ledger, attempt| {
                let request = attempt.request(request.clone());
                async move { ledger.state(request).await }
            })
            .await?;
        let check = |answer: &StateResponse| self.shared.verifier.state(key.clone(), at, answer);
        let value = self.checked(answer, check).await?.value;
        self.saw(value.height());
        Ok(value)
    }

    /// Keys of a chaincode, ascending. Each value is proven; that none is left out is the peer's word.
    pub async fn range(&self, range: KeyRange) -> Result<Vec<CertifiedValue>, ReadError> {
        // An empty range has no height to tell.
        let newest =
            |values: &Vec<CertifiedValue>| values.first().filter(|_| range.at.is_none()).map(|one| one.height());
        self.not_older(newest, || self.range_once(range.clone())).await
    }

    async fn range_once(&self, range: KeyRange) -> Result<Vec<CertifiedValue>, ReadError> {
        let request = RangeRequest {
            chaincode: range.chaincode.to_string(),
            start: range.start.into(),
            end: range.end.into(),
            limit: range.limit,
            height: range.at.map(|height| height.0),
        };
        let answer = self
            .call(self.shared.deadlines.evaluate, |attempt| {
                let request = attempt.request(request.clone());
                let mut ledger = ledger(&attempt);
                async move { collect(ledger.range(request).await?.into_inner()).await }
            })
            .await?;
        let check = |entries: &Vec<RangeResponse>| {
            let Some(first) = entries.first() else {
                return Ok(Vec::new());
            };
            let verifier = &self.shared.verifier;
            let (commitment, certificate) = verifier.anchor(Height(first.height), &first.commitment)?;
            let check = |entry| verifier.entry(&range.chaincode, entry, (&commitment, certificate.as_ref()));
            entries.iter().map(check).collect()
        };
        Ok(self.checked(answer, check).await?.value)
    }

    /// Versions of a key, newest first, each with the transaction that wrote it.
    pub async fn key_history(&self, key: StateKey, limit: u32) -> Result<Vec<CertifiedVersion>, ReadError> {
        let request = KeyHistoryRequest {
            chaincode: key.namespace.to_string(),
            key: key.key.to_vec().into(),
            below: None,
            limit,
        };
        let answer = self
            .call(self.shared.deadlines.evaluate, |attempt| {
                let request = attempt.request(request.clone());
                let mut ledger = ledger(&attempt);
                async move { collect(ledger.key_history(request).await?.into_inner()).await }
            })
            .await?;
        self.versions(&key, answer).await
    }

    pub(crate) async fn versions(
        &self,
        key: &StateKey,
        answer: Answer<Vec<KeyHistoryResponse>>,
    ) -> Result<Vec<CertifiedVersion>, ReadError> {
        let check = |versions: &Vec<KeyHistoryResponse>| {
            let versions = versions.iter().map(|version| self.shared.verifier.version(key, version));
            let versions = versions.collect::<Result<Vec<_>, _>>()?;
            if !newest_first(&versions) {
                return Err(VerificationError::Unfit { what: "the versions are not newest first" });
            }
            Ok(versions)
        };
        Ok(self.checked(answer, check).await?.value)
    }
}

/// Whether versions stand in order. Equal places are one transaction that wrote the key more than once, and the newest
/// of a block may be an activation, which stands behind all transactions whichever of them decided it.
fn newest_first(versions: &[CertifiedVersion]) -> bool {
    let mut above: Option<Height> = None;
    versions.windows(2).all(|pair| {
        let newest_of_block = above != Some(pair[0].height());
        above = Some(pair[0].height());
        let same_block = pair[0].height() == pair[1].height();
        pair[0].place() >= pair[1].place() || (same_block && newest_of_block)
    })
}

fn ledger(
    attempt: &crate::endpoint::Attempt,
) -> theriac_proto::ledger::v1::ledger_client::LedgerClient<tonic::transport::Channel> {
    theriac_proto::ledger::v1::ledger_client::LedgerClient::new(attempt.channel.clone())
        .max_decoding_message_size(crate::network::MESSAGE_BYTES_MAX)
}

/// Collects a short stream.
pub(crate) async fn collect<T>(mut stream: tonic::Streaming<T>) -> Result<tonic::Response<Vec<T>>, tonic::Status> {
    let mut items = Vec::new();
    while let Some(item) = stream.message().await? {
        items.push(item);
        if items.len() > ENTRIES_MAX {
            return Err(tonic::Status::out_of_range(format!("more than {ENTRIES_MAX} entries; narrow the range")));
        }
    }
    Ok(tonic::Response::new(items))
}

/// The sentence for a key that is too long to exist.
pub fn state_key(chaincode: ChaincodeName, key: impl Into<Vec<u8>>) -> Result<StateKey, ReadError> {
    StateKey::new(chaincode, key)
        .map_err(|error| ReadError::from(Cause::request(format!("No such key can exist: {error}."))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proven::Verification;
    use crate::testing::{TestNetwork, commitment, founded, network_of};
    use theriac_ledger::system::identity::organisation_key;
    use theriac_ledger::{MemoryState, StateReader, genesis_outcome, tree};
    use theriac_types::{Bytes, CertifiedCommitment, encode};

    /// A state with records in it, certified at height 1, and the answer about one key.
    fn answer(organisation: &str) -> (Verifier, StateKey, StateResponse) {
        let genesis = founded();
        let outcome = genesis_outcome(&genesis).expect("a good genesis");
        let state = MemoryState::new(genesis.clone(), &outcome);
        let network: TestNetwork = network_of(genesis);
        let (key, root) = (organisation_key(&organisation.parse().expect("a name")), outcome.commitment.state_root);
        let proof = tree::prove(&state, Height(0), root, &key).expect("in memory");
        let config_digest = outcome.commitment.config_digest;
        let commitment = StateCommitment { state_root: root, config_digest, ..commitment(1) };
        let certified: CertifiedCommitment = network.certify(commitment, &[0, 2]);
        let answer = StateResponse {
            height: 1,
            value: state.get(&key, Height(0)).expect("in memory").map(Into::into),
            proof: encode(&proof).into(),
            commitment: encode(&certified).into(),
        };
        (Verifier { trust: std::sync::Arc::new(network.trust), verification: Verification::Full }, key, answer)
    }

    fn caught(
        verifier: &Verifier,
        key: &StateKey,
        answer: &StateResponse,
        change: impl Fn(&mut StateResponse, usize) -> bool,
    ) {
        for position in 0.. {
            let mut changed = answer.clone();
            if !change(&mut changed, position) {
                return;
            }
            assert!(verifier.state(key.clone(), None, &changed).is_err(), "byte {position} may be changed");
        }
    }

    fn flip(bytes: &mut prost::bytes::Bytes, position: usize) -> bool {
        let mut changed = bytes.to_vec();
        let Some(byte) = changed.get_mut(position) else {
            return false;
        };
        *byte ^= 1 << (position % 8);
        *bytes = changed.into();
        true
    }

    #[test]
    fn every_changed_byte_of_value_proof_and_certificate_is_caught() {
        let (verifier, key, good) = answer("maker");
        assert!(verifier.state(key.clone(), Some(Height(1)), &good).is_ok());
        caught(&verifier, &key, &good, |answer, position| {
            answer.value.as_mut().is_some_and(|value| flip(value, position))
        });
        caught(&verifier, &key, &good, |answer, position| flip(&mut answer.proof, position));
        caught(&verifier, &key, &good, |answer, position| flip(&mut answer.commitment, position));
        assert!(verifier.state(key.clone(), Some(Height(2)), &good).is_err(), "another height was asked for");
        let mut gone = good.clone();
        gone.value = None;
        assert!(verifier.state(key, None, &gone).is_err(), "the value is there");
    }

    #[test]
    fn a_key_that_is_not_there_is_proven_not_to_be() {
        let (verifier, key, good) = answer("nobody");
        assert_eq!(verifier.state(key.clone(), None, &good).map(|value| value.value), Ok(None));
        let mut invented = good.clone();
        invented.value = Some(vec![1].into());
        assert!(verifier.state(key.clone(), None, &invented).is_err());
        let other = StateKey { key: Bytes::new(*b"o/maker").expect("short"), ..key };
        assert!(verifier.state(other, None, &good).is_err(), "the proof is another key's");
    }

    #[test]
    fn the_genesis_itself_proves_what_height_0_holds() {
        let (verifier, key, good) = answer("maker");
        let mut start = good;
        (start.height, start.commitment) = (0, Vec::new().into());
        assert!(verifier.state(key.clone(), None, &start).is_ok());
        caught(&verifier, &key, &start, |answer, position| {
            answer.value.as_mut().is_some_and(|value| flip(value, position))
        });
    }
}
