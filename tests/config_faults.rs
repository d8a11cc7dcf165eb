//! A bad configuration: every mistake at once, each with its place and a suggestion, and nothing is connected to or made.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::os::unix::net::UnixListener;

use support::{Findings, Plimsoll};

/// Mistakes of every kind. `SOCKET` is where a Docker engine would be.
const CONFIGURATION: &str = r#"busy_timeout = 30
retentoin = "1 year"

[scan]
concurrency = 1000

[baselines]
paths = ["baselines", "nowhere.toml"]

[[sources]]
name = "engine"
collector = "docker"
settings.endpoint = "unix://SOCKET"

[[sources]]
name = "engine"
collector = "dokcer"

[[sources]]
name = "findings"
collector = "file"
[sources.settings]
paht = "estate.jsonl"

[[sources]]
name = "script"
collector = "exec"
deadline = "forever"
[sources.settings]
command = []
timeout = "9 fortnights"

[[rules]]
name = "shop-*"
role = "wroker"

[[rules]]
environment = "prodution"

[[ignore]]
control = "image-curent"
reason = "moving"
until = "some day"
"#;

/// A baseline with mistakes in a key, a parameter, and a rule in CEL.
const BASELINE: &str = r#"titel = "Shop"
extends = "web-servcie"

[[expect]]
control = "ports-allowed"
allowed = [99999]

[[expect]]
id = "logs"
control = "logs-shipped"
type = "cel"
rule = 'asset.facts["log.driver"] =='
expected = "logs are shipped"
"#;

/// What is said, each with its place and a part of the words. Files are those of the configuration's folder.
const MISTAKES: &[(&str, &[&str])] = &[
    (
        "baselines/shop.toml:1:1",
        &["`titel`", "did you mean `title`?"],
    ),
    (
        "baselines/shop.toml:2:11",
        &["\"web-servcie\"", "did you mean \"web-service\"?"],
    ),
    ("baselines/shop.toml:6:", &["`allowed`", "write 443"]),
    ("baselines/shop.toml:12:", &["`rule`"]),
    ("config.toml:3:16", &["`busy_timeout`", "text in quotes"]),
    (
        "config.toml:4:1",
        &["`retentoin`", "did you mean `retention`?"],
    ),
    ("config.toml:7:15", &["`concurrency`", "from 1 to 64"]),
    (
        "config.toml:10:9",
        &["nowhere.toml", "there is no such file", "check the path"],
    ),
    (
        "config.toml:18:8",
        &["two sources are called \"engine\"", "lines 13 and 18"],
    ),
    (
        "config.toml:19:13",
        &["\"dokcer\"", "did you mean \"docker\"?"],
    ),
    ("config.toml:24:1", &["`path` is missing"]),
    ("config.toml:25:1", &["`paht`", "did you mean `path`?"]),
    (
        "config.toml:30:12",
        &["`deadline`", "\"forever\" is no duration", "as \"30s\""],
    ),
    ("config.toml:32:", &["`command` must name a program"]),
    (
        "config.toml:33:11",
        &["`timeout`", "\"9 fortnights\" is no duration"],
    ),
    (
        "config.toml:37:8",
        &[
            "no baseline is called \"wroker\"",
            "did you mean \"worker\"?",
        ],
    ),
    ("config.toml:39:1", &["without criteria"]),
    (
        "config.toml:40:15",
        &["\"prodution\"", "production, staging or development"],
    ),
    (
        "config.toml:43:11",
        &[
            "no control \"image-curent\"",
            "did you mean \"image-current\"?",
        ],
    ),
    ("config.toml:45:9", &["`until`"]),
];

#[test]
fn every_mistake_comes_at_once_and_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    listener.set_nonblocking(true).unwrap();
    let plimsoll = Plimsoll::new(&CONFIGURATION.replace("SOCKET", &socket.display().to_string()));
    let home = plimsoll.config().parent().unwrap().to_owned();
    std::fs::create_dir(home.join("baselines")).unwrap();
    std::fs::write(home.join("baselines/shop.toml"), BASELINE).unwrap();

    for command in [
        ["scan"].as_slice(),
        &["scan", "--source", "engine", "--format", "json"],
        &["check"],
        &["report"],
        &["inventory", "list"],
    ] {
        let output = plimsoll.run(command);
        assert_eq!(output.code, Some(20), "{command:?}: {}", output.stderr);
        assert_eq!(output.stdout, "", "{command:?}");
        let said = output.stderr.replace(&format!("{}/", home.display()), "");
        let lines: Vec<&str> = said.lines().collect();
        for (place, parts) in MISTAKES {
            let there = lines.iter().any(|line| {
                line.starts_with(place) && parts.iter().all(|part| line.contains(part))
            });
            assert!(there, "no mistake at {place} with {parts:?}:\n{said}");
        }
        assert_eq!(lines.len(), MISTAKES.len() + 1, "{said}");
        let last = format!(
            "plimsoll: {} mistakes in the configuration; nothing was scanned",
            MISTAKES.len()
        );
        assert_eq!(lines.last(), Some(&last.as_str()));
    }
    assert!(plimsoll.left_behind().is_empty(), "something was made");
    let nobody = listener.accept().unwrap_err();
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn a_configuration_that_is_missing_or_no_text_is_said_with_its_path() {
    let plimsoll = Plimsoll::new("");
    std::fs::write(plimsoll.config(), b"\xff\xfe[store]").unwrap();
    let output = plimsoll.run(&["scan"]);
    assert_eq!(output.code, Some(20));
    assert!(
        output.stderr.contains("config.toml: it is not UTF-8"),
        "{}",
        output.stderr
    );

    std::fs::remove_file(plimsoll.config()).unwrap();
    let output = plimsoll.run(&["scan"]);
    assert_eq!(output.code, Some(20));
    assert!(
        output.stderr.contains("config.toml: there is no such file"),
        "{}",
        output.stderr
    );
    assert!(plimsoll.left_behind().is_empty());
}

#[test]
fn a_baseline_file_is_checked_by_itself() {
    let findings = Findings::new();
    let plimsoll = Plimsoll::new(&findings.source());
    let shop = findings.folder().join("shop.toml");
    std::fs::write(&shop, BASELINE).unwrap();
    let mut command = plimsoll.command();
    command.args(["baseline", "check"]).arg(&shop);
    let output = support::Program::run(&mut command, std::time::Duration::from_secs(60));
    assert_eq!(output.code, Some(20), "{}", output.stderr);
    let in_shop = |line: &&str| line.contains("shop.toml:");
    assert_eq!(
        output.stderr.lines().filter(in_shop).count(),
        4,
        "{}",
        output.stderr
    );
}
