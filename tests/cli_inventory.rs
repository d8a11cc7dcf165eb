//! `plimsoll inventory` and `plimsoll changes` of a small estate over two scans, word for word.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use plimsoll_kit::testkit::assert_text;
use serde_json::Value;
use support::{Findings, Plimsoll};

const BEFORE: &str = r#"
{"asset":{"id":"host:shop/web-1","kind":"host","name":"web-1","labels":{"plimsoll.environment":"production"},"facts":{"os":"Debian 12","encryption.at-rest":{"how":"unknown","basis":"no right to ask"}}}}
{"asset":{"id":"database:shop/orders","kind":"database","name":"orders","facts":{"version":"16.1","state":"running","ports":{"value":{"0.0.0.0:5432/tcp":{"address":"0.0.0.0","port":5432,"protocol":"tcp","reach":"public"}},"how":"measured","basis":"a connection"}},"secrets":{"PASSWORD":"hardtack"}}}
{"asset":{"id":"volume:shop/old","kind":"volume","name":"old"}}
{"relation":{"from":"database:shop/orders","kind":"runs-on","to":"host:shop/web-1"}}
"#;

/// The database is another version, the volume is gone and a cache is new.
const AFTER: &str = r#"
{"asset":{"id":"host:shop/web-1","kind":"host","name":"web-1","labels":{"plimsoll.environment":"production"},"facts":{"os":"Debian 12","encryption.at-rest":{"how":"unknown","basis":"no right to ask"}}}}
{"asset":{"id":"database:shop/orders","kind":"database","name":"orders","facts":{"version":"16.2","state":"running","ports":{"value":{"0.0.0.0:5432/tcp":{"address":"0.0.0.0","port":5432,"protocol":"tcp","reach":"public"}},"how":"measured","basis":"a connection"}},"secrets":{"PASSWORD":"hardtack"}}}
{"asset":{"id":"cache:shop/sessions","kind":"cache","name":"sessions"}}
{"relation":{"from":"database:shop/orders","kind":"runs-on","to":"host:shop/web-1"}}
"#;

/// The estate after both scans, and when each was finished.
struct Shop {
    _findings: Findings,
    plimsoll: Plimsoll,
    times: [String; 2],
}

impl Shop {
    fn scanned_twice() -> Self {
        let findings = Findings::of(BEFORE);
        let plimsoll = Plimsoll::new(&findings.source());
        let finished = |report: &Value| report["scan"]["finished"].as_str().unwrap().to_owned();
        let first = finished(&plimsoll.scan().json);
        findings.write(AFTER);
        let second = finished(&plimsoll.scan().json);
        Self {
            _findings: findings,
            plimsoll,
            times: [first, second],
        }
    }

    /// A command and what it prints, with names in the place of the two times and of fingerprints.
    fn transcript(&self, arguments: &[&str]) -> String {
        let output = self.plimsoll.run(arguments).success(&arguments.join(" "));
        assert_eq!(output.stderr, "");
        let mut text = format!("$ plimsoll {}\n{}\n", arguments.join(" "), output.stdout);
        for (time, name) in self.times.iter().zip(["FIRST", "SECOND"]) {
            text = text.replace(time.as_str(), name);
        }
        let mark = regex::Regex::new("secret:[0-9a-f]{8}:[0-9a-f]{32}").unwrap();
        mark.replace_all(&text, "MARK").into_owned()
    }
}

#[test]
fn the_inventory_of_two_times_word_for_word() {
    let shop = Shop::scanned_twice();
    let [first, second] = &shop.times;
    let text: String = [
        ["inventory", "list"].as_slice(),
        &["inventory", "list", "--at", first, "--kind", "volume"],
        &["inventory", "list", "--contains", "nothing such"],
        &["inventory", "show", "orders"],
        &["inventory", "show", "host:shop/web-1", "--at", first],
        &["inventory", "history", "database:shop/orders"],
        &["inventory", "history", "volume:shop/old"],
        &["inventory", "diff", first, second],
        &["inventory", "diff", second],
        &["inventory", "show", "orders", "--format", "json"],
        &["inventory", "diff", first, second, "--format", "json"],
    ]
    .iter()
    .map(|arguments| shop.transcript(arguments))
    .collect();
    let golden = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cli_inventory/expected.txt"
    );
    assert_text(golden, &text);
}
