//! The browser, thin: what runs in workers, and on the page events that become actions, and a model that becomes a document.

// on both
pub mod allocator;
pub mod timer;
pub mod transfer;

// in workers
pub mod bytes;
pub mod worker;

// on the page
pub mod tables;
pub mod workers;
pub mod dom;
pub mod theme;
pub mod address;
pub mod storage;
pub mod input;
pub mod render;
pub mod files;
pub mod readers;
pub mod page;
