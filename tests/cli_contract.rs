//! What scripts rely on: exit codes, the two streams, the report's JSON, and that every command helps.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::{Findings, Output, Plimsoll, Program, removed};

const LIMIT: Duration = Duration::from_secs(60);

/// An asset of which nothing is expected.
const VOLUME: &str = r#"{"asset":{"id":"volume:shop/data","kind":"volume","name":"data"}}"#;
/// A system: nothing is known of its clock, so it drifts.
const HOST: &str = r#"{"asset":{"id":"host:shop/web-1","kind":"host","name":"web-1","labels":{"plimsoll.environment":"production"},"facts":{"os":"Debian 12"}}}"#;

/// A program that reads these findings.
fn reading(lines: &str) -> (Findings, Plimsoll) {
    let findings = Findings::of(lines);
    let plimsoll = Plimsoll::new(&findings.source());
    (findings, plimsoll)
}

/// Runs the program with nothing but these arguments.
fn bare(plimsoll: &Plimsoll, arguments: &[&str]) -> Output {
    Program::run(plimsoll.command().args(arguments), LIMIT)
}

#[test]
fn every_exit_code_by_a_real_run() {
    let (findings, plimsoll) = reading(VOLUME);
    let code = |arguments: &[&str]| plimsoll.run(arguments).code;
    assert_eq!(code(&["report"]), Some(1), "no inventory yet");
    assert_eq!(code(&["scan"]), Some(0));
    assert_eq!(code(&["report"]), Some(0));
    assert_eq!(code(&["scan", "--source", "nobody"]), Some(1));
    assert_eq!(code(&["scan", "--sauce", "estate"]), Some(2));
    assert_eq!(code(&["--bogus"]), Some(2));
    assert_eq!(bare(&plimsoll, &[]).code, Some(2));
    assert_eq!(code(&["report", "--at", "yesterday-ish"]), Some(2));

    std::fs::remove_file(findings.path()).unwrap();
    assert_eq!(code(&["scan"]), Some(11));
    assert_eq!(code(&["report"]), Some(11));
    assert_eq!(code(&["check"]), Some(11));

    findings.write(HOST);
    assert_eq!(code(&["scan"]), Some(10));
    assert_eq!(code(&["report"]), Some(10));
    assert_eq!(code(&["drift"]), Some(10));
    assert_eq!(code(&["baseline", "explain", "web-1"]), Some(10));
    assert_eq!(code(&["check"]), Some(0));

    // Drift wins over a scan that is incomplete.
    std::fs::remove_file(findings.path()).unwrap();
    assert_eq!(code(&["scan"]), Some(10));

    plimsoll.configure("[stroe]\n");
    assert_eq!(code(&["scan"]), Some(20));
    assert_eq!(code(&["report"]), Some(20));
}

