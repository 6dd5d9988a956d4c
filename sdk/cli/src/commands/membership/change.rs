//! Changes of a configuration: what one says, and the whole configuration that it means.

use crate::failure::Failure;
use theriac_types::limits::REPLICAS_MAX;
use theriac_types::{Configuration, List, ProposedConfiguration, ReplicaRecord};

/// Puts another replica in the place of one: its id, with new keys.
pub fn replace(running: &Configuration, index: u16, by: ReplicaRecord) -> Result<ProposedConfiguration, Failure> {
    let mut proposed = running.proposed();
    let mut replicas = proposed.replicas.into_vec();
    let place = replicas.get_mut(usize::from(index)).ok_or_else(|| no_such(running, index))?;
    *place = by;
    proposed.replicas = list(replicas)?;
    Ok(proposed)
}

/// Adds replicas behind the present ones.
pub fn add(
    running: &Configuration,
    added: Vec<ReplicaRecord>,
    slow: Option<u16>,
) -> Result<ProposedConfiguration, Failure> {
    sized([running.replicas.to_vec(), added].concat(), slow)
}

/// Takes replicas out. Those behind them move up.
pub fn remove(running: &Configuration, indices: &[u16], slow: Option<u16>) -> Result<ProposedConfiguration, Failure> {
    if let Some(unknown) = indices.iter().find(|index| usize::from(**index) >= running.replicas.len()) {
        return Err(no_such(running, *unknown));
    }
    let staying = (0..).zip(&running.replicas).filter(|(index, _)| !indices.contains(index));
    sized(staying.map(|(_, record)| record.clone()).collect(), slow)
}

/// What differs between two sets of replicas, in sentences.
pub fn differences(running: &ProposedConfiguration, proposed: &ProposedConfiguration) -> Vec<String> {
    let mut sentences = Vec::new();
    if (running.f, running.c) != (proposed.f, proposed.c) {
        let (f, c) = (proposed.f, proposed.c);
        sentences.push(format!("f = {} and c = {} become f = {f} and c = {c}", running.f, running.c));
    }
    let holds = |all: &ProposedConfiguration, one: &ReplicaRecord| {
        all.replicas.iter().position(|other| other.consensus_key == one.consensus_key)
    };
    for (index, record) in running.replicas.iter().enumerate().filter(|(_, one)| holds(proposed, one).is_none()) {
        sentences.push(format!("replica {index} of {} leaves with its key", record.org));
    }
    for (index, record) in proposed.replicas.iter().enumerate() {
        match holds(running, record) {
            None => sentences.push(format!("replica {index} of {} comes, at {}", record.org, &*record.address)),
            Some(before) if before != index => sentences.push(format!("replica {before} becomes replica {index}")),
            Some(before) if running.replicas[before] != *record => {
                sentences.push(format!("replica {index} changes its address or link certificate"));
            }
            Some(_) => {}
        }
    }
    sentences
}

fn sized(replicas: Vec<ReplicaRecord>, slow: Option<u16>) -> Result<ProposedConfiguration, Failure> {
    let count = u16::try_from(replicas.len()).unwrap_or(u16::MAX);
    let (f, c) = theriac_network::tolerance(count, slow)?;
    Ok(ProposedConfiguration { f, c, replicas: list(replicas)? })
}

fn list(replicas: Vec<ReplicaRecord>) -> Result<List<ReplicaRecord, REPLICAS_MAX>, Failure> {
    List::new(replicas).map_err(|error| Failure::usage("INVALID_ARGUMENT", format!("too many replicas: {error}")))
}

fn no_such(running: &Configuration, index: u16) -> Failure {
    let last = running.replicas.len().saturating_sub(1);
    Failure::not_found(
        "REPLICA_UNKNOWN",
        format!("there is no replica {index}; epoch {} has 0 to {last}", running.epoch),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use theriac_types::{Bytes, Epoch, Height, Text};

    fn record(key: u8) -> ReplicaRecord {
        ReplicaRecord {
            org: "maker".parse().unwrap(),
            consensus_key: Bytes::new([key; 96]).unwrap(),
            proof_of_possession: Bytes::default(),
            link_certificate: Bytes::new([key]).unwrap(),
            address: Text::new(format!("replica-{key}:7050")).unwrap(),
        }
    }

    fn running(replicas: u8) -> Configuration {
        let replicas = (0..replicas).map(record).collect();
        Configuration { epoch: Epoch(3), first: Height(385), f: 1, c: 0, replicas: List::new(replicas).unwrap() }
    }

    fn keys(proposed: &ProposedConfiguration) -> Vec<u8> {
        proposed.replicas.iter().map(|record| record.consensus_key[0]).collect()
    }

    #[test]
    fn a_replacement_takes_the_place_and_the_id() {
        let proposed = replace(&running(4), 2, record(9)).unwrap();
        assert_eq!((keys(&proposed), proposed.f, proposed.c), (vec![0, 1, 9, 3], 1, 0));
        let told = differences(&running(4).proposed(), &proposed);
        assert_eq!(told, ["replica 2 of maker leaves with its key", "replica 2 of maker comes, at replica-9:7050"]);
        assert!(replace(&running(4), 4, record(9)).is_err());
    }

    #[test]
    fn additions_and_removals_keep_the_arithmetic_of_faults() {
        let six = add(&running(4), vec![record(4), record(5)], None).unwrap();
        assert_eq!((keys(&six), six.f, six.c), (vec![0, 1, 2, 3, 4, 5], 1, 1));
        let seven = add(&running(4), vec![record(4), record(5), record(6)], None).unwrap();
        assert_eq!((seven.f, seven.c), (2, 0));
        assert!(add(&running(4), vec![record(4)], None).is_err(), "5 replicas make no network");
        let back = Configuration { c: 1, ..running(6) };
        let four = remove(&back, &[1, 4], None).unwrap();
        assert_eq!((keys(&four), four.f, four.c), (vec![0, 2, 3, 5], 1, 0));
        let told = differences(&back.proposed(), &four);
        assert_eq!(told[0], "f = 1 and c = 1 become f = 1 and c = 0");
        assert!(told.contains(&"replica 5 becomes replica 3".to_owned()), "{told:?}");
        assert!(remove(&back, &[6], None).is_err());
    }
}
