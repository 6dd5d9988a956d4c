//! The guest's allocator. A call lives for microseconds in a memory that is thrown away with it: so allocation moves
//! a pointer up, and only the newest block is ever given back.
//!
//! Small programs stay within the pages that the module starts with. That is worth half of the time of a cold call,
//! because growing the memory is a system call and every new page a fault.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::Cell;

const PAGE_BYTES: usize = 65536;
/// Pages asked for at once, so that a long list does not grow the memory page by page.
const GROW_PAGES_MIN: usize = 4;

struct Bump {
    /// First free byte; 0 before the first allocation.
    next: Cell<usize>,
    /// First byte beyond the memory.
    end: Cell<usize>,
}

// SAFETY: the sandbox has one thread.
unsafe impl Sync for Bump {}

#[global_allocator]
static BUMP: Bump = Bump { next: Cell::new(0), end: Cell::new(0) };

unsafe extern "C" {
    /// Set by the linker: the first byte after stack and data.
    static __heap_base: u8;
}

impl Bump {
    /// The address of a new block; none when the memory cannot grow as far.
    fn take(&self, layout: Layout) -> Option<usize> {
        if self.end.get() == 0 {
            self.next.set(&raw const __heap_base as usize);
            self.end.set(memory_size(0).checked_mul(PAGE_BYTES)?);
        }
        let start = self.next.get().checked_next_multiple_of(layout.align())?;
        self.extend_to(start.checked_add(layout.size())?)?;
        Some(start)
    }

    /// Makes everything below `end` usable.
    fn extend_to(&self, end: usize) -> Option<()> {
        if end > self.end.get() {
            let missing = (end - self.end.get()).div_ceil(PAGE_BYTES);
            let pages = [missing.max(GROW_PAGES_MIN), missing];
            let grown = pages.into_iter().find(|&pages| memory_grow(0, pages) != usize::MAX)?;
            self.end.set(self.end.get().checked_add(grown.checked_mul(PAGE_BYTES)?)?);
        }
        self.next.set(end);
        Some(())
    }

    fn is_newest(&self, address: usize, layout: Layout) -> bool {
        address + layout.size() == self.next.get()
    }
}

// SAFETY: blocks come from memory that nothing else uses, each begins where the one before ended, and a block is given
// back or extended only while it is the newest.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.take(layout).map_or(std::ptr::null_mut(), |address| address as *mut u8)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if self.is_newest(block as usize, layout) {
            self.next.set(block as usize);
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let address = block as usize;
        if self.is_newest(address, layout) {
            let extended = address.checked_add(size).and_then(|end| self.extend_to(end));
            return extended.map_or(std::ptr::null_mut(), |()| block);
        }
        if size <= layout.size() {
            return block;
        }
        let Ok(wanted) = Layout::from_size_align(size, layout.align()) else { return std::ptr::null_mut() };
        // SAFETY: the new block is fresh and longer than the old one, so they do not overlap.
        unsafe {
            let new = self.alloc(wanted);
            if !new.is_null() {
                std::ptr::copy_nonoverlapping(block, new, layout.size());
            }
            new
        }
    }
}
