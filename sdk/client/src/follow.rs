//! Streams that do not lose anything: events and blocks, resumed after every interruption where they stopped.

use crate::endpoint::Peer;
use crate::error::{Cause, StreamError, VerificationError};
use crate::network::{MESSAGE_BYTES_MAX, Network};
use crate::proven::{CertifiedBlock, CertifiedReceipt};
use std::time::Duration;
use theriac_proto::gateway::v1::gateway_client::GatewayClient;
use theriac_proto::gateway::v1::{
    BlocksRequest, BlocksResponse, EventsRequest, EventsResponse, Position as WirePosition, TransactionEvents,
    blocks_response, events_response,
};
use theriac_types::{ChaincodeName, Epoch, Event, Height, Transaction};
use tokio::time::sleep;

/// A stream without a message, not even a heartbeat, for this long is dead.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// First and longest pause before the next try.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// Tries without a single message before a stream gives up.
const TRIES_MAX: u32 = 20;

/// A place in the stream of events: keep it, and resume exactly there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Height of the block.
    pub height: Height,
    /// Index of the transaction in it.
    pub index: u32,
}

/// Which events are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this chaincode only.
    pub chaincode: Option<ChaincodeName>,
    /// With one of these topics only; all when empty.
    pub topics: Vec<String>,
}

/// The matching events of one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedEvents {
    /// The receipt that holds them, proven.
    pub receipt: CertifiedReceipt,
    /// The events.
    pub events: Vec<Event>,
    /// The transaction: proves who created it.
    pub transaction: Transaction,
    /// Where to resume after these.
    pub resume: Position,
}

/// Follows events. Dropped messages, restarted and dead peers are not seen: the stream goes on elsewhere.
pub struct EventStream {
    network: Network,
    filter: EventFilter,
    from: Option<Position>,
    open: Option<(String, tonic::Streaming<EventsResponse>)>,
    tries: u32,
}

/// Follows blocks.
pub struct BlockStream {
    network: Network,
    from: Option<Height>,
    include_receipts: bool,
    open: Option<(String, tonic::Streaming<BlocksResponse>)>,
    tries: u32,
}

impl Network {
    /// Events from a position on; from now on when none.
    pub fn events(&self, filter: EventFilter, from: Option<Position>) -> EventStream {
        EventStream { network: self.clone(), filter, from, open: None, tries: 0 }
    }

    /// The place behind everything that is certified now, as far as a peer tells.
    pub async fn next_position(&self) -> Result<Position, Cause> {
        let head = self.chain_info().await.map_err(|error| error.cause)?.certified_height();
        let (seen, _) = self.shared.memory.seen();
        Ok(Position { height: head.max(seen).next(), index: 0 })
    }

    /// Blocks from a height on; from now on when none.
    pub fn blocks(&self, from: Option<Height>, include_receipts: bool) -> BlockStream {
        BlockStream { network: self.clone(), from, include_receipts, open: None, tries: 0 }
    }
}

impl EventStream {
    /// The next events. Waits for them as long as it takes.
    ///
    /// # Errors
    /// When a peer lies, refuses, or none answers for long.
    pub async fn next(&mut self) -> Result<CertifiedEvents, StreamError> {
        loop {
            let answer = match self.message().await {
                Ok(answer) => answer,
                Err(cause) => {
                    self.open = None;
                    self.tries = interrupted(&self.network, self.tries, cause).await?;
                    continue;
                }
            };
            self.tries = 0;
            let (peer, answer) = answer;
            let mut accepted = self.accept(&answer);
            if let Some(epoch) = missing_epoch(&accepted) {
                self.network.follow_epochs(epoch).await?;
                accepted = self.accept(&answer);
            }
            match accepted {
                Ok(Some(events)) => return Ok(events),
                Ok(None) => {}
                Err(error) => return Err(Cause::Unverified { peer, error: Box::new(error) }.into()),
            }
        }
    }

