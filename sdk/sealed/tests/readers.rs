//! A document's key reaches its readers, and nobody else.

use proptest::prelude::*;
use theriac_crypto::MemberKey;
use theriac_sealed::{
    DocumentKey, READERS_BYTES_MAX, READERS_JSON_BYTES_MAX, READERS_MAX, Readers, SealedError, WRAPPED_KEY_BYTES,
    WrapContext, WrappedKey, open, seal, unwrap_key, wrap_key,
};
use theriac_types::keys::SUITE_SECP256K1;
use theriac_types::{ChannelId, MemberId, PublicKey, Text, decode, encode};

const CID: &str = "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy";

fn own(byte: u8) -> MemberKey {
    MemberKey::from_bytes(&[byte; 32]).expect("in range")
}

fn member(name: &str) -> MemberId {
    name.parse().expect("a member")
}

fn channel() -> ChannelId {
    "medicines".parse().expect("a channel")
}

fn context(channel: &str, document: &str, reader: &str) -> WrapContext {
    let document = Text::new(document).expect("short");
    WrapContext { channel: channel.parse().expect("a channel"), document, reader: member(reader) }
}

fn nobody() -> Readers {
    Readers::none(channel(), Text::new(CID).expect("short"))
}

fn code<T>(result: Result<T, SealedError>) -> &'static str {
    result.map_or_else(|error| error.code(), |_| "done")
}

#[test]
fn a_wrapped_key_opens_for_its_reader_of_its_document_on_its_channel_alone() {
    let key = DocumentKey::generate().expect("random");
    let good = context("medicines", CID, "maker/anna");
    let wrapped = wrap_key(&key, &own(1).public_key(), &good).expect("a point");
    assert_eq!(unwrap_key(&own(1), &good, &wrapped).expect("is for it").as_bytes(), key.as_bytes());
    assert_eq!(code(unwrap_key(&own(2), &good, &wrapped)), "WRAPPED_KEY_WRONG");
    for other in [
        context("vaccines", CID, "maker/anna"),
        context("medicines", &CID[1..], "maker/anna"),
        context("medicines", CID, "maker/ann"),
        context("medicines", CID, "carrier/anna"),
        // The same letters, divided otherwise.
        context("medicinesb", &CID[1..], "maker/anna"),
    ] {
        assert_eq!(code(unwrap_key(&own(1), &other, &wrapped)), "WRAPPED_KEY_WRONG", "{other:?}");
    }
    let again = wrap_key(&key, &own(1).public_key(), &good).expect("a point");
    assert_ne!(encode(&wrapped), encode(&again), "every wrap has a key of its own");
}

#[test]
fn every_altered_bit_of_a_wrapped_key_is_found() {
    let good = context("medicines", CID, "maker/anna");
    let key = DocumentKey::from_bytes([3; 32]);
    let wrapped = encode(&wrap_key(&key, &own(1).public_key(), &good).expect("a point"));
    assert_eq!(wrapped.len(), WRAPPED_KEY_BYTES);
    for bit in 0..wrapped.len() * 8 {
        let mut bad = wrapped.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let bad: WrappedKey = decode(&bad, WRAPPED_KEY_BYTES).expect("any 83 bytes");
        let expected = if bit < 8 { "SEALED_VERSION" } else { "WRAPPED_KEY_WRONG" };
        assert_eq!(code(unwrap_key(&own(1), &good, &bad)), expected, "bit {bit}");
    }
    for length in 0..wrapped.len() {
        assert!(decode::<WrappedKey>(&wrapped[..length], WRAPPED_KEY_BYTES).is_err());
    }
}

#[test]
fn what_is_no_point_is_refused_as_a_reader_and_as_an_ephemeral_key() {
    let good = context("medicines", CID, "maker/anna");
    let key = DocumentKey::from_bytes([3; 32]);
    let wrapped = encode(&wrap_key(&key, &own(1).public_key(), &good).expect("a point"));
    let mut five = [0; 32];
    five[31] = 5;
    // x beyond the field; x of a point of the twist; forms of SEC 1 that are not compressed, the identity's among them.
    for (tag, x) in [(2, [0xff; 32]), (2, five), (3, five), (4, [1; 32]), (5, [1; 32]), (6, [1; 32]), (0, [0; 32])] {
        let mut point = [SUITE_SECP256K1; PublicKey::LENGTH];
        point[1] = tag;
        point[2..].copy_from_slice(&x);
        assert_eq!(code(wrap_key(&key, &PublicKey(point), &good)), "READER_KEY_INVALID", "{tag} {x:?}");
        let mut readers = nobody();
        assert_eq!(code(readers.add(&key, &good.reader, &PublicKey(point))), "READER_KEY_INVALID", "{tag} {x:?}");
        assert_eq!(readers, nobody());
        let mut bad = wrapped.clone();
        bad[1..1 + PublicKey::LENGTH].copy_from_slice(&point);
        let bad = decode(&bad, WRAPPED_KEY_BYTES).expect("any 83 bytes");
        assert_eq!(code(unwrap_key(&own(1), &good, &bad)), "WRAPPED_KEY_WRONG", "{tag} {x:?}");
    }
}

