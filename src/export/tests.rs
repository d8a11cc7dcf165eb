//! The formats against names of all kinds.
