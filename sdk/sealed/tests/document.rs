//! Documents come back as they were, or not at all.

use proptest::prelude::*;
use std::io::{self, Cursor, Read, Write};
use theriac_sealed::{
    DocumentKey, HEADER_BYTES, PLAIN_BYTES_MAX, SEGMENT_BYTES, Sealed, SealedError, TAG_BYTES, open, open_range, seal,
};

const SEALED_SEGMENT: usize = SEGMENT_BYTES + TAG_BYTES;

fn key(byte: u8) -> DocumentKey {
    DocumentKey::from_bytes([byte; 32])
}

fn plain(length: usize) -> Vec<u8> {
    (0..length as u64).map(|i| ((i * 2_654_435_761) >> 24) as u8).collect()
}

fn sealed(plain: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let sealed = seal(&key(1), &mut &plain[..], &mut bytes).expect("memory can be read and written");
    assert_eq!(sealed, Sealed { plain_bytes: plain.len() as u64, sealed_bytes: bytes.len() as u64 });
    assert_eq!(Some(sealed), Sealed::of_plain_bytes(plain.len() as u64));
    bytes
}

/// Opens; what was written until it failed must be a beginning of `plain`, at whole segments.
fn opened(key: &DocumentKey, sealed: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealedError> {
    let mut bytes = Vec::new();
    let result = open(key, &mut &sealed[..], &mut bytes);
    if result.is_err() {
        assert!(plain.starts_with(&bytes), "only what is authentic is written");
        assert_eq!(bytes.len() % SEGMENT_BYTES, 0);
    }
    assert_eq!(result?, bytes.len() as u64);
    Ok(bytes)
}

fn code(key: &DocumentKey, sealed: &[u8], plain: &[u8]) -> &'static str {
    opened(key, sealed, plain).map_or_else(|error| error.code(), |_| "opened")
}

#[test]
fn sizes_around_the_boundaries_of_segments_come_back() {
    for segments in [0, 1, 2, 3] {
        for offset in [-1_i64, 0, 1] {
            let Ok(length) = usize::try_from(segments * SEGMENT_BYTES as i64 + offset) else { continue };
            let plain = plain(length);
            let sealed = sealed(&plain);
            assert_eq!(opened(&key(1), &sealed, &plain).expect("opens"), plain);
        }
    }
    assert_eq!(Sealed::of_plain_bytes(PLAIN_BYTES_MAX + 1), None);
    assert!(Sealed::of_plain_bytes(PLAIN_BYTES_MAX).is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_document_comes_back_whatever_portions_it_is_read_in(
        segments in 0_usize..3,
        offset in -40_i64..40,
        portions in proptest::collection::vec(1_usize..70_000, 1..6),
    ) {
        let length = (segments as i64 * SEGMENT_BYTES as i64 + offset).max(0) as usize;
        let plain = plain(length);
        let mut sealed = Vec::new();
        seal(&key(1), &mut Portions { rest: &plain, portions: &portions, turn: 0 }, &mut sealed).expect("seals");
        let mut back = Vec::new();
        open(&key(1), &mut Portions { rest: &sealed, portions: &portions, turn: 0 }, &mut back).expect("opens");
        prop_assert!(plain == back);
    }

    #[test]
    fn any_range_is_what_the_document_has_there(
        length in 0_u64..200_000,
        start in 0_u64..210_000,
        count in 0_u64..210_000,
    ) {
        let plain = plain(length as usize);
        let mut bytes = Vec::new();
        let result = open_range(&key(1), &mut Cursor::new(sealed(&plain)), start..start + count, &mut bytes);
        match plain.get(start as usize..(start + count) as usize) {
            Some(wanted) => {
                prop_assert_eq!(result.expect("is there"), length);
                prop_assert!(wanted == bytes);
            }
            None => {
                prop_assert_eq!(result.expect_err("is not there").code(), "SEALED_RANGE");
                prop_assert!(bytes.is_empty());
            }
        }
    }

    #[test]
    fn any_altered_byte_of_a_long_document_is_found(at in any::<prop::sample::Index>(), by in 1_u8..) {
        let plain = plain(2 * SEGMENT_BYTES + 100);
        let mut sealed = sealed(&plain);
        let at = at.index(sealed.len());
        sealed[at] ^= by;
        prop_assert!(opened(&key(1), &sealed, &plain).is_err());
    }

    #[test]
    fn random_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert_eq!(code(&key(1), &bytes, b""), "SEALED_FORMAT");
        let behind = [&sealed(b"")[..HEADER_BYTES], &bytes].concat();
        prop_assert_eq!(code(&key(1), &behind, b""), "SEALED_DAMAGED");
        prop_assert!(open_range(&key(1), &mut Cursor::new(behind), 0..0, &mut Vec::new()).is_err());
    }
}

#[test]
fn every_altered_bit_of_a_small_document_is_found() {
    let plain = plain(40);
    let good = sealed(&plain);
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let expected = match bit / 8 {
            0..14 => "SEALED_FORMAT",
            14..16 => "SEALED_VERSION",
            16..HEADER_BYTES => "SEALED_KEY_WRONG",
            _ => "SEALED_DAMAGED",
        };
        assert_eq!(code(&key(1), &bad, &plain), expected, "bit {bit}");
        let range = open_range(&key(1), &mut Cursor::new(bad), 0..1, &mut Vec::new());
        assert_eq!(range.expect_err("altered").code(), expected, "bit {bit}");
    }
}

