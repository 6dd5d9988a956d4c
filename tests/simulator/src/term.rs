//! An epoch of the simulated network: its replicas, their votes, and the checkers that look at votes of one epoch.

use crate::check::agreement::Agreement;
use crate::check::certificates::Certificates;
use crate::check::one_digest::OneDigest;
use crate::check::promises::Promises;
use crate::check::safe_value::SafeValue;
use crate::clients::channel;
use crate::votes::Votes;
use theriac_consensus::{Cluster, Spacing};
use theriac_crypto::VoteContext;
use theriac_types::{Configuration, SeqNum};

/// One epoch.
#[derive(Debug)]
pub struct Term {
    /// Its replicas.
    pub cluster: Cluster,
    /// Where their votes count.
    pub context: VoteContext,
    /// Their votes.
    pub votes: Votes,
    /// S1.
    pub agreement: Agreement,
    /// S2.
    pub one_digest: OneDigest,
    /// Where twins contradict each other.
    pub of_twins: OneDigest,
    /// S2, of views.
    pub promises: Promises,
    /// S4.
    pub certificates: Certificates,
    /// S1, where it is decided.
    pub safe_value: SafeValue,
}

impl Term {
    /// The epoch of a configuration, with so many liars among all replicas.
    pub fn new(configuration: &Configuration, spacing: Spacing, liars: usize) -> Self {
        let cluster = Cluster::new(configuration.f, configuration.c).expect("the ledger checked the numbers");
        let base = SeqNum(configuration.first.0.saturating_sub(1));
        let cluster = cluster.with_spacing(spacing).with_base(base);
        let context = VoteContext { channel: channel(), epoch: configuration.epoch };
        let votes = Votes::new(cluster, &context);
        Self {
            cluster,
            context,
            agreement: Agreement::new(cluster, liars),
            one_digest: OneDigest::default(),
            of_twins: OneDigest::default(),
            promises: Promises::default(),
            certificates: Certificates { votes: votes.clone() },
            safe_value: SafeValue::new(&votes),
            votes,
        }
    }
}
