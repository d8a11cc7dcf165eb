//! What holds and what does not in the estate as it was made, and what is asked of the API server for it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::shop::{SCANNER, Shop};
use crate::story::{facts, golden, open, standing};
use crate::support::{Plimsoll, Program, Report};

/// Every system and every drift there is, and none besides: a new false alarm, or one that is missed from now on, shows here.
#[test]
fn the_drifts_of_the_estate_are_exactly_these() {
    let shop = Shop::shared();
    let plimsoll = shop.plimsoll();
    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());
    assert_eq!(first.output.code, Some(10));
    golden("facts.txt", &facts(&inventory(&plimsoll)));
    golden("drifts.txt", &open(&first));

    // The nodes' heartbeats between two scans are no change.
    shop.controllers().beat();
    let second = plimsoll.scan();
    second.assert_changes(&[]);
    assert_eq!(standing(&second), standing(&first));
    assert_eq!(second.list("resolved").count(), 0);
    assert_eq!(second.json["summary"]["new"], 0);
}

/// The inventory is what kubectl says there is.
#[test]
fn nothing_is_missing_and_nothing_is_made_up() {
    let shop = Shop::shared();
    let plimsoll = shop.plimsoll();
    plimsoll.scan();
    let list = inventory(&plimsoll);
    let ids = list["assets"].as_array().unwrap().iter();
    let seen: BTreeSet<String> = ids
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    let objects = |resource: &str| {
        let columns = "--output=custom-columns=:metadata.namespace,:metadata.name,:metadata.ownerReferences[0].kind";
        let text = shop.kubernetes.kubectl(&[
            "get",
            resource,
            "--all-namespaces",
            "--no-headers",
            columns,
        ]);
        let words = |line: &str| {
            let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            (words[0].clone(), words[1].clone(), words[2].clone())
        };
        text.lines().map(words).collect::<Vec<_>>()
    };
    let mut expected = BTreeSet::from(["cluster:estate".to_owned()]);
    for (kind, resource) in [
        ("deployment", "deployments"),
        ("statefulset", "statefulsets"),
        ("daemonset", "daemonsets"),
        ("cronjob", "cronjobs"),
        ("job", "jobs"),
        ("pod", "pods"),
    ] {
        for (namespace, name, owner) in objects(resource) {
            // What belongs to a workload is no system.
            if owner == "<none>" {
                expected.insert(format!("workload:estate/{namespace}/{kind}/{name}"));
            }
        }
    }
    for (kind, resource) in [
        ("network-service", "services"),
        ("volume-claim", "persistentvolumeclaims"),
        ("network-policy", "networkpolicies"),
        ("service-account", "serviceaccounts"),
        ("configuration", "configmaps"),
    ] {
        let all = objects(resource).into_iter();
        expected
            .extend(all.map(|(namespace, name, _)| format!("{kind}:estate/{namespace}/{name}")));
    }
    for (kind, resource) in [
        ("namespace", "namespaces"),
        ("host", "nodes"),
        ("volume", "persistentvolumes"),
        ("storage-class", "storageclasses"),
    ] {
        let all = objects(resource).into_iter();
        expected.extend(all.map(|(_, name, _)| format!("{kind}:estate/{name}")));
    }
    for (kind, resource) in [
        ("ingress", "ingresses"),
        ("gateway", "gateways"),
        ("httproute", "httproutes"),
    ] {
        let all = objects(resource).into_iter();
        expected.extend(
            all.map(|(namespace, name, _)| format!("endpoint:estate/{namespace}/{kind}/{name}")),
        );
    }
    let kinds: BTreeSet<&str> = expected.iter().map(|id| kind_of(id)).collect();
    let of_kinds = |id: &&String| kinds.contains(kind_of(id));
    let seen: BTreeSet<String> = seen.iter().filter(of_kinds).cloned().collect();
    let missing: Vec<_> = expected.difference(&seen).collect();
    let made_up: Vec<_> = seen.difference(&expected).collect();
    assert!(
        missing.is_empty() && made_up.is_empty(),
        "missing: {missing:#?}\nmade up: {made_up:#?}"
    );
}

fn inventory(plimsoll: &Plimsoll) -> serde_json::Value {
    let list = plimsoll.run(&["inventory", "list", "--format", "json"]);
    serde_json::from_str(&list.stdout).unwrap_or_else(|error| panic!("{error}: {}", list.stderr))
}

fn kind_of(id: &str) -> &str {
    id.split(':').next().unwrap_or_default()
}

