//! The stream of events: of every certified transaction, those that match.

use super::parse;
use super::stream::{Messages, Next, follow as follow_chain};
use super::wait::proven;
use crate::certified_block::CertifiedBlock;
use crate::core::Core;
use crate::refusal::Refusal;
use std::collections::BTreeSet;
use std::sync::Arc;
use theriac_proto::gateway::v1::{
    EventsRequest, EventsResponse, Heartbeat, Position, TransactionEvents, events_response::Item,
};
use theriac_types::{ChaincodeName, Event, Height, Receipt, encode};
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

/// Most topics that one stream may name.
const TOPICS_MAX: usize = 64;

struct Filter {
    chaincode: Option<ChaincodeName>,
    topics: BTreeSet<String>,
    /// Transactions before this one were seen.
    from: Position,
    include_transactions: bool,
}

/// Streams events.
pub fn follow(
    core: Arc<Core>,
    request: EventsRequest,
) -> Result<ReceiverStream<Result<EventsResponse, Status>>, Refusal> {
    core.check_running()?;
    let EventsRequest { chaincode, topics, from, include_transactions } = request;
    let chaincode = if chaincode.is_empty() { None } else { Some(parse::name("chaincode", &chaincode)?) };
    if topics.len() > TOPICS_MAX {
        return Err(Refusal::malformed("topics", format!("{} topics, at most {TOPICS_MAX}", topics.len())));
    }
    let from = from.unwrap_or_else(|| Position { height: core.chain.certified().next().0, index: 0 });
    let filter = Filter { chaincode, topics: topics.into_iter().collect(), from, include_transactions };
    let mut resume = from;
    Ok(follow_chain(core, Height(from.height), move |next| -> Messages<EventsResponse> {
        match next {
            Next::Block(block) => {
                let messages = filter.messages(&block)?;
                resume = Position { height: block.height().next().0, index: 0 };
                Ok(messages)
            }
            Next::Quiet(certified) => {
                let item = Item::Heartbeat(Heartbeat { certified_height: certified.0 });
                Ok(vec![EventsResponse { resume: Some(resume), item: Some(item) }])
            }
        }
    }))
}

impl Filter {
    fn messages(&self, block: &Arc<CertifiedBlock>) -> Result<Vec<EventsResponse>, Refusal> {
        let height = block.height().0;
        let seen = if height == self.from.height { self.from.index } else { 0 };
        let mut messages = Vec::new();
        for receipt in block.receipts().iter().filter(|receipt| receipt.index >= seen) {
            let matching = self.matching(receipt);
            let Some(transaction) = block.transaction(receipt.index).filter(|_| !matching.is_empty()) else { continue };
            let events = TransactionEvents {
                receipt: Some(proven(&(block.clone(), receipt.index))?),
                matching,
                transaction: if self.include_transactions { encode(transaction).into() } else { Default::default() },
            };
            let resume = Position { height, index: receipt.index + 1 };
            messages.push(EventsResponse { resume: Some(resume), item: Some(Item::Events(events)) });
        }
        Ok(messages)
    }

    fn matching(&self, receipt: &Receipt) -> Vec<u32> {
        let wanted = |event: &Event| {
            self.chaincode.as_ref().is_none_or(|wanted| *wanted == event.chaincode)
                && (self.topics.is_empty() || self.topics.contains(&*event.topic))
        };
        (0..).zip(&receipt.events).filter(|(_, event)| wanted(event)).map(|(index, _)| index).collect()
    }
}