/// A field of the contract: its name and what its values may be.
type Field = (&'static str, fn(&Value) -> bool);

fn is_time(value: &Value) -> bool {
    let time = value.as_str().map(str::parse::<jiff::Timestamp>);
    matches!(time, Some(Ok(_))) && value.as_str().is_some_and(|text| text.ends_with('Z'))
}

fn is_text_or_null(value: &Value) -> bool {
    value.is_string() || value.is_null()
}

fn is_texts(value: &Value) -> bool {
    value
        .as_array()
        .is_some_and(|list| list.iter().all(Value::is_string))
}

fn is_status(value: &Value) -> bool {
    *value == "fail" || *value == "unknown"
}

fn any(_: &Value) -> bool {
    true
}

/// The fields that scripts were promised, part by part.
const CONTRACT: &[(&str, &[Field])] = &[
    (
        "coverage",
        &[
            ("source", Value::is_string),
            ("scope", Value::is_string),
            ("complete", Value::is_boolean),
            ("troubles", is_texts),
        ],
    ),
    (
        "systems",
        &[
            ("asset", Value::is_string),
            ("kind", Value::is_string),
            ("name", Value::is_string),
            ("role", Value::is_string),
            ("environment", is_text_or_null),
        ],
    ),
    (
        "drifts",
        &[
            ("asset", Value::is_string),
            ("control", Value::is_string),
            ("status", is_status),
            ("severity", Value::is_string),
            ("expected", any),
            ("actual", any),
            ("evidence", any),
            ("since", is_time),
            ("change", any),
            ("verdict", is_text_or_null),
        ],
    ),
    (
        "changes",
        &[
            ("asset", Value::is_string),
            ("kind", Value::is_string),
            ("paths", Value::is_array),
            ("observed", Value::is_object),
            ("actor", any),
            ("verdict", Value::is_string),
            ("request", any),
            ("reasons", is_texts),
        ],
    ),
];

/// Panics unless a report keeps the published schema and the contract.
fn assert_keeps_the_contract(report: &Value) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json");
    let schema: Value = serde_json::from_slice(&std::fs::read(schema).unwrap()).unwrap();
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap();
    let wrong: Vec<String> = validator
        .iter_errors(report)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");

    assert_eq!(report["schema"], "plimsoll/report/v1");
    assert!(report["scan"]["id"].is_u64());
    assert!(is_time(&report["scan"]["started"]) && is_time(&report["scan"]["finished"]));
    assert!(report["summary"].is_object());
    for (part, fields) in CONTRACT {
        let rows = report[*part].as_array().unwrap();
        assert!(!rows.is_empty(), "the test has no {part}");
        for row in rows {
            for (field, fits) in *fields {
                let value = row.get(*field);
                assert!(value.is_some_and(fits), "{part}: {field} in {row}");
            }
        }
    }
    for change in report["changes"].as_array().unwrap() {
        for path in change["paths"].as_array().unwrap() {
            let keys = ["path", "from", "to"];
            assert!(keys.iter().all(|key| path.get(key).is_some()), "{path}");
        }
        let observed = &change["observed"];
        assert!(is_time(&observed["before"]), "{observed}");
        assert!(
            observed["after"].is_null() || is_time(&observed["after"]),
            "{observed}"
        );
    }
}

#[test]
fn the_json_of_scan_and_report_is_the_contract_and_the_same() {
    let (findings, plimsoll) = reading(&format!("{HOST}\n{VOLUME}"));
    plimsoll.scan();
    let other = HOST.replace("Debian 12", "Debian 13");
    let new = r#"{"asset":{"id":"host:shop/web-2","kind":"host","name":"web-2"}}"#;
    // The volume is gone, one host is new, the other changed.
    findings.write(&format!("{other}\n{new}"));
    let scan = plimsoll.run(&["scan", "--format", "json"]);
    let json: Value = serde_json::from_str(&scan.stdout).unwrap();
    assert_keeps_the_contract(&json);
    let kinds: Vec<&str> = json["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|change| change["kind"].as_str())
        .collect();
    for kind in ["added", "removed", "modified"] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }

    let report = plimsoll.run(&["report", "--format", "json"]);
    assert_eq!(report.stdout, scan.stdout);
    assert_eq!(report.code, scan.code);

    let all = plimsoll
        .run(&["changes", "--format", "json"])
        .success("changes");
    let all: Value = serde_json::from_str(&all.stdout).unwrap();
    assert_eq!(
        all["changes"].as_array().unwrap().len(),
        3,
        "the first scan is no change"
    );
    assert_eq!(all["truncated"], false);
    let cut = ["changes", "--limit", "2"];
    let some = plimsoll.run(&[&cut[..], &["--format", "json"]].concat());
    let some: Value = serde_json::from_str(&some.stdout).unwrap();
    assert_eq!(some["changes"].as_array().unwrap().len(), 2);
    assert_eq!(some["truncated"], true);
    let told = plimsoll.run(&cut).stderr;
    assert!(
        told.contains("only the newest 2 are shown: raise --limit"),
        "{told}"
    );
}

#[test]
fn what_could_not_be_read_to_its_end_removes_nothing() {
    let (findings, plimsoll) = reading(&format!("{HOST}\n{VOLUME}"));
    plimsoll.scan();
    // A script that died: one asset, and no word that this is all.
    let whole = Findings::whole(HOST);
    let cut = whole.split("{\"scope\":{\"complete\"").next().unwrap();
    std::fs::write(findings.path(), cut).unwrap();
    let report = plimsoll.scan();
    report.assert_changes(&[]);
    assert!(!report.complete());
    assert_eq!((report.assets("host"), report.assets("volume")), (1, 1));

    std::fs::remove_file(findings.path()).unwrap();
    let report = plimsoll.scan();
    report.assert_changes(&[]);
    assert_eq!((report.assets("host"), report.assets("volume")), (1, 1));

    findings.write(HOST);
    plimsoll
        .scan()
        .assert_changes(&[removed("volume:shop/data")]);
}

