//! A model checker's view of the real core: every order in which messages and timers can reach the replicas of a small
//! network, with one faulty replica that may send whatever its key and the others' votes allow.
//!
//! The replicas are [`theriac_consensus::Replica`] itself, cloned at every branch. What is left out: execution and
//! repair. Slots are decided and not executed, status messages are never sent; whatever is lost stays lost. That only
//! takes behaviour away that carries finished proofs.

pub mod adversary;
pub mod network;
pub mod node;
pub mod request;
pub mod scheme;
pub mod walk;
pub mod world;

pub use world::{State, World};
