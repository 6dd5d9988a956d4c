//! Archives: CAR version 1, the file in which IPFS hands blocks on.
//!
//! ```text
//! archive:  varint length, header, then sections to the end
//! header:   a2 65 "roots" 80+n { d8 2a 58 25 00 CID } n times, 67 "version" 01      (DAG-CBOR)
//! section:  varint length, CID, block
//! ```
//!
//! Source: ipld.io/specs/transport/car/carv1. Blocks are raw or dag-pb and named by SHA-256, as documents' blocks are.

use crate::cid::CID_BYTES;
use crate::profile::BLOCK_BYTES_MAX;
use crate::{Cid, DocumentError};
use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use unsigned_varint::{decode, encode};

/// Most roots of an archive.
pub const ROOTS_MAX: usize = 16;

const HEADER_START: &[u8] = b"\xa2\x65roots";
const ARRAY: u8 = 0x80;
/// A link: tag 42, a byte string of 37 bytes, a zero, and the CID.
const LINK: &[u8] = b"\xd8\x2a\x58\x25\x00";
const HEADER_END: &[u8] = b"\x67version\x01";
const HEADER_BYTES_MAX: usize = HEADER_START.len() + 1 + ROOTS_MAX * (LINK.len() + CID_BYTES) + HEADER_END.len();
const VARINT_BYTES_MAX: usize = 10;

/// Writes an archive, section by section.
pub struct CarWriter<'a> {
    sink: &'a mut dyn Write,
    written: u64,
}

impl<'a> CarWriter<'a> {
    /// Begins an archive with these roots, [`ROOTS_MAX`] at most.
    ///
    /// # Errors
    /// When the sink fails, or there are too many roots.
    pub fn new(sink: &'a mut dyn Write, roots: &[Cid]) -> Result<Self, DocumentError> {
        let mut writer = Self { sink, written: 0 };
        if roots.len() > ROOTS_MAX {
            let error = io::Error::new(ErrorKind::InvalidInput, format!("an archive has {ROOTS_MAX} roots at most"));
            return Err(DocumentError::Sink { error });
        }
        let mut header = HEADER_START.to_vec();
        header.push(ARRAY + u8::try_from(roots.len()).expect("roots are few"));
        for root in roots {
            header.extend_from_slice(LINK);
            header.extend(root.to_bytes());
        }
        header.extend_from_slice(HEADER_END);
        writer.write_length(header.len())?;
        writer.write(&header)?;
        Ok(writer)
    }

    /// Adds a block. That the bytes are those of the name is the caller's word; every reader checks it.
    ///
    /// # Errors
    /// When the sink fails.
    pub fn block(&mut self, cid: &Cid, block: &[u8]) -> Result<(), DocumentError> {
        self.write_length(CID_BYTES + block.len())?;
        self.write(&cid.to_bytes())?;
        self.write(block)
    }

    /// Bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    fn write_length(&mut self, length: usize) -> Result<(), DocumentError> {
        self.write(encode::u64(length as u64, &mut encode::u64_buffer()))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), DocumentError> {
        self.written += bytes.len() as u64;
        self.sink.write_all(bytes).map_err(|error| DocumentError::Sink { error })
    }
}

impl fmt::Debug for CarWriter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CarWriter({} bytes)", self.written)
    }
}

/// Reads an archive, section by section, and verifies every block.
pub struct CarReader<'a> {
    source: &'a mut dyn Read,
    at: u64,
    roots: Vec<Cid>,
}

impl<'a> CarReader<'a> {
    /// Reads the header.
    ///
    /// # Errors
    /// When the source fails, or does not begin as an archive of documents' blocks.
    pub fn new(source: &'a mut dyn Read) -> Result<Self, DocumentError> {
        let mut reader = Self { source, at: 0, roots: Vec::new() };
        let length = reader.length(HEADER_BYTES_MAX)?.ok_or_else(|| reader.wrong("it is empty"))?;
        let mut header = vec![0; length];
        reader.fill(&mut header)?;
        reader.roots = parse_header(&header).ok_or_else(|| reader.wrong("its header is none of CAR version 1"))?;
        Ok(reader)
    }

    /// What the archive is about.
    pub fn roots(&self) -> &[Cid] {
        &self.roots
    }

    /// How many bytes were read.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Reads the next block into a buffer, which it replaces, and verifies it. `None` at the end.
    ///
    /// # Errors
    /// When the source fails, ends within a section, or holds a block that is not what its name says.
    pub fn block(&mut self, into: &mut Vec<u8>) -> Result<Option<Cid>, DocumentError> {
        let Some(length) = self.length(CID_BYTES + BLOCK_BYTES_MAX)? else { return Ok(None) };
        let Some(block_bytes) = length.checked_sub(CID_BYTES) else {
            return Err(self.wrong("a section is too short to name a block"));
        };
        let mut name = [0; CID_BYTES];
        self.fill(&mut name)?;
        let cid = Cid::from_bytes(&name).ok_or_else(|| self.wrong("a block is not named by SHA-256"))?;
        into.resize(block_bytes, 0);
        self.fill(into)?;
        if Cid::of(cid.codec(), into) != cid {
            return Err(self.wrong(&format!("the bytes before are not block {cid}")));
        }
        Ok(Some(cid))
    }

    /// Reads a length of at most `max`; `None` where the source ends.
    fn length(&mut self, max: usize) -> Result<Option<usize>, DocumentError> {
        let mut bytes = [0; VARINT_BYTES_MAX];
        for end in 1..=VARINT_BYTES_MAX {
            if end == 1 {
                if !self.fill_or_end(&mut bytes[..1])? {
                    return Ok(None);
                }
            } else {
                self.fill(&mut bytes[end - 1..end])?;
            }
            if bytes[end - 1] < 0x80 {
                let length = decode::u64(&bytes[..end]).ok().and_then(|(length, _)| usize::try_from(length).ok());
                let length = length.filter(|length| *length <= max);
                return length.map(Some).ok_or_else(|| self.wrong(&format!("a length is not one up to {max}")));
            }
        }
        Err(self.wrong("a length does not end"))
    }

    fn fill(&mut self, into: &mut [u8]) -> Result<(), DocumentError> {
        match self.fill_or_end(into)? {
            true => Ok(()),
            false => Err(self.wrong("it ends here, in the middle")),
        }
    }

    fn fill_or_end(&mut self, into: &mut [u8]) -> Result<bool, DocumentError> {
        match self.source.read_exact(into) {
            Ok(()) => {
                self.at += into.len() as u64;
                Ok(true)
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(DocumentError::Source { error }),
        }
    }

    /// Something is wrong before the place that was read to.
    pub(crate) fn wrong(&self, reason: &str) -> DocumentError {
        DocumentError::Car { at: self.at, reason: reason.to_owned() }
    }
}

impl fmt::Debug for CarReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CarReader({:?}, {} bytes)", self.roots, self.at)
    }
}

fn parse_header(header: &[u8]) -> Option<Vec<Cid>> {
    let (count, mut rest) = header.strip_prefix(HEADER_START)?.split_first()?;
    let count = count.checked_sub(ARRAY).map(usize::from).filter(|count| *count <= ROOTS_MAX)?;
    let mut roots = Vec::with_capacity(count);
    for _ in 0..count {
        let (cid, after) = rest.strip_prefix(LINK)?.split_at_checked(CID_BYTES)?;
        roots.push(Cid::from_bytes(cid)?);
        rest = after;
    }
    (rest == HEADER_END).then_some(roots)
}
