//! A file that remembers how far a stream of events was read.
//!
//! It is written after a transaction's events are printed, and takes the old one's place as a whole. Whoever is
//! interrupted goes on behind the last transaction printed; killed between the two, with that one once more. An event
//! is known by its height, index and number.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::parse;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use theriac_client::{EventFilter, Position};
use theriac_types::{Digest, Height};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    /// Digest of the genesis.
    network: String,
    chaincode: Option<String>,
    topics: Vec<String>,
    /// The first place not printed yet.
    resume: String,
}

/// A checkpoint file of one network and choice of events.
#[derive(Debug)]
pub struct Checkpoint {
    path: PathBuf,
    content: Content,
}

impl Checkpoint {
    /// Opens the file, or prepares a new one. Gives the place to go on from, when there is one.
    ///
    /// # Errors
    /// When the file cannot be read, or was made for something else.
    pub fn open(path: &Path, network: Digest, filter: &EventFilter) -> Result<(Self, Option<Position>), Failure> {
        let mut topics = filter.topics.clone();
        topics.sort();
        topics.dedup();
        let chaincode = filter.chaincode.as_ref().map(ToString::to_string);
        let mut content = Content { network: network.to_string(), chaincode, topics, resume: String::new() };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok((Self { path: path.to_owned(), content }, None));
            }
            Err(error) => return Err(failed(path, &error)),
        };
        let found: Content = serde_json::from_str(&text)
            .map_err(|error| Failure::usage("FILE_INVALID", format!("{} is no checkpoint: {error}", path.display())))?;
        content.resume.clone_from(&found.resume);
        if found != content {
            let message = format!("{} is a checkpoint of another network or choice of events", path.display());
            return Err(Failure::usage("CHECKPOINT_FOREIGN", message));
        }
        let resume = parse_position(&found.resume)?;
        Ok((Self { path: path.to_owned(), content }, Some(resume)))
    }

    /// Remembers a place.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&mut self, position: Position) -> Result<(), Failure> {
        self.content.resume = format!("{}:{}", position.height, position.index);
        let text = serde_json::to_string(&self.content)
            .map_err(|error| Failure::new(Exit::Internal, "FILE_FAILED", error.to_string()))?;
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let new = self.path.with_file_name(name);
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&new, &self.path)
        };
        write().map_err(|error| failed(&self.path, &error))
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Internal, "FILE_FAILED", format!("{} cannot be used: {error}", path.display()))
}

/// Reads `HEIGHT` or `HEIGHT:INDEX`.
pub fn parse_position(text: &str) -> Result<Position, Failure> {
    let (height, index) = text.split_once(':').unwrap_or((text, "0"));
    Ok(Position { height: Height(parse(height)?), index: parse(index)? })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_checkpoint_is_found_again_by_whoever_asks_for_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seen.json");
        let network = Digest([3; 32]);
        let filter = |topic: &str| EventFilter { chaincode: None, topics: vec![topic.to_owned()] };
        let (mut checkpoint, resume) = Checkpoint::open(&path, network, &filter("moved")).unwrap();
        assert_eq!(resume, None);
        for index in 0..3 {
            checkpoint.save(Position { height: Height(7), index }).unwrap();
        }
        let (_, resume) = Checkpoint::open(&path, network, &filter("moved")).unwrap();
        assert_eq!(resume, Some(Position { height: Height(7), index: 2 }));
        for (network, topic) in [(Digest([4; 32]), "moved"), (network, "made")] {
            let refused = Checkpoint::open(&path, network, &filter(topic));
            assert!(format!("{:?}", refused.unwrap_err()).contains("CHECKPOINT_FOREIGN"));
        }
        std::fs::write(&path, "{}").unwrap();
        let refused = Checkpoint::open(&path, network, &filter("moved"));
        assert!(format!("{:?}", refused.unwrap_err()).contains("FILE_INVALID"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left behind");
    }
}
