//! Upkeep: what the ledger names and this peer should hold is fetched, what is damaged is found and repaired.

use super::fetch::FetchError;
use super::journal::Happening;
use super::keeper::{Keeper, expected};
use super::removal;
use super::touched::{Touched, touched_by};
use crate::chain::Chain;
use crate::limits::{
    DOCUMENT_RETRY_MAX, DOCUMENT_RETRY_MIN, FETCHES_MAX, SCRUB_BYTES_PER_STEP, SWEEP_EVERY, UPKEEP_PAGE,
};
use crate::refusal::Refusal;
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use theriac_documents::{Cid, DocumentError, ScrubCursor, State};
use theriac_ledger::system::documents::{NamedFile, all_readers_at, documents_at};
use theriac_ledger::{ReadError, StateReader};
use theriac_types::Height;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, sleep_until};
use tracing::warn;

/// Looks after everything until it is aborted.
pub async fn run(keeper: Keeper, chain: Arc<Chain>, nudged: mpsc::UnboundedReceiver<Cid>, scrub_bytes_per_second: u64) {
    tokio::join!(
        replicate(keeper.clone(), chain, nudged),
        scrub(keeper.clone(), scrub_bytes_per_second),
        removal::run(keeper),
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
                    let touched = look_at(&keeper, &chain, looked, &mut lacking).await;
                    if touched.asks_for_copies {
                        sweep.reset_immediately();
                    }
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

/// Names of files in a page, and what the page ends with.
type Page = (Vec<(String, NamedFile)>, Option<String>);

/// Finds what is lacking of everything that the ledger names.
async fn look_through(keeper: &Keeper, height: Height, lacking: &mut Lacking) {
    for page in [page_of_documents, page_of_lists] {
        look_through_pages(keeper, height, lacking, page).await;
    }
}

fn page_of_documents(reader: &dyn StateReader, height: Height, after: &str) -> Result<Page, ReadError> {
    let found = documents_at(reader, height, after, UPKEEP_PAGE)?;
    let last = found.last().map(|(cid, _)| cid.clone());
    Ok((found.into_iter().map(|(cid, record)| (cid, record.into())).collect(), last))
}

fn page_of_lists(reader: &dyn StateReader, height: Height, after: &str) -> Result<Page, ReadError> {
    let found = all_readers_at(reader, height, after, UPKEEP_PAGE)?;
    let last = found.last().map(|(cid, _)| cid.clone());
    let lists = found.into_iter().filter_map(|(_, record)| record.list);
    Ok((lists.map(|list| (list.content.cid.to_string(), list.into())).collect(), last))
}

async fn look_through_pages(
    keeper: &Keeper,
    height: Height,
    lacking: &mut Lacking,
    page: fn(&dyn StateReader, Height, &str) -> Result<Page, ReadError>,
) {
    let mut after = String::new();
    loop {
        let (worker, from) = (keeper.clone(), after.clone());
        let page = keeper.on_thread(move || {
            let (named, last) = page(&worker.common().ledger, height, &from)?;
            let mut found = Vec::new();
            for (cid, file) in named {
                found.extend(worker.lacks(&cid, &file)?);
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

/// Finds what is lacking of what a block names, and what it lets go. Gives what it touches.
async fn look_at(keeper: &Keeper, chain: &Arc<Chain>, height: Height, lacking: &mut Lacking) -> Touched {
    // As a rule the block is at hand, and touches nothing.
    let touched = chain.recent_block(height).map(|block| touched_by(block.block(), block.receipts()));
    if touched.as_ref().is_some_and(Touched::is_nothing) {
        return Touched::default();
    }
    let (worker, chain) = (keeper.clone(), chain.clone());
    let found = keeper.on_thread(move || {
        let touched = match touched {
            Some(touched) => touched,
            None => chain
                .certified_block(height)?
                .map_or_else(Touched::default, |block| touched_by(block.block(), block.receipts())),
        };
        Ok((worker.lacking_of(&touched.named)?, touched))
    });
    match found.await {
        Ok((found, touched)) => {
            found.into_iter().for_each(|cid| lacking.add(cid));
            if touched.outdates_lists {
                keeper.removal().notify_one();
            }
            touched
        }
        Err(error) => {
            warn!(%error, %height, "cannot look at the documents that a block names");
            Touched::default()
        }
    }
}

/// Fetches what is missing of one document.
async fn repair(keeper: &Keeper, cid: Cid) -> Result<(), String> {
    let worker = keeper.clone();
    let repaired = keeper.on_thread(move || {
        let Some(file) = worker.named(&cid)? else { return Ok(None) };
        match worker.make_whole(cid, &file) {
            Ok(bytes) => Ok(bytes),
            // Whoever is at it sees to it.
            Err(FetchError::Begun { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    });
    repaired.await.map(drop).map_err(|error| error.to_string())
}

impl Keeper {
    /// Fetches a document unless it is here; gives its length if it was fetched. For threads of documents.
    pub fn make_whole(&self, cid: Cid, file: &NamedFile) -> Result<Option<u64>, FetchError> {
        if self.store().record(&cid)?.is_some_and(|record| record.state == State::Whole) {
            return Ok(None);
        }
        let first = self.neighbours_holding(file).unwrap_or_default();
        let name = self.fetch(cid, expected(file), self.sources(&first))?;
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
    fn lacks(&self, cid: &str, file: &NamedFile) -> Result<Option<Cid>, Refusal> {
        let cid = Cid::from_str(cid).map_err(|error| Refusal::Failed { reason: error.to_string() })?;
        let known = self.store().record(&cid)?;
        let is_lacking = match known.map(|record| record.state) {
            Some(State::Whole) => false,
            Some(State::Broken) => true,
            Some(State::Wanted) | None => self.should_hold(file)?,
        };
        Ok(is_lacking.then_some(cid))
    }

    /// Those of these files that this peer should hold and does not.
    fn lacking_of(&self, named: &BTreeSet<String>) -> Result<Vec<Cid>, Refusal> {
        let mut lacking = Vec::new();
        for text in named {
            let cid = Cid::from_str(text).map_err(|error| Refusal::Failed { reason: error.to_string() })?;
            if let Some(file) = self.named(&cid)? {
                lacking.extend(self.lacks(text, &file)?);
            }
        }
        Ok(lacking)
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
