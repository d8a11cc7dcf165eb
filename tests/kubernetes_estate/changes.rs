//! Every change to the estate shows as that change, with the drifts that it brings and mends.

use crate::rights;
use crate::shop::{Shop, manifests};
use crate::story::{Story, golden};
use crate::support::{changed, removed};

#[test]
fn every_change_to_the_estate_shows_as_that_change_alone() {
    let shop = Shop::open();
    let kubectl = |arguments: &[&str]| shop.kubernetes.kubectl(arguments);
    let mut story = Story::begin(shop.plimsoll());

    shop.controllers().reschedule();
    shop.controllers().beat();
    story.tell("every pod is made anew on another node, and the nodes' hearts beat");

    shop.controllers().scale("shop", "frontend", 4);
    story.tell("an autoscaler adds replicas inside its bounds");

    kubectl(&[
        "scale",
        "deployment/cart",
        "--namespace=shop",
        "--replicas=3",
    ]);
    shop.controllers().reconcile();
    story.tell("a person adds a replica where no autoscaler does");

    kubectl(&[
        "expose",
        "service/cache",
        "--namespace=data",
        "--name=cache-debug",
        "--type=LoadBalancer",
        "--port=6379",
        "--overrides={\"spec\": {\"allocateLoadBalancerNodePorts\": false}}",
    ]);
    shop.controllers().reconcile();
    story.tell("a cache's port is opened to everyone");

    let internal = "service.beta.kubernetes.io/aws-load-balancer-internal=true";
    let balancer = [
        "annotate",
        "service/cache-debug",
        "--namespace=data",
        internal,
    ];
    kubectl(&balancer);
    shop.controllers().reconcile();
    story.tell("its balancer is made internal");

    kubectl(&["delete", "service/cache-debug", "--namespace=data"]);
    story.tell("it is gone again");

    let image = "cart=registry.test/shop/cart:2.1.0";
    kubectl(&["set", "image", "deployment/cart", "--namespace=shop", image]);
    shop.controllers().reconcile();
    story.tell("an image is moved to a newer one");
    let cart = "workload:estate/shop/deployment/cart";
    assert_eq!(story.maker(cart), Some("kubectl-set"));

    shop.controllers()
        .move_tag("registry.test/shop/checkout:3.1.0");
    shop.controllers().evict("shop", "checkout");
    story.tell("a tag moves at the registry, and one of two pods was made anew since");
    shop.controllers().reschedule();
    story.tell("the other one follows");

    let (from, to) = ("runAsNonRoot: true", "privileged: true");
    shop.kubernetes
        .edit(&["deployment/checkout", "--namespace=shop"], from, to);
    shop.controllers().reconcile();
    story.tell("somebody edits a deployment by hand, beside the controller");
    let checkout = "workload:estate/shop/deployment/checkout";
    assert_eq!(story.maker(checkout), Some("kubectl-edit"));
    let records = shop.records("workload:estate/shop/deployment/checkout");
    assert!(records.contains("kubectl-edit"), "{records}");
    story.add("the records of who set what there", &records);

    kubectl(&["delete", "pvc/uploads", "--namespace=shop", "--wait=false"]);
    let unprotect = r#"{"metadata": {"finalizers": null}}"#;
    let claim = [
        "patch",
        "pvc/uploads",
        "--namespace=shop",
        "--type=merge",
        "--patch",
        unprotect,
    ];
    kubectl(&claim);
    shop.kubernetes.apply_text(
        &std::fs::read_to_string(manifests().join("4-shop.yaml"))
            .unwrap()
            .split("---\n")
            .find(|part| {
                part.contains("name: uploads") && part.contains("kind: PersistentVolumeClaim")
            })
            .unwrap()
            .replace("storageClassName: fast", "storageClassName: cheap"),
    );
    shop.controllers().reconcile();
    story.tell("a volume's class is swapped for one that does not encrypt");

    kubectl(&[
        "patch",
        "ingress/shop",
        "--namespace=shop",
        "--type=json",
        "--patch",
        r#"[{"op": "remove", "path": "/spec/tls"}]"#,
    ]);
    story.tell("an ingress loses its TLS");

    kubectl(&["delete", "networkpolicy/deny-all", "--namespace=payments"]);
    story.tell("a network policy is deleted");

    shop.controllers().remove_node("node-c");
    story.tell("a node leaves, and its pods go to the others");

    kubectl(&["delete", "deployment/mailer", "--namespace=shop"]);
    shop.controllers().reconcile();
    story.tell("a deployment is deleted");

    // No kubelet confirms that it has ended.
    let now = ["--grace-period=0", "--force"];
    kubectl(&[&["delete", "pod/debug", "--namespace=monitoring"], &now[..]].concat());
    story.tell("a pod that somebody had left behind is removed");

    kubectl(&["delete", "namespace/shop-staging", "--wait=false"]);
    shop.controllers().end_namespace("shop-staging");
    story.tell("a namespace is deleted, with all that is in it");

    golden("changes.txt", story.text());
}

/// A namespace that may no longer be read is incomplete: nothing in it is removed, whatever happens there meanwhile.
#[test]
fn a_namespace_that_may_not_be_read_is_incomplete_and_not_empty() {
    let shop = Shop::open();
    let plimsoll = shop.plimsoll();
    let first = plimsoll.scan();
    assert!(first.complete(), "{:?}", first.troubles());

    rights::nowhere(&shop.kubernetes);
    rights::cluster_alone(&shop.kubernetes);
    let namespaces = shop
        .kubernetes
        .kubectl(&["get", "namespaces", "--output=name"]);
    let names = namespaces
        .lines()
        .map(|line| line.trim_start_matches("namespace/"));
    for name in names.filter(|name| *name != "sealed") {
        rights::inside(&shop.kubernetes, name);
    }
    shop.kubernetes
        .kubectl(&["delete", "deployment/vault", "--namespace=sealed"]);
    shop.controllers().reconcile();
    let second = plimsoll.scan();
    second.assert_changes(&[]);
    let incomplete: Vec<&str> = second
        .list("coverage")
        .filter(|row| row["complete"] != true)
        .map(|row| row["scope"].as_str().unwrap())
        .collect();
    assert_eq!(incomplete.len(), 1, "{incomplete:?}");
    assert!(incomplete[0].contains("sealed"), "{incomplete:?}");
    let troubles = second.troubles().join("\n");
    assert!(troubles.contains("sealed"), "{troubles}");
    assert!(troubles.contains("list deployments.apps"), "{troubles}");
    // What is not seen is not known, and counts as no pass.
    assert_eq!(second.assets("workload"), first.assets("workload"));
    let check = plimsoll.run(&["check"]);
    assert_ne!(check.code, Some(0), "{}", check.stdout);
    assert!(check.stdout.contains("sealed"), "{}", check.stdout);

    rights::everywhere(&shop.kubernetes);
    let third = plimsoll.scan();
    assert!(third.complete(), "{:?}", third.troubles());
    let vault = "workload:estate/sealed/deployment/vault";
    third.assert_changes(&[
        removed(vault),
        // The service leads to nothing now.
        changed(
            "network-service:estate/sealed/vault",
            &["relations.routes-to["],
        ),
    ]);
}
