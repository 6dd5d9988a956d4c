//! A store in memory, for simulation and tests. It keeps everything for ever.

mod install;

use crate::chaincode::KeyVersion;
use crate::outcome::{BlockOutcome, ReplayEntry};
use crate::state::{ReadError, Scan, ScanRange, StateKey, StateReader, TransactionPlace};
use crate::store::{BlockStore, WriteError};
use crate::tree::{self, NodeKey, Page, TreeReader};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;
use theriac_types::{
    Block, BlockHeader, CertifiedCommitment, ChaincodeName, Digest, Genesis, Height, MemberId, Nonce, Receipt,
    StateCommitment, TxId,
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
    /// None below the base.
    commitment: Option<StateCommitment>,
    /// None up to the base.
    commit_proof: Option<Vec<u8>>,
    certificate: Option<CertifiedCommitment>,
}

type Versions = BTreeMap<TransactionPlace, StoredVersion>;

/// A chain and its world state in memory.
#[derive(Debug, Clone)]
pub struct MemoryState {
    genesis: Genesis,
    /// What the last executed block left, or the fetched state.
    head: StateCommitment,
    /// The lowest height whose state is here.
    base: Height,
    blocks: BTreeMap<Height, StoredBlock>,
    /// Headers of blocks that were fetched.
    headers: BTreeMap<Height, BlockHeader>,
    keys: BTreeMap<Digest, StateKey>,
    versions: BTreeMap<ChaincodeName, BTreeMap<Vec<u8>, Versions>>,
    pages: BTreeMap<NodeKey, Arc<Page>>,
    replay: BTreeMap<(MemberId, Nonce), TransactionPlace>,
    replay_ends: BTreeSet<(Height, MemberId, Nonce)>,
    places: BTreeMap<TxId, TransactionPlace>,
}

impl MemoryState {
    /// Starts a chain with what [`crate::genesis_outcome`] made of a genesis.
    pub fn new(genesis: Genesis, outcome: &BlockOutcome) -> Self {
        let mut state = Self::empty(genesis, outcome.commitment.clone());
        state.push(outcome, &[]);
        state
    }

    fn empty(genesis: Genesis, head: StateCommitment) -> Self {
        Self {
            genesis,
            base: head.height,
            head,
            blocks: BTreeMap::new(),
            headers: BTreeMap::new(),
            keys: BTreeMap::new(),
            versions: BTreeMap::new(),
            pages: BTreeMap::new(),
            replay: BTreeMap::new(),
            replay_ends: BTreeSet::new(),
            places: BTreeMap::new(),
        }
    }

    fn push(&mut self, outcome: &BlockOutcome, commit_proof: &[u8]) {
        let height = outcome.height();
        for version in &outcome.versions {
            let stored =
                StoredVersion { tx_id: version.tx_id, time_ms: outcome.block.time_ms, value: version.value.clone() };
            self.add_version(&version.key, TransactionPlace { height, index: version.index }, stored);
        }
        self.pages.extend(outcome.tree.pages.iter().cloned());
        self.add_replay(&outcome.replay);
        while self.replay_ends.first().is_some_and(|(valid_until, ..)| *valid_until <= height) {
            let ended = self.replay_ends.pop_first();
            ended.map(|(_, creator, nonce)| self.replay.remove(&(creator, nonce)));
        }
        let indexed = outcome.indexed.iter().map(|(id, index)| (*id, TransactionPlace { height, index: *index }));
        self.places.extend(indexed);
        self.head = outcome.commitment.clone();
        let stored = StoredBlock {
            block: (height > Height(0)).then(|| outcome.block.clone()),
            receipts: outcome.receipts.clone(),
            commitment: Some(outcome.commitment.clone()),
            commit_proof: Some(commit_proof.to_vec()).filter(|_| height > Height(0)),
            certificate: None,
        };
        self.blocks.insert(height, stored);
    }

    fn add_version(&mut self, key: &StateKey, place: TransactionPlace, version: StoredVersion) {
        self.keys.entry(tree::key_hash(key)).or_insert_with(|| key.clone());
        let keys = self.versions.entry(key.namespace.clone()).or_default();
        keys.entry(key.key.to_vec()).or_default().insert(place, version);
    }

    fn add_replay(&mut self, entries: &[ReplayEntry]) {
        for entry in entries {
            self.replay.insert((entry.creator.clone(), entry.nonce), entry.place);
            self.replay_ends.insert((entry.valid_until, entry.creator.clone(), entry.nonce));
        }
    }

    /// What is stored of a height; none above the head.
    fn stored(&self, height: Height) -> Result<Option<&StoredBlock>, ReadError> {
        match self.blocks.first_key_value() {
            Some((oldest, _)) if height < *oldest => Err(ReadError::Before { height, oldest: *oldest }),
            _ => Ok(self.blocks.get(&height)),
        }
    }

    fn check(&self, at: Height) -> Result<(), ReadError> {
        let (head, oldest) = (self.head.height, self.base);
        if at > head {
            return Err(ReadError::NotYet { height: at, head });
        }
        if at < oldest { Err(ReadError::Before { height: at, oldest }) } else { Ok(()) }
    }

    fn before(&self, height: Height) -> ReadError {
        ReadError::Before { height, oldest: self.base }
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
        Ok(self.head.clone())
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
        let version = |(place, version): (&TransactionPlace, &StoredVersion)| {
            // What was fetched as part of a state does not say when it was written.
            if place.height <= self.base && self.base > Height(0) {
                return Err(self.before(Height(self.base.0 - 1)));
            }
            let StoredVersion { tx_id, time_ms, value } = version.clone();
            Ok(KeyVersion { height: place.height, tx_id, time_ms, value })
        };
        versions.range(..=up_to).rev().take(limit).map(version).collect()
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
        let (height, head) = (outcome.height(), self.head.height);
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
        let known = |stored: &&mut StoredBlock| stored.commitment.as_ref() == Some(&certified.commitment);
        match self.blocks.get_mut(&height).filter(known) {
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
        if height == Height(0) {
            return Ok(None);
        }
        Ok(self.stored(height)?.and_then(|stored| stored.block.clone()))
    }

    fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, ReadError> {
        Ok(self.stored(height)?.map(|stored| stored.receipts.clone()))
    }

    fn commitment(&self, height: Height) -> Result<Option<StateCommitment>, ReadError> {
        let Some(stored) = self.stored(height)? else { return Ok(None) };
        stored.commitment.clone().map(Some).ok_or_else(|| self.before(height))
    }

    fn commit_proof(&self, height: Height) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(stored) = self.stored(height)? else { return Ok(None) };
        match &stored.commit_proof {
            None if self.base > Height(0) => Err(self.before(height)),
            proof => Ok(proof.clone()),
        }
    }

    fn certificate(&self, height: Height) -> Result<Option<CertifiedCommitment>, ReadError> {
        let Some(stored) = self.stored(height)? else { return Ok(None) };
        if stored.commitment.is_none() {
            return Err(self.before(height));
        }
        Ok(stored.certificate.clone())
    }

    fn header(&self, height: Height) -> Result<Option<BlockHeader>, ReadError> {
        if let Some(header) = self.headers.get(&height) {
            return Ok(Some(*header));
        }
        let Some(block) = self.block(height)? else { return Ok(None) };
        let commitment = self.commitment(height)?;
        Ok(commitment.map(|commitment| block.header(commitment.epoch, commitment.receipts_root)))
    }

    fn key_of(&self, hash: &Digest) -> Result<Option<StateKey>, ReadError> {
        Ok(self.keys.get(hash).cloned())
    }

    fn base(&self) -> Height {
        self.base
    }
}
