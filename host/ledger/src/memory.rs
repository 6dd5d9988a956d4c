//! A store in memory, for simulation and tests. It keeps everything for ever.

use crate::chaincode::KeyVersion;
use crate::outcome::BlockOutcome;
use crate::state::{ReadError, Scan, ScanRange, StateKey, StateReader, TransactionPlace};
use crate::store::{BlockStore, WriteError};
use crate::tree::{NodeKey, Page, TreeReader};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;
use theriac_types::{
    Block, CertifiedCommitment, ChaincodeName, Genesis, Height, MemberId, Nonce, Receipt, StateCommitment, TxId,
};

#[derive(Debug, Clone)]
struct StoredVersion {
    tx_id: TxId,
    time_ms: u64,
    value: Option<Vec<u8>>,
}

#[derive(Debug, Clone)]
struct StoredBlock {
    block: Option<Block>,
    receipts: Vec<Receipt>,
    commitment: StateCommitment,
    commit_proof: Vec<u8>,
    certificate: Option<CertifiedCommitment>,
}

type Versions = BTreeMap<TransactionPlace, StoredVersion>;

/// A chain and its world state in memory.
#[derive(Debug, Clone)]
pub struct MemoryState {
    genesis: Genesis,
    /// Index is the height.
    blocks: Vec<StoredBlock>,
    versions: BTreeMap<ChaincodeName, BTreeMap<Vec<u8>, Versions>>,
    pages: BTreeMap<NodeKey, Arc<Page>>,
    replay: BTreeMap<(MemberId, Nonce), TransactionPlace>,
    replay_ends: BTreeSet<(Height, MemberId, Nonce)>,
    places: BTreeMap<TxId, TransactionPlace>,
}

impl MemoryState {
    /// Starts a chain with what [`crate::genesis_outcome`] made of a genesis.
    pub fn new(genesis: Genesis, outcome: &BlockOutcome) -> Self {
        let mut state = Self {
            genesis,
            blocks: Vec::new(),
            versions: BTreeMap::new(),
            pages: BTreeMap::new(),
            replay: BTreeMap::new(),
            replay_ends: BTreeSet::new(),
            places: BTreeMap::new(),
        };
        state.push(outcome, &[]);
        state
    }

    fn push(&mut self, outcome: &BlockOutcome, commit_proof: &[u8]) {
        let height = outcome.height();
        for version in &outcome.versions {
            let stored =
                StoredVersion { tx_id: version.tx_id, time_ms: outcome.block.time_ms, value: version.value.clone() };
            let keys = self.versions.entry(version.key.namespace.clone()).or_default();
            let versions = keys.entry(version.key.key.to_vec()).or_default();
            versions.insert(TransactionPlace { height, index: version.index }, stored);
        }
        self.pages.extend(outcome.tree.pages.iter().cloned());
        for entry in &outcome.replay {
            self.replay.insert((entry.creator.clone(), entry.nonce), entry.place);
            self.replay_ends.insert((entry.valid_until, entry.creator.clone(), entry.nonce));
        }
        while self.replay_ends.first().is_some_and(|(valid_until, ..)| *valid_until <= height) {
            let ended = self.replay_ends.pop_first();
            ended.map(|(_, creator, nonce)| self.replay.remove(&(creator, nonce)));
        }
        let indexed = outcome.indexed.iter().map(|(id, index)| (*id, TransactionPlace { height, index: *index }));
        self.places.extend(indexed);
        self.blocks.push(StoredBlock {
            block: (height > Height(0)).then(|| outcome.block.clone()),
            receipts: outcome.receipts.clone(),
            commitment: outcome.commitment.clone(),
            commit_proof: commit_proof.to_vec(),
            certificate: None,
        });
    }

    fn stored(&self, height: Height) -> Option<&StoredBlock> {
        self.blocks.get(usize::try_from(height.0).ok()?)
    }

    fn check(&self, at: Height) -> Result<(), ReadError> {
        let head = self.head_height();
        if at > head { Err(ReadError::NotYet { height: at, head }) } else { Ok(()) }
    }

    fn head_height(&self) -> Height {
        self.last().commitment.height
    }

    fn last(&self) -> &StoredBlock {
        self.blocks.last().expect("the genesis is stored when the state is made")
    }
}

fn newest(versions: &Versions, at: Height) -> Option<&Vec<u8>> {
    let up_to = TransactionPlace { height: at, index: u32::MAX };
    versions.range(..=up_to).next_back().and_then(|(_, version)| version.value.as_ref())
}

