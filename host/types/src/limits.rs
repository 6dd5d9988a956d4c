//! Every maximum of the protocol, in one place, with the relations that must hold between them.

use crate::Budget;

/// Longest name of a channel, organisation, member, chaincode or function, in bytes.
pub const NAME_BYTES_MAX: usize = 64;
/// Longest argument of one transaction, in bytes. Holds a chaincode package.
pub const ARGS_BYTES_MAX: usize = 1024 * 1024;
/// Largest chaincode package, in bytes: it travels in a transaction's argument together with a proposal.
pub const PACKAGE_BYTES_MAX: usize = ARGS_BYTES_MAX - 4096;
/// Largest encoded transaction, in bytes.
pub const TRANSACTION_BYTES_MAX: usize = ARGS_BYTES_MAX + 8192;
/// Most co-signatures on one transaction.
pub const COSIGNATURES_MAX: usize = 16;
/// Most transactions in one block.
pub const BLOCK_TRANSACTIONS_MAX: usize = 1024;
/// Largest encoded block body, in bytes.
pub const BLOCK_BYTES_MAX: usize = 3 * 1024 * 1024;
/// Largest frame between peers, in bytes.
pub const FRAME_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How many blocks ahead of the current height a transaction's `valid_until` may lie. Bounds the replay table.
pub const VALIDITY_BLOCKS_MAX: u64 = 4096;
/// Slots from one checkpoint to the next: checkpoint slots are the multiples of it. An epoch ends with one.
pub const CHECKPOINT_SLOTS: u64 = 128;
/// Slots above the last stable checkpoint that a replica votes on. Bounds its memory.
pub const WINDOW_SLOTS: u64 = 256;
/// Most levels of a policy, one within the other.
pub const POLICY_DEPTH_MAX: usize = 8;
/// Most parts of a policy.
pub const POLICY_NODES_MAX: usize = 64;
/// Longest text of a policy that is read, in bytes.
pub const POLICY_TEXT_BYTES_MAX: usize = 16 * 1024;
/// Most functions of one chaincode.
pub const CHAINCODE_FUNCTIONS_MAX: usize = 256;
/// Most functions with an endorsement policy of their own.
pub const DEFINITION_POLICIES_MAX: usize = 64;
/// Largest encoded definition, in bytes.
pub const DEFINITION_BYTES_MAX: usize = 64 * 1024;
/// How many blocks ahead an activation may be set.
pub const ACTIVATION_BLOCKS_MAX: u64 = 100_000_000;
/// Most chaincodes that change their version with one block.
pub const ACTIVATIONS_PER_BLOCK_MAX: usize = 16;
/// Most tables of one chaincode.
pub const CHAINCODE_TABLES_MAX: usize = 64;
/// Most kinds of events of one chaincode.
pub const CHAINCODE_EVENTS_MAX: usize = 128;
/// Most codes that one chaincode refuses with.
pub const CHAINCODE_ERRORS_MAX: usize = 256;
/// Most migrations that one chaincode offers.
pub const CHAINCODE_MIGRATIONS_MAX: usize = 16;
/// Most prefixes of other chaincodes that one chaincode reads.
pub const CHAINCODE_READS_MAX: usize = 16;
/// Most indexes of one table.
pub const TABLE_INDEXES_MAX: usize = 8;
/// Most fields that one index sorts by.
pub const INDEX_FIELDS_MAX: usize = 4;
/// Most chaincode versions that take part in judging one transaction.
pub const JUDGES_MAX: usize = 16;
/// Longest CID of a document, in bytes: a SHA-256 in base32 takes 59.
pub const CID_BYTES_MAX: usize = 64;
/// Most documents that one transaction anchors, and one storage receipt covers.
pub const ANCHOR_DOCUMENTS_MAX: usize = 256;
/// Longest media type of a document, in bytes.
pub const MEDIA_TYPE_BYTES_MAX: usize = 127;
/// Longest file name of a document, in bytes.
pub const FILE_NAME_BYTES_MAX: usize = 255;
/// Longest reason that somebody gives for what they do, in bytes.
pub const REASON_BYTES_MAX: usize = 512;
/// How deep chaincode may call chaincode.
pub const CALL_DEPTH_MAX: u8 = 8;
/// Largest schema of an argument or a result, in bytes.
pub const SCHEMA_BYTES_MAX: usize = 32 * 1024;
/// Largest result a transaction may return, in bytes.
pub const RESULT_BYTES_MAX: usize = 256 * 1024;
/// Longest message of a refused transaction, in bytes.
pub const MESSAGE_BYTES_MAX: usize = 1024;
/// Longest code a chaincode refuses with, in bytes.
pub const CODE_BYTES_MAX: usize = 64;
/// Most events one transaction may emit.
pub const EVENTS_MAX: usize = 256;
/// Longest event topic, in bytes.
pub const TOPIC_BYTES_MAX: usize = 128;
/// Largest event payload, in bytes.
pub const EVENT_BYTES_MAX: usize = 16 * 1024;
/// Longest key of the world state within a chaincode's namespace, in bytes.
pub const STATE_KEY_BYTES_MAX: usize = 256;
/// Longest key that the ledger stores, in bytes: an entry of an index holds fields and a key.
pub const STORED_KEY_BYTES_MAX: usize = 1024;
/// Largest value of the world state, in bytes.
pub const STATE_VALUE_BYTES_MAX: usize = 256 * 1024;
/// Largest value the system chaincodes may store, in bytes: a package.
pub const SYSTEM_VALUE_BYTES_MAX: usize = ARGS_BYTES_MAX;
/// What one transaction may use.
pub const TRANSACTION_BUDGET: Budget = Budget { gas: 100_000_000, host_gas: 100_000_000 };
/// What one migration may use: a quarter of a transaction's budget. A block carries out one, beside its transactions, and
/// must not take 100 milliseconds longer for it.
pub const MIGRATION_BUDGET: Budget = Budget { gas: 25_000_000, host_gas: 25_000_000 };
/// What one query may use.
pub const QUERY_BUDGET: Budget = Budget { gas: 500_000_000, host_gas: 500_000_000 };
/// Most keys one transaction may write.
pub const TRANSACTION_WRITES_MAX: usize = 4096;
/// Most bytes of keys and values one transaction may write.
pub const TRANSACTION_WRITE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Most bytes of events, topics and payloads together, one transaction may emit.
pub const TRANSACTION_EVENT_BYTES_MAX: usize = 256 * 1024;
/// Most entries one scan may ask for, and most versions one history.
pub const SCAN_ENTRIES_MAX: usize = 1000;
/// Most bytes of keys and values one scan or history may return.
pub const SCAN_BYTES_MAX: usize = 1024 * 1024;
/// For how many heights below the head the world state's tree is kept, so that its values can be proven there.
pub const PROOF_BLOCKS_MAX: u64 = 1024;
/// Most replicas in one network.
pub const REPLICAS_MAX: usize = 1024;
/// Most organisations a genesis may name.
pub const GENESIS_ORGANISATIONS_MAX: usize = 256;
/// Most members a genesis may name.
pub const GENESIS_MEMBERS_MAX: usize = 1024;
/// Most roles one organisation may hold.
pub const ROLES_MAX: usize = 8;
/// Most attributes one member may have.
pub const ATTRIBUTES_MAX: usize = 16;
/// Longest value of an attribute, in bytes.
pub const ATTRIBUTE_BYTES_MAX: usize = 256;
/// Longest combined signature in a certificate, in bytes (BLS12-381 G1 takes 48).
pub const CERTIFICATE_SIGNATURE_BYTES_MAX: usize = 96;
/// Longest share of one replica, in bytes.
pub const SHARE_BYTES_MAX: usize = 96;
/// Longest consensus public key, in bytes (BLS12-381 G2 takes 96).
pub const CONSENSUS_KEY_BYTES_MAX: usize = 96;
/// Longest certificate that a replica shows on its links, in bytes of DER.
pub const LINK_CERTIFICATE_BYTES_MAX: usize = 4096;
/// Largest encoded configuration, in bytes: it travels in a transaction's argument together with a reason.
pub const CONFIGURATION_BYTES_MAX: usize = ARGS_BYTES_MAX - 4096;
/// An answer of a state transfer is complete as soon as it has so many bytes, or when one thing more would not fit a
/// frame.
pub const TRANSFER_ANSWER_BYTES: usize = 1024 * 1024;
/// Most keys in one answer of a state transfer.
pub const TRANSFER_LEAVES_MAX: usize = 64 * 1024;
/// Most blocks asked for in one request of a state transfer.
pub const TRANSFER_BLOCKS_MAX: u16 = 64;
/// Most records of misbehaviour that a peer keeps.
pub const EVIDENCE_RECORDS_MAX: u64 = 4096;
/// Longest record of misbehaviour, in bytes.
pub const EVIDENCE_BYTES_MAX: usize = 64 * 1024;
/// Longest loopback or network address of a peer, in bytes.
pub const ADDRESS_BYTES_MAX: usize = 256;

