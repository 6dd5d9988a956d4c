//! A member's key in a file: JSON, readable by its owner only.
//!
//! ```json
//! { "member": "maker/admin", "public_key": "01…", "secret_key": "…" }
//! ```

use crate::signer::KeySigner;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use theriac_crypto::MemberKey;
use theriac_types::{Creator, Digest, MemberId};

const FILE_BYTES_MAX: u64 = 64 * 1024;

/// A key file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IdentityFileError {
    /// Not there, not readable, not writable.
    #[error("the identity file {path} cannot be {action}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// The system's words.
        source: std::io::Error,
    },
    /// Others may read the key.
    #[error("the identity file {path} has mode {mode:o}: anybody may read its key. Run: chmod 600 {path}")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Not the content of an identity file.
    #[error("the file {path} is no identity: {reason}. Make one with: theriac identity new ORGANISATION/MEMBER")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The system gives no random bytes.
    #[error("no key was made: the system gives no random bytes ({reason})")]
    Random {
        /// The system's words.
        reason: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    member: String,
    public_key: String,
    secret_key: String,
}

/// A member and its secret key.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The member.
    pub member: MemberId,
    key: MemberKey,
}

impl Identity {
    /// Makes a key for a member.
    pub fn generate(member: MemberId) -> Result<Self, IdentityFileError> {
        loop {
            let mut secret = [0; 32];
            getrandom::fill(&mut secret).map_err(|error| IdentityFileError::Random { reason: error.to_string() })?;
            // Almost every 32 bytes are a key; the others are drawn again.
            if let Ok(key) = MemberKey::from_bytes(&secret) {
                return Ok(Self { member, key });
            }
        }
    }

    /// Reads an identity file.
    pub fn load(path: &Path) -> Result<Self, IdentityFileError> {
        let failed = |source| IdentityFileError::File { path: path.to_owned(), action: "read", source };
        let wrong = |reason: String| IdentityFileError::Content { path: path.to_owned(), reason };
        let file = File::open(path).map_err(failed)?;
        let mode = file.metadata().map_err(failed)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(IdentityFileError::Exposed { path: path.to_owned(), mode });
        }
        let mut text = String::new();
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(failed)?;
        let content: Content = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let member = content.member.parse().map_err(|error| wrong(format!("{error}")))?;
        // A digest has the same form: 32 bytes in 64 digits.
        let secret = content.secret_key.parse::<Digest>();
        let secret = secret.map_err(|_| wrong("secret_key must be 64 hexadecimal digits".to_owned()))?;
        let key = MemberKey::from_bytes(&secret.0).map_err(|error| wrong(error.to_string()))?;
        if key.public_key().to_string() != content.public_key {
            return Err(wrong("public_key is not that of secret_key".to_owned()));
        }
        Ok(Self { member, key })
    }

    /// Writes an identity file, mode 0600. Never replaces one: a key that is gone is gone.
    pub fn save(&self, path: &Path) -> Result<(), IdentityFileError> {
        let failed = |source| IdentityFileError::File { path: path.to_owned(), action: "written", source };
        let content = Content {
            member: self.member.to_string(),
            public_key: self.key.public_key().to_string(),
            secret_key: Digest(self.key.to_bytes()).to_string(),
        };
        let text = serde_json::to_string_pretty(&content).map_err(|error| failed(error.into()))?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.write_all(b"\n")).map_err(failed)?;
        file.sync_all().map_err(failed)
    }

    /// Member and public key.
    pub fn creator(&self) -> Creator {
        Creator { member: self.member.clone(), key: self.key.public_key() }
    }

    /// Its secret key.
    pub(crate) fn key(&self) -> &MemberKey {
        &self.key
    }

    /// A signer for this member.
    pub fn signer(&self) -> KeySigner {
        KeySigner::new(self.member.clone(), self.key.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs::{self, Permissions};

    #[test]
    fn an_identity_survives_its_file_and_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anna.json");
        let identity = Identity::generate("maker/anna".parse().unwrap()).unwrap();
        identity.save(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Identity::load(&path).unwrap().creator(), identity.creator());
        assert!(matches!(identity.save(&path), Err(IdentityFileError::File { action: "written", .. })));
    }

    #[test]
    fn exposed_and_damaged_files_are_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anna.json");
        Identity::generate("maker/anna".parse().unwrap()).unwrap().save(&path).unwrap();
        let good = fs::read_to_string(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(Identity::load(&path).unwrap_err().to_string().contains("chmod 600"));
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        for bad in ["", "{}", &good.replace("maker/anna", "maker"), &good.replace("\"01", "\"02")] {
            fs::write(&path, bad).unwrap();
            assert!(matches!(Identity::load(&path), Err(IdentityFileError::Content { .. })), "{bad}");
        }
        assert!(matches!(Identity::load(&folder.path().join("none")), Err(IdentityFileError::File { .. })));
    }
}
