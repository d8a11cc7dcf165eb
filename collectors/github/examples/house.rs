//! A small house on a fake GitHub, to scan and to change: `cargo run -p plimsoll-github --features testkit --example house`.
//!
//! It prints a `[[sources]]` block, and waits. Each line on its standard input is something that people do there; what it gives is
//! printed. The end of input ends it.

#![allow(clippy::print_stdout, reason = "the block is its result")]

use std::io::BufRead;

use plimsoll_github::testkit::FakeGithub;

fn main() {
    let fake = FakeGithub::new("acme/infra");
    let folder = tempfile::tempdir().expect("a folder for the token");
    fake.with(|hub| {
        // Yesterday, so that what is done now comes before the next scan.
        hub.now = jiff::Timestamp::now().as_second() - 86_400;
        hub.branch("prod");
        hub.rule("prod", 1, &["ci"]);
    });
    println!("[[sources]]\nname = \"github\"\ncollector = \"github\"\n[sources.settings]");
    println!("{}branches = [\"prod\"]", fake.settings(folder.path()));
    println!(
        "# open AUTHOR, push N WHO, forge N AUTHOR WHO, review N WHO, label N WHO LABEL, merge N WHO RESULT:"
    );
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let number = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        let done = fake.with(|hub| match words.as_slice() {
            ["open", author] => {
                let branch = format!("change-{}", hub.now);
                hub.open(author, "Larger pool", "", &branch, "prod")
                    .to_string()
            }
            ["push", _, who] => hub.push(number, who),
            ["forge", _, author, who] => hub.forge(number, author, hub.now - 3_600, who),
            ["review", _, who] => hub.review(number, who, "APPROVED").to_string(),
            ["label", _, who, label] => {
                hub.label(number, who, label);
                (*label).to_owned()
            }
            ["merge", _, who, result] => {
                let commit = hub.merge(number, who, result);
                hub.check(&commit, "ci", "success");
                commit
            }
            _ => "nothing that is known here".to_owned(),
        });
        println!("# {line}: {done}");
    }
}
