//! Whether a set of replicas can keep a ledger at all. The same for a genesis and for a later epoch.

use std::collections::BTreeSet;
use theriac_types::configuration::replicas_needed;
use theriac_types::limits::{CONFIGURATION_BYTES_MAX, REPLICAS_MAX};
use theriac_types::{ProposedConfiguration, ReplicaId, encode};

/// Replicas that no epoch can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigurationError {
    /// Without `f` there is nothing to agree against.
    #[error("a network must withstand at least one faulty replica: choose f = 1 or more")]
    NoFaults,
    /// Another size than its f and c ask for.
    #[error(
        "with f = {f} and c = {c} there must be {needed} replicas (3f + 2c + 1, {REPLICAS_MAX} at most), not {found}"
    )]
    Replicas {
        /// Faulty replicas to withstand.
        f: u16,
        /// Slow replicas to tolerate.
        c: u16,
        /// Replicas needed.
        needed: usize,
        /// Replicas named.
        found: usize,
    },
    /// More than a transaction can carry.
    #[error("the configuration takes {bytes} bytes, {CONFIGURATION_BYTES_MAX} at most: use shorter certificates")]
    TooLarge {
        /// Bytes of its encoding.
        bytes: usize,
    },
    /// Two replicas with one key.
    #[error("replica {replica} has the same consensus key as another: give it a key of its own")]
    RepeatedKey {
        /// The second of them.
        replica: ReplicaId,
    },
    /// A replica that could not be told from a stranger.
    #[error("replica {replica} has no link certificate: give it one")]
    NoCertificate {
        /// Which.
        replica: ReplicaId,
    },
    /// Two replicas that could not be told apart.
    #[error("replica {replica} has the same link certificate as another: give it a certificate of its own")]
    RepeatedCertificate {
        /// The second of them.
        replica: ReplicaId,
    },
    /// No address.
    #[error("the address {found:?} of replica {replica} is no host:port: name both")]
    Address {
        /// Whose.
        replica: ReplicaId,
        /// The text.
        found: String,
    },
}

/// Checks everything but the keys themselves.
pub(crate) fn check_replicas(proposed: &ProposedConfiguration) -> Result<(), ConfigurationError> {
    let ProposedConfiguration { f, c, replicas } = proposed;
    if *f == 0 {
        return Err(ConfigurationError::NoFaults);
    }
    let (f, c, found, needed) = (*f, *c, replicas.len(), replicas_needed(*f, *c));
    if found != needed {
        return Err(ConfigurationError::Replicas { f, c, needed, found });
    }
    let bytes = encode(proposed).len();
    if bytes > CONFIGURATION_BYTES_MAX {
        return Err(ConfigurationError::TooLarge { bytes });
    }
    let (mut keys, mut certificates) = (BTreeSet::new(), BTreeSet::new());
    for (id, record) in (0..).zip(replicas) {
        let replica = ReplicaId(id);
        if !keys.insert(&record.consensus_key) {
            return Err(ConfigurationError::RepeatedKey { replica });
        }
        if record.link_certificate.is_empty() {
            return Err(ConfigurationError::NoCertificate { replica });
        }
        if !certificates.insert(&record.link_certificate) {
            return Err(ConfigurationError::RepeatedCertificate { replica });
        }
        if !is_address(&record.address) {
            return Err(ConfigurationError::Address { replica, found: record.address.to_string() });
        }
    }
    Ok(())
}

/// Whether a text is `host:port` with a port that can be called. What stands behind the name is not known here.
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let plain = |host: &str| host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    let named = match host.strip_prefix('[').map(|rest| rest.strip_suffix(']')) {
        Some(Some(inner)) => inner.parse::<std::net::Ipv6Addr>().is_ok(),
        Some(None) => false,
        None => !host.is_empty() && plain(host),
    };
    let digits = port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    named && digits && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_host_and_a_port() {
        for good in ["replica-0.example:7000", "127.0.0.1:1", "[::1]:65535", "a_b:80"] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["", "host", ":7000", "host:", "host:0", "host:070", "host:65536", "::1:7000", "[::1:7", "a b:7"] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(!is_address("host:+7") && !is_address("[host]:7") && !is_address("https://host:7"));
    }
}
