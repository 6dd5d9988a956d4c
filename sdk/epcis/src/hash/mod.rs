//! The event hash of CBV 2.0 (section 8.9), in the profile of the reference implementation.
//!
//! The fields of an event are put into one text, the pre-hash string, in an order that no document decides; its SHA-256
//! is the hash. Nothing separates the fields. Lists stand under their name once, their members ascending by code
//! points. Identifiers are constrained canonical Digital Links, words are addresses of the web vocabularies, moments
//! are in UTC to the millisecond, numbers have no needless zeros. Left out are the event's identifier, its record time,
//! its error declaration, and comments.
//!
//! The specification leaves things open. As the reference implementation does it, and as the published hashes have it:
//! what the specification's order does not name (business transactions, sources, destinations, `ilmd`, extensions)
//! follows at the end, ascending by its text, type before value; extensions of parts follow the fields of their part;
//! `bizRules` of a report and extensions with an unknown prefix are put at the end together with the names of
//! what they stand in. Extensions are named `{namespace}name` when the document defines their prefix, and as they are
//! when it does not; therefore the master data of XML and JSON documents hash differently. Every text that looks like a
//! number is treated as one: lots `0012` and `12` collide. Where the reference treats XML and JSON differently without
//! reason, it is followed for XML: prefixes within texts stay as they are, and truth values are `true` and `false`. So this hash names events between partners, and never is the
//! ledger's key.

mod event;
mod field;
mod node;
mod sensor;
mod value;

pub use event::{event_hash, event_hash_ignoring, pre_hash, pre_hash_ignoring};
