//! State transfer: how a peer that is too far behind comes by the state of a checkpoint, from sources that it does not
//! trust.
//!
//! The anchor is a checkpoint certificate: `2f + c + 1` replicas signed the digest of the commitment ([`check_anchor`]).
//! From there on every byte follows:
//!
//! - **The world state** is walked from its root down. A request names a subtree whose hash is known from its parent;
//!   the answer is its leaves, keys and values, or, when these are too many, what stands in the sixteen places one
//!   digit further down. Either is hashed as the tree itself hashes, and has to give the known hash. Places in the
//!   answer prove of which kind they are: a leaf by its two hashes, a page by the two hashes below its top. So any
//!   source will do, in any order, and whoever answers wrongly is found out by the answer alone.
//! - **The chain** of the last [`VALIDITY_BLOCKS_MAX`](theriac_types::limits::VALIDITY_BLOCKS_MAX) blocks is walked
//!   backwards from the commitment's block hash: headers first, then bodies and receipts, which headers name. From
//!   them follows which nonces are used up: the receipts say which transactions were admitted.
//! - **The configurations** are part of the world state.
//!
//! [`Transfer`] asks and checks, [`serve`] answers. Nothing here stores anything: what an answer brought goes to the
//! store together with [`Transfer::progress`], so that a transfer goes on where it stopped. When a key was last
//! written, and by whom, is not in the tree and therefore not transferred: a peer's history begins with the height of
//! the checkpoint.

mod anchor;
mod chain;
mod message;
mod serve;
mod subtree;
mod walk;

pub use anchor::{AnchorError, check_anchor, check_link};
pub use chain::ReceivedBlock;
pub use message::{Answer, BlockPart, Child, Request, TransferLeaf};
pub use serve::serve;
pub use walk::{Progress, Received, ResumeError, Transfer, TransferError};
