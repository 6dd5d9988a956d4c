//! The state tree against the `jmt` crate: same keys and values, same roots; and what its proofs prove.

use jmt::storage::{LeafNode, Node, NodeKey as JmtKey, TreeReader as JmtReader};
use jmt::{JellyfishMerkleTree, KeyHash, OwnedValue, SimpleHasher, Version};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_crypto::{Domain, hash};
use theriac_ledger::tree::{EMPTY_ROOT, NodeKey, Page, TreeReader, key_hash, prove, update, value_hash};
use theriac_ledger::{NotProven, ReadError, StateKey, StateProof};
use theriac_types::{ChaincodeName, Digest, Height, List, StateRoot};

struct Sha3(Vec<u8>);

impl SimpleHasher for Sha3 {
    fn new() -> Self {
        Self(Vec::new())
    }
    fn update(&mut self, data: &[u8]) {
        self.0.extend_from_slice(data);
    }
    fn finalize(self) -> [u8; 32] {
        hash(Domain::StateTree, &[&self.0]).0
    }
}

#[derive(Default)]
struct Oracle(BTreeMap<JmtKey, Node>);

impl JmtReader for Oracle {
    fn get_node_option(&self, key: &JmtKey) -> anyhow::Result<Option<Node>> {
        Ok(self.0.get(key).cloned())
    }
    fn get_value_option(&self, _: Version, _: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        Ok(None)
    }
    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(JmtKey, LeafNode)>> {
        Ok(None)
    }
}

#[derive(Default)]
struct Pages(BTreeMap<NodeKey, Arc<Page>>);

impl TreeReader for Pages {
    fn page(&self, key: &NodeKey) -> Result<Option<Arc<Page>>, ReadError> {
        // What comes back from disk went through bytes.
        let read = |page: &Arc<Page>| Page::from_bytes(&page.to_bytes()).expect("own bytes");
        Ok(self.0.get(key).map(|page| Arc::new(read(page))))
    }
}

fn state_key(number: u16) -> StateKey {
    StateKey::new(ChaincodeName::new("trace").expect("a name"), number.to_be_bytes()).expect("short")
}

type Batch = Vec<(u16, Option<u8>)>;

/// Puts every batch into both trees and compares; then proves every key at every height.
fn check(batches: &[Batch], prune: bool) {
    let (mut oracle, mut pages) = (Oracle::default(), Pages::default());
    let (mut model, mut before, mut heights) = (BTreeMap::new(), None, Vec::new());
    for (height, batch) in (0..).zip(batches) {
        let changes: BTreeMap<u16, Option<u8>> = batch.iter().copied().collect();
        let hashes = changes.iter().map(|(key, value)| (key_hash(&state_key(*key)), value.map(|v| value_hash(&[v]))));
        let done = update(&pages, before, Height(height), &hashes.collect()).expect("pages are there");
        let values = changes.iter().map(|(key, value)| (KeyHash(key_hash(&state_key(*key)).0), value.map(|v| vec![v])));
        let (root, batch) = JellyfishMerkleTree::<_, Sha3>::new(&oracle).put_value_set(values, height).expect("put");
        assert_eq!(done.root, StateRoot(Digest(root.0)), "height {height}");
        oracle.0.extend(batch.node_batch.nodes().clone());
        pages.0.extend(done.pages);
        if prune {
            done.stale.iter().for_each(|key| assert!(pages.0.remove(key).is_some(), "a stale page was there"));
            heights.clear();
        }
        model.extend(changes);
        before = Some((Height(height), done.root));
        heights.push((Height(height), done.root, model.clone()));
    }
    for (height, root, model) in heights {
        for key in 0..200 {
            let value = model.get(&key).copied().flatten();
            let key = state_key(key);
            let proof = prove(&pages, height, root, &key).expect("pages are there");
            let bytes = theriac_types::encode(&proof);
            assert_eq!(theriac_types::decode::<StateProof>(&bytes, 16 * 1024), Ok(proof.clone()));
            assert_eq!(proof.verify(root, &key, value.map(|v| vec![v]).as_deref()), Ok(()), "{key:?} at {height}");
            assert!(proof.verify(root, &key, Some(&[255, 255])).is_err());
            if value.is_some() {
                assert_eq!(proof.verify(root, &key, None), Err(NotProven::Value));
            }
        }
    }
    if prune {
        let live = model.iter().filter_map(|(key, value)| Some((key_hash(&state_key(*key)), value.map(|v| vec![v])?)));
        let hashes = live.map(|(key, value)| (key, Some(value_hash(&value)))).collect();
        let fresh = update(&Pages::default(), None, Height(0), &hashes).expect("nothing is read");
        assert_eq!(pages.0.len(), fresh.pages.len(), "what is left is what the same state built at once has");
        assert_eq!(before.map(|(_, root)| root), Some(fresh.root));
    }
}

