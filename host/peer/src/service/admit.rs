//! The gateway's look at a transaction before it is ordered: what would surely come to nothing is refused at once.
//!
//! The verdict that counts is the ledger's, at execution. Refusing here only spares the client the wait; what this peer
//! cannot be sure of passes.

use crate::core::Core;
use crate::refusal::Refusal;
use theriac_crypto::Verified;
use theriac_ledger::system::lifecycle::Propose;
use theriac_ledger::system::{DOCUMENTS, IDENTITY, LIFECYCLE, MEMBERSHIP, identity, lifecycle};
use theriac_ledger::{BlockStore, ReadError, StateKey, StateReader, TransactionPlace};
use theriac_types::limits::{SYSTEM_VALUE_BYTES_MAX, TRANSACTION_BYTES_MAX, VALIDITY_BLOCKS_MAX};
use theriac_types::{
    ChaincodeName, Creator, Height, MemberRecord, MemberStatus, Organisation, PackageId, Transaction, decode,
};

/// Decodes a transaction and checks its signatures and channel.
pub fn check_signed(core: &Core, field: &'static str, bytes: &[u8]) -> Result<Verified<Transaction>, Refusal> {
    let transaction: Transaction = decode(bytes, TRANSACTION_BYTES_MAX).map_err(Refusal::undecodable(field))?;
    let verified = core.verifier.check(transaction)?;
    if verified.body.channel != core.channel {
        let (found, expected) = (verified.body.channel.clone(), core.channel.clone());
        return Err(Refusal::OtherChannel { id: verified.id(), found, expected });
    }
    Ok(verified)
}

/// Decodes and checks a transaction that nobody may order: a question.
pub fn check_question(core: &Core, field: &'static str, bytes: &[u8]) -> Result<Verified<Transaction>, Refusal> {
    let asked = check_signed(core, field, bytes)?;
    if asked.body.valid_until != Height(0) {
        let reason = "a question must have valid_until 0, so that nobody can submit it as a transaction";
        return Err(Refusal::malformed(field, reason));
    }
    Ok(asked)
}

/// Whether a question is for the document service, and for this call of it.
pub fn check_document_question(question: &Verified<Transaction>, function: &str) -> Result<(), Refusal> {
    let body = &question.body;
    if body.chaincode.as_str() != DOCUMENTS || body.function.as_str() != function {
        let reason = format!("it must be of {DOCUMENTS}, function {function}");
        return Err(Refusal::malformed("question", reason));
    }
    Ok(())
}

/// Decodes and checks a transaction that is to be ordered.
pub fn check_submission(core: &Core, bytes: &[u8]) -> Result<Verified<Transaction>, Refusal> {
    let transaction = check_signed(core, "transaction", bytes)?;
    let head = core.chain.head().height;
    check_time(&transaction, head)?;
    check_replay(core, &transaction)?;
    for signer in [&transaction.body.creator].into_iter().chain(transaction.cosignatures.iter().map(|c| &c.signer)) {
        check_member(core, signer, head)?;
    }
    check_chaincode(core, &transaction.body.chaincode, head)?;
    Ok(transaction)
}

/// The package that a transaction proposes, when it does.
pub fn proposed_package(transaction: &Transaction) -> Option<PackageId> {
    let body = &transaction.body;
    let proposes = body.chaincode.as_str() == LIFECYCLE && body.function.as_str() == "propose";
    let call = proposes.then(|| decode::<Propose>(&body.args, TRANSACTION_BYTES_MAX).ok()).flatten()?;
    Some(call.definition.package)
}

/// Waits until a package is compiled that was uploaded. Whoever uploads and proposes at once would otherwise have the
/// block wait in which it comes into force.
pub fn make_ready(core: &Core, package: PackageId) -> Result<(), Refusal> {
    let (store, head) = (core.chain.store(), core.chain.head().height);
    let key = lifecycle::module_key(&package);
    // What was never uploaded is refused at execution, with a sentence of its own.
    if let Some(module) = store.get(&key, head)? {
        core.engine.make_ready(package, &|| Ok(module.clone()));
    }
    Ok(())
}

fn check_time(transaction: &Verified<Transaction>, head: Height) -> Result<(), Refusal> {
    let (next, valid_until) = (head.next(), transaction.body.valid_until);
    let latest = next.saturating_add(VALIDITY_BLOCKS_MAX);
    if valid_until < next || valid_until > latest {
        return Err(Refusal::Expired { id: transaction.id(), valid_until, next, latest });
    }
    Ok(())
}

fn check_replay(core: &Core, transaction: &Verified<Transaction>) -> Result<(), Refusal> {
    let (store, id) = (core.chain.store(), transaction.id());
    if let Some(TransactionPlace { height, index }) = store.place(id)? {
        let outcome = store.receipt(id)?.map(|receipt| receipt.outcome);
        return Err(Refusal::Duplicate { id, height, index, outcome });
    }
    let body = &transaction.body;
    match store.replayed(&body.creator.member, body.nonce)? {
        Some(TransactionPlace { height, index }) => Err(Refusal::Duplicate { id, height, index, outcome: None }),
        None => Ok(()),
    }
}

/// Whether a signer is an active member, as far as this peer knows.
pub fn check_member(core: &Core, signer: &Creator, head: Height) -> Result<(), Refusal> {
    let member = &signer.member;
    let record: Option<MemberRecord> = read(core, &identity::member_key(member), head)?;
    let organisation: Option<Organisation> = read(core, &identity::organisation_key(&member.org), head)?;
    let active = organisation.is_some_and(|organisation| organisation.status == MemberStatus::Active);
    let message = match record.filter(|record| active && record.status == MemberStatus::Active) {
        Some(record) if record.key == signer.key => return Ok(()),
        Some(_) => format!("the key {} is not that of {member}: sign with the member's current key", signer.key),
        None => format!(
            "{member} is not an active member of an active organisation: have an administrator of {} register and \
             approve it",
            member.org
        ),
    };
    Err(Refusal::NotAMember { message })
}

fn check_chaincode(core: &Core, name: &ChaincodeName, head: Height) -> Result<(), Refusal> {
    let known = match name.as_str() {
        DOCUMENTS | IDENTITY | LIFECYCLE | MEMBERSHIP => true,
        _ if name.is_system() => false,
        _ => core.chain.store().get(&lifecycle::chaincode_key(name), head)?.is_some(),
    };
    if known { Ok(()) } else { Err(Refusal::UnknownChaincode { name: name.to_string() }) }
}

/// Reads a record of a system chaincode.
pub fn read<T: borsh::BorshDeserialize>(core: &Core, key: &StateKey, at: Height) -> Result<Option<T>, Refusal> {
    let bytes = core.chain.store().get(key, at)?;
    bytes.map(|bytes| parse_record(key, &bytes)).transpose()
}

/// Decodes a record of a system chaincode.
pub fn parse_record<T: borsh::BorshDeserialize>(key: &StateKey, bytes: &[u8]) -> Result<T, Refusal> {
    decode(bytes, SYSTEM_VALUE_BYTES_MAX)
        .map_err(|error| ReadError::Corrupt { what: format!("the record {key:?}"), reason: error.to_string() }.into())
}
