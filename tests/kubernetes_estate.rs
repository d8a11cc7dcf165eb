//! A web shop of a dozen services on a real API server: what a scan sees of it, and that every change to it shows as exactly
//! that change.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

#[path = "support/kubernetes/mod.rs"]
mod kubernetes;
#[path = "kubernetes_estate/shop.rs"]
mod shop;
mod support;

use shop::Shop;

#[test]
fn the_estate_is_what_kubectl_says() {
    let shop = Shop::open();
    let kubectl = |arguments: &str| shop.kubernetes.kubectl(&arguments.split(' ').collect::<Vec<_>>());
    println!("{}", kubectl("get deployments,statefulsets,daemonsets,cronjobs,jobs,pods -A -o wide"));
    println!("{}", kubectl("get svc,ing,pvc,pv,sc,nodes,leases,netpol,hpa,httproutes,gateways,certificates -A"));
}
