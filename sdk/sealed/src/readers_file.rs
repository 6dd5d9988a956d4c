//! Readers in a file, `NAME.keys.json` beside the document: JSON, of no use to whoever is not named in it.
//!
//! ```json
//! {
//!   "version": 1,
//!   "channel": "medicines",
//!   "document": "bafy…",
//!   "readers": [ { "member": "maker/anna", "public_key": "01…", "wrapped_key": "…" } ]
//! }
//! ```

use crate::limits::{READERS_JSON_BYTES_MAX, WRAPPED_KEY_BYTES};
use crate::{Reader, Readers, SealedError};
use serde::{Deserialize, Serialize};
use std::fmt;
use theriac_types::{MemberId, Text, decode, encode};

const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    version: u8,
    channel: String,
    document: String,
    readers: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    member: String,
    public_key: String,
    wrapped_key: String,
}

impl Readers {
    /// As a file's content: one line for each value, and one at the end.
    pub fn to_json(&self) -> String {
        let entry = |reader: &Reader| Entry {
            member: reader.member.to_string(),
            public_key: reader.key.to_string(),
            wrapped_key: hex::encode(encode(&reader.wrapped)),
        };
        let content = Content {
            version: VERSION,
            channel: self.channel().to_string(),
            document: self.document().to_owned(),
            readers: self.iter().map(entry).collect(),
        };
        let mut text = serde_json::to_string_pretty(&content).expect("texts and numbers are JSON");
        text.push('\n');
        text
    }

    /// Reads a file's content, refusing unknown fields, members named twice, and more than [`READERS_JSON_BYTES_MAX`].
    pub fn from_json(text: &str) -> Result<Self, SealedError> {
        if text.len() > READERS_JSON_BYTES_MAX {
            return Err(wrong(format!("it has {} bytes, and at most {READERS_JSON_BYTES_MAX} are read", text.len())));
        }
        let content: Content = serde_json::from_str(text).map_err(wrong)?;
        if content.version != VERSION {
            return Err(SealedError::Version { part: "list of readers", found: content.version, known: VERSION });
        }
        let channel = content.channel.parse().map_err(wrong)?;
        let document = Text::new(content.document).map_err(|error| wrong(format!("the document's {error}")))?;
        let readers = content.readers.iter().map(reader).collect::<Result<_, _>>()?;
        Self::of(channel, document, readers)
    }
}

fn reader(entry: &Entry) -> Result<Reader, SealedError> {
    let member: MemberId = entry.member.parse().map_err(wrong)?;
    let of_member = |error: &dyn fmt::Display| wrong(format!("{member}: {error}"));
    let key = entry.public_key.parse().map_err(|error| of_member(&error))?;
    let wrapped = hex::decode(&entry.wrapped_key).map_err(|error| of_member(&format!("wrapped_key: {error}")))?;
    let wrapped = decode(&wrapped, WRAPPED_KEY_BYTES).map_err(|error| of_member(&format!("wrapped_key: {error}")))?;
    Ok(Reader { key, wrapped, member: member.clone() })
}

fn wrong(reason: impl fmt::Display) -> SealedError {
    SealedError::ReadersFormat { reason: reason.to_string() }
}
