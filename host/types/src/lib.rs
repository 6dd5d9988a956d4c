//! The nouns of Theriac: identifiers, digests, transactions, blocks, receipts, certificates, and the one
//! canonical encoding that everything signed, hashed or stored goes through.
//!
//! Nothing here hashes, signs or does IO; `theriac-crypto` gives these bytes their meaning. Every collection has a
//! maximum from [`limits`], checked before memory is taken for it.

pub mod block;
pub mod bounded;
pub mod budget;
pub mod certificate;
pub mod checkpoint;
pub mod commitment;
pub mod configuration;
pub mod definition;
pub mod description;
pub mod digest;
pub mod document;
pub mod encoding;
pub mod genesis;
pub mod identity;
pub mod ids;
pub mod keys;
pub mod limits;
pub mod outcome;
pub mod policy;
pub mod receipt;
pub mod transaction;

pub use block::{Block, BlockBody, BlockHeader};
pub use bounded::{Bytes, List, Text};
pub use budget::Budget;
pub use certificate::{Certificate, SignerBitmap};
pub use checkpoint::StableCheckpoint;
pub use commitment::{CertifiedCommitment, StateCommitment};
pub use configuration::{Configuration, EpochLink, ProposedConfiguration, ReplicaRecord};
pub use definition::{Definition, Endorsement, FunctionPolicy};
pub use description::{
    Description, ErrorDescription, EventDescription, ForeignRead, FunctionDescription, FunctionKind, IndexDescription,
    Migration, TableDescription,
};
pub use digest::{BlockHash, BodyHash, Digest, PackageId, ReceiptsRoot, StateDigest, StateRoot, TxId};
pub use document::{Content, HeldDocuments, StorageReceipt};
pub use encoding::{DecodeError, decode, encode};
pub use genesis::{Genesis, GenesisMember, GenesisOrganisation};
pub use identity::{Attribute, Attributes, MemberRecord, MemberStatus, Organisation, Role};
pub use ids::{
    AttributeName, ChaincodeName, ChannelId, Epoch, FunctionName, Height, MemberId, MemberName, Nonce, OrgId,
    ReplicaId, SeqNum, View,
};
pub use keys::{PublicKey, Signature};
pub use outcome::Outcome;
pub use policy::{Policy, PolicySyntax};
pub use receipt::{Event, Judge, Receipt};
pub use transaction::{Cosignature, Creator, Transaction, TransactionBody};
