//! What this replica knows of the others: how far they say they are, what they were served, how far they are trusted.

use crate::limits::{BAD_CERTIFICATES_MAX, PENALTY_SLOTS, SERVE_PERIOD_MS, SERVE_SLOTS_MAX};
use std::collections::BTreeMap;
use theriac_types::{ReplicaId, SeqNum, View};

/// One other replica.
#[derive(Debug, Clone, Default)]
struct Peer {
    executed: SeqNum,
    view: View,
    active: bool,
    served_since_ms: u64,
    served_slots: u64,
    penalty_until: SeqNum,
    repaired_at_ms: Option<u64>,
    bad_certificates: u32,
    avoided_until_ms: u64,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Peers(BTreeMap<ReplicaId, Peer>);

impl Peers {
    /// Notes how far a replica says it is.
    pub fn heard(&mut self, peer: ReplicaId, executed: SeqNum) {
        self.0.entry(peer).or_default().executed = executed;
    }

    /// Notes which view a replica says it is in, or wants to enter.
    pub fn heard_view(&mut self, peer: ReplicaId, view: View, active: bool) {
        let peer = self.0.entry(peer).or_default();
        (peer.view, peer.active) = (view, active);
    }

    /// Which view a replica says it is in, or wants to enter.
    pub fn view(&self, peer: ReplicaId) -> (View, bool) {
        self.0.get(&peer).map_or((View(0), true), |p| (p.view, p.active))
    }

    /// How far a replica says it is.
    pub fn executed(&self, peer: ReplicaId) -> SeqNum {
        self.0.get(&peer).map_or(SeqNum(0), |p| p.executed)
    }

    /// Grants as many of the wanted slots as the peer may be served now.
    pub fn grant(&mut self, peer: ReplicaId, wanted: u64, now_ms: u64) -> u64 {
        let peer = self.0.entry(peer).or_default();
        if now_ms.saturating_sub(peer.served_since_ms) >= SERVE_PERIOD_MS {
            peer.served_since_ms = now_ms;
            peer.served_slots = 0;
        }
        let granted = wanted.min(SERVE_SLOTS_MAX - peer.served_slots);
        peer.served_slots += granted;
        granted
    }

    /// Whether something may be sent again to a peer now: once per so many milliseconds, however often it asks.
    pub fn may_repair(&mut self, peer: ReplicaId, now_ms: u64, pause_ms: u64) -> bool {
        let peer = self.0.entry(peer).or_default();
        let due = peer.repaired_at_ms.is_none_or(|at| now_ms.saturating_sub(at) >= pause_ms);
        if due {
            peer.repaired_at_ms = Some(now_ms);
        }
        due
    }

    /// Asks this peer for nothing until then: it did not answer.
    pub fn avoid(&mut self, peer: ReplicaId, until_ms: u64) {
        self.0.entry(peer).or_default().avoided_until_ms = until_ms;
    }

    /// Whether this peer did not answer lately.
    pub fn is_avoided(&self, peer: ReplicaId, now_ms: u64) -> bool {
        self.0.get(&peer).is_some_and(|p| now_ms < p.avoided_until_ms)
    }

    /// Counts a certificate that proved nothing.
    pub fn count_bad_certificate(&mut self, peer: ReplicaId) {
        let peer = self.0.entry(peer).or_default();
        peer.bad_certificates = peer.bad_certificates.saturating_add(1);
    }

    /// Whether a peer sent so many bad certificates that checking more is wasted time. What it could prove, others can.
    pub fn is_ignored(&self, peer: ReplicaId) -> bool {
        self.0.get(&peer).is_some_and(|p| p.bad_certificates >= BAD_CERTIFICATES_MAX)
    }

    /// Puts a replica that sent a bad share under scrutiny for a while.
    pub fn penalise(&mut self, peer: ReplicaId, seq: SeqNum) {
        self.0.entry(peer).or_default().penalty_until = seq.saturating_add(PENALTY_SLOTS);
    }

    /// Whether its shares are checked one by one: combining them unchecked would let it spoil every combination.
    pub fn is_penalised(&self, peer: ReplicaId, seq: SeqNum) -> bool {
        self.0.get(&peer).is_some_and(|p| seq <= p.penalty_until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: ReplicaId = ReplicaId(1);

    #[test]
    fn serving_is_bounded_per_period() {
        let mut peers = Peers::default();
        assert_eq!(peers.grant(PEER, SERVE_SLOTS_MAX - 1, 1_000), SERVE_SLOTS_MAX - 1);
        assert_eq!(peers.grant(PEER, 10, 1_001), 1);
        assert_eq!(peers.grant(PEER, 10, 1_002), 0);
        assert_eq!(peers.grant(ReplicaId(2), 10, 1_002), 10, "each replica has its own share");
        assert_eq!(peers.grant(PEER, 10, 1_000 + SERVE_PERIOD_MS), 10);
    }

    #[test]
    fn a_peer_is_repaired_once_in_a_while() {
        let mut peers = Peers::default();
        let answers = [0, 1, 99, 100, 150, 200].map(|now_ms| peers.may_repair(PEER, now_ms, 100));
        assert_eq!(answers, [true, false, false, true, false, true]);
    }

    #[test]
    fn a_forger_is_ignored_in_the_end() {
        let mut peers = Peers::default();
        for _ in 0..BAD_CERTIFICATES_MAX {
            assert!(!peers.is_ignored(PEER));
            peers.count_bad_certificate(PEER);
        }
        assert!(peers.is_ignored(PEER) && !peers.is_ignored(ReplicaId(2)));
    }

    #[test]
    fn a_penalty_ends() {
        let mut peers = Peers::default();
        assert!(!peers.is_penalised(PEER, SeqNum(1)));
        peers.penalise(PEER, SeqNum(5));
        assert!(peers.is_penalised(PEER, SeqNum(5 + PENALTY_SLOTS)));
        assert!(!peers.is_penalised(PEER, SeqNum(6 + PENALTY_SLOTS)));
    }
}
