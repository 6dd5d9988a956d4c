//! Links between replicas: pinned mutual TLS, one gRPC stream for each direction, bounded queues.

pub mod hello;
pub mod inbound;
pub mod outbound;
pub mod pin;
pub mod queue;