    /// Where to resume when this stream is given up.
    pub fn checkpoint(&self) -> Option<Position> {
        self.from
    }

    async fn message(&mut self) -> Result<(String, EventsResponse), Cause> {
        if self.open.is_none() {
            // Without a place to come back to, what happens between two peers would be lost.
            let from = match self.from {
                Some(from) => from,
                None => self.network.next_position().await?,
            };
            self.from = Some(from);
            let Peer { name: peer, channel } = self.network.shared.pool.preferred().clone();
            let request = EventsRequest {
                chaincode: self.filter.chaincode.as_ref().map(ToString::to_string).unwrap_or_default(),
                topics: self.filter.topics.clone(),
                from: Some(WirePosition { height: from.height.0, index: from.index }),
                include_transactions: true,
            };
            let mut client = GatewayClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
            let stream = opened(&peer, client.events(request)).await?;
            self.open = Some((peer, stream));
        }
        received(&mut self.open).await
    }

    fn accept(&mut self, answer: &EventsResponse) -> Result<Option<CertifiedEvents>, VerificationError> {
        let resume =
            answer.resume.as_ref().ok_or(VerificationError::Unfit { what: "it has no place to resume from" })?;
        let resume = Position { height: Height(resume.height), index: resume.index };
        if self.from.is_some_and(|from| resume < from) {
            return Err(VerificationError::Unfit { what: "the stream goes backwards" });
        }
        let Some(events_response::Item::Events(events)) = &answer.item else {
            self.from = Some(resume);
            return Ok(None);
        };
        let events = self.verified(events, resume)?;
        self.from = Some(resume);
        Ok(Some(events))
    }

    fn verified(&self, answer: &TransactionEvents, resume: Position) -> Result<CertifiedEvents, VerificationError> {
        let verifier = &self.network.shared.verifier;
        let receipt = verifier.receipt(None, answer.receipt.as_ref())?;
        let transaction = verifier.transaction(receipt.receipt.tx_id, &answer.transaction)?;
        let place = Position { height: receipt.receipt.height, index: receipt.receipt.index };
        if place >= resume || self.from.is_some_and(|from| place < from) {
            return Err(VerificationError::Unfit { what: "the events are of another place" });
        }
        let event = |index: &u32| receipt.receipt.events.get(*index as usize).cloned();
        let events = answer.matching.iter().map(event).collect::<Option<Vec<_>>>();
        let events = events.ok_or(VerificationError::Unfit { what: "the receipt has no such events" })?;
        let EventFilter { chaincode, topics } = &self.filter;
        let wanted = |event: &Event| {
            chaincode.as_ref().is_none_or(|wanted| *wanted == event.chaincode)
                && (topics.is_empty() || topics.iter().any(|topic| **topic == *event.topic))
        };
        if !events.iter().all(wanted) {
            return Err(VerificationError::Unfit { what: "an event is none that was asked for" });
        }
        Ok(CertifiedEvents { receipt, events, transaction, resume })
    }
}

impl BlockStream {
    /// The next block. Waits for it as long as it takes. Heights follow each other without a gap.
    ///
    /// # Errors
    /// When a peer lies, refuses, or none answers for long.
    pub async fn next(&mut self) -> Result<CertifiedBlock, StreamError> {
        loop {
            let (peer, answer) = match self.message().await {
                Ok(answer) => answer,
                Err(cause) => {
                    self.open = None;
                    self.tries = interrupted(&self.network, self.tries, cause).await?;
                    continue;
                }
            };
            self.tries = 0;
            let mut accepted = self.accept(&answer);
            if let Some(epoch) = missing_epoch(&accepted) {
                self.network.follow_epochs(epoch).await?;
                accepted = self.accept(&answer);
            }
            match accepted {
                Ok(Some(block)) => return Ok(block),
                Ok(None) => {}
                Err(error) => return Err(Cause::Unverified { peer, error: Box::new(error) }.into()),
            }
        }
    }

