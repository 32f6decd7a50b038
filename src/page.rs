//! The page as a value: what it knows, what can happen, and what follows. No browser; compiled and tested natively.
//!
//! ```text
//! Action ─▶ update(&mut Model) ─▶ effects: tasks for workers, the link, timers, files
//!                  │
//!                  └─▶ once per frame: Scene of the model at one Moment ─▶ charts, numbers, sentences
//! ```
//!
//! [`begin`] starts the computation when the page opens, [`update()`] takes in one [`Action`] after the other. Whoever calls
//! them carries out the [`Effect`]s in their order and shows the [`Model`]: the browser's part in `web::page`, or a test.
//! [`job`] is the other side of the [messages](message), the computation in a worker.

pub mod tracked;
pub mod json_text;
pub mod exploration;
pub mod reading;
pub mod message;
pub mod job;
pub mod units;
pub mod results;
pub mod imported;
pub mod plan;
pub mod names;
pub mod table;
pub mod action;
pub mod evidence;
pub mod stored;
pub mod lessons;
pub mod direction;
pub mod model;
pub mod pictures;
pub mod figures;
pub mod readout;
pub mod export;
pub mod import;
pub mod effect;
pub mod report;
pub mod update;

pub use action::Action;
pub use effect::Effect;
pub use model::{Model, Moment};
pub use update::{begin, update};
