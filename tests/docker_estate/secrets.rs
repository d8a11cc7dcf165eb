//! The value of a secret comes out nowhere, and that it changed shows.

use crate::shop::{NGINX, replace};
use crate::support::{Engine, Estate, Plimsoll, changed};

const SECRET: &str = "swordfish-6f1c0a";
const OTHER_SECRET: &str = "sturgeon-93ab7e";

#[test]
fn no_secret_comes_out_and_its_change_shows() {
    let engine = Engine::required();
    let estate = Estate::on(&engine);
    let plimsoll = Plimsoll::docker(&engine.endpoint);
    let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
    let mut portal = |secret: &str| {
        let variable = format!("TOKEN={secret}");
        let label = format!("token={secret}");
        let check = format!("wget -q http://user:{secret}@127.0.0.1/ || true");
        let flags = [
            "--env",
            &variable,
            "--label",
            &label,
            "--health-cmd",
            &check,
        ];
        let log = format!("env-regex=^{secret}$");
        let flags = flags.iter().copied().chain(["--log-opt", &log, NGINX]);
        replace(&estate, "portal", &flags.collect::<Vec<_>>());
        let report = plimsoll.scan();
        for format in ["text", "json", "markdown", "html", "csv"] {
            let output = plimsoll.run(&["report", "--explain", "--format", format]);
            assert_eq!(output.code, Some(10), "{format}: {}", output.stderr);
            seen.push((format!("the report as {format}"), output.stdout.into()));
            seen.push((format!("standard error ({format})"), output.stderr.into()));
        }
        seen.push((
            "the scan's output".to_owned(),
            report.output.stdout.clone().into(),
        ));
        seen.push((
            "its standard error".to_owned(),
            report.output.stderr.clone().into(),
        ));
        report
    };
    portal(SECRET);
    let second = portal(OTHER_SECRET);
    let id = estate.id("container", "portal");
    second.assert_changes(&[changed(
        &id,
        &[
            "created",
            "env.TOKEN",
            "labels.token",
            "health.test",
            "log.options",
        ],
    )]);
    let paths = second.change(&id)["paths"].as_array().unwrap();
    let token = paths
        .iter()
        .find(|path| path["path"] == "env.TOKEN")
        .unwrap();
    let (from, to) = (
        token["from"].as_str().unwrap(),
        token["to"].as_str().unwrap(),
    );
    assert!(
        from.starts_with("secret:") && to.starts_with("secret:"),
        "{token}"
    );
    assert_ne!(from, to);

    // The database, its log and whatever else there is, while another process still has them open and after.
    let left = plimsoll.left_behind().into_iter();
    seen.extend(left.map(|(path, bytes)| (path.display().to_string(), bytes)));
    for secret in [SECRET, OTHER_SECRET] {
        for (place, bytes) in &seen {
            let mut parts = bytes.windows(secret.len());
            let found = parts.any(|part| part == secret.as_bytes());
            assert!(!found, "the value of a secret stands in {place}");
        }
    }
}
