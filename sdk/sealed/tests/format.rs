//! The format is what the documentation says, and stays so: a second implementation reads what this one writes, and both
//! read what `vectors/version_1.json` holds, which a third one wrote.

mod second;

use serde_json::Value;
use theriac_crypto::MemberKey;
use theriac_sealed::{
    DocumentKey, READERS_BYTES_MAX, Readers, SEGMENT_BYTES, WRAPPED_KEY_BYTES, WrapContext, WrappedKey, open, seal,
    unwrap_key, wrap_key,
};
use theriac_types::{Text, decode, encode};

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/version_1.json")).expect("JSON")
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().expect("a text")).expect("hexadecimal")
}

fn secret(value: &Value) -> [u8; 32] {
    bytes(value).try_into().expect("32 bytes")
}

fn plain(length: u64) -> Vec<u8> {
    (0..length).map(|i| ((i * 2_654_435_761) >> 24) as u8).collect()
}

#[test]
fn documents_of_version_1_open() {
    let vectors = vectors();
    let key = secret(&vectors["document_key"]);
    let documents = vectors["documents"].as_array().expect("a list");
    assert_eq!(documents.len(), 4);
    for document in documents {
        let plain = plain(document["plain_bytes"].as_u64().expect("a number"));
        let sealed = bytes(&document["sealed"]);
        let mut opened = Vec::new();
        open(&DocumentKey::from_bytes(key), &mut &sealed[..], &mut opened).expect("opens");
        assert_eq!(opened, plain);
        assert_eq!(second::open(&key, &sealed), Some(plain));
    }
}

#[test]
fn wrapped_keys_of_version_1_unwrap() {
    let vectors = vectors();
    let wrap = &vectors["wrap"];
    let text = |name: &str| wrap[name].as_str().expect("a text");
    let reader = MemberKey::from_bytes(&secret(&wrap["reader_secret"])).expect("in range");
    assert_eq!(reader.public_key().to_string(), text("reader_key"));
    let context = WrapContext {
        channel: text("channel").parse().expect("a channel"),
        document: Text::new(text("document")).expect("short"),
        reader: text("reader").parse().expect("a member"),
    };
    let wrapped: WrappedKey = decode(&bytes(&wrap["wrapped_key"]), WRAPPED_KEY_BYTES).expect("83 bytes");
    let key = unwrap_key(&reader, &context, &wrapped).expect("is for it");
    assert_eq!(key.as_bytes(), &secret(&vectors["document_key"]));
}

#[test]
fn lists_of_readers_of_version_1_are_read_and_written() {
    let vectors = vectors();
    let readers = Readers::from_json(&vectors["readers_file"].to_string()).expect("a list");
    let encoded = bytes(&vectors["readers"]);
    assert_eq!(decode::<Readers>(&encoded, READERS_BYTES_MAX).expect("canonical"), readers);
    assert_eq!(encode(&readers), encoded);
    assert_eq!(serde_json::from_str::<Value>(&readers.to_json()).expect("JSON"), vectors["readers_file"]);
    let reader = MemberKey::from_bytes(&secret(&vectors["wrap"]["reader_secret"])).expect("in range");
    let key = readers.unwrap_key(&"maker/anna".parse().expect("a member"), &reader).expect("a reader");
    assert_eq!(key.as_bytes(), &secret(&vectors["document_key"]));
}

#[test]
fn the_second_implementation_opens_what_this_one_seals() {
    let key = DocumentKey::generate().expect("random");
    let segment = SEGMENT_BYTES as u64;
    for length in [0, 1, 1000, segment - 1, segment, segment + 1, 2 * segment, 2 * segment + 5] {
        let plain = plain(length);
        let mut sealed = Vec::new();
        seal(&key, &mut &plain[..], &mut sealed).expect("seals");
        assert!(second::open(key.as_bytes(), &sealed) == Some(plain), "{length} bytes");
        sealed.pop();
        assert!(second::open(key.as_bytes(), &sealed).is_none());
    }
}

#[test]
fn the_second_implementation_unwraps_what_this_one_wraps() {
    let secret = [9; 32];
    let reader = MemberKey::from_bytes(&secret).expect("in range");
    let context = WrapContext {
        channel: "medicines".parse().expect("a channel"),
        document: Text::new("bafy").expect("short"),
        reader: "maker/anna".parse().expect("a member"),
    };
    for _ in 0..16 {
        let key = DocumentKey::generate().expect("random");
        let wrapped = encode(&wrap_key(&key, &reader.public_key(), &context).expect("a point"));
        let unwrapped = second::unwrap(&secret, ["medicines", "bafy", "maker", "anna"], &wrapped);
        assert_eq!(unwrapped.as_deref(), Some(&key.as_bytes()[..]));
        assert_eq!(second::unwrap(&secret, ["medicines", "bafy", "maker", "ben"], &wrapped), None);
    }
}
