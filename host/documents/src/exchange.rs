//! One document as one file: exported to and imported from an archive.
//!
//! Blocks come in the order of the document, those of links before what they link to, each once (in the words of
//! IPFS gateways: `order=dfs; dups=n`). An import takes repeated blocks too.

use crate::batch::Staging;
use crate::car::{CarReader, CarWriter};
use crate::encode::Name;
use crate::receive::{Expected, complete};
use crate::store::{Store, misshapen};
use crate::walk::Walk;
use crate::{Cid, DocumentError};
use std::collections::BTreeSet;
use std::io::{Read, Write};

impl Store {
    /// Writes a document as an archive, every block verified, and gives the archive's length in bytes. Takes memory for
    /// a few chunks, and 50 bytes for each.
    ///
    /// # Errors
    /// As [`Store::read_all`].
    pub fn export(&self, cid: &Cid, sink: &mut dyn Write) -> Result<u64, DocumentError> {
        let (_pinned, _) = self.pin_whole(cid)?;
        let mut archive = CarWriter::new(sink, &[*cid])?;
        let (mut walk, mut buffer, mut written) = (Walk::new(self.options.profile, *cid), Vec::new(), BTreeSet::new());
        while let Some(node) = walk.next() {
            if written.insert(node.cid) {
                self.enter(cid, &mut walk, &node, &mut buffer)?;
                archive.block(&node.cid, &buffer)?;
            }
        }
        Ok(archive.written())
    }

    /// Stores the document of an archive. Takes as much memory as [`Store::export`].
    ///
    /// # Errors
    /// When the archive is not of one whole document in its order, the source or the folder fails, or the quota is used
    /// up.
    pub fn import(&self, source: &mut dyn Read, now_ms: u64) -> Result<Name, DocumentError> {
        let mut archive = CarReader::new(source)?;
        let &[root] = archive.roots() else {
            return Err(archive.wrong("it is not about one document"));
        };
        let mut staging = Staging::new(self);
        staging.pin_document(root);
        let (mut walk, mut buffer, mut seen) = (Walk::new(self.options.profile, root), Vec::new(), BTreeSet::new());
        while let Some(node) = walk.next() {
            if seen.contains(&node.cid) {
                continue;
            }
            find(&mut archive, &node.cid, &seen, &mut buffer)?;
            walk.enter(&node, &buffer).map_err(misshapen(&root, &node))?;
            staging.stage(node.cid.digest(), &buffer)?;
            seen.insert(node.cid);
            if staging.is_full() {
                staging.flush()?;
            }
        }
        while let Some(cid) = archive.block(&mut buffer)? {
            if !seen.contains(&cid) {
                return Err(archive.wrong(&format!("block {cid} is of no use to the document")));
            }
        }
        complete(&mut staging, root, Expected::default(), now_ms)
    }
}

/// Reads on to a block, over those that came before.
fn find(
    archive: &mut CarReader<'_>,
    wanted: &Cid,
    seen: &BTreeSet<Cid>,
    buffer: &mut Vec<u8>,
) -> Result<(), DocumentError> {
    loop {
        match archive.block(buffer)? {
            Some(cid) if cid == *wanted => return Ok(()),
            Some(cid) if seen.contains(&cid) => {}
            Some(cid) => return Err(archive.wrong(&format!("there is block {cid} where {wanted} belongs"))),
            None => return Err(archive.wrong(&format!("block {wanted} is not in it"))),
        }
    }
}
