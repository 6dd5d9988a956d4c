//! The gRPC interface: messages, clients and servers generated from the `.proto` files beside this crate. No logic.

#![allow(missing_docs, clippy::all, clippy::too_many_lines)]

/// The peer about itself.
pub mod admin {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("theriac.admin.v1");
    }
}

/// The past, executed again.
pub mod audit {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("theriac.audit.v1");
    }
}

/// Replica to replica.
pub mod consensus {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("theriac.consensus.v1");
    }
}

/// Documents: files that the ledger names and peers keep.
pub mod document {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("theriac.document.v1");
    }
}

/// The way in for clients.
pub mod gateway {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("theriac.gateway.v1");
    }
}

/// Organisations and members.
pub mod identity {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("theriac.identity.v1");
    }
}

/// The chain and the world state.
pub mod ledger {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("theriac.ledger.v1");
    }
}

/// Chaincode in force.
pub mod lifecycle {
    /// Version 1.
    pub mod v1 {
        tonic::include_proto!("theriac.lifecycle.v1");
    }
}

/// Every `.proto` file compiled, for reflection and for tools of other languages.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/theriac.bin"));
