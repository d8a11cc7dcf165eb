//! A small shop on one host, as one scan found it: the example that the golden reports show.

use jiff::Timestamp;
use plimsoll::baseline::{
    Counts, Drift, DriftState, Finding, Ignored, Judgement, Severity, Status, System,
};
use plimsoll::change::{Attribution, ChangeKind, Evidence, PathChange, Record, Witness};
use plimsoll::inventory::{Coverage, Edge, Node, Snapshot};
use plimsoll::report::{
    AccessRow, ChangeRow, ControlInfo, Input, Observed, Report, ScanRow, Verdict, build,
};
use plimsoll_model::{Asset, AssetId, How, RelationKind, Text, Trouble, Value};

/// A time of the example's day or another.
pub(crate) fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

/// When the example's scan was finished.
pub(crate) fn now() -> Timestamp {
    at("2026-03-14T09:12:31Z")
}

/// The example.
pub(crate) fn report() -> Report {
    let snapshot = snapshot();
    let judgement = judgement(&snapshot);
    build(Input {
        scan: ScanRow {
            id: 42,
            started: at("2026-03-14T09:12:30Z"),
            finished: at("2026-03-14T09:12:31.240Z"),
        },
        snapshot: &snapshot,
        judgement: &judgement,
        drifts: &drifts(),
        resolved: &resolved(),
        changes: changes(),
        remarks: Default::default(),
        rejudged: Vec::new(),
        earlier: &[],
        accesses: accesses(),
        controls: &controls(),
    })
}

const HOST: &str = "host:web-1";
const NGINX: &str = "container:web-1/shop/nginx";
const APP: &str = "container:web-1/shop/app";
const WORKER: &str = "container:web-1/shop/worker";
const POSTGRES: &str = "container:web-1/shop/postgres";
const REDIS: &str = "container:web-1/shop/redis";
const METRICS: &str = "container:web-1/metrics";

fn id(id: &str) -> AssetId {
    AssetId::new(id).unwrap()
}

fn snapshot() -> Snapshot {
    let assets = [
        (METRICS, "container", "metrics"),
        (APP, "container", "shop-app"),
        (NGINX, "container", "shop-nginx"),
        (POSTGRES, "container", "shop-postgres"),
        (REDIS, "container", "shop-redis"),
        (WORKER, "container", "shop-worker"),
        ("engine:web-1", "container-engine", "Docker on web-1"),
        (HOST, "host", "web-1"),
        ("image:web-1/nginx:1.27", "image", "nginx:1.27"),
        ("image:web-1/postgres:16", "image", "postgres:16"),
        ("image:web-1/redis:7", "image", "redis:7"),
        ("image:web-1/shop-app:1.5.0", "image", "shop-app:1.5.0"),
        ("network:web-1/shop", "network", "shop"),
        ("volume:web-1/shop-data", "volume", "shop-data"),
    ];
    let nodes = assets.map(|(asset, kind, name)| Node {
        asset: Asset::new(id(asset), kind, name),
        sources: [Text::from("docker")].into(),
    });
    let runs_on = |from| Edge {
        from,
        kind: RelationKind::RunsOn,
        to: 7,
    };
    let coverage = |source: &str, scope: &str, complete, as_of: &str, troubles: &[&str]| Coverage {
        source: source.into(),
        scope: scope.into(),
        complete,
        as_of: at(as_of),
        fresh: source != "inventory-file",
        troubles: troubles
            .iter()
            .map(|what| Trouble {
                what: (*what).into(),
                asset: None,
            })
            .collect(),
    };
    let this = "2026-03-14T09:12:31Z";
    Snapshot::new(
        nodes.into(),
        (0..7).map(runs_on).collect(),
        vec![
            coverage("docker", "web-1", true, this, &[]),
            coverage(
                "docker-staging",
                "web-2",
                false,
                this,
                &[
                    "cannot connect to tcp://web-2:2376: connection refused; check that the engine runs and listens there",
                ],
            ),
            coverage(
                "host",
                "web-1",
                true,
                this,
                &["block device sr0: no medium; left out"],
            ),
            coverage(
                "inventory-file",
                "office",
                true,
                "2026-03-13T18:00:00Z",
                &[],
            ),
        ],
    )
}

