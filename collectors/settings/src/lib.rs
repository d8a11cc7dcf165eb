//! TOML tables that know their place, and report every mistake at once.
