//! Calls to a network: to one peer first, and on to the others while it stays silent.
//!
//! A peer that refuses the connection, or says that it cannot serve now, is passed over at once; one that only stays
//! silent is passed over after a while, and its answer still counts when it comes. The first answer ends the call. What a
//! peer refuses for what it does not know counts when no other knows better: it may be behind.

use crate::endpoint::{Attempt, Peer, PeerAddress, connect};
use crate::error::{Cause, may_be_taken, never_arrived};
use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use theriac_types::Outcome;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// Pause before a peer that could not serve is asked again, unless it names a shorter one.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// Connections to the peers of one network; calls go to the one that answered last.
#[derive(Debug)]
pub(crate) struct Pool {
    peers: Vec<Peer>,
    preferred: AtomicUsize,
}

/// How far a call goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// In all.
    pub(crate) deadline: Duration,
    /// In all, as long as no peer can have taken the request.
    pub(crate) untaken: Duration,
    /// After so much silence the next peer is asked too.
    pub(crate) patience: Duration,
    /// Whether it is all the others then, and whether peers that cannot serve are asked again and again.
    pub(crate) persistent: bool,
    /// Whether a refusal is the network's answer rather than one peer's.
    pub(crate) settles: fn(&Cause) -> bool,
}

/// What a peer answered.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    pub(crate) peer: String,
    pub(crate) value: T,
}

/// A call that no peer answered.
#[derive(Debug)]
pub(crate) struct Unanswered {
    /// What the last peer met.
    pub(crate) cause: Cause,
    /// The peers asked, in this order.
    pub(crate) tried: Vec<String>,
    /// Whether a peer may have taken the request nevertheless.
    pub(crate) taken: bool,
}

impl From<Unanswered> for Cause {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered.cause {
            Self::Unreachable { message, .. } => Self::Unreachable { tried: unanswered.tried.join(", "), message },
            cause => cause,
        }
    }
}

impl Plan {
    /// A read: each peer once, one after the other.
    pub(crate) fn read(deadline: Duration) -> Self {
        let patience = (deadline / 5).min(Duration::from_secs(1));
        Self { deadline, untaken: deadline, patience, persistent: false, settles: settles_read }
    }

    /// Something that only needs to reach one peer, but has to: all of them, again and again.
    pub(crate) fn persistent(deadline: Duration, untaken: Duration) -> Self {
        let patience = (deadline / 5).min(Duration::from_secs(3));
        Self { deadline, untaken: untaken.min(deadline), patience, persistent: true, settles }
    }
}

/// Only silence and temporary inability move on to the next peer. A refusal is the network's answer.
pub(crate) fn settles(cause: &Cause) -> bool {
    match cause {
        Cause::Unreachable { .. } | Cause::Deadline { .. } => false,
        Cause::Refused { refusal, .. } => {
            ![tonic::Code::Unavailable, tonic::Code::DeadlineExceeded].contains(&refusal.code) && !may_be_behind(cause)
        }
        _ => true,
    }
}

/// Whether a peer that is further may know the member or the chaincode, or be within the transaction's time.
fn may_be_behind(cause: &Cause) -> bool {
    let unknown = [Outcome::NotAMember, Outcome::UnknownChaincode, Outcome::Expired];
    unknown.iter().any(|outcome| outcome.code() == cause.reason())
}

/// What one peer does not have yet, or no longer, another may.
fn settles_read(cause: &Cause) -> bool {
    settles(cause) && !["BLOCK_UNKNOWN", "STATE_PRUNED"].contains(&cause.reason())
}

