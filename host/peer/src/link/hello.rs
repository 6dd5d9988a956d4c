//! The first frame of a link, in both directions: who speaks, in which network.

use theriac_proto::consensus::v1::Hello;
use theriac_types::{ChannelId, Digest, Epoch, ReplicaId};

/// The network that a replica belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The channel.
    pub channel: ChannelId,
    /// The epoch of the replica set.
    pub epoch: Epoch,
    /// Digest of the genesis.
    pub genesis: Digest,
}

/// A first frame that ends the link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HelloError {
    /// The first frame is something else, or none came.
    #[error("the first frame is no hello")]
    Missing,
    /// The certificate is another replica's.
    #[error("it says it is replica {claimed}, but its certificate is that of replica {certified}")]
    Replica {
        /// What it says.
        claimed: u32,
        /// Whose certificate it showed.
        certified: ReplicaId,
    },
    /// Another channel, epoch or genesis.
    #[error("it belongs to another network: {what} is {found}, here it is {expected}")]
    Network {
        /// Which part differs.
        what: &'static str,
        /// Its value.
        found: String,
        /// Ours.
        expected: String,
    },
}

impl Network {
    /// This side's hello.
    pub fn hello(&self, replica: ReplicaId) -> Hello {
        Hello {
            replica: u32::from(replica.0),
            channel: self.channel.as_str().to_owned(),
            epoch: self.epoch.0,
            genesis_digest: self.genesis.0.to_vec().into(),
        }
    }

    /// Checks the other side's hello against its certificate and this network.
    pub fn check(&self, hello: Option<Hello>, certified: ReplicaId) -> Result<(), HelloError> {
        let hello = hello.ok_or(HelloError::Missing)?;
        if hello.replica != u32::from(certified.0) {
            return Err(HelloError::Replica { claimed: hello.replica, certified });
        }
        let differs = |what, found, expected| Err(HelloError::Network { what, found, expected });
        if hello.channel != self.channel.as_str() {
            return differs("channel", hello.channel.chars().take(80).collect(), self.channel.to_string());
        }
        if hello.epoch != self.epoch.0 {
            return differs("epoch", hello.epoch.to_string(), self.epoch.to_string());
        }
        match <[u8; 32]>::try_from(&*hello.genesis_digest) {
            Ok(digest) if digest == self.genesis.0 => Ok(()),
            Ok(digest) => differs("genesis", Digest(digest).to_string(), self.genesis.to_string()),
            Err(_) => differs("genesis", "no digest".to_owned(), self.genesis.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_hello_must_fit_certificate_and_network() {
        let network = |channel: &str, epoch, genesis| Network {
            channel: channel.parse().unwrap(),
            epoch: Epoch(epoch),
            genesis: Digest([genesis; 32]),
        };
        let (ours, from) = (network("main", 0, 1), ReplicaId(2));
        assert_eq!(ours.check(Some(ours.hello(from)), from), Ok(()));
        assert_eq!(ours.check(None, from), Err(HelloError::Missing));
        let claimed = HelloError::Replica { claimed: 3, certified: from };
        assert_eq!(ours.check(Some(ours.hello(ReplicaId(3))), from), Err(claimed));
        for other in [network("other", 0, 1), network("main", 1, 1), network("main", 0, 2)] {
            assert!(matches!(ours.check(Some(other.hello(from)), from), Err(HelloError::Network { .. })));
        }
        let short = Hello { genesis_digest: vec![1].into(), ..ours.hello(from) };
        assert!(matches!(ours.check(Some(short), from), Err(HelloError::Network { what: "genesis", .. })));
    }
}
