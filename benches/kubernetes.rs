//! The `kubernetes` collector, and the whole command, against fetching the same pages raw.
//!
//! `cargo bench --bench kubernetes --no-run && tests/run --exec cargo bench --offline --bench kubernetes`: it puts 10,000 pods of
//! 2,000 workloads in 50 namespaces on an API server of its own. *Raw* is the same lists in the same pages and forms with as many
//! connections at once, every answer read whole and thrown away.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and stops at a fault"
)]

#[path = "../tests/support/kubernetes/mod.rs"]
mod kubernetes;
#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kubernetes::{Api, Kubernetes, Node, Owner, digest, pod, running};
use plimsoll_kit::settings::Document;
use plimsoll_kit::{Collector, Context, Harvester, Limits, NoProgress, Redactor};
use serde_json::{Value, json};

const NAMESPACES: usize = 50;
/// In each namespace.
const WORKLOADS: usize = 40;
/// Of each workload.
const PODS: usize = 5;
const NODES: usize = 100;
const CONNECTIONS: usize = 4;
const RUNS: usize = 7;
/// How many connections make the estate.
const WRITERS: usize = 8;
const SCANNER: &str = "plimsoll";

fn main() {
    let kubernetes = Kubernetes::start();
    let made = timed(|| populate(&kubernetes));
    let config = kubernetes.user(SCANNER, &["system:masters"]);
    let collector = collector(&config);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let text = format!(
        "[store]\npath = {:?}\n[[sources]]\nname = \"bench\"\ncollector = \"kubernetes\"\nsettings = {{ kubeconfig = {config:?}, name = \"bench\", concurrency = {CONNECTIONS} }}\n",
        folder.path().join("plimsoll.db")
    );
    std::fs::write(&file, text).unwrap();

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let first = peak_of_scan(&file);
    let lists = lists(&kubernetes);
    let api = kubernetes.user_api(SCANNER, &["system:masters"]);
    let (mut raw, mut collected, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    let (mut pages, mut bytes, mut peak) = (0, 0, first.1);
    for _ in 0..RUNS {
        // In turn, so that a slow moment of the machine falls on all alike.
        raw.push(timed(|| (pages, bytes) = fetch(&api, &lists)));
        collected.push(timed(|| runtime.block_on(collect(collector.as_ref()))));
        let (took, memory) = peak_of_scan(&file);
        whole.push(took);
        peak = peak.max(memory);
    }
    let (raw, collected, whole) = (median(raw), median(collected), median(whole));
    println!(
        "{} pods, {} workloads, {NAMESPACES} namespaces, {NODES} nodes (made in {:.0} s)",
        NAMESPACES * WORKLOADS * PODS,
        NAMESPACES * WORKLOADS,
        made.as_secs_f64()
    );
    println!(
        "{} lists, {pages} pages, {:.1} MB, {CONNECTIONS} connections",
        lists.len(),
        bytes as f64 / 1e6
    );
    println!("  raw                 {:>7.0} ms", raw.as_secs_f64() * 1e3);
    let row = |name: &str, took: Duration, bound: Option<f64>| {
        let ratio = took.as_secs_f64() / raw.as_secs_f64();
        let bound = bound.map_or(String::new(), |bound| format!(" (bound {bound})"));
        println!(
            "  {name:<20}{:>7.0} ms   {ratio:.2} x raw{bound}",
            took.as_secs_f64() * 1e3
        );
    };
    row("collecting", collected, Some(1.3));
    row("whole command", whole, Some(1.3));
    row("whole, first time", first.0, None);
    println!(
        "  peak memory         {:>7.0} MB (bound 128)",
        peak as f64 / 1e6
    );
}

fn timed<T>(run: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    drop(run());
    start.elapsed()
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort_unstable();
    all[all.len() / 2]
}

fn collector(config: &Path) -> Box<dyn Collector> {
    let settings =
        format!("kubeconfig = {config:?}\nname = \"bench\"\nconcurrency = {CONNECTIONS}");
    let document = Document::new("bench", settings);
    document
        .read(|section| (plimsoll_kubernetes::REGISTRATION.build)(section))
        .unwrap()
        .unwrap()
}

async fn collect(collector: &dyn Collector) {
    let context = Context {
        redactor: Redactor::new([7; 32], "kubernetes"),
        clock: Arc::new(jiff::Timestamp::now),
        limits: Limits::default(),
        cursors: Arc::default(),
        progress: Arc::new(NoProgress),
    };
    let mut harvester = Harvester::new(context.limits);
    collector.collect(&context, &mut harvester).await;
    let harvest = harvester.finish();
    assert!(
        harvest.scopes.iter().all(|scope| scope.complete),
        "{:?}",
        harvest.scopes
    );
    assert!(harvest.assets.len() > NAMESPACES * WORKLOADS);
}

/// Runs the whole command, and gives how long it took and the most memory that it had, in bytes.
fn peak_of_scan(config: &Path) -> (Duration, usize) {
    let start = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["scan", "--quiet", "--config"])
        .arg(config)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    // The high-water mark only grows, so the last look is short of it by little.
    let ended = loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let mark = mark.and_then(|mark| mark.trim().trim_end_matches(" kB").parse::<usize>().ok());
        peak = peak.max(mark.unwrap_or(0) * 1024);
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    assert_eq!(ended.code(), Some(10));
    (start.elapsed(), peak)
}

