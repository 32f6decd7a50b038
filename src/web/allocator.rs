//! The allocator of the worker's program, which says that memory is used up.
//!
//! WebAssembly's memory grows up to what its addresses or the browser allow. Then an allocation fails, and Rust ends the
//! program by an instruction that browsers report as “unreachable”. This allocator throws a JavaScript error with a sentence
//! instead, which reaches the page as the worker's error event. Nothing is allocated for it.
#![allow(unsafe_code)] // a global allocator cannot be had without

use crate::page::message::OUT_OF_MEMORY;
use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator; an allocation that fails throws.
pub struct Throwing;

fn checked(pointer: *mut u8) -> *mut u8 {
    if pointer.is_null() {
        wasm_bindgen::throw_str(OUT_OF_MEMORY);
    }
    pointer
}

// SAFETY: as that of `System`, to which all calls go; throwing leaves the program, as aborting would.
unsafe impl GlobalAlloc for Throwing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        checked(unsafe { System.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        checked(unsafe { System.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        checked(unsafe { System.realloc(pointer, layout, size) })
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}
