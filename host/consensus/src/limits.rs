//! Every maximum of the replica, with the relations between them.

pub use theriac_types::limits::{CHECKPOINT_SLOTS, WINDOW_SLOTS};

/// A replica whose next slot is so far below a stable checkpoint fetches its state instead of the slots between.
pub const TRANSFER_SLOTS: u64 = 4096;
/// Executed slots whose state votes and certificates are kept for repair.
pub const EXECUTIONS_KEPT: u64 = 256;
/// As many are kept when a certificate is missing among them: nobody else may have it.
pub const UNCERTIFIED_KEPT: u64 = 4096;
/// Bytes of bodies in slots that are not decided; a backup accepts no more until some are.
pub const UNDECIDED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Slots in flight while the primary fills what is left of an epoch.
pub const FILLS_IN_FLIGHT: u64 = 32;
/// A replica below a stable checkpoint that gets no slot for so many status periods fetches its state.
pub const TRANSFER_PERIODS: u64 = 20;
/// Status periods from one transfer that is asked for to the next, of a later checkpoint.
pub const TRANSFER_PAUSE_PERIODS: u64 = 20;
/// Most slots asked for in one fetch.
pub const FETCH_SLOTS_MAX: u64 = 32;
/// Most slots served to one replica within [`SERVE_PERIOD_MS`].
pub const SERVE_SLOTS_MAX: u64 = 512;
/// The period of [`SERVE_SLOTS_MAX`], in milliseconds.
pub const SERVE_PERIOD_MS: u64 = 200;
/// Most slots repaired in answer to one status.
pub const REPAIR_SLOTS_MAX: usize = 16;
/// A replica this many slots behind another asks at once; a smaller lag may be a message on its way.
pub const LAG_SLOTS: u64 = 8;
/// Shortest wait of a C-collector for the fast path, in milliseconds.
pub const FAST_WAIT_MS_MIN: u64 = 20;
/// Longest wait of a C-collector for the fast path, in milliseconds.
pub const FAST_WAIT_MS_MAX: u64 = 2_000;
/// Slots after which the wait for the fast path is set anew.
pub const PACING_PERIOD_SLOTS: u64 = 64;
/// Executed slots whose late votes a collector still counts, to know how long votes take.
pub const LATE_SLOTS_MAX: usize = 32;
/// Slots during which a replica's shares are checked one by one after a bad one.
pub const PENALTY_SLOTS: u64 = 256;
/// Bad certificates of one replica that are reported; after as many its certificates are no longer looked at.
pub const BAD_CERTIFICATES_MAX: u32 = 16;
/// Longest pause before a request is forwarded again, in status periods.
pub const FORWARD_PERIODS_MAX: u64 = 32;
/// Faults of one replica in view changes that are reported.
pub const REPORTED_FAULTS_MAX: usize = 16;
/// How often the wait for a primary doubles, view after view that decides nothing.
pub const WAIT_DOUBLINGS_MAX: u64 = 5;
/// A request that waited so many times the usual wait while slots were executed is being censored.
pub const CENSORED_WAITS: u64 = 4;
/// A replica that left its view alone is followed after so many times the usual wait.
pub const LONELY_WAITS: u64 = 16;

const _: () = assert!(EXECUTIONS_KEPT <= UNCERTIFIED_KEPT, "what lacks a certificate is kept longer");
const _: () = assert!(FETCH_SLOTS_MAX <= WINDOW_SLOTS, "what is fetched must fit the window");
const _: () = assert!(FETCH_SLOTS_MAX <= SERVE_SLOTS_MAX, "a whole fetch must be served");
const _: () =
    assert!(UNDECIDED_BYTES_MAX >= 16 * theriac_types::limits::BLOCK_BYTES_MAX, "several slots in flight fit");
const _: () = assert!(FILLS_IN_FLIGHT <= CHECKPOINT_SLOTS, "a window that moved has room for the fills");
const _: () = assert!(FAST_WAIT_MS_MIN < FAST_WAIT_MS_MAX, "the wait has a range");
const _: () = assert!(WINDOW_SLOTS == 2 * CHECKPOINT_SLOTS, "a window ends one checkpoint after the next");
const _: () = assert!(TRANSFER_SLOTS > WINDOW_SLOTS, "within the window slots are fetched one by one");
