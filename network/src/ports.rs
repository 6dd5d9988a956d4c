//! Free ports on loopback.

use crate::error::NetworkError;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Below the range that Linux gives to outgoing connections, so that none of those takes a stopped peer's port.
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;

/// Finds so many free ports. Others may take them before a peer does: whoever uses them tries again with new ones.
pub(crate) fn free_ports(wanted: usize) -> Result<Vec<SocketAddr>, NetworkError> {
    let failed = || NetworkError::Ports { wanted, first: FIRST, last: LAST };
    let mut seed = [0; 2];
    getrandom::fill(&mut seed).map_err(NetworkError::keys)?;
    let count = LAST - FIRST;
    let start = u16::from_le_bytes(seed) % count;
    // Held until all are found, so that none is found twice.
    let mut held = Vec::with_capacity(wanted);
    for offset in 0..count {
        let port = FIRST + (start + offset) % count;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if let Ok(listener) = TcpListener::bind(address) {
            held.push((address, listener));
        }
        if held.len() == wanted {
            return Ok(held.into_iter().map(|(address, _)| address).collect());
        }
    }
    Err(failed())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ports_are_free_and_each_another() {
        let found = free_ports(8).unwrap();
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), 8);
        let listeners: Vec<_> = found.iter().map(TcpListener::bind).collect();
        assert!(listeners.iter().all(Result::is_ok));
        let next = free_ports(8).unwrap();
        assert!(next.iter().all(|address| !found.contains(address)), "taken ports are passed over");
    }
}
