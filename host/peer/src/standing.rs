//! Whether this peer's key may vote: only while the peer holds everything that the key ever signed.
//!
//! A replica that forgot what it voted for is as dangerous as one that lies. So before a key votes for the first time
//! two files become durable: `voter` in the data folder, and one beside the key, named like it and `.used`. Both name
//! the folder. A data folder without the first, or with another name than the second, has lost what the key signed:
//! the key never votes again, and its peer observes until it has another one.
//!
//! When neither is there the key is new, or everything was lost with the machine. Then others tell. The peer observes
//! until a quorum of the epoch's replicas says that the epoch has no checkpoint yet, in which case nothing that the key
//! could have signed is settled, and it may vote; or until it sees such a checkpoint proven, in which case what the key
//! signed counts as lost. A key that is none of the epoch's has signed nothing while a quorum is in that epoch.

use crate::error::PeerError;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use theriac_types::{Bytes, Epoch};

/// Name of the file in the data folder.
const VOTER_FILE: &str = "voter";

/// What is known of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything it signed is here, or it has signed nothing.
    Known,
    /// It may have signed something, and nothing of that is here.
    Unknown,
    /// What it signed is gone.
    Lost,
}

/// The file in the data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Voter {
    /// The public half of the key that this is about.
    key: String,
    /// This data folder's name, drawn when it was first used.
    folder: String,
    /// The last epoch that the key may have voted in.
    voted: Option<u64>,
    /// What is known of it.
    verdict: Verdict,
}

/// The standing of this peer's key.
#[derive(Debug)]
pub struct Standing {
    data: PathBuf,
    used: PathBuf,
    voter: Voter,
}

impl Standing {
    /// Reads what is known.
    ///
    /// # Errors
    /// When a file is there and cannot be read or written.
    pub fn open(data: &Path, key_file: &Path, public_key: &Bytes<96>, is_empty: bool) -> Result<Self, PeerError> {
        let mut used = key_file.as_os_str().to_owned();
        used.push(".used");
        let (data, used) = (data.to_owned(), PathBuf::from(used));
        let key: String = public_key.iter().map(|byte| format!("{byte:02x}")).collect();
        let used_by = read_if_there("mark of the consensus key", &used)?;
        let used_by = used_by.as_deref().map(str::trim);
        let (voter, verdict) = match read_voter(&data)? {
            Some(voter) if voter.key == key => {
                let elsewhere = used_by.is_some_and(|folder| folder != voter.folder);
                let vanished = used_by.is_none() && voter.voted.is_some();
                let verdict = if elsewhere || vanished { Verdict::Lost } else { voter.verdict };
                (voter, verdict)
            }
            // Another key voted here before: this one is new, unless it is in use elsewhere.
            Some(voter) => {
                let verdict = if used_by.is_none() { Verdict::Known } else { Verdict::Lost };
                (Voter { key, voted: None, ..voter }, verdict)
            }
            None => {
                let verdict = if used_by.is_none() && is_empty { Verdict::Unknown } else { Verdict::Lost };
                (Voter { key, folder: random_name()?, voted: None, verdict }, verdict)
            }
        };
        let mut standing = Self { data, used, voter };
        standing.decide(verdict)?;
        Ok(standing)
    }

    /// What is known of the key.
    pub fn verdict(&self) -> Verdict {
        self.voter.verdict
    }

    /// Whether the key may vote in an epoch whose log is here, or is not.
    pub fn may_vote(&self, epoch: Epoch, has_log: bool) -> bool {
        let voted = self.voter.voted;
        let remembers = voted.is_none_or(|voted| voted < epoch.0 || (voted == epoch.0 && has_log));
        self.voter.verdict == Verdict::Known && remembers
    }

    /// Notes durably that the key is going to vote in an epoch, whose log is there from now on.
    ///
    /// # Errors
    /// When the notes cannot be written: then it must not vote.
    pub fn will_vote(&mut self, epoch: Epoch) -> Result<(), PeerError> {
        if self.voter.voted == Some(epoch.0) {
            return Ok(());
        }
        // In this order: a crash between the two leaves a key that counts as used, by a folder that says it never did.
        write_durably("mark of the consensus key", &self.used, &format!("{}\n", self.voter.folder))?;
        self.write(Voter { voted: Some(epoch.0), ..self.voter.clone() })
    }

    /// Notes durably what was found out about the key.
    ///
    /// # Errors
    /// When the note cannot be written.
    pub fn decide(&mut self, verdict: Verdict) -> Result<(), PeerError> {
        self.write(Voter { verdict, ..self.voter.clone() })
    }

    fn write(&mut self, voter: Voter) -> Result<(), PeerError> {
        let (what, path) = ("voter file", self.data.join(VOTER_FILE));
        let wrong =
            |error: toml::ser::Error| PeerError::Content { what, path: path.clone(), reason: error.to_string() };
        let text = toml::to_string(&voter).map_err(wrong)?;
        write_durably(what, &path, &text)?;
        self.voter = voter;
        Ok(())
    }
}

