//! Throw-away keys: consensus secrets, members' keys, a certificate authority and one TLS certificate per peer.

use crate::cast::{ADMINISTRATOR, CHANNEL, OPERATOR, PLAYERS, Player};
use crate::error::NetworkError;
use crate::folder::{Folder, PeerNote, private_folder, write_secret};
use crate::replica::consensus_secret;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};
use theriac_client::Identity;
use theriac_client::context::identity_file_name;
use theriac_crypto::BlsSecretKey;
use theriac_types::{
    Bytes, Digest, Genesis, GenesisMember, GenesisOrganisation, List, MemberId, OrgId, ReplicaRecord, Role, Text,
};

/// How many faulty peers (f) a network of so many withstands, and how many slow ones (c): f as large as it can be, unless
/// c is chosen.
pub fn tolerance(peers: u16, slow: Option<u16>) -> Result<(u16, u16), NetworkError> {
    let slow_of = |f: u16| {
        let rest = peers.checked_sub(3 * f + 1).filter(|rest| rest.is_multiple_of(2))?;
        Some(rest / 2).filter(|c| slow.is_none_or(|slow| slow == *c))
    };
    let found = (1..=peers / 3).rev().find_map(|f| slow_of(f).map(|c| (f, c)));
    found.ok_or(NetworkError::Peers { peers, slow })
}

/// Makes all keys of a network, writes them to its folder and returns the genesis, in which replicas have no address.
pub(crate) fn found(folder: &Folder, peers: u16, slow: Option<u16>) -> Result<Genesis, NetworkError> {
    let (f, c) = tolerance(peers, slow)?;
    private_folder(&folder.identities())?;
    private_folder(&folder.tls())?;
    let secrets = (0..peers).map(|_| consensus_secret()).collect::<Result<Vec<_>, _>>()?;
    for (index, secret) in secrets.iter().enumerate() {
        private_folder(&folder.peer(index))?;
        let path = folder.peer(index).join("consensus.key");
        write_secret(&path, &format!("{}\n", Digest(secret.to_bytes())))?;
    }
    let certificates = certificates(folder, peers)?;
    let replica = |((index, secret), certificate): ((usize, &BlsSecretKey), Vec<u8>)| {
        Ok(ReplicaRecord {
            org: name(PLAYERS[index % PLAYERS.len()].organisation)?,
            consensus_key: secret.public_key(),
            proof_of_possession: secret.proof_of_possession(),
            link_certificate: Bytes::new(certificate).map_err(NetworkError::keys)?,
            address: Text::default(),
        })
    };
    let replicas = secrets.iter().enumerate().zip(certificates).map(replica);
    let replicas = replicas.collect::<Result<Vec<_>, NetworkError>>()?;
    let members = PLAYERS.iter().flat_map(|player| {
        [(ADMINISTRATOR, vec![Role::Administrator]), (OPERATOR, vec![])].map(|(name, roles)| (player, name, roles))
    });
    let members = members.map(|(player, name, roles)| member(folder, player, name, roles));
    let members = members.collect::<Result<Vec<_>, _>>()?;
    let organisation = |player: &Player| {
        let roles = List::new(vec![player.role]).map_err(NetworkError::keys)?;
        Ok(GenesisOrganisation { id: name(player.organisation)?, roles })
    };
    let organisations = PLAYERS.iter().map(organisation).collect::<Result<Vec<_>, NetworkError>>()?;
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Genesis {
        channel: CHANNEL.parse().map_err(NetworkError::keys)?,
        f,
        c,
        replicas: List::new(replicas).map_err(NetworkError::keys)?,
        organisations: List::new(organisations).map_err(NetworkError::keys)?,
        members: List::new(members).map_err(NetworkError::keys)?,
        time_ms: u64::try_from(since_1970.as_millis()).unwrap_or(u64::MAX),
    })
}

/// Writes the genesis with the replicas' addresses, replacing an earlier one.
pub(crate) fn write_genesis(folder: &Folder, genesis: &Genesis, peers: &[PeerNote]) -> Result<Genesis, NetworkError> {
    let mut replicas = genesis.replicas.to_vec();
    for (replica, peer) in replicas.iter_mut().zip(peers) {
        replica.address = Text::new(peer.consensus.to_string()).map_err(NetworkError::keys)?;
    }
    let genesis = Genesis { replicas: List::new(replicas).map_err(NetworkError::keys)?, ..genesis.clone() };
    let path = folder.genesis();
    fs::write(&path, theriac_types::encode(&genesis)).map_err(NetworkError::file(&path, "written"))?;
    Ok(genesis)
}

