//! Pages of the state tree kept in memory, already read and hashed.

use std::collections::HashMap;
use std::sync::Arc;
use theriac_ledger::tree::{NodeKey, Page};

/// Most pages kept, of somewhat more than two kilobytes each: the upper three levels of a tree of any size, the
/// fourth of most, and whatever was used last.
const PAGES_MAX: usize = 8192;

/// A cache in two generations: when the young one is full it becomes the old one, and the old one is forgotten.
#[derive(Debug, Default)]
pub(crate) struct PageCache {
    young: HashMap<NodeKey, Arc<Page>>,
    old: HashMap<NodeKey, Arc<Page>>,
}

impl PageCache {
    pub fn page(&mut self, key: &NodeKey) -> Option<Arc<Page>> {
        if let Some(page) = self.young.get(key) {
            return Some(Arc::clone(page));
        }
        let page = self.old.remove(key)?;
        self.insert(*key, Arc::clone(&page));
        Some(page)
    }

    pub fn insert(&mut self, key: NodeKey, page: Arc<Page>) {
        if self.young.len() >= PAGES_MAX / 2 {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, page);
    }

    pub fn remove(&mut self, key: &NodeKey) {
        self.young.remove(key);
        self.old.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_ledger::ReadError;
    use theriac_ledger::tree::{TreeReader, update};
    use theriac_types::Height;

    struct Nothing;

    impl TreeReader for Nothing {
        fn page(&self, _: &NodeKey) -> Result<Option<Arc<Page>>, ReadError> {
            Ok(None)
        }
    }

    #[test]
    fn what_is_used_stays_and_the_rest_is_forgotten() {
        let empty = update(&Nothing, None, Height(0), &Default::default()).expect("nothing is read");
        let page = Arc::clone(&empty.pages[0].1);
        let mut cache = PageCache::default();
        for height in 0..PAGES_MAX as u64 * 4 {
            cache.insert(NodeKey::root(Height(height)), Arc::clone(&page));
            assert!(cache.page(&NodeKey::root(Height(0))).is_some(), "it is used all the time");
            assert!(cache.young.len() + cache.old.len() <= PAGES_MAX + 1);
        }
        assert!(cache.page(&NodeKey::root(Height(1))).is_none());
        cache.remove(&NodeKey::root(Height(0)));
        assert!(cache.page(&NodeKey::root(Height(0))).is_none());
    }
}
