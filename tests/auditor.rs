//! What a newcomer and an auditor ask, through the program: each question has an answer, and none of them looks better than it is.

#![allow(
    clippy::unwrap_used,
    reason = "a panic is how a test tells what is wrong"
)]

mod support;

use serde_json::{Value, json};
use support::{Findings, Plimsoll};

/// A database that the internet reaches through a proxy, one that nobody reaches, and one of which it is not known; volumes, of which one
/// is used by nobody.
fn shop() -> Vec<Value> {
    let container = |name: &str, role: &str, facts: Value| {
        json!({"asset": {"id": format!("container:h/{name}"), "kind": "container", "name": name,
            "labels": {"plimsoll.role": role, "plimsoll.environment": "production"}, "facts": facts}})
    };
    let public = json!({"ports": {"value": {"0.0.0.0:443/tcp": {"port": 443, "reach": "public", "tls": "1.2"}}}});
    let private = json!({"ports": {"value": {}}});
    let volume = |name: &str, encrypted: Value| json!({"asset": {"id": format!("volume:h/{name}"), "kind": "volume", "name": name, "facts": encrypted}});
    let relation = |from: &str, kind: &str, to: &str| json!({"relation": {"from": from, "kind": kind, "to": to}});
    vec![
        container("proxy", "edge-proxy", public),
        container("orders", "database", private.clone()),
        container("archive", "database", private),
        container("dark", "database", json!({})),
        json!({"asset": {"id": "network:h/shop", "kind": "network", "name": "shop"}}),
        volume("orders", json!({"encryption.at-rest": true})),
        volume("spare", json!({"encryption.at-rest": false})),
        volume("lost", json!({})),
        relation("container:h/proxy", "uses", "container:h/orders"),
        relation("container:h/orders", "stores-on", "volume:h/orders"),
    ]
}

fn lines(shop: &[Value]) -> String {
    shop.iter().map(|line| format!("{line}\n")).collect()
}

fn scanned() -> (Findings, Plimsoll) {
    let findings = Findings::of(&lines(&shop()));
    let plimsoll = Plimsoll::new(&findings.source());
    plimsoll.scan();
    (findings, plimsoll)
}

