//! Where order decides, a change of order is a change; where it does not, it is none.

mod common;

use common::{Cluster, asset, read, shown};

const WEB: &str = "workload:c/shop/deployment/one";

/// A fact of a deployment with this container.
fn of_container(container: &str, fact: &str) -> String {
    of_pod(
        &format!(r#""containers":[{{"name":"one","image":"x",{container}}}]"#),
        fact,
    )
}

fn of_pod(spec: &str, fact: &str) -> String {
    let mut cluster = Cluster::shop();
    cluster.add("apis/apps/v1/deployments", "one", &format!(
        r#"{{"metadata":{{"name":"one","namespace":"shop"}},"spec":{{"template":{{"spec":{{{spec}}}}}}}}}"#
    ));
    let harvest = read(&cluster.serve());
    shown(asset(&harvest, WEB), fact)
}

fn env(rows: &str) -> String {
    of_container(&format!(r#""env":[{rows}]"#), "env")
}

const STRICT: &str = r#"{"name":"TLS_MODE","value":"strict"}"#;
const OFF: &str = r#"{"name":"TLS_MODE","value":"off"}"#;

#[test]
fn of_two_variables_with_one_name_the_later_counts() {
    assert_ne!(
        env(&format!("{STRICT},{OFF}")),
        env(&format!("{OFF},{STRICT}"))
    );
    assert_eq!(env(&format!("{STRICT},{OFF}")), env(OFF));
    let secret = r#"{"name":"TLS_MODE","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}"#;
    assert_eq!(
        env(&format!("{OFF},{secret}")),
        "none",
        "it comes from the secret"
    );
    let both = format!(r#""env":[{secret},{OFF}]"#);
    assert_eq!(of_container(&both, "env.references"), "-");
}

#[test]
fn a_variable_sees_those_before_it_alone() {
    let (a, b) = (
        r#"{"name":"A","value":"$(B)"}"#,
        r#"{"name":"B","value":"1"}"#,
    );
    assert_ne!(env(&format!("{a},{b}")), env(&format!("{b},{a}")));
    // Others may stand anywhere.
    let c = r#"{"name":"C","value":"1"}"#;
    assert_eq!(env(&format!("{b},{a},{c}")), env(&format!("{c},{b},{a}")));
    // The value itself shows in its own row.
    let other = r#"{"name":"B","value":"2"}"#;
    let row = |text: String| text.split(", ").next().map(str::to_owned);
    assert_eq!(
        row(env(&format!("{b},{a}"))),
        row(env(&format!("{other},{a}")))
    );
}

#[test]
fn of_whole_sources_the_later_counts() {
    let from = |rows: &str| of_container(&format!(r#""envFrom":[{rows}]"#), "env.references");
    let (a, b) = (
        r#"{"configMapRef":{"name":"a"}}"#,
        r#"{"secretRef":{"name":"b"}}"#,
    );
    assert_ne!(from(&format!("{a},{b}")), from(&format!("{b},{a}")));
}

#[test]
fn two_containers_with_one_variable_are_both_told() {
    let container = |name: &str, secret: &str| {
        format!(
            r#"{{"name":"{name}","image":"x","env":[{{"name":"KEY","valueFrom":{{"secretKeyRef":{{"name":"{secret}","key":"k"}}}}}}]}}"#
        )
    };
    let both = format!(
        r#""containers":[{},{}]"#,
        container("a", "one"),
        container("b", "two")
    );
    let shown = of_pod(&both, "env.references");
    assert!(shown.contains("one") && shown.contains("two"), "{shown}");
}

#[test]
fn words_and_probes_have_an_order() {
    for field in ["args", "command"] {
        let fact = if field == "args" {
            "command"
        } else {
            "entrypoint"
        };
        let of = |rows: &str| of_container(&format!(r#""{field}":[{rows}]"#), fact);
        assert_ne!(of(r#""-a","-b""#), of(r#""-b","-a""#), "{field}");
    }
    let probe = |rows: &str| {
        of_container(
            &format!(r#""livenessProbe":{{"exec":{{"command":[{rows}]}}}}"#),
            "probes",
        )
    };
    assert_ne!(probe(r#""-a","-b""#), probe(r#""-b","-a""#));
    assert!(
        probe(r#""-a","hunter2""#).contains("exec")
            && !probe(r#""-a","hunter2""#).contains("hunter2")
    );
    let http = |port: u16| {
        of_container(
            &format!(r#""readinessProbe":{{"httpGet":{{"path":"/","port":{port}}}}}"#),
            "probes",
        )
    };
    assert_ne!(http(80), http(81));
}

#[test]
fn what_runs_before_has_an_order_and_what_runs_beside_has_none() {
    let pod = |init: &str| {
        format!(r#""containers":[{{"name":"one","image":"x"}}],"initContainers":[{init}]"#)
    };
    let (a, b) = (r#"{"name":"a","image":"x"}"#, r#"{"name":"b","image":"x"}"#);
    let order = |rows: &str| of_pod(&pod(rows), "init-order");
    assert_eq!(order(&format!("{a},{b}")), "a, b");
    assert_eq!(order(&format!("{b},{a}")), "b, a");
}

fn ingress(paths: &str) -> String {
    let mut cluster = Cluster::shop();
    cluster.add("apis/networking.k8s.io/v1/ingresses", "i", &format!(
        r#"{{"metadata":{{"name":"i","namespace":"shop"}},"spec":{{"rules":[{{"host":"a.example.com","http":{{"paths":[{paths}]}}}}]}}}}"#
    ));
    let harvest = read(&cluster.serve());
    shown(
        asset(&harvest, "endpoint:c/shop/ingress/i"),
        "ingress.rules",
    )
}

fn path(kind: &str, path: &str, service: &str) -> String {
    format!(
        r#"{{"path":"{path}","pathType":"{kind}","backend":{{"service":{{"name":"{service}","port":{{"number":80}}}}}}}}"#
    )
}

#[test]
fn rules_have_an_order_where_their_controller_says_what_fits() {
    for (kind, ordered) in [
        ("Prefix", false),
        ("Exact", false),
        ("ImplementationSpecific", true),
    ] {
        let (a, b) = (path(kind, "/a", "web"), path(kind, "/a/hunter2", "worker"));
        let (one, two) = (ingress(&format!("{a},{b}")), ingress(&format!("{b},{a}")));
        assert_eq!(one != two, ordered, "{kind}");
        assert!(!one.contains("hunter2"));
    }
    assert_ne!(
        ingress(&path("Prefix", "/", "web")),
        ingress(&path("Prefix", "/", "worker"))
    );
}

#[test]
fn a_policys_ports_and_peers_are_sets() {
    let rules = |ports: &str, from: &str| {
        let mut cluster = Cluster::shop();
        cluster.add("apis/networking.k8s.io/v1/networkpolicies", "p", &format!(
            r#"{{"metadata":{{"name":"p","namespace":"shop"}},"spec":{{"policyTypes":["Ingress"],"ingress":[{{"ports":[{ports}],"from":[{from}]}}]}}}}"#
        ));
        let harvest = read(&cluster.serve());
        shown(asset(&harvest, "network-policy:c/shop/p"), "policy.ingress")
    };
    let (a, b) = (r#"{"port":80}"#, r#"{"port":443,"protocol":"TCP"}"#);
    let (x, y) = (
        r#"{"podSelector":{"matchLabels":{"a":"b"}}}"#,
        r#"{"ipBlock":{"cidr":"10.0.0.0/8"}}"#,
    );
    let one = rules(&format!("{a},{b}"), &format!("{x},{y}"));
    assert_eq!(one, rules(&format!("{b},{a},{a}"), &format!("{y},{x},{y}")));
}
