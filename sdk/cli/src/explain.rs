//! Every code a person can meet, with what it means and what to do.
//!
//! The chaincode that judges medicines says itself what its codes mean: [`Refusal::CODES`], [`IdentifierError::CODES`].

use std::collections::BTreeSet;
use theriac_domain::{IdentifierError, Refusal};

/// A code's explanation.
#[derive(Debug, Clone, Copy)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do.
    pub action: &'static str,
}

/// Finds a code, in any case of letters.
pub fn find(code: &str) -> Option<Explanation> {
    all().find(|known| known.code.eq_ignore_ascii_case(code))
}

/// Every code once: outcomes, the gateway's reasons, this program's own, the refusals of trace and rules.
pub fn all() -> impl Iterator<Item = Explanation> {
    let mut seen = BTreeSet::new();
    EXPLANATIONS.iter().copied().chain(refusals()).filter(move |one| seen.insert(one.code))
}

/// What trace refuses. The first sentence says what a code means, the rest what to do.
fn refusals() -> impl Iterator<Item = Explanation> {
    Refusal::CODES.iter().chain(IdentifierError::CODES).map(|&(code, text)| {
        let (meaning, action) = text.split_at(text.find(". ").map_or(text.len(), |end| end + 1));
        Explanation { code, meaning, action: action.trim_start() }
    })
}

macro_rules! explanations {
    ($($code:literal, $meaning:literal, $action:literal;)+) => {
        const EXPLANATIONS: &[Explanation] =
            &[$(Explanation { code: $code, meaning: $meaning, action: $action }),+];
    };
}