fn answer(plimsoll: &Plimsoll, arguments: &[&str]) -> Value {
    let output = plimsoll.run(arguments);
    serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", output.stderr))
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap().iter();
    let mut names: Vec<&str> = list.map(|one| one["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

#[test]
fn which_databases_the_internet_reaches() {
    let (_findings, plimsoll) = scanned();
    for question in [
        ["inventory", "exposure", "--kind", "database"],
        ["inventory", "exposure", "--role", "database"],
        ["inventory", "reach", "--kind", "database"],
    ] {
        let found = answer(&plimsoll, &[&question[..], &["--format", "json"]].concat());
        assert_eq!(names(&found["public"]), Vec::<&str>::new());
        assert_eq!(names(&found["through"]), ["orders"], "{question:?}");
        assert_eq!(names(&found["unknown"]), ["dark"], "{question:?}");
        assert_eq!(found["not_reached"], 1, "{question:?}");
    }
    let text = plimsoll
        .run(&["inventory", "exposure", "--kind", "database"])
        .stdout;
    assert!(
        text.contains("orders") && text.contains("proxy"),
        "the way there: {text}"
    );
    assert!(!text.contains("archive"), "{text}");
    for wrong in [["--kind", "databse"], ["--role", "databases"]] {
        let output = plimsoll.run(&[&["inventory", "exposure"], &wrong[..]].concat());
        assert_eq!(output.code, Some(1), "a typing error is no good news");
        assert!(output.stderr.contains(wrong[1]), "{}", output.stderr);
    }
}

#[test]
fn that_all_volumes_are_encrypted_is_shown_or_shown_not_to_be() {
    let (findings, plimsoll) = scanned();
    let ask = [
        "controls",
        "evidence",
        "encrypted-at-rest",
        "--format",
        "json",
    ];
    let found = answer(&plimsoll, &ask);
    assert_eq!(found["schema"], "plimsoll/control-evidence/v1");
    let references = found["references"].to_string();
    assert!(references.contains("164.312(a)(2)(iv)"), "{references}");
    let row = |record: &str, asset: &str| -> Value {
        let rows = found["rows"].as_array().unwrap().iter();
        let mut rows = rows.filter(|row| row["record"] == record && row["asset"] == asset);
        let row = rows
            .next()
            .unwrap_or_else(|| panic!("{record} {asset}: {found:#}"));
        row.clone()
    };
    let volume = |name: &str| row("fact", &format!("volume:h/{name}"));
    for (name, value, how, used) in [
        ("orders", "yes", "reported", "used by 1"),
        ("spare", "no", "reported", "unused"),
        ("lost", "unknown", "unknown", "unused"),
    ] {
        let row = volume(name);
        let told = ["value", "how", "role"].map(|key| row[key].as_str().unwrap().to_owned());
        assert_eq!(told, [value, how, used]);
        assert!(row["as_of"].as_str().unwrap().ends_with('Z'), "{row:#}");
    }
    assert_eq!(row("system", "container:h/orders")["result"], "pass");
    let csv = plimsoll.run(&[
        "controls",
        "evidence",
        "encrypted-at-rest",
        "--kind",
        "volume",
        "--format",
        "csv",
    ]);
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{}", csv.stdout);
    assert!(lines[0].starts_with("record,asset,kind,name,role,environment"));
    for (format, says) in [
        ("html", "<td>volume:h/spare</td>"),
        ("text", "volume:h/spare"),
    ] {
        let output = plimsoll.run(&[&ask[..3], &["--format", format]].concat());
        assert!(output.stdout.contains(says), "{}", output.stdout);
    }
    // As of then, and with an exit code that says whether all is well.
    let then = found["as_of"].as_str().unwrap().to_owned();
    let mut mended = shop();
    mended.retain(|line| line["asset"]["name"] != "spare");
    findings.write(&self::lines(&mended));
    plimsoll.scan();
    let now = answer(&plimsoll, &ask).to_string();
    assert!(!now.contains("volume:h/spare"));
    let past = answer(&plimsoll, &[&ask[..], &["--at", &then]].concat());
    assert!(past.to_string().contains("volume:h/spare"));
    let output = plimsoll.run(&["controls", "evidence", "no-such-control"]);
    assert_eq!(output.code, Some(1));
    let list = plimsoll.run(&["controls", "list"]).stdout;
    assert!(list.contains("45 CFR 164.308(a)(7)(ii)(A)"), "{list}");
}

#[test]
fn a_baseline_that_gives_no_role_any_more_is_said_before_and_after() {
    let findings = Findings::of(&lines(&[
        json!({"asset": {"id": "host:h", "kind": "host", "name": "h"}}),
    ]));
    let house = findings.folder().join("house");
    std::fs::create_dir(&house).unwrap();
    let baselines = format!("[baselines]\npaths = [{house:?}]\n");
    let plimsoll = Plimsoll::new(&findings.source());
    let before = plimsoll.scan();
    assert!(before.list("drifts").count() > 0);

    let host = house.join("host.toml");
    std::fs::write(&host, "extends = \"host\"\n").unwrap();
    plimsoll.configure(&format!("{}{baselines}", findings.source()));
    let check = plimsoll.run(&["check", "--offline"]).stdout;
    assert!(!check.contains("NOTE"), "{check}");
    let same = plimsoll.scan();
    assert_eq!(same.list("drifts").count(), before.list("drifts").count());

    std::fs::write(&host, "title = \"ours\"\n").unwrap();
    let check = plimsoll.run(&["check", "--offline"]).stdout;
    for says in [
        "has no [[match]]",
        "would lose their role",
        "asked about no more",
    ] {
        assert!(check.contains(says), "{says}: {check}");
    }
    let output = plimsoll.run(&["scan"]);
    assert_eq!(output.code, Some(10), "{}", output.stdout);
    for says in ["ROLE LOST", "NO LONGER ASKED"] {
        assert!(output.stdout.contains(says), "{says}: {}", output.stdout);
    }
    assert!(!output.stdout.contains("RESOLVED"), "{}", output.stdout);
    // What `record` proposes keeps the role.
    std::fs::write(&host, "extends = \"host\"\n").unwrap();
    let proposal = plimsoll.run(&["baseline", "record", "host"]);
    let proposal = proposal.success("baseline record").stdout;
    std::fs::write(&host, proposal).unwrap();
    let back = plimsoll.scan();
    assert_eq!(back.list("systems").count(), 1);
}

#[test]
fn a_source_that_was_taken_out_is_retired_for_a_reason() {
    let host = |name: &str| {
        let id = format!("host:{name}");
        lines(&[json!({"asset": {"id": id, "kind": "host", "name": name}})])
    };
    let (old, new) = (Findings::of(&host("old")), Findings::of(&host("new")));
    let named = |findings: &Findings, name: &str| {
        let source = findings.source();
        source.replace("name = \"estate\"", &format!("name = \"{name}\""))
    };
    let both = format!("{}{}", named(&old, "old"), named(&new, "new"));
    let plimsoll = Plimsoll::new(&both);
    plimsoll.scan();
    let output = plimsoll.run(&["sources", "retire", "old", "--reason", "x"]);
    assert_eq!(
        output.code,
        Some(1),
        "it is configured still: {}",
        output.stdout
    );
    assert!(output.stderr.contains("still in the configuration"));

    plimsoll.configure(&named(&new, "new"));
    let dim = plimsoll.scan();
    let reasons: Vec<String> = dim.list("drifts").map(ToString::to_string).collect();
    assert!(
        reasons
            .iter()
            .any(|row| row.contains("plimsoll sources retire"))
    );
    for format in ["text", "html", "markdown"] {
        let report = plimsoll.run(&["report", "--format", format]).stdout;
        let hints = report.matches("sources retire old").count();
        assert!(hints > 0, "{format}: {report}");
    }
    let check = plimsoll.run(&["check", "--offline"]).stdout;
    assert!(check.contains("plimsoll sources retire old"), "{check}");
    let listed = plimsoll.run(&["sources", "list"]).stdout;
    assert!(listed.contains("taken out"), "{listed}");

    let output = plimsoll.run(&["sources", "retire", "old", "--reason", "gone, OPS-311"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let listed = plimsoll.run(&["sources", "list"]).stdout;
    assert!(
        listed.contains("retired by scan") && listed.contains("gone, OPS-311"),
        "{listed}"
    );
    let after = plimsoll.scan();
    let text = after.json.to_string();
    assert!(
        !text.contains("host:old") && !text.contains("sources retire"),
        "{text}"
    );
    let changes = plimsoll.run(&["changes", "--format", "json"]).stdout;
    assert!(
        !changes.contains("host:old"),
        "that is no change of it: {changes}"
    );
    let again = plimsoll.run(&["sources", "retire", "old", "--reason", "x"]);
    assert!(again.stderr.contains("retired before"), "{}", again.stderr);
    let never = plimsoll.run(&["sources", "retire", "nobody", "--reason", "x"]);
    assert!(never.stderr.contains("ever read"), "{}", never.stderr);
}

#[test]
fn a_lost_redaction_key_is_said_loudly() {
    let shop = |password: &str| {
        lines(&[
            json!({"asset": {"id": "container:h/api", "kind": "container", "name": "api",
            "labels": {"plimsoll.role": "worker", "plimsoll.environment": "production"},
            "facts": {"env": {"value": {"DB_PASSWORD": password}, "how": "reported"}}}}),
        ])
    };
    let findings = Findings::of(&shop("one"));
    let plimsoll = Plimsoll::new(&findings.source());
    plimsoll.scan();
    let key = plimsoll.data().join("redaction.key");
    std::fs::remove_file(&key).unwrap();
    findings.write(&shop("two"));
    let output = plimsoll.run(&["scan"]);
    assert_eq!(output.code, Some(10));
    assert!(output.stdout.contains("REDACTION KEY"), "{}", output.stdout);
    let again = plimsoll.run(&["report", "--format", "json"]);
    let report: Value = serde_json::from_str(&again.stdout).unwrap();
    assert_eq!(report["summary"]["uncompared_values"], 1);
    let next = plimsoll.run(&["scan"]).stdout;
    assert!(!next.contains("REDACTION KEY"), "{next}");
}

#[test]
fn what_a_house_attests_is_shown_as_attested() {
    let findings = Findings::of(&lines(&shop()));
    let attest = |asset: &str, fact: &str| {
        format!(
            "{}[[attest]]\nasset = \"{asset}\"\nfact = \"{fact}\"\nvalue = true\nreference = \"OPS-77\"\nuntil = 2100-01-01\n",
            findings.source()
        )
    };
    let plimsoll = Plimsoll::new(&attest("volume:h/lost", "encryption.at-rest"));
    let report = plimsoll.scan();
    assert_eq!(report.list("misattested").count(), 0);
    let shown = plimsoll.run(&["inventory", "show", "volume:h/lost"]).stdout;
    assert!(
        shown.contains("attested") && shown.contains("OPS-77"),
        "{shown}"
    );

    plimsoll.configure(&attest("volume:elsewhere/*", "encryption.at-rest"));
    let check = plimsoll.run(&["check", "--offline"]).stdout;
    assert!(check.contains("fits no asset"), "{check}");
    let output = plimsoll.run(&["scan"]);
    assert_eq!(output.code, Some(10));
    assert!(
        output.stdout.contains("ATTESTED WRONGLY"),
        "{}",
        output.stdout
    );
    assert_eq!(plimsoll.run(&["report"]).code, Some(10));

    // What a source says counts, and the contradiction is told.
    plimsoll.configure(&attest("volume:h/spare", "encryption.at-rest"));
    let output = plimsoll.run(&["scan"]);
    assert!(output.stdout.contains("say otherwise"), "{}", output.stdout);

    plimsoll.configure(&attest("volume:h/lost", "encryption.at_rest"));
    let output = plimsoll.run(&["scan"]);
    assert_eq!(output.code, Some(20));
    assert!(
        output.stderr.contains("encryption.at-rest"),
        "{}",
        output.stderr
    );
}

/// One word that nobody said is one finding, however much hangs on it.
#[test]
fn one_missing_word_is_one_finding() {
    let host = |labels: Value| {
        let asset = json!({"id": "host:h", "kind": "host", "name": "h", "labels": labels});
        json!({ "asset": asset })
    };
    let container = |name: &str, role: &str| {
        json!({"asset": {"id": format!("container:h/{name}"), "kind": "container", "name": name,
            "labels": {"plimsoll.role": role}}})
    };
    let runs = |name: &str| json!({"relation": {"from": format!("container:h/{name}"), "kind": "runs-on", "to": "host:h"}});
    let estate = |labels: Value| {
        lines(&[
            host(labels),
            container("web", "web-service"),
            container("job", "worker"),
            runs("web"),
            runs("job"),
        ])
    };
    let findings = Findings::of(&estate(json!({})));
    let plimsoll = Plimsoll::new(&findings.source());
    let report = plimsoll.scan();
    let of = |report: &support::Report, control: &str| -> Vec<Value> {
        let rows = report
            .list("drifts")
            .filter(|row| row["control"] == control);
        rows.cloned().collect()
    };
    // A word at the host would be a word for what runs there.
    let (own, under): (Vec<Value>, Vec<Value>) = of(&report, "environment-tagged")
        .into_iter()
        .partition(|row| row["follows"].is_null());
    assert_eq!((own.len(), under.len()), (1, 2), "{own:#?}");
    assert_eq!(own[0]["asset"], "host:h");
    let mut followers = under;
    followers.extend(of(&report, "environments-separated"));
    followers.extend(of(&report, "staging-mirrors-production"));
    assert!(followers.len() >= 7, "{followers:#?}");
    for row in &followers {
        assert_eq!(row["follows"]["control"], "environment-tagged", "{row:#}");
        assert_eq!(row["follows"]["asset"], "host:h", "{row:#}");
    }
    let summary = &report.json["summary"];
    let follow = report
        .list("drifts")
        .filter(|row| !row["follows"].is_null());
    let follow = follow.count() as u64;
    assert_eq!(summary["follow"], follow);
    let counted = |status: &str| {
        let own = report
            .list("drifts")
            .filter(|row| row["status"] == status && row["follows"].is_null());
        own.count() as u64
    };
    assert_eq!(summary["unknown"], counted("unknown"));
    let fails = summary["fail"].as_object().unwrap().values();
    let fails: u64 = fails.filter_map(Value::as_u64).sum();
    assert_eq!(fails, counted("fail"));

    let text = plimsoll.run(&["report"]).stdout;
    assert!(!text.contains("? environments-separated"), "{text}");
    assert!(text.contains("environments-separated (3)"), "{text}");
    let text = plimsoll.run(&["report", "--explain"]).stdout;
    assert!(text.contains("FOLLOWS"), "{text}");

    // The word is said: nothing of it is left, and nothing else was mended.
    findings.write(&estate(json!({"plimsoll.environment": "production"})));
    let report = plimsoll.scan();
    assert!(report.list("drifts").all(|row| row["follows"].is_null()));
    let resolved = report
        .list("resolved")
        .filter(|row| row["follows"].is_null());
    assert_eq!(report.json["summary"]["resolved"], resolved.count() as u64);
}

/// A day on the command line holds all that was seen on it, whichever command is asked.
#[test]
fn today_holds_what_changed_today() {
    let host = |fact: i64| {
        let facts = json!({"number": fact});
        lines(&[json!({"asset": {"id": "host:h", "kind": "host", "name": "h", "facts": facts}})])
    };
    let findings = Findings::of(&host(1));
    let plimsoll = Plimsoll::new(&findings.source());
    plimsoll.scan();
    findings.write(&host(2));
    let report = plimsoll.scan();
    // By the clock of the scan, so that midnight makes no difference.
    let time = report.json["changes"][0]["observed"]["before"]
        .as_str()
        .unwrap();
    let day = format!("{}Z", &time[..10]);
    let count = |arguments: &[&str]| {
        let found = answer(&plimsoll, &[arguments, &["--format", "json"]].concat());
        found["changes"].as_array().unwrap().len()
    };
    assert_eq!(count(&["changes", "--from", &day]), 1);
    assert_eq!(count(&["changes", "--from", &day, "--to", &day]), 1);
    assert_eq!(count(&["changes", "--to", &day]), 1);
    assert_eq!(
        count(&["changes", "population", "--from", &day, "--to", &day]),
        1
    );
    assert_eq!(count(&["inventory", "diff", &day, &day]), 1);
    assert_eq!(count(&["inventory", "diff", &day]), 1);
}
