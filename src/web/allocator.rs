//! The allocator of the browser's program, which in workers says that memory is used up.
//!
//! WebAssembly's memory grows up to what its addresses or the browser allow. Then an allocation fails, and Rust ends the
//! program by an instruction that browsers report as “unreachable”. On the page that is right: `www/guard.js` takes such a
//! trap for the end of the program. In a worker this allocator throws a JavaScript error with a sentence instead, which
//! reaches the page as the worker's error event. Nothing is allocated for it.
#![allow(unsafe_code)] // a global allocator cannot be had without

use crate::page::message::OUT_OF_MEMORY;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// The system's allocator; after [`throw`](Reporting::throw) an allocation that fails throws.
pub struct Reporting {
    throws: AtomicBool,
}

impl Reporting {
    /// The system's allocator as it is.
    #[expect(clippy::new_without_default, reason = "a static's value has to be constant")]
    pub const fn new() -> Self {
        Reporting { throws: AtomicBool::new(false) }
    }

    /// From now on an allocation that fails throws an error whose message is [`OUT_OF_MEMORY`].
    pub fn throw(&self) {
        self.throws.store(true, Relaxed);
    }

    fn checked(&self, pointer: *mut u8) -> *mut u8 {
        if pointer.is_null() && self.throws.load(Relaxed) {
            wasm_bindgen::throw_str(OUT_OF_MEMORY);
        }
        pointer
    }
}

// SAFETY: as that of `System`, to which all calls go; throwing leaves the program, as aborting would.
unsafe impl GlobalAlloc for Reporting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.checked(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        self.checked(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        self.checked(unsafe { System.realloc(pointer, layout, size) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}
