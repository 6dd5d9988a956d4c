//! The thread that owns the replica: sleeps until something comes in or falls due, then takes one turn for all of it. When
//! a term ends it begins the next one.

use crate::clock::Clock;
use crate::error::PeerError;
use crate::inbox::{Letters, Taken};
use crate::replica_status::ReplicaStatus;
use crate::standing::Verdict;
use crate::term::{Grounds, Term};
use std::sync::Arc;
use std::time::Duration;
use tracing::info;

/// Sleeps no longer than this, timers or not.
const IDLE: Duration = Duration::from_secs(1);
/// Sleeps no longer than this while an epoch ends.
const ENDING: Duration = Duration::from_millis(10);

/// Everything the thread needs.
pub struct OrderingThread {
    /// What terms are made of.
    pub grounds: Grounds,
    /// What comes in.
    pub letters: Letters,
    /// The time.
    pub clock: Clock,
    /// Told where the replica stands.
    pub status: Arc<ReplicaStatus>,
}

impl OrderingThread {
    /// Runs terms, the given one first, until asked to stop.
    ///
    /// # Errors
    /// When a log fails or a replica halts: the process must end.
    pub fn run(mut self, mut term: Term) -> Result<(), PeerError> {
        loop {
            let epoch = self.grounds.seat.place().epoch;
            let now_ms = self.clock.now().monotonic_ms;
            let wait = term.next_deadline().map(|deadline| Duration::from_millis(deadline.saturating_sub(now_ms)));
            let idle = if term.over().is_some() { ENDING } else { IDLE };
            let Taken { inputs, permits, stop } = self.letters.take(epoch, wait.unwrap_or(idle).min(idle));
            term.turn(self.clock.now(), inputs)?;
            drop(permits);
            term.publish(&self.status);
            if stop {
                return Ok(());
            }
            if self.grounds.standing.verdict() == Verdict::Unknown && self.finds_out(&term)? {
                term = self.grounds.begin(Some(term), self.clock.now())?;
                continue;
            }
            if let Some(last) = term.over()
                && self.grounds.is_settled(epoch, last).map_err(|error| self.grounds.damaged(&error))?
            {
                info!(%epoch, %last, "epoch is over");
                term = self.grounds.begin(Some(term), self.clock.now())?;
            }
        }
    }

    /// Looks whether others have told by now what this peer cannot know of its key, and says whether it changes
    /// anything.
    fn finds_out(&mut self, term: &Term) -> Result<bool, PeerError> {
        let place = self.grounds.seat.place();
        let verdict = match place.replica {
            Some(_) => term.verdict(),
            // Nobody votes in an epoch that is not his, nor in one that has not begun.
            None if self.grounds.neighbours.said(place.epoch) >= place.cluster.prepare() => Verdict::Known,
            None => Verdict::Unknown,
        };
        if verdict != Verdict::Unknown {
            self.grounds.standing.decide(verdict)?;
        }
        Ok(verdict != Verdict::Unknown && place.replica.is_some())
    }
}
