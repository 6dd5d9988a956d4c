//! A change of replicas, with the store closed and opened again at every height that matters.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../../ledger/tests/common/mod.rs"]
mod common;

use common::{Chain, genesis, newcomer};
use std::path::Path;
use theriac_crypto::names::{configuration_digest, proposed_configuration_digest};
use theriac_ledger::system::membership::*;
use theriac_ledger::{BlockStore, StateReader};
use theriac_storage::Storage;
use theriac_types::*;

fn open(path: &Path) -> Chain<Storage> {
    Chain::over(Storage::open(path, &genesis()).unwrap())
}

#[test]
fn an_epoch_ends_where_it_was_decided_however_often_the_store_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let mut chain = open(folder.path());
    let mut replicas = genesis().replicas.into_vec();
    replicas[2] = newcomer("gamma", 9);
    let configuration = ProposedConfiguration { f: 1, c: 0, replicas: List::new(replicas).unwrap() };
    let digest = proposed_configuration_digest(&configuration);
    let propose = Propose { configuration: configuration.clone(), reason: Text::default() };
    assert_eq!(chain.one("alpha/admin", "_membership", "propose", &propose).outcome, Outcome::Valid);
    let approve = Approve { number: 1, digest };
    // A new chain begins with the first nonce again, which alpha has used and beta has not.
    let mut chain = open_again(chain, folder.path());
    let decision = chain.one("beta/admin", "_membership", "approve", &approve);
    let mark = decode::<Tally>(&decision.result, 4096).unwrap().decided.unwrap();
    let decided_at = chain.height();
    let last = last_height(decided_at);
    let next = configuration.starting(Epoch(1), last.next());
    let opened_again = [decided_at, Height(last.0 - 1), last, last.next()];
    while chain.height() <= last.next() {
        let height = chain.height();
        if opened_again.contains(&height) {
            chain = open_again(chain, folder.path());
        }
        let head = chain.store.head().unwrap();
        let governing_next = governing(&chain.store, height).unwrap();
        assert_eq!(head.config_digest, configuration_digest(&governing_next), "{height}");
        assert_eq!(governing_next.epoch, Epoch(u64::from(height >= last)), "{height}");
        assert_eq!(head.epoch, Epoch(u64::from(height > last)), "{height}");
        assert_eq!(epochs_at(&chain.store, height).unwrap().ends(height), (height <= last).then_some(last), "{height}");
        chain.block(vec![]);
    }
    assert_eq!(mark.digest, configuration_digest(&next));
    assert_eq!(configuration_at(&chain.store, chain.height(), Epoch(1)).unwrap(), Some(next));
    assert_eq!(configuration_at(&chain.store, chain.height(), Epoch(0)).unwrap(), Some(genesis().configuration()));
    assert_eq!(chain.store.commitment(last).unwrap().unwrap().config_digest, mark.digest);
}

fn open_again(chain: Chain<Storage>, path: &Path) -> Chain<Storage> {
    drop(chain);
    open(path)
}
