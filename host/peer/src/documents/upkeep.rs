//! Upkeep: what the ledger names and this peer should hold is fetched, what is damaged is found and repaired, what
//! nobody names leaves.

use super::fetch::FetchError;
use super::journal::Happening;
use super::keeper::{Keeper, expected};
use crate::chain::Chain;
use crate::limits::{
    COLLECT_EVERY, DOCUMENT_RETRY_MAX, DOCUMENT_RETRY_MIN, FETCHES_MAX, SCRUB_BYTES_PER_STEP, SWEEP_EVERY, UPKEEP_PAGE,
};
use crate::refusal::Refusal;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use theriac_documents::{Cid, DocumentError, ScrubCursor, State};
use theriac_ledger::system::DOCUMENTS;
use theriac_ledger::system::documents::{Anchor, DocumentRecord, documents_at};
use theriac_ledger::{BlockStore, ReadError, StateReader};
use theriac_types::limits::ARGS_BYTES_MAX;
use theriac_types::{Block, Height, Outcome, Receipt, decode};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};
use tracing::{info, warn};

/// How long what the ledger does not name is kept, in milliseconds of block time. Much longer than receipts are good
/// for.
pub const GRACE_MS: u64 = 24 * 60 * 60 * 1000;

/// Looks after everything until it is aborted.
pub async fn run(keeper: Keeper, chain: Arc<Chain>, nudged: mpsc::UnboundedReceiver<Cid>, scrub_bytes_per_second: u64) {
    tokio::join!(
        replicate(keeper.clone(), chain, nudged),
        scrub(keeper.clone(), scrub_bytes_per_second),
        collect(keeper),
    );
}

/// Fetches what this peer should hold and lacks.
async fn replicate(keeper: Keeper, chain: Arc<Chain>, mut nudged: mpsc::UnboundedReceiver<Cid>) {
    let mut progress = chain.progress();
    let start = progress.borrow_and_update().head.height;
    let mut lacking = Lacking::default();
    let mut looked = start;
    let mut sweep = interval(SWEEP_EVERY);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut fetches: JoinSet<(Cid, Result<(), String>)> = JoinSet::new();
    loop {
        while fetches.len() < FETCHES_MAX
            && let Some(cid) = lacking.due(Instant::now())
        {
            let keeper = keeper.clone();
            fetches.spawn(async move { (cid, repair(&keeper, cid).await) });
        }
        tokio::select! {
            changed = progress.changed() => {
                if changed.is_err() {
                    return;
                }
                let certified = progress.borrow_and_update().certified;
                while looked < certified {
                    looked = looked.next();
                    look_at(&keeper, &chain, looked, &mut lacking).await;
                }
            }
            Some(cid) = nudged.recv() => lacking.add(cid),
            Some(Ok((cid, result))) = fetches.join_next() => lacking.done(cid, result),
            () = sleep_until(lacking.next_due()), if fetches.len() < FETCHES_MAX => {}
            // What was missed for any reason is found now.
            _ = sweep.tick() => look_through(&keeper, looked, &mut lacking).await,
        }
    }
}

/// Documents to fetch, with when and after how long a pause.
#[derive(Debug, Default)]
struct Lacking {
    waiting: BTreeMap<Cid, (Instant, Duration)>,
    fetching: BTreeMap<Cid, Duration>,
}

impl Lacking {
    fn add(&mut self, cid: Cid) {
        if !self.fetching.contains_key(&cid) {
            self.waiting.entry(cid).or_insert_with(|| (Instant::now(), DOCUMENT_RETRY_MIN));
        }
    }

    /// One whose time has come.
    fn due(&mut self, now: Instant) -> Option<Cid> {
        let cid = *self.waiting.iter().find(|(_, (due, _))| *due <= now)?.0;
        let (_, pause) = self.waiting.remove(&cid)?;
        self.fetching.insert(cid, pause);
        Some(cid)
    }

    fn next_due(&self) -> Instant {
        let far = || Instant::now() + DOCUMENT_RETRY_MAX;
        self.waiting.values().map(|(due, _)| *due).min().unwrap_or_else(far)
    }

    fn done(&mut self, cid: Cid, result: Result<(), String>) {
        let pause = self.fetching.remove(&cid).unwrap_or(DOCUMENT_RETRY_MIN);
        if let Err(reason) = result {
            // Said once and not at every attempt.
            if pause == DOCUMENT_RETRY_MIN {
                warn!(%cid, reason, "cannot fetch a document that this peer should hold; trying again");
            }
            self.waiting.insert(cid, (Instant::now() + pause, (pause * 2).min(DOCUMENT_RETRY_MAX)));
        }
    }
}

