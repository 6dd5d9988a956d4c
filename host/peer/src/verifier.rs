//! Signature checks: in parallel, and once for a transaction that passes through this peer twice.
//!
//! A transaction handed in here comes back in a proposal. What was verified is kept for a while and compared as a
//! whole, signatures included, so that a look-alike is never taken for it.

use crate::limits::{VERIFIED_ARGS_BYTES_MAX, VERIFIED_KEPT, VERIFY_CHUNK};
use rayon::prelude::*;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use theriac_consensus::Proposal;
use theriac_crypto::{TransactionError, Verified};
use theriac_types::{BlockBody, Signature, Transaction};

#[derive(Default)]
struct Kept {
    by_signature: HashMap<[u8; 65], Verified<Transaction>>,
    oldest_first: VecDeque<[u8; 65]>,
}

/// Checks transactions and remembers some.
#[derive(Default)]
pub struct Verifier {
    kept: Mutex<Kept>,
}

impl Verifier {
    /// Checks a transaction that a client handed in, and remembers it.
    pub fn check(&self, transaction: Transaction) -> Result<Verified<Transaction>, TransactionError> {
        let verified = Verified::<Transaction>::check(transaction)?;
        self.keep(&verified);
        Ok(verified)
    }

    /// Checks the body of a proposal or a forwarded request.
    pub fn check_body(&self, body: BlockBody) -> Result<Proposal, TransactionError> {
        let time_ms = body.proposed_time_ms;
        let transactions = body.transactions.into_vec();
        let checked: Result<Vec<_>, _> = if transactions.len() <= VERIFY_CHUNK {
            transactions.into_iter().map(|transaction| self.recall_or_check(transaction)).collect()
        } else {
            let parallel = transactions.into_par_iter().with_min_len(VERIFY_CHUNK);
            parallel.map(|transaction| self.recall_or_check(transaction)).collect()
        };
        Ok(Proposal::assemble(time_ms, checked?).expect("the body held as many"))
    }

    fn recall_or_check(&self, transaction: Transaction) -> Result<Verified<Transaction>, TransactionError> {
        match self.take(&transaction) {
            Some(verified) => Ok(verified),
            None => Verified::<Transaction>::check(transaction),
        }
    }

    fn keep(&self, verified: &Verified<Transaction>) {
        if verified.body.args.len() > VERIFIED_ARGS_BYTES_MAX {
            return;
        }
        let Signature(signature) = verified.signature;
        let mut kept = self.lock();
        if kept.by_signature.insert(signature, verified.clone()).is_none() {
            kept.oldest_first.push_back(signature);
        }
        while kept.oldest_first.len() > VERIFIED_KEPT {
            if let Some(oldest) = kept.oldest_first.pop_front() {
                kept.by_signature.remove(&oldest);
            }
        }
    }

    fn take(&self, transaction: &Transaction) -> Option<Verified<Transaction>> {
        let mut kept = self.lock();
        let found = kept.by_signature.get(&transaction.signature.0)?;
        if **found != *transaction {
            return None;
        }
        kept.by_signature.remove(&transaction.signature.0)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // A panic while locked can only lose remembered transactions.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::{key, transaction};
    use theriac_types::{Bytes, List};

    fn body(transactions: Vec<Transaction>) -> BlockBody {
        BlockBody { proposed_time_ms: 1, transactions: List::new(transactions).unwrap() }
    }

    #[test]
    fn a_remembered_transaction_comes_back_and_a_look_alike_does_not() {
        let verifier = Verifier::default();
        let good = transaction(&key(1), 1);
        let verified = verifier.check(good.clone()).unwrap();
        let mut forged = good.clone();
        forged.body.args = Bytes::new(*b"other").unwrap();
        assert!(verifier.check_body(body(vec![forged])).is_err(), "same signature, other content");
        assert_eq!(verifier.take(&good).map(|found| found.id()), Some(verified.id()));
        assert_eq!(verifier.take(&good), None, "taken once");
        assert_eq!(verifier.check_body(body(vec![good])).unwrap().ids(), [verified.id()]);
    }

    #[test]
    fn one_bad_signature_in_a_large_body_is_found() {
        let verifier = Verifier::default();
        let mut transactions: Vec<_> = (0..64).map(|nonce| transaction(&key(1), nonce)).collect();
        assert_eq!(verifier.check_body(body(transactions.clone())).unwrap().ids().len(), 64);
        transactions[40].signature = transactions[41].signature;
        assert!(verifier.check_body(body(transactions)).is_err());
    }
}