/// The API server's own audit log: a scan reads, and never asks for a secret.
#[test]
fn a_scan_only_reads_and_asks_for_no_secret() {
    let shop = Shop::shared();
    let plimsoll = shop.plimsoll();
    plimsoll.scan();
    let check = plimsoll.run(&["check"]);
    assert_eq!(check.code, Some(0), "{}{}", check.stdout, check.stderr);
    let requests = shop.kubernetes.requests().into_iter();
    let own: Vec<_> = requests.filter(|request| request.user == SCANNER).collect();
    let lists = own.iter().filter(|request| request.verb == "list").count();
    assert!(lists >= 15, "a scan lists more than {lists} times");
    for request in &own {
        assert!(
            ["get", "list"].contains(&request.verb.as_str()),
            "{request:?}"
        );
        assert!(!request.resource.contains("secret"), "{request:?}");
        assert!(!request.uri.contains("secret"), "{request:?}");
        // What the page's role does not give is not asked for.
        assert_ne!(request.code, 403, "{request:?}");
    }
}

/// No value that may be a secret comes out anywhere.
#[test]
fn no_secret_comes_out() {
    const MARKER: &str = "swordfish";
    let shop = Shop::shared();
    let plimsoll = shop.plimsoll();
    let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
    let formats = ["text", "json", "markdown", "html", "csv"]
        .map(|format| vec!["report", "--explain", "--format", format]);
    let scan = vec!["scan", "--explain"];
    // The inventory has every fact, as it lies compressed in the database.
    let inventory = vec!["inventory", "list", "--format", "json"];
    let more = [inventory, vec!["changes"], vec!["check"]];
    for arguments in [scan].into_iter().chain(formats).chain(more) {
        let mut command = plimsoll.command();
        command.env("PLIMSOLL_LOG", "trace").args(&arguments);
        command.arg("--config").arg(plimsoll.config());
        let output = Program::run(&mut command, Duration::from_secs(60));
        assert!(
            [Some(0), Some(10)].contains(&output.code),
            "{arguments:?}: {}",
            output.stderr
        );
        seen.push((format!("the output of {arguments:?}"), output.stdout.into()));
        seen.push((format!("the log of {arguments:?}"), output.stderr.into()));
    }
    // Whoever keeps the database open keeps its log there too.
    let open = rusqlite::Connection::open(plimsoll.data().join("plimsoll.db")).unwrap();
    let _: i64 = open
        .query_row("SELECT count(*) FROM scan", [], |row| row.get(0))
        .unwrap();
    plimsoll.scan();
    let left = plimsoll.left_behind().into_iter();
    seen.extend(left.map(|(path, bytes)| (path.display().to_string(), bytes)));
    assert_silent(&seen, MARKER);
    // The marker is where it is looked for: the server gives it to who asks.
    let deployment = [
        "get",
        "deployment/checkout",
        "--namespace=shop",
        "--output=yaml",
    ];
    assert!(shop.kubernetes.kubectl(&deployment).contains(MARKER));
}

/// A service account's token in a file is as good as a client certificate, and is shown nowhere either.
#[test]
fn a_token_from_a_file_shows_the_same() {
    let shop = Shop::shared();
    let with_certificate = shop.plimsoll().scan();
    let (config, token) = shop.token();
    let plimsoll = Plimsoll::new(&Shop::source(&config));
    let mut command = plimsoll.command();
    command.env("PLIMSOLL_LOG", "trace");
    command.args(["scan", "--format", "json", "--config"]);
    command.arg(plimsoll.config());
    let output = Program::run(&mut command, Duration::from_secs(60));
    // Its last part is the signature, without which the others are worth nothing.
    let (_, signature) = token.rsplit_once('.').unwrap();
    let mut seen = vec![
        ("the report".to_owned(), output.stdout.clone().into_bytes()),
        ("the log".to_owned(), output.stderr.clone().into_bytes()),
    ];
    let left = plimsoll.left_behind().into_iter();
    seen.extend(left.map(|(path, bytes)| (path.display().to_string(), bytes)));
    assert_silent(&seen, signature);
    let with_token = Report::parse(output);
    assert!(with_token.complete(), "{:?}", with_token.troubles());
    assert_eq!(open(&with_token), open(&with_certificate));
    assert_eq!(
        with_token.json["summary"]["assets"],
        with_certificate.json["summary"]["assets"]
    );
}

/// Panics where a secret stands in what was seen.
fn assert_silent(seen: &[(String, Vec<u8>)], secret: &str) {
    for (place, bytes) in seen {
        let mut parts = bytes.windows(secret.len());
        let found = parts.any(|part| part.eq_ignore_ascii_case(secret.as_bytes()));
        assert!(!found, "the value of a secret stands in {place}");
    }
}
