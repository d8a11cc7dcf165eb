//! Nothing passes by its shape: every expectation, with every fact that it rests on put into every other shape.

use RelationKind::{BuiltFrom, Contains, MemberOf, RunsOn, StoresOn, Uses};
use serde_json::{Value as Json, json};

use super::*;
use crate::baseline::expect::TYPES;

/// A system that meets an expectation.
struct Fixture {
    /// The type, and the id under which the baseline has it.
    expectation: &'static str,
    baseline: &'static str,
    /// The system's id and facts. Only what the expectation rests on.
    id: &'static str,
    facts: Json,
    /// What is around it, with facts that the expectation rests on too.
    others: Vec<(&'static str, Json)>,
    relations: Vec<(&'static str, RelationKind, &'static str)>,
}

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn fixtures() -> Vec<Fixture> {
    let one = |expectation, id, facts| Fixture {
        expectation,
        baseline: "",
        id,
        facts,
        others: Vec::new(),
        relations: Vec::new(),
    };
    let mounts = json!({"/data": {"kind": "bind", "source": "/srv", "readonly": false}});
    let public =
        json!({"*:443/tcp": {"port": 443, "protocol": "tcp", "reach": "public", "tls": "1.2"}});
    vec![
        Fixture {
            baseline: "min-retention = '7d'",
            ..one(
                "backup-present",
                "database:a",
                json!({"~backup.latest": "2026-05-31T03:00:00Z", "backup.enabled": true, "backup.retention-days": 30}),
            )
        },
        Fixture {
            others: vec![(
                "certificate:c",
                json!({"certificate.expires": "2026-09-01T00:00:00Z"}),
            )],
            relations: vec![("endpoint:a", Uses, "certificate:c")],
            ..one(
                "certificates-valid",
                "endpoint:a",
                json!({"ports": public.clone()}),
            )
        },
        Fixture {
            others: vec![
                ("host:h", json!({})),
                (
                    "filesystem:f",
                    json!({"mountpoint": "/", "~mountpoints": ["/srv"], "encryption.at-rest": true}),
                ),
            ],
            relations: vec![
                ("container:a", RunsOn, "host:h"),
                ("host:h", Contains, "filesystem:f"),
            ],
            ..one(
                "encrypted-at-rest",
                "container:a",
                json!({"mounts": mounts.clone()}),
            )
        },
        one(
            "encrypted-at-rest",
            "database:a",
            json!({"encryption.at-rest": true}),
        ),
        one(
            "encrypted-in-transit",
            "endpoint:a",
            json!({"ports": public.clone()}),
        ),
        one(
            "environment-tagged",
            "workload:a",
            json!({"environment": "production"}),
        ),
        Fixture {
            others: vec![("host:h", json!({}))],
            ..one(
                "environments-separated",
                "workload:a",
                json!({"environment": "production", "~instances.hosts": ["host:h"]}),
            )
        },
        Fixture {
            baseline: "side = 'frontend'",
            others: vec![("host:h", json!({}))],
            ..one(
                "frontend-backend-separated",
                "workload:a",
                json!({"~instances.hosts": ["host:h"]}),
            )
        },
        one(
            "image-current",
            "container:a",
            json!({"image.created": "2026-05-01T00:00:00Z"}),
        ),
        Fixture {
            others: vec![("image:i", json!({"image.created": "2026-05-01T00:00:00Z"}))],
            relations: vec![("workload:a", BuiltFrom, "image:i")],
            ..one(
                "image-current",
                "workload:a",
                json!({"images": {"api": {"image": "r.example/api:1"}}}),
            )
        },
        Fixture {
            baseline: "registries = ['r.example']",
            ..one(
                "image-pinned",
                "container:a",
                json!({"image": "r.example/api:1", "image.digests": [format!("r.example/api@{DIGEST}")]}),
            )
        },
        one(
            "image-pinned",
            "workload:a",
            json!({"images": {"api": {"image": "r.example/api:1", "digest": DIGEST}}}),
        ),
        one(
            "instances-alike",
            "workload:a",
            json!({"instances.differ": {}}),
        ),
        Fixture {
            others: vec![("volume:v", json!({"mountpoint": "/srv/v"}))],
            relations: vec![("container:a", StoresOn, "volume:v")],
            ..one(
                "least-privilege",
                "container:a",
                json!({"privileged": false, "namespaces.host": [], "capabilities.added": ["CHOWN"],
                    "security.options": ["no-new-privileges"], "mounts": mounts}),
            )
        },
        Fixture {
            baseline: "all = true",
            ..one(
                "logs-shipped",
                "workload:a",
                json!({"logs.destinations": ["syslog x"]}),
            )
        },
        Fixture {
            baseline: "all = true",
            ..one("logs-shipped", "container:a", json!({"log.driver": "gelf"}))
        },
        one("not-root", "container:a", json!({"user.root": false})),
        one(
            "ports-allowed",
            "host:a",
            json!({"ports": {"*:443/tcp": {"port": 443, "protocol": "tcp", "reach": "public"},
                "10.0.0.1:22/tcp": {"port": 22, "protocol": "tcp", "reach": "private"}}}),
        ),
        one(
            "secrets-managed",
            "container:a",
            json!({"env": {"HOME": "hmac:1"}}),
        ),
        Fixture {
            baseline: "allowed-platforms = ['aptible']",
            others: vec![("network:n", json!({}))],
            relations: vec![("database:a", MemberOf, "network:n")],
            ..one(
                "sensitive-data-contained",
                "database:a",
                json!({"platform": "aptible", "data.sensitive": true, "namespaces.host": [], "ports": {}}),
            )
        },
        mirrors(),
        one(
            "time-restricted",
            "container:a",
            json!({"clock.settable": false}),
        ),
        one(
            "time-synchronised",
            "host:a",
            json!({"!clock.synchronised": true, "~clock.max-error-us": 5000, "~clock.skew-ms": 3, "~clock.skew-bound-ms": 2}),
        ),
        one(
            "version-supported",
            "database:a",
            json!({"end-of-life": "2028-11-09T00:00:00Z"}),
        ),
        one(
            "version-supported",
            "database:a",
            json!({"patches.managed": true}),
        ),
    ]
}

/// Every fact that is compared, alike in both.
fn mirrors() -> Fixture {
    let alike = json!({
        "architecture": "arm64", "backup.enabled": true, "capabilities.added": ["CHOWN"], "capabilities.dropped": ["ALL"],
        "clock.settable": false, "devices": ["/dev/kvm"], "encryption.at-rest": true, "env": {"HOME": "hmac:1"},
        "health.checked": true, "https.forced": true, "image": "r.example/api:1",
        "images": {"api": {"image": "r.example/api:1"}}, "log.driver": "gelf", "logs.destinations": ["syslog x"],
        "mounts": {"/data": {"kind": "volume", "readonly": true}}, "namespaces.host": ["pid"], "platform": "fly",
        "platform.kind": "machine", "ports": {"*:1/tcp": {"port": 1, "protocol": "tcp", "reach": "public", "tls": "1.2"}},
        "privileged": false, "readonly-root": true, "restart-policy": "always", "secrets": {"KEY": "d"},
        "security.options": ["no-new-privileges"], "service-account.token": false, "user.root": false, "version": "1",
    });
    let tagged = |environment: &str| {
        let mut facts = alike.clone();
        facts["environment"] = environment.into();
        facts
    };
    Fixture {
        expectation: "staging-mirrors-production",
        baseline: "",
        id: "workload:shop-prod",
        facts: tagged("production"),
        others: vec![("workload:shop-staging", tagged("staging"))],
        relations: Vec::new(),
    }
}

/// One value for each shape, and some beyond sense.
fn shapes() -> Vec<Json> {
    vec![
        json!(true),
        json!(false),
        json!(-5),
        json!(0),
        json!(300_400),
        json!(i64::MAX),
        json!(300_400.0),
        json!(0.5),
        json!(""),
        json!(" "),
        json!("300400"),
        json!("9.9"),
        json!("sha256:zz"),
        json!("x"),
        json!([]),
        json!([""]),
        json!([300_400]),
        json!([["x"]]),
        json!({}),
        json!({"x": 1}),
        json!({"x": {}}),
        json!({"": ""}),
    ]
}

/// Every place in a value, as a JSON pointer.
fn places(value: &Json, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    let name = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Json::Object(parts) => {
            for (part, value) in parts {
                places(value, &format!("{at}/{}", name(part)), all);
            }
        }
        Json::Array(items) => {
            for (part, value) in items.iter().enumerate() {
                places(value, &format!("{at}/{part}"), all);
            }
        }
        _ => {}
    }
}

