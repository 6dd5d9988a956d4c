//! The first frame of a link, in both directions: who speaks, in which network.

use theriac_proto::consensus::v1::Hello;
use theriac_types::{ChannelId, Digest, Epoch, ReplicaId};

/// The network that a peer belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The channel.
    pub channel: ChannelId,
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
    #[error("it says it is replica {claimed} of epoch {epoch}, but its certificate is that of replica {certified}")]
    Replica {
        /// What it says.
        claimed: u32,
        /// The epoch it says it for.
        epoch: Epoch,
        /// Whose certificate it showed.
        certified: ReplicaId,
    },
    /// Another channel or genesis.
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
    pub fn hello(&self, epoch: Epoch, replica: Option<ReplicaId>) -> Hello {
        Hello {
            replica: replica.map(|replica| u32::from(replica.0)),
            channel: self.channel.as_str().to_owned(),
            epoch: epoch.0,
            genesis_digest: self.genesis.0.to_vec().into(),
        }
    }

    /// Checks the other side's hello against this network and against its certificate, which stands for a replica of
    /// the epochs known here. Returns the epoch that the other side is in.
    pub fn check(
        &self,
        hello: Option<Hello>,
        certified: impl FnOnce(Epoch) -> Option<ReplicaId>,
    ) -> Result<Epoch, HelloError> {
        let hello = hello.ok_or(HelloError::Missing)?;
        let epoch = Epoch(hello.epoch);
        if let (Some(claimed), Some(certified)) = (hello.replica, certified(epoch))
            && claimed != u32::from(certified.0)
        {
            return Err(HelloError::Replica { claimed, epoch, certified });
        }
        let differs = |what, found, expected| Err(HelloError::Network { what, found, expected });
        if hello.channel != self.channel.as_str() {
            return differs("channel", hello.channel.chars().take(80).collect(), self.channel.to_string());
        }
        match <[u8; 32]>::try_from(&*hello.genesis_digest) {
            Ok(digest) if digest == self.genesis.0 => Ok(epoch),
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
        let network =
            |channel: &str, genesis| Network { channel: channel.parse().unwrap(), genesis: Digest([genesis; 32]) };
        let (ours, from) = (network("main", 1), Some(ReplicaId(2)));
        // Of epoch 0 the certificate is replica 2, of epoch 1 nobody; nothing else is known.
        let known = |epoch| from.filter(|_| epoch == Epoch(0));
        let check = |hello| ours.check(hello, known);
        assert_eq!(check(Some(ours.hello(Epoch(0), from))), Ok(Epoch(0)));
        assert_eq!(
            check(Some(ours.hello(Epoch(7), Some(ReplicaId(5))))),
            Ok(Epoch(7)),
            "an epoch that is not known here"
        );
        assert_eq!(check(Some(ours.hello(Epoch(0), None))), Ok(Epoch(0)), "it says that it is no replica");
        assert_eq!(check(None), Err(HelloError::Missing));
        let claimed = HelloError::Replica { claimed: 3, epoch: Epoch(0), certified: ReplicaId(2) };
        assert_eq!(check(Some(ours.hello(Epoch(0), Some(ReplicaId(3))))), Err(claimed));
        for other in [network("other", 1), network("main", 2)] {
            assert!(matches!(check(Some(other.hello(Epoch(0), from))), Err(HelloError::Network { .. })));
        }
        let short = Hello { genesis_digest: vec![1].into(), ..ours.hello(Epoch(0), from) };
        assert!(matches!(check(Some(short)), Err(HelloError::Network { what: "genesis", .. })));
    }
}