impl TreeReader for MemoryState {
    fn page(&self, key: &NodeKey) -> Result<Option<Arc<Page>>, ReadError> {
        Ok(self.pages.get(key).cloned())
    }
}

impl StateReader for MemoryState {
    fn head(&self) -> Result<StateCommitment, ReadError> {
        Ok(self.last().commitment.clone())
    }

    fn get(&self, key: &StateKey, at: Height) -> Result<Option<Vec<u8>>, ReadError> {
        self.check(at)?;
        let versions = self.versions.get(&key.namespace).and_then(|keys| keys.get(&*key.key));
        Ok(versions.and_then(|versions| newest(versions, at)).cloned())
    }

    fn scan(&self, range: &ScanRange<'_>, at: Height) -> Result<Scan, ReadError> {
        self.check(at)?;
        let mut scan = Scan::default();
        let Some(keys) = self.versions.get(range.namespace).filter(|_| range.start < range.end) else {
            return Ok(scan);
        };
        let bounds = (Bound::Included(range.start), Bound::Excluded(range.end));
        let mut bytes = 0;
        for (key, versions) in keys.range::<[u8], _>(bounds) {
            if scan.entries.len() == range.limit {
                break;
            }
            let Some(value) = newest(versions, at) else { continue };
            bytes += key.len() + value.len();
            scan.entries.push((key.clone(), value.clone()));
            if bytes > range.bytes_max {
                scan.too_large = true;
                break;
            }
        }
        Ok(scan)
    }

    fn history(&self, key: &StateKey, at: Height, limit: usize) -> Result<Vec<KeyVersion>, ReadError> {
        self.check(at)?;
        let Some(versions) = self.versions.get(&key.namespace).and_then(|keys| keys.get(&*key.key)) else {
            return Ok(Vec::new());
        };
        let up_to = TransactionPlace { height: at, index: u32::MAX };
        let version = |(place, version): (&TransactionPlace, &StoredVersion)| KeyVersion {
            height: place.height,
            tx_id: version.tx_id,
            time_ms: version.time_ms,
            value: version.value.clone(),
        };
        Ok(versions.range(..=up_to).rev().take(limit).map(version).collect())
    }

    fn replayed(&self, creator: &MemberId, nonce: Nonce) -> Result<Option<TransactionPlace>, ReadError> {
        Ok(self.replay.get(&(creator.clone(), nonce)).copied())
    }

    fn place(&self, id: TxId) -> Result<Option<TransactionPlace>, ReadError> {
        Ok(self.places.get(&id).copied())
    }
}

impl BlockStore for MemoryState {
    fn apply_unsynced(&mut self, outcome: &BlockOutcome, commit_proof: &[u8]) -> Result<(), WriteError> {
        let (height, head) = (outcome.height(), self.head_height());
        if height != head.next() {
            return Err(WriteError::NotNext { height, head });
        }
        self.push(outcome, commit_proof);
        Ok(())
    }

    fn sync(&mut self) -> Result<(), WriteError> {
        Ok(())
    }

    fn put_certificate(&mut self, certified: &CertifiedCommitment) -> Result<(), WriteError> {
        let height = certified.commitment.height;
        let stored = usize::try_from(height.0).ok().and_then(|index| self.blocks.get_mut(index));
        match stored.filter(|stored| stored.commitment == certified.commitment) {
            Some(stored) => {
                stored.certificate.get_or_insert_with(|| certified.clone());
                Ok(())
            }
            None => Err(WriteError::NotThisState { height }),
        }
    }

    fn genesis(&self) -> Result<Genesis, ReadError> {
        Ok(self.genesis.clone())
    }

    fn block(&self, height: Height) -> Result<Option<Block>, ReadError> {
        Ok(self.stored(height).and_then(|stored| stored.block.clone()))
    }

    fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, ReadError> {
        Ok(self.stored(height).map(|stored| stored.receipts.clone()))
    }

    fn commitment(&self, height: Height) -> Result<Option<StateCommitment>, ReadError> {
        Ok(self.stored(height).map(|stored| stored.commitment.clone()))
    }

    fn commit_proof(&self, height: Height) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.stored(height).filter(|stored| stored.block.is_some()).map(|stored| stored.commit_proof.clone()))
    }

    fn certificate(&self, height: Height) -> Result<Option<CertifiedCommitment>, ReadError> {
        Ok(self.stored(height).and_then(|stored| stored.certificate.clone()))
    }
}