/// The lists that a scan reads, as the API server's own log has them.
fn lists(kubernetes: &Kubernetes) -> Vec<String> {
    let requests = kubernetes.requests().into_iter();
    let lists = requests.filter(|request| request.user == SCANNER && request.code == 200);
    let firsts = lists.filter(|request| !request.uri.contains("continue="));
    firsts
        .map(|request| request.uri)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

/// Fetches lists page by page, and gives how many pages and bytes there were.
fn fetch(api: &Api, lists: &[String]) -> (usize, usize) {
    let [next, pages, bytes] = [(); 3].map(|()| AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut api = api.another();
                while let Some(list) = lists.get(next.fetch_add(1, Ordering::Relaxed)) {
                    api.accept = form(list);
                    let mut target = list.clone();
                    loop {
                        let answer = api.send("GET", &target, None);
                        assert_eq!(answer.status, 200, "{target}");
                        pages.fetch_add(1, Ordering::Relaxed);
                        bytes.fetch_add(answer.body.len(), Ordering::Relaxed);
                        match following(&answer.body) {
                            Some(token) => target = format!("{list}&continue={token}"),
                            None => break,
                        }
                    }
                }
            });
        }
    });
    (pages.into_inner(), bytes.into_inner())
}

/// The form in which a scan asks for a list.
fn form(list: &str) -> &'static str {
    if list.contains("/configmaps") || list.contains("/replicasets") {
        "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
    } else {
        "application/json"
    }
}

/// The token of the next page, which stands before the objects.
fn following(body: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&body[..body.len().min(2_000)]).into_owned();
    let (_, rest) = head.split_once("\"continue\":\"")?;
    let (token, _) = rest.split_once('"')?;
    (!token.is_empty()).then(|| token.to_owned())
}

/// Puts the estate on the cluster.
fn populate(kubernetes: &Kubernetes) {
    let mut api = kubernetes.admin_api();
    let nodes: Vec<String> = (0..NODES).map(|at| format!("node-{at}")).collect();
    for (number, name) in (0..).zip(&nodes) {
        Node::new(name, number).join(&mut api);
    }
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..WRITERS {
            scope.spawn(|| {
                let mut api = api.another();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= NAMESPACES {
                        break;
                    }
                    namespace(&mut api, at, &nodes);
                }
            });
        }
    });
}

fn namespace(api: &mut Api, at: usize, nodes: &[String]) {
    let name = format!("team-{at}");
    let manager = "?fieldManager=bench";
    api.create("/api/v1/namespaces", &json!({"metadata": {"name": name}}));
    let core = format!("/api/v1/namespaces/{name}");
    let account = json!({"metadata": {"name": "default"}});
    api.create(&format!("{core}/serviceaccounts"), &account);
    for number in 0..WORKLOADS {
        let app = format!("app-{number}");
        let template = template(&app);
        let spec = json!({
            "replicas": PODS, "serviceName": app,
            "selector": {"matchLabels": {"app": app}}, "template": template,
        });
        let metadata =
            json!({"name": app, "labels": {"app": app, "plimsoll.environment": "production"}});
        let apps = format!("/apis/apps/v1/namespaces/{name}");
        let object = json!({"metadata": metadata, "spec": spec});
        // One in ten keeps data.
        let keeps = number % 10 == 0;
        let kind = if keeps { "statefulsets" } else { "deployments" };
        let mut owner = api.create(&format!("{apps}/{kind}{manager}"), &object);
        let mut owner_kind = "StatefulSet";
        if !keeps {
            let mut set = object.clone();
            set["metadata"]["name"] = json!(format!("{app}-7d9f8b6c5d"));
            set["metadata"]["ownerReferences"] = json!([{
                "apiVersion": "apps/v1", "kind": "Deployment", "name": app, "controller": true,
                "uid": owner["metadata"]["uid"],
            }]);
            owner = api.create(&format!("{apps}/replicasets{manager}"), &set);
            owner_kind = "ReplicaSet";
        }
        let service = json!({
            "metadata": {"name": app},
            "spec": {"selector": {"app": app}, "ports": [{"port": 80, "targetPort": 8080}]},
        });
        api.create(&format!("{core}/services{manager}"), &service);
        for replica in 0..PODS {
            let mut of = Owner::new(&owner, "apps/v1", owner_kind, &template);
            of.spec["nodeName"] = json!(nodes[(at * 7 + number * PODS + replica) % nodes.len()]);
            let name = match keeps {
                true => format!("{app}-{replica}"),
                false => format!("{app}-7d9f8b6c5d-{replica}abcd"),
            };
            let pod = pod(&of.namespace, &name, &of);
            let mut made = api.create(
                &format!("{core}/pods?fieldManager=kube-controller-manager"),
                &pod,
            );
            made["status"] = running(&made, &|image| digest(image, 0));
            let status = format!("{core}/pods/{name}/status?fieldManager=kubelet");
            api.replace(&status, &made);
        }
    }
}

/// A pod as teams write them: about 6 kB on the wire, with what the server adds.
fn template(app: &str) -> Value {
    let variables: Vec<Value> = (0..12)
        .map(|at| json!({"name": format!("SETTING_{at}"), "value": format!("value of {app} number {at}")}))
        .collect();
    let probe = |path: &str| json!({"httpGet": {"path": path, "port": 8080}, "periodSeconds": 10});
    json!({
        "metadata": {
            "labels": {"app": app, "app.kubernetes.io/name": app, "app.kubernetes.io/part-of": "bench"},
            "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "8080"},
        },
        "spec": {
            "securityContext": {"runAsNonRoot": true, "runAsUser": 1000},
            "containers": [{
                "name": app,
                "image": format!("registry.test/bench/{app}:1.2.3"),
                "ports": [{"name": "http", "containerPort": 8080}],
                "env": variables,
                "livenessProbe": probe("/live"),
                "readinessProbe": probe("/ready"),
                "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
                "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
                "volumeMounts": [{"name": "settings", "mountPath": "/etc/app"}],
            }],
            "volumes": [{"name": "settings", "configMap": {"name": "settings", "optional": true}}],
        },
    })
}
