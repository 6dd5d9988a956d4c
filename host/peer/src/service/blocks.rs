//! The stream of certified blocks.

use super::ledger::block_response;
use super::stream::{Messages, Next, follow as follow_chain};
use crate::core::Core;
use crate::refusal::Refusal;
use std::sync::Arc;
use theriac_proto::gateway::v1::{BlocksRequest, BlocksResponse, Heartbeat, blocks_response::Item};
use theriac_types::Height;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

/// Streams blocks.
pub fn follow(
    core: Arc<Core>,
    request: BlocksRequest,
) -> Result<ReceiverStream<Result<BlocksResponse, Status>>, Refusal> {
    core.check_running()?;
    let from = request.from.map_or_else(|| core.chain.certified().next(), Height);
    let include_receipts = request.include_receipts;
    let mut resume = from.0.max(1);
    Ok(follow_chain(core, from, move |next| -> Messages<BlocksResponse> {
        let item = match next {
            Next::Block(block) => {
                resume = block.height().next().0;
                Item::Block(block_response(&block, include_receipts)?)
            }
            Next::Quiet(certified) => Item::Heartbeat(Heartbeat { certified_height: certified.0 }),
        };
        Ok(vec![BlocksResponse { resume, item: Some(item) }])
    }))
}
