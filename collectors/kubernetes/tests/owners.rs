//! Owners are followed to the top that can be read, or is named: what is made anew has the id of what makes it.

mod common;

use common::{Cluster, asset, owner, read, shown, workloads};
use plimsoll_kit::testkit::FakeServer;

const SPEC: &str = r#"{"containers":[{"name":"x","image":"x:1"}]}"#;

fn pod(cluster: &mut Cluster, name: &str, meta: &str, restart: &str) {
    let spec =
        format!(r#"{{"restartPolicy":"{restart}","containers":[{{"name":"x","image":"x:1"}}]}}"#);
    cluster.add("api/v1/pods", name, &format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"shop",{meta}}},"spec":{spec},"status":{{"phase":"Running"}}}}"#
    ));
}

fn set(cluster: &mut Cluster, list: &str, name: &str, meta: &str) {
    cluster.add(
        list,
        name,
        &format!(r#"{{"metadata":{{"name":"{name}","namespace":"shop",{meta}}}}}"#),
    );
}

fn serve_one(server: &FakeServer, path: &str, name: &str, replicas: i64) {
    server.json(&format!("/{path}/{name}"), &format!(
        r#"{{"metadata":{{"name":"{name}","namespace":"shop","labels":{{"app":"{name}"}}}},"spec":{{"replicas":{replicas},"template":{{"spec":{SPEC}}}}}}}"#
    ));
}

/// The workloads beside those of the shop itself.
fn others(cluster: &Cluster) -> Vec<String> {
    let harvest = read(&cluster.serve());
    let own = ["/deployment/web", "/deployment/worker", "/pod/alone"];
    let all = workloads(&harvest).into_iter();
    all.filter(|id| !own.iter().any(|end| id.ends_with(end)))
        .map(|id| id.trim_start_matches("workload:c/shop/").to_owned())
        .collect()
}

const SETS: &str = "apis/apps/v1/namespaces/shop/replicasets";
const CONTROLLERS: &str = "api/v1/namespaces/shop/replicationcontrollers";

#[test]
fn a_deployment_configs_next_controller_is_the_same_workload() {
    for number in [3, 4] {
        let mut cluster = Cluster::shop();
        let name = format!("cart-{number}");
        set(
            &mut cluster,
            "api/v1/replicationcontrollers",
            &name,
            &owner("DeploymentConfig", "cart"),
        );
        pod(
            &mut cluster,
            &format!("{name}-x7k2p"),
            &owner("ReplicationController", &name),
            "Always",
        );
        let server = cluster.serve();
        serve_one(&server, CONTROLLERS, &name, 1);
        let harvest = read(&server);
        let cart = asset(&harvest, "workload:c/shop/deploymentconfig/cart");
        assert_eq!(shown(cart, "instances.running"), "1");
        assert!(
            !workloads(&harvest)
                .iter()
                .any(|id| id.contains("replicationcontroller"))
        );
    }
}

#[test]
fn a_deployment_config_whose_controllers_are_not_read_is_named_by_its_pods() {
    let mut cluster = Cluster::shop();
    let meta = format!(
        r#""labels":{{"deploymentconfig":"cart"}},{}"#,
        owner("ReplicationController", "cart-3")
    );
    pod(&mut cluster, "cart-3-x7k2p", &meta, "Always");
    assert_eq!(others(&cluster), ["deploymentconfig/cart"]);
}

#[test]
fn a_rollout_at_zero_replicas_is_there() {
    let mut cluster = Cluster::shop();
    let meta = |revision: u32| {
        format!(
            r#""annotations":{{"rollout.argoproj.io/revision":"{revision}"}},{}"#,
            owner("Rollout", "checkout")
        )
    };
    set(
        &mut cluster,
        "apis/apps/v1/replicasets",
        "checkout-aaa",
        &meta(10),
    );
    set(
        &mut cluster,
        "apis/apps/v1/replicasets",
        "checkout-bbb",
        &meta(9),
    );
    let server = cluster.serve();
    serve_one(&server, SETS, "checkout-aaa", 0);
    let harvest = read(&server);
    let checkout = asset(&harvest, "workload:c/shop/rollout/checkout");
    assert_eq!(shown(checkout, "replicas"), "0");
    assert_eq!(shown(checkout, "instances.running"), "0");
}

#[test]
fn a_rollout_that_can_be_read_speaks_for_itself() {
    let mut cluster = Cluster::shop();
    cluster.add("apis/argoproj.io/v1alpha1/rollouts", "checkout", &format!(
        r#"{{"metadata":{{"name":"checkout","namespace":"shop","labels":{{"team":"cart"}}}},"spec":{{"replicas":4,"template":{{"spec":{SPEC}}}}}}}"#
    ));
    set(
        &mut cluster,
        "apis/apps/v1/replicasets",
        "checkout-aaa",
        &owner("Rollout", "checkout"),
    );
    pod(
        &mut cluster,
        "checkout-aaa-1",
        &owner("ReplicaSet", "checkout-aaa"),
        "Always",
    );
    let server = cluster.serve();
    server.json(
        "/apis",
        r#"{"groups":[{"name":"argoproj.io","versions":[{"version":"v1alpha1"}]}]}"#,
    );
    let harvest = read(&server);
    let checkout = asset(&harvest, "workload:c/shop/rollout/checkout");
    assert_eq!(shown(checkout, "replicas"), "4");
    assert_eq!(shown(checkout, "instances.running"), "1");
    assert_eq!(
        checkout.labels.get("team").map(|text| text.as_str()),
        Some("cart")
    );
}

#[test]
fn a_replication_controller_without_pods_is_there() {
    let mut cluster = Cluster::shop();
    set(
        &mut cluster,
        "api/v1/replicationcontrollers",
        "guestbook",
        r#""labels":{"app":"guestbook"}"#,
    );
    let server = cluster.serve();
    serve_one(&server, CONTROLLERS, "guestbook", 3);
    let harvest = read(&server);
    let one = asset(&harvest, "workload:c/shop/replicationcontroller/guestbook");
    assert_eq!(shown(one, "replicas"), "3");
    assert_eq!(shown(one, "image"), "x:1");
}

#[test]
fn each_run_of_a_workflow_is_one_workload() {
    let mut cluster = Cluster::shop();
    for (run, labels, meta) in [
        ("nightly-1764547200", "", owner("CronWorkflow", "nightly")),
        ("nightly-1764633600", "", owner("CronWorkflow", "nightly")),
        (
            "build-x7k2p",
            r#""labels":{"workflows.argoproj.io/workflow-template":"build"},"#,
            r#""generateName":"build-""#.to_owned(),
        ),
        ("loose-x7k2p", "", r#""generateName":"loose-""#.to_owned()),
    ] {
        set(
            &mut cluster,
            "apis/argoproj.io/v1alpha1/workflows",
            run,
            &format!("{labels}{meta}"),
        );
        pod(
            &mut cluster,
            &format!("{run}-main"),
            &owner("Workflow", run),
            "Never",
        );
    }
    let server = cluster.serve();
    server.json(
        "/apis",
        r#"{"groups":[{"name":"argoproj.io","versions":[{"version":"v1alpha1"}]}]}"#,
    );
    let harvest = read(&server);
    let all = workloads(&harvest);
    for id in [
        "cronworkflow/nightly",
        "workflowtemplate/build",
        "workflow/loose-*",
    ] {
        assert!(all.iter().any(|one| one.ends_with(id)), "{id}: {all:?}");
    }
    assert!(
        !all.iter()
            .any(|one| one.contains("1764") || one.contains("x7k2p")),
        "{all:?}"
    );
    // Nobody says what it should be: how it is comes and goes.
    let nightly = asset(&harvest, "workload:c/shop/cronworkflow/nightly");
    assert!(nightly.readings.get("image").is_some() && nightly.facts.get("image").is_none());
    assert_eq!(shown(nightly, "privileged"), "no");
}

#[test]
fn runs_whose_maker_cannot_be_read_are_told_by_their_labels_or_names() {
    for (run, labels, kind, expected) in [
        ("nightly-1764547200", "", "Workflow", "workflow/nightly-*"),
        ("nightly-1764633600", "", "Workflow", "workflow/nightly-*"),
        (
            "deploy-run-q9w4z",
            r#""tekton.dev/pipeline":"deploy""#,
            "TaskRun",
            "pipeline/deploy",
        ),
        (
            "lint-q9w4z",
            r#""tekton.dev/task":"lint""#,
            "TaskRun",
            "task/lint",
        ),
        ("report-x7k2p", "", "SparkJob", "sparkjob/report-*"),
    ] {
        let mut cluster = Cluster::shop();
        pod(
            &mut cluster,
            &format!("{run}-pod"),
            &format!(r#""labels":{{{labels}}},{}"#, owner(kind, run)),
            "Never",
        );
        assert_eq!(others(&cluster), [expected], "{run}");
    }
}

#[test]
fn an_owner_of_any_kind_is_named_as_it_is() {
    let mut cluster = Cluster::shop();
    for number in ["0", "1"] {
        pod(
            &mut cluster,
            &format!("kafka-{number}"),
            &owner("StrimziPodSet", "kafka-x7k2p"),
            "Always",
        );
    }
    assert_eq!(
        others(&cluster),
        ["strimzipodset/kafka-x7k2p"],
        "it does not end, so its name was given"
    );
}

#[test]
fn jobs_and_pods_under_names_that_are_made_up_are_one() {
    let mut cluster = Cluster::shop();
    for sign in ["x7k2p", "q9w4z"] {
        let name = format!("migrate-{sign}");
        cluster.add("apis/batch/v1/jobs", &name, &format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"shop","generateName":"migrate-"}},"spec":{{"template":{{"spec":{SPEC}}}}}}}"#
        ));
        pod(
            &mut cluster,
            &format!("{name}-abcde"),
            &owner("Job", &name),
            "Never",
        );
        pod(
            &mut cluster,
            &format!("agent-{sign}"),
            r#""generateName":"agent-""#,
            "Never",
        );
    }
    assert_eq!(others(&cluster), ["job/migrate-*", "pod/agent-*"]);
}

