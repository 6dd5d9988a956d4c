//! EPCIS documents from files or the standard input.

use crate::exit::Exit;
use crate::failure::Failure;
use std::io::Read;
use std::path::Path;
use theriac_epcis::Document;

/// Largest document read.
const DOCUMENT_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Reads a file, or the standard input when it is called `-`.
pub fn read_input(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Exit::NotFound, "FILE_UNREADABLE", format!("{} cannot be read: {error}", path.display()))
    };
    let mut bytes = Vec::new();
    let limit = bytes_max.saturating_add(1);
    if path == Path::new("-") {
        std::io::stdin().take(limit).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)).map_err(failed)?;
    }
    if bytes.len() as u64 > bytes_max {
        let message = format!("{} is larger than {bytes_max} bytes. Split it.", path.display());
        return Err(Failure::usage("CAPTURE_LIMIT", message));
    }
    Ok(bytes)
}

/// Reads a document whose events are to be captured.
pub fn read_document(path: &Path) -> Result<Document, Failure> {
    Ok(theriac_epcis::parse(&read_input(path, DOCUMENT_BYTES_MAX)?)?.to_be_captured()?)
}
