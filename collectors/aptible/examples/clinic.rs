//! A small company on a fake Aptible, to scan and to change: `cargo run -p plimsoll-aptible --features testkit --example clinic`.
//!
//! It prints a `[[sources]]` block, and waits. Each line on its standard input is something that people do there; the end
//! of input ends it.

#![allow(clippy::print_stdout, reason = "the block is its result")]

use std::io::BufRead;

use plimsoll_aptible::testkit::FakeAptible;
use serde_json::json;

const OLIVE: &str = "olive@example.com";
const JOE: &str = "joe@example.com";

fn main() {
    let (fake, estate) = FakeAptible::clinic();
    fake.state().at(jiff::Timestamp::now());
    println!("[[sources]]\nname = \"aptible\"\ncollector = \"aptible\"\n[sources.settings]");
    println!("{}", fake.settings());
    println!(
        "# deploy, configure, scale, tls, open, internet, execute, tunnel, backup, deprovision:"
    );
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let mut state = fake.state();
        state.at(jiff::Timestamp::now());
        match line.trim() {
            "deploy" => state.deploy(estate.app, OLIVE, "4567cdef"),
            "configure" => state.configure(estate.app, OLIVE),
            "scale" => state.scale(estate.web, OLIVE, 4),
            "tls" => state.set(estate.endpoint, JOE, json!({})),
            "open" => state.allow(estate.endpoint, JOE, &[]),
            "internet" => state.database_endpoint(estate.database),
            "execute" => state.execute(estate.app, JOE),
            "tunnel" => state.tunnel(estate.database, JOE),
            "backup" => state.back_up(estate.database),
            "deprovision" => state.deprovision("apps", estate.staging_app, OLIVE),
            other => {
                println!("# {other:?} is nothing that is known here");
                continue;
            }
        };
        drop(state);
        println!("# done: {}", line.trim());
    }
}
