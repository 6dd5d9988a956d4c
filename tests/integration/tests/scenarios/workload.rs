//! Concurrent clients of the registers, and what they saw: a history with the proof of every answer.

use crate::common::until;
use crate::field::{Field, REGISTERS};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use theriac_client::{Committed, Contract, SignedTransaction};
use theriac_linearizability::{Action, Answer, Client, Ending, Key, Operation, Tick, Value, linearize};
use theriac_types::{Height, Outcome, TxId, decode, encode};
use tokio::task::JoinHandle;

pub const CLIENTS: u16 = 8;
const KEYS: u64 = 5;
/// How long one try of a client takes before it hands the same transaction in again.
const TRY: Duration = Duration::from_secs(8);
/// How long a client insists on an outcome before it goes on without one.
const PERSISTENCE: Duration = Duration::from_secs(60);

/// What one client did, and the proof of its answer.
#[derive(Debug, Clone)]
pub struct Done {
    pub operation: Operation,
    pub id: TxId,
    pub block: Option<Height>,
    pub asked: Instant,
    pub ended: Instant,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    clock: AtomicU64,
    done: Mutex<Vec<Done>>,
    /// Outcomes that no fault explains.
    strange: Mutex<Vec<String>>,
}

impl Shared {
    fn tick(&self) -> Tick {
        Tick(self.clock.fetch_add(1, Ordering::SeqCst))
    }
}

/// Running clients.
pub struct Workload {
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<()>>,
}

impl Workload {
    /// Eight clients, each with a peer of its own to begin with, in turn.
    pub fn start(field: &Field, seed: u64) -> Self {
        Self::start_at(field, seed, &[0, 1, 2, 3])
    }

    /// Eight clients that begin with these peers, in turn, and know all others. Every seed has registers of its own,
    /// which nobody has written to before.
    pub fn start_at(field: &Field, seed: u64, peers: &[usize]) -> Self {
        let (shared, first) = (Arc::new(Shared::default()), seed * KEYS);
        let client = |number: u16| {
            let network = field.client(peers[usize::from(number) % peers.len()], TRY);
            let random = ChaCha8Rng::seed_from_u64(seed * u64::from(CLIENTS) + u64::from(number));
            let registers = network.contract(REGISTERS.parse().unwrap());
            let client =
                Worker { number, registers, random, first, shared: shared.clone(), seen: BTreeMap::new(), written: 0 };
            tokio::spawn(client.run())
        };
        Self { clients: (0..CLIENTS).map(client).collect(), shared }
    }

    /// Answers so far.
    pub fn answers(&self) -> usize {
        self.shared.done.lock().unwrap().iter().filter(|done| done.block.is_some()).count()
    }

    /// Waits for so many further answers.
    pub async fn goes_on(&self, by: usize) {
        let target = self.answers() + by;
        until("further answers", || async { self.answers() >= target }).await;
    }

    /// Stops the clients and gives what they saw.
    pub async fn finish(self) -> Record {
        self.shared.stop.store(true, Ordering::Relaxed);
        for client in self.clients {
            client.await.unwrap();
        }
        let strange = std::mem::take(&mut *self.shared.strange.lock().unwrap());
        assert_eq!(strange, [""; 0], "outcomes that no fault explains");
        Record { done: std::mem::take(&mut *self.shared.done.lock().unwrap()) }
    }
}

struct Worker {
    number: u16,
    registers: Contract,
    random: ChaCha8Rng,
    /// The first register of the workload.
    first: u64,
    shared: Arc<Shared>,
    /// What this client saw last of each register: the expectation of its next swap.
    seen: BTreeMap<Key, Option<Value>>,
    written: u64,
}

impl Worker {
    async fn run(mut self) {
        while !self.shared.stop.load(Ordering::Relaxed) {
            let key = Key(u32::try_from(self.first + self.random.next_u64() % KEYS).unwrap());
            let action = self.action(key);
            let (function, arguments) = call(key, action);
            // A client needs a peer that tells the height before it can make a transaction. Nothing is asked for yet.
            let made = self.registers.transaction(&function.parse().unwrap(), arguments).await;
            let Ok(transaction) = made else { continue };
            let (invoked, asked) = (self.shared.tick(), Instant::now());
            let committed = self.insist(&transaction, asked).await;
            let (ending, block) = self.ending(action, committed);
            if let Ending::Answered { answer, .. } = ending {
                self.note(key, action, answer);
            }
            let operation = Operation { client: Client(self.number), key, action, invoked, ending };
            let done = Done { operation, id: transaction.id(), block, asked, ended: Instant::now() };
            self.shared.done.lock().unwrap().push(done);
        }
    }

    /// Every value is written once: which write a read saw is then beyond doubt.
    fn action(&mut self, key: Key) -> Action {
        self.written += 1;
        let fresh = Value((u64::from(self.number) << 32) | self.written);
        match self.random.next_u64() % 3 {
            0 => Action::Read,
            1 => Action::Write(fresh),
            _ => Action::CompareAndSwap { expected: self.seen.get(&key).copied().flatten(), new: fresh },
        }
    }

