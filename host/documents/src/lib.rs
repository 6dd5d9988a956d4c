//! Documents, kept by what they hold: named, stored, verified, handed on.
//!
//! A document is cut into blocks as IPFS does it in the profile `unixfs-v1-2025`: chunks of 1 MiB, named by their
//! SHA-256, below a balanced tree of blocks that link to 1,024 others each. Its name is the name of the root, so that
//! every block proves itself, and any IPFS user gets the same [`Cid`].
//!
//! Synchronous, and without a clock: time is an argument.

mod batch;
mod blocks;
mod branch;
mod car;
mod cid;
mod collect;
mod disk;
mod durable;
mod encode;
mod error;
mod exchange;
mod loss;
mod pins;
mod profile;
mod read;
mod receive;
mod record;
mod room;
mod scrub;
mod store;
mod tree;
mod walk;

pub use batch::Batch;
pub use blocks::{Blocks, Staged};
pub use car::{CarReader, CarWriter, ROOTS_MAX};
pub use cid::{CID_BYTES, Cid, Codec};
pub use collect::Collected;
pub use disk::DiskBlocks;
pub use encode::Name;
pub use error::DocumentError;
pub use profile::{BLOCK_BYTES_MAX, DOCUMENT_BYTES_MAX, LINKS_MAX, Profile};
pub use receive::{Expected, Incoming, MissingBlock};
pub use record::{Record, State};
pub use scrub::{Finding, ScrubCursor, Scrubbed};
pub use store::{Options, Store};
