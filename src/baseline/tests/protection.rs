//! Sensitive data, backups, logs, certificates, versions, instances, and images of several containers.

use RelationKind::{BuiltFrom, Contains, MemberOf, RoutesTo, RunsOn, StoresOn, Uses};

use super::*;

/// A baseline that names the platforms that may hold sensitive data.
fn contained() -> Baselines {
    load(
        "extends = 'base'\nsensitive = true\n[[match]]\nkinds = ['workload', 'database', 'container']\n\
         [[expect]]\ncontrol = 'sensitive-data-contained'\nallowed-platforms = ['aptible']\n",
    )
    .unwrap()
}

#[test]
fn sensitive_data_stays_inside() {
    let own = contained();
    let estate = |platform: &str, ports: &str, endpoint: &str| {
        let facts = format!(r#"{{"platform":"{platform}","ports":{{{ports}}}}}"#);
        let assets = vec![
            asset("workload:app", &[], r#"{"platform":"aptible","ports":{}}"#),
            asset("database:pg", &[], &facts),
            asset("endpoint:way", &[], endpoint),
            asset("network-service:s", &[], ""),
            asset("stack:s", &[], ""),
        ];
        let relations = [
            ("workload:app", RunsOn, "stack:s"),
            ("workload:app", Uses, "database:pg"),
            ("database:pg", RunsOn, "stack:s"),
            ("endpoint:way", RoutesTo, "network-service:s"),
            ("network-service:s", RoutesTo, "database:pg"),
        ];
        snapshot(assets, &relations)
    };
    let reach = |reach: &str| format!(r#""p:5432/tcp":{{"port":5432,"reach":"{reach}"}}"#);
    let way = |reach: &str| {
        format!(r#"{{"ports":{{"edge:5432/tcp":{{"port":5432,"reach":"{reach}"}}}}}}"#)
    };
    let private = way("private");
    for (platform, ports, endpoint, want) in [
        ("aptible", reach("private"), &private, "pass (reported)"),
        ("fly", String::new(), &private, "fail: it runs on fly"),
        (
            "aptible",
            reach("public"),
            &private,
            "fail: pg has the public port p:5432/tcp",
        ),
        (
            "aptible",
            reach("?"),
            &private,
            "unknown: pg: who reaches p:5432/tcp is not known",
        ),
        (
            "aptible",
            String::new(),
            &way("public"),
            "fail: the public endpoint way leads to database pg",
        ),
        (
            "aptible",
            String::new(),
            &String::new(),
            "unknown: endpoint way leads to database pg, and who reaches it is not known",
        ),
    ] {
        let all = estate(platform, &ports, endpoint);
        let of = |id: &str| outcome(&own, &all, id, "sensitive-data-contained");
        assert_eq!(of("database:pg"), want);
        // What uses the database is judged by it as well, and by its own platform.
        let app = if platform == "fly" {
            "pass (reported)"
        } else {
            want
        };
        assert_eq!(of("workload:app"), app);
    }
}

#[test]
fn where_sensitive_data_may_be_is_said() {
    let of = |baselines: &Baselines, facts: &str, relations: &[(&str, RelationKind, &str)]| {
        let assets = vec![asset("workload:a", &[], facts), asset("network:n", &[], "")];
        let snapshot = snapshot(assets, relations);
        outcome(
            baselines,
            &snapshot,
            "workload:a",
            "sensitive-data-contained",
        )
    };
    let member = [("workload:a", MemberOf, "network:n")];
    let sensitive = r#"{"platform":"aptible","data.sensitive":true}"#;
    assert_eq!(of(&SHIPPED, "", &member), "n/a");
    assert_eq!(
        of(&SHIPPED, r#"{"data.sensitive":"?denied"}"#, &member),
        "unknown: whether it holds sensitive data is not known: `data.sensitive` is unknown: denied"
    );
    assert_eq!(
        of(&SHIPPED, sensitive, &member),
        "unknown: which platforms may hold sensitive data is not said: see `allowed-platforms`"
    );
    assert_eq!(of(&contained(), sensitive, &member), "pass (reported)");
    assert_eq!(
        of(&contained(), sensitive, &[]),
        "unknown: which network it is on is not known"
    );
    let host = r#"{"platform":"aptible","namespaces.host":["network"]}"#;
    assert_eq!(
        of(&contained(), host, &member),
        "fail: it is on its host's network"
    );
}

#[test]
fn backups() {
    let at = |time: &str| format!(r#"{{"~backup.latest":"{time}"}}"#);
    let rows: &[(&str, &str)] = &[
        (&at("2026-05-31T03:00:00Z"), "pass (reported)"),
        (
            &at("2026-05-28T00:00:00Z"),
            "fail: the newest backup is 4 days old",
        ),
        (
            &at("2026-07-01T00:00:00Z"),
            "unknown: its newest backup is of 2026-07-01, which is to come",
        ),
        (&at(""), "fail: no backup"),
        (
            &at("soon"),
            "unknown: `backup.latest` is \"soon\", which is no time",
        ),
        (
            &at("?not listed"),
            "unknown: `backup.latest` is unknown: not listed",
        ),
        (r#"{"backup.enabled":false}"#, "fail: backups are off"),
        (
            r#"{"backup.enabled":true}"#,
            "unknown: no source says `backup.latest`",
        ),
        ("", "unknown: no source says `backup.latest`"),
    ];
    table("backup-present", "database:a", rows);
    let kept = |days: &str| {
        format!(r#"{{"platform":"aptible","~backup.latest":"2026-05-31T03:00:00Z"{days}}}"#)
    };
    let rows: &[(&str, &str)] = &[
        (&kept(r#","backup.retention-days":30"#), "pass (reported)"),
        (
            &kept(r#","backup.retention-days":7"#),
            "fail: backups are kept for 7 days",
        ),
        (&kept(""), "unknown: no source says `backup.retention-days`"),
    ];
    table("backup-present", "database:a", rows);
    // Those of all volumes, behind claims too; what stores nothing has none.
    let of = |image: &str, one: &str, other: &str| {
        let assets = vec![
            asset("workload:a", &[("plimsoll.role", image)], ""),
            asset("volume-claim:c", &[], ""),
            asset("volume:one", &[], one),
            asset("volume:other", &[], other),
        ];
        let relations = [
            ("workload:a", StoresOn, "volume-claim:c"),
            ("volume-claim:c", StoresOn, "volume:one"),
            ("workload:a", StoresOn, "volume:other"),
        ];
        outcome(
            &SHIPPED,
            &snapshot(assets, &relations),
            "workload:a",
            "backup-present",
        )
    };
    let good = at("2026-05-31T03:00:00Z");
    assert_eq!(of("database", &good, &good), "pass (reported)");
    assert_eq!(
        of("database", &at("2026-05-01T00:00:00Z"), &good),
        "fail: one: the newest backup is 31 days old"
    );
    assert_eq!(
        of("protected-data", &good, ""),
        "unknown: other: no source says `backup.latest`"
    );
    let bare = snapshot(
        vec![asset(
            "workload:a",
            &[("plimsoll.role", "protected-data")],
            "",
        )],
        &[],
    );
    assert_eq!(
        outcome(&SHIPPED, &bare, "workload:a", "backup-present"),
        "n/a"
    );
}

#[test]
fn logs() {
    let rows = [
        (
            r#"{"data.sensitive":true,"logs.destinations":["papertrail main"]}"#,
            "pass (reported)",
        ),
        (
            r#"{"data.sensitive":true,"logs.destinations":[]}"#,
            "fail: its logs are shipped nowhere",
        ),
        (
            r#"{"data.sensitive":true,"logs.destinations":[],"log.driver":"gelf"}"#,
            "pass (reported)",
        ),
        (
            r#"{"data.sensitive":true,"log.driver":"json-file"}"#,
            "fail: log driver json-file keeps them where it runs",
        ),
        (
            r#"{"data.sensitive":true,"logs.destinations":"?denied"}"#,
            "unknown: `logs.destinations` is unknown: denied",
        ),
        (
            r#"{"data.sensitive":true}"#,
            "unknown: no source says `logs.destinations`",
        ),
        (r#"{"logs.destinations":[]}"#, "n/a"),
        ("", "n/a"),
    ];
    table("logs-shipped", "workload:a", &rows);
    let of = |relation: (&'static str, RelationKind, &'static str), environment: &str| {
        let assets = vec![
            asset("workload:a", &[], r#"{"data.sensitive":true}"#),
            asset("log-drain:d", &[], ""),
            asset("platform-environment:e", &[], environment),
        ];
        outcome(
            &SHIPPED,
            &snapshot(assets, &[relation]),
            "workload:a",
            "logs-shipped",
        )
    };
    assert_eq!(
        of(("workload:a", Uses, "log-drain:d"), ""),
        "pass (reported)"
    );
    let held = ("platform-environment:e", Contains, "workload:a");
    assert_eq!(
        of(held, r#"{"logs.destinations":["syslog x"]}"#),
        "pass (reported)"
    );
    assert_eq!(
        of(held, r#"{"logs.destinations":[]}"#),
        "fail: its logs are shipped nowhere"
    );
}

#[test]
fn instances_are_alike() {
    let rows = [
        (r#"{"instances.differ":{}}"#, "pass (reported)"),
        (
            r#"{"instances.differ":{"17811":{"image":"sha256:ab"},"17812":{"region":"fra"}}}"#,
            "fail: 17811 has image=sha256:ab; 17812 has region=fra",
        ),
        (
            r#"{"instances.differ":"?a machine's host does not answer"}"#,
            "unknown: `instances.differ` is unknown: a machine's host does not answer",
        ),
        ("", "unknown: no source says `instances.differ`"),
    ];
    table("instances-alike", "workload:a", &rows);
    table("instances-alike", "container:a", &[("", "n/a")]);
}

#[test]
fn certificates() {
    let until = |time: &str| format!(r#"{{"certificate.expires":"{time}"}}"#);
    let of = |facts: &str, relation: RelationKind, endpoint: &str| {
        let assets = vec![
            asset("endpoint:e", &[], endpoint),
            asset("certificate:c", &[], facts),
        ];
        let snapshot = snapshot(assets, &[("endpoint:e", relation, "certificate:c")]);
        outcome(&SHIPPED, &snapshot, "endpoint:e", "certificates-valid")
    };
    for (time, want) in [
        ("2026-08-01T00:00:00Z", "pass (reported)"),
        ("2026-06-15T00:00:00Z", "pass (reported)"),
        (
            "2026-06-14T23:00:00Z",
            "fail: certificate c ends in 13 days",
        ),
        (
            "2026-05-29T00:00:00Z",
            "fail: certificate c ended 3 days ago",
        ),
        (
            "?secrets are not read",
            "unknown: certificate c: `certificate.expires` is unknown: secrets are not read",
        ),
    ] {
        assert_eq!(of(&until(time), Uses, ""), want);
    }
    let tls = r#"{"ports":{"edge:443/tcp":{"port":443,"reach":"public","tls":"1.2"}}}"#;
    assert_eq!(
        of("", MemberOf, tls),
        "unknown: which certificate it uses is not known"
    );
    assert_eq!(of("", MemberOf, ""), "n/a");
    assert_eq!(
        of("", MemberOf, &until("2026-01-01T00:00:00Z")),
        "fail: certificate e ended 151 days ago"
    );
    // Those of an app are those of what the public reaches in it.
    let app = |reach: &str| {
        let ports = format!(
            r#"{{"ports":{{"edge:443/tcp":{{"port":443,"reach":"{reach}","tls":"1.2"}}}}}}"#
        );
        let assets = vec![
            asset("app:a", &[], ""),
            asset("workload:w", &[], &ports),
            asset("certificate:c", &[], &until("2026-06-02T00:00:00Z")),
        ];
        let relations = [
            ("app:a", Contains, "workload:w"),
            ("app:a", Uses, "certificate:c"),
        ];
        outcome(
            &SHIPPED,
            &snapshot(assets, &relations),
            "workload:w",
            "certificates-valid",
        )
    };
    assert_eq!(app("public"), "fail: certificate c ends in 24 hours");
    assert_eq!(app("private"), "n/a");
}

#[test]
fn versions_are_supported() {
    let rows = [
        (
            r#"{"version":"16","end-of-life":"2028-11-09T00:00:00Z"}"#,
            "pass (reported)",
        ),
        (
            r#"{"version":"9.6","end-of-life":"2021-11-11T00:00:00Z"}"#,
            "fail: support for version 9.6 ended on 2021-11-11",
        ),
        (
            r#"{"end-of-life":"2021-11-11"}"#,
            "fail: support for its version ended on 2021-11-11",
        ),
        (
            r#"{"end-of-life":"?denied"}"#,
            "unknown: `end-of-life` is unknown: denied",
        ),
        (r#"{"patches.managed":true}"#, "pass (reported)"),
        ("", "unknown: no source says `end-of-life`"),
    ];
    table("version-supported", "database:a", &rows);
    table("version-supported", "container:a", &[("", "n/a")]);
}

#[test]
fn a_redirect_is_as_good_as_what_it_leads_to() {
    let ports = |http: &str, https: &str, forced: &str| {
        format!(
            r#"{{"ports":{{"edge:80/tcp":{{"port":80,"protocol":"tcp","reach":"public"{http}}}{https}}}{forced}}}"#
        )
    };
    let https = r#","edge:443/tcp":{"port":443,"protocol":"tcp","reach":"public","tls":"1.2"}"#;
    let plain = r#","tls":"none""#;
    let rows: &[(&str, &str)] = &[
        (
            &ports(r#","tls":"1.2","redirects":true"#, https, ""),
            "pass (reported)",
        ),
        (
            &ports(r#","tls":"1.0","redirects":true"#, https, ""),
            "fail: edge:80/tcp accepts TLS 1.0",
        ),
        (&ports(plain, https, ""), "fail: edge:80/tcp in plain text"),
        (
            &ports(plain, https, r#","https.forced":true"#),
            "pass (reported)",
        ),
        (
            &ports(plain, https, r#","https.forced":false"#),
            "fail: edge:80/tcp in plain text",
        ),
        (
            &ports(plain, "", r#","https.forced":true"#),
            "unknown: where its redirect to HTTPS leads is not known",
        ),
    ];
    table("encrypted-in-transit", "endpoint:a", rows);
}

#[test]
fn images_of_several_containers() {
    let images = |rows: &str, more: &str| format!(r#"{{"images":{{{rows}}}{more}}}"#);
    let api = r#""api":{"image":"r.example/api:1","digest":"sha256:abababababababababababababababababababababababababababababababab"}"#;
    let rows: &[(&str, &str)] = &[
        (&images(api, ""), "pass (reported)"),
        (
            &images(
                r#""api":{"image":"r.example/api@sha256:abababababababababababababababababababababababababababababababab"}"#,
                "",
            ),
            "pass (reported)",
        ),
        (
            &images(&format!(r#"{api},"proxy":{{"image":"envoy:1"}}"#), ""),
            "unknown: which digest of envoy:1 proxy runs is not known",
        ),
        (
            &images(
                r#""api":{"image":"api:1"}"#,
                r#","image":"api:1","image.digests":["api@sha256:abababababababababababababababababababababababababababababababab"]"#,
            ),
            "pass (reported)",
        ),
        (
            &images(
                r#""api":{"image":"api:1"}"#,
                r#","image":"api:1","image.digests":[]"#,
            ),
            "fail: api: a local image without registry digest",
        ),
        (
            r#"{"images":"?pods were not listed"}"#,
            "unknown: `images` is unknown: pods were not listed",
        ),
    ];
    table("image-pinned", "workload:a", rows);
    let own = "[[match]]\nkinds = ['workload']\n[[expect]]\ncontrol = 'image-pinned'\nregistries = ['r.example']\n";
    let own = load(own).unwrap();
    let other = r#","proxy":{"image":"evil.example/envoy:1","digest":"sha256:cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"}"#;
    let one = snapshot(
        vec![asset(
            "workload:a",
            &[],
            &images(&format!("{api}{other}"), ""),
        )],
        &[],
    );
    assert_eq!(
        outcome(&own, &one, "workload:a", "image-pinned"),
        "fail: proxy: evil.example/envoy:1 is from another registry"
    );
    // The oldest image counts, and one without a date leaves it open.
    let of = |one: &str, other: &str| {
        let created = |time: &str| match time {
            "" => String::new(),
            time => format!(r#"{{"image.created":"{time}"}}"#),
        };
        let both = images(r#""api":{"image":"api:1"},"proxy":{"image":"envoy:1"}"#, "");
        let assets = vec![
            asset("workload:a", &[], &both),
            asset("image:api", &[], &created(one)),
            asset("image:envoy", &[], &created(other)),
        ];
        let relations = [
            ("workload:a", BuiltFrom, "image:api"),
            ("workload:a", BuiltFrom, "image:envoy"),
        ];
        outcome(
            &SHIPPED,
            &snapshot(assets, &relations),
            "workload:a",
            "image-current",
        )
    };
    let (new, old) = ("2026-05-01T00:00:00Z", "2026-01-01T00:00:00Z");
    assert_eq!(of(new, new), "pass (reported)");
    assert_eq!(of(new, old), "fail: envoy: 151 days old");
    assert_eq!(
        of(new, ""),
        "unknown: envoy: no source says `image.created`"
    );
    let main = images(
        r#""api":{"image":"api:1"},"proxy":{"image":"envoy:1"}"#,
        r#","image.created":"2026-05-01T00:00:00Z""#,
    );
    table(
        "image-current",
        "workload:a",
        &[(
            &main,
            "unknown: when the images of all its containers were built is not known",
        )],
    );
}