impl Pool {
    /// Prepares connections; the first call to a peer makes them.
    pub(crate) fn new(addresses: &[PeerAddress]) -> Result<Self, Cause> {
        if addresses.is_empty() {
            return Err(Cause::request("The context names no peer. Give at least one endpoint."));
        }
        let peers = addresses.iter().map(connect).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { peers, preferred: AtomicUsize::new(0) })
    }

    /// Calls the preferred peer, and the others as the plan says. What is still under way when an answer comes is
    /// broken off.
    pub(crate) async fn call<T, F, R>(&self, plan: &Plan, operation: F) -> Result<Answer<T>, Unanswered>
    where
        F: Fn(Attempt) -> R,
        R: Future<Output = Result<T, tonic::Status>> + Send + 'static,
        T: Send + 'static,
    {
        let mut course = Course::new(self, plan);
        let mut tasks = JoinSet::new();
        loop {
            for index in course.due() {
                let attempt = course.attempt(index, !tasks.is_empty());
                let (timeout, answer) = (attempt.timeout, operation(attempt));
                tasks.spawn(async move {
                    let silent = |_| Err(tonic::Status::deadline_exceeded("no answer"));
                    (index, tokio::time::timeout(timeout, answer).await.unwrap_or_else(silent))
                });
            }
            if tasks.is_empty() && course.planned.is_empty() {
                return Err(course.end());
            }
            let limit = course.limit(!tasks.is_empty());
            tokio::select! {
                Some(joined) = tasks.join_next() => match joined {
                    Ok((index, Ok(value))) => {
                        self.preferred.store(index, Ordering::Relaxed);
                        return Ok(Answer { peer: self.peers[index].name.clone(), value });
                    }
                    Ok((index, Err(status))) => course.failed(index, &status, !tasks.is_empty())?,
                    Err(broken) => {
                        if let Ok(panic) = broken.try_into_panic() {
                            std::panic::resume_unwind(panic);
                        }
                    }
                },
                () = sleep_until(course.next_start()), if !course.planned.is_empty() => {}
                () = sleep_until(limit) => {
                    course.taken |= !tasks.is_empty();
                    return Err(course.end());
                }
            }
        }
    }

    /// The preferred peer, for a stream.
    pub(crate) fn preferred(&self) -> &Peer {
        &self.peers[self.preferred.load(Ordering::Relaxed) % self.peers.len()]
    }

    /// Prefers the next peer from now on.
    pub(crate) fn turn(&self) {
        let next = (self.preferred.load(Ordering::Relaxed) + 1) % self.peers.len();
        self.preferred.store(next, Ordering::Relaxed);
    }

    /// The peer at an index, alone: for questions about that peer.
    pub(crate) fn only(&self, index: usize) -> Option<Self> {
        let peers = vec![self.peers.get(index)?.clone()];
        Some(Self { peers, preferred: AtomicUsize::new(0) })
    }

    pub(crate) fn len(&self) -> usize {
        self.peers.len()
    }
}

/// How far one call has come.
struct Course<'a> {
    plan: &'a Plan,
    peers: &'a [Peer],
    began: Instant,
    /// When which peer is asked next.
    planned: Vec<(Instant, usize)>,
    asked: Vec<usize>,
    /// Peers that the last try did not even reach.
    unreached: BTreeSet<usize>,
    taken: bool,
    last: Option<Cause>,
    /// What the first peer refused that may be behind.
    doubtful: Option<Cause>,
}

impl<'a> Course<'a> {
    fn new(pool: &'a Pool, plan: &'a Plan) -> Self {
        let (began, count) = (Instant::now(), pool.peers.len());
        let first = pool.preferred.load(Ordering::Relaxed);
        let start = |offset: usize| {
            let waits = if plan.persistent { offset.min(1) } else { offset };
            let waits = u32::try_from(waits).unwrap_or(u32::MAX);
            (began + plan.patience.saturating_mul(waits), (first + offset) % count)
        };
        let planned = (0..count).map(start).collect();
        let (asked, unreached) = (Vec::new(), BTreeSet::new());
        Self { plan, peers: &pool.peers, began, planned, asked, unreached, taken: false, last: None, doubtful: None }
    }

    /// Takes out the peers to ask now.
    fn due(&mut self) -> Vec<usize> {
        let now = Instant::now();
        self.planned.extract_if(.., |(start, _)| *start <= now).map(|(_, index)| index).collect()
    }

    fn attempt(&mut self, index: usize, others_under_way: bool) -> Attempt {
        if !self.asked.contains(&index) {
            self.asked.push(index);
        }
        let timeout = (self.began + self.plan.deadline).saturating_duration_since(Instant::now());
        Attempt { channel: self.peers[index].channel.clone(), timeout, again: self.taken || others_under_way }
    }

