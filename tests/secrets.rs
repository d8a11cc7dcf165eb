//! A secret that comes by any way leaves no trace: not in the database or its log, not in an output, not in the most
//! talkative log.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use std::time::Duration;

use support::{Output, Plimsoll, Program};

/// Nothing else in the world has this text.
const SECRET: &str = "hunter2-8c1f0b77e4";

/// Prints findings with the secret in each place where one may be, and in places where none should be read back:
/// a line that is broken, and standard error.
const SCRIPT: &str = r#"
echo "$TOKEN" >&2
echo '{"plimsoll":"findings/v1","scope":"secrets"}'
printf '{"asset":{"id":"host:s/1","kind":"host","name":"s","facts":{"os":"%s"},"secrets":{"TOKEN":"%s"}}}\n' "$1" "$TOKEN"
printf '{"asset":{"id":"host:s/2","kind":"host","name":"t","facts":{"env":{"value":{"TOKEN":"%s"}},"command":["run","--password=%s"],"entrypoint":["%s"]}}}\n' "$TOKEN" "$TOKEN" "$TOKEN"
printf '{"asset":{"id":"host:s/3","kind":"host","nome":"%s"}}\n' "$TOKEN"
printf '{"asset":{"id":"host:s/4" %s\n' "$TOKEN"
printf '%s\n' "$TOKEN"
echo '{"scope":{"complete":true}}'
"#;

fn assert_silent(what: &str, bytes: &[u8]) {
    let told = bytes
        .windows(SECRET.len())
        .any(|window| window.eq_ignore_ascii_case(SECRET.as_bytes()));
    assert!(!told, "{what} tells the secret");
}

#[test]
fn no_output_log_or_file_tells_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("findings.sh");
    std::fs::write(&script, SCRIPT).unwrap();
    let configure = |os: &str| {
        format!(
            "[[sources]]\nname = \"script\"\ncollector = \"exec\"\n[sources.settings]\n\
             command = [\"/bin/sh\", \"{}\", \"{os}\"]\nenv = [\"TOKEN\"]\n",
            script.display()
        )
    };
    let plimsoll = Plimsoll::new(&configure("Debian 12"));
    let run = |arguments: &[&str], token: &str| -> Output {
        let mut command = plimsoll.command();
        command.env("PLIMSOLL_LOG", "trace").env("TOKEN", token);
        command
            .args(arguments)
            .arg("--config")
            .arg(plimsoll.config());
        let output = Program::run(&mut command, Duration::from_secs(60));
        assert_silent(
            &format!("the output of {arguments:?}"),
            output.stdout.as_bytes(),
        );
        assert_silent(
            &format!("the log of {arguments:?}"),
            output.stderr.as_bytes(),
        );
        output
    };
    let scan = run(&["scan", "--explain"], "another value");
    assert_eq!(scan.code, Some(10), "{}", scan.stderr);
    // Whoever keeps the database open keeps its log there too.
    let open = rusqlite::Connection::open(plimsoll.data().join("plimsoll.db")).unwrap();
    let _: i64 = open
        .query_row("SELECT count(*) FROM scan", [], |row| row.get(0))
        .unwrap();

    plimsoll.configure(&configure("Debian 13"));
    let scan = run(&["scan", "--format", "json"], SECRET);
    // That it changed shows; the broken lines are told of; what they hold is not.
    let report: serde_json::Value = serde_json::from_str(&scan.stdout).unwrap();
    let changes = report["changes"].to_string();
    assert!(changes.contains("env.TOKEN"), "{changes}");
    let troubles = report["coverage"][0]["troubles"].as_array().unwrap();
    assert!(troubles.len() >= 3, "{troubles:?}");

    for arguments in [
        ["report", "--explain"].as_slice(),
        &["report", "--format", "html"],
        &["report", "--format", "markdown"],
        &["drift", "--format", "csv"],
        &["changes"],
        &["inventory", "list", "--format", "json"],
        &["inventory", "show", "host:s/2"],
        &["inventory", "history", "host:s/1"],
        &["baseline", "record", "host"],
        &["check"],
        &["init"],
    ] {
        run(arguments, SECRET);
    }
    let files = plimsoll.left_behind();
    let names: Vec<String> = files
        .iter()
        .map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(names.contains(&"plimsoll.db-wal".to_owned()), "{names:?}");
    for (path, bytes) in files {
        assert_silent(&path.display().to_string(), &bytes);
    }
    // Bodies lie compressed in the file: what it holds is also looked at as it is read back.
    let list = run(&["inventory", "list", "--format", "json"], SECRET);
    assert!(list.stdout.contains("host:s/2") && list.stdout.contains("secret:"));
}