#[test]
fn results_go_to_one_stream_and_everything_else_to_the_other() {
    let (_findings, plimsoll) = reading(HOST);
    let scan = plimsoll.run(&["scan"]);
    assert!(scan.stdout.contains("host:shop/web-1") || scan.stdout.contains("web-1"));
    assert!(!scan.stdout.contains("read estate"), "{}", scan.stdout);
    assert_eq!(
        scan.stderr,
        "read estate: 1 assets, 1 of 1 scopes complete\n"
    );
    assert!(
        !scan.stdout.contains('\u{1b}'),
        "colours where there is no terminal"
    );

    let quiet = plimsoll.run(&["scan", "--quiet"]);
    assert_eq!(quiet.stderr, "");
    assert!(!quiet.stdout.is_empty());

    let mut logging = plimsoll.command();
    logging.env("PLIMSOLL_LOG", "trace");
    logging
        .args(["scan", "--format", "json", "--config"])
        .arg(plimsoll.config());
    let logging = Program::run(&mut logging, LIMIT);
    let json: Value = serde_json::from_str(&logging.stdout).unwrap();
    assert_eq!(json["schema"], "plimsoll/report/v1");

    let broken = plimsoll.run(&["inventory", "show", "nobody"]);
    assert_eq!(broken.stdout, "");
    assert!(
        broken.stderr.starts_with("plimsoll: no asset"),
        "{}",
        broken.stderr
    );
}

/// Whoever reads a log of JSON reads all of it, also when nothing came of the run.
#[test]
fn where_the_log_is_json_so_are_mistakes_in_the_command_and_the_configuration() {
    let (_findings, plimsoll) = reading(HOST);
    let told = |arguments: &[&str], code: i32| {
        let mut command = plimsoll.command();
        let output = Program::run(command.args(arguments), LIMIT);
        assert_eq!(output.code, Some(code), "{arguments:?}: {output:?}");
        assert!(!output.stderr.is_empty() && output.stdout.is_empty());
        let lines = output.stderr.lines();
        let parse = |line: &str| {
            let value: Value = serde_json::from_str(line)
                .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {line}"));
            assert_eq!(value["level"], "ERROR");
            value["message"].as_str().unwrap().to_owned()
        };
        lines.map(parse).collect::<Vec<_>>().join("\n")
    };
    for arguments in [
        ["--log-format", "json", "scann"].as_slice(),
        &["--log-format=json"],
        &["report", "--formt", "html", "--log-format", "json"],
        &["--log-format", "json", "report", "--at"],
    ] {
        assert!(told(arguments, 2).starts_with("error: "));
    }
    let config = plimsoll.data().join("broken.toml");
    std::fs::write(&config, "[stroe]\n").unwrap();
    let path = config.to_str().unwrap();
    for command in ["scan", "serve", "check", "report"] {
        let said = told(&["--log-format", "json", command, "--config", path], 20);
        assert!(said.contains("unknown key `stroe`"), "{said}");
    }
    // Without it all is as a person reads it.
    let output = bare(&plimsoll, &["scann"]);
    assert!(output.stderr.starts_with("error: "), "{}", output.stderr);
    assert_eq!(bare(&plimsoll, &["--help"]).code, Some(0));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let lines: String = (0..400)
        .map(|number| HOST.replace("web-1", &format!("web-{number}")) + "\n")
        .collect();
    let (_findings, plimsoll) = reading(&lines);
    plimsoll.scan();
    for arguments in [
        ["report", "--format", "json"].as_slice(),
        &["report", "--format", "html"],
        &["report", "--format", "markdown"],
        &["drift", "--format", "csv"],
        &["report", "--explain"],
        &["inventory", "list", "--format", "json"],
        &["scan", "--quiet", "--format", "json"],
    ] {
        let mut command: Command = plimsoll.command();
        command
            .args(arguments)
            .arg("--config")
            .arg(plimsoll.config());
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut head = [0; 64];
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut head).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert!(
            matches!(output.status.code(), Some(0 | 10)),
            "{arguments:?}: {}",
            output.status
        );
    }
}