#[test]
fn every_truncation_and_every_appendix_is_found() {
    let small = plain(40);
    let good = sealed(&small);
    for length in 0..good.len() {
        let expected = if length < 14 { "SEALED_FORMAT" } else { "SEALED_DAMAGED" };
        assert_eq!(code(&key(1), &good[..length], &small), expected, "{length} bytes");
        let range = open_range(&key(1), &mut Cursor::new(&good[..length]), 0..1, &mut Vec::new());
        assert_eq!(range.expect_err("cut off").code(), expected, "{length} bytes");
    }
    let long = plain(3 * SEGMENT_BYTES);
    let good = sealed(&long);
    for cut in [1, TAG_BYTES, TAG_BYTES + 1, SEALED_SEGMENT - 1, SEALED_SEGMENT, SEALED_SEGMENT + 1, 2 * SEALED_SEGMENT]
    {
        let cut_off = &good[..good.len() - cut];
        assert_eq!(code(&key(1), cut_off, &long), "SEALED_DAMAGED", "{cut} bytes missing");
        let range = open_range(&key(1), &mut Cursor::new(cut_off), 0..1, &mut Vec::new());
        assert_eq!(range.expect_err("its end is missing").code(), "SEALED_DAMAGED", "{cut} bytes missing");
    }
    for appendix in [1, TAG_BYTES, TAG_BYTES + 1, SEALED_SEGMENT] {
        let longer = [&good[..], &vec![0; appendix]].concat();
        assert_eq!(code(&key(1), &longer, &long), "SEALED_DAMAGED", "{appendix} bytes more");
    }
}

#[test]
fn segments_moved_repeated_left_out_or_of_another_sealing_are_found() {
    let plain = plain(4 * SEGMENT_BYTES);
    let good = sealed(&plain);
    let again = sealed(&plain);
    let (header, segments) = good.split_at(HEADER_BYTES);
    let segments: Vec<&[u8]> = segments.chunks(SEALED_SEGMENT).collect();
    let other: Vec<&[u8]> = again[HEADER_BYTES..].chunks(SEALED_SEGMENT).collect();
    let [a, b, c, d] = segments[..] else { unreachable!("four segments were sealed") };
    assert_eq!(code(&key(1), &[header, a, b, c, d].concat(), &plain), "opened");
    let orders: [&[&[u8]]; 9] = [
        &[b, a, c, d],
        &[a, a, b, c, d],
        &[a, c, d],
        &[a, b, c],
        &[d],
        &[a, b, d, c],
        &[a, b, c, d, d],
        &[a, other[1], c, d],
        &[a, b, c, other[3]],
    ];
    for (index, order) in orders.iter().enumerate() {
        let bad = [&[header][..], order].concat().concat();
        assert_eq!(code(&key(1), &bad, &plain), "SEALED_DAMAGED", "order {index}");
    }
    let other_header = [&again[..HEADER_BYTES], a, b, c, d].concat();
    assert_eq!(code(&key(1), &other_header, &plain), "SEALED_DAMAGED");
}

#[test]
fn another_key_opens_nothing_and_says_so() {
    let plain = plain(100);
    assert_eq!(code(&key(2), &sealed(&plain), &plain), "SEALED_KEY_WRONG");
}

#[test]
fn the_same_document_is_sealed_differently_every_time_and_shows_nothing() {
    let plain = b"Batch K7: assay 99.2 %, released by the qualified person. ".repeat(3000);
    let (first, second) = (sealed(&plain), sealed(&plain));
    assert_ne!(first[16..], second[16..]);
    for window in plain[..80].windows(6) {
        for sealed in [&first, &second] {
            assert!(!sealed.windows(6).any(|bytes| bytes == window), "{window:?} is readable");
        }
    }
    let shown = format!("{:?}", DocumentKey::from_bytes([0xab; 32]));
    assert_eq!(shown, "DocumentKey");
    assert_ne!(
        DocumentKey::generate().expect("random").as_bytes(),
        DocumentKey::generate().expect("random").as_bytes()
    );
}

#[test]
fn failing_sources_and_sinks_are_told_apart() {
    let plain = plain(SEGMENT_BYTES + 1);
    let sealed = sealed(&plain);
    let mut broken = Read::chain(&sealed[..HEADER_BYTES + 10], Broken);
    assert_eq!(open(&key(1), &mut broken, &mut Vec::new()).expect_err("breaks").code(), "FILE_UNREADABLE");
    assert_eq!(open(&key(1), &mut &sealed[..], &mut Broken).expect_err("breaks").code(), "OUTPUT_FAILED");
    assert_eq!(seal(&key(1), &mut Broken, &mut Vec::new()).expect_err("breaks").code(), "FILE_UNREADABLE");
    assert_eq!(seal(&key(1), &mut &plain[..], &mut Broken).expect_err("breaks").code(), "OUTPUT_FAILED");
    // A sink that takes a little and is full then.
    let mut full = [0; HEADER_BYTES + 5];
    assert_eq!(seal(&key(1), &mut &plain[..], &mut &mut full[..]).expect_err("is full").code(), "OUTPUT_FAILED");
}

/// Gives its bytes in portions of these sizes, and is interrupted before each.
struct Portions<'a> {
    rest: &'a [u8],
    portions: &'a [usize],
    turn: usize,
}

impl Read for Portions<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.turn += 1;
        if self.turn % 2 == 1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let portion = self.portions[self.turn / 2 % self.portions.len()].min(buffer.len());
        self.rest.read(&mut buffer[..portion])
    }
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("broken"))
    }
}

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::other("broken"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