    async fn message(&mut self) -> Result<(String, BlocksResponse), Cause> {
        if self.open.is_none() {
            let from = match self.from {
                Some(from) => from,
                None => self.network.next_position().await?.height,
            };
            self.from = Some(from);
            let Peer { name: peer, channel } = self.network.shared.pool.preferred().clone();
            let request = BlocksRequest { from: Some(from.0), include_receipts: self.include_receipts };
            let mut client = GatewayClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
            let stream = opened(&peer, client.blocks(request)).await?;
            self.open = Some((peer, stream));
        }
        received(&mut self.open).await
    }

    fn accept(&mut self, answer: &BlocksResponse) -> Result<Option<CertifiedBlock>, VerificationError> {
        let resume = Height(answer.resume);
        let Some(blocks_response::Item::Block(block)) = &answer.item else {
            if self.from.is_some_and(|from| resume != from) {
                return Err(VerificationError::Unfit { what: "a heartbeat jumps over blocks" });
            }
            self.from = Some(resume);
            return Ok(None);
        };
        let height = Height(answer.resume.saturating_sub(1));
        if let Some(expected) = self.from.filter(|expected| *expected != height) {
            return Err(VerificationError::Height { what: "block", found: height, expected });
        }
        let block = self.network.shared.verifier.block(height, block, self.include_receipts)?;
        self.from = Some(resume);
        Ok(Some(block))
    }
}

/// The epoch without which a message cannot be checked.
fn missing_epoch<T>(accepted: &Result<T, VerificationError>) -> Option<Epoch> {
    match accepted {
        Err(VerificationError::UnknownEpoch { epoch, .. }) => Some(*epoch),
        _ => None,
    }
}

async fn opened<T>(
    peer: &str,
    call: impl Future<Output = Result<tonic::Response<tonic::Streaming<T>>, tonic::Status>>,
) -> Result<tonic::Streaming<T>, Cause> {
    match tokio::time::timeout(SILENCE_MAX, call).await {
        Ok(Ok(response)) => Ok(response.into_inner()),
        Ok(Err(status)) => Err(Cause::from_status(peer, SILENCE_MAX, &status)),
        Err(_) => Err(Cause::Deadline { peer: peer.to_owned(), waited: SILENCE_MAX }),
    }
}

async fn received<T>(open: &mut Option<(String, tonic::Streaming<T>)>) -> Result<(String, T), Cause> {
    let Some((peer, stream)) = open else {
        return Err(Cause::Unreachable { tried: String::new(), message: "no stream is open".to_owned() });
    };
    let peer = peer.clone();
    match tokio::time::timeout(SILENCE_MAX, stream.message()).await {
        Ok(Ok(Some(message))) => Ok((peer, message)),
        Ok(Ok(None)) => Err(Cause::Unreachable { tried: peer, message: "the peer ended the stream".to_owned() }),
        // A connection that breaks off in the middle shows as many codes; none of them is a refusal of the peer's.
        Ok(Err(status)) => match Cause::from_status(&peer, SILENCE_MAX, &status) {
            Cause::Refused { refusal, .. } if refusal.details.is_empty() && refusal.code == tonic::Code::Unknown => {
                Err(Cause::Unreachable { tried: peer, message: refusal.message })
            }
            cause => Err(cause),
        },
        Err(_) => Err(Cause::Deadline { peer, waited: SILENCE_MAX }),
    }
}

/// Turns to the next peer after a pause; gives up when the cause will not pass, or has not for long.
async fn interrupted(network: &Network, tries: u32, cause: Cause) -> Result<u32, StreamError> {
    let passes =
        cause.retryable() || matches!(&cause, Cause::Refused { refusal, .. } if refusal.code == tonic::Code::Internal);
    if !passes || tries >= TRIES_MAX {
        return Err(cause.into());
    }
    network.shared.pool.turn();
    sleep((PAUSE.0 * 2_u32.saturating_pow(tries)).min(PAUSE.1)).await;
    Ok(tries + 1)
}