explanations! {
    // Outcomes of a transaction.
    "VALID", "The transaction was executed and its changes took effect.", "Nothing.";
    "CHAINCODE_REJECTED", "The chaincode's rules refused; nothing changed.", "Read the chaincode's own code and sentence.";
    "OUT_OF_GAS", "The transaction needed more computation than one transaction may use; nothing changed.", "Split it into smaller ones.";
    "TRAPPED", "The chaincode broke off; nothing changed.", "Tell the chaincode's authors the transaction id.";
    "LIMIT_EXCEEDED", "A value, key, event, result or the memory was too large; nothing changed.", "Split the transaction.";
    "POLICY_UNSATISFIED", "A required signer or role is missing.", "Sign as an administrator, or have others sign too.";
    "PRECONDITION_FAILED", "A system chaincode found the state not ready for this.", "Look the present state up, then do what the sentence says.";
    "DUPLICATE", "This member has used this nonce before: the transaction was handed in already.", "Ask for the outcome: theriac tx status ID.";
    "EXPIRED", "The transaction was ordered after its last valid height, or is valid for too long.", "Make and sign it again.";
    "BAD_SIGNATURE", "The signature is not by the key the transaction names, or for another channel.", "Sign with the member's own key.";
    "NOT_A_MEMBER", "The signer is no active member, or this is not the member's key.", "Have an administrator register and another approve the member: theriac identity register.";
    "UNKNOWN_CHAINCODE", "No chaincode has this name.", "List them: theriac chaincode status.";
    "VERSION_NOT_ACTIVE", "The chaincode has no version in force.", "See who must still approve: theriac chaincode status NAME.";
    "FROZEN", "The chaincode is frozen: it can be asked, not changed.", "See why: theriac chaincode history NAME.";
    "INVALID_ARGUMENT", "The function does not exist, or the argument does not fit it.", "See its functions: theriac chaincode status NAME -o json.";
    // The gateway's reasons.
    "MALFORMED", "A field of the request does not decode.", "Use a client of the network's version.";
    "TRANSACTION_UNKNOWN", "This peer has not executed such a transaction.", "Wait: theriac tx wait ID. Or hand it in.";
    "BLOCK_UNKNOWN", "This height is not certified at this peer yet.", "Ask for a lower height, or later.";
    "STATE_PRUNED", "Proofs of that height are no longer kept, or this peer's history begins later.", "Ask for a newer height, or ask a peer that has been there for longer.";
    "AUDIT_BUSY", "A peer answers one question about the past at a time, and one of each member.", "Ask again in a while, or ask another peer.";
    "MIGRATION_NEEDED", "The package keeps its data in another form than the version that was in force, and offers no migration.", "Give it a migration, or judge newer blocks by it.";
    "MIGRATION_FAILED", "The package's migration does not come through on data that was there: its activation would be void.", "Do what the chaincode's own sentence says, and try again.";
    "QUOTA_EXCEEDED", "Too many transactions of this member wait for their outcome.", "Wait for some of them.";
    "ANSWER_TOO_LARGE", "The answer exceeds what one message may hold.", "Ask for less at once.";
    "NO_QUORUM", "Too few peers reach each other to order anything.", "Look at the peers: theriac network status. Try again when they are back.";
    "PEER_OBSERVES", "This peer only follows: it is no replica of the running epoch, or may have forgotten what it voted for.", "Hand it in at another peer. See theriac membership show.";
    "PENDING", "The transaction has no outcome yet.", "Ask again: theriac tx wait ID.";
    "PEER_STOPPING", "The peer is shutting down.", "Ask another one.";
    "PEER_FAILED", "The peer cannot do its part.", "Ask another one; look at its log.";
    "ORGANISATION_UNKNOWN", "No organisation has this name.", "List them: theriac identity list.";
    "MEMBER_UNKNOWN", "No member has this name.", "List them: theriac identity list ORGANISATION.";
    "PACKAGE_UNKNOWN", "No package has this id, or none of this name comes with the program.", "List versions: theriac chaincode history NAME.";
    // The client's own.
    "PEER_UNREACHABLE", "No peer of the context answers.", "Is the network up? theriac network status.";
    "DEADLINE_EXCEEDED", "No answer in time. What was handed in may still be executed.", "Ask for its outcome: theriac tx wait ID.";
    "OUTCOME_UNKNOWN", "The transaction was handed in, and no peer proved in time what came of it. It is executed once at most, and may have been already.", "Settle it: theriac tx wait ID. Do not sign it anew before: that would be a second transaction.";
    "PEERS_BEHIND", "No peer shows a state as new as one that this client has seen already.", "Try again: the peers are catching up. See theriac network status.";
    "VERIFICATION_FAILED", "A peer's answer does not prove what it claims. That peer lies, is damaged, or is of another network.", "Do not use the answer. Ask another peer, and tell its operator.";
    "SIGNER_FAILED", "The key did not sign.", "Look at the device or file that holds it.";
    "INVALID_REQUEST", "The request cannot be made like this.", "Do what the sentence says.";
    // What the chaincode of this repository refuses besides.
    "RULE_INVALID", "The values of a rule contradict each other, or are out of bounds.", "Correct what the message names.";
    // What chaincode about reports refuses.
    "DOCUMENT_NOT_SHARED", "Another organisation anchored the document, and no record shares it with yours.", "Ask that organisation to attach it, or to share it.";
    "NOT_CONCERNED", "Your organisation is nothing to the subject that would let it attach such a record.", "Leave the subject out, or have it attached by somebody who may: see query policy.";
    "DECISION_DENIED", "Your organisation may inform about the goods, and not decide whether they may be used.", "Attach it with outcome INFORMATION, or ask somebody who decides: see query policy.";
    "RECORD_CLOSED", "The record was superseded or withdrawn already.", "Look at its history; act on the record that holds.";
    "READ_DENIED", "You are not among the record's readers.", "Ask the organisation that attached it.";
    "RECORD_INVALID", "A part of the record is missing or out of its form.", "Correct what the message names.";
    "RECORD_LIMIT", "The record, or the question, holds more than it may.", "Shorten what the message names, or make two of it.";
    "OUTCOME_CONTRADICTED", "The outcome says RELEASED, and a test has failed.", "Correct one of them.";
    "IDENTIFIER_TAKEN", "The document's number names another document in a record that holds.", "Take another number, or supersede that record.";
    "REPORT_MISSING", "The rules ask for a report before goods are released, and no valid one is about them.", "Have one attached to the unit, its lot or its container.";
    "REPORT_REJECTS", "A valid report rejects the goods, or sets a condition.", "Look at the record; whoever attached it supersedes it when the reason is gone.";
    // Labels.
    "LABEL_EMPTY", "There is nothing that a symbol could hold.", "Give it elements, such as (01)GTIN(21)SERIAL.";
    "LABEL_TOO_LONG", "A symbol does not hold as much: GS1-128 has room for 48 characters, DataMatrix and QR code for some two thousand.", "Leave elements out, or take a DataMatrix instead of a GS1-128.";
    "LABEL_TOO_WIDE", "One element makes a bar code that is wider than the 165 mm that a logistic label has.", "Put that element into a DataMatrix.";
    "LABEL_LINK_BASE", "No Digital Link can begin with this address.", "Write scheme and host, and perhaps a path: https://id.example.org.";
    "LABEL_MODULE_WIDTH", "Modules of this width cannot be printed.", "Choose 0.1 mm to 10 mm; 0.38 mm suits packs, 0.495 mm logistic labels.";
    "LABEL_IMAGE_SIZE", "The image would have no pixels, or more than 8,192 along a side.", "Choose as many pixels per module as the message names.";
    // Documents of events.
    "XML_SYNTAX", "The document is no XML that documents of events may be.", "Correct the place that the message names.";
    "JSON_SYNTAX", "The document is no JSON.", "Correct the place that the message names.";
    // What partners in the United States send each other.
    "DSCSA_VALIDATION", "The document is no exception report, response or master data as they have to be.", "Correct the place that the message names.";
    "PDG_INCOMPLETE", "An exception report needs something that the ledger does not have.", "Add the option that the message names.";
    "PDG_OTHER_CASE", "The message is about another case.", "Take the case that it answers: theriac trace case list.";
    "PDG_ITEM_UNKNOWN", "The message answers an item that no report about this case had.", "Ask the sender which report it answers.";
    "PDG_NOTHING_TO_OPEN", "The report says that its case is resolved, or tells of nothing that differs.", "Hand it to the case it belongs to: theriac trace case answer NUMBER --pdg FILE.";
    "PDG_KIND_UNCLEAR", "The report tells in words alone what is wrong.", "Say what the case is about: theriac trace case open damaged --pdg FILE.";
    "PDG_REPEATED", "The message was taken before; the case has what it says.", "Nothing is left to do.";
    "TI_NO_TRANSACTION", "The shipment changes no owner, so there is no transaction to tell of.", "Name the shipment with which the goods were sold.";
    // How chaincode changes.
    "OTHER_DEFINITION", "What was to be approved is not what was proposed.", "Look at the version again: theriac chaincode status NAME -o json. Then approve that.";
    "MIGRATION_MISSING", "The version keeps its data in another form, and the package that would have to migrate it offers no way there.", "Give the package a migration, or keep the form of the data.";
    "INDEX_NOT_FILLED", "The version declares indexes over entries that are there and that would be missing from them.", "Raise the form of the data, and give the package a migration that puts the entries again.";
    "ACTIVATION_PENDING", "The version is decided and its height is not reached yet.", "Wait: it comes into force by itself.";
    "ACTIVATION_VOID", "The version was decided, but its migration failed: nothing changed, and the old version is in force.", "See why: theriac chaincode history NAME. Mend the migration and propose it again.";
    "APPROVALS_MISSING", "The version waits for approvals.", "See whose: theriac chaincode status NAME.";
    "POLICY_SYNTAX", "The text is no policy.", "Correct the place that the message names. Example: maker and (role:regulator or 2 of (carrier, pharmacy)).";
    "POLICY_UNKNOWN", "The ledger has no lifecycle policy.", "Use a client of the network's version.";
    // Documents.
    "DOCUMENT_NAME_INVALID", "The document's CID, SHA-256, file name or media type is none, or they do not fit each other.", "Correct what the message names.";
    "DOCUMENT_ANCHORED", "The ledger names this document already.", "Nothing is left to do.";
    "DOCUMENT_UNKNOWN", "The ledger names no such document.", "Check its CID, or anchor it.";
    "RECEIPTS_TOO_FEW", "Too few peers showed that they hold the documents.", "Put them at a peer, and take the receipts that it collects: theriac document put.";
    "RECEIPT_OF_STRANGER", "A storage receipt is of no peer of the running epoch.", "Collect the receipts again.";
    "RECEIPT_REPEATED", "Two storage receipts are of the same peer.", "Collect the receipts again.";
    "RECEIPT_INVALID", "A storage receipt is for other documents, or not its peer's own.", "Collect the receipts again.";
    "RECEIPTS_OF_OTHER_EPOCH", "The storage receipts are of an epoch that does not run.", "Collect the receipts again.";
    "RECEIPTS_EXPIRED", "The storage receipts are too old.", "Collect the receipts again.";
    "DOCUMENT_NOT_SEALED", "The document is not encrypted for named readers.", "Nothing is to be shared or erased: every member whom its guard lets reads it.";
    "DOCUMENT_ERASED", "The document's keys were destroyed.", "Nobody opens it any more. Who kept a copy of the file can still show that it is the one that the ledger names.";
    "READERS_CHANGED", "Somebody else changed the document's readers meanwhile.", "Look at them with theriac document stat CID, and do it again.";
    "COPIES_TOO_MANY", "More copies are asked for than there are peers.", "Ask for as many as there are peers at most.";
    "IDENTITY_MISSING", "Somebody has to be named who does this.", "Name the member: --as ORGANISATION/MEMBER, or --identity FILE.";
    "DOCUMENT_RECEIVED", "The organisation confirmed already that it received the document.", "Nothing is left to do.";
    // Sealed documents and their readers.
    "SEALED_FORMAT", "The file is no sealed document.", "Take the file that sealing wrote, unchanged.";
    "SEALED_VERSION", "The document, a wrapped key or the list of readers is of a version that this program does not know.", "Use a newer program.";
    "SEALED_KEY_WRONG", "The key is not the one the document was sealed with, or the document's first bytes were altered.", "Take the list of readers that belongs to this document, or fetch the document anew.";
    "SEALED_DAMAGED", "The sealed document was altered, cut off or put together from others.", "Use nothing of what was read of it, and fetch it anew.";
    "SEALED_TOO_LARGE", "The document is longer than one sealed document may be.", "Split it.";
    "SEALED_RANGE", "The bytes asked for are not in the document.", "Ask for bytes within the length that the message names.";
    "WRAPPED_KEY_WRONG", "The wrapped key was altered, or wrapped for another document, channel, reader or key.", "Have somebody who can read the document add you again.";
    "READER_KEY_INVALID", "The key is none to wrap anything for.", "Take the reader's key from the ledger: theriac identity list ORGANISATION.";
    "READER_UNKNOWN", "The document's key was not wrapped for this member.", "Have somebody who can read the document add the member.";
    "READER_KEY_REPLACED", "The document's key was wrapped for another key of this member.", "Open it with that key, or have somebody who can read the document add the member again.";
    "READERS_FULL", "The document has as many readers as one may have.", "Remove one who need not read it.";
    "READERS_FORMAT", "The file is no list of readers.", "Take the one that was written when the document was sealed.";
    "READERS_OTHER_DOCUMENT", "The list of readers is that of another document or channel.", "Take the list that belongs to the document.";
    // Why a package of chaincode is refused.
    "PACKAGE_MALFORMED", "The package is no valid WebAssembly module.", "Build it anew: theriac chaincode build.";
    "PACKAGE_FEATURE", "The package uses a part of WebAssembly that contracts may not use.", "Build it with stable Rust for wasm32-unknown-unknown, without extra target features.";
    "PACKAGE_FLOATS", "The package computes with floating-point numbers, which need not give the same result everywhere.", "Compute with whole numbers.";
    "PACKAGE_LIMIT", "The package, or a part of it, is larger than allowed.", "Make smaller what the message names.";
    "PACKAGE_START", "The package runs code as soon as it is loaded.", "Remove its start function.";
    "PACKAGE_STRUCTURE", "The package holds a part that a contract may not have.", "Remove what the message names.";
    "PACKAGE_IMPORT", "The package asks for a function that no peer offers.", "Remove the call that the message names: contracts reach only theriac:chaincode.";
    "PACKAGE_INTERFACE", "The package lacks a function that every contract has, or has it in another shape.", "Build it against the network's version of theriac:chaincode.";
    "PACKAGE_METERING", "The peer could not inject metering into the package: a mistake of the peer's own.", "Report the package to whoever makes the peers' software.";
    "PACKAGE_DESCRIPTION", "The contract's description of itself cannot be read.", "Correct what the message names.";
    "PACKAGE_COMPILE", "The package cannot be compiled.", "Tell its authors the message.";
    "NAME_INVALID", "A chaincode project cannot have this name.", "Take a word of a-z, 0-9, - and _ that begins with a letter.";
    "FOLDER_OCCUPIED", "The folder for the new project holds something already.", "Name another one: --folder DIR.";
    "SDK_MISSING", "The SDK that chaincode is written with was not found.", "Name its folder with --sdk, or a repository with --sdk-git.";
    "PROJECT_MISSING", "There is no Cargo project in the folder.", "Go into the project's folder, or name it; theriac chaincode new NAME makes one.";
    "TARGET_MISSING", "The compiler lacks the standard library for the sandbox.", "In the project's folder: rustup target add wasm32-unknown-unknown.";
    "TESTS_FAILED", "A test of the chaincode project did not pass.", "Read what it says above.";
    "SANDBOX_FAILED", "The sandbox or the ledger in memory did not work on this machine.", "Do what the sentence says.";
    "PACKAGE_REFUSED", "The package cannot be deployed.", "Correct what the message names.";
    "BUILD_DIFFERS", "The source does not give the package that is on the ledger.", "Take the source, lock file and toolchain that the version names: theriac chaincode history NAME. Then ask who proposed it.";
    "DOSSIER_UNKNOWN", "The file is no dossier and no history, or is cut off.", "Take the file that theriac tx rules --out or theriac trace history --proof --out wrote.";
    "DOSSIER_BROKEN", "A part of the dossier or history is not what it claims to be: it was altered, or is about another network.", "Do not rely on it. Have it made anew: theriac tx rules ID --out FILE, or theriac trace history CODE --proof --out FILE. Take the network's own genesis.";
    "CHECKPOINT_FOREIGN", "The checkpoint file belongs to another network, chaincode or choice of topics.", "Name another file, or ask for what it was made for.";
    "REPLAY_DIFFERS", "A peer executed past transactions again and they did not come out as they are committed.", "That peer's disk or software is not what it was: ask another peer, and tell its operator.";
    "BUILD_FAILED", "The chaincode does not build.", "Correct what the compiler says.";
    // What evidence says that a replica did. Honest replicas do none of it, whatever crashes or is slow.
    "EQUIVOCATION", "As primary the replica signed two different proposals for one slot.", "Ask who runs it. Its key may be in two places, or in wrong hands: theriac membership replace.";
    "CONFLICTING_VOTES", "The replica voted for two different bodies in one slot of one view.", "Ask who runs it whether it lost its log or runs twice, and replace it: theriac membership replace.";
    "BROKEN_PROMISE", "The replica voted in a view that it had promised to leave.", "Ask who runs it whether it was set back to an older disk, and replace it: theriac membership replace.";
    "CONFLICTING_VIEW_CHANGES", "The replica signed two different view-changes for one view.", "Ask who runs it whether it lost its log or runs twice, and replace it: theriac membership replace.";
    "INVALID_VIEW_CHANGE", "The replica signed a view-change whose certificates or claims cannot be.", "Ask who runs it which software it runs; replace it when it goes on.";
    "INVALID_NEW_VIEW", "As primary the replica signed a new-view that no honest primary makes.", "Ask who runs it which software it runs; replace it when it goes on.";
    "BAD_TIME", "As primary the replica proposed a time far from this peer's clock.", "Compare both clocks, and set the wrong one.";
    "BAD_SHARE", "The replica sent a vote that does not verify.", "Ask who runs it whether it has the right key and configuration.";
    "BAD_CERTIFICATE", "The replica sent a certificate that does not verify.", "Ask who runs it which software it runs.";
    "DIVERGENT_STATE", "The replica voted for another state than the certified one.", "Its disk or software is damaged: have it replaced, theriac membership replace.";
    "BAD_TRANSFER", "The replica served a part of the state that is not the certified one.", "Its disk or software is damaged: have it replaced, theriac membership replace.";
    // This program's own.
    "NETWORK_EXISTS", "A network runs in this folder already.", "Use it, stop it with theriac network down, or name another folder.";
    "NETWORK_MISSING", "There is no network in this folder.", "Start one: theriac network up --dir DIR.";
    "NETWORK_BUSY", "Another command is changing this network.", "Wait for it.";
    "FOLDER_NOT_EMPTY", "The folder holds other things.", "Name an empty or new folder.";
    "PROPOSAL_UNKNOWN", "No change of the replicas has this number.", "List them: theriac membership status.";
    "REPLICA_UNKNOWN", "The running epoch has no replica of this number.", "List them: theriac membership show.";
    "NETWORK_SIZE", "So many replicas make no network: it takes 3f + 2c + 1 of them.", "Take 4, 6, 7, 8, 9, 10 or more.";
    "INVARIANT_VIOLATED", "A simulated run broke a rule that must always hold: a defect of this software.", "Tell its authors the seed and the other arguments.";
    "FILE_FAILED", "A file cannot be read or written.", "See its path and permissions.";
    "FILE_INVALID", "A file does not hold what it should.", "Make it anew.";
    "PEER_STOPPED", "A peer ended at its start.", "Read its log: theriac network logs N.";
    "PEER_UNKNOWN", "This network has no peer of this number.", "List them: theriac network status.";
    "NETWORK_TIMEOUT", "Something that the local network was to do has not happened in time.", "Look at it: theriac network status, theriac network logs N. Then try again.";
    "NETWORK_DAMAGED", "The notes in the network's folder cannot be read.", "Remove the folder, and start a new network.";
    "KEY_UNKNOWN", "The world state holds nothing under this key; proven.", "List keys: theriac state range CHAINCODE.";
    "KEY_EXPOSED", "A file with a secret can be read by others.", "chmod 600 FILE.";
    "KEY_FOREIGN", "The consensus key is not that of the replica named in the configuration.", "Take that replica's key file, or correct `replica`.";
    "GENESIS_INVALID", "The genesis is damaged, or no network can start from it.", "Take the genesis file that the other peers have.";
    "DATA_FOLDER_FOREIGN", "The data folder belongs to another network or replica.", "Correct `data` in the peer's configuration.";
    "STORE_DAMAGED", "What is in the peer's data folder cannot be read back.", "Restore it from a copy, or let the peer come back under a new key: theriac peer init, theriac membership replace.";
    "STORE_FAILED", "The peer's data folder cannot be used.", "Look at the disk, and start the peer again.";
    "LOG_IO", "The peer's write-ahead log cannot be read or written.", "Look at the disk, and start the peer again.";
    "LOG_DAMAGED", "The peer's write-ahead log is damaged before its end: what it voted for is not known for sure.", "Let the peer come back under a new key: theriac peer init, theriac membership replace.";
    "LOG_SEGMENT_MISSING", "A file of the peer's write-ahead log is missing.", "Put it back, or let the peer come back under a new key: theriac peer init, theriac membership replace.";
    "LOG_EPOCH", "The write-ahead log is of a later epoch than the peer's configuration.", "Start the peer with the configuration that it ran with last.";
    "LOG_RECORD_TOO_LONG", "A record exceeds what the write-ahead log takes: a defect of this software.", "Tell its authors the message.";
    "LOG_FAILED", "The write-ahead log failed, and the peer stopped.", "Look for the first error in the peer's log; start it again.";
    "REPLICA_HALTED", "The replica found its state in contradiction to a certified one, and stopped.", "Its disk or software is damaged: let the peer come back under a new key, theriac peer init, theriac membership replace.";
    "PEER_STATE", "The peer is not in the state that this needs.", "See it: theriac network status.";
    "NO_FREE_PORTS", "No free ports were found on loopback.", "Stop what uses them.";
    "ADDRESS_UNAVAILABLE", "A peer cannot listen on its address; most likely its port is in use.", "Stop whoever uses the port, or change it in the configuration.";
    "DATA_FOLDER_IN_USE", "Another process uses the peer's data folder.", "Stop it, or give this peer a folder of its own.";
    "DISK_FULL", "The disk of the peer's data folder is full.", "Make room and start the peer again; nothing acknowledged is lost.";
    "DISK_READ_ONLY", "The peer's data folder cannot be written.", "Correct its permissions or mount, and start the peer again.";
    // Documents, named by what they hold.
    "DOCUMENT_TOO_LONG", "The document is longer than any may be.", "Store it in parts.";
    "DOCUMENT_SOURCE", "The document could not be read to its end.", "Hand it in again.";
    "DOCUMENT_SINK", "Whoever was to take the document did not.", "See that there is room, and read it again.";
    "DOCUMENT_RANGE", "The part asked for goes beyond the document's end.", "Ask for a part of it.";
    "DOCUMENT_NO_SOURCE", "No peer that can be reached has what is missing of the document.", "Ask again when more peers are back: theriac document stat CID.";
    "DOCUMENT_BEGUN", "The document is being fetched.", "Ask again in a while.";
    "DOCUMENT_READER_REFUSED", "The chaincode that guards the document does not let you have it.", "Have its owner name you as a reader.";
    "DOCUMENT_NOT_HELD", "The document is not kept here.", "Ask a peer that holds it.";
    "DOCUMENT_NOT_WHOLE", "Parts of the document are not here, or no more.", "Wait until it is fetched, or ask another peer that holds it.";
    "DOCUMENT_DAMAGED", "The disk gave other bytes than were written; nothing of them was handed out.", "Fetch the document again, and look at the disk.";
    "DOCUMENT_BLOCK_MISSING", "A part of the document was removed from the disk.", "Fetch the document again, and look at the disk.";
    "DOCUMENT_TREE", "The document was not cut as its name promises.", "Have its owner store and anchor it anew.";
    "DOCUMENT_BLOCK_WRONG", "A peer sent other bytes than it was asked for.", "Turn to another peer.";
    "DOCUMENT_BLOCK_UNASKED", "A part came that nobody waits for.", "Hand in what is missing.";
    "DOCUMENT_MISMATCH", "The document has another length or SHA-256 than was said of it.", "Do not take it, and have its owner anchor it anew.";
    "DOCUMENT_ARCHIVE", "The file is no archive of one whole document.", "Have it exported again.";
    "DOCUMENT_QUOTA", "The documents would take more room than they may.", "Raise the quota, or wait for a collection.";
    "FILE_EXISTS", "A file is where the result would go, and nothing was replaced.", "Choose another name with --out, or replace the file with --force.";
    "DOCUMENT_FOLDER_IN_USE", "Another process has the folder of documents.", "Stop that, or take a folder of its own.";
    "DOCUMENT_FOLDER_FORMAT", "Another version wrote the folder of documents.", "Use the version that wrote it, or an empty folder.";
    "DOCUMENT_DISK_FULL", "The disk with the documents is full.", "Make room, and store the document again.";
    "DOCUMENT_FOLDER", "The folder of documents cannot be used.", "Look at the disk and at its permissions.";
    "CONFIG_INVALID", "The peer's configuration is wrong.", "Correct what the message names.";
    "CONTEXT_INVALID", "The context cannot be used.", "Choose another: theriac context list.";
    "IDENTITY_INVALID", "The identity file cannot be used.", "Choose another with --as or --identity, or make one: theriac identity new.";
    "SEVERAL_SIGNERS", "The events happened at several organisations, so that no one signature makes all take effect or none.", "Name the signer with --as, or leave out --on-error rollback.";
    "NO_SIGNER", "Nobody here can sign an event of the document.", "Name the signer: --as ORGANISATION/MEMBER.";
    "CODE_UNKNOWN", "There is no such code.", "List all: theriac explain.";
    "VERSION_UNKNOWN", "The chaincode has no version of this number.", "List versions: theriac chaincode history NAME.";
    "FILE_UNREADABLE", "A file cannot be read.", "See its path and permissions.";
    "KEYS_FAILED", "Keys or certificates could not be made.", "Do what the sentence says, and try again.";
    "PROCESS_FAILED", "The process of a peer could not be started, watched or told.", "See the sentence, and the peer's log: theriac network logs N.";
    "EXECUTION_FAILED", "A peer could not execute a block, and stopped rather than guess.", "Look at its log and disk, and start it again.";
    "STORE_UNUSABLE", "The peer's data folder has another version's format, was left half made, or holds other things.", "Do what the sentence says: start the version that made it, name another folder, or let the peer come back under a new key: theriac peer init, theriac membership replace.";
    "AMNESIA", "The peer may have forgotten what it voted for, and only follows until it has a new key.", "theriac peer init, theriac membership replace.";
    "OUTPUT_FAILED", "The output could not be written.", "See where it goes: a full disk, or a pipe that was closed.";
    "RUNTIME_FAILED", "The operating system gave this program no threads.", "Raise the limit of processes, and try again.";
    "EXECUTABLE_UNKNOWN", "This program cannot find its own file, which peers are started from.", "Start it by its full path.";
    "INTERRUPTED", "The command was broken off.", "Look at what is there: theriac network status.";
    "UNEXPECTED", "A step did not come out as it must.", "Tell the authors of this software what you did and what the sentence says.";
    // What a server that is no peer, or of another version, may answer.
    "CANCELLED", "The request was given up before its answer.", "Ask again.";
    "UNKNOWN", "The server gave no reason.", "Ask another peer.";
    "NOT_FOUND", "The server has no such thing.", "Look for a mistake in the name.";
    "ALREADY_EXISTS", "There is such a thing already.", "Use it, or choose another name.";
    "PERMISSION_DENIED", "The server does not allow this.", "Ask who runs it.";
    "RESOURCE_EXHAUSTED", "The server is at a limit.", "Ask for less, or later.";
    "FAILED_PRECONDITION", "The server is not ready for this.", "Do what the sentence says.";
    "ABORTED", "Something else came in between.", "Ask again.";
    "OUT_OF_RANGE", "The request asks for what lies beyond the end.", "Ask for less.";
    "UNIMPLEMENTED", "The server does not know this request: it is of another version, or no peer.", "See its address: theriac context show.";
    "INTERNAL", "The server failed.", "Ask another peer; tell who runs it.";
    "UNAVAILABLE", "The server cannot be reached or is stopping.", "Ask another peer, or later.";
    "DATA_LOSS", "The server's data is damaged.", "Ask another peer; tell who runs it.";
    "UNAUTHENTICATED", "The server does not know who asks.", "See the certificates of the context: theriac context show.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::Outcome;

    #[test]
    fn every_outcome_is_explained_and_no_code_twice() {
        for outcome in Outcome::ALL {
            assert!(find(outcome.code()).is_some(), "{outcome}");
        }
        let own: BTreeSet<_> = EXPLANATIONS.iter().map(|one| one.code).collect();
        assert_eq!(own.len(), EXPLANATIONS.len());
        assert!(refusals().all(|refusal| !own.contains(refusal.code)), "the chaincode says it itself");
        assert!(find("not_holder").is_some() && find("NONSENSE").is_none());
    }

    #[test]
    fn a_refusal_says_what_it_means_and_what_to_do() {
        for Explanation { code, meaning, action } in refusals() {
            let is_sentence = |text: &str| text.ends_with('.') && text.contains(' ');
            assert!(is_sentence(meaning) && is_sentence(action), "{code}: {meaning:?} {action:?}");
        }
        let unknown = find("LOT_UNKNOWN").map(|one| (one.meaning, one.action));
        let expected = ("Nothing of this lot was commissioned on this ledger.", "Check the lot number.");
        assert_eq!(unknown, Some(expected));
    }
}
