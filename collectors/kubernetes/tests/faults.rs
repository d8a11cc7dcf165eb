//! What goes wrong on the way, and what becomes of it.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::Cluster;
use plimsoll_kit::testkit::{FakeServer, Reply, build, context, harvest, run};
use plimsoll_kit::{Access, Harvest, Right};
use plimsoll_kubernetes::REGISTRATION;

fn read_with(server: &FakeServer, more: &str) -> Harvest {
    let settings = format!("server = \"{}\"\nname = \"c\"\n{more}", server.url());
    let collector = build(&REGISTRATION, &settings).expect("the settings are right");
    run(harvest(&*collector, &context("kubernetes")))
}

fn read(server: &FakeServer) -> Harvest {
    read_with(server, "")
}

fn check(server: &FakeServer) -> Vec<Access> {
    let settings = format!("server = \"{}\"\nname = \"c\"\n", server.url());
    let collector = build(&REGISTRATION, &settings).expect("the settings are right");
    run(async { collector.check(&context("kubernetes")).await })
}

fn complete(harvest: &Harvest, scope: &str) -> bool {
    let mut scopes = harvest.scopes.iter();
    scopes.any(|one| one.scope == scope && one.complete)
}

fn troubles(harvest: &Harvest, scope: &str) -> String {
    let one = harvest.scopes.iter().find(|one| one.scope == scope);
    let troubles = one.map(|one| one.troubles.as_slice()).unwrap_or_default();
    let lines: Vec<&str> = troubles.iter().map(|one| one.what.as_str()).collect();
    lines.join("\n")
}

fn has(harvest: &Harvest, id: &str) -> bool {
    harvest.assets.iter().any(|asset| asset.id.as_str() == id)
}

/// Pods in pages of two; `expire` says at which requests for a later page the server has forgotten the list.
fn paged(expire: impl Fn(usize) -> bool + Send + 'static) -> (FakeServer, Arc<AtomicUsize>) {
    let cluster = Cluster::shop();
    let server = cluster.serve();
    let all: serde_json::Value = serde_json::from_str(&cluster.list("api/v1/pods")).expect("JSON");
    let pods = all["items"].as_array().expect("a list").clone();
    let later = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&later);
    server.handle(move |request| {
        if request.path != "/api/v1/pods" {
            return None;
        }
        let from = request.query.split("&continue=").nth(1);
        let from: usize = from.map_or(0, |from| from.parse().expect("a number"));
        if from > 0 && expire(count.fetch_add(1, Ordering::SeqCst)) {
            let body = r#"{"kind":"Status","code":410,"reason":"Expired","metadata":{"continue":"PLIMSOLL-MARKER"}}"#;
            return Some(Reply::json(body).with_status(410));
        }
        let page: Vec<_> = pods.iter().skip(from).take(2).collect();
        let next = if from + 2 < pods.len() {
            (from + 2).to_string()
        } else {
            String::new()
        };
        let body = serde_json::json!({"metadata": {"continue": next}, "items": page});
        Some(Reply::json(body.to_string()))
    });
    (server, later)
}

#[test]
fn pages_are_followed_to_the_end() {
    let whole = read(&Cluster::shop().serve());
    let (server, later) = paged(|_| false);
    let paged = read(&server);
    assert_eq!(later.load(Ordering::SeqCst), 2);
    assert!(complete(&paged, "namespace/shop"), "{:?}", paged.scopes);
    assert_eq!(whole.assets.len(), paged.assets.len());
    let facts = |harvest: &Harvest| -> Vec<_> {
        let all = harvest.assets.iter();
        all.map(|asset| (asset.id.clone(), asset.facts.clone()))
            .collect()
    };
    assert_eq!(facts(&whole), facts(&paged));
    let asked = server.requests();
    let mut pods = asked.iter().filter(|one| one.path == "/api/v1/pods");
    assert!(pods.all(|one| one.query.starts_with("limit=500")));
}

#[test]
fn an_expired_list_is_read_once_more() {
    let (server, later) = paged(|request| request == 1);
    let harvest = read(&server);
    assert!(complete(&harvest, "namespace/shop"), "{:?}", harvest.scopes);
    // The second page, the third that has expired, and both again.
    assert_eq!(later.load(Ordering::SeqCst), 4);
    let restarts = harvest
        .assets
        .iter()
        .find(|asset| asset.id.as_str() == "workload:c/shop/deployment/web")
        .and_then(|asset| asset.value("instances.restarts")?.as_int());
    assert_eq!(restarts, Some(2), "nothing is counted twice");
}

