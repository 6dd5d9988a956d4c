//! An item's whole life, proven: no peer can leave a step out, add one or alter one.
//!
//! The record of an item has one digest of all its steps ([`theriac_domain::item::Life`]). A proof holds the records of
//! the item and of every container it was ever in, proven at one height, and all their steps; whoever has the genesis
//! holds the steps against the digests and puts the item's life together.
//!
//! The file begins with [`MAGIC`]; then comes the [`HistoryProof`] in Borsh.

use crate::{Trace, TraceError, item_key};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::{BTreeMap, BTreeSet};
use theriac_client::dossier::{DossierError, ProvenState};
use theriac_crypto::guest::sha2_256;
use theriac_domain::item::{Happening, Life, LifeStep, whole_life};
use theriac_domain::{Item, ItemId};
use theriac_trace::{LifePage, LifeQuery};
use theriac_types::{Genesis, Height};

/// What a file with a history begins with.
pub const MAGIC: &[u8] = b"theriac history 1\n";
/// Longest file, in bytes.
pub const HISTORY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most items whose lives one history takes: the item, and the containers that it was in.
const LIVES_MAX: usize = 1_000;

/// The steps of an item, and what proves them.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct HistoryProof {
    /// The item.
    pub item: ItemId,
    /// The own steps of the item and of the containers that it was in, oldest first.
    pub lives: Vec<(ItemId, Vec<LifeStep>)>,
    /// The records of the same items, in the same order.
    pub state: ProvenState,
}

/// An item's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenHistory {
    /// The item.
    pub item: ItemId,
    /// Up to which block.
    pub height: Height,
    /// That block's time, in milliseconds since 1970.
    pub time_ms: u64,
    /// What happened, oldest first.
    pub happenings: Vec<Happening>,
}

/// A history that proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// Another kind of file, or one that is cut off.
    #[error("this is no history: {0}. Take the file that theriac trace history --proof --out wrote.")]
    Form(String),
    /// The records do not hold.
    #[error(transparent)]
    State(#[from] DossierError),
    /// The steps of an item are not those that its record covers.
    #[error("the steps of {item} are not those on the ledger: {reason}. Do not rely on them; ask another peer.")]
    Steps {
        /// The item.
        item: ItemId,
        /// How it shows.
        reason: &'static str,
    },
}

impl HistoryProof {
    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        self.serialize(&mut bytes).expect("memory takes bytes, and no list has 2^32 entries");
        bytes
    }

    /// Takes a file apart. Nothing of it is checked yet.
    ///
    /// # Errors
    /// When it is no history.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, HistoryError> {
        let form = |reason: &str| HistoryError::Form(reason.to_owned());
        if bytes.len() > HISTORY_BYTES_MAX {
            return Err(form("it is too large"));
        }
        let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| form("it does not begin like one"))?;
        Self::try_from_slice(rest).map_err(|error| HistoryError::Form(error.to_string()))
    }

    /// Checks everything in it against a genesis, and puts the life together.
    ///
    /// # Errors
    /// Names what does not hold.
    pub fn verify(&self, genesis: &Genesis) -> Result<ProvenHistory, HistoryError> {
        self.state.verify(genesis)?;
        let wrong = |item: &ItemId, reason| HistoryError::Steps { item: item.clone(), reason };
        if self.lives.len() != self.state.records.len() {
            return Err(wrong(&self.item, "there are not as many records as lives"));
        }
        let mut lives = BTreeMap::new();
        for ((item, steps), record) in self.lives.iter().zip(&self.state.records) {
            if record.key != item_key(item) {
                return Err(wrong(item, "the record is another item's"));
            }
            let known = Item::try_from_slice(&record.value);
            let known = known.map_err(|_| wrong(item, "its record is in a form that this program does not know"))?;
            if steps.iter().fold(Life::default(), |life, step| life.and(step, sha2_256)) != known.life {
                return Err(wrong(item, "the digest in its record is another"));
            }
            if lives.insert(item, steps).is_some() {
                return Err(wrong(item, "it is there twice"));
            }
        }
        let mut used = BTreeSet::new();
        let happenings = whole_life(&self.item, &mut |item| {
            let steps = *lives.get(item).ok_or_else(|| wrong(item, "they are left out"))?;
            used.insert(item.clone());
            Ok::<_, HistoryError>(steps.clone())
        })?;
        if let Some(item) = lives.keys().find(|item| !used.contains(**item)) {
            return Err(wrong(item, "it has nothing to do with the item"));
        }
        let time_ms = self.state.proven.commitment.time_ms;
        Ok(ProvenHistory { item: self.item.clone(), height: self.state.height(), time_ms, happenings })
    }
}

impl Trace {
    /// Gathers everything that happened to an item, with what proves it. It is worth what [`HistoryProof::verify`] says
    /// of it.
    ///
    /// # Errors
    /// When the item is unknown, when a peer does not answer, and when what it says contradicts itself.
    pub async fn history_proof(&self, code: &str) -> Result<HistoryProof, TraceError> {
        let first: LifePage = self.ask("life", &LifeQuery { code: code.to_owned(), before: None }).await?;
        let form = |_| TraceError::Form { function: "life" };
        let item: ItemId = first.item.parse().map_err(form)?;
        let network = self.network();
        let mut gathering = network.gather();
        let mut lives: Vec<(ItemId, Vec<LifeStep>)> = Vec::new();
        // Putting the life together tells whose steps are wanted next.
        loop {
            let mut steps_of = |item: &ItemId| {
                let known = lives.iter().find(|(known, _)| known == item);
                known.map(|(_, steps)| steps.clone()).ok_or_else(|| item.clone())
            };
            let Err(next) = whole_life(&item, &mut steps_of) else { break };
            if lives.len() >= LIVES_MAX {
                return Err(TraceError::Form { function: "life" });
            }
            gathering.take(item_key(&next)).await?;
            let steps = self.own_steps(&next, gathering.height()).await?;
            lives.push((next, steps));
        }
        let state = gathering.finish().ok_or(TraceError::Form { function: "life" })?;
        Ok(HistoryProof { item, lives, state })
    }

    /// All steps of an item up to a block, oldest first.
    async fn own_steps(&self, item: &ItemId, height: Option<Height>) -> Result<Vec<LifeStep>, TraceError> {
        let mut steps = Vec::new();
        let mut before = None;
        loop {
            let page: LifePage = self.ask_at("life", &LifeQuery { code: item.uri(), before }, height).await?;
            // A page without a step would never end.
            let goes_on = !page.steps.is_empty();
            steps.extend(page.steps);
            before = page.next.filter(|_| goes_on);
            if before.is_none() {
                steps.reverse();
                return Ok(steps);
            }
        }
    }
}
