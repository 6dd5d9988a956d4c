//! A page: four levels of the binary tree, with the hashes of their inner nodes.

use super::hash::{EMPTY, inner, leaf};
use super::proof::Leaf;
use theriac_types::{Digest, Height, StateRoot};

/// What stands at the bottom of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// No key.
    Empty,
    /// One key.
    Leaf(Leaf),
    /// Two keys or more, in a page of their own.
    Page {
        /// The height that wrote it.
        height: Height,
        /// Its hash.
        hash: Digest,
    },
}

/// Bytes that are no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{length} bytes are no page of the state tree")]
pub struct PageError {
    /// How many.
    pub length: usize,
}

/// A subtree of four levels, as far as its hash is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Node {
    Empty,
    Single(Digest),
    Inner(Digest),
}

impl Node {
    pub(crate) fn hash(self) -> Digest {
        match self {
            Self::Empty => EMPTY,
            Self::Single(hash) | Self::Inner(hash) => hash,
        }
    }

    fn of(slot: &Slot) -> Self {
        match slot {
            Slot::Empty => Self::Empty,
            Slot::Leaf(entry) => Self::Single(leaf(&entry.key, &entry.value)),
            Slot::Page { hash, .. } => Self::Inner(*hash),
        }
    }

    fn above(left: Self, right: Self) -> Self {
        match (left, right) {
            (Self::Empty, Self::Empty) => Self::Empty,
            // A single leaf rises to the highest node that has no other.
            (Self::Single(hash), Self::Empty) | (Self::Empty, Self::Single(hash)) => Self::Single(hash),
            _ => Self::Inner(inner(&left.hash(), &right.hash())),
        }
    }
}

/// Slots of a page.
pub(crate) const WIDTH: usize = 16;

/// Sixteen slots and the binary tree above them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    slots: [Slot; WIDTH],
    /// As a heap: node `i` has the children `2i` and `2i + 1`, node 1 is the top, slot `s` is node `16 + s`.
    nodes: [Node; 2 * WIDTH],
}

impl Page {
    pub(crate) fn empty() -> Self {
        Self { slots: [Slot::Empty; WIDTH], nodes: [Node::Empty; 2 * WIDTH] }
    }

    /// The page with some slots replaced; only nodes above those are hashed.
    pub(crate) fn replace(&self, changes: &[(usize, Slot)]) -> Self {
        let mut page = self.clone();
        let mut dirty = [false; 2 * WIDTH];
        for (nibble, slot) in changes {
            page.slots[*nibble] = *slot;
            page.nodes[WIDTH + nibble] = Node::of(slot);
            dirty[(WIDTH + nibble) / 2] = true;
        }
        for node in (1..WIDTH).rev() {
            if dirty[node] {
                page.nodes[node] = Node::above(page.nodes[2 * node], page.nodes[2 * node + 1]);
                dirty[node / 2] = true;
            }
        }
        page
    }

    pub(crate) fn slot(&self, nibble: usize) -> &Slot {
        &self.slots[nibble]
    }

    pub(crate) fn node(&self, index: usize) -> Node {
        self.nodes[index]
    }

    /// Hashes of the two halves that the page's own hash is made of, when it holds two keys or more.
    pub(crate) fn halves(&self) -> [Digest; 2] {
        [self.nodes[2].hash(), self.nodes[3].hash()]
    }

    /// Hash of the subtree that the page is the top of.
    pub fn hash(&self) -> Digest {
        self.nodes[1].hash()
    }

    /// The page's hash as a root.
    pub fn root(&self) -> StateRoot {
        StateRoot(self.hash())
    }

    /// What takes the page's place above when it holds fewer than two keys.
    pub(crate) fn collapsed(&self) -> Option<Slot> {
        match self.nodes[1] {
            Node::Empty => Some(Slot::Empty),
            Node::Single(_) => self.slots.iter().find(|slot| matches!(slot, Slot::Leaf(_))).copied(),
            Node::Inner(_) => None,
        }
    }