#[test]
fn a_list_that_expires_again_and_again_is_a_part() {
    let (server, later) = paged(|request| request % 2 == 1);
    let harvest = read(&server);
    assert!(!complete(&harvest, "namespace/shop"));
    assert!(!complete(&harvest, "namespace/kube-system"));
    assert!(complete(&harvest, "cluster"), "{:?}", harvest.scopes);
    let said = troubles(&harvest, "namespace/shop");
    assert!(said.contains("expired twice"), "{said}");
    assert_eq!(later.load(Ordering::SeqCst), 4, "and not asked for ever");
    assert!(has(&harvest, "workload:c/shop/deployment/web"));
    let web = harvest
        .assets
        .iter()
        .find(|asset| asset.id.as_str() == "workload:c/shop/deployment/web");
    let digests = web.and_then(|web| web.facts.get("image.digests"));
    assert!(
        digests.is_some_and(|claim| claim.value().is_none()),
        "what was seen of two times is not claimed"
    );
}

#[test]
fn what_came_before_a_list_broke_is_kept() {
    let cluster = Cluster::shop();
    let server = cluster.serve();
    let first = cluster.list("api/v1/services");
    let first = first.replace("\"resourceVersion\":\"1\"", "\"continue\":\"next\"");
    server.json("/api/v1/services", &first);
    let target = "/api/v1/services?limit=500&continue=next";
    server.route("GET", target, Reply::status(500));
    let harvest = read(&server);
    assert!(has(&harvest, "network-service:c/shop/web"));
    assert!(!complete(&harvest, "namespace/shop"));
    // A list that goes round in circles is left.
    server.json(target, &first);
    let harvest = read(&server);
    let said = troubles(&harvest, "namespace/shop");
    assert!(said.contains("names a page twice"), "{said}");
    // Also by way of another page.
    let other = first.replace("\"next\"", "\"other\"");
    server.json(target, &other);
    server.json("/api/v1/services?limit=500&continue=other", &first);
    let harvest = read(&server);
    let said = troubles(&harvest, "namespace/shop");
    assert!(said.contains("names a page twice"), "{said}");
}

