//! What listens on a host: what its containers publish is told with them.

use plimsoll_model::{Table, Value, fact, kind};

use super::*;

fn row(process: &str, port: i64) -> Value {
    let mut row = Table::new();
    if !process.is_empty() {
        row.insert("process", Value::from(process));
    }
    row.insert("port", Value::Int(port));
    row.insert("protocol", Value::from("tcp"));
    row.insert("reach", Value::from("public"));
    Value::Table(row)
}

/// A host that listens on ports of processes.
fn host(listeners: &[(&str, i64)]) -> Harvester {
    let mut host = Asset::new(id("web-1"), kind::HOST, "web-1");
    let mut ports = Table::new();
    for (process, port) in listeners {
        ports.insert(format!("0.0.0.0:{port}/tcp"), row(process, *port));
    }
    host.claim(fact::PORTS, Claim::measured(ports));
    harvest(true, vec![host], Vec::new())
}

/// An engine with a container that publishes ports, each as asked for and live.
fn engine(published: &[(&str, i64)]) -> Harvester {
    let container = AssetId::of(kind::CONTAINER, &["web-1", "shop"]);
    let mut asset = Asset::new(container.clone(), kind::CONTAINER, "shop");
    asset.claim(fact::IMAGE, Claim::reported("nginx:1"));
    asset.reading(fact::STATE, Claim::reported("running"));
    let mut ports = Table::new();
    for (asked, port) in published {
        let key = format!("0.0.0.0:{asked}/tcp");
        let mut row = row("", *port);
        if let Value::Table(row) = &mut row
            && asked.starts_with('*')
        {
            row.remove("port");
        }
        ports.insert(key, row);
    }
    asset.claim(fact::PORTS, Claim::reported(ports));
    let live = published
        .iter()
        .map(|(_, port)| format!("0.0.0.0:{port}/tcp"));
    asset.reading(fact::PORTS_LIVE, Claim::reported(Value::texts(live)));
    let runs = Relation {
        from: container,
        kind: RelationKind::RunsOn,
        to: id("web-1"),
        scope: Text::default(),
    };
    let host = Asset::new(id("web-1"), kind::HOST, "web-1");
    harvest(true, vec![asset, host], vec![runs])
}

/// Who has an open finding about open ports.
fn open(report: &Report) -> Vec<&str> {
    let drifts = report.drifts.iter();
    let ports = drifts.filter(|drift| drift.control == "ports-allowed");
    let mut names: Vec<&str> = ports.map(|drift| drift.name.as_str()).collect();
    names.sort_unstable();
    names
}

const SSH: (&str, i64) = ("sshd", 22);
const PROXY: (&str, i64) = ("docker-proxy", 8080);

#[test]
fn published_ports_are_judged_and_told_on_their_container() {
    let mut house = House::new();
    let report = house.scan(vec![("docker", engine(&[])), ("host", host(&[SSH]))]);
    assert!(open(&report).is_empty());
    let published = || ("docker", engine(&[("8080", 8080)]));
    let report = house.scan(vec![published(), ("host", host(&[SSH, PROXY]))]);
    assert_eq!(open(&report), ["shop"]);
    let names: Vec<String> = changes(&report).into_iter().map(|row| row.0).collect();
    assert_eq!(names, ["shop"]);
    // What another process has is the host's, and so is what no container publishes.
    let others = [("nc", 4444), ("docker-proxy", 4445)];
    let report = house.scan(vec![
        published(),
        ("host", host(&[SSH, PROXY, others[0], others[1]])),
    ]);
    assert_eq!(open(&report), ["shop", "web-1"]);
    assert_eq!(
        changes(&report),
        [(
            "web-1".to_owned(),
            ChangeKind::Modified,
            vec![
                "ports[0.0.0.0:4444/tcp]".to_owned(),
                "ports[0.0.0.0:4445/tcp]".to_owned()
            ]
        )]
    );
    let report = house.scan(vec![published(), ("host", host(&[SSH, PROXY]))]);
    assert_eq!(changes(&report).len(), 1);
    // They go as they came: with the container.
    let gone = harvest(
        true,
        vec![Asset::new(id("web-1"), kind::HOST, "web-1")],
        Vec::new(),
    );
    let report = house.scan(vec![("docker", gone), ("host", host(&[SSH]))]);
    assert_eq!(
        changes(&report),
        [("shop".to_owned(), ChangeKind::Removed, Vec::new())]
    );
    assert!(open(&report).is_empty());
}

#[test]
fn an_engine_that_is_not_read_explains_nothing() {
    let mut house = House::new();
    house.scan(vec![
        ("docker", engine(&[("8080", 8080)])),
        ("host", host(&[SSH, PROXY])),
    ]);
    // As last known, while it is not its turn.
    assert_eq!(
        open(&house.scan(vec![("host", host(&[SSH, PROXY]))])),
        ["shop"]
    );
    let unread = harvest(false, Vec::new(), Vec::new());
    let report = house.scan(vec![("docker", unread), ("host", host(&[SSH, PROXY]))]);
    assert!(open(&report).contains(&"web-1"), "{:?}", open(&report));
    assert!(changes(&report).is_empty());
    let report = house.scan(vec![
        ("docker", engine(&[("8080", 8080)])),
        ("host", host(&[SSH, PROXY])),
    ]);
    assert_eq!(open(&report), ["shop"]);
    assert!(changes(&report).is_empty());
}

