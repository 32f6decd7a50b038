//! The browser: what runs in workers, what runs on the page, and what they say to each other.

pub mod transfer;
pub mod message;

// in workers
pub mod job;
pub mod worker;

// on the page
pub mod pool;
