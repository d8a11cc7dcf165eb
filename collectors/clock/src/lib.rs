//! The kernel's clock state, read through adjtimex(2).
