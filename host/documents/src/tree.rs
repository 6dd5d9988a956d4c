//! From chunks to the root: the balanced tree, built as the chunks come.

use crate::branch::{Branch, Link};
use crate::profile::Profile;
use crate::{Cid, Codec};

/// Takes links to chunks in order and gives blocks of links. Holds at most `fan_out` links of each level.
#[derive(Debug)]
pub(crate) struct TreeBuilder {
    profile: Profile,
    /// Links whose block is not made yet, by level.
    levels: Vec<Vec<Link>>,
}

impl TreeBuilder {
    pub(crate) fn new(profile: Profile) -> Self {
        Self { profile, levels: vec![Vec::new()] }
    }

    /// Adds the next chunk. Hands out the blocks that are full.
    pub(crate) fn push<E>(&mut self, chunk: Link, give: &mut Give<'_, E>) -> Result<(), E> {
        self.push_at(0, chunk, give)
    }

    /// Closes the tree. Hands out the remaining blocks, the root last, and gives its link.
    ///
    /// # Panics
    /// When there was no chunk: a document has one at least.
    pub(crate) fn finish<E>(mut self, give: &mut Give<'_, E>) -> Result<Link, E> {
        let mut level = 0;
        loop {
            if level + 1 == self.levels.len() && self.levels[level].len() == 1 {
                return Ok(self.levels[level][0]);
            }
            let link = self.close(level, give)?;
            self.push_at(level + 1, link, give)?;
            level += 1;
        }
    }

    fn push_at<E>(&mut self, level: usize, link: Link, give: &mut Give<'_, E>) -> Result<(), E> {
        if self.levels.len() == level {
            self.levels.push(Vec::new());
        }
        if self.levels[level].len() == self.profile.fan_out() {
            let full = self.close(level, give)?;
            self.push_at(level + 1, full, give)?;
        }
        self.levels[level].push(link);
        Ok(())
    }

    /// Makes a block of all links of a level.
    fn close<E>(&mut self, level: usize, give: &mut Give<'_, E>) -> Result<Link, E> {
        let links = std::mem::take(&mut self.levels[level]);
        assert!(!links.is_empty(), "a level is closed once it has links");
        let branch = Branch::new(links).expect("documents are shorter than 64 bits can tell");
        let block = branch.encode();
        let cid = Cid::of(Codec::DagPb, &block);
        give(cid, &block)?;
        Ok(Link { cid, file_bytes: branch.file_bytes(), tree_bytes: branch.tree_bytes(&block) })
    }
}

/// Takes a finished block.
pub(crate) type Give<'a, E> = dyn FnMut(Cid, &[u8]) -> Result<(), E> + 'a;
