//! What runs decides, and the template is what is declared.

mod common;

use common::{Cluster, asset, owner, read, shown};
use plimsoll_kit::Harvest;

const WEB: &str = "workload:c/shop/deployment/web";
const DB: &str = "workload:c/shop/statefulset/db";

/// Changes both pods of `web`.
fn in_all(cluster: &mut Cluster, change: impl Fn(&str) -> String) {
    cluster.edit("api/v1/pods", "web-1-a", &change);
    cluster.edit("api/v1/pods", "web-1-b", &change);
}

/// Puts a container into a pod, before its own.
fn inject(container: &str) -> impl Fn(&str) -> String {
    move |pod| {
        pod.replacen(
            r#""containers":["#,
            &format!(r#""containers":[{container},"#),
            1,
        )
    }
}

/// The facts of an asset, as text.
fn facts(harvest: &Harvest, id: &str) -> String {
    format!("{:#?}", asset(harvest, id).facts)
}

fn routes(harvest: &Harvest, to: &str) -> Vec<String> {
    let to_it = harvest.relations.iter().filter(|one| one.to.as_str() == to);
    let routes = to_it.filter(|one| one.kind.to_string() == "routes-to");
    routes.map(|one| one.from.to_string()).collect()
}

#[test]
fn pods_as_declared_say_nothing_new() {
    let mut cluster = Cluster::shop();
    let harvest = read(&cluster.serve());
    let web = asset(&harvest, WEB);
    assert_eq!(shown(web, "privileged"), "no");
    assert_eq!(shown(web, "declared"), "-");
    assert_eq!(shown(web, "instances.differ"), "none");
    cluster.turn();
    let turned = read(&cluster.serve());
    assert_eq!(facts(&harvest, WEB), facts(&turned, WEB));
}

#[test]
fn a_privileged_container_put_into_all_pods_counts() {
    let mut cluster = Cluster::shop();
    let mesh = r#"{"name":"mesh","image":"mesh:1","securityContext":{"privileged":true,"capabilities":{"add":["NET_ADMIN"]}},"env":[{"name":"MESH","value":"x"}],"volumeMounts":[{"name":"sock","mountPath":"/sock"}]}"#;
    in_all(&mut cluster, inject(mesh));
    in_all(&mut cluster, |pod| {
        pod.replacen(
            r#""volumes":["#,
            r#""volumes":[{"name":"sock","hostPath":{"path":"/run/containerd"}},"#,
            1,
        )
    });
    let harvest = read(&cluster.serve());
    let web = asset(&harvest, WEB);
    assert_eq!(shown(web, "privileged"), "yes");
    assert_eq!(shown(web, "capabilities.added"), "NET_ADMIN");
    assert!(shown(web, "images").contains("mesh:1"));
    assert!(shown(web, "mounts").contains("/run/containerd"));
    assert!(shown(web, "env").contains("MESH"));
    assert_eq!(
        shown(web, "image"),
        "web:1",
        "the template's first container speaks for it"
    );
    let declared = shown(web, "declared");
    assert!(declared.contains("container mesh=nothing"), "{declared}");
    assert!(declared.contains("privileged=no"), "{declared}");
    // It is in all of them, so none differs.
    assert_eq!(shown(web, "instances.differ"), "none");
}

#[test]
fn what_one_pod_may_do_the_workload_may() {
    let mut cluster = Cluster::shop();
    let mesh = r#"{"name":"x","image":"x:1","securityContext":{"privileged":true}}"#;
    cluster.edit("api/v1/pods", "web-1-b", inject(mesh));
    let harvest = read(&cluster.serve());
    let web = asset(&harvest, WEB);
    assert_eq!(shown(web, "privileged"), "yes");
    assert!(shown(web, "instances.differ").contains("web-1-b"));
}

#[test]
fn a_debugging_container_counts_while_it_runs() {
    let debug = r#""ephemeralContainers":[{"name":"debug","image":"busybox","securityContext":{"privileged":true}}],"containers":["#;
    let with = |state: &str| {
        let mut cluster = Cluster::shop();
        cluster.edit("api/v1/pods", "web-1-a", |pod| {
            let statuses = format!(r#""ephemeralContainerStatuses":[{{"name":"debug","state":{{"{state}":{{}}}}}}],"containerStatuses":["#);
            pod.replacen(r#""containers":["#, debug, 1)
                .replacen(r#""containerStatuses":["#, &statuses, 1)
        });
        let harvest = read(&cluster.serve());
        let web = asset(&harvest, WEB);
        (shown(web, "privileged"), shown(web, "instances.differ"))
    };
    let (privileged, differ) = with("running");
    assert_eq!(privileged, "yes");
    assert!(differ.contains("debugging container debug"), "{differ}");
    assert_eq!(with("terminated").0, "no");
}

#[test]
fn security_contexts_that_the_server_gives_pods_count() {
    let mut cluster = Cluster::shop();
    in_all(&mut cluster, |pod| {
        pod.replace(
            r#""securityContext":{"runAsNonRoot":true}"#,
            r#""securityContext":{"runAsUser":1000660000,"readOnlyRootFilesystem":true,"appArmorProfile":{"type":"RuntimeDefault"}}"#,
        )
    });
    let harvest = read(&cluster.serve());
    let web = asset(&harvest, WEB);
    assert_eq!(shown(web, "user"), "1000660000");
    assert_eq!(shown(web, "user.root"), "no");
    assert_eq!(shown(web, "readonly-root"), "yes");
    assert_eq!(shown(web, "security.options"), "apparmor=default");
    let declared = shown(web, "declared");
    assert!(
        declared.contains("readonly-root=no") && declared.contains("user=nothing"),
        "{declared}"
    );
}

#[test]
fn an_annotation_that_becomes_a_field_is_one() {
    let mut cluster = Cluster::shop();
    let unconfined = |text: &str| {
        text.replace(
            r#""custom/thing""#,
            r#""container.apparmor.security.beta.kubernetes.io/web":"unconfined","custom/thing""#,
        )
    };
    cluster.edit("apis/apps/v1/deployments", "web", unconfined);
    in_all(&mut cluster, unconfined);
    let harvest = read(&cluster.serve());
    assert_eq!(
        shown(asset(&harvest, WEB), "security.options"),
        "apparmor=unconfined"
    );
}

#[test]
fn pods_that_are_not_seen_may_do_more_than_their_template() {
    let mut cluster = Cluster::shop();
    cluster.drop_list("api/v1/pods");
    let harvest = read(&cluster.serve());
    let web = asset(&harvest, WEB);
    assert_eq!(shown(web, "privileged"), "?");
    assert_eq!(shown(web, "capabilities.added"), "?");
    assert!(shown(web, "declared").contains("privileged=no"));
    let mut cluster = cluster.clone();
    cluster.edit("apis/apps/v1/deployments", "web", |text| {
        text.replace(r#""runAsNonRoot":true"#, r#""privileged":true"#)
    });
    let harvest = read(&cluster.serve());
    assert_eq!(
        shown(asset(&harvest, WEB), "privileged"),
        "yes",
        "its template says so"
    );
}

/// A database of two pods, of which an operator calls one the primary, and services that lead to these labels alone.
fn database(primary: &str) -> Cluster {
    let mut cluster = Cluster::shop();
    let spec = |claim: &str| {
        format!(
            r#"{{"containers":[{{"name":"db","image":"postgres:16","volumeMounts":[{{"name":"data","mountPath":"/d"}}]}}]{claim}}}"#
        )
    };
    cluster.add("apis/apps/v1/statefulsets", "db", &format!(
        r#"{{"metadata":{{"name":"db","namespace":"shop"}},"spec":{{"replicas":2,"template":{{"metadata":{{"labels":{{"app":"db"}}}},"spec":{}}},"volumeClaimTemplates":[{{"metadata":{{"name":"data"}}}}]}}}}"#,
        spec("")
    ));
    for (pod, sign) in [("db-0", "x7k2p"), ("db-1", "q9w4z")] {
        let role = if pod == primary { "primary" } else { "replica" };
        let claim = format!(
            r#","volumes":[{{"name":"data","persistentVolumeClaim":{{"claimName":"data-{pod}"}}}},{{"name":"kube-api-access-{sign}","projected":{{"sources":[{{"serviceAccountToken":{{"path":"token"}}}}]}}}}]"#
        );
        cluster.add("api/v1/pods", pod, &format!(
            r#"{{"metadata":{{"name":"{pod}","namespace":"shop","labels":{{"app":"db","role":"{role}","statefulset.kubernetes.io/pod-name":"{pod}"}},{}}},"spec":{},"status":{{"phase":"Running"}}}}"#,
            owner("StatefulSet", "db"),
            spec(&claim)
        ));
    }
    let mut service = |name: &str, selector: &str, port: u16| {
        cluster.add("api/v1/services", name, &format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"shop"}},"spec":{{"type":"LoadBalancer","selector":{{{selector}}},"ports":[{{"port":{port}}}]}},"status":{{"loadBalancer":{{"ingress":[{{"ip":"203.0.113.9"}}]}}}}}}"#
        ));
    };
    service("primary", r#""app":"db","role":"primary""#, 5432);
    service(
        "first",
        r#""statefulset.kubernetes.io/pod-name":"db-0""#,
        5433,
    );
    service("nobody", r#""app":"db","role":"witness""#, 5434);
    cluster
}

#[test]
fn services_that_select_labels_which_pods_got_later_lead_to_them() {
    let harvest = read(&database("db-0").serve());
    let ports = shown(asset(&harvest, DB), "ports");
    assert!(ports.contains("203.0.113.9:5432/tcp"), "{ports}");
    assert!(ports.contains("203.0.113.9:5433/tcp"), "{ports}");
    assert!(!ports.contains("5434"), "{ports}");
    assert_eq!(
        routes(&harvest, DB),
        [
            "network-service:c/shop/first",
            "network-service:c/shop/primary"
        ]
    );
}

#[test]
fn a_primary_that_moves_between_pods_is_no_change() {
    let (before, after) = (
        read(&database("db-0").serve()),
        read(&database("db-1").serve()),
    );
    assert_eq!(facts(&before, DB), facts(&after, DB));
    assert_eq!(routes(&before, DB), routes(&after, DB));
    let db = asset(&before, DB);
    assert_eq!(
        shown(db, "mounts"),
        "/d (kind=volume, readonly=no, source=data)"
    );
    assert_eq!(shown(db, "declared"), "-");
}

#[test]
fn without_sight_of_pods_a_service_may_lead_to_any_that_fits() {
    let mut cluster = database("db-0");
    cluster.drop_list("api/v1/pods");
    let harvest = read(&cluster.serve());
    assert_eq!(shown(asset(&harvest, DB), "ports"), "?");
}

#[test]
fn an_image_that_all_pods_run_instead_is_the_image() {
    let mut cluster = Cluster::shop();
    in_all(&mut cluster, |pod| {
        pod.replace(r#""image":"web:1""#, r#""image":"mirror.example/web:1""#)
    });
    let harvest = read(&cluster.serve());
    let web = asset(&harvest, WEB);
    assert_eq!(shown(web, "image"), "mirror.example/web:1");
    assert!(shown(web, "declared").contains("image web=web:1"));
}

#[test]
fn what_has_no_pods_is_as_declared() {
    let mut cluster = Cluster::shop();
    cluster.drop_list("api/v1/pods");
    cluster.add(
        "api/v1/pods",
        "alone",
        r#"{"metadata":{"name":"alone","namespace":"shop"},"spec":{"containers":[]}}"#,
    );
    let harvest = read(&cluster.serve());
    let web = asset(&harvest, WEB);
    assert_eq!(shown(web, "privileged"), "no");
    assert_eq!(shown(web, "declared"), "-");
}
