//! The browser: what runs in workers, what runs on the page, and what they say to each other.

pub mod timer;
pub mod transfer;
pub mod message;

// in workers
pub mod job;
pub mod worker;

// on the page
pub mod pool;
pub mod dom;
pub mod results;
pub mod canvas;
pub mod pictures;
pub mod crew;
pub mod controls;
pub mod theme;
pub mod marks;
pub mod alternative;
pub mod gallery;
pub mod address;
pub mod upload;
pub mod setting;
pub mod transport;
pub mod numbers;
pub mod runs;
pub mod nulls;
pub mod pointer;
pub mod report;
pub mod export;
pub mod page;