fn name(text: &str) -> Result<OrgId, NetworkError> {
    text.parse().map_err(NetworkError::keys)
}

fn member(folder: &Folder, player: &Player, name: &str, roles: Vec<Role>) -> Result<GenesisMember, NetworkError> {
    let id: MemberId = format!("{}/{name}", player.organisation).parse().map_err(NetworkError::keys)?;
    let identity = Identity::generate(id.clone())?;
    identity.save(&folder.identities().join(identity_file_name(&id)))?;
    Ok(GenesisMember { id, key: identity.creator().key, roles: List::new(roles).map_err(NetworkError::keys)? })
}

/// Name in the certificate of a peer.
pub(crate) fn tls_name(index: usize) -> String {
    format!("peer-{index}.theriac.local")
}

/// Writes certificates and their keys; returns the peers' certificates as DER.
fn certificates(folder: &Folder, peers: u16) -> Result<Vec<Vec<u8>>, NetworkError> {
    let mut authority = CertificateParams::new(Vec::new()).map_err(NetworkError::keys)?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.distinguished_name.push(DnType::CommonName, "theriac local network");
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority_key = KeyPair::generate().map_err(NetworkError::keys)?;
    let certificate = authority.self_signed(&authority_key).map_err(NetworkError::keys)?;
    let issuer = Issuer::new(authority, authority_key);
    write_secret(&folder.tls().join("authority.pem"), &certificate.pem())?;
    let mut made = Vec::new();
    for index in 0..usize::from(peers) {
        let names = vec![tls_name(index), "localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut peer = CertificateParams::new(names).map_err(NetworkError::keys)?;
        peer.distinguished_name.push(DnType::CommonName, tls_name(index));
        peer.use_authority_key_identifier_extension = true;
        peer.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        // A replica calls the others and is called by them with the same certificate.
        peer.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().map_err(NetworkError::keys)?;
        let certificate = peer.signed_by(&key, &issuer).map_err(NetworkError::keys)?;
        write_secret(&folder.tls().join(format!("peer-{index}.pem")), &certificate.pem())?;
        write_secret(&folder.tls().join(format!("peer-{index}.key")), &key.serialize_pem())?;
        made.push(certificate.der().to_vec());
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use theriac_client::Trust;

    #[test]
    fn networks_withstand_as_many_faulty_peers_as_they_can() {
        for (peers, expected) in [(4, (1, 0)), (6, (1, 1)), (7, (2, 0)), (8, (1, 2)), (9, (2, 1)), (10, (3, 0))] {
            assert_eq!(tolerance(peers, None).unwrap(), expected, "{peers}");
        }
        for (peers, slow, expected) in [(7, 0, (2, 0)), (8, 2, (1, 2)), (12, 1, (3, 1)), (12, 4, (1, 4))] {
            assert_eq!(tolerance(peers, Some(slow)).unwrap(), expected, "{peers} {slow}");
        }
        assert!(matches!(tolerance(7, Some(1)), Err(NetworkError::Peers { slow: Some(1), .. })));
        for peers in [0, 1, 2, 3, 5] {
            assert!(matches!(tolerance(peers, None), Err(NetworkError::Peers { .. })), "{peers}");
        }
    }

    #[test]
    fn a_founded_network_is_an_anchor_of_trust_with_private_keys() {
        let directory = tempfile::tempdir().unwrap();
        let folder = Folder::new(directory.path());
        let peer = |port| PeerNote {
            gateway: format!("127.0.0.1:{port}").parse().unwrap(),
            consensus: format!("127.0.0.1:{}", port + 1).parse().unwrap(),
            process: None,
        };
        let founded = found(&folder, 4, None).unwrap();
        let genesis = write_genesis(&folder, &founded, &[1, 3, 5, 7].map(peer)).unwrap();
        assert_eq!(&*genesis.replicas[3].address, "127.0.0.1:8");
        assert_eq!(fs::read(folder.genesis()).unwrap(), theriac_types::encode(&genesis));
        assert!(genesis.organisations.windows(2).all(|pair| pair[0].id < pair[1].id));
        assert!(genesis.members.windows(2).all(|pair| pair[0].id < pair[1].id));
        Trust::new(genesis).unwrap();
        let secret = |path: std::path::PathBuf| {
            let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{}", path.display());
        };
        secret(folder.peer(3).join("consensus.key"));
        secret(folder.tls().join("peer-0.key"));
        secret(folder.identities().join("maker.admin.json"));
    }
}