const _: () = assert!(STATE_KEY_BYTES_MAX < STORED_KEY_BYTES_MAX, "an index entry holds a key");
const _: () = assert!(TRANSACTION_BYTES_MAX < BLOCK_BYTES_MAX, "a largest transaction must fit a block");
const _: () = assert!(BLOCK_BYTES_MAX < FRAME_BYTES_MAX, "a largest block must fit a frame");
const _: () = assert!(
    // A body, hashes of its receipts, and one receipt with its largest result, events and message.
    BLOCK_BYTES_MAX
        + 32 * BLOCK_TRANSACTIONS_MAX
        + RESULT_BYTES_MAX
        + TRANSACTION_EVENT_BYTES_MAX
        + (16 + NAME_BYTES_MAX) * EVENTS_MAX
        + 4096
        < FRAME_BYTES_MAX,
    "a block must be transferable receipt by receipt"
);
const _: () = assert!(
    TRANSFER_ANSWER_BYTES + SYSTEM_VALUE_BYTES_MAX + 4096 < FRAME_BYTES_MAX,
    "an answer that goes beyond its bytes by a largest value must fit a frame"
);
const _: () = assert!(STATE_VALUE_BYTES_MAX <= SYSTEM_VALUE_BYTES_MAX, "the system may store what chaincode may");
const _: () = assert!(SYSTEM_VALUE_BYTES_MAX < TRANSACTION_WRITE_BYTES_MAX, "a package must fit one transaction");
const _: () = assert!(STATE_VALUE_BYTES_MAX < SCAN_BYTES_MAX, "a scan must get beyond a largest value");