#[test]
fn a_time_before_the_first_scan_is_a_clear_error() {
    let (_findings, plimsoll) = reading(HOST);
    plimsoll.scan();
    for arguments in [
        ["report", "--at", "2020-01-01T00:00:00Z"].as_slice(),
        &["inventory", "list", "--at", "2020-01-01T00:00:00Z"],
        &["inventory", "diff", "2020-01-01T00:00:00Z", "now"],
    ] {
        let output = plimsoll.run(arguments);
        assert_eq!(output.code, Some(1), "{arguments:?}");
        assert_eq!(output.stdout, "");
        assert_eq!(
            output.stderr,
            "plimsoll: there was no scan at 2020-01-01T00:00:00Z or before\n"
        );
    }
}

/// The subcommands that a help text lists.
fn subcommands(help: &str) -> Vec<String> {
    let listed = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty());
    let name = |line: &str| {
        let name = line
            .strip_prefix("  ")
            .filter(|line| !line.starts_with(' '))?;
        Some(name.split(' ').next()?.to_owned())
    };
    listed
        .filter_map(name)
        .filter(|name| name != "help")
        .collect()
}

#[test]
fn every_command_helps_with_an_example() {
    let (_findings, plimsoll) = reading("");
    let mut open: Vec<Vec<String>> = vec![Vec::new()];
    let mut seen = 0;
    while let Some(command) = open.pop() {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--help");
        let help = bare(&plimsoll, &arguments).success("--help").stdout;
        assert!(
            help.contains("\nExample:\n  plimsoll ") || help.contains("\nExamples:\n  plimsoll "),
            "plimsoll {} has no example:\n{help}",
            command.join(" ")
        );
        for name in subcommands(&help) {
            open.push([command.as_slice(), &[name]].concat());
        }
        seen += 1;
    }
    assert!(seen > 12, "only {seen} commands were found");
}

#[test]
fn completions_for_the_usual_shells() {
    let (_findings, plimsoll) = reading("");
    for shell in ["bash", "zsh", "fish"] {
        let script = bare(&plimsoll, &["completions", shell])
            .success(shell)
            .stdout;
        for word in ["inventory", "baseline", "completions", "--offline"] {
            let word = if shell == "fish" {
                word.trim_start_matches('-')
            } else {
                word
            };
            assert!(script.contains(word), "{shell}: no {word}");
        }
    }
    assert_eq!(bare(&plimsoll, &["completions", "cmd"]).code, Some(2));
}

#[test]
fn what_init_writes_loads() {
    let (_findings, plimsoll) = reading("");
    let text = bare(&plimsoll, &["init"]).success("init").stdout;
    std::fs::write(plimsoll.config(), &text).unwrap();
    let check = plimsoll.run(&["check", "--offline"]).success("check");
    assert!(check.stdout.contains("no mistakes"), "{}", check.stdout);
    assert!(
        plimsoll.left_behind().is_empty(),
        "init and check make nothing"
    );
}

#[test]
fn without_configuration_and_environment_it_scans_what_is_here() {
    let plimsoll = Plimsoll::new("").unprivileged();
    let home = plimsoll.config().parent().unwrap().to_owned();
    let command = || {
        let mut command = plimsoll.command();
        // Away from the test's own configuration.
        command.env_clear().current_dir("/");
        command
    };
    let homeless = Program::run(command().arg("scan"), LIMIT);
    assert_eq!(homeless.code, Some(20), "{}", homeless.stderr);
    assert!(
        homeless.stderr.contains(
            "there is no home folder to keep the database in (set HOME, or `path` in [store])"
        ),
        "{}",
        homeless.stderr
    );

    let scan = Program::run(
        command()
            .env("HOME", &home)
            .args(["scan", "--format", "json"]),
        LIMIT,
    );
    assert!(matches!(scan.code, Some(0 | 10 | 11)), "{}", scan.stderr);
    assert!(
        scan.stderr
            .contains("no configuration: scanning what is found here"),
        "{}",
        scan.stderr
    );
    let report: Value = serde_json::from_str(&scan.stdout).unwrap();
    assert_eq!(report["summary"]["assets"]["host"], 1);
    assert!(home.join(".local/share/plimsoll/plimsoll.db").exists());
}