#[test]
fn a_list_that_goes_on_and_does_not_say_where_is_not_whole() {
    for (more, whole) in [
        (r#""remainingItemCount":0"#, true),
        (r#""remainingItemCount":1"#, false),
    ] {
        let cluster = Cluster::shop();
        let server = cluster.serve();
        let list = cluster.list("api/v1/services");
        let list = list.replace("\"resourceVersion\":\"1\"", more);
        server.json("/api/v1/services", &list);
        let harvest = read(&server);
        assert!(has(&harvest, "network-service:c/shop/web"));
        assert_eq!(complete(&harvest, "namespace/shop"), whole, "{more}");
        let said = troubles(&harvest, "namespace/shop");
        assert_eq!(said.contains("goes on, and not where"), !whole, "{said}");
    }
}

#[test]
fn a_list_that_ends_before_its_count_or_says_nothing_of_its_end_is_not_whole() {
    let cluster = Cluster::shop();
    let server = cluster.serve();
    let list = cluster.list("api/v1/services");
    let first = list.replace(
        "\"resourceVersion\":\"1\"",
        r#""continue":"next","remainingItemCount":400"#,
    );
    server.json("/api/v1/services", &first);
    server.json("/api/v1/services?limit=500&continue=next", &list);
    let harvest = read(&server);
    assert!(!complete(&harvest, "namespace/shop"));
    let server = cluster.serve();
    let bare = list.replace("\"metadata\":{\"resourceVersion\":\"1\"},", "");
    assert_ne!(bare, list);
    server.json("/api/v1/services", &bare);
    let harvest = read(&server);
    assert!(has(&harvest, "network-service:c/shop/web"));
    assert!(!complete(&harvest, "namespace/shop"));
}

#[test]
fn patience_that_is_asked_for_is_had() {
    for status in [429, 503] {
        let server = Cluster::shop().serve();
        let count = AtomicUsize::new(0);
        server.handle(move |request| {
            let first =
                request.path == "/api/v1/services" && count.fetch_add(1, Ordering::SeqCst) < 2;
            first.then(|| Reply::status(status).header("Retry-After", "0"))
        });
        let harvest = read(&server);
        assert!(complete(&harvest, "namespace/shop"), "{:?}", harvest.scopes);
        let asked = server.requests();
        let times = asked.iter().filter(|one| one.path == "/api/v1/services");
        assert_eq!(times.count(), 3);
    }
}

#[test]
fn patience_without_end_is_not_had() {
    let server = Cluster::shop().serve();
    let reply = Reply::status(429).header("Retry-After", "3600");
    server.route("GET", "/api/v1/services", reply);
    let harvest = read(&server);
    assert!(troubles(&harvest, "namespace/shop").contains("429"));
    let asked = server.requests();
    let times = asked.iter().filter(|one| one.path == "/api/v1/services");
    assert_eq!(times.count(), 1, "an hour is not waited for");
    // Ports rest on services: without, they are not known.
    let web = harvest
        .assets
        .iter()
        .find(|asset| asset.id.as_str() == "workload:c/shop/deployment/web");
    let ports = web.and_then(|web| web.facts.get("ports"));
    assert!(ports.is_some_and(|claim| claim.value().is_none()));
}

#[test]
fn a_kind_that_failed_was_not_observed() {
    for reply in [
        Reply::json(r#"{"items":[{"metadata":{"name":"PLIMSOLL-MARKER"#),
        Reply::json("{}"),
        Reply::json("null"),
        Reply::json("<html>PLIMSOLL-MARKER</html>"),
        Reply::status(500),
        Reply::status(404),
        Reply::status(302).header("Location", "http://127.0.0.1:1/"),
        Reply::new("text/plain", ""),
    ] {
        let server = Cluster::shop().serve();
        server.route("GET", "/apis/apps/v1/statefulsets", reply);
        let harvest = read(&server);
        for space in ["namespace/shop", "namespace/kube-system"] {
            assert!(!complete(&harvest, space));
            let said = troubles(&harvest, space);
            assert!(
                said.contains("statefulsets") && !said.contains("MARKER"),
                "{said}"
            );
        }
        assert!(complete(&harvest, "cluster"));
        assert!(has(&harvest, "workload:c/shop/deployment/web"));
    }
}

#[test]
fn an_optional_kind_that_is_not_there_is_no_failure() {
    let server = Cluster::shop().serve();
    server.json(
        "/apis",
        r#"{"groups":[{"name":"cert-manager.io","versions":[{"version":"v1"}]},{"name":"autoscaling","versions":[{"version":"v1"}]}]}"#,
    );
    let harvest = read(&server);
    // The group is named and the kind is not served: a definition that is just being removed.
    assert!(complete(&harvest, "namespace/shop"), "{:?}", harvest.scopes);
    let asked = server.requests();
    assert!(!asked.iter().any(|one| one.path.contains("autoscaling")));
}

#[test]
fn without_its_groups_the_server_may_have_anything() {
    let server = Cluster::shop().serve();
    server.route("GET", "/apis", Reply::status(500));
    let harvest = read(&server);
    assert!(!complete(&harvest, "namespace/shop"));
    assert!(!complete(&harvest, "cluster"));
    let web = harvest
        .assets
        .iter()
        .find(|asset| asset.id.as_str() == "workload:c/shop/deployment/web");
    let replicas = web.and_then(|web| web.facts.get("replicas"));
    assert!(
        replicas.is_some_and(|claim| claim.value().is_none()),
        "an autoscaler may set it"
    );
    let said = troubles(&harvest, "namespace/shop");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_refused_list_is_read_of_each_namespace() {
    let cluster = Cluster::shop();
    let server = cluster.serve();
    server.route("GET", "/api/v1/services", Reply::status(403));
    let services = cluster.list("api/v1/services");
    server.json("/api/v1/namespaces/shop/services", &services);
    server.route(
        "GET",
        "/api/v1/namespaces/kube-system/services",
        Reply::status(403),
    );
    let harvest = read(&server);
    assert!(complete(&harvest, "namespace/shop"), "{:?}", harvest.scopes);
    assert!(has(&harvest, "network-service:c/shop/web"));
    assert!(!complete(&harvest, "namespace/kube-system"));
    let said = troubles(&harvest, "namespace/kube-system");
    assert!(
        said.contains("grant the right to list services in the namespace kube-system"),
        "{said}"
    );
}

#[test]
fn where_no_namespace_is_known_a_refused_list_is_unseen() {
    let server = Cluster::shop().serve();
    server.route("GET", "/api/v1/namespaces", Reply::status(500));
    server.route("GET", "/api/v1/services", Reply::status(403));
    let harvest = read(&server);
    let web = harvest
        .assets
        .iter()
        .find(|asset| asset.id.as_str() == "workload:c/shop/deployment/web");
    let ports = web.and_then(|web| web.facts.get("ports"));
    assert!(
        ports.is_some_and(|claim| claim.value().is_none()),
        "nothing was seen of services, so no port is ruled out"
    );
    assert!(harvest.scopes.iter().all(|scope| !scope.complete));
}

#[test]
fn nobody_there_is_said_once() {
    let harvest = {
        let settings = "server = \"http://127.0.0.1:1\"\nname = \"c\"\nnamespaces = [\"shop\"]\n";
        let collector = build(&REGISTRATION, settings).expect("the settings are right");
        run(harvest(&*collector, &context("kubernetes")))
    };
    assert!(harvest.assets.is_empty());
    assert!(troubles(&harvest, "cluster").contains("cannot reach the API server"));
    assert!(!complete(&harvest, "namespace/shop"));
}

#[test]
fn secrets_are_never_asked_for_and_config_maps_by_name_alone() {
    let server = Cluster::shop().serve();
    read(&server);
    check(&server);
    for request in server.requests() {
        assert_eq!(request.method, "GET");
        assert!(!request.path.contains("secrets"), "{}", request.target());
        let metadata = request.header("accept").is_some_and(|accept| {
            accept == "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
        });
        let by_name = ["/configmaps", "/replicasets", "/replicationcontrollers"];
        let names = by_name.iter().any(|end| request.path.ends_with(end));
        assert_eq!(metadata, names, "{}", request.target());
    }
}

#[test]
fn a_small_cluster_costs_few_requests() {
    let server = Cluster::shop().serve();
    read(&server);
    let targets: Vec<String> = server.requests().iter().map(|one| one.target()).collect();
    assert_eq!(targets.len(), 22, "{targets:#?}");
}

#[test]
fn only_what_is_named_is_read() {
    let cluster = Cluster::shop();
    let server = cluster.serve();
    for list in [
        "api/v1/pods",
        "apis/apps/v1/deployments",
        "apis/apps/v1/replicasets",
        "api/v1/services",
    ] {
        let (root, plural) = list.rsplit_once('/').expect("a path");
        let path = format!("/{root}/namespaces/shop/{plural}");
        server.json(&path, &cluster.list(list));
    }
    let harvest = read_with(&server, "namespaces = [\"shop\", \"gone\"]\n");
    assert!(has(&harvest, "workload:c/shop/deployment/web"));
    assert!(
        harvest
            .scopes
            .iter()
            .all(|one| one.scope != "namespace/kube-system")
    );
    assert!(troubles(&harvest, "namespace/gone").contains("no such namespace"));
    let asked = server.requests();
    assert!(!asked.iter().any(|one| one.path == "/api/v1/pods"));
}

#[test]
fn check_names_the_missing_rights() {
    let server = Cluster::shop().serve();
    server.route("GET", "/api/v1/nodes", Reply::status(403));
    server.route("GET", "/api/v1/pods", Reply::status(403));
    server.json("/api/v1/namespaces/shop/pods", r#"{"items":[]}"#);
    server.route(
        "GET",
        "/api/v1/namespaces/kube-system/pods",
        Reply::status(403),
    );
    let all = check(&server);
    let find = |what: &str| {
        let one = all.iter().find(|access| access.what == what);
        let one = one.unwrap_or_else(|| panic!("{what} is not among {all:#?}"));
        (one.right, one.detail.clone())
    };
    assert_eq!(find("API server").0, Right::Granted);
    let (right, detail) = find("cluster: nodes");
    assert_eq!(right, Right::Denied);
    assert!(
        detail.contains("list nodes") && detail.contains("ClusterRole"),
        "{detail}"
    );
    assert_eq!(find("namespace/shop: pods").0, Right::Granted);
    let (right, detail) = find("namespace/kube-system: pods");
    assert_eq!(right, Right::Denied);
    assert!(detail.contains("in the namespace kube-system"), "{detail}");
    assert_eq!(find("all namespaces: services").0, Right::Granted);
    for request in server.requests() {
        let list =
            request.path.matches('/').count() > 2 && !request.path.starts_with("/apis/gateway");
        assert!(
            !list || request.query.starts_with("limit="),
            "{}",
            request.target()
        );
    }
}
