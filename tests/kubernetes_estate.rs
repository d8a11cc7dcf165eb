//! A web shop of a dozen services on a real API server: what a scan sees of it, and that every change to it shows as exactly
//! that change.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

#[path = "kubernetes_estate/changes.rs"]
mod changes;
#[path = "kubernetes_estate/corpus.rs"]
mod corpus;
#[path = "kubernetes_estate/drifts.rs"]
mod drifts;
#[path = "support/kubernetes/mod.rs"]
mod kubernetes;
#[path = "kubernetes_estate/rights.rs"]
mod rights;
#[path = "kubernetes_estate/shop.rs"]
mod shop;
#[path = "kubernetes_estate/story.rs"]
mod story;
mod support;