    /// Takes note of a failure, and hurries the next peer. An error ends the call.
    fn failed(&mut self, index: usize, status: &tonic::Status, others_under_way: bool) -> Result<(), Unanswered> {
        let cause = Cause::from_status(&self.peers[index].name, self.plan.deadline, status);
        let settled = (self.plan.settles)(&cause);
        let pause = pause(&cause);
        // As long as an earlier try may have done something, a refusal of this one says nothing about that.
        let settled = settled && !(self.plan.persistent && (self.taken || others_under_way));
        self.taken |= may_be_taken(status);
        let doubtful = may_be_behind(&cause);
        if doubtful {
            self.doubtful.get_or_insert_with(|| cause.clone());
        }
        self.last = Some(cause);
        if never_arrived(status) {
            self.unreached.insert(index);
        } else {
            self.unreached.remove(&index);
        }
        let nobody_there = self.unreached.len() == self.peers.len() && !self.taken;
        let all_asked = self.asked.len() == self.peers.len() && !others_under_way && !self.taken;
        if settled || nobody_there || (all_asked && self.doubtful.is_some()) {
            return Err(self.end());
        }
        let now = Instant::now();
        if let Some((start, _)) = self.planned.iter_mut().find(|(_, index)| !self.asked.contains(index)) {
            *start = now;
        }
        if self.plan.persistent && (!doubtful || self.taken) {
            self.planned.push((now + pause, index));
        }
        Ok(())
    }

    fn next_start(&self) -> Instant {
        self.planned.iter().map(|(start, _)| *start).min().unwrap_or(self.began)
    }

    fn limit(&self, under_way: bool) -> Instant {
        let patience = if self.taken || under_way { self.plan.deadline } else { self.plan.untaken };
        self.began + patience
    }

    fn end(&mut self) -> Unanswered {
        let tried: Vec<String> = self.asked.iter().map(|index| self.peers[*index].name.clone()).collect();
        let silent = || Cause::Deadline { peer: tried.join(", "), waited: self.plan.deadline };
        let doubtful = self.doubtful.take().filter(|_| !self.taken);
        let settled = self.last.take_if(|cause| (self.plan.settles)(cause));
        let cause = settled.or(doubtful).or_else(|| self.last.take()).unwrap_or_else(silent);
        Unanswered { cause, tried, taken: self.taken }
    }
}