/// What passes all the same, and why that is right.
fn is_sound(fixture: &Fixture, place: &str, shape: &Json) -> bool {
    let text = shape.as_str();
    let is_empty = |shape: &Json| *shape == json!([]) || *shape == json!({});
    match (fixture.expectation, place) {
        // An empty list or table says that there is none.
        ("least-privilege", "/namespaces.host" | "/capabilities.added" | "/security.options") => {
            *shape == json!([])
        }
        ("least-privilege", "/mounts") => *shape == json!({}),
        ("secrets-managed", "/env") => *shape == json!({}),
        ("ports-allowed", "/ports") => *shape == json!({}),
        ("sensitive-data-contained", "/namespaces.host") => is_empty(shape) && shape.is_array(),
        ("instances-alike", "/instances.differ") => *shape == json!({}),
        // Another word of the same shape, where the expectation asks for none in particular.
        ("image-current" | "image-pinned", place) if place.ends_with("/image") => {
            text.is_some_and(|text| text.chars().any(char::is_alphanumeric))
        }
        ("logs-shipped", "/logs.destinations/0") => {
            text.is_some_and(|text| text.chars().any(char::is_alphanumeric))
        }
        ("secrets-managed", "/env/HOME") => text.is_some(),
        // A mount is judged by its source; whether it may be written, and of which kind a folder is, opens nothing more.
        ("least-privilege", "/mounts/~1data/readonly" | "/mounts/~1data/kind") => true,
        // Only yes keeps a mount from being asked after.
        ("encrypted-at-rest", "/mounts/~1data/readonly") => true,
        // Options that are not known to open anything do not.
        ("least-privilege", "/security.options/0") => text.is_some(),
        // Where nothing else listens, a row without its word for TLS is judged by its certificate.
        ("certificates-valid", "/ports") => *shape == json!({}) || *shape == json!({"x": {}}),
        ("certificates-valid", place) if place.starts_with("/ports/") => true,
        // Another number of the same range.
        ("time-synchronised", "/~0clock.max-error-us" | "/~0clock.skew-bound-ms") => {
            [json!(0), json!(300_400)].contains(shape)
        }
        ("time-synchronised", "/~0clock.skew-ms") => [json!(0), json!(-5)].contains(shape),
        // Who reaches a port that is allowed does not matter, as long as it is a word.
        ("ports-allowed", "/ports/*:443~1tcp/reach") => text.is_some(),
        // What is compared is whether there is any, or the names alone.
        ("staging-mirrors-production", "/env/HOME" | "/secrets/KEY") => text.is_some(),
        ("staging-mirrors-production", "/logs.destinations/0") => {
            text.is_some_and(|text| text.chars().any(char::is_alphanumeric))
        }
        // One mount point is enough, and who reaches what speaks TLS does not matter, as long as it is a word.
        ("encrypted-at-rest", "/~0mountpoints") => *shape == json!([]),
        ("encrypted-in-transit", "/ports/*:443~1tcp/reach") => text.is_some(),
        // What it was built from is known all the same.
        ("image-current", "/images") => *shape == json!({}),
        _ => false,
    }
}

