//! The beginning: peers, a genesis to trust, a signer to speak for.

use crate::endpoint::{Deadlines, PeerAddress};
use crate::error::{Cause, ReadError};
use crate::memory::{Memory, MemoryError};
use crate::network::Network;
use crate::pool::Pool;
use crate::proven::{Verification, Verifier};
use crate::signer::Signer;
use crate::trust::{Trust, TrustError};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use theriac_types::Genesis;

/// How to reach a network, and what to believe.
pub struct GatewayOptions {
    /// Its peers, the preferred one first.
    pub peers: Vec<PeerAddress>,
    /// The genesis: the anchor of every check.
    pub genesis: Genesis,
    /// Who signs; none for reading the chain only.
    pub signer: Option<Arc<dyn Signer>>,
    /// How long calls may take.
    pub deadlines: Deadlines,
    /// Whether answers are checked.
    pub verification: Verification,
    /// Where epochs and the newest height seen outlive this process; nowhere when none.
    pub memory: Option<PathBuf>,
}

impl GatewayOptions {
    /// Full verification and the usual deadlines.
    pub fn new(peers: Vec<PeerAddress>, genesis: Genesis) -> Self {
        let (deadlines, verification) = (Deadlines::default(), Verification::Full);
        Self { peers, genesis, signer: None, deadlines, verification, memory: None }
    }

    /// Signs as this member.
    pub fn with_signer(mut self, signer: Arc<dyn Signer>) -> Self {
        self.signer = Some(signer);
        self
    }
}

impl fmt::Debug for GatewayOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayOptions")
            .field("peers", &self.peers)
            .field("signer", &self.signer.as_ref().map(|signer| signer.creator().member.clone()))
            .field("deadlines", &self.deadlines)
            .field("verification", &self.verification)
            .finish_non_exhaustive()
    }
}

/// Options that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The genesis is no anchor of trust.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// What was remembered cannot be used.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// An address is wrong, or there is none.
    #[error(transparent)]
    Address(#[from] Cause),
}

/// What all stages share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) pool: Arc<Pool>,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) signer: Option<Arc<dyn Signer>>,
    pub(crate) deadlines: Deadlines,
}

impl Shared {
    pub(crate) fn trust(&self) -> &Trust {
        &self.verifier.trust
    }

    pub(crate) fn signer(&self) -> Result<&Arc<dyn Signer>, Cause> {
        self.signer.as_ref().ok_or_else(|| {
            Cause::request("Nobody signs here. Choose an identity: a context with one, or --identity FILE.")
        })
    }
}

/// Connections to a network. Cheap to clone; nothing is dialled before the first call.
#[derive(Clone)]
pub struct Gateway {
    shared: Arc<Shared>,
}

impl Gateway {
    /// Checks genesis and addresses.
    pub fn new(options: GatewayOptions) -> Result<Self, GatewayError> {
        let trust = Arc::new(Trust::new(options.genesis)?);
        let verifier = Arc::new(Verifier { trust: trust.clone(), verification: options.verification });
        // What was not checked is nothing to remember.
        let path = options.memory.filter(|_| options.verification == Verification::Full);
        let memory = Arc::new(Memory::open(path, trust)?);
        let pool = Arc::new(Pool::new(&options.peers)?);
        let shared = Shared { pool, verifier, memory, signer: options.signer, deadlines: options.deadlines };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The same peers for another signer.
    pub fn with_signer(&self, signer: Arc<dyn Signer>) -> Self {
        Self { shared: Arc::new(Shared { signer: Some(signer), ..(*self.shared).clone() }) }
    }

    /// The network of the genesis' channel.
    pub fn network(&self) -> Network {
        Network::new(self.shared.clone())
    }

    /// Peers that were given.
    pub fn peers(&self) -> usize {
        self.shared.pool.len()
    }

    /// A gateway to the peer at an index alone: for questions about that peer, and for spreading load.
    pub fn only(&self, index: usize) -> Result<Self, ReadError> {
        let pool = self.shared.pool.only(index).ok_or_else(|| {
            Cause::request(format!("There is no peer {index}; this network has {}.", self.shared.pool.len()))
        })?;
        Ok(Self { shared: Arc::new(Shared { pool: Arc::new(pool), ..(*self.shared).clone() }) })
    }
}
