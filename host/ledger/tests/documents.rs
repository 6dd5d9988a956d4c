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
        readers: None,
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
    let anchor = held_by(&[], documents);
    receipt_for(replica, anchor.contents())
}

fn receipt_for(replica: u8, contents: Vec<Content>) -> StorageReceipt {
    let context = VoteContext { channel: common::genesis().channel, epoch: Epoch(0) };
    let held = HeldDocuments { documents: List::new(contents).unwrap(), until_ms: UNTIL_MS };
    let key = BlsSecretKey::from_seed(&[replica; 32]).unwrap();
    StorageReceipt { replica: ReplicaId(replica.into()), signature: key.sign_storage(&context, &held) }
}

/// An anchor with the receipts of these replicas.
fn held_by(replicas: &[u8], documents: &[NewDocument]) -> Anchor {
    let receipts = replicas.iter().map(|replica| receipt_of(*replica, documents)).collect();
    Anchor { documents: List::new(documents.to_vec()).unwrap(), holding: holding(receipts) }
}

fn holding(receipts: Vec<StorageReceipt>) -> Holding {
    Holding { epoch: Epoch(0), until_ms: UNTIL_MS, receipts: List::new(receipts).unwrap() }
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
    let with = |receipts: Vec<StorageReceipt>| Anchor { holding: holding(receipts), ..held_by(&[], &documents) };
    let both = || held_by(&[0, 1], &documents).holding;
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
        (Anchor { holding: Holding { until_ms: UNTIL_MS + 1, ..both() }, ..with(vec![]) }, "RECEIPT_INVALID"),
        (Anchor { holding: Holding { until_ms: 0, ..both() }, ..with(vec![]) }, "RECEIPTS_EXPIRED"),
        (Anchor { holding: Holding { epoch: Epoch(1), ..both() }, ..with(vec![]) }, "RECEIPTS_OF_OTHER_EPOCH"),
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

/// The list of readers number `n`: a file of one chunk.
fn list(n: u8) -> Content {
    let sha2_256 = theriac_crypto::content_digest(&[n]);
    let multihash = [&[1, 0x55, 0x12, 32][..], &sha2_256.0].concat();
    let alphabet = b"abcdefghijklmnopqrstuvwxyz234567";
    let bits: Vec<bool> = multihash.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
    let digit = |bits: &[bool]| (0..5).fold(0, |sum, at| sum * 2 + usize::from(bits.get(at).copied().unwrap_or(false)));
    let digits = bits.chunks(5).map(|bits| char::from(alphabet[digit(bits)]));
    Content { cid: Text::new(format!("b{}", digits.collect::<String>())).unwrap(), sha2_256, bytes: 1 }
}

fn sealed(n: u8) -> NewDocument {
    NewDocument { readers: Some(list(n)), ..document() }
}

fn share(chain: &mut Chain<MemoryState>, by: &str, version: u64, new: Content) -> Receipt {
    let holding = holding(vec![receipt_for(0, vec![new.clone()]), receipt_for(3, vec![new.clone()])]);
    let share = Share { cid: Text::new(CID).unwrap(), version, list: new, holding };
    chain.one(by, "_documents", "share", &share)
}

fn erase(chain: &mut Chain<MemoryState>, by: &str, reason: &str) -> Receipt {
    let erase = Erase { cid: Text::new(CID).unwrap(), reason: Text::new(reason).unwrap() };
    chain.one(by, "_documents", "erase", &erase)
}

fn readers(chain: &Chain<MemoryState>) -> ReadersRecord {
    let answer = chain.ask("_documents", "readers", &LookUpReaders { cid: Text::new(CID).unwrap() }, None);
    decode::<Option<ReadersRecord>>(&answer.result, 4096).unwrap().unwrap()
}

/// What the ledger has peers do with a list.
fn kept(chain: &Chain<MemoryState>, n: u8) -> Option<bool> {
    let found = kept_at(&chain.store, chain.height(), &list(n).cid).unwrap();
    found.map(|found| matches!(found, Kept::Named(_)))
}

#[test]
fn a_list_of_readers_is_replaced_and_destroyed_and_the_document_stays_named() {
    let mut chain = chain();
    assert_eq!(kept(&chain, 1), None);
    let anchored = chain.one("alpha/user", "_documents", "anchor", &held_by(&[1, 2], &[sealed(1), other()]));
    assert_eq!(anchored.outcome, Outcome::Valid, "{}", anchored.message);
    let first = readers(&chain);
    assert_eq!((first.version, first.list.unwrap().content), (1, list(1)));
    assert_eq!(kept(&chain, 1), Some(true));

    assert_eq!(share(&mut chain, "alpha/admin", 1, list(2)).outcome, Outcome::Valid, "another of that organisation");
    assert_eq!((readers(&chain).version, kept(&chain, 1), kept(&chain, 2)), (2, Some(false), Some(true)));
    let late = share(&mut chain, "alpha/user", 1, list(3));
    assert_eq!((late.outcome, &*late.code), (Outcome::PreconditionFailed, "READERS_CHANGED"));
    assert!(late.message.starts_with("alpha/admin changed the readers"), "{}", late.message);

    let erased = erase(&mut chain, "alpha/user", "the patient asked for it");
    assert_eq!(erased.outcome, Outcome::Valid, "{}", erased.message);
    let last = readers(&chain);
    assert_eq!((last.list, last.version, &*last.reason), (None, 3, "the patient asked for it"));
    assert_eq!((kept(&chain, 1), kept(&chain, 2)), (Some(false), Some(false)));
    assert!(found(&chain).is_some(), "that it was there stays known");
    for again in [share(&mut chain, "alpha/user", 3, list(3)), erase(&mut chain, "alpha/user", "once more")] {
        assert_eq!((again.outcome, &*again.code), (Outcome::PreconditionFailed, "DOCUMENT_ERASED"));
    }
}

#[test]
fn only_those_who_anchored_a_sealed_document_change_who_reads_it() {
    let mut chain = chain();
    assert_eq!(&*share(&mut chain, "alpha/user", 0, list(1)).code, "DOCUMENT_UNKNOWN");
    chain.one("alpha/user", "_documents", "anchor", &held_by(&[1, 2], &[sealed(1)]));
    chain.one("alpha/user", "_documents", "anchor", &held_by(&[1, 2], &[other()]));
    for refused in [share(&mut chain, "beta/admin", 1, list(2)), erase(&mut chain, "beta/admin", "spite")] {
        assert_eq!(refused.outcome, Outcome::PolicyUnsatisfied);
        assert!(refused.message.contains("ask a member of alpha"), "{}", refused.message);
    }
    let plain = Erase { cid: other().content.cid, reason: Text::new("why not").unwrap() };
    assert_eq!(&*chain.one("alpha/user", "_documents", "erase", &plain).code, "DOCUMENT_NOT_SEALED");
    for reason in ["", "two\nlines"] {
        assert_eq!(erase(&mut chain, "alpha/user", reason).outcome, Outcome::InvalidArgument, "{reason:?}");
    }
    assert_eq!(readers(&chain).version, 1);
}

#[test]
fn a_list_of_readers_is_held_and_has_a_name_of_its_own() {
    let mut chain = chain();
    // The receipts do not say that the list is held.
    let unheld = Anchor { documents: List::new(vec![sealed(1)]).unwrap(), ..held_by(&[0, 1], &[document()]) };
    assert_eq!(&*chain.one("alpha/user", "_documents", "anchor", &unheld).code, "RECEIPT_INVALID");
    let same = NewDocument { readers: Some(list(1)), ..other() };
    let own = NewDocument { readers: Some(document().content), ..document() };
    for wrong in [vec![sealed(1), same.clone()], vec![own]] {
        let receipt = chain.one("alpha/user", "_documents", "anchor", &held_by(&[0, 1], &wrong));
        assert_eq!(&*receipt.code, "DOCUMENT_ANCHORED", "{}", receipt.message);
    }
    let misnamed = NewDocument { readers: Some(Content { sha2_256: Digest::ZERO, ..list(1) }), ..document() };
    let receipt = chain.one("alpha/user", "_documents", "anchor", &held_by(&[0, 1], &[misnamed]));
    assert_eq!(&*receipt.code, "DOCUMENT_NAME_INVALID");
    assert_eq!(found(&chain), None);

    assert_eq!(
        chain.one("alpha/user", "_documents", "anchor", &held_by(&[0, 1], &[sealed(1)])).outcome,
        Outcome::Valid
    );
    let as_document = NewDocument { content: list(1), readers: None, ..other() };
    for wrong in [same, as_document] {
        let receipt = chain.one("beta/admin", "_documents", "anchor", &held_by(&[0, 1], &[wrong]));
        assert_eq!(&*receipt.code, "DOCUMENT_ANCHORED", "{}", receipt.message);
        assert!(receipt.message.contains("is a list of readers of bafk"), "{}", receipt.message);
    }
    let unheld = Share { cid: Text::new(CID).unwrap(), version: 1, list: list(2), holding: holding(vec![]) };
    let receipt = chain.one("alpha/user", "_documents", "share", &unheld);
    assert_eq!((receipt.outcome, &*receipt.code), (Outcome::PolicyUnsatisfied, "RECEIPTS_TOO_FEW"));
    assert_eq!(readers(&chain).version, 1);
}

#[test]
fn the_most_copies_that_any_organisation_asks_for_count() {
    let mut chain = chain();
    let copies = |chain: &Chain<MemoryState>| copies_at(&chain.store, chain.height()).unwrap();
    assert_eq!(copies(&chain), 0);
    for (by, asked, counts) in [("alpha/admin", 3, 3), ("beta/admin", 4, 4), ("beta/admin", 0, 3)] {
        let receipt = chain.one(by, "_documents", "keep", &Keep { copies: asked });
        assert_eq!((receipt.outcome, copies(&chain)), (Outcome::Valid, counts), "{}", receipt.message);
    }
    let many = chain.one("gamma/admin", "_documents", "keep", &Keep { copies: 5 });
    assert_eq!(&*many.code, "COPIES_TOO_MANY");
    let user = chain.one("alpha/user", "_documents", "keep", &Keep { copies: 4 });
    assert_eq!(user.outcome, Outcome::PolicyUnsatisfied, "{}", user.message);
    assert_eq!(copies(&chain), 3);
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
