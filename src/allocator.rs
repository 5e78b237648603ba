//! The allocator of the program.

use std::alloc::{GlobalAlloc, Layout};
use std::ffi::c_void;

use libmimalloc_sys as mi;

/// mimalloc. Compiling allocates much and in many threads; glibc's allocator keeps what was freed.
///
/// The crate `mimalloc` asks for each block by its alignment. Where no free block is at hand, mimalloc (3.0) then takes a
/// larger one and places the block within, which makes allocating and freeing slow: a tenth of all processor time when
/// many modules are compiled. Nearly nothing needs it.
pub struct Allocator;

/// What every block is aligned to that is as large or larger (`MI_MAX_ALIGN_SIZE`; C's `max_align_t`).
const ALIGNED: usize = 16;

/// Whether any block of that size is aligned so.
fn is_natural(size: usize, align: usize) -> bool {
    align <= ALIGNED && align <= size
}

// SAFETY: blocks are mimalloc's, of the size that was asked for. By `is_natural`, those of its plain functions are aligned
// as `malloc` in C has it; the others are asked for by their alignment. `mi_free` and both functions that change a size take
// blocks of either kind. None of them unwinds.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: any size and any power of two may be asked for.
        let block = unsafe {
            match is_natural(layout.size(), layout.align()) {
                true => mi::mi_malloc(layout.size()),
                false => mi::mi_malloc_aligned(layout.size(), layout.align()),
            }
        };
        block.cast()
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        let block = unsafe {
            match is_natural(layout.size(), layout.align()) {
                true => mi::mi_zalloc(layout.size()),
                false => mi::mi_zalloc_aligned(layout.size(), layout.align()),
            }
        };
        block.cast()
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the caller has the block from one of the functions here.
        unsafe { mi::mi_free(block.cast::<c_void>()) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let block = block.cast::<c_void>();
        // SAFETY: the caller has the block from one of the functions here.
        let block = unsafe {
            match is_natural(size, layout.align()) {
                true => mi::mi_realloc(block, size),
                false => mi::mi_realloc_aligned(block, size, layout.align()),
            }
        };
        block.cast()
    }
}