#[test]
fn a_port_that_an_engine_chooses_anew_is_no_change_of_its_host() {
    let mut house = House::new();
    for port in [32768, 32770, 32774] {
        let proxy = ("docker-proxy", port);
        let sources = vec![
            ("docker", engine(&[("*->5432", port)])),
            ("host", host(&[SSH, proxy])),
        ];
        let report = house.scan(sources);
        assert!(changes(&report).is_empty(), "{:?}", changes(&report));
        assert_eq!(open(&report), ["shop"]);
    }
}

/// A host on which processes that no service holds listen on loopback.
fn passing(listeners: &[(&str, i64)]) -> Harvester {
    let mut host = Asset::new(id("web-1"), kind::HOST, "web-1");
    let (mut ports, mut unheld) = (Table::new(), Table::new());
    ports.insert("0.0.0.0:22/tcp", row("sshd", 22));
    for (process, port) in listeners {
        let Value::Table(mut row) = row(process, *port) else {
            continue;
        };
        row.insert("reach", Value::from("loopback"));
        let key = format!("127.0.0.1:{port}/tcp");
        ports.insert(key.clone(), Value::Table(row));
        let why = match *process {
            "plimsoll" => "scanner",
            _ => "unheld",
        };
        unheld.insert(key, Value::from(why));
    }
    host.claim(fact::PORTS, Claim::measured(ports));
    host.reading(fact::PORTS_UNHELD, Claim::measured(unheld));
    harvest(true, vec![host], Vec::new())
}

fn told(house: &mut House, listeners: &[(&str, i64)]) -> Vec<String> {
    let report = house.scan(vec![("host", passing(listeners))]);
    changes(&report).into_iter().flat_map(|row| row.2).collect()
}

fn shown(house: &House, scan: i64) -> usize {
    let snapshot = house.store().snapshot(scan).unwrap();
    let ports = snapshot.asset(0).value(fact::PORTS).unwrap();
    ports.as_table().unwrap().len()
}

#[test]
fn what_comes_and_goes_on_loopback_is_shown_and_no_change() {
    let mut house = House::new();
    let (stays, ide) = (("redis-server", 6379), ("code", 41001));
    assert!(told(&mut house, &[stays, ide]).is_empty());
    assert_eq!(shown(&house, 1), 3);
    // It was there when the host was met, and for less than three scans.
    assert!(told(&mut house, &[stays]).is_empty());
    assert!(told(&mut house, &[stays, ("code", 41002)]).is_empty());
    assert_eq!(shown(&house, 3), 3);
    assert!(told(&mut house, &[stays, ("code", 41003)]).is_empty());
    assert!(told(&mut house, &[stays]).is_empty());
    // What was there all the time is missed.
    assert_eq!(told(&mut house, &[]), ["ports[127.0.0.1:6379/tcp]"]);
}

#[test]
fn a_listener_that_stays_is_a_change_at_the_third_scan() {
    let mut house = House::new();
    let new = ("python3", 9000);
    assert!(told(&mut house, &[]).is_empty());
    assert!(told(&mut house, &[new]).is_empty());
    assert!(told(&mut house, &[new]).is_empty());
    assert_eq!(told(&mut house, &[new]), ["ports[127.0.0.1:9000/tcp]"]);
    assert!(told(&mut house, &[new]).is_empty());
    // A host that cannot be read forgets nothing.
    house.scan(vec![("host", harvest(false, Vec::new(), Vec::new()))]);
    assert!(told(&mut house, &[new]).is_empty());
    house.scan(vec![("host", {
        let mut host = Asset::new(id("web-1"), kind::HOST, "web-1");
        host.claim(fact::PORTS, Claim::unknown("/proc/net is not readable"));
        harvest(false, vec![host], Vec::new())
    })]);
    assert!(told(&mut house, &[new]).is_empty());
}

#[test]
fn the_scanners_own_port_is_never_a_change() {
    let mut house = House::new();
    assert!(told(&mut house, &[]).is_empty());
    for _ in 0..4 {
        assert!(told(&mut house, &[("plimsoll", 9464)]).is_empty());
    }
    assert!(told(&mut house, &[]).is_empty());
}

#[test]
fn a_public_listener_is_a_finding_and_a_change_at_once() {
    let mut house = House::new();
    house.scan(vec![("host", host(&[SSH]))]);
    let report = house.scan(vec![("host", host(&[SSH, ("nc", 4444)]))]);
    assert_eq!(open(&report), ["web-1"]);
    assert_eq!(changes(&report)[0].2, ["ports[0.0.0.0:4444/tcp]"]);
}

/// An ephemeral port that is public is judged from the first look on, and a change when it stays.
#[test]
fn a_public_ephemeral_listener_is_judged_at_once() {
    let listening = |there: bool| {
        let mut host = Asset::new(id("web-1"), kind::HOST, "web-1");
        let (mut ports, mut unheld) = (Table::new(), Table::new());
        if there {
            ports.insert("0.0.0.0:44444/tcp", row("nc", 44444));
            unheld.insert("0.0.0.0:44444/tcp", Value::from("unheld"));
        }
        host.claim(fact::PORTS, Claim::measured(ports));
        host.reading(fact::PORTS_UNHELD, Claim::measured(unheld));
        vec![("host", harvest(true, vec![host], Vec::new()))]
    };
    let mut house = House::new();
    house.scan(listening(false));
    let report = house.scan(listening(true));
    assert_eq!(open(&report), ["web-1"]);
    assert!(changes(&report).is_empty());
    house.scan(listening(true));
    assert_eq!(changes(&house.scan(listening(true))).len(), 1);
}