fn judgement(snapshot: &Snapshot) -> Judgement {
    let system = |asset: &str, role: &str, by: &str, environment: Option<&str>| System {
        at: snapshot.find(asset).unwrap(),
        role: role.into(),
        role_by: by.into(),
        environment: environment.map(Text::from),
        environment_by: environment.map(|_| "label plimsoll.environment".into()),
        sensitive: None,
    };
    let production = Some("production");
    let counts = |pass, fail, unknown, not_applicable, ignored| Counts {
        pass,
        fail,
        unknown,
        not_applicable,
        ignored,
    };
    let tally = [
        ("encrypted-at-rest", counts(0, 0, 3, 4, 0)),
        ("encrypted-in-transit", counts(1, 0, 1, 5, 0)),
        ("ports-allowed", counts(5, 1, 0, 1, 0)),
        ("time-synchronised", counts(1, 0, 0, 6, 0)),
        ("time-restricted", counts(6, 0, 0, 1, 0)),
        ("environment-tagged", counts(6, 1, 0, 0, 0)),
        ("image-pinned", counts(3, 3, 0, 1, 0)),
        ("secrets-managed", counts(5, 0, 0, 2, 0)),
        ("least-privilege", counts(4, 1, 0, 1, 1)),
    ];
    Judgement {
        twins: Default::default(),
        systems: vec![
            system(METRICS, "worker", "image *prometheus*", None),
            system(APP, "web-service", "label plimsoll.role", production),
            system(NGINX, "edge-proxy", "image *nginx*", production),
            system(POSTGRES, "database", "image *postgres*", production),
            system(REDIS, "cache", "image *redis*", production),
            system(WORKER, "worker", "rule 2 of config.toml", production),
            system(HOST, "host", "kind host", production),
        ],
        findings: Vec::new(),
        tally: tally
            .into_iter()
            .map(|(control, counts)| (control.into(), counts))
            .collect(),
        ignored: vec![Ignored {
            finding: Finding {
                at: snapshot.find(METRICS).unwrap(),
                control: "least-privilege".into(),
                expectation: "no-host-namespaces".into(),
                status: Status::Fail,
                severity: Severity::High,
                expected: "shares none of the host's namespaces".into(),
                actual: "shares network and pid".into(),
                how: How::Reported,
                basis: "HostConfig.PidMode".into(),
                facts: [].into(),
                follows: None,
            },
            reason: "the metrics agent has to see the host; reviewed by the security officer"
                .into(),
            until: at("2026-06-30T00:00:00Z"),
        }],
    }
}

/// A drift of the example's shop, to be altered.
pub(crate) fn drift(asset: &str, name: &str, role: &str) -> Drift {
    Drift {
        asset: id(asset),
        kind: "container".into(),
        name: name.into(),
        role: role.into(),
        environment: Some("production".into()),
        control: "ports-allowed".into(),
        expectation: "public-ports".into(),
        status: Status::Fail,
        severity: Severity::Critical,
        expected: "no port is reachable from the public internet".into(),
        actual: "5432/tcp is published on 0.0.0.0".into(),
        how: How::Reported,
        basis: "NetworkSettings.Ports of the container".into(),
        facts: ["ports".into()].into(),
        since: at("2026-03-14T09:12:31Z"),
        state: DriftState::New,
        change: None,
        follows: None,
    }
}

fn drifts() -> Vec<Drift> {
    let pinned = |asset, name, role, since: &str| Drift {
        control: "image-pinned".into(),
        expectation: "known-by-digest".into(),
        severity: Severity::Medium,
        expected: "the running image is known by its digest in an allowed registry".into(),
        actual: "the image has no registry digest: it was built or imported on this host".into(),
        basis: "RepoDigests of the image".into(),
        since: at(since),
        state: DriftState::Open,
        ..drift(asset, name, role)
    };
    let unencrypted = |asset, name, role| Drift {
        control: "encrypted-at-rest".into(),
        expectation: "data-volumes-encrypted".into(),
        status: Status::Unknown,
        severity: Severity::High,
        expected: "every volume that holds data is encrypted".into(),
        actual: "the disk below /var/lib/docker is virtual: its provider may or may not encrypt it"
            .into(),
        how: How::Unknown,
        basis: "the disk below /var/lib/docker is virtual: its provider may or may not encrypt it"
            .into(),
        since: at("2026-03-02T08:00:00Z"),
        state: DriftState::Open,
        ..drift(asset, name, role)
    };
    vec![
        pinned(APP, "shop-app", "web-service", "2026-03-11T16:40:00Z"),
        pinned(WORKER, "shop-worker", "worker", "2026-03-11T16:40:00Z"),
        pinned(METRICS, "metrics", "worker", "2026-02-20T10:00:00Z"),
        unencrypted(POSTGRES, "shop-postgres", "database"),
        unencrypted(REDIS, "shop-redis", "cache"),
        Drift {
            kind: "host".into(),
            ..unencrypted(HOST, "web-1", "host")
        },
        Drift {
            change: Some(118),
            ..drift(POSTGRES, "shop-postgres", "database")
        },
        Drift {
            control: "environment-tagged".into(),
            expectation: "environment-known".into(),
            severity: Severity::High,
            environment: None,
            expected: "categorised as production, staging or development".into(),
            actual: "nothing says which environment it belongs to".into(),
            basis: "labels of the container; rules of the configuration".into(),
            since: at("2026-02-20T10:00:00Z"),
            state: DriftState::Open,
            ..drift(METRICS, "metrics", "worker")
        },
        Drift {
            control: "least-privilege".into(),
            expectation: "runs-unprivileged".into(),
            severity: Severity::High,
            expected: "runs as another user than root".into(),
            actual: "runs as root".into(),
            basis: "Config.User of the container and of its image".into(),
            since: at("2026-03-14T09:12:31Z"),
            state: DriftState::Reopened,
            change: Some(117),
            ..drift(APP, "shop-app", "web-service")
        },
        Drift {
            control: "encrypted-in-transit".into(),
            expectation: "connections-use-tls".into(),
            status: Status::Unknown,
            severity: Severity::High,
            expected: "accepts TLS 1.2 or later alone".into(),
            actual: "no probe is configured for port 5432".into(),
            how: How::Unknown,
            basis: "no probe is configured for port 5432".into(),
            since: at("2026-03-02T08:00:00Z"),
            state: DriftState::Open,
            ..drift(POSTGRES, "shop-postgres", "database")
        },
    ]
}