    /// Hands the very same transaction in until its outcome is proven, or patience ends.
    async fn insist(&self, transaction: &SignedTransaction, asked: Instant) -> Option<Committed> {
        let network = self.registers.network();
        while asked.elapsed() < PERSISTENCE {
            let outcome = match network.submit_and_wait(transaction).await {
                Err(error) if error.cause.reason() == "DUPLICATE" => network.commit(transaction.id()).wait().await,
                other => other,
            };
            match outcome {
                Ok(committed) => return Some(committed),
                Err(error) if error.cause.retryable() => tokio::time::sleep(Duration::from_millis(50)).await,
                Err(error) => {
                    self.shared.strange.lock().unwrap().push(error.to_string());
                    return None;
                }
            }
        }
        None
    }

    fn ending(&self, action: Action, committed: Option<Committed>) -> (Ending, Option<Height>) {
        let Some(committed) = committed else { return (Ending::Unanswered, None) };
        let at = self.shared.tick();
        let receipt = committed.receipt();
        if receipt.outcome != Outcome::Valid {
            self.shared.strange.lock().unwrap().push(format!("{receipt:?}"));
            return (Ending::Refused, Some(receipt.height));
        }
        let answer = match action {
            Action::Write(_) => Answer::Written,
            Action::Read | Action::CompareAndSwap { .. } => {
                Answer::Held(decode::<Option<u64>>(&receipt.result, 16).unwrap().map(Value))
            }
        };
        (Ending::Answered { at, answer }, Some(receipt.height))
    }

    fn note(&mut self, key: Key, action: Action, answer: Answer) {
        let held = match (action, answer) {
            (Action::Write(value), _) => Some(value),
            (Action::CompareAndSwap { expected, new }, Answer::Held(held)) if held == expected => Some(new),
            (_, Answer::Held(held)) => held,
            (_, Answer::Written) => None,
        };
        self.seen.insert(key, held);
    }
}

/// The chaincode's function with its argument.
fn call(key: Key, action: Action) -> (&'static str, Vec<u8>) {
    match action {
        Action::Read => ("read", encode(&key.0)),
        Action::Write(value) => ("write", encode(&(key.0, value.0))),
        Action::CompareAndSwap { expected, new } => ("swap", encode(&(key.0, expected.map(|value| value.0), new.0))),
    }
}

/// What the clients of a workload saw.
pub struct Record {
    pub done: Vec<Done>,
}

impl Record {
    /// Asserts that one order explains every answer.
    pub fn is_linearizable(&self) {
        let history: Vec<Operation> = self.done.iter().map(|done| done.operation).collect();
        if let Err(violation) = linearize(&history) {
            let ids = violation.stuck.iter().filter_map(|stuck| self.done.iter().find(|done| done.operation == *stuck));
            let ids: Vec<_> = ids.map(|done| (done.id, done.block)).collect();
            panic!("{violation}\n{ids:?}");
        }
    }

    /// Asserts that these peers hold every answered transaction where its answer said.
    pub async fn is_kept_by(&self, field: &Field, peers: &[u16]) {
        let mut blocks: BTreeMap<Height, Vec<TxId>> = BTreeMap::new();
        for done in &self.done {
            if let Some(height) = done.block {
                blocks.entry(height).or_default().push(done.id);
            }
        }
        let last = blocks.keys().next_back().copied().unwrap_or(Height(0));
        for index in peers {
            let peer = field.peer(*index);
            let level = || async { peer.chain_info().await.is_ok_and(|info| info.certified_height() >= last) };
            until(&format!("peer {index} at height {last}, which answered"), level).await;
            for (height, ids) in &blocks {
                let block = peer.block(*height, true).await.unwrap();
                let held: Vec<TxId> = block.receipts.iter().map(|receipt| receipt.tx_id).collect();
                assert!(ids.iter().all(|id| held.contains(id)), "peer {index} lost some of {ids:?} at {height}");
            }
        }
    }

    /// The longest time after a moment in which no client got an answer, with its end counted from that moment.
    pub fn longest_silence(&self, since: Instant) -> (Duration, Duration) {
        let mut ends: Vec<Instant> =
            self.done.iter().filter(|done| done.block.is_some()).map(|done| done.ended).collect();
        ends.retain(|end| *end > since);
        ends.sort();
        let mut last = since;
        let mut longest = (Duration::ZERO, Duration::ZERO);
        for end in ends {
            longest = longest.max((end - last, end - since));
            last = end;
        }
        longest
    }

    /// What the clients saw of a stretch of time: answers, and how long half and 99 of 100 of them took at most.
    pub fn waits(&self, from: Instant, to: Instant) -> (usize, Duration, Duration) {
        let answered = self.done.iter().filter(|done| done.block.is_some() && done.asked >= from && done.ended <= to);
        let mut waits: Vec<Duration> = answered.map(|done| done.ended - done.asked).collect();
        waits.sort();
        let at = |percent: usize| waits.get(waits.len() * percent / 100).copied().unwrap_or_default();
        (waits.len(), at(50), at(99))
    }

    /// How many operations got an answer, and how many none.
    pub fn counts(&self) -> (usize, usize) {
        let answered = self.done.iter().filter(|done| done.block.is_some()).count();
        (answered, self.done.len() - answered)
    }
}
