//! Who can read one document: its key, wrapped for each of them.

use crate::limits::READERS_MAX;
use crate::{DocumentKey, SealedError, WrapContext, WrappedKey, unwrap_key, wrap_key};
use borsh::io::{Error, ErrorKind, Read};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_crypto::MemberKey;
use theriac_types::limits::CID_BYTES_MAX;
use theriac_types::{ChannelId, List, MemberId, PublicKey, Text};

const VERSION: u8 = 1;

/// A member who can read the document.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Reader {
    /// The member.
    pub member: MemberId,
    /// The key it had when it became a reader; only that key unwraps.
    pub key: PublicKey,
    /// The document's key, wrapped.
    pub wrapped: WrappedKey,
}

/// The readers of one document, at most 256, each once. Says nothing about the document but its name, and needs no
/// protection but a copy: without it, and without the document's key, nobody reads the document ever again.
///
/// Nobody signs it. Altered, it opens nothing: what it unwraps is not the key that the document was sealed with, and the
/// document says so.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize)]
pub struct Readers {
    version: u8,
    channel: ChannelId,
    document: Text<CID_BYTES_MAX>,
    /// By member, ascending.
    readers: List<Reader, READERS_MAX>,
}

impl Readers {
    /// Nobody yet. `document` is the CID of the sealed document.
    pub fn none(channel: ChannelId, document: Text<CID_BYTES_MAX>) -> Self {
        Self { version: VERSION, channel, document, readers: List::default() }
    }

    /// The channel that names the document.
    pub fn channel(&self) -> &ChannelId {
        &self.channel
    }

    /// The CID of the sealed document.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Fails when these are the readers of another document, or of one on another channel.
    pub fn check_document(&self, channel: &ChannelId, document: &str) -> Result<(), SealedError> {
        if (&self.channel, self.document()) == (channel, document) {
            return Ok(());
        }
        let found = format!("{} on channel {}", self.document(), self.channel);
        Err(SealedError::ReadersOfOther { found, wanted: format!("{document} on channel {channel}") })
    }

    /// The readers, by member.
    pub fn iter(&self) -> std::slice::Iter<'_, Reader> {
        self.readers.iter()
    }

    /// The reader of this name.
    pub fn find(&self, member: &MemberId) -> Option<&Reader> {
        self.place(member).ok().map(|at| &self.readers[at])
    }

    /// Lets a member read: wraps the document's key for the key that the ledger has for it. A reader who was one already
    /// gets a new wrap, which is what a new key needs.
    pub fn add(&mut self, key: &DocumentKey, member: &MemberId, to: &PublicKey) -> Result<(), SealedError> {
        let place = self.place(member);
        if place.is_err() && self.readers.len() == READERS_MAX {
            return Err(SealedError::ReadersFull);
        }
        let wrapped = wrap_key(key, to, &self.context(member))?;
        let reader = Reader { member: member.clone(), key: *to, wrapped };
        self.change(|readers| match place {
            Ok(at) => readers[at] = reader,
            Err(at) => readers.insert(at, reader),
        });
        Ok(())
    }

    /// Takes a member off the list. What it has read, or unwrapped and kept, it still knows.
    pub fn remove(&mut self, member: &MemberId) -> Result<(), SealedError> {
        let at = self.place(member).map_err(|_| SealedError::ReaderUnknown { member: member.clone() })?;
        self.change(|readers| {
            readers.remove(at);
        });
        Ok(())
    }

    /// The document's key, for a reader with its own key.
    pub fn unwrap_key(&self, member: &MemberId, own: &MemberKey) -> Result<DocumentKey, SealedError> {
        let reader = self.find(member).ok_or_else(|| SealedError::ReaderUnknown { member: member.clone() })?;
        let found = own.public_key();
        if reader.key != found {
            return Err(SealedError::ReaderKeyReplaced { member: member.clone(), wrapped_for: reader.key, found });
        }
        unwrap_key(own, &self.context(member), &reader.wrapped)
    }

    /// Puts a list together, in any order; fails on a member named twice or too many of them.
    pub(crate) fn of(
        channel: ChannelId,
        document: Text<CID_BYTES_MAX>,
        mut readers: Vec<Reader>,
    ) -> Result<Self, SealedError> {
        readers.sort_by(|a, b| a.member.cmp(&b.member));
        if let Some(twice) = readers.windows(2).find(|pair| pair[0].member == pair[1].member) {
            return Err(SealedError::ReadersFormat { reason: format!("it names {} twice", twice[0].member) });
        }
        let readers = List::new(readers).map_err(|error| SealedError::ReadersFormat { reason: error.to_string() })?;
        Ok(Self { version: VERSION, channel, document, readers })
    }

    fn place(&self, member: &MemberId) -> Result<usize, usize> {
        self.readers.binary_search_by(|reader| reader.member.cmp(member))
    }

    fn context(&self, member: &MemberId) -> WrapContext {
        WrapContext { channel: self.channel.clone(), document: self.document.clone(), reader: member.clone() }
    }

    fn change(&mut self, change: impl FnOnce(&mut Vec<Reader>)) {
        let mut readers = std::mem::take(&mut self.readers).into_vec();
        change(&mut readers);
        self.readers = List::new(readers).expect("nobody is added to a full list");
    }
}

impl BorshDeserialize for Readers {
    fn deserialize_reader<R: Read>(reader: &mut R) -> borsh::io::Result<Self> {
        let invalid = |reason: String| Error::new(ErrorKind::InvalidData, reason);
        let version = u8::deserialize_reader(reader)?;
        if version != VERSION {
            return Err(invalid(format!("it has version {version}, this program reads {VERSION}")));
        }
        let channel = ChannelId::deserialize_reader(reader)?;
        let document = Text::deserialize_reader(reader)?;
        let readers = List::<Reader, READERS_MAX>::deserialize_reader(reader)?;
        if !readers.is_sorted_by(|a, b| a.member < b.member) {
            return Err(invalid("its members are not in order, or one is named twice".to_owned()));
        }
        Ok(Self { version, channel, document, readers })
    }
}