fn resolved() -> Vec<Drift> {
    vec![Drift {
        control: "time-synchronised".into(),
        expectation: "clock-disciplined".into(),
        kind: "host".into(),
        severity: Severity::High,
        expected: "the clock is synchronised to an authoritative source".into(),
        actual: "the clock was not synchronised".into(),
        how: How::Measured,
        basis: "adjtimex(2)".into(),
        since: at("2026-03-13T22:05:00Z"),
        state: DriftState::Resolved,
        ..drift(HOST, "web-1", "host")
    }]
}

fn record(action: &str, what: &str, time: &str, account: Option<&str>) -> Record {
    Record {
        fields: Vec::new(),
        source: "deploys".into(),
        action: action.into(),
        asset: id("app:shop"),
        what: what.into(),
        at: at(time),
        account: account.map(Text::from),
        name: None,
        details: Default::default(),
    }
}

/// A record that names the image which is new.
fn deployed() -> Attribution {
    let mut record = record(
        "311",
        "deploy",
        "2026-03-14T08:55:02Z",
        Some("ada@example.com"),
    );
    record.details.insert("release", "1.5.0".into());
    record.details.insert("image", "shop-app:1.5.0".into());
    Attribution {
        how: Witness::PlatformRecord,
        evidence: Evidence::Details,
        exact: true,
        record,
        candidates: Vec::new(),
        more: 0,
    }
}

/// Two records of the time, neither of which says what it changed.
fn perhaps() -> Attribution {
    Attribution {
        how: Witness::PlatformRecord,
        evidence: Evidence::Time,
        exact: false,
        record: record(
            "313",
            "configure",
            "2026-03-14T09:03:40Z",
            Some("grace@example.com"),
        ),
        candidates: vec![record("312", "restart", "2026-03-14T09:01:10Z", None)],
        more: 0,
    }
}

fn accesses() -> Vec<AccessRow> {
    let access =
        |action: &str, what: &str, opens: &str, asset: &str, name: &str, time: &str| AccessRow {
            source: "deploys".into(),
            action: action.into(),
            asset: id(asset),
            kind: "container".into(),
            name: name.into(),
            environment: Some("production".into()),
            what: what.into(),
            opens: opens.into(),
            at: at(time),
            actor: Some("grace@example.com".into()),
            actor_name: None,
            details: Default::default(),
        };
    vec![
        AccessRow {
            actor: None,
            environment: None,
            ..access(
                "315",
                "execute",
                "a shell or command inside",
                METRICS,
                "metrics",
                "2026-03-14T09:10:12Z",
            )
        },
        access(
            "314",
            "tunnel",
            "a tunnel to it",
            POSTGRES,
            "shop-postgres",
            "2026-03-14T09:04:55Z",
        ),
    ]
}

