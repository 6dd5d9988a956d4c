//! The gateway: what it refuses and how it says so; that its answers prove themselves.

use crate::cluster::{Cluster, member, reason, register, signed, verify};
use theriac_crypto::MemberKey;
use theriac_ledger::system::identity::{LookUpMember, member_key};
use theriac_proto::gateway::v1::events_response::Item;
use theriac_proto::gateway::v1::{
    CommitStatusRequest, EvaluateRequest, EventsRequest, Position, RehearseRequest, SubmitAndWaitRequest, SubmitRequest,
};
use theriac_proto::ledger::v1::ledger_client::LedgerClient;
use theriac_proto::ledger::v1::{BlockRequest, KeyHistoryRequest, StateRequest, TransactionRequest};
use theriac_types::{Block, MemberRecord, MemberStatus, Outcome, Receipt, Transaction, decode, encode};
use tonic::Code;
use tonic_types::StatusExt;

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_succeed_is_refused_with_a_code_and_a_sentence() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    let first = register(1, 100);
    assert_eq!(cluster.submit(1, &first).await.outcome, Outcome::Valid);
    let mut gateway = cluster.gateway(1).await;
    let mut forged = register(2, 100);
    forged.signature = first.signature;
    let stranger = MemberKey::from_bytes(&[9; 32]).unwrap();
    let mut truncated = encode(&register(2, 100));
    truncated.pop();
    let mut other_channel = register(2, 100);
    other_channel.body.channel = "other".parse().unwrap();
    other_channel.signature = member().sign(theriac_crypto::names::tx_id(&other_channel.body));
    let rows: [(&str, Vec<u8>, Code, &str); 10] = [
        ("garbage", vec![0xff; 100], Code::InvalidArgument, "MALFORMED"),
        ("nothing", Vec::new(), Code::InvalidArgument, "MALFORMED"),
        ("truncated", truncated, Code::InvalidArgument, "MALFORMED"),
        ("trailing byte", [encode(&register(2, 100)), vec![0]].concat(), Code::InvalidArgument, "MALFORMED"),
        ("forged", encode(&forged), Code::Unauthenticated, "BAD_SIGNATURE"),
        ("other channel", encode(&other_channel), Code::Unauthenticated, "BAD_SIGNATURE"),
        (
            "foreign key",
            encode(&signed(&stranger, "_identity", "x", vec![], 2, 100)),
            Code::PermissionDenied,
            "NOT_A_MEMBER",
        ),
        ("expired", encode(&register(2, 0)), Code::FailedPrecondition, "EXPIRED"),
        ("too far ahead", encode(&register(2, 1_000_000)), Code::FailedPrecondition, "EXPIRED"),
        (
            "no chaincode",
            encode(&signed(&member(), "nowhere", "x", vec![], 2, 100)),
            Code::NotFound,
            "UNKNOWN_CHAINCODE",
        ),
    ];
    for (row, bytes, code, expected) in rows {
        let status = gateway.submit(SubmitRequest { transaction: bytes.into() }).await.unwrap_err();
        assert_eq!((status.code(), reason(&status).as_str()), (code, expected), "{row}: {status}");
        assert!(status.message().len() > 20, "{row}: {}", status.message());
    }
    // Too large to be decoded at all: the transport itself refuses.
    let large = SubmitRequest { transaction: vec![0; 3 << 20].into() };
    assert_eq!(gateway.submit(large).await.unwrap_err().code(), Code::OutOfRange);
    // The very same again: its first outcome comes with the refusal.
    let again = SubmitAndWaitRequest { transaction: encode(&first).into() };
    let status = gateway.submit_and_wait(again).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::AlreadyExists, "DUPLICATE"));
    let info = status.get_error_details().error_info().unwrap().clone();
    assert_eq!((info.domain.as_str(), info.metadata["outcome"].as_str()), ("theriac", "VALID"));
    // Another one with the same nonce.
    let replay = signed(&member(), "_identity", "revoke_member", vec![], 1, 100);
    let status = gateway.submit(SubmitRequest { transaction: encode(&replay).into() }).await.unwrap_err();
    assert_eq!(reason(&status), "DUPLICATE");
    // After all this the peer still works, and a refusal by the ledger is a proven receipt.
    let refused = cluster.submit(1, &signed(&member(), "_identity", "nonsense", vec![], 3, 100)).await;
    assert_eq!(refused.outcome, Outcome::InvalidArgument);
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_tells_and_changes_nothing() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    assert_eq!(cluster.submit(1, &register(1, 100)).await.outcome, Outcome::Valid);
    let mut gateway = cluster.gateway(1).await;
    let mut rehearse = async |transactions: Vec<Transaction>| {
        let requests = transactions.iter().map(|one| RehearseRequest { transaction: encode(one).into() });
        let requests: Vec<RehearseRequest> = requests.collect();
        gateway.rehearse(tokio_stream::iter(requests)).await.map(tonic::Response::into_inner)
    };
    // The second of the same name comes to nothing, because of the first; the third was there before.
    let mut again = register(2, 0);
    again.body.nonce = theriac_types::Nonce(9);
    again.signature = member().sign(theriac_crypto::names::tx_id(&again.body));
    let tried = rehearse(vec![register(2, 0), again, register(1, 0)]).await.unwrap();
    let receipts: Vec<Receipt> = tried.receipts.iter().map(|bytes| decode(bytes, 1 << 20).unwrap()).collect();
    assert_eq!(receipts[0].outcome, Outcome::Valid);
    assert!(receipts[1..].iter().all(|receipt| receipt.outcome != Outcome::Valid), "{receipts:?}");
    assert!(receipts.iter().all(|receipt| receipt.height.0 == tried.height + 1));
    // Nobody knows the member that was only tried.
    let mut ledger = LedgerClient::new(cluster.channel(1).await);
    let key = member_key(&"org/member-2".parse().unwrap());
    let state = StateRequest { chaincode: "_identity".to_owned(), key: key.key.to_vec().into(), height: None };
    assert_eq!(ledger.state(state).await.unwrap().into_inner().value, None);

    let stranger = MemberKey::from_bytes(&[9; 32]).unwrap();
    let foreign = signed(&stranger, "_identity", "x", vec![], 2, 0);
    for (row, transactions, expected) in [
        ("none", Vec::new(), "MALFORMED"),
        ("one that could be ordered", vec![register(2, 100)], "MALFORMED"),
        ("too many", (0..65).map(|_| register(2, 0)).collect(), "MALFORMED"),
        ("somebody else's key", vec![foreign], "NOT_A_MEMBER"),
    ] {
        assert_eq!(reason(&rehearse(transactions).await.unwrap_err()), expected, "{row}");
    }
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_proves_itself() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    let transaction = register(1, 100);
    let receipt = cluster.submit(2, &transaction).await;
    let mut gateway = cluster.gateway(2).await;
    let tx_id = theriac_crypto::names::tx_id(&transaction.body);
    assert_eq!(receipt.tx_id, tx_id);

    let status = CommitStatusRequest { tx_id: tx_id.0.0.to_vec().into(), no_wait: true };
    let status = gateway.commit_status(status).await.unwrap().into_inner().receipt.unwrap();
    assert_eq!(verify::receipt(&cluster.genesis, &status), receipt);
    let unknown = CommitStatusRequest { tx_id: vec![0; 32].into(), no_wait: true };
    assert_eq!(reason(&gateway.commit_status(unknown).await.unwrap_err()), "TRANSACTION_UNKNOWN");

    let id = "org/member-1".parse().unwrap();
    let query = |valid_until| {
        signed(
            &member(),
            "_identity",
            "member",
            encode(&LookUpMember { id: "org/member-1".parse().unwrap() }),
            9,
            valid_until,
        )
    };
    let request = EvaluateRequest { query: encode(&query(0)).into(), height: None };
    let answer = gateway.evaluate(request).await.unwrap().into_inner();
    let record: Option<MemberRecord> = decode(&answer.result, 1 << 20).unwrap();
    assert_eq!(record.unwrap().status, MemberStatus::Pending);
    let request = EvaluateRequest { query: encode(&query(50)).into(), height: None };
    assert_eq!(reason(&gateway.evaluate(request).await.unwrap_err()), "MALFORMED", "it could be submitted");

    let mut ledger = LedgerClient::new(cluster.channel(3).await);
    cluster.reaches(3, receipt.height.0).await;
    let key = member_key(&id).key.to_vec();
    let request =
        |key: &[u8], height| StateRequest { chaincode: "_identity".to_owned(), key: key.to_vec().into(), height };
    let present = ledger.state(request(&key, None)).await.unwrap().into_inner();
    let commitment = verify::commitment(&cluster.genesis, &present.commitment);
    verify::state(&commitment, "_identity", &key, present.value.as_deref(), &present.proof);
    assert!(present.value.is_some());
    let absent = ledger.state(request(b"m/org/nobody", None)).await.unwrap().into_inner();
    verify::state(&commitment, "_identity", b"m/org/nobody", None, &absent.proof);
    let future = ledger.state(request(&key, Some(1_000))).await.unwrap_err();
    assert_eq!(reason(&future), "BLOCK_UNKNOWN");

    let request = TransactionRequest { tx_id: tx_id.0.0.to_vec().into() };
    let found = ledger.transaction(request).await.unwrap().into_inner();
    let stored: Transaction = decode(&found.transaction, 1 << 21).unwrap();
    assert_eq!(stored, transaction);
    assert_eq!(verify::receipt(&cluster.genesis, &found.receipt.unwrap()), receipt);

    let request = BlockRequest { height: receipt.height.0, include_receipts: true };
    let block = ledger.block(request).await.unwrap().into_inner();
    let commitment = verify::commitment(&cluster.genesis, &block.commitment);
    assert_eq!(block.receipts.len(), decode::<Block>(&block.block, 1 << 22).unwrap().body.transactions.len());
    assert_eq!(commitment.height, receipt.height);
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keys_history_is_provable_version_by_version() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    cluster.submit(0, &register(1, 100)).await;
    let approve = theriac_ledger::system::identity::ApproveMember { id: "org/member-1".parse().unwrap() };
    let approve = signed(&member(), "_identity", "approve_member", encode(&approve), 2, 100);
    let receipt = cluster.submit(0, &approve).await;
    assert_eq!(receipt.outcome, Outcome::Valid, "{}", receipt.message);
    let mut ledger = LedgerClient::new(cluster.channel(0).await);
    let key = member_key(&"org/member-1".parse().unwrap()).key.to_vec();
    let request =
        KeyHistoryRequest { chaincode: "_identity".to_owned(), key: key.clone().into(), below: None, limit: 0 };
    let mut versions = ledger.key_history(request).await.unwrap().into_inner();
    let mut statuses = Vec::new();
    while let Some(version) = versions.message().await.unwrap() {
        let proven = version.receipt.unwrap();
        let receipt = verify::receipt(&cluster.genesis, &proven);
        assert_eq!(receipt.tx_id.0.0.to_vec(), version.tx_id);
        assert_eq!(receipt.height.0, version.height);
        let commitment = verify::commitment(&cluster.genesis, &proven.commitment);
        verify::state(&commitment, "_identity", &key, version.value.as_deref(), &version.state_proof);
        statuses.push(decode::<MemberRecord>(&version.value.unwrap(), 1 << 20).unwrap().status);
    }
    assert_eq!(statuses, [MemberStatus::Active, MemberStatus::Pending], "newest first");
    cluster.stop_all().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_and_events_resume_where_they_were_left() {
    let mut cluster = Cluster::new();
    cluster.start_all();
    for nonce in 1..=3 {
        cluster.submit(0, &register(nonce, 100)).await;
    }
    let mut gateway = cluster.gateway(0).await;
    let request = theriac_proto::gateway::v1::BlocksRequest { from: Some(2), include_receipts: false };
    let mut blocks = gateway.blocks(request).await.unwrap().into_inner();
    for height in 2..=3 {
        let message = blocks.message().await.unwrap().unwrap();
        assert_eq!(message.resume, height + 1);
    }
    // What is not there yet arrives when it is; where no event matches, a heartbeat says how far the stream is.
    let last = cluster.submit(0, &register(4, 100)).await;
    assert_eq!(blocks.message().await.unwrap().unwrap().resume, last.height.0 + 1);
    let request = EventsRequest {
        chaincode: "_identity".to_owned(),
        topics: Vec::new(),
        from: Some(Position { height: 1, index: 0 }),
        include_transactions: true,
    };
    let mut events = gateway.events(request).await.unwrap().into_inner();
    let message = events.message().await.unwrap().unwrap();
    assert_eq!(message.resume.unwrap().height, last.height.0 + 1);
    assert!(matches!(message.item, Some(Item::Heartbeat(heartbeat)) if heartbeat.certified_height == last.height.0));
    cluster.stop_all().await;
}
