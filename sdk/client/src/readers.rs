//! Who reads a sealed document: the list that peers keep beside it, and how it is replaced and destroyed.
//!
//! The ledger names the list; what it says is that of the last who changed it. A list that was altered opens nothing.

use crate::documents::{Held, chaincode, function};
use crate::error::{Cause, CommitError, ReadError, VerificationError};
use crate::identities::Proven;
use crate::network::Network;
use crate::{Committed, Identity};
use theriac_ledger::system::documents::{Erase, ReadersList, ReadersRecord, Share, readers_key};
use theriac_sealed::{DocumentKey, READERS_JSON_BYTES_MAX, Readers, SealedError};
use theriac_types::limits::CID_BYTES_MAX;
use theriac_types::{Content, MemberId, MemberStatus, PublicKey, Text, encode};

impl Network {
    /// What the ledger says of the readers of a document, proven; nothing unless it is sealed.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn document_readers(&self, cid: &str) -> Result<Option<Proven<ReadersRecord>>, ReadError> {
        self.record(readers_key(cid)).await
    }

    /// A list of readers, from a peer, verified.
    ///
    /// # Errors
    /// `READERS_CHANGED` when another list has replaced it since; and as [`Network::read_document`].
    pub async fn readers_list(&self, cid: &str, list: &ReadersList) -> Result<Readers, ReadError> {
        let mut text = Vec::new();
        if list.content.bytes > READERS_JSON_BYTES_MAX as u64 {
            return Err(self.no_list("it is longer than a list of readers can be"));
        }
        let take = async |piece: &[u8]| {
            text.extend_from_slice(piece);
            Ok::<_, ReadError>(())
        };
        self.read_document(&list.content, take).await?;
        let text = String::from_utf8(text).map_err(|_| self.no_list("it is no text"))?;
        let readers = Readers::from_json(&text).map_err(|error| self.no_list(error))?;
        readers.check_document(self.channel(), cid).map_err(|error| self.no_list(error))?;
        Ok(readers)
    }

    /// The key that the ledger has for a member who is to read something.
    ///
    /// # Errors
    /// When there is no such member, or it may not act: then nobody should be given anything under its key.
    pub async fn reader_key(&self, member: &MemberId) -> Result<PublicKey, ReadError> {
        let missing = || Cause::not_found("MEMBER_UNKNOWN", format!("There is no member {member}: check the name."));
        let record = self.member(member).await?.ok_or_else(missing)?.record;
        if record.status != MemberStatus::Active {
            let message = format!("{member} is no active member, so that nothing is shared with it now.");
            return Err(Cause::not_found("MEMBER_UNKNOWN", message).into());
        }
        Ok(record.key)
    }

    /// Puts another list of readers in the place of the one with this version.
    ///
    /// # Errors
    /// As of every transaction. `READERS_CHANGED` when somebody else was faster.
    pub async fn share_document(
        &self,
        cid: &Text<CID_BYTES_MAX>,
        version: u64,
        list: Content,
        held: &Held,
    ) -> Result<Committed, CommitError> {
        let share = Share { cid: cid.clone(), version, list, holding: held.holding()? };
        self.contract(chaincode()).submit_and_wait(&function("share"), encode(&share)).await
    }

    /// Destroys the list of readers of a document: nobody who has not kept its key opens it again.
    ///
    /// # Errors
    /// As of every transaction.
    pub async fn erase_document(&self, cid: &Text<CID_BYTES_MAX>, reason: &str) -> Result<Committed, CommitError> {
        let reason = Text::new(reason).map_err(|error| Cause::request(format!("the reason: {error}")))?;
        let erase = Erase { cid: cid.clone(), reason };
        self.contract(chaincode()).submit_and_wait(&function("erase"), encode(&erase)).await
    }

    fn no_list(&self, reason: impl ToString) -> ReadError {
        let error = VerificationError::Malformed { what: "list of readers", reason: reason.to_string() };
        Cause::Unverified { peer: self.shared.pool.preferred().name.clone(), error: Box::new(error) }.into()
    }
}

impl Identity {
    /// The key of a sealed document, for a reader of it.
    ///
    /// # Errors
    /// When this member is no reader, or was one under another key.
    pub fn document_key(&self, readers: &Readers) -> Result<DocumentKey, SealedError> {
        readers.unwrap_key(&self.member, self.key())
    }
}
