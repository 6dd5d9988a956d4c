//! How often one replica may send what costs this one much: as often as the protocol needs it, with room to spare. What
//! comes beyond is dropped, not blamed; whoever needed it asks again.
//!
//! Everything else is bounded by the link's budget of bytes, the checks it may have in the works, and its share of a
//! turn: votes and certificates of slots are looked at only where the replica still needs them.

use std::time::{Duration, Instant};
use theriac_consensus::Message;
use theriac_consensus::limits::WINDOW_SLOTS;

/// Messages that share an allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// View-change and new-view: certificates of a whole window in each.
    Views,
    /// Bodies asked for and handed over by hash: one for each slot of a window, from several replicas.
    Bodies,
    /// What replicas tell each other of their state, and what they ask for on the strength of it.
    States,
}

/// At most `burst` at once and `per_second` for long.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    burst: u32,
    per_second: u32,
}

/// What one link has left of an allowance.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: u32,
    allowance: Allowance,
    /// Up to when it was filled.
    filled: Instant,
}

/// What one link may still send.
#[derive(Debug)]
pub struct Rates {
    views: Bucket,
    bodies: Bucket,
    states: Bucket,
    transfers: Bucket,
}

impl Rates {
    /// A link's allowances in a network of so many replicas, any of whose view-changes a replica may pass on.
    pub fn new(replicas: usize, now: Instant) -> Self {
        let replicas = u32::try_from(replicas).unwrap_or(u32::MAX / 8);
        let window = u32::try_from(WINDOW_SLOTS).unwrap_or(u32::MAX / 8);
        let bucket =
            |burst, per_second| Bucket { left: burst, allowance: Allowance { burst, per_second }, filled: now };
        Self {
            views: bucket(16 + 4 * replicas, 8 + replicas),
            bodies: bucket(4 * window, window),
            states: bucket(4 * window, window),
            transfers: bucket(64, 256),
        }
    }

    /// Whether the link may send a transfer message now; counts it if so.
    pub fn admits_transfer(&mut self, now: Instant) -> bool {
        self.transfers.take(now)
    }

    /// Whether the link may send this now; counts it if so.
    pub fn admits<P>(&mut self, message: &Message<P>, now: Instant) -> bool {
        match kind(message) {
            None => true,
            Some(Kind::Views) => self.views.take(now),
            Some(Kind::Bodies) => self.bodies.take(now),
            Some(Kind::States) => self.states.take(now),
        }
    }
}

fn kind<P>(message: &Message<P>) -> Option<Kind> {
    match message {
        Message::ViewChange(_) | Message::NewView(_) | Message::FetchViewChanges { .. } => Some(Kind::Views),
        Message::FetchBody { .. } | Message::Body { .. } => Some(Kind::Bodies),
        Message::Status { .. } | Message::Fetch { .. } | Message::Stable(_) | Message::Complain { .. } => {
            Some(Kind::States)
        }
        Message::Request(_)
        | Message::PrePrepare { .. }
        | Message::SignShare { .. }
        | Message::FullCommitProof { .. }
        | Message::Prepare { .. }
        | Message::Commit { .. }
        | Message::FullCommitProofSlow { .. }
        | Message::SignState { .. }
        | Message::FullExecuteProof { .. }
        | Message::Decided { .. }
        | Message::Checkpoint { .. } => None,
    }
}

impl Bucket {
    fn take(&mut self, now: Instant) -> bool {
        let Allowance { burst, per_second } = self.allowance;
        let grain = Duration::from_secs(1) / per_second;
        let grains = now.saturating_duration_since(self.filled).as_nanos() / grain.as_nanos();
        let grains = u32::try_from(grains).unwrap_or(u32::MAX);
        if grains > 0 {
            self.left = self.left.saturating_add(grains).min(burst);
            // What is not a whole grain yet counts towards the next.
            self.filled = if self.left == burst { now } else { self.filled + grain * grains };
        }
        let admitted = self.left > 0;
        self.left = self.left.saturating_sub(1);
        admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::{BlockBody, BodyHash, Digest, SeqNum, View};

    type Frame = Message<BlockBody>;

    fn admitted(rates: &mut Rates, message: &Frame, times: u32, now: Instant) -> u32 {
        (0..times).map(|_| u32::from(rates.admits(message, now))).sum()
    }

    #[test]
    fn a_flood_is_cut_to_its_allowance_and_touches_no_other_kind() {
        let start = Instant::now();
        let mut rates = Rates::new(4, start);
        let complaint = Frame::Complain { view: View(1) };
        let fetch = Frame::FetchBody { seq: SeqNum(1), body: BodyHash(Digest::ZERO) };
        assert_eq!(admitted(&mut rates, &complaint, 100_000, start), 1024);
        assert_eq!(admitted(&mut rates, &fetch, 256, start), 256, "a window's bodies are there to be asked for");
        let later = start + Duration::from_millis(500);
        assert_eq!(admitted(&mut rates, &complaint, 100_000, later), 128, "half a second's worth");
        assert_eq!(admitted(&mut rates, &complaint, 100_000, later + Duration::from_secs(3600)), 1024);
    }

    #[test]
    fn what_slots_need_is_not_counted() {
        let start = Instant::now();
        let mut rates = Rates::new(4, start);
        let request = Frame::Request(BlockBody::null());
        assert_eq!(admitted(&mut rates, &request, 10_000, start), 10_000);
    }

    #[test]
    fn parts_of_a_grain_are_not_lost() {
        let start = Instant::now();
        let mut rates = Rates::new(4, start);
        let complaint = Frame::Complain { view: View(1) };
        admitted(&mut rates, &complaint, 1024, start);
        let halves = (1..=512).map(|half| start + Duration::from_micros(3906 * half / 2));
        let taken: u32 = halves.map(|now| u32::from(rates.admits(&complaint, now))).sum();
        assert!((254..=256).contains(&taken), "{taken} of a second's 256");
    }
}
