//! What a peer does that does not vote: it asks the epoch's replicas for decided slots, believes what is proven, and has
//! it executed.
//!
//! It asks with a status and a fetch, as a replica that is behind does, one source at a time; whoever sends nothing, or
//! what proves nothing, is left for another. It sends no vote of any kind: it has no key to vote with.

use crate::limits::{FOLLOW_AHEAD_MAX, FOLLOW_AVOIDS_MS, FOLLOW_FETCH_MS, FOLLOW_POLL_MS};
use crate::standing::Verdict;
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_consensus::fault::Fault;
use theriac_consensus::limits::FETCH_SLOTS_MAX;
use theriac_consensus::quorum::Cluster;
use theriac_consensus::{CommitProof, Destination, ExecutedSlot, Input, Message, Proposal};
use theriac_crypto::{BlsScheme, CertificateScheme, Statement};
use theriac_ordering::{Executor, Transport};
use theriac_types::{Certificate, ReplicaId, SeqNum, StableCheckpoint, StateDigest, View};

/// Where a follower begins.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Last slot executed and durable.
    pub executed: SeqNum,
    /// Executed slots without a certificate, and those above them.
    pub recent: Vec<ExecutedSlot>,
    /// Last slot up to which every execution certificate is stored.
    pub certified: SeqNum,
    /// The last stable checkpoint of the epoch.
    pub stable: Option<StableCheckpoint>,
    /// The epoch's last slot, once the ledger has set it.
    pub epoch_ends: Option<SeqNum>,
}

/// This peer's state contradicts what the network certified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "after block {seq} this peer's state digest is {own}, but the network certified {certified}: its database, disk or memory is damaged, or it runs another version than the others"
)]
pub struct Diverged {
    /// The slot.
    pub seq: SeqNum,
    /// What is here.
    pub own: StateDigest,
    /// What is certified.
    pub certified: StateDigest,
}

#[derive(Debug, Clone, Copy)]
struct Fetching {
    from: ReplicaId,
    last: SeqNum,
    until_ms: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Source {
    executed: SeqNum,
    certified: SeqNum,
    /// Slot of the last stable checkpoint that it says it knows, once it said so.
    stable: Option<SeqNum>,
    avoided_until_ms: u64,
}

/// Follows one epoch. Drive it from one thread, as an `Ordering`.
pub struct Follower<T, E> {
    cluster: Cluster,
    scheme: BlsScheme,
    transport: T,
    executor: E,
    executed: SeqNum,
    handed_over: SeqNum,
    certified: SeqNum,
    /// Own state after executed slots above `certified`.
    own: BTreeMap<SeqNum, StateDigest>,
    /// Valid certificates above `certified`.
    certificates: BTreeMap<SeqNum, (StateDigest, Certificate)>,
    /// Proven slots that wait for those before them.
    decided: BTreeMap<SeqNum, (Arc<Proposal>, CommitProof)>,
    stable: Option<StableCheckpoint>,
    epoch_ends: Option<SeqNum>,
    sources: BTreeMap<ReplicaId, Source>,
    fetching: Option<Fetching>,
    poll_ms: u64,
    /// What was certified at the last poll.
    polled: SeqNum,
    over: bool,
}

impl<T: Transport, E: Executor> Follower<T, E> {
    /// Begins where the store is.
    pub fn new(cluster: Cluster, scheme: BlsScheme, transport: T, executor: E, found: Found) -> Self {
        let mut follower = Self {
            cluster,
            scheme,
            transport,
            executor,
            executed: found.executed,
            handed_over: found.executed,
            certified: found.certified,
            own: BTreeMap::new(),
            certificates: BTreeMap::new(),
            decided: BTreeMap::new(),
            stable: found.stable,
            epoch_ends: found.epoch_ends,
            sources: BTreeMap::new(),
            fetching: None,
            poll_ms: 0,
            polled: found.certified,
            over: false,
        };
        for slot in found.recent.into_iter().filter(|slot| slot.seq > found.certified) {
            follower.own.insert(slot.seq, slot.digest);
            follower.certificates.extend(slot.certificate.map(|certificate| (slot.seq, (slot.digest, certificate))));
        }
        follower
    }

    /// Takes what came in, and asks for what is missing.
    ///
    /// # Errors
    /// When this peer's state contradicts a certificate.
    pub fn turn(&mut self, now_ms: u64, inputs: impl IntoIterator<Item = Input>) -> Result<(), Diverged> {
        for input in inputs {
            match input {
                Input::Message { from, message } => self.on_message(now_ms, from, message)?,
                Input::Executed { seq, digest, epoch_ends } => self.on_executed(seq, digest, epoch_ends)?,
                // Whoever does not vote has no primary to hand requests to; the gateway refuses them.
                Input::Requests(_) | Input::Timer(_) => {}
            }
        }
        if now_ms >= self.poll_ms {
            self.poll_ms = now_ms + FOLLOW_POLL_MS;
            self.transport.send(Destination::Others, self.status());
            self.ask_for_certificates(now_ms);
        }
        self.ask(now_ms);
        self.end_if_over();
        Ok(())
    }