    /// The page as bytes: a bit per leaf, a bit per page below, then those slots, ascending. Inner hashes are left out.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (mut leaves, mut pages, mut body) = (0_u16, 0_u16, Vec::new());
        for (nibble, slot) in self.slots.iter().enumerate() {
            match slot {
                Slot::Empty => {}
                Slot::Leaf(entry) => {
                    leaves |= 1 << nibble;
                    body.extend_from_slice(&entry.key.0);
                    body.extend_from_slice(&entry.value.0);
                }
                Slot::Page { height, hash } => {
                    pages |= 1 << nibble;
                    body.extend_from_slice(&height.0.to_be_bytes());
                    body.extend_from_slice(&hash.0);
                }
            }
        }
        let mut bytes = Vec::with_capacity(4 + body.len());
        bytes.extend_from_slice(&leaves.to_be_bytes());
        bytes.extend_from_slice(&pages.to_be_bytes());
        bytes.extend_from_slice(&body);
        bytes
    }

    /// Reads what [`Page::to_bytes`] wrote and hashes it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PageError> {
        Self::parse(bytes).ok_or(PageError { length: bytes.len() })
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (leaves, rest) = bytes.split_first_chunk::<2>()?;
        let (pages, mut rest) = rest.split_first_chunk::<2>()?;
        let (leaves, pages) = (u16::from_be_bytes(*leaves), u16::from_be_bytes(*pages));
        if leaves & pages != 0 {
            return None;
        }
        let mut slots = Vec::with_capacity(WIDTH);
        for nibble in 0..WIDTH {
            if leaves >> nibble & 1 == 1 {
                let (key, after) = rest.split_first_chunk::<32>()?;
                let (value, after) = after.split_first_chunk::<32>()?;
                slots.push((nibble, Slot::Leaf(Leaf { key: Digest(*key), value: Digest(*value) })));
                rest = after;
            } else if pages >> nibble & 1 == 1 {
                let (height, after) = rest.split_first_chunk::<8>()?;
                let (hash, after) = after.split_first_chunk::<32>()?;
                let height = Height(u64::from_be_bytes(*height));
                slots.push((nibble, Slot::Page { height, hash: Digest(*hash) }));
                rest = after;
            }
        }
        rest.is_empty().then(|| Self::empty().replace(&slots))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let entry = |byte| Slot::Leaf(Leaf { key: Digest([byte; 32]), value: Digest([1; 32]) });
        let below = Slot::Page { height: Height(4), hash: Digest([5; 32]) };
        Page::empty().replace(&[(0, entry(0)), (3, below), (15, entry(0xff))])
    }

    #[test]
    fn a_page_survives_its_bytes_and_no_other_bytes_are_a_page() {
        let bytes = page().to_bytes();
        assert_eq!(Page::from_bytes(&bytes), Ok(page()));
        let longer = [&bytes[..], &[0]].concat();
        for wrong in [&[][..], &bytes[1..], &bytes[..bytes.len() - 1], &longer, &[0, 1, 0, 1]] {
            assert_eq!(Page::from_bytes(wrong), Err(PageError { length: wrong.len() }));
        }
    }

    #[test]
    fn replacing_slot_by_slot_hashes_like_building_at_once() {
        let built = page();
        let once = |page: Page, nibble: usize| page.replace(&[(nibble, *built.slot(nibble))]);
        assert_eq!([15, 0, 3].into_iter().fold(Page::empty(), once), built);
        let back = built.replace(&[(0, Slot::Empty), (3, Slot::Empty)]);
        assert_eq!(back.collapsed(), Some(*built.slot(15)));
        assert_eq!(back.replace(&[(15, Slot::Empty)]).collapsed(), Some(Slot::Empty));
        assert_eq!(built.collapsed(), None);
    }
}