#[test]
fn jobs_of_a_cron_job_and_of_a_run_are_their_makers() {
    let mut cluster = Cluster::shop();
    cluster.add("apis/batch/v1/cronjobs", "backup", &format!(
        r#"{{"metadata":{{"name":"backup","namespace":"shop"}},"spec":{{"schedule":"0 1 * * *","jobTemplate":{{"spec":{{"template":{{"spec":{SPEC}}}}}}}}}}}"#
    ));
    for (name, by) in [
        ("backup-29800000", owner("CronJob", "backup")),
        ("etl-step-x7k2p", owner("Workflow", "etl-q9w4z")),
    ] {
        cluster.add("apis/batch/v1/jobs", name, &format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"shop",{by}}},"spec":{{"template":{{"spec":{SPEC}}}}}}}"#
        ));
        pod(
            &mut cluster,
            &format!("{name}-abcde"),
            &owner("Job", name),
            "Never",
        );
    }
    assert_eq!(others(&cluster), ["cronjob/backup", "workflow/etl-*"]);
}

#[test]
fn a_version_of_a_service_is_that_service() {
    for version in ["shop-00001", "shop-00002"] {
        let mut cluster = Cluster::shop();
        let name = format!("{version}-deployment");
        cluster.add("apis/apps/v1/deployments", &name, &format!(
            r#"{{"metadata":{{"name":"{name}","namespace":"shop","labels":{{"serving.knative.dev/service":"front"}},{}}},"spec":{{"replicas":0,"template":{{"spec":{SPEC}}}}}}}"#,
            owner("Revision", version)
        ));
        assert_eq!(others(&cluster), ["service/front"]);
    }
}
