//! Links between peers: pinned mutual TLS, one gRPC stream for each direction, bounded queues.

pub mod dial;
pub mod hello;
pub mod inbound;
pub mod neighbours;
pub mod outbound;
pub mod pin;
pub mod queue;
