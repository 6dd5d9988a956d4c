//! The desk for questions about the past: one is answered at a time, on a thread of its own that rests as long as it
//! works, so that blocks and queries have the machine.

use crate::audit_engine::AuditEngine;
use crate::limits::{AUDIT_REST_MAX, AUDIT_WORK, AUDITS_MAX};
use crate::refusal::Refusal;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Instant;
use theriac_types::MemberId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// Stack of the thread: what a call may take twice over, and room for what is around it.
const AUDIT_STACK_BYTES: usize = theriac_runtime::THREAD_STACK_BYTES;

/// The desk.
#[derive(Clone)]
pub struct Audits {
    running: Arc<Semaphore>,
    asking: Arc<Mutex<BTreeSet<MemberId>>>,
    engine: Arc<OnceLock<AuditEngine>>,
}

/// A place in the queue, given back when dropped.
#[derive(Debug)]
struct Place {
    asking: Arc<Mutex<BTreeSet<MemberId>>>,
    member: MemberId,
}

/// A member's turn.
#[derive(Debug)]
pub struct Turn {
    // Dropped first: when another's turn begins, this member may ask again.
    _place: Place,
    _running: OwnedSemaphorePermit,
}

/// Says whether to go on, and makes whoever asks rest.
pub struct Pace<G> {
    stopping: watch::Receiver<bool>,
    gone: G,
    since: Instant,
}

impl Default for Audits {
    fn default() -> Self {
        Self { running: Arc::new(Semaphore::new(1)), asking: Arc::default(), engine: Arc::default() }
    }
}

impl Audits {
    /// Waits for a member's turn.
    ///
    /// # Errors
    /// When the member asks already, or too many others do.
    pub async fn turn(&self, member: &MemberId) -> Result<Turn, Refusal> {
        let place = self.place(member)?;
        let running = self.running.clone().acquire_owned().await.map_err(|_| Refusal::Stopping)?;
        Ok(Turn { _place: place, _running: running })
    }

    /// The engine for whoever's turn it is, set up at the first question.
    ///
    /// # Errors
    /// When the machine has no room for it.
    pub fn engine(&self) -> Result<&AuditEngine, Refusal> {
        if let Some(engine) = self.engine.get() {
            return Ok(engine);
        }
        let engine = AuditEngine::new().map_err(|error| Refusal::Failed { reason: error.to_string() })?;
        Ok(self.engine.get_or_init(|| engine))
    }

    fn place(&self, member: &MemberId) -> Result<Place, Refusal> {
        let mut asking = lock(&self.asking);
        if asking.len() >= AUDITS_MAX {
            let reason = format!("{AUDITS_MAX} members ask this peer about the past, the most it takes");
            return Err(Refusal::AuditBusy { reason });
        }
        if !asking.insert(member.clone()) {
            let reason = format!("{member} asks this peer about the past already, and has one question at a time");
            return Err(Refusal::AuditBusy { reason });
        }
        Ok(Place { asking: self.asking.clone(), member: member.clone() })
    }
}

impl Turn {
    /// Does the work on a thread of its own, ends the turn, and tells what came of it: whoever is told can ask again.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn spend<T>(
        self,
        work: impl FnOnce() -> T + Send + 'static,
        tell: impl FnOnce(T) + Send + 'static,
    ) -> Result<(), Refusal> {
        let body = move || {
            let done = work();
            drop(self);
            tell(done);
        };
        let started = thread::Builder::new().name("audit".to_owned()).stack_size(AUDIT_STACK_BYTES).spawn(body);
        started.map(drop).map_err(|error| Refusal::Failed { reason: format!("no thread for an audit: {error}") })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.asking).remove(&self.member);
    }
}

impl<G: Fn() -> bool> Pace<G> {
    /// `gone` tells whether nobody waits for the answer any more.
    pub fn new(stopping: watch::Receiver<bool>, gone: G) -> Self {
        Self { stopping, gone, since: Instant::now() }
    }

    /// Whether to go on. Rests first when it is time to.
    pub fn go_on(&mut self) -> bool {
        let worked = self.since.elapsed();
        if worked >= AUDIT_WORK {
            thread::sleep(worked.min(AUDIT_REST_MAX));
            self.since = Instant::now();
        }
        !*self.stopping.borrow() && !(self.gone)()
    }
}

fn lock(asking: &Mutex<BTreeSet<MemberId>>) -> MutexGuard<'_, BTreeSet<MemberId>> {
    // A set; each change is one call.
    asking.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};
    use tokio::sync::oneshot;

    fn member(number: usize) -> MemberId {
        format!("org/member-{number}").parse().unwrap()
    }

    #[tokio::test]
    async fn one_question_of_each_member_is_there_and_one_of_all_is_answered() {
        let audits = Audits::default();
        let first = audits.turn(&member(0)).await.unwrap();
        assert_eq!(audits.turn(&member(0)).await.unwrap_err().reason(), "AUDIT_BUSY");
        let waiting: Vec<_> = (1..AUDITS_MAX)
            .map(|number| {
                let audits = audits.clone();
                tokio::spawn(async move { audits.turn(&member(number)).await.map(drop) })
            })
            .collect();
        while lock(&audits.asking).len() < AUDITS_MAX {
            tokio::task::yield_now().await;
        }
        assert_eq!(audits.turn(&member(AUDITS_MAX)).await.unwrap_err().reason(), "AUDIT_BUSY");
        assert!(waiting.iter().all(|one| !one.is_finished()));
        let (done, ended) = oneshot::channel();
        let work = || thread::current().name().map(ToOwned::to_owned);
        first.spend(work, |name| done.send(name).unwrap()).unwrap();
        assert_eq!(ended.await.unwrap().as_deref(), Some("audit"));
        assert!(!lock(&audits.asking).contains(&member(0)));
        for one in waiting {
            one.await.unwrap().unwrap();
        }
        assert!(lock(&audits.asking).is_empty());
        audits.turn(&member(0)).await.unwrap();
    }

    #[test]
    fn an_audit_ends_when_nobody_waits_for_it_or_the_peer_stops() {
        let (stop, stopping) = watch::channel(false);
        let gone = AtomicBool::new(false);
        let mut pace = Pace::new(stopping, || gone.load(Ordering::SeqCst));
        assert!(pace.go_on());
        gone.store(true, Ordering::SeqCst);
        assert!(!pace.go_on());
        gone.store(false, Ordering::SeqCst);
        assert!(pace.go_on());
        stop.send_replace(true);
        assert!(!pace.go_on());
    }
}
