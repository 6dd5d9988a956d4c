//! Threads of our own, whose end is noticed.

use crate::error::PeerError;
use std::thread;
use tokio::sync::oneshot;

/// A running thread.
#[derive(Debug)]
pub struct Thread {
    name: &'static str,
    result: oneshot::Receiver<Result<(), PeerError>>,
}

/// Starts a thread.
pub fn spawn(
    name: &'static str,
    work: impl FnOnce() -> Result<(), PeerError> + Send + 'static,
) -> Result<Thread, PeerError> {
    let (sender, result) = oneshot::channel();
    // Nobody listens to a thread that outlives the peer's own end.
    let body = move || drop(sender.send(work()));
    thread::Builder::new().name(name.to_owned()).spawn(body).map_err(|source| PeerError::Thread { source })?;
    Ok(Thread { name, result })
}

impl Thread {
    /// Waits for its end.
    pub async fn ended(&mut self) -> Result<(), PeerError> {
        // A thread that panics drops its sender.
        (&mut self.result).await.unwrap_or(Err(PeerError::ThreadLost { thread: self.name }))
    }
}
