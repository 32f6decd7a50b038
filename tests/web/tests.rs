//! What is tested on both kinds of thread.

#[path = "../../src/web/api.rs"]
mod api;
#[path = "golden.rs"]
mod golden;
#[path = "input.rs"]
mod input;
#[path = "js.rs"]
pub mod js;
#[path = "messages.rs"]
mod messages;
#[path = "../optimizer_torch.rs"]
mod optimizer_torch;
#[path = "../random_numbers.rs"]
mod random_numbers;
#[path = "training_runs.rs"]
mod training_runs;
#[path = "transfer.rs"]
mod transfer;
