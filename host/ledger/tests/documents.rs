//! Documents are named by their content, once, and organisations confirm that they received them.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op};
use theriac_crypto::{BlsSecretKey, VoteContext};
use theriac_ledger::system::documents::*;
use theriac_ledger::{MemoryState, genesis_outcome};
use theriac_types::*;

/// The empty file's.
const CID: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
const SHA2_256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// After every block of these tests.
const UNTIL_MS: u64 = u64::MAX - 1;

/// A chain whose replicas have keys.
fn chain() -> Chain<MemoryState> {
    let mut genesis = common::genesis();
    genesis.replicas = List::new((0..4).map(|id| common::newcomer("alpha", id)).collect()).unwrap();
    let outcome = genesis_outcome(&genesis).unwrap();
    let mut chain = Chain::over(MemoryState::new(genesis, &outcome));
    chain.deploy();
    chain
}

fn document() -> NewDocument {
    NewDocument {
        content: Content { cid: Text::new(CID).unwrap(), sha2_256: SHA2_256.parse().unwrap(), bytes: 0 },
        media_type: Text::new("application/pdf").unwrap(),
        file_name: Text::new("inspection 7.pdf").unwrap(),
        guard: None,
    }
}

/// Another file of one chunk.
fn other() -> NewDocument {
    let sha2_256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".parse().unwrap();
    let cid = Text::new("bafkreif2pall7dybz7vecqka3zo24irdwabwdi4wc55jznaq75q7eaavvu").unwrap();
    NewDocument { content: Content { cid, sha2_256, bytes: 3 }, file_name: Text::new("abc").unwrap(), ..document() }
}

/// What a replica signs when it holds documents.
fn receipt_of(replica: u8, documents: &[NewDocument]) -> StorageReceipt {
    let context = VoteContext { channel: common::genesis().channel, epoch: Epoch(0) };
    let contents = documents.iter().map(|document| document.content.clone()).collect();
    let held = HeldDocuments { documents: List::new(contents).unwrap(), until_ms: UNTIL_MS };
    let key = BlsSecretKey::from_seed(&[replica; 32]).unwrap();
    StorageReceipt { replica: ReplicaId(replica.into()), signature: key.sign_storage(&context, &held) }
}

/// An anchor with the receipts of these replicas.
fn held_by(replicas: &[u8], documents: &[NewDocument]) -> Anchor {
    let receipts = replicas.iter().map(|replica| receipt_of(*replica, documents)).collect();
    Anchor {
        documents: List::new(documents.to_vec()).unwrap(),
        epoch: Epoch(0),
        until_ms: UNTIL_MS,
        receipts: List::new(receipts).unwrap(),
    }
}

fn anchor() -> Anchor {
    held_by(&[2, 0], &[document()])
}

fn receive(chain: &mut Chain<MemoryState>, by: &str, cid: &str) -> Receipt {
    chain.one(by, "_documents", "receive", &Receive { cid: Text::new(cid).unwrap() })
}

fn found(chain: &Chain<MemoryState>) -> Option<DocumentRecord> {
    let answer = chain.ask("_documents", "document", &LookUpDocument { cid: Text::new(CID).unwrap() }, None);
    decode(&answer.result, 4096).unwrap()
}

#[test]
fn a_document_is_anchored_once_and_received_once_by_each_organisation() {
    let mut chain = chain();
    assert_eq!(found(&chain), None);
    let receipt = chain.one("alpha/user", "_documents", "anchor", &anchor());
    assert_eq!(receipt.outcome, Outcome::Valid, "{}", receipt.message);
    let record = found(&chain).unwrap();
    assert_eq!(
        (record.by.to_string(), record.height, record.tx_id),
        ("alpha/user".to_owned(), receipt.height, receipt.tx_id)
    );
    assert_eq!((&*record.file_name, record.sha2_256.to_string()), ("inspection 7.pdf", SHA2_256.to_owned()));
    assert_eq!((record.held.epoch, &*record.held.by), (Epoch(0), &[ReplicaId(0), ReplicaId(2)][..]));

    let renamed = NewDocument { file_name: Text::new("another name").unwrap(), ..document() };
    let again = chain.one("beta/admin", "_documents", "anchor", &held_by(&[1, 2], &[renamed]));
    assert_eq!(&*again.code, "DOCUMENT_ANCHORED");
    assert_eq!(found(&chain), Some(record), "an anchor never changes");

    for (by, code) in [("gamma/admin", ""), ("beta/admin", ""), ("gamma/admin", "DOCUMENT_RECEIVED")] {
        assert_eq!(&*receive(&mut chain, by, CID).code, code, "{by}");
    }
    assert_eq!(&*receive(&mut chain, "beta/admin", &CID[..50]).code, "DOCUMENT_UNKNOWN");
    let answer = chain.ask("_documents", "receipts", &ListReceipts { cid: Text::new(CID).unwrap() }, None);
    let receipts: Vec<DocumentReceipt> = decode(&answer.result, 4096).unwrap();
    let by: Vec<_> = receipts.iter().map(|receipt| receipt.by.to_string()).collect();
    assert_eq!(by, ["beta/admin", "gamma/admin"], "ascending by organisation");
}

