//! What `scripts/reproduce` computes, and how it is shown.

pub mod tasks;
pub mod learning_rates;
pub mod record;
pub mod charts;
pub mod markdown;