#[test]
fn readers_come_and_go() {
    let key = DocumentKey::generate().expect("random");
    let (anna, ben) = (member("maker/anna"), member("carrier/ben"));
    let mut readers = nobody();
    readers.add(&key, &anna, &own(1).public_key()).expect("a point");
    assert_eq!(code(readers.unwrap_key(&ben, &own(2))), "READER_UNKNOWN");
    // Whoever can read can let others read.
    let hers = readers.unwrap_key(&anna, &own(1)).expect("a reader");
    readers.add(&hers, &ben, &own(2).public_key()).expect("a point");
    let his = readers.unwrap_key(&ben, &own(2)).expect("a reader");
    assert_eq!(his.as_bytes(), key.as_bytes());
    assert_eq!(
        readers.iter().map(|reader| reader.member.to_string()).collect::<Vec<_>>(),
        ["carrier/ben", "maker/anna"]
    );
    assert_eq!(readers.find(&ben).map(|reader| reader.key), Some(own(2).public_key()));
    // Anna has a new key, and then is a reader no more.
    assert_eq!(code(readers.unwrap_key(&anna, &own(3))), "READER_KEY_REPLACED");
    readers.add(&his, &anna, &own(3).public_key()).expect("a point");
    assert_eq!(readers.iter().count(), 2);
    assert_eq!(code(readers.unwrap_key(&anna, &own(1))), "READER_KEY_REPLACED");
    assert!(readers.unwrap_key(&anna, &own(3)).is_ok());
    readers.remove(&anna).expect("a reader");
    assert_eq!(code(readers.remove(&anna)), "READER_UNKNOWN");
    assert_eq!(code(readers.unwrap_key(&anna, &own(3))), "READER_UNKNOWN");
    assert!(readers.unwrap_key(&ben, &own(2)).is_ok());
}

#[test]
fn a_list_says_whose_it_is_and_is_no_other_documents() {
    let readers = nobody();
    assert_eq!((readers.channel(), readers.document()), (&channel(), CID));
    assert_eq!(code(readers.check_document(&channel(), CID)), "done");
    assert_eq!(code(readers.check_document(&channel(), &CID[1..])), "READERS_OTHER_DOCUMENT");
    assert_eq!(code(readers.check_document(&"vaccines".parse().expect("a channel"), CID)), "READERS_OTHER_DOCUMENT");
    // The list of one document, relabelled as another's, unwraps nothing.
    let mut hers = nobody();
    hers.add(&DocumentKey::from_bytes([3; 32]), &member("maker/anna"), &own(1).public_key()).expect("a point");
    let other = hers.to_json().replace(CID, &CID[1..]);
    let other = Readers::from_json(&other).expect("a list");
    assert_eq!(code(other.unwrap_key(&member("maker/anna"), &own(1))), "WRAPPED_KEY_WRONG");
}

#[test]
fn a_false_key_wrapped_for_a_reader_opens_nothing() {
    let key = DocumentKey::generate().expect("random");
    let mut sealed = Vec::new();
    seal(&key, &mut &b"assay 99.2 %"[..], &mut sealed).expect("seals");
    let mut readers = nobody();
    let anna = member("maker/anna");
    readers.add(&DocumentKey::generate().expect("random"), &anna, &own(1).public_key()).expect("a point");
    let key = readers.unwrap_key(&anna, &own(1)).expect("wrapped for her");
    assert_eq!(code(open(&key, &mut &sealed[..], &mut Vec::new())), "SEALED_KEY_WRONG");
}