/// Finds what is lacking of everything that the ledger names.
async fn look_through(keeper: &Keeper, height: Height, lacking: &mut Lacking) {
    let mut after = String::new();
    loop {
        let (worker, from) = (keeper.clone(), after.clone());
        let page = keeper.on_thread(move || {
            let named = documents_at(&worker.common().ledger, height, &from, UPKEEP_PAGE)?;
            let last = named.last().map(|(cid, _)| cid.clone());
            let mut found = Vec::new();
            for (cid, record) in named {
                found.extend(worker.lacks(&cid, &record)?);
            }
            Ok((last, found))
        });
        match page.await {
            Ok((last, found)) => {
                found.into_iter().for_each(|cid| lacking.add(cid));
                match last {
                    Some(last) => after = last,
                    None => return,
                }
            }
            Err(error) => {
                warn!(%error, "cannot look through the documents that the ledger names; trying again");
                sleep(DOCUMENT_RETRY_MAX).await;
            }
        }
    }
}

/// Finds what is lacking of what a block names.
async fn look_at(keeper: &Keeper, chain: &Arc<Chain>, height: Height, lacking: &mut Lacking) {
    // As a rule the block is at hand, and anchors nothing.
    let anchored = chain.recent_block(height).map(|block| anchored_in(block.block(), block.receipts()));
    if anchored.as_ref().is_some_and(BTreeSet::is_empty) {
        return;
    }
    let (worker, chain) = (keeper.clone(), chain.clone());
    let found = keeper.on_thread(move || {
        let anchored = match anchored {
            Some(anchored) => anchored,
            None => chain
                .certified_block(height)?
                .map_or_else(BTreeSet::new, |block| anchored_in(block.block(), block.receipts())),
        };
        worker.lacking_of(&anchored)
    });
    let found = found.await;
    match found {
        Ok(found) => found.into_iter().for_each(|cid| lacking.add(cid)),
        Err(error) => warn!(%error, %height, "cannot look at the documents that a block names"),
    }
}

