//! Inputs on their way to the replica: one queue for each source, taken from in equal shares, so that a replica that
//! floods this one delays nobody else's messages by more than its share of a turn.

use crate::limits::{OWN_INPUTS_PER_TURN_MAX, REPLICA_INPUTS_PER_TURN_MAX};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use theriac_consensus::Input;
use theriac_types::{Epoch, ReplicaId};
use tokio::sync::OwnedSemaphorePermit;

/// A message of another replica on its way to this one.
#[derive(Debug)]
pub struct Queued {
    /// The epoch that it belongs to.
    pub epoch: Epoch,
    /// The input.
    pub input: Input,
    /// What it takes of its link's budget, given back when the replica has taken it.
    pub permit: OwnedSemaphorePermit,
}

#[derive(Debug, Default)]
struct Queues {
    own: VecDeque<Input>,
    replicas: BTreeMap<ReplicaId, VecDeque<Queued>>,
    stop: bool,
}

#[derive(Debug, Default)]
struct Shared {
    queues: Mutex<Queues>,
    filled: Condvar,
}

/// Where inputs for the replica are put. Cheap to clone, never blocks for long.
#[derive(Debug, Clone)]
pub struct Inbox(Arc<Shared>);

/// The other end.
#[derive(Debug)]
pub struct Letters(Arc<Shared>);

/// What one turn takes.
#[derive(Debug, Default)]
pub struct Taken {
    /// The inputs. Those of one source are in the order they were put.
    pub inputs: Vec<Input>,
    /// What they take of their links' budgets: dropped when the turn is over.
    pub permits: Vec<OwnedSemaphorePermit>,
    /// Whether the thread was asked to end, and nothing else is left.
    pub stop: bool,
}

/// Makes an inbox.
pub fn inbox() -> (Inbox, Letters) {
    let shared = Arc::new(Shared::default());
    (Inbox(shared.clone()), Letters(shared))
}

impl Inbox {
    /// Queues a message of another replica.
    pub fn put(&self, from: ReplicaId, queued: Queued) {
        self.0.lock().replicas.entry(from).or_default().push_back(queued);
        self.0.filled.notify_one();
    }

    /// Queues an input that comes from no other replica.
    pub fn put_own(&self, input: Input) {
        self.0.lock().own.push_back(input);
        self.0.filled.notify_one();
    }

    /// Asks the thread to end after what is queued.
    pub fn stop(&self) {
        self.0.lock().stop = true;
        self.0.filled.notify_one();
    }
}

impl Letters {
    /// Waits until there is something, but no longer than so long, and takes every source's share of it. Messages of
    /// other epochs go nowhere: their replica is not here any more.
    pub fn take(&self, epoch: Epoch, wait: Duration) -> Taken {
        let nothing = |queues: &mut Queues| queues.is_empty() && !queues.stop;
        let waited = self.0.filled.wait_timeout_while(self.0.lock(), wait, nothing);
        waited.unwrap_or_else(PoisonError::into_inner).0.take(epoch)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queues> {
        // Queues only; each change is one call.
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queues {
    fn is_empty(&self) -> bool {
        self.own.is_empty() && self.replicas.values().all(VecDeque::is_empty)
    }

    fn take(&mut self, epoch: Epoch) -> Taken {
        let mut taken = Taken::default();
        taken.inputs.extend(self.own.drain(..self.own.len().min(OWN_INPUTS_PER_TURN_MAX)));
        for queue in self.replicas.values_mut() {
            let share = queue.drain(..queue.len().min(REPLICA_INPUTS_PER_TURN_MAX));
            for Queued { input, permit, .. } in share.filter(|queued| queued.epoch == epoch) {
                taken.inputs.push(input);
                taken.permits.push(permit);
            }
        }
        taken.stop = self.stop && self.is_empty();
        taken
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::Arc;
    use std::thread;
    use theriac_consensus::Message;
    use theriac_types::View;
    use tokio::sync::Semaphore;

    const LONG: Duration = Duration::from_secs(60);
    const EPOCH: Epoch = Epoch(3);

    fn complaint(from: u16, budget: &Arc<Semaphore>) -> (ReplicaId, Queued) {
        let from = ReplicaId(from);
        let input = Input::Message { from, message: Message::Complain { view: View(0) } };
        (from, Queued { epoch: EPOCH, input, permit: budget.clone().try_acquire_owned().unwrap() })
    }

    fn senders(taken: &Taken) -> Vec<u16> {
        let sender = |input: &Input| match input {
            Input::Message { from, .. } => from.0,
            _ => u16::MAX,
        };
        taken.inputs.iter().map(sender).collect()
    }

    #[test]
    fn a_flood_of_one_replica_delays_no_message_of_another() {
        let (inbox, letters) = inbox();
        let budget = Arc::new(Semaphore::new(10_000));
        for _ in 0..3 * REPLICA_INPUTS_PER_TURN_MAX {
            let (from, queued) = complaint(1, &budget);
            inbox.put(from, queued);
        }
        let (from, queued) = complaint(2, &budget);
        inbox.put(from, queued);
        inbox.put_own(Input::Requests(Vec::new()));
        let taken = letters.take(EPOCH, LONG);
        assert_eq!(taken.inputs.len(), REPLICA_INPUTS_PER_TURN_MAX + 2);
        assert_eq!(senders(&taken).last(), Some(&2), "it is in the first turn");
        drop(taken);
        assert_eq!(budget.available_permits(), 10_000 - 2 * REPLICA_INPUTS_PER_TURN_MAX, "the budget is given back");
        assert_eq!(
            letters.take(EPOCH, LONG).inputs.len(),
            REPLICA_INPUTS_PER_TURN_MAX,
            "the rest comes without a wait"
        );
    }

    #[test]
    fn what_was_queued_before_the_stop_is_taken_first() {
        let (inbox, letters) = inbox();
        for _ in 0..=OWN_INPUTS_PER_TURN_MAX {
            inbox.put_own(Input::Requests(Vec::new()));
        }
        inbox.stop();
        assert!(!letters.take(EPOCH, LONG).stop);
        let last = letters.take(EPOCH, LONG);
        assert_eq!((last.inputs.len(), last.stop), (1, true));
    }

    #[test]
    fn what_an_epoch_left_behind_does_not_reach_the_next() {
        let (inbox, letters) = inbox();
        let budget = Arc::new(Semaphore::new(1));
        let (from, queued) = complaint(1, &budget);
        inbox.put(from, queued);
        let taken = letters.take(Epoch(4), LONG);
        assert!(taken.inputs.is_empty());
        assert_eq!(budget.available_permits(), 1, "its budget is given back");
    }

    #[test]
    fn a_waiting_thread_wakes_up() {
        let (inbox, letters) = inbox();
        let thread = thread::spawn(move || letters.take(EPOCH, LONG).inputs.len());
        inbox.put_own(Input::Requests(Vec::new()));
        assert_eq!(thread.join().unwrap(), 1);
    }
}
