//! Sealing files for named readers, and the lists of readers that go with them.

use crate::failure::Failure;
use crate::session::parse_member;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use tempfile::NamedTempFile;
use theriac_client::Network;
use theriac_client::sealed::{DocumentKey, Readers, seal};
use theriac_types::limits::CID_BYTES_MAX;
use theriac_types::{Content, MemberId, PublicKey, Text};

/// Members who are to read something, with their keys.
#[derive(Debug)]
pub struct Audience(BTreeMap<MemberId, PublicKey>);

/// A file that only readers open.
pub struct SealedFile {
    /// The encrypted bytes; removed when this is dropped.
    pub file: NamedTempFile,
    key: DocumentKey,
}

impl Audience {
    /// Looks the members up.
    pub async fn of(network: &Network, names: impl IntoIterator<Item = MemberId>) -> Result<Self, Failure> {
        let mut audience = BTreeMap::new();
        for name in names {
            let key = network.reader_key(&name).await?;
            audience.insert(name, key);
        }
        Ok(Self(audience))
    }

    /// Wraps a document's key for each of them.
    pub fn add_to(&self, readers: &mut Readers, key: &DocumentKey) -> Result<(), Failure> {
        for (member, public) in &self.0 {
            readers.add(key, member, public)?;
        }
        Ok(())
    }
}

impl SealedFile {
    /// Encrypts a file under a key of its own.
    pub fn of(path: &Path) -> Result<Self, Failure> {
        let source = File::open(path).map_err(|error| super::unreadable(path, &error))?;
        let file = NamedTempFile::new().map_err(|error| super::unwritable(&std::env::temp_dir(), &error))?;
        let key = DocumentKey::generate()?;
        let mut sink = BufWriter::with_capacity(1 << 20, file.as_file());
        seal(&key, &mut BufReader::with_capacity(1 << 20, source), &mut sink)?;
        sink.flush().map_err(|error| super::unwritable(file.path(), &error))?;
        drop(sink);
        Ok(Self { file, key })
    }

    /// The list of its first readers.
    pub fn readers(
        &self,
        network: &Network,
        cid: &Text<CID_BYTES_MAX>,
        audience: &Audience,
    ) -> Result<Readers, Failure> {
        let mut readers = Readers::none(network.channel().clone(), cid.clone());
        audience.add_to(&mut readers, &self.key)?;
        Ok(readers)
    }
}

/// Hands lists of readers in to the peer that answered last, and gives what they are as files, in the same order.
pub async fn put_lists(network: &Network, lists: &[Readers]) -> Result<Vec<Content>, Failure> {
    let mut put = network.put_documents()?;
    for list in lists {
        let text = list.to_json();
        let sent = put.document(text.as_bytes(), |_| {}).await;
        sent.map_err(|error| Failure::malformed(format!("a list of readers cannot be read: {error}")))?;
    }
    Ok(put.finish().await?)
}

/// Names that were given with `--reader` and the like.
pub fn members(names: &[String]) -> Result<Vec<MemberId>, Failure> {
    names.iter().map(|name| parse_member(name)).collect()
}