/// Fetches what is missing of one document.
async fn repair(keeper: &Keeper, cid: Cid) -> Result<(), String> {
    let worker = keeper.clone();
    let repaired = keeper.on_thread(move || {
        let Some(record) = worker.named(&cid)? else { return Ok(None) };
        match worker.make_whole(cid, &record) {
            Ok(bytes) => Ok(bytes),
            // Whoever is at it sees to it.
            Err(FetchError::Begun { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    });
    repaired.await.map(drop).map_err(|error| error.to_string())
}

/// The CIDs of documents that a block anchors.
fn anchored_in(block: &Block, receipts: &[Receipt]) -> BTreeSet<String> {
    let mut anchored = BTreeSet::new();
    for (transaction, receipt) in block.body.transactions.iter().zip(receipts) {
        let body = &transaction.body;
        let anchors = body.chaincode.as_str() == DOCUMENTS && body.function.as_str() == "anchor";
        if anchors
            && receipt.outcome == Outcome::Valid
            && let Ok(anchor) = decode::<Anchor>(&body.args, ARGS_BYTES_MAX)
        {
            anchored.extend(anchor.documents.iter().map(|document| document.content.cid.to_string()));
        }
    }
    anchored
}

impl Keeper {
    /// Fetches a document unless it is here; gives its length if it was fetched. For threads of documents.
    pub fn make_whole(&self, cid: Cid, record: &DocumentRecord) -> Result<Option<u64>, FetchError> {
        if self.store().record(&cid)?.is_some_and(|record| record.state == State::Whole) {
            return Ok(None);
        }
        let first = self.neighbours_holding(record).unwrap_or_default();
        let name = self.fetch(cid, expected(record), self.sources(&first))?;
        let happening = Happening::Repaired { document: cid.to_string(), bytes: name.bytes };
        self.common().journal.note(self.now_ms(), &happening);
        Ok(Some(name.bytes))
    }

    /// Notes a loss that a read met, and has it repaired.
    pub fn note_loss(&self, error: &DocumentError) {
        let (document, block) = match error {
            DocumentError::Damaged { document, block, .. } | DocumentError::Missing { document, block, .. } => {
                (*document, *block)
            }
            _ => return,
        };
        let (documents, block) = (vec![document.to_string()], Some(block.to_string()));
        let happening = Happening::Lost { documents, block, sentence: error.to_string() };
        self.common().journal.note(self.now_ms(), &happening);
        self.nudge(document);
        // The block that was asked for may belong to others.
        if let Err(error) = self.nudge_broken() {
            warn!(%error, "cannot look for broken documents");
        }
    }

    /// Has every document looked after that is not whole.
    fn nudge_broken(&self) -> Result<(), DocumentError> {
        let mut after = None;
        loop {
            let page = self.store().documents(after.as_ref(), UPKEEP_PAGE)?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = Some(*last);
            page.iter().filter(|(_, record)| record.state == State::Broken).for_each(|(cid, _)| self.nudge(*cid));
        }
    }

    /// The document, if this peer should hold it and does not.
    fn lacks(&self, cid: &str, record: &DocumentRecord) -> Result<Option<Cid>, Refusal> {
        let cid = Cid::from_str(cid).map_err(|error| Refusal::Failed { reason: error.to_string() })?;
        let known = self.store().record(&cid)?;
        let is_lacking = match known.map(|record| record.state) {
            Some(State::Whole) => false,
            Some(State::Broken) => true,
            Some(State::Wanted) | None => self.should_hold(record)?,
        };
        Ok(is_lacking.then_some(cid))
    }

    /// Those of these documents that this peer should hold and does not.
    fn lacking_of(&self, anchored: &BTreeSet<String>) -> Result<Vec<Cid>, Refusal> {
        let mut lacking = Vec::new();
        for cid in anchored {
            if let Some(record) = self.named_text(cid)? {
                lacking.extend(self.lacks(cid, &record)?);
            }
        }
        Ok(lacking)
    }

    fn named_text(&self, cid: &str) -> Result<Option<DocumentRecord>, ReadError> {
        let ledger = &self.common().ledger;
        theriac_ledger::system::documents::document_at(ledger, ledger.head()?.height, cid)
    }

    /// The time of the last block that was executed here: what is let go is judged by the ledger's clock, so that a peer
    /// that is behind lets nothing go that the ledger names already.
    fn block_time_ms(&self) -> Result<u64, ReadError> {
        let ledger = &self.common().ledger;
        let height = ledger.head()?.height;
        Ok(ledger.block(height)?.map_or(0, |block| block.time_ms))
    }
}

/// Looks through everything for damage, again and again, no faster than allowed.
async fn scrub(keeper: Keeper, bytes_per_second: u64) {
    let mut cursor: Option<ScrubCursor> = None;
    loop {
        let (worker, from) = (keeper.clone(), cursor);
        let step = keeper.on_thread(move || Ok(worker.store().scrub(from, SCRUB_BYTES_PER_STEP)?)).await;
        let bytes = match step {
            Ok(scrubbed) => {
                for finding in scrubbed.findings {
                    let moved = finding.set_aside.map(|place| format!(", now {place}")).unwrap_or_default();
                    let sentence = format!("{} was damaged or missing{moved}; look at the disk", finding.place);
                    let documents = finding.documents.iter().map(ToString::to_string).collect();
                    let happening = Happening::Lost { documents, block: Some(finding.block.to_string()), sentence };
                    keeper.common().journal.note(keeper.now_ms(), &happening);
                    finding.documents.into_iter().for_each(|cid| keeper.nudge(cid));
                }
                cursor = scrubbed.next;
                scrubbed.bytes
            }
            Err(error) => {
                warn!(%error, "cannot look through the documents");
                cursor = None;
                SCRUB_BYTES_PER_STEP
            }
        };
        let pause = Duration::from_micros(bytes.saturating_mul(1_000_000) / bytes_per_second.max(1));
        // Between two rounds, and where there is nothing.
        let pause = if cursor.is_none() { pause.max(DOCUMENT_RETRY_MAX) } else { pause };
        sleep(pause).await;
    }
}

/// Lets go of what nobody names.
async fn collect(keeper: Keeper) {
    loop {
        sleep(COLLECT_EVERY).await;
        let worker = keeper.clone();
        let collected = keeper.on_thread(move || {
            let now_ms = worker.block_time_ms()?;
            // What cannot be told is kept.
            let is_named = |cid: &Cid| !matches!(worker.named(cid), Ok(None));
            Ok(worker.store().collect(now_ms, GRACE_MS, &is_named)?)
        });
        match collected.await {
            Ok(collected) if collected.blocks > 0 || collected.documents > 0 => {
                info!(
                    documents = collected.documents,
                    bytes = collected.bytes,
                    "removed what the ledger does not name"
                );
            }
            Ok(_) => {}
            Err(error) => warn!(%error, "cannot remove documents that nobody names"),
        }
    }
}
