//! A run as a program of its own: `www/repeat.py` with the record of the run in it, which trains the same network with
//! PyTorch, computes its Hessians and compares the numbers; and the same as a Jupyter notebook.
//!
//! The program is a template that is handed in, so that the page need not carry it.

mod base64;
mod record;
mod template;

pub use record::{Expected, MAX_NUMBERS, Record, Settings, build_id};
pub use template::{Form, MARKER, text};
