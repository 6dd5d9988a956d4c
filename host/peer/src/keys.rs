//! Reading keys and certificates from files.

use crate::error::PeerError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use theriac_crypto::BlsSecretKey;

/// Largest key or certificate file, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Reads a file that only its owner may read.
pub fn read_secret(what: &'static str, path: &Path) -> Result<String, PeerError> {
    let file = File::open(path).map_err(PeerError::file(what, path))?;
    let mode = file.metadata().map_err(PeerError::file(what, path))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(PeerError::Exposed { what, path: path.to_owned(), mode });
    }
    read_text(what, path, file)
}

/// Reads a file that anyone may read.
pub fn read_public(what: &'static str, path: &Path) -> Result<String, PeerError> {
    let file = File::open(path).map_err(PeerError::file(what, path))?;
    read_text(what, path, file)
}

fn read_text(what: &'static str, path: &Path, file: File) -> Result<String, PeerError> {
    let mut text = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(PeerError::file(what, path))?;
    Ok(text)
}

/// Reads a replica's consensus secret: 64 hexadecimal digits.
pub fn read_consensus_key(path: &Path) -> Result<BlsSecretKey, PeerError> {
    let what = "consensus key";
    let text = read_secret(what, path)?;
    let wrong = |reason: String| PeerError::Content { what, path: path.to_owned(), reason };
    // A digest has the same form: 32 bytes in 64 digits.
    let secret = text.trim().parse::<theriac_types::Digest>();
    let secret = secret.map_err(|_| wrong("it must be 64 hexadecimal digits".to_owned()))?;
    BlsSecretKey::from_bytes(&secret.0).map_err(|error| wrong(error.to_string()))
}

/// Reads the first certificate of a PEM file: a replica's own.
pub fn read_certificate(path: &Path) -> Result<CertificateDer<'static>, PeerError> {
    let what = "certificate";
    let text = read_public(what, path)?;
    CertificateDer::from_pem_slice(text.as_bytes()).map_err(|error| PeerError::Content {
        what,
        path: path.to_owned(),
        reason: format!("it holds no certificate in PEM form ({error})"),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs::{self, Permissions};

    #[test]
    fn a_secret_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("consensus.key");
        fs::write(&path, "01".repeat(32)).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let error = read_consensus_key(&path).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(read_consensus_key(&path).unwrap().to_bytes(), [1; 32]);
        fs::write(&path, "01").unwrap();
        assert_eq!(read_consensus_key(&path).unwrap_err().code(), "FILE_INVALID");
        assert_eq!(read_consensus_key(&folder.path().join("none")).unwrap_err().code(), "FILE_UNREADABLE");
    }
}
