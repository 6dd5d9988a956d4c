//! Every maximum of the peer process, in one place.

use std::time::Duration;
use theriac_types::limits::{FRAME_BYTES_MAX, TRANSACTION_BYTES_MAX};

/// Largest message that carries one frame of consensus: the frame and its protobuf field.
pub const LINK_MESSAGE_BYTES_MAX: usize = FRAME_BYTES_MAX + 64;
/// Largest request to any other service: a transaction and its protobuf field.
pub const REQUEST_BYTES_MAX: usize = TRANSACTION_BYTES_MAX + 1024;
/// Largest answer of any service.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Frames that wait for one link; the oldest are dropped, and repaired by what replicas tell each other of their state.
pub const LINK_QUEUE_FRAMES_MAX: usize = 4096;
/// Bytes of those frames.
pub const LINK_QUEUE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Execution certificates that a peer gets with one answer when it is behind.
pub const ARCHIVE_CERTIFICATES_MAX: usize = 64;
/// Deeds of one replica in one epoch that are kept as evidence.
pub const EVIDENCE_PER_REPLICA_MAX: usize = 256;
/// Epochs in one answer; whoever wants more asks again after the last.
pub const EPOCHS_ANSWER_MAX: usize = 256;
/// Records of evidence in one answer.
pub const EVIDENCE_ANSWER_MAX: usize = 1000;
/// How often an observer says how far it is and asks how far others are, in milliseconds.
pub const FOLLOW_POLL_MS: u64 = 250;
/// How long an observer waits for a slot that it asked for, in milliseconds.
pub const FOLLOW_FETCH_MS: u64 = 1_000;
/// How long an observer leaves a source alone that sent nothing, in milliseconds.
pub const FOLLOW_AVOIDS_MS: u64 = 2_000;
/// Slots that an observer holds above the last one executed.
pub const FOLLOW_AHEAD_MAX: u64 = 128;
/// Questions about a state that one peer is asked at a time.
pub const ASKED_OF_ONE_MAX: usize = 4;
/// Questions of one peer that wait here; whoever asks more at once is not answered.
pub const QUESTIONS_OF_ONE_MAX: usize = 8;
/// States of different checkpoints that one peer fetches from here at a time.
pub const STATES_OF_ONE_MAX: usize = 2;
/// How long after its last question about a state a peer counts as fetching it.
pub const STATES_OF_ONE_PATIENCE: Duration = Duration::from_secs(60);
/// How long an answer is waited for at least, in milliseconds; a source that takes longer is given more time.
pub const ASK_WAIT_MS: u64 = 5_000;
/// How long an answer is waited for at most, in milliseconds.
pub const ASK_WAIT_MAX_MS: u64 = 60_000;
/// How long a source that did not answer is left alone at first, in milliseconds.
pub const ASK_REST_MS: u64 = 1_000;
/// How often peers are asked how far the network is before a state is fetched, in milliseconds.
pub const NEWEST_ASKED_MS: u64 = 1_000;
/// How long after the first answer to that a better one is waited for, in milliseconds.
pub const NEWEST_WAIT_MS: u64 = 300;
/// How long any answer to that is waited for, in milliseconds.
pub const NEWEST_PATIENCE_MS: u64 = 15_000;
/// Bytes of the epochs' configurations in one answer.
pub const TRANSFER_LINKS_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Answers that wait to be stored.
pub const ANSWERS_WAITING_MAX: usize = 32;
/// Bytes of a state that a peer sends in a second, to all that fetch together.
pub const TRANSFER_BYTES_PER_SECOND: u64 = 32 * 1024 * 1024;
/// Bytes of parts of a state transfer that wait for one link; what goes is asked for again.
pub const LINK_TRANSFER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of one replica's frames that are being checked or wait for their turn; its link is not read meanwhile.
pub const LINK_INBOUND_BYTES_MAX: usize = 16 * 1024 * 1024;
/// First pause before a broken link is tried again.
pub const RECONNECT_MIN: Duration = Duration::from_millis(50);
/// Longest pause before a broken link is tried again.
pub const RECONNECT_MAX: Duration = Duration::from_secs(2);
/// How long a connection, its TLS handshake and the first frame may each take.
pub const HANDSHAKE_MAX: Duration = Duration::from_secs(5);
/// Verified transactions that are remembered, so that they need not be verified again.
pub const VERIFIED_KEPT: usize = 4096;
/// Arguments of a transaction worth remembering, in bytes.
pub const VERIFIED_ARGS_BYTES_MAX: usize = 8 * 1024;
/// Transactions of one block whose signatures one task checks.
pub const VERIFY_CHUNK: usize = 16;
/// Inputs of this peer's own that one turn of the replica takes.
pub const OWN_INPUTS_PER_TURN_MAX: usize = 2048;
/// Messages of one other replica that one turn takes.
pub const REPLICA_INPUTS_PER_TURN_MAX: usize = 256;
/// Bodies of one link whose signatures are checked at the same time: what one replica sends does not keep the pool from
/// the others.
pub const LINK_CHECKS_MAX: usize = 4;
/// Heights after which the store notes up to where everything is certified.
pub const CERTIFIED_NOTED_EVERY: u64 = 64;
/// Committed blocks that are executed before one wait for the disk, when several are waiting.
pub const BLOCKS_PER_SYNC_MAX: usize = 8;
/// How long handed-in transactions are gathered into one request while others are on their way.
pub const GATHER: Duration = Duration::from_millis(2);
/// Transactions gathered into one request.
pub const GATHER_TRANSACTIONS_MAX: usize = 512;
/// Bytes of their arguments: a request must fit a block.
pub const GATHER_BYTES_MAX: usize = 1024 * 1024;
/// Transactions of one member that may wait at this peer.
pub const PENDING_PER_MEMBER_MAX: usize = 4096;
/// Transactions that may wait at this peer.
pub const PENDING_MAX: usize = 16_384;
/// After this long a transaction without an outcome no longer counts as pending.
pub const PENDING_AGE_MAX: Duration = Duration::from_secs(120);
/// How long a call may wait for an outcome when the client sets no deadline.
pub const WAIT_MAX: Duration = Duration::from_secs(60);
/// How long before the client's deadline an answer is given, so that it arrives.
pub const WAIT_MARGIN: Duration = Duration::from_millis(100);
/// Without a newly certified height for this long, a peer that has something pending says that the network stands still.
pub const PROGRESS_MAX: Duration = Duration::from_secs(2);
/// Certified blocks kept in memory for those who wait or follow.
pub const RECENT_BLOCKS: usize = 64;
/// Bytes of those blocks.
pub const RECENT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How often a quiet stream shows that it lives.
pub const HEARTBEAT: Duration = Duration::from_secs(5);
/// Messages of a stream that wait for a slow reader.
pub const STREAM_MESSAGES_MAX: usize = 16;
/// Keys in one answer to a range or a list.
pub const RANGE_KEYS_MAX: usize = 1000;
/// Bytes of one answer to a range or a list.
pub const RANGE_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Versions in one answer to a key's history.
pub const HISTORY_VERSIONS_MAX: usize = 1000;
/// Gas of one query.
pub const QUERY_GAS_MAX: u64 = 1_000_000_000;
/// Questions about the past that may be there at a time: one is answered, the others wait.
pub const AUDITS_MAX: usize = 8;
/// How long an audit works before it leaves the processor to others for as long.
pub const AUDIT_WORK: Duration = Duration::from_millis(20);
/// How long it leaves it at most.
pub const AUDIT_REST_MAX: Duration = Duration::from_millis(250);
/// Blocks of a dry run that wait for a slow reader.
pub const AUDIT_MESSAGES_MAX: usize = 2;
/// How often a dry run says how far it is.
pub const AUDIT_PROGRESS: Duration = Duration::from_secs(1);
/// Threads that read and write documents.
pub const DOCUMENT_THREADS_MAX: usize = 16;
/// Messages of a document on its way in that wait for the disk.
pub const DOCUMENT_PIECES_MAX: usize = 8;
/// Bytes of one such message.
pub const PIECE_BYTES_MAX: usize = 1024 * 1024;
/// Peers that one document is fetched from at a time.
pub const DOCUMENT_SOURCES_MAX: usize = 4;
/// Blocks that one source is asked for at a time.
pub const BLOCKS_PER_REQUEST_MAX: usize = 8;
/// Blocks of one document that are looked for at a time.
pub const BLOCKS_WANTED_MAX: usize = 64;
/// Blocks that another peer may ask for in one call.
pub const BLOCKS_ASKED_MAX: usize = 64;
/// Blocks of one call that wait for a slow reader.
pub const BLOCKS_WAITING_MAX: usize = 2;
/// How long blocks asked for may take to come, and each of them.
pub const BLOCKS_WAIT_MAX: Duration = Duration::from_secs(60);
/// How long another peer may take to hold documents.
pub const TAKE_WAIT_MAX: Duration = Duration::from_secs(600);
/// How long a storage receipt is good for, in milliseconds.
pub const RECEIPT_LIFE_MS: u64 = 60 * 60 * 1000;
/// How long a receipt this peer signs for another, whose clock may differ.
pub const RECEIPT_LIFE_MAX_MS: u64 = 2 * RECEIPT_LIFE_MS;
/// Documents that upkeep fetches at a time.
pub const FETCHES_MAX: usize = 4;
/// How often a read is mended on its way.
pub const REPAIRS_PER_READ_MAX: usize = 8;
/// How long upkeep waits after a document could not be fetched, at first.
pub const DOCUMENT_RETRY_MIN: Duration = Duration::from_millis(500);
/// How long it waits at most.
pub const DOCUMENT_RETRY_MAX: Duration = Duration::from_secs(30);
/// Documents looked at in one step.
pub const UPKEEP_PAGE: usize = 256;
/// Bytes that one step of looking for damage reads.
pub const SCRUB_BYTES_PER_STEP: u64 = 4 * 1024 * 1024;
/// Bytes in a second that looking for damage reads.
pub const SCRUB_BYTES_PER_SECOND: u64 = 16 * 1024 * 1024;
/// How often everything that the ledger names is looked through.
pub const SWEEP_EVERY: Duration = Duration::from_secs(600);
/// How often what nobody names is removed.
pub const COLLECT_EVERY: Duration = Duration::from_secs(600);
/// How long a peer may take to stop.
pub const STOP_MAX: Duration = Duration::from_secs(10);
/// How long a peer that goes on from a fetched state waits before it tries to open it again.
pub const REOPEN_PAUSE: Duration = Duration::from_millis(50);
/// How long a stopping peer waits for answers that clients wait for.
pub const DRAIN_MAX: Duration = Duration::from_secs(4);

const _: () = assert!(LINK_INBOUND_BYTES_MAX >= FRAME_BYTES_MAX, "a largest frame must be readable");
const _: () = assert!(LINK_QUEUE_BYTES_MAX >= FRAME_BYTES_MAX, "a largest frame must be sendable");
const _: () = assert!(LINK_TRANSFER_BYTES_MAX >= FRAME_BYTES_MAX, "a largest part of a state must be sendable");
const _: () = assert!(ASKED_OF_ONE_MAX <= QUESTIONS_OF_ONE_MAX, "what is asked must be heard");
/// Most transactions of one rehearsal.
pub const REHEARSED_TRANSACTIONS_MAX: usize = 64;
/// Most bytes of them together.
pub const REHEARSED_BYTES_MAX: usize = 8 * 1024 * 1024;
