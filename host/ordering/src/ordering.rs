//! The one thread that owns the replica: persist, then send.
//!
//! A turn takes everything that has happened since the last one, steps the replica for each, appends the records it
//! wants kept, syncs once, and only then lets anything out: messages, blocks to execute, votes. A crash before the sync
//! loses what nobody has seen; a crash after it can repeat what was sent, never contradict it.

use crate::log::Log;
use crate::log_error::LogError;
use crate::sinks::{Executor, Transport};
use crate::timers::Timers;
use theriac_consensus::{Effect, Input, Now, Replica};
use theriac_types::SeqNum;

/// A turn that could not be completed. The process must stop; what it had sent before stands.
#[derive(Debug, thiserror::Error)]
pub enum OrderingError {
    /// The log failed: whether the turn's records are durable is unknown, so nothing of the turn was sent.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The replica stopped itself.
    #[error("this replica has stopped: {reason}")]
    Halted {
        /// A sentence for the operator.
        reason: String,
    },
}

impl OrderingError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Log(error) => error.code(),
            Self::Halted { .. } => "REPLICA_HALTED",
        }
    }
}

/// What a turn did, for metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Turn {
    /// Inputs and timers that the replica took.
    pub inputs: usize,
    /// Records made durable, by one sync; none was needed when there are none.
    pub records: usize,
    /// Messages handed to the transport.
    pub messages: usize,
}

/// Owns a replica, its log and its timers. Not shared between threads.
#[derive(Debug)]
pub struct Ordering<L, T, E> {
    replica: Replica,
    log: L,
    transport: T,
    executor: E,
    timers: Timers,
    effects: Vec<Effect>,
    halted: Option<String>,
}

impl<L: Log, T: Transport, E: Executor> Ordering<L, T, E> {
    /// Takes a replica that is new or recovered from this very log, and begins: what it repeats after a restart leaves
    /// here.
    ///
    /// # Errors
    /// When what it starts with cannot be made durable.
    pub fn start(now: Now, replica: Replica, log: L, transport: T, executor: E) -> Result<Self, OrderingError> {
        let (timers, effects) = (Timers::default(), Vec::new());
        let mut ordering = Self { replica, log, transport, executor, timers, effects, halted: None };
        ordering.replica.start(now, &mut ordering.effects);
        let mut turn = Turn::default();
        ordering.persist(&mut turn)?;
        ordering.release(now, &mut turn)?;
        Ok(ordering)
    }

    /// Lets a replica do everything that falls due or comes in by now.
    ///
    /// # Errors
    /// After an error every later turn fails too. When the log failed nothing of this turn has left.
    pub fn turn(&mut self, now: Now, inputs: impl IntoIterator<Item = Input>) -> Result<Turn, OrderingError> {
        self.refuse_when_halted()?;
        let mut turn = Turn::default();
        for input in inputs {
            self.replica.step(now, input, &mut self.effects);
            turn.inputs += 1;
        }
        // Timers last: a collector must not give the fast path up while the missing votes wait in its queue.
        while let Some(timer) = self.timers.take_due(now.monotonic_ms) {
            self.replica.step(now, Input::Timer(timer), &mut self.effects);
            turn.inputs += 1;
        }
        self.persist(&mut turn)?;
        self.release(now, &mut turn)?;
        Ok(turn)
    }

    /// When the next timer falls due, in monotonic milliseconds.
    pub fn next_deadline(&self) -> Option<u64> {
        self.timers.next_deadline()
    }

    /// The replica, for metrics and status.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// The replica by itself; log and timers end.
    pub fn into_replica(self) -> Replica {
        self.replica
    }

    /// The transport, for whoever drains what it queued.
    pub fn transport_mut(&mut self) -> &mut T {
        &mut self.transport
    }

    /// The executor, for whoever looks at what it noted.
    pub fn executor(&self) -> &E {
        &self.executor
    }

    /// The executor, for whoever drains what it queued.
    pub fn executor_mut(&mut self) -> &mut E {
        &mut self.executor
    }

    fn refuse_when_halted(&self) -> Result<(), OrderingError> {
        self.halted.as_ref().map_or(Ok(()), |reason| Err(OrderingError::Halted { reason: reason.clone() }))
    }

    fn persist(&mut self, turn: &mut Turn) -> Result<(), OrderingError> {
        for effect in &self.effects {
            if let Effect::Persist(record) = effect {
                self.log.append(record).inspect_err(|error| self.halted = Some(error.to_string()))?;
                turn.records += 1;
            }
        }
        if turn.records > 0 {
            self.log.sync().inspect_err(|error| self.halted = Some(error.to_string()))?;
        }
        Ok(())
    }

    fn release(&mut self, now: Now, turn: &mut Turn) -> Result<(), OrderingError> {
        let mut pruned: Option<SeqNum> = None;
        for effect in std::mem::take(&mut self.effects) {
            match effect {
                Effect::Persist(_) => {}
                Effect::Send { to, message } => {
                    self.transport.send(to, message);
                    turn.messages += 1;
                }
                Effect::SetTimer { timer, after_ms } => {
                    self.timers.set(timer, now.monotonic_ms.saturating_add(after_ms));
                }
                Effect::CancelTimer(timer) => self.timers.cancel(timer),
                Effect::Execute { seq, proposal, proof } => self.executor.execute(seq, proposal, proof),
                Effect::Certified { seq, digest, certificate } => self.executor.certified(seq, digest, certificate),
                Effect::Serve { to, first, last } => self.executor.serve(to, first, last),
                Effect::Stable(checkpoint) => self.executor.stable(checkpoint),
                Effect::Transfer(checkpoint) => self.executor.transfer(checkpoint),
                Effect::EpochOver(checkpoint) => self.executor.epoch_over(checkpoint),
                Effect::Prune(slot) => pruned = pruned.max(Some(slot)),
                Effect::Evidence { replica, fault } => self.executor.evidence(replica, fault),
                Effect::Halt { reason } => {
                    self.executor.halt(&reason);
                    self.halted = Some(reason.clone());
                    return Err(OrderingError::Halted { reason });
                }
            }
        }
        if let Some(slot) = pruned {
            self.log.prune(slot).inspect_err(|error| self.halted = Some(error.to_string()))?;
        }
        Ok(())
    }
}
