//! The binary: parse, log, outcome to exit code; nothing else.

fn main() {}