fn read_voter(data: &Path) -> Result<Option<Voter>, PeerError> {
    let (what, path) = ("voter file", data.join(VOTER_FILE));
    let Some(text) = read_if_there(what, &path)? else { return Ok(None) };
    let reason = |error: toml::de::Error| error.to_string().trim_end().to_owned();
    toml::from_str(&text).map(Some).map_err(|error| PeerError::Content { what, path, reason: reason(error) })
}

fn read_if_there(what: &'static str, path: &Path) -> Result<Option<String>, PeerError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PeerError::file(what, path)(error)),
    }
}

/// Replaces a file as a whole, and waits for the disk.
fn write_durably(what: &'static str, path: &Path, text: &str) -> Result<(), PeerError> {
    let write = || {
        let fresh = path.with_extension("new");
        let mut file = File::create(&fresh)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    };
    write().map_err(|source| PeerError::Mark { what, path: path.to_owned(), source })
}

/// A name that no other folder has.
fn random_name() -> Result<String, PeerError> {
    let (what, path) = ("random source", Path::new("/dev/urandom"));
    let mut bytes = [0; 16];
    let read = File::open(path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut bytes));
    read.map_err(PeerError::file(what, path))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::testing::consensus_key;

    struct Machine(tempfile::TempDir);

    impl Machine {
        fn new() -> Self {
            let machine = Self(tempfile::tempdir().unwrap());
            fs::create_dir(machine.data()).unwrap();
            machine
        }

        fn data(&self) -> PathBuf {
            self.0.path().join("data")
        }

        fn open(&self, key: u8) -> Standing {
            self.open_with(key, true)
        }

        fn open_with(&self, key: u8, is_empty: bool) -> Standing {
            let file = self.0.path().join(format!("consensus-{key}.key"));
            Standing::open(&self.data(), &file, &consensus_key(key).public_key(), is_empty).unwrap()
        }

        fn wipe(&self) {
            fs::remove_dir_all(self.data()).unwrap();
            fs::create_dir(self.data()).unwrap();
        }

        /// A key that voted in epoch 0.
        fn voted(&self, key: u8) {
            let mut standing = self.open(key);
            assert_eq!(standing.verdict(), Verdict::Unknown);
            standing.decide(Verdict::Known).unwrap();
            standing.will_vote(Epoch(0)).unwrap();
        }
    }

    #[test]
    fn a_key_that_voted_votes_on_as_long_as_its_log_is_there() {
        let machine = Machine::new();
        machine.voted(1);
        let mut standing = machine.open_with(1, false);
        assert!(standing.may_vote(Epoch(0), true));
        assert!(!standing.may_vote(Epoch(0), false), "its log is gone");
        standing.will_vote(Epoch(3)).unwrap();
        let standing = machine.open_with(1, false);
        assert!(standing.may_vote(Epoch(3), true) && standing.may_vote(Epoch(4), false));
        assert!(!standing.may_vote(Epoch(2), true), "the ledger is older than the votes");
    }

    #[test]
    fn a_wiped_folder_never_votes_under_the_old_key() {
        let machine = Machine::new();
        machine.voted(1);
        machine.wipe();
        assert_eq!(machine.open(1).verdict(), Verdict::Lost);
        for epoch in 0..9 {
            assert!(!machine.open_with(1, false).may_vote(Epoch(epoch), true));
        }
        let standing = machine.open_with(2, false);
        assert!(standing.may_vote(Epoch(1), false), "a new key in the same folder may");
    }

    #[test]
    fn a_key_in_use_by_another_folder_does_not_vote() {
        let (machine, other) = (Machine::new(), Machine::new());
        machine.voted(1);
        other.voted(2);
        fs::copy(machine.0.path().join("consensus-1.key.used"), other.0.path().join("consensus-1.key.used")).unwrap();
        assert_eq!(other.open_with(1, false).verdict(), Verdict::Lost);
        fs::copy(other.data().join(VOTER_FILE), machine.data().join(VOTER_FILE)).unwrap();
        assert_eq!(machine.open_with(1, false).verdict(), Verdict::Lost, "a folder brought from elsewhere");
    }

    #[test]
    fn a_key_whose_mark_names_another_folder_or_is_gone_does_not_vote() {
        let (machine, other) = (Machine::new(), Machine::new());
        machine.voted(1);
        other.voted(1);
        let mark = |machine: &Machine| machine.0.path().join("consensus-1.key.used");
        fs::copy(mark(&other), mark(&machine)).unwrap();
        assert_eq!(machine.open_with(1, false).verdict(), Verdict::Lost, "it voted from the other folder, too");
        fs::remove_file(mark(&other)).unwrap();
        assert_eq!(other.open_with(1, false).verdict(), Verdict::Lost, "nobody knows what else was taken back");
    }

    #[test]
    fn nothing_at_all_leaves_the_question_open() {
        let machine = Machine::new();
        let mut standing = machine.open(1);
        assert_eq!(standing.verdict(), Verdict::Unknown);
        assert!(!standing.may_vote(Epoch(0), false));
        assert_eq!(machine.open_with(1, false).verdict(), Verdict::Unknown, "and open it stays");
        let other = Machine::new();
        assert_eq!(other.open_with(1, false).verdict(), Verdict::Lost, "a ledger without the file");
        standing.decide(Verdict::Known).unwrap();
        assert!(machine.open_with(1, false).may_vote(Epoch(0), false), "it was found to be new");
    }
}
