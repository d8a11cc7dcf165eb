//! Collector: findings from a JSON Lines file or standard input.
