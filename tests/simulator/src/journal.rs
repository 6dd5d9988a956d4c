//! Signatures as they are made, for the checkers to follow.
//!
//! A signature counts from the end of its turn on: one made in a turn that dies in its sync was never seen by anybody.

use std::sync::{Arc, Mutex, PoisonError};
use theriac_crypto::{RecordingSigner, Share, ShareSigner, Statement};
use theriac_types::ReplicaId;

/// Signatures that no checker has seen yet.
#[derive(Debug, Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<(ReplicaId, Statement)>>>);

impl Journal {
    /// The signatures since the last time.
    pub fn take(&self) -> Vec<(ReplicaId, Statement)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Signs and notes it.
#[derive(Debug)]
pub struct JournalSigner {
    /// Who signs, and into which record.
    pub signer: RecordingSigner,
    /// Where it is noted.
    pub journal: Journal,
}

impl ShareSigner for JournalSigner {
    fn sign(&self, statement: &Statement) -> Share {
        let mut journal = self.journal.0.lock().unwrap_or_else(PoisonError::into_inner);
        journal.push((self.signer.replica, *statement));
        self.signer.sign(statement)
    }
}