fn batches() -> impl Strategy<Value = Vec<Batch>> {
    vec(vec((0_u16..200, proptest::option::weighted(0.7, 0_u8..4)), 0..40), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn roots_are_those_of_jmt_and_proofs_hold_at_every_height(batches in batches()) {
        check(&batches, false);
    }

    #[test]
    fn stale_pages_are_those_that_the_newest_tree_does_not_need(mut batches in batches(), empty in any::<bool>()) {
        if empty {
            batches.push((0..200).map(|key| (key, None)).collect());
        }
        check(&batches, true);
    }
}

#[test]
fn many_keys_at_once_give_the_root_of_jmt() {
    let all = |value| (0..5000).map(|key| (key, value)).collect::<Batch>();
    check(&[all(Some(1)), vec![(7, Some(2))], vec![], (0..4000).map(|key| (key, None)).collect()], true);
}

#[test]
fn a_proof_is_good_for_its_key_value_and_root_only() {
    let mut pages = Pages::default();
    let hashes = (0..500).map(|key| (key_hash(&state_key(key)), Some(value_hash(b"x"))));
    let done = update(&pages, None, Height(0), &hashes.collect()).expect("nothing is read");
    pages.0.extend(done.pages);
    let proof = prove(&pages, Height(0), done.root, &state_key(1)).expect("pages are there");
    assert_eq!(proof.verify(done.root, &state_key(1), Some(b"x")), Ok(()));
    assert_eq!(proof.verify(done.root, &state_key(2), Some(b"x")), Err(NotProven::Value));
    assert_eq!(proof.verify(EMPTY_ROOT, &state_key(1), Some(b"x")), Err(NotProven::Root));
    // Another key's leaf proves nothing about a key that would stand elsewhere.
    let elsewhere = (500..600).map(state_key).find(|key| key_hash(key).0[0] != key_hash(&state_key(1)).0[0]);
    assert_eq!(proof.verify(done.root, &elsewhere.expect("one of a hundred"), None), Err(NotProven::Key));
    for missing in 0..proof.siblings.len() {
        let mut siblings = proof.siblings.to_vec();
        siblings.remove(missing);
        let shorter = StateProof { siblings: List::new(siblings).expect("fewer"), ..proof.clone() };
        assert!(shorter.verify(done.root, &state_key(1), Some(b"x")).is_err());
    }
    let mut changed = theriac_types::encode(&proof);
    for index in 0..changed.len() {
        changed[index] ^= 1;
        let accepted = theriac_types::decode::<StateProof>(&changed, 16 * 1024)
            .is_ok_and(|proof| proof.verify(done.root, &state_key(1), Some(b"x")).is_ok());
        assert!(!accepted, "byte {index} does not matter");
        changed[index] ^= 1;
    }
}

#[test]
fn a_damaged_or_missing_page_is_noticed() {
    let mut pages = Pages::default();
    let hashes = |value: &[u8]| (0..500).map(|key| (key_hash(&state_key(key)), Some(value_hash(value)))).collect();
    let done = update(&pages, None, Height(0), &hashes(b"x")).expect("nothing is read");
    pages.0.extend(done.pages.clone());
    for (key, page) in &done.pages {
        let mut bytes = page.to_bytes();
        *bytes.last_mut().expect("no page is empty") ^= 1;
        for other in [None, Page::from_bytes(&bytes).ok()] {
            match other {
                Some(other) => pages.0.insert(*key, Arc::new(other)),
                None => pages.0.remove(key),
            };
            let result = update(&pages, Some((Height(0), done.root)), Height(1), &hashes(b"y"));
            assert!(matches!(result, Err(ReadError::Corrupt { .. })), "{key:?}");
        }
        pages.0.insert(*key, page.clone());
    }
}
