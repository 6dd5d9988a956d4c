//! Threads of our own, whose end is noticed.

use crate::error::PeerError;
use std::thread;
use tokio::sync::oneshot;

/// A running thread.
#[derive(Debug)]
pub struct Thread {
    name: &'static str,
    /// None when its result was told.
    result: Option<oneshot::Receiver<Result<(), PeerError>>>,
}

/// Starts a thread.
pub fn spawn(
    name: &'static str,
    work: impl FnOnce() -> Result<(), PeerError> + Send + 'static,
) -> Result<Thread, PeerError> {
    let (sender, result) = oneshot::channel();
    // Nobody listens to a thread that outlives the peer's own end.
    let body = move || drop(sender.send(work()));
    // Some of these threads run chaincode.
    let builder = thread::Builder::new().name(name.to_owned()).stack_size(theriac_runtime::THREAD_STACK_BYTES);
    builder.spawn(body).map_err(|source| PeerError::Thread { source })?;
    Ok(Thread { name, result: Some(result) })
}

impl Thread {
    /// Waits for its end and tells its result, once: a peer that stops because of it waits for it again.
    pub async fn ended(&mut self) -> Result<(), PeerError> {
        let Some(result) = &mut self.result else { return Ok(()) };
        // A thread that panics drops its sender.
        let ended = result.await.unwrap_or(Err(PeerError::ThreadLost { thread: self.name }));
        self.result = None;
        ended
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn the_result_of_a_thread_is_told_once_and_its_end_may_be_waited_for_again() {
        let broken = || PeerError::ThreadLost { thread: "other" };
        let mut thread = spawn("test", move || Err(broken())).unwrap();
        assert_eq!(thread.ended().await.unwrap_err().to_string(), broken().to_string());
        thread.ended().await.unwrap();
    }
}
