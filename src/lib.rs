//! Eigendrift.
