//! The gRPC services for clients. Each decodes its request, asks the [`crate::core::Core`], and encodes the answer.

pub mod admin;
pub mod admit;
pub mod audit;
pub mod blocks;
pub mod documents;
pub mod evaluate;
pub mod events;
pub mod gateway;
pub mod history;
pub mod identity;
pub mod ledger;
pub mod lifecycle;
pub mod parse;
mod rehearse;
pub mod state;
pub mod stream;
pub mod wait;
