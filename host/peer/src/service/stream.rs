//! Following the certified chain: block after block, a heartbeat when nothing happens, an end when the peer stops.

use crate::certified_block::CertifiedBlock;
use crate::core::{Core, blocking};
use crate::limits::{HEARTBEAT, STREAM_MESSAGES_MAX};
use crate::refusal::Refusal;
use std::sync::Arc;
use theriac_types::Height;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

/// What a follower meets next.
pub enum Next {
    /// The block at the height asked for.
    Block(Arc<CertifiedBlock>),
    /// Nothing new for a while; the certified head is here.
    Quiet(Height),
}

/// Messages made of what the follower meets. The second value is the height to go on with.
pub type Messages<M> = Result<Vec<M>, Refusal>;

/// Streams what `encode` makes of every block from a height on.
pub fn follow<M: Send + 'static>(
    core: Arc<Core>,
    from: Height,
    mut encode: impl FnMut(Next) -> Messages<M> + Send + 'static,
) -> ReceiverStream<Result<M, Status>> {
    let (sender, receiver) = mpsc::channel(STREAM_MESSAGES_MAX);
    tokio::spawn(async move {
        let mut height = Height(from.0.max(1));
        loop {
            let next = tokio::select! {
                next = next(&core, height) => next,
                () = sender.closed() => return,
            };
            let (is_block, messages) = match next {
                Ok(next) => (matches!(next, Next::Block(_)), encode(next)),
                Err(refusal) => (false, Err(refusal)),
            };
            match messages {
                Ok(messages) => {
                    for message in messages {
                        if sender.send(Ok(message)).await.is_err() {
                            return;
                        }
                    }
                }
                Err(refusal) => return drop(sender.send(Err(refusal.into())).await),
            }
            if is_block {
                height = height.next();
            }
        }
    });
    ReceiverStream::new(receiver)
}

async fn next(core: &Arc<Core>, height: Height) -> Result<Next, Refusal> {
    let mut progress = core.chain.progress();
    let mut stopping = core.stopping.clone();
    let certified = progress.borrow_and_update().certified;
    if certified < height {
        tokio::select! {
            reached = progress.wait_for(|progress| progress.certified >= height) => {
                reached.map_err(|_| Refusal::Stopping)?;
            }
            _ = stopping.wait_for(|stopping| *stopping) => return Err(Refusal::Stopping),
            () = tokio::time::sleep(HEARTBEAT) => return Ok(Next::Quiet(certified)),
        }
    }
    if let Some(block) = core.chain.recent_block(height) {
        return Ok(Next::Block(block));
    }
    let chain = core.chain.clone();
    let block = blocking(move || Ok(chain.certified_block(height)?)).await?;
    // Old heights may lack a certificate here when other peers had answered their clients before this one caught up.
    block.map(Next::Block).ok_or(Refusal::NotYet { height, certified })
}