fn baselines(fixture: &Fixture) -> Baselines {
    let (head, parameters) = match fixture.baseline.starts_with("side") {
        true => (fixture.baseline, "boundary = 'host'"),
        false => ("", fixture.baseline),
    };
    let kind = fixture.id.split_once(':').unwrap().0;
    let allowed = match fixture.expectation {
        "ports-allowed" => "allowed = [443]",
        _ => "",
    };
    let text = format!(
        "{head}\n[[match]]\nkinds = ['{kind}']\n[[expect]]\ncontrol = 'least-privilege'\nid = 'tried'\ntype = '{}'\n{parameters}\n{allowed}\n",
        fixture.expectation
    );
    load(&text).unwrap()
}

fn judge(fixture: &Fixture, own: &Baselines, facts: &Json, others: &[(&str, Json)]) -> String {
    let mut assets = vec![asset(fixture.id, &[], &facts.to_string())];
    assets.extend(
        others
            .iter()
            .map(|(id, facts)| asset(id, &[], &facts.to_string())),
    );
    outcome(
        own,
        &snapshot(assets, &fixture.relations),
        fixture.id,
        "tried",
    )
}

#[test]
fn a_fact_in_any_other_shape_passes_nothing() {
    let mut wrong = Vec::new();
    let mut tried = std::collections::BTreeSet::new();
    for fixture in fixtures() {
        let (name, own) = (fixture.expectation, baselines(&fixture));
        tried.insert(name);
        let have = judge(&fixture, &own, &fixture.facts, &fixture.others);
        assert!(have.starts_with("pass"), "{name} as it should be: {have}");
        let mut all = Vec::new();
        places(&fixture.facts, "", &mut all);
        for place in all.iter().filter(|place| !place.is_empty()) {
            for shape in shapes() {
                let mut facts = fixture.facts.clone();
                let part = facts.pointer_mut(place).unwrap();
                if *part == shape || is_sound(&fixture, place, &shape) {
                    continue;
                }
                *part = shape.clone();
                let have = judge(&fixture, &own, &facts, &fixture.others);
                if have.starts_with("pass") {
                    wrong.push(format!("{name} with {place} = {shape}"));
                }
            }
        }
        for at in 0..fixture.others.len() {
            let mut all = Vec::new();
            places(&fixture.others[at].1, "", &mut all);
            for place in all.iter().filter(|place| !place.is_empty()) {
                for shape in shapes() {
                    let mut others = fixture.others.clone();
                    let part = others[at].1.pointer_mut(place).unwrap();
                    if *part == shape || is_sound(&fixture, place, &shape) {
                        continue;
                    }
                    *part = shape.clone();
                    let have = judge(&fixture, &own, &fixture.facts, &others);
                    if have.starts_with("pass") {
                        wrong.push(format!("{name}, {}: {place} = {shape}", others[at].0));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these pass:\n{}", wrong.join("\n"));
    // Those left out ask no fact: they judge labels, or by a rule of the user's own.
    let asks = |name: &&str| !["cel", "role-known"].contains(name);
    let missing: Vec<&str> = TYPES.iter().map(|(name, _)| *name).filter(asks).collect();
    let missing: Vec<&str> = missing
        .into_iter()
        .filter(|name| !tried.contains(name))
        .collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
}

#[test]
fn what_makes_no_sense_is_unknown() {
    let clock =
        |more: &str| format!(r#"{{"!clock.synchronised":true,"~clock.max-error-us":5000{more}}}"#);
    let wrong = "unknown: `clock.skew-ms` has a value of the wrong shape";
    let rows: &[(&str, &str)] = &[
        (&clock(r#","~clock.skew-ms":300400.0"#), wrong),
        (&clock(r#","~clock.skew-ms":"300400""#), wrong),
        (&clock(r#","~clock.skew-ms":[300400]"#), wrong),
        (
            &clock(r#","~clock.skew-ms":300400"#),
            "fail: skew of 300.4 s (± 0 µs)",
        ),
        (
            &clock(r#","~clock.skew-ms":300400,"~clock.skew-bound-ms":1e300"#),
            "unknown: `clock.skew-bound-ms` has a value of the wrong shape",
        ),
        (
            r#"{"!clock.synchronised":false,"~clock.skew-ms":"x"}"#,
            "fail: not synchronised",
        ),
        (
            r#"{"!clock.synchronised":true,"~clock.max-error-us":-5}"#,
            "unknown: `clock.max-error-us` has a value of the wrong shape",
        ),
    ];
    table("time-synchronised", "host:a", rows);
    let latest = |time: &str, more: &str| format!(r#"{{"~backup.latest":"{time}"{more}}}"#);
    let rows: &[(&str, &str)] = &[
        (
            &latest("2026-05-31T03:00:00Z", r#","backup.enabled":false"#),
            "fail: backups are off",
        ),
        (
            &latest("2026-05-31T03:00:00Z", r#","backup.enabled":"yes""#),
            "unknown: `backup.enabled` has a value of the wrong shape",
        ),
        (
            &latest("2026-06-01T22:00:00Z", ""),
            "unknown: its newest backup is of 2026-06-01, which is to come",
        ),
        (&latest("2026-06-01T00:09:00Z", ""), "pass (reported)"),
        (
            &latest("2026-05-31T18:30:00", ""),
            "unknown: `backup.latest` is \"2026-05-31T18:30:00\", which is no time",
        ),
    ];
    table("backup-present", "database:a", rows);
}

#[test]
fn a_row_about_another_port_than_its_key_is_about_none() {
    let rows = [(
        r#"{"ports":{"0.0.0.0:22/tcp":{"port":443,"protocol":"tcp","reach":"public"}}}"#,
        "fail: public: 0.0.0.0:22/tcp",
    )];
    table("ports-allowed", "container:nginx", &rows);
}
