//! Documents are named by their content, once, and organisations confirm that they received them.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Chain, Op};
use theriac_ledger::MemoryState;
use theriac_ledger::system::documents::*;
use theriac_types::*;

/// The empty file's.
const CID: &str = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
const SHA2_256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn anchor() -> Anchor {
    Anchor {
        cid: Text::new(CID).unwrap(),
        sha2_256: SHA2_256.parse().unwrap(),
        bytes: 0,
        media_type: Text::new("application/pdf").unwrap(),
        file_name: Text::new("inspection 7.pdf").unwrap(),
    }
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
    let mut chain = Chain::with_scripts();
    assert_eq!(found(&chain), None);
    let receipt = chain.one("alpha/user", "_documents", "anchor", &anchor());
    assert_eq!(receipt.outcome, Outcome::Valid, "{}", receipt.message);
    let record = found(&chain).unwrap();
    assert_eq!(
        (record.by.to_string(), record.height, record.tx_id),
        ("alpha/user".to_owned(), receipt.height, receipt.tx_id)
    );
    assert_eq!((&*record.file_name, record.sha2_256.to_string()), ("inspection 7.pdf", SHA2_256.to_owned()));

    let again = chain.one("beta/admin", "_documents", "anchor", &Anchor { bytes: 1, ..anchor() });
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
    let mut chain = Chain::with_scripts();
    let (text, media) = (|text: &str| Text::new(text).unwrap(), |text: &str| Text::new(text).unwrap());
    for wrong in [
        Anchor { cid: text(&CID.to_uppercase()), ..anchor() },
        Anchor { sha2_256: Digest::ZERO, ..anchor() },
        Anchor { file_name: Text::new("../secret").unwrap(), ..anchor() },
        Anchor { file_name: Text::new("a\nb").unwrap(), ..anchor() },
        Anchor { file_name: Text::default(), ..anchor() },
        Anchor { media_type: media("pdf"), ..anchor() },
    ] {
        let receipt = chain.one("alpha/user", "_documents", "anchor", &wrong);
        assert_eq!(
            (receipt.outcome, &*receipt.code),
            (Outcome::PreconditionFailed, "DOCUMENT_NAME_INVALID"),
            "{wrong:?}"
        );
    }
    assert_eq!(found(&chain), None);
    assert_eq!(chain.one("alpha/user", "_documents", "remove", &CID).outcome, Outcome::InvalidArgument);
}

#[test]
fn chaincode_sees_documents_and_who_received_them() {
    let mut chain = Chain::with_scripts();
    chain.one("alpha/user", "_documents", "anchor", &anchor());
    receive(&mut chain, "gamma/admin", CID);
    let receipt = chain.run("alpha/user", &[Op::Document(CID.to_owned()), Op::Document("x".repeat(9_000))]);
    let (name, by) = ("inspection 7.pdf".to_owned(), vec!["gamma/admin".to_owned()]);
    let nothing = (None::<String>, Vec::<String>::new());
    assert_eq!(&*receipt.result, &*[encode(&(Some(name), by)), encode(&nothing)].concat());
}
