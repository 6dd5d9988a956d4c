//! What is kept where: one column family per kind of record.
//!
//! | table | key | value |
//! |---|---|---|
//! | `meta` | `format`, `genesis`, `head` | format number, `Genesis`, `StateCommitment` |
//! | `meta` | `base`, `certified` | `Height` whose state was fetched, `Height` up to which all is certified |
//! | `meta` | `transfer` | `StateCommitment` and `Progress` of a transfer; there while the store is not whole |
//! | `blocks` | height | `Block` |
//! | `receipts` | height | `Vec<Receipt>` |
//! | `commitments` | height | `StateCommitment` |
//! | `commit_proofs` | height | bytes as handed in |
//! | `certificates` | height | `Certificate` |
//! | `places` | transaction id | height, index |
//! | `state` | namespace, key | the value at the head as it is |
//! | `versions` | namespace, key, height and index, newest first | transaction id, block time, value if any |
//! | `pages` | node key | page of the state tree |
//! | `stale` | height | node keys of the pages that this height replaced |
//! | `replay` | member, nonce | height, index |
//! | `keys` | hash of a key | `StateKey` |
//! | `headers` | height of a fetched block | `BlockHeader` |
//! | `replay_ends` | last valid height, member, nonce | nothing |
//! | `checkpoints` | epoch, slot | `StableCheckpoint` |
//! | `epoch_links` | epoch | `EpochLink` |
//! | `evidence` | number, from 1 on | bytes as handed in |
//!
//! Numbers in keys are big-endian. Values are borsh unless said otherwise.

/// The tables' names, which are those of the column families.
pub(crate) const META: &str = "meta";
pub(crate) const BLOCKS: &str = "blocks";
pub(crate) const RECEIPTS: &str = "receipts";
pub(crate) const COMMITMENTS: &str = "commitments";
pub(crate) const COMMIT_PROOFS: &str = "commit_proofs";
pub(crate) const CERTIFICATES: &str = "certificates";
pub(crate) const PLACES: &str = "places";
pub(crate) const STATE: &str = "state";
pub(crate) const VERSIONS: &str = "versions";
pub(crate) const PAGES: &str = "pages";
pub(crate) const STALE: &str = "stale";
pub(crate) const REPLAY: &str = "replay";
pub(crate) const REPLAY_ENDS: &str = "replay_ends";
pub(crate) const KEYS: &str = "keys";
pub(crate) const HEADERS: &str = "headers";
pub(crate) const CHECKPOINTS: &str = "checkpoints";
pub(crate) const EPOCH_LINKS: &str = "epoch_links";
pub(crate) const EVIDENCE: &str = "evidence";

/// Every table.
pub(crate) const ALL: [&str; 18] = [
    META,
    BLOCKS,
    RECEIPTS,
    COMMITMENTS,
    COMMIT_PROOFS,
    CERTIFICATES,
    PLACES,
    STATE,
    VERSIONS,
    PAGES,
    STALE,
    REPLAY,
    REPLAY_ENDS,
    KEYS,
    HEADERS,
    CHECKPOINTS,
    EPOCH_LINKS,
    EVIDENCE,
];

/// Number of this layout. Another number is not opened.
pub(crate) const FORMAT: u32 = 3;

/// Keys of `meta`.
pub(crate) const META_FORMAT: &[u8] = b"format";
pub(crate) const META_GENESIS: &[u8] = b"genesis";
pub(crate) const META_HEAD: &[u8] = b"head";
pub(crate) const META_BASE: &[u8] = b"base";
pub(crate) const META_TRANSFER: &[u8] = b"transfer";
pub(crate) const META_CERTIFIED: &[u8] = b"certified";
