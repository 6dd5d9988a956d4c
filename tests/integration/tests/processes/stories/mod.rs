//! The stories by which the product is accepted, played by command on networks of four peers.
//!
//! Each file says which stories it tells, and which part of them belongs to a later part of the product: to the web
//! page, to the alarms. What peers withstand beside these stories is in `hostile.rs` and in the tests of single peers.

mod codes;
mod doubts;
mod exchange;
mod inspection;
mod later;
mod outsiders;
mod recall;
mod say;
mod spending;
mod stage;
mod way;
