# `just` lists these. `.ci/run` is what a change has to pass.

_list:
    @just --list --unsorted

# The tests that need neither root nor an engine, a cluster, npm or the network; names what it left out
test *ARGS:
    tests/local {{ARGS}}

# Every test, on Debian or Ubuntu and as root: starts an engine of its own
test-all *ARGS:
    tests/run {{ARGS}}

# Format and lints, as CI has them
check:
    cargo fmt --all --check
    cargo clippy --locked --workspace --all-targets --all-features -- -D warnings

# What a change has to pass
ci:
    .ci/run

# Rewrites the expected files of one test program: `just expect report_golden`
expect PROGRAM:
    UPDATE_EXPECTED=1 cargo test --locked --package plimsoll --test {{PROGRAM}}

# The book, in target/book
book:
    mdbook build docs
