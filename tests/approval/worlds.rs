//! Worlds made at random.
