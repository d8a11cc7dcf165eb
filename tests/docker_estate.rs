//! A dozen real containers on a real engine: what a scan sees of them, and that every change to them shows as exactly
//! that change.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

#[path = "docker_estate/changes.rs"]
mod changes;
#[path = "docker_estate/drifts.rs"]
mod drifts;
#[path = "docker_estate/registry.rs"]
mod registry;
#[path = "docker_estate/secrets.rs"]
mod secrets;
#[path = "docker_estate/shop.rs"]
mod shop;
#[path = "docker_estate/story.rs"]
mod story;
mod support;

use std::time::Duration;

use shop::{NGINX, shop};
use support::{Engine, Estate, Plimsoll, Program, Report};

#[test]
fn the_estate_is_made_of_services_that_serve() {
    let engine = Engine::required();
    let estate = shop(&engine, "token");
    let service = |name: &str| {
        let filter = format!("label=com.docker.compose.project={}", estate.prefix);
        let service = format!("label=com.docker.compose.service={name}");
        engine.docker(["ps", "--quiet", "--filter", &filter, "--filter", &service])
    };
    let in_app = |program: &[&str]| {
        let app = service("app");
        let exec = ["exec", app.as_str()].into_iter();
        engine.docker(exec.chain(program.iter().copied()))
    };
    assert_eq!(
        in_app(&["wget", "-q", "-O", "-", "http://web/"]),
        "the shop"
    );
    let ping = "echo PING | nc -w 1 cache 6379";
    assert_eq!(in_app(&["sh", "-c", ping]), "+PONG");
    let db = service("db");
    let psql = "/usr/lib/postgres/bin/psql -h 127.0.0.1 -U postgres -Atc";
    let psql = ["exec", &db].into_iter().chain(psql.split(' '));
    let answer = engine.docker(psql.chain(["select 6 * 7"]));
    assert_eq!(answer, "42");
}

#[test]
fn an_engine_is_found_without_any_configuration() {
    let engine = Engine::required();
    let estate = Estate::on(&engine);
    estate.run("web", &[NGINX]);
    let plimsoll = Plimsoll::new("");
    let mut command = plimsoll.command();
    command
        .args(["scan", "--format", "json"])
        .env("DOCKER_HOST", &engine.endpoint);
    let output = Program::run(&mut command, Duration::from_secs(60));
    let report = Report::parse(output);
    assert!(
        report.assets("container") >= 1,
        "{}",
        report.json["summary"]
    );
    // The machine as its own collector sees it and as the engine does are one.
    assert_eq!(report.assets("host"), 1);
}
