//! Fetching one document from several peers at once, block by block, each verified as it comes.

use super::keeper::Keeper;
use super::source::Source;
use crate::limits::{BLOCKS_PER_REQUEST_MAX, BLOCKS_WANTED_MAX, DOCUMENT_SOURCES_MAX};
use prost::bytes::Bytes;
use std::collections::{BTreeSet, VecDeque};
use theriac_documents::{Cid, DocumentError, Expected, Incoming, Name};
use tokio::sync::mpsc;
use tracing::warn;

/// Why a document did not come.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Something about the document or the store.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Nobody has the rest of it.
    #[error("no peer that can be reached has what is missing of document {cid}: {last}; it is tried again")]
    NoSource {
        /// The document.
        cid: Cid,
        /// What the last one said.
        last: String,
    },
    /// It is being fetched already.
    #[error("document {cid} is being fetched already; ask again in a while")]
    Begun {
        /// The document.
        cid: Cid,
    },
}

/// What came of one request.
struct Arrival {
    source: Source,
    asked: Vec<Cid>,
    blocks: Vec<Bytes>,
    ended: Option<String>,
}

/// Requests on their way.
struct Requests<'a> {
    keeper: &'a Keeper,
    idle: VecDeque<Source>,
    waiting: VecDeque<Source>,
    asked: BTreeSet<Cid>,
    busy: usize,
    sender: mpsc::UnboundedSender<Arrival>,
    arrivals: mpsc::UnboundedReceiver<Arrival>,
    last: String,
}

/// Fetches what is missing of a document, and verifies it as a whole.
///
/// # Errors
/// When nobody has it, or it is not what was expected, or the store fails. What has come stays for the next time.
pub fn fetch(keeper: &Keeper, cid: Cid, expected: Expected, sources: Vec<Source>) -> Result<Name, FetchError> {
    let mut incoming = keeper.store().receive(cid, expected, keeper.now_ms())?;
    let mut requests = Requests::new(keeper, sources);
    loop {
        let missing = incoming.missing(BLOCKS_WANTED_MAX)?;
        if missing.is_empty() {
            return Ok(incoming.finish()?);
        }
        let wanted: Vec<Cid> = missing.into_iter().map(|block| block.cid).collect();
        requests.ask(&wanted);
        let Some(arrival) = requests.next() else {
            // What came is durable for the next time.
            incoming.flush()?;
            return Err(FetchError::NoSource { cid, last: requests.last });
        };
        requests.take(&mut incoming, arrival)?;
    }
}

impl<'a> Requests<'a> {
    fn new(keeper: &'a Keeper, sources: Vec<Source>) -> Self {
        let mut sources = VecDeque::from(sources);
        let (sender, arrivals) = mpsc::unbounded_channel();
        let waiting = sources.split_off(sources.len().min(DOCUMENT_SOURCES_MAX));
        let last = "no other peer is known".to_owned();
        Self { keeper, idle: sources, waiting, asked: BTreeSet::new(), busy: 0, sender, arrivals, last }
    }

    /// Gives every idle source a share of what is wanted and not asked for.
    fn ask(&mut self, wanted: &[Cid]) {
        let mut open = wanted.iter().filter(|cid| !self.asked.contains(cid)).copied().collect::<Vec<_>>().into_iter();
        let share = open.len().div_ceil(self.idle.len().max(1)).clamp(1, BLOCKS_PER_REQUEST_MAX);
        while let Some(source) = self.idle.pop_front() {
            let asked: Vec<Cid> = open.by_ref().take(share).collect();
            if asked.is_empty() {
                self.idle.push_front(source);
                return;
            }
            self.asked.extend(&asked);
            self.busy += 1;
            let sender = self.sender.clone();
            self.keeper.common().runtime.spawn(async move {
                let (blocks, ended) = source.blocks(&asked).await;
                // Whoever fetched may have given up.
                drop(sender.send(Arrival { source, asked, blocks, ended }));
            });
        }
    }

    /// Waits for an answer; none when nobody is left to give one.
    fn next(&mut self) -> Option<Arrival> {
        if self.busy == 0 {
            return None;
        }
        self.busy -= 1;
        self.arrivals.blocking_recv()
    }

    /// Takes an answer. A source that has nothing more to give, or gives what it was not asked for, is asked no more.
    fn take(&mut self, incoming: &mut Incoming, arrival: Arrival) -> Result<(), DocumentError> {
        let Arrival { source, asked, blocks, ended } = arrival;
        asked.iter().for_each(|cid| {
            self.asked.remove(cid);
        });
        let is_complete = blocks.len() == asked.len();
        for (cid, block) in asked.iter().zip(blocks) {
            match incoming.put(cid, &block) {
                Ok(()) => {}
                Err(error @ DocumentError::WrongBlock { .. }) => {
                    warn!(from = %source.neighbour, %error, "a peer sent another block than it was asked for");
                    self.give_up(error.to_string());
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
        match (is_complete, ended) {
            (true, _) => self.idle.push_back(source),
            (false, ended) => {
                let reason = ended.unwrap_or_else(|| "it does not have all of it".to_owned());
                self.give_up(format!("{}: {reason}", source.neighbour));
            }
        }
        Ok(())
    }

    /// Takes the next source in the place of one that is asked no more.
    fn give_up(&mut self, reason: String) {
        self.last = reason;
        self.idle.extend(self.waiting.pop_front());
    }
}