    /// When there is something to do without an input, in monotonic milliseconds.
    pub fn next_deadline(&self) -> u64 {
        self.fetching.map_or(self.poll_ms, |fetching| fetching.until_ms.min(self.poll_ms))
    }

    /// What it hands over for execution.
    pub fn executor(&self) -> &E {
        &self.executor
    }

    /// Slot of the last stable checkpoint known.
    pub fn stable_slot(&self) -> SeqNum {
        self.stable.as_ref().map_or(SeqNum(0), |checkpoint| checkpoint.seq)
    }

    /// What others tell of a key of which nothing is known here, that may have voted in this epoch.
    pub fn verdict(&self) -> Verdict {
        let base = self.cluster.base();
        // Only a proof may bar a key from voting for good.
        if self.stable_slot() > base {
            return Verdict::Lost;
        }
        let without = self.sources.values().filter(|source| source.stable.is_some_and(|stable| stable <= base)).count();
        // Fewer could not decide on anything together with this peer.
        if without + 1 >= self.cluster.prepare() { Verdict::Known } else { Verdict::Unknown }
    }

    fn status(&self) -> Message<Arc<Proposal>> {
        let (view, active) = (View(0), false);
        Message::Status { view, active, stable: self.stable_slot(), executed: self.executed, certified: self.certified }
    }

    fn on_message(&mut self, now_ms: u64, from: ReplicaId, message: Message<Arc<Proposal>>) -> Result<(), Diverged> {
        match message {
            Message::Status { executed, stable, certified, .. } => {
                let source = self.sources.entry(from).or_default();
                (source.executed, source.certified, source.stable) = (executed, certified, Some(stable));
            }
            Message::Decided { seq, proposal, proof, executed } => {
                self.on_decided(now_ms, from, seq, proposal, proof);
                if let Some((digest, certificate)) = executed {
                    return self.on_certificate(now_ms, from, seq, digest, certificate);
                }
            }
            Message::FullExecuteProof { seq, digest, certificate } => {
                return self.on_certificate(now_ms, from, seq, digest, certificate);
            }
            Message::Stable(checkpoint) => self.on_stable(now_ms, from, checkpoint),
            _ => {}
        }
        Ok(())
    }

    fn on_decided(&mut self, now_ms: u64, from: ReplicaId, seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof) {
        let end = self.handed_over.saturating_add(FOLLOW_AHEAD_MAX).min(self.epoch_ends.unwrap_or(SeqNum(u64::MAX)));
        if seq <= self.handed_over || seq > end || self.decided.contains_key(&seq) {
            return;
        }
        if !proof.proves(&self.scheme, self.cluster, seq, proposal.hash()) {
            return self.blame(now_ms, from, seq);
        }
        self.decided.insert(seq, (proposal, proof));
        match &mut self.fetching {
            Some(fetching) if fetching.from == from && seq >= fetching.last => self.fetching = None,
            Some(fetching) if fetching.from == from => fetching.until_ms = now_ms + FOLLOW_FETCH_MS,
            _ => {}
        }
        self.hand_over();
    }

    /// Hands over what is next, as long as not too much waits for execution.
    fn hand_over(&mut self) {
        while self.handed_over < self.executed.saturating_add(FOLLOW_AHEAD_MAX) {
            let next = self.handed_over.next();
            let Some((proposal, proof)) = self.decided.remove(&next) else { return };
            self.handed_over = next;
            self.executor.execute(next, proposal, proof);
        }
    }

    fn on_executed(&mut self, seq: SeqNum, digest: StateDigest, epoch_ends: Option<SeqNum>) -> Result<(), Diverged> {
        self.executed = seq;
        self.epoch_ends = self.epoch_ends.or(epoch_ends);
        self.own.insert(seq, digest);
        self.hand_over();
        self.settle()
    }

    fn on_certificate(
        &mut self,
        now_ms: u64,
        from: ReplicaId,
        seq: SeqNum,
        digest: StateDigest,
        certificate: Certificate,
    ) -> Result<(), Diverged> {
        let end = self.executed.saturating_add(2 * FOLLOW_AHEAD_MAX);
        if seq <= self.certified || seq > end || self.certificates.contains_key(&seq) {
            return Ok(());
        }
        let statement = Statement::State { seq, digest };
        if self.scheme.verify(&statement, &certificate, self.cluster.execution()).is_err() {
            self.blame(now_ms, from, seq);
            return Ok(());
        }
        self.certificates.insert(seq, (digest, certificate));
        self.settle()
    }