fn pause(cause: &Cause) -> Duration {
    let named = match cause {
        Cause::Refused { refusal, .. } => refusal.retry_after,
        _ => None,
    };
    named.unwrap_or(AGAIN_AFTER).min(AGAIN_AFTER)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::Arc;
    use tonic::{Code, Status};
    use tonic_types::{ErrorDetails, StatusExt};

    const LONG: Duration = Duration::from_secs(600);

    fn pool(peers: usize) -> Pool {
        let address =
            |index| PeerAddress { name: format!("peer-{index}"), address: "127.0.0.1:1".to_owned(), tls: None };
        Pool::new(&(0..peers).map(address).collect::<Vec<_>>()).unwrap()
    }

    fn refusal(code: Code, reason: &str) -> Status {
        Status::with_error_details(code, "no", ErrorDetails::with_error_info(reason, "theriac", []))
    }

    fn refused_connection() -> Status {
        Status::from_error(Box::new(tonic::ConnectError("refused".into())))
    }

    /// Calls with one scripted behaviour per try: an answer, a failure, or silence.
    async fn play(
        plan: &Plan,
        peers: usize,
        script: Vec<Option<Result<&'static str, Status>>>,
    ) -> (Result<Answer<(&'static str, bool)>, Unanswered>, usize) {
        let tries = Arc::new(AtomicUsize::new(0));
        let pool = pool(peers);
        let called = pool.call(plan, |attempt| {
            let step = script.get(tries.fetch_add(1, Ordering::Relaxed)).cloned().flatten();
            async move {
                match step {
                    Some(result) => result.map(|answer| (answer, attempt.again)),
                    None => std::future::pending().await,
                }
            }
        });
        let called = called.await;
        (called, tries.load(Ordering::Relaxed))
    }

    fn plan(persistent: bool) -> Plan {
        let patience = Duration::from_millis(1);
        Plan { deadline: LONG, untaken: LONG, patience, persistent, settles }
    }

    #[tokio::test]
    async fn a_silent_peer_is_passed_over_and_the_next_is_told_that_it_is_not_the_first() {
        for persistent in [false, true] {
            let (answer, tries) = play(&plan(persistent), 4, vec![None, Some(Ok("here"))]).await;
            let answer = answer.unwrap();
            assert_eq!(answer.value, ("here", true));
            assert_ne!(answer.peer, "peer-0");
            assert!((2..=4).contains(&tries), "{tries}");
        }
    }

    #[tokio::test]
    async fn a_peer_that_cannot_serve_is_passed_over_at_once() {
        for failure in [refused_connection(), refusal(Code::Unavailable, "NO_PRIMARY"), Status::unknown("reset")] {
            // Only hurry brings the second peer's turn before the test's patience ends.
            let patient = Plan { patience: LONG, ..plan(false) };
            let (answer, tries) = play(&patient, 2, vec![Some(Err(failure)), Some(Ok("here"))]).await;
            assert_eq!((answer.unwrap().peer.as_str(), tries), ("peer-1", 2));
        }
    }

    #[tokio::test]
    async fn a_refusal_ends_the_call_when_nobody_else_can_have_taken_it() {
        let refused = || Some(Err(refusal(Code::AlreadyExists, "DUPLICATE")));
        for script in [vec![refused()], vec![Some(Err(refused_connection())), refused()]] {
            let patient = Plan { patience: LONG, ..plan(true) };
            let unanswered = play(&patient, 3, script).await.0.unwrap_err();
            assert_eq!((unanswered.cause.reason(), unanswered.taken), ("DUPLICATE", false));
        }
    }

    #[tokio::test]
    async fn what_one_peer_does_not_know_another_may() {
        for (persistent, reason) in [(true, "UNKNOWN_CHAINCODE"), (false, "NOT_A_MEMBER"), (true, "EXPIRED")] {
            let patient = Plan { patience: LONG, ..plan(persistent) };
            let behind = || Some(Err(refusal(Code::NotFound, reason)));
            let (answer, tries) = play(&patient, 3, vec![behind(), Some(Ok("here"))]).await;
            assert_eq!((answer.unwrap().value, tries), (("here", false), 2));
            // Nobody knows, and who is away is not waited for.
            for script in [
                vec![behind(), behind(), behind()],
                vec![behind(), Some(Err(refused_connection())), behind()],
                vec![Some(Err(refused_connection())), behind(), Some(Err(refused_connection()))],
            ] {
                let (called, tries) = play(&patient, 3, script).await;
                let unanswered = called.unwrap_err();
                assert_eq!((unanswered.cause.reason(), unanswered.taken, tries), (reason, false, 3));
            }
        }
    }

    #[tokio::test]
    async fn a_refusal_after_a_try_that_may_have_arrived_decides_nothing() {
        let short = Plan { deadline: Duration::from_millis(50), ..plan(true) };
        let script = vec![Some(Err(Status::unknown("reset"))), Some(Err(refusal(Code::FailedPrecondition, "EXPIRED")))];
        let unanswered = play(&short, 2, script).await.0.unwrap_err();
        assert!(unanswered.taken, "{unanswered:?}");
        assert_eq!(unanswered.tried, ["peer-0", "peer-1"]);
    }

    #[tokio::test]
    async fn what_reached_nobody_ends_at_once_and_is_certain() {
        let script = vec![Some(Err(refused_connection())); 4];
        let (called, tries) = play(&plan(true), 4, script).await;
        let unanswered = called.unwrap_err();
        assert_eq!((unanswered.taken, tries), (false, 4));
        assert_eq!(Cause::from(unanswered).peer(), Some("peer-0, peer-1, peer-2, peer-3"));
    }

    #[tokio::test]
    async fn peers_without_a_quorum_are_asked_again_until_it_is_certain_that_none_took_it() {
        let no_quorum = || Some(Err(refusal(Code::Unavailable, "NO_QUORUM")));
        let (answer, tries) = play(&plan(true), 2, vec![no_quorum(), no_quorum(), no_quorum(), Some(Ok("back"))]).await;
        assert_eq!((answer.unwrap().value.0, tries), ("back", 4));
        let short = Plan { untaken: Duration::from_millis(50), ..plan(true) };
        let unanswered = play(&short, 1, vec![no_quorum()]).await.0.unwrap_err();
        assert_eq!((unanswered.cause.reason(), unanswered.taken), ("NO_QUORUM", false));
    }
}
