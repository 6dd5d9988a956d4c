//! What the clients of a run want, and when: the second half of a plan.

use crate::pool::{Pool, pool};
use crate::random::Random;
use std::fmt;
use theriac_crypto::Verified;
use theriac_types::{Transaction, TxId};

/// A transaction that a client submits, again and again until it has a receipt.
#[derive(Clone)]
pub struct Operation {
    /// When, at the earliest.
    pub at_us: u64,
    /// The transaction.
    pub transaction: Verified<Transaction>,
    /// A transaction whose receipt it waits for, unless nobody submits that one.
    pub after: Option<TxId>,
    /// The client lies: it gives every second peer this one, which has the same nonce.
    pub rival: Option<Verified<Transaction>>,
    /// To how many peers at once the client hands it.
    pub copies: u8,
}

impl Operation {
    /// The ids of what it submits.
    pub fn ids(&self) -> impl Iterator<Item = TxId> {
        [Some(self.transaction.id()), self.rival.as_ref().map(Verified::id)].into_iter().flatten()
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (body, ms) = (&self.transaction.body, self.at_us / 1000);
        let lies = if self.rival.is_some() { ", another with the same nonce elsewhere" } else { "" };
        write!(f, "at {ms} ms {} calls {}.{}{lies}", body.creator.member, body.chaincode, body.function)
    }
}

/// How many transactions clients submit, and of what sort.
#[derive(Debug, Clone, Copy)]
pub struct Demand {
    /// Calls, beside the set-up.
    pub calls: usize,
    /// Of a thousand clients, so many lie.
    pub lying_permille: u64,
    /// The last moment for a call.
    pub end_us: u64,
}

/// Draws the transactions of a run: the set-up first, then so many.
pub fn draw(random: &mut Random, demand: Demand) -> Vec<Operation> {
    let pool = pool();
    let mut operations = set_up(pool, demand.end_us);
    let mut places = [0, 1].map(|late: usize| (0..pool.calls[late].len()).collect::<Vec<_>>());
    places.iter_mut().for_each(|places| random.shuffle(places));
    for _ in 0..demand.calls {
        let at_us = random.below(demand.end_us);
        let is_late = at_us > demand.end_us / 2;
        let Some(place) = places[usize::from(is_late)].pop() else { continue };
        let offer = &pool.calls[usize::from(is_late)][place];
        let lies = random.chance(demand.lying_permille);
        operations.push(Operation {
            at_us,
            transaction: offer.transaction.clone(),
            after: (!random.chance(100)).then_some(pool.approve.id()),
            rival: offer.rival.clone().filter(|_| lies),
            copies: if lies { 4 } else { 1 + u8::from(random.chance(200)) },
        });
    }
    operations
}

/// Calls that succeed, one after the other: load for a measurement.
pub fn steady(count: usize, from_us: u64, pause_us: u64) -> Vec<Operation> {
    let at = |index: usize| from_us + index as u64 * pause_us;
    let plain = pool().plain.iter().take(count).enumerate();
    plain.map(|(index, transaction)| submit(at(index), transaction, Some(pool().approve.id()))).collect()
}

/// A package, a proposal and an approval that follow it, and changes among the members later on.
fn set_up(pool: &Pool, end_us: u64) -> Vec<Operation> {
    vec![
        submit(0, &pool.upload, None),
        submit(0, &pool.propose, Some(pool.upload.id())),
        submit(0, &pool.approve, Some(pool.propose.id())),
        submit(end_us / 3, &pool.revoke, None),
        submit(end_us / 2, &pool.rotate, None),
    ]
}

fn submit(at_us: u64, transaction: &Verified<Transaction>, after: Option<TxId>) -> Operation {
    Operation { at_us, transaction: transaction.clone(), after, rival: None, copies: 1 }
}
