//! Module mlp.