#[test]
fn what_does_not_name_one_file_is_refused() {
    let mut chain = chain();
    let (text, media) = (|text: &str| Text::new(text).unwrap(), |text: &str| Text::new(text).unwrap());
    let content = document().content;
    for wrong in [
        NewDocument { content: Content { cid: text(&CID.to_uppercase()), ..content.clone() }, ..document() },
        NewDocument { content: Content { sha2_256: Digest::ZERO, ..content }, ..document() },
        NewDocument { file_name: Text::new("../secret").unwrap(), ..document() },
        NewDocument { file_name: Text::new("a\nb").unwrap(), ..document() },
        NewDocument { file_name: Text::default(), ..document() },
        NewDocument { media_type: media("pdf"), ..document() },
    ] {
        let receipt = chain.one("alpha/user", "_documents", "anchor", &held_by(&[0, 1], &[other(), wrong.clone()]));
        assert_eq!(
            (receipt.outcome, &*receipt.code),
            (Outcome::PreconditionFailed, "DOCUMENT_NAME_INVALID"),
            "{wrong:?}"
        );
    }
    assert_eq!(&*chain.one("alpha/user", "_documents", "anchor", &held_by(&[0, 1], &[])).code, "DOCUMENT_NAME_INVALID");
    assert_eq!(found(&chain), None);
    assert_eq!(chain.one("alpha/user", "_documents", "remove", &CID).outcome, Outcome::InvalidArgument);
}

#[test]
fn what_too_few_replicas_show_to_hold_is_not_anchored() {
    let mut chain = chain();
    let documents = [document(), other()];
    let with =
        |receipts: Vec<StorageReceipt>| Anchor { receipts: List::new(receipts).unwrap(), ..held_by(&[], &documents) };
    let receipt = |replica| receipt_of(replica, &documents);
    let stranger = StorageReceipt { replica: ReplicaId(4), ..receipt(1) };
    let foreign = StorageReceipt { replica: ReplicaId(0), ..receipt(4) };
    for (wrong, code) in [
        (with(vec![]), "RECEIPTS_TOO_FEW"),
        (with(vec![receipt(3)]), "RECEIPTS_TOO_FEW"),
        (with(vec![receipt(0), stranger]), "RECEIPT_OF_STRANGER"),
        (with(vec![receipt(1), foreign]), "RECEIPT_INVALID"),
        (with(vec![receipt(1), receipt(1)]), "RECEIPT_REPEATED"),
        (with(vec![receipt(1), receipt_of(2, &documents[..1])]), "RECEIPT_INVALID"),
        (Anchor { until_ms: UNTIL_MS + 1, ..held_by(&[0, 1], &documents) }, "RECEIPT_INVALID"),
        (Anchor { until_ms: 0, ..held_by(&[0, 1], &documents) }, "RECEIPTS_EXPIRED"),
        (Anchor { epoch: Epoch(1), ..held_by(&[0, 1], &documents) }, "RECEIPTS_OF_OTHER_EPOCH"),
    ] {
        let receipt = chain.one("alpha/user", "_documents", "anchor", &wrong);
        assert_eq!((receipt.outcome, &*receipt.code), (Outcome::PolicyUnsatisfied, code), "{}", receipt.message);
        assert!(receipt.message.ends_with("collects") || receipt.message.ends_with("again"), "{}", receipt.message);
    }
    assert_eq!(found(&chain), None);
    assert_eq!(chain.one("alpha/user", "_documents", "anchor", &held_by(&[3, 1], &documents)).outcome, Outcome::Valid);
    assert_eq!(found(&chain).unwrap().bytes, 0);
}

#[test]
fn several_are_anchored_together_or_not_at_all() {
    let mut chain = chain();
    let twice = held_by(&[0, 1], &[document(), document()]);
    assert_eq!(&*chain.one("alpha/user", "_documents", "anchor", &twice).code, "DOCUMENT_ANCHORED");
    assert_eq!(found(&chain), None);
    assert_eq!(chain.one("beta/admin", "_documents", "anchor", &held_by(&[0, 1], &[other()])).outcome, Outcome::Valid);
    let both = held_by(&[0, 1], &[document(), other()]);
    let refused = chain.one("alpha/user", "_documents", "anchor", &both);
    assert_eq!(&*refused.code, "DOCUMENT_ANCHORED");
    assert!(refused.message.starts_with("beta/admin anchored bafkreif2"), "{}", refused.message);
    assert_eq!(found(&chain), None);
}

#[test]
fn chaincode_sees_documents_and_who_received_them() {
    let mut chain = chain();
    chain.one("alpha/user", "_documents", "anchor", &anchor());
    receive(&mut chain, "gamma/admin", CID);
    let receipt = chain.run("alpha/user", &[Op::Document(CID.to_owned()), Op::Document("x".repeat(9_000))]);
    let (name, by) = ("inspection 7.pdf".to_owned(), vec!["gamma/admin".to_owned()]);
    let nothing = (None::<String>, Vec::<String>::new());
    assert_eq!(&*receipt.result, &*[encode(&(Some(name), by)), encode(&nothing)].concat());
}
