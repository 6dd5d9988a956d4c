//! A mutant: certificates and shares are believed as they come.

use crate::votes::Votes;
use std::collections::BTreeMap;
use theriac_crypto::{CertificateError, CertificateScheme, Culprits, Share, Statement};
use theriac_types::{Certificate, ReplicaId};

/// Combines like the scheme within, and checks nothing.
#[derive(Debug)]
pub struct UncheckedScheme(pub Votes);

impl CertificateScheme for UncheckedScheme {
    fn replicas(&self) -> usize {
        self.0.replicas()
    }

    fn verify_share(&self, _: ReplicaId, _: &Statement, _: &Share) -> bool {
        true
    }

    fn combine(&self, statement: &Statement, shares: &BTreeMap<ReplicaId, Share>) -> Result<Certificate, Culprits> {
        self.0.combine(statement, shares)
    }

    fn verify(&self, _: &Statement, _: &Certificate, _: usize) -> Result<(), CertificateError> {
        Ok(())
    }
}