#[test]
fn a_full_list_takes_nobody_more_and_fits_its_limits() {
    let key = DocumentKey::from_bytes([3; 32]);
    let longest = |number: usize| member(&format!("{}/{number:064}", "o".repeat(64)));
    let mut readers =
        Readers::none("c".repeat(64).parse().expect("a channel"), Text::new("d".repeat(64)).expect("short"));
    for number in 0..READERS_MAX {
        readers.add(&key, &longest(number), &own(1).public_key()).expect("there is room");
    }
    let full = readers.clone();
    assert_eq!(code(readers.add(&key, &longest(READERS_MAX), &own(1).public_key())), "READERS_FULL");
    assert_eq!(readers, full);
    readers.add(&key, &longest(7), &own(2).public_key()).expect("is on the list already");
    let bytes = encode(&readers);
    assert_eq!(bytes.len(), READERS_BYTES_MAX);
    assert_eq!(decode::<Readers>(&bytes, READERS_BYTES_MAX).expect("canonical"), readers);
    let text = readers.to_json();
    assert!(text.len() < READERS_JSON_BYTES_MAX, "{} bytes", text.len());
    assert_eq!(Readers::from_json(&text).expect("its own"), readers);
    // One more by hand.
    let entry = text.rfind("    {").expect("an entry");
    let more = format!("{}{},\n{}", &text[..entry], text[entry..].split("\n  ]").next().unwrap(), &text[entry..]);
    let more = more.replacen(&format!("{:064}", READERS_MAX - 1), "one-more", 1);
    assert_eq!(code(Readers::from_json(&more)), "READERS_FORMAT");
}

#[test]
fn binary_lists_have_one_form() {
    let key = DocumentKey::from_bytes([3; 32]);
    let mut readers = nobody();
    for name in ["maker/anna", "carrier/ben"] {
        readers.add(&key, &member(name), &own(1).public_key()).expect("a point");
    }
    let good = encode(&readers);
    assert_eq!(decode::<Readers>(&good, READERS_BYTES_MAX).expect("canonical"), readers);
    let head = good.len() - readers.iter().map(|reader| encode(reader).len()).sum::<usize>();
    let entries: Vec<_> = readers.iter().map(encode).collect();
    for order in [[&entries[1], &entries[0]], [&entries[0], &entries[0]]] {
        let bad = [&good[..head], order[0], order[1]].concat();
        assert!(decode::<Readers>(&bad, READERS_BYTES_MAX).is_err(), "out of order, or twice");
    }
    let mut later = good.clone();
    later[0] = 2;
    assert!(decode::<Readers>(&later, READERS_BYTES_MAX).expect_err("later").to_string().contains("version 2"));
    for length in 0..good.len() {
        assert!(decode::<Readers>(&good[..length], READERS_BYTES_MAX).is_err());
    }
    // A count that is never met takes no memory.
    let claims = [&good[..head - 4], &u32::MAX.to_le_bytes()].concat();
    assert!(decode::<Readers>(&claims, READERS_BYTES_MAX).is_err());
}

#[test]
fn damaged_files_are_refused_with_what_to_do() {
    let mut readers = nobody();
    readers.add(&DocumentKey::from_bytes([3; 32]), &member("maker/anna"), &own(1).public_key()).expect("a point");
    let good = readers.to_json();
    let start = good.find("    {").expect("an entry");
    let entry = good[start..].split("\n  ]").next().expect("ends");
    for (bad, expected) in [
        (String::new(), "READERS_FORMAT"),
        ("{}".to_owned(), "READERS_FORMAT"),
        (good.replace("maker/anna", "maker"), "READERS_FORMAT"),
        (good.replace("\"medicines\"", "\"two words\""), "READERS_FORMAT"),
        (good.replace(CID, &"b".repeat(65)), "READERS_FORMAT"),
        (good.replace("public_key\": \"01", "public_key\": \"0"), "READERS_FORMAT"),
        (good.replace("wrapped_key\": \"0101", "wrapped_key\": \"01"), "READERS_FORMAT"),
        (good.replace("wrapped_key\": \"01", "wrapped_key\": \"0101"), "READERS_FORMAT"),
        (good.replace("wrapped_key\": \"01", "wrapped_key\": \"xy"), "READERS_FORMAT"),
        (good.replace("\"channel\"", "\"more\": 1, \"channel\""), "READERS_FORMAT"),
        (good.replace(entry, &format!("{entry},\n{entry}")), "READERS_FORMAT"),
        (good.replace("\"version\": 1", "\"version\": 2"), "SEALED_VERSION"),
        (format!("{good}{}", " ".repeat(READERS_JSON_BYTES_MAX)), "READERS_FORMAT"),
        (format!("{good}{good}"), "READERS_FORMAT"),
    ] {
        assert_ne!(bad, good);
        let error = Readers::from_json(&bad).expect_err("is damaged");
        assert_eq!(error.code(), expected, "{bad}");
        let sentences = error.to_string();
        assert!(sentences.ends_with('.') && sentences.matches(". ").count() >= 1, "{sentences}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn whatever_is_read_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in ".{0,200}") {
        let _ = decode::<Readers>(&bytes, READERS_BYTES_MAX);
        prop_assert!(Readers::from_json(&text).is_err());
    }
}