fn changes() -> Vec<ChangeRow> {
    let path = |path: &str, from: Option<Value>, to: Option<Value>| PathChange {
        path: path.into(),
        from,
        to,
    };
    let text = |text: &str| Some(Value::from(text));
    let change = |id: i64, asset: &str, name: &str, kind, paths| ChangeRow {
        id,
        asset: AssetId::new(asset).unwrap(),
        asset_kind: asset.split(':').next().unwrap_or_default().into(),
        name: name.into(),
        kind,
        paths,
        observed: Observed {
            after: Some(at("2026-03-14T08:12:30Z")),
            before: at("2026-03-14T09:12:31Z"),
            at: None,
        },
        actor: None,
        attribution: None,
        verdict: Verdict::NotRequired,
        request: None,
        reasons: Vec::new(),
        judged: None,
    };
    let released = || {
        vec![
            path("image", text("shop-app:1.4.2"), text("shop-app:1.5.0")),
            path("user", text("app"), text("root")),
            path(
                "env[DATABASE_URL]",
                text("secret:0badcafe:00112233445566778899aabbccddeeff"),
                text("secret:0badcafe:ffeeddccbbaa99887766554433221100"),
            ),
        ]
    };
    let made = |row: ChangeRow, attribution: Attribution| ChangeRow {
        observed: Observed {
            at: Some(attribution.record.at).filter(|_| attribution.exact),
            ..row.observed
        },
        actor: attribution.record.account.clone(),
        attribution: Some(attribution),
        ..row
    };
    vec![
        ChangeRow {
            verdict: Verdict::Approved,
            request: Some("SHOP-311".into()),
            reasons: vec!["approved by grace@example.com on 2026-03-13, before it was made".into()],
            ..made(
                change(117, APP, "shop-app", ChangeKind::Modified, released()),
                deployed(),
            )
        },
        ChangeRow {
            verdict: Verdict::Approved,
            request: Some("SHOP-311".into()),
            reasons: vec!["approved by grace@example.com on 2026-03-13, before it was made".into()],
            ..made(
                change(116, WORKER, "shop-worker", ChangeKind::Modified, released()),
                deployed(),
            )
        },
        ChangeRow {
            verdict: Verdict::Unapproved,
            reasons: vec!["no change request names this system between the two scans".into()],
            ..change(
                118,
                POSTGRES,
                "shop-postgres",
                ChangeKind::Modified,
                vec![path(
                    "ports[0.0.0.0:5432/tcp]",
                    None,
                    Some(Value::from(plimsoll_model::Table::from_iter([
                        ("port", Value::from(5432)),
                        ("reach", Value::from("public")),
                    ]))),
                )],
            )
        },
        made(
            change(
                119,
                NGINX,
                "shop-nginx",
                ChangeKind::Modified,
                vec![
                    path(
                        "capabilities.dropped",
                        Some(Value::texts(["MKNOD", "NET_RAW"])),
                        Some(Value::texts(["MKNOD", "NET_RAW", "SYS_CHROOT"])),
                    ),
                    path(
                        "labels[proxy.config]",
                        text(
                            "server {\n  listen 443 ssl;\n  ssl_protocols TLSv1.1 TLSv1.2;\n  server_name shop.example;\n}\n",
                        ),
                        text(
                            "server {\n  listen 443 ssl;\n  ssl_protocols TLSv1.2 TLSv1.3;\n  server_name shop.example;\n}\n",
                        ),
                    ),
                ],
            ),
            perhaps(),
        ),
        change(
            120,
            "image:web-1/shop-app:1.5.0",
            "shop-app:1.5.0",
            ChangeKind::Added,
            vec![],
        ),
        change(
            121,
            "image:web-1/shop-app:1.4.1",
            "shop-app:1.4.1",
            ChangeKind::Removed,
            vec![],
        ),
        change(
            122,
            "image:web-1/shop-app:1.4.2",
            "shop-app:1.4.2",
            ChangeKind::Removed,
            vec![],
        ),
    ]
}

fn controls() -> Vec<ControlInfo> {
    let rows: [(&str, &str, &[&str]); 10] = [
        (
            "change-approved",
            "Every change to production was approved before it was made.",
            &["SOC 2 CC8.1", "HIPAA 164.312(b)"],
        ),
        (
            "encrypted-at-rest",
            "Volumes, databases and disks that hold data are encrypted.",
            &["HIPAA 164.312(a)(2)(iv)"],
        ),
        (
            "encrypted-in-transit",
            "Endpoints and connections use TLS at or above the minimum version.",
            &["HIPAA 164.312(e)(1)"],
        ),
        (
            "ports-allowed",
            "Only the ports that the role declares are reachable from the public internet.",
            &["SOC 2 CC6.6"],
        ),
        (
            "time-synchronised",
            "The clock is synchronised to an authoritative source.",
            &["HITRUST 06"],
        ),
        (
            "time-restricted",
            "No workload may set the host's clock.",
            &["HITRUST 06"],
        ),
        (
            "environment-tagged",
            "Every system is categorised as production, staging or development.",
            &["SOC 2 CC8.1"],
        ),
        (
            "image-pinned",
            "The running image is known by digest and comes from an allowed registry.",
            &["HIPAA 164.312(c)(1)"],
        ),
        (
            "secrets-managed",
            "Secrets come from the secrets manager; none stands in plain configuration.",
            &["SOC 2 CC6.1"],
        ),
        (
            "least-privilege",
            "No privileged containers, host namespaces or needless capabilities.",
            &["SOC 2 CC6.3"],
        ),
    ];
    rows.iter()
        .map(|(id, title, references)| ControlInfo {
            id: (*id).into(),
            title: (*title).into(),
            references: references
                .iter()
                .map(|reference| (*reference).into())
                .collect(),
        })
        .collect()
}
