//! Signatures that cost virtual time instead of real time.
//!
//! Nobody lies in a comparison, so shares are all alike and every certificate with enough signers holds. Shares and
//! certificates are as long as real ones, and each operation adds its price to the meter of the replica's step.

use crate::costs::Costs;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use theriac_crypto::{CertificateError, CertificateScheme, Culprits, Share, ShareSigner, Statement};
use theriac_types::{Bytes, Certificate, ReplicaId, SignerBitmap};

/// Length of a share and of a combined signature: a point of G1.
const POINT_BYTES: usize = 48;

/// What was spent since it was last read, in nanoseconds.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<AtomicU64>);

impl Meter {
    /// Adds to it.
    pub fn charge(&self, ns: u64) {
        self.0.fetch_add(ns, Ordering::Relaxed);
    }

    /// Reads it and starts again at zero.
    pub fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// Signs for nothing.
#[derive(Debug, Clone, Copy)]
pub struct FreeSigner;

impl FreeSigner {
    /// What every share looks like.
    pub fn share() -> Share {
        Bytes::new(vec![1; POINT_BYTES]).expect("a point fits")
    }
}

impl ShareSigner for FreeSigner {
    fn sign(&self, _: &Statement) -> Share {
        Self::share()
    }
}

/// Combines and believes for nothing.
#[derive(Debug, Clone, Copy)]
pub struct FreeScheme {
    /// Replicas in the network.
    pub replicas: usize,
}

impl CertificateScheme for FreeScheme {
    fn replicas(&self) -> usize {
        self.replicas
    }

    fn verify_share(&self, _: ReplicaId, _: &Statement, _: &Share) -> bool {
        true
    }

    fn combine(&self, _: &Statement, shares: &BTreeMap<ReplicaId, Share>) -> Result<Certificate, Culprits> {
        let signers = SignerBitmap::new(self.replicas, shares.keys().copied()).expect("a network is small");
        Ok(Certificate { signers, signature: Bytes::new(vec![1; POINT_BYTES]).expect("a point fits") })
    }

    fn verify(&self, _: &Statement, certificate: &Certificate, needed: usize) -> Result<(), CertificateError> {
        let found = certificate.signers.count();
        if found < needed { Err(CertificateError::TooFewSigners { found, needed }) } else { Ok(()) }
    }
}

/// Signs at a price.
#[derive(Debug, Clone)]
pub struct MeteredSigner {
    /// Who pays.
    pub meter: Meter,
    /// The price list.
    pub costs: Arc<Costs>,
    /// Whether states are certified. Without acknowledgements nobody sends these votes, so they cost nothing.
    pub votes_on_states: bool,
}

impl ShareSigner for MeteredSigner {
    fn sign(&self, statement: &Statement) -> Share {
        if self.votes_on_states || !matches!(statement, Statement::State { .. }) {
            self.meter.charge(self.costs.share_ns);
        }
        FreeSigner.sign(statement)
    }
}

/// Combines and checks at a price.
#[derive(Debug, Clone)]
pub struct MeteredScheme {
    /// What it does.
    pub scheme: FreeScheme,
    /// Who pays.
    pub meter: Meter,
    /// The price list.
    pub costs: Arc<Costs>,
}

impl CertificateScheme for MeteredScheme {
    fn replicas(&self) -> usize {
        self.scheme.replicas
    }

    fn verify_share(&self, replica: ReplicaId, statement: &Statement, share: &Share) -> bool {
        self.meter.charge(self.costs.share_check_ns);
        self.scheme.verify_share(replica, statement, share)
    }

    fn combine(&self, statement: &Statement, shares: &BTreeMap<ReplicaId, Share>) -> Result<Certificate, Culprits> {
        self.meter.charge(self.costs.combine(shares.len()));
        self.scheme.combine(statement, shares)
    }

    fn verify(&self, statement: &Statement, certificate: &Certificate, needed: usize) -> Result<(), CertificateError> {
        self.meter.charge(self.costs.certificate_check(certificate.signers.count()));
        self.scheme.verify(statement, certificate, needed)
    }
}
