//! Module localization.
