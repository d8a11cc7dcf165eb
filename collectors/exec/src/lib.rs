//! Collector: findings from a program that it runs.