    /// Compares own states with certified ones in order, where both are known.
    fn settle(&mut self) -> Result<(), Diverged> {
        loop {
            let seq = self.certified.next();
            let Some((own, (certified, _))) = self.own.get(&seq).copied().zip(self.certificates.get(&seq)) else {
                return Ok(());
            };
            if own != *certified {
                return Err(Diverged { seq, own, certified: *certified });
            }
            self.own.remove(&seq);
            if let Some((digest, certificate)) = self.certificates.remove(&seq) {
                self.executor.certified(seq, digest, certificate);
            }
            self.certified = seq;
        }
    }

    fn on_stable(&mut self, now_ms: u64, from: ReplicaId, checkpoint: StableCheckpoint) {
        let seq = checkpoint.seq;
        if seq <= self.stable_slot() || !self.cluster.spacing().is_checkpoint(seq) {
            return;
        }
        let statement = Statement::Checkpoint { seq, digest: checkpoint.digest };
        if self.scheme.verify(&statement, &checkpoint.certificate, self.cluster.checkpoint()).is_err() {
            return self.blame(now_ms, from, seq);
        }
        self.executor.stable(checkpoint.clone());
        if seq > self.executed.saturating_add(self.cluster.spacing().transfer()) {
            self.executor.transfer(checkpoint.clone());
        }
        self.stable = Some(checkpoint);
    }

    /// Asks the next source for what comes next.
    fn ask(&mut self, now_ms: u64) {
        if let Some(late) = self.fetching.filter(|fetching| now_ms >= fetching.until_ms) {
            self.sources.entry(late.from).or_default().avoided_until_ms = now_ms + FOLLOW_AVOIDS_MS;
            self.fetching = None;
        }
        let first = self.missing();
        if self.fetching.is_some() || first > self.executed.saturating_add(FOLLOW_AHEAD_MAX) {
            return;
        }
        let ahead = self.sources.iter().filter(|(_, s)| s.executed >= first && s.avoided_until_ms <= now_ms);
        // The slot chooses among them, so that the work is spread.
        let ahead: Vec<_> = ahead.map(|(id, source)| (*id, source.executed)).collect();
        let place = usize::try_from(first.0 / FETCH_SLOTS_MAX).unwrap_or(0) % ahead.len().max(1);
        let Some((from, executed)) = ahead.get(place).copied() else { return };
        let last = executed.min(first.saturating_add(FETCH_SLOTS_MAX - 1));
        self.fetching = Some(Fetching { from, last, until_ms: now_ms + FOLLOW_FETCH_MS });
        self.transport.send(Destination::One(from), Message::Fetch { first, last });
    }

    /// Asks again for the certificates of executed slots, where the next one has not come since the last poll: it came
    /// before a crash, and was lost with it.
    fn ask_for_certificates(&mut self, now_ms: u64) {
        let first = self.certified.next();
        let stuck = std::mem::replace(&mut self.polled, self.certified) == self.certified;
        if !stuck || first > self.executed || self.certificates.contains_key(&first) {
            return;
        }
        let able = self.sources.iter().filter(|(_, s)| s.certified >= first && s.avoided_until_ms <= now_ms);
        let able: Vec<_> = able.map(|(id, source)| (*id, source.certified)).collect();
        // Another one at each poll: nobody notices who answers nothing.
        let place = usize::try_from(now_ms / FOLLOW_POLL_MS).unwrap_or(0) % able.len().max(1);
        let Some((from, certified)) = able.get(place).copied() else { return };
        let last = certified.min(self.executed).min(first.saturating_add(FETCH_SLOTS_MAX - 1));
        self.transport.send(Destination::One(from), Message::Fetch { first, last });
    }

    /// The first slot that is neither handed over nor here.
    fn missing(&self) -> SeqNum {
        let mut missing = self.handed_over.next();
        while self.decided.contains_key(&missing) {
            missing = missing.next();
        }
        missing
    }

    fn end_if_over(&mut self) {
        let Some(ends) = self.epoch_ends.filter(|ends| self.executed >= *ends && !self.over) else { return };
        if let Some(checkpoint) = self.stable.clone().filter(|checkpoint| checkpoint.seq == ends) {
            self.over = true;
            self.executor.epoch_over(checkpoint);
        }
    }

    fn blame(&mut self, now_ms: u64, from: ReplicaId, seq: SeqNum) {
        // Sixteen times as long as for silence: this was no accident.
        self.sources.entry(from).or_default().avoided_until_ms = now_ms + 16 * FOLLOW_AVOIDS_MS;
        self.fetching = self.fetching.filter(|fetching| fetching.from != from);
        self.executor.evidence(from, Fault::BadCertificate { seq });
    }
}

#[cfg(test)]
mod tests;
