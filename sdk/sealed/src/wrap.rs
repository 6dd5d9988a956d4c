//! A document's key, wrapped so that one reader can unwrap it.

use crate::limits::TAG_BYTES;
use crate::{DocumentKey, SealedError, hpke, random};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_crypto::MemberKey;
use theriac_types::limits::CID_BYTES_MAX;
use theriac_types::{ChannelId, MemberId, PublicKey, Text, encode};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
/// What a wrap is for. No other use of HPKE with members' keys may begin its info so.
const PURPOSE: &str = "theriac/wrapped-document-key";

/// What a wrapped key is bound to: it opens for this reader, of this document, on this channel, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize)]
pub struct WrapContext {
    /// The channel that names the document.
    pub channel: ChannelId,
    /// The CID of the sealed document, as the ledger spells it.
    pub document: Text<CID_BYTES_MAX>,
    /// The reader.
    pub reader: MemberId,
}

impl WrapContext {
    /// HPKE's info.
    fn info(&self) -> Vec<u8> {
        encode(&(PURPOSE, VERSION, self))
    }
}

/// A document's key for one reader: 83 bytes, of no use to anybody else.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct WrappedKey {
    /// The form of what follows; 1.
    version: u8,
    /// The public half of a key that was made for this wrap alone.
    ephemeral: PublicKey,
    /// The document's key, encrypted, and the tag.
    sealed: [u8; 32 + TAG_BYTES],
}

/// Wraps a document's key for the owner of `to`. The same arguments give another wrap every time.
///
/// `to` must be the key that the ledger has for the reader of the context: whoever owns `to` will read the document.
pub fn wrap_key(key: &DocumentKey, to: &PublicKey, context: &WrapContext) -> Result<WrappedKey, SealedError> {
    wrap_with(&random::ephemeral_key()?, key, to, context)
}

/// Unwraps a document's key with the reader's own key and the context it was wrapped in.
///
/// Anybody may wrap some key for a reader: that it is the document's shows when the document opens with it.
pub fn unwrap_key(own: &MemberKey, context: &WrapContext, wrapped: &WrappedKey) -> Result<DocumentKey, SealedError> {
    if wrapped.version != VERSION {
        return Err(SealedError::Version { part: "wrapped key", found: wrapped.version, known: VERSION });
    }
    // A point that is none, or of a foreign suite, was not written by wrapping: it was altered like any other byte.
    let plain = hpke::open(own, &wrapped.ephemeral, &context.info(), &wrapped.sealed).ok().flatten();
    let plain = plain.ok_or(SealedError::WrappedKeyWrong)?;
    let mut key = Zeroizing::new([0; 32]);
    key.copy_from_slice(&plain);
    Ok(DocumentKey::from_bytes(*key))
}

fn wrap_with(
    ephemeral: &MemberKey,
    key: &DocumentKey,
    to: &PublicKey,
    context: &WrapContext,
) -> Result<WrappedKey, SealedError> {
    let sealed = hpke::seal(ephemeral, to, &context.info(), key.as_bytes())
        .map_err(|source| SealedError::ReaderKeyInvalid { key: *to, source })?;
    let sealed = sealed.try_into().expect("encrypting 32 bytes gives 32 bytes and a tag");
    Ok(WrappedKey { version: VERSION, ephemeral: ephemeral.public_key(), sealed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// What version 1 wraps is fixed to the byte.
    #[test]
    fn keys_are_wrapped_as_the_vector_says() {
        let vectors: Value = serde_json::from_str(include_str!("../tests/vectors/version_1.json")).expect("JSON");
        let wrap = &vectors["wrap"];
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let secret = |value: &Value| hex::decode(text(value)).expect("hexadecimal").try_into().expect("32 bytes");
        let ephemeral = MemberKey::from_bytes(&secret(&wrap["ephemeral_secret"])).expect("in range");
        let key = DocumentKey::from_bytes(secret(&vectors["document_key"]));
        let context = WrapContext {
            channel: text(&wrap["channel"]).parse().expect("a channel"),
            document: Text::new(text(&wrap["document"])).expect("short"),
            reader: text(&wrap["reader"]).parse().expect("a member"),
        };
        let to = text(&wrap["reader_key"]).parse().expect("a key");
        let wrapped = wrap_with(&ephemeral, &key, &to, &context).expect("a point");
        assert_eq!(hex::encode(encode(&wrapped)), text(&wrap["wrapped_key"]));
    }
}
