//! Whether one configuration may follow another.

use super::check::check_replicas;
use super::records;
use crate::refusal::{Refusal, Stop};
use crate::system::identity;
use crate::view::View;
use std::collections::{BTreeMap, BTreeSet};
use theriac_crypto::bls::check_key;
use theriac_types::{Configuration, MemberStatus, OrgId, ProposedConfiguration, ReplicaId, ReplicaRecord};

/// Most new keys in one step: each costs a pairing when a block is executed.
pub const NEWCOMERS_MAX: usize = 64;

/// Checks a step from the running configuration. `keys` says whether proofs of possession are checked as well; they
/// are when a change is proposed, and stay right.
pub(super) fn check_step(
    view: &dyn View,
    running: &Configuration,
    proposed: &ProposedConfiguration,
    keys: bool,
) -> Result<(), Stop> {
    check_replicas(proposed).map_err(|error| Refusal::precondition(error.to_string()))?;
    if *proposed == running.proposed() {
        return Err(Refusal::precondition("this is the running configuration already: nothing is left to do").into());
    }
    check_organisations(view, proposed)?;
    let known: BTreeMap<_, _> = running.replicas.iter().map(|record| (&record.consensus_key, record)).collect();
    let staying = proposed.replicas.iter().filter(|record| known.contains_key(&record.consensus_key)).count();
    let leaving = running.replicas.len() - staying;
    let allowed = usize::from(running.f) + usize::from(running.c);
    if leaving > allowed {
        let message = format!(
            "{leaving} of the running replicas would leave or change their key, {allowed} (f + c) may in one step: \
             make several steps, or the state might be lost"
        );
        return Err(Refusal::precondition(message).into());
    }
    let newcomers = proposed.replicas.len() - staying;
    if newcomers > NEWCOMERS_MAX {
        let message = format!("{newcomers} replicas would be new, {NEWCOMERS_MAX} may be in one step: make several");
        return Err(Refusal::precondition(message).into());
    }
    for (id, record) in (0..).zip(&proposed.replicas) {
        match known.get(&record.consensus_key) {
            Some(before) => check_staying(ReplicaId(id), before, record)?,
            None => check_new(view, ReplicaId(id), record, keys)?,
        }
    }
    Ok(())
}

fn check_organisations(view: &dyn View, proposed: &ProposedConfiguration) -> Result<(), Stop> {
    let orgs: BTreeSet<&OrgId> = proposed.replicas.iter().map(|record| &record.org).collect();
    for org in orgs {
        let found = identity::organisation(view, org)?;
        if found.is_none_or(|organisation| organisation.status != MemberStatus::Active) {
            let message = format!("organisation {org} is not active: register it and have it approved first");
            return Err(Refusal::precondition(message).into());
        }
    }
    Ok(())
}

fn check_staying(replica: ReplicaId, before: &ReplicaRecord, record: &ReplicaRecord) -> Result<(), Refusal> {
    if record.org != before.org {
        let message = format!(
            "replica {replica} of {} has the key of a replica of {}: a replica that changes hands gets a new key",
            record.org, before.org
        );
        return Err(Refusal::precondition(message));
    }
    if record.proof_of_possession != before.proof_of_possession {
        let message =
            format!("replica {replica} keeps its key and shows another proof of possession: leave it as it is");
        return Err(Refusal::precondition(message));
    }
    Ok(())
}

fn check_new(view: &dyn View, replica: ReplicaId, record: &ReplicaRecord, keys: bool) -> Result<(), Stop> {
    if let Some(epoch) = records::used(view, &record.consensus_key)? {
        let message = format!(
            "the consensus key of replica {replica} was used from epoch {epoch} on and left behind: make a new one, for \
             nobody knows what the old one has signed"
        );
        return Err(Refusal::precondition(message).into());
    }
    if keys {
        check_key(replica, record).map_err(|error| Refusal::precondition(format!("{error}: make a new key")))?;
    }
    Ok(())
}
