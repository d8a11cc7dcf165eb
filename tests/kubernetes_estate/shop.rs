//! The estate: a web shop on a cluster with three nodes, from the manifests beside this file.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use jiff::SignedDuration;
use plimsoll_kit::testkit;

use crate::kubernetes::{Controllers, Kubernetes, Node};
use crate::rights;
use crate::support::Plimsoll;

/// The user that scans, by its client certificate.
pub(crate) const SCANNER: &str = "plimsoll";

/// A cluster with the shop on it.
pub(crate) struct Shop {
    pub(crate) kubernetes: Kubernetes,
    controllers: Mutex<Controllers>,
}

impl Shop {
    /// A shop of this test's own, which it may change.
    pub(crate) fn open() -> Self {
        let kubernetes = Kubernetes::start();
        let mut nodes = ["node-a", "node-b", "node-c"].map(|name| Node::new(name, number(name)));
        // Watched and right; watched and wrong; not watched, and off by what its lease shows.
        nodes[0].clock_problem = Some(false);
        nodes[1].clock_problem = Some(true);
        nodes[2].clock_ahead = SignedDuration::from_mins(5);
        let mut controllers = Controllers::of(&kubernetes, nodes.to_vec());
        let apply = |name: &str| kubernetes.apply(&manifests().join(name));
        apply("1-namespaces.yaml");
        apply("2-definitions.yaml");
        controllers.reconcile();
        kubernetes.kubectl(&["wait", "--for=condition=Established", "crd", "--all"]);
        kubernetes.apply(&manifests());
        kubernetes.kubectl(&[
            "patch",
            "certificate/shop",
            "--namespace=shop",
            "--subresource=status",
            "--type=merge",
            "--field-manager=cert-manager-certificates-issuing",
            "--patch",
            r#"{"status": {"notAfter": "2099-01-01T00:00:00Z", "conditions": [{"type": "Ready", "status": "True"}]}}"#,
        ]);
        controllers.reconcile();
        rights::ship(&kubernetes);
        Self {
            kubernetes,
            controllers: Mutex::new(controllers),
        }
    }

    /// The shop that the tests of this program share, and do not change.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Shop>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shop) = shared.upgrade() {
            return shop;
        }
        let shop = Arc::new(Self::open());
        *shared = Arc::downgrade(&shop);
        shop
    }

    /// Those who play the cluster's controllers and kubelets.
    pub(crate) fn controllers(&self) -> MutexGuard<'_, Controllers> {
        self.controllers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The program with this cluster as its one source, called `estate`, read by the user with the collector's own role.
    pub(crate) fn plimsoll(&self) -> Plimsoll {
        Plimsoll::new(&Self::source(&self.kubernetes.user(SCANNER, &[])))
    }

    /// A kubeconfig with the token of the service account that the collector's page has one make, and that token.
    pub(crate) fn token(&self) -> (PathBuf, String) {
        self.kubernetes.account("plimsoll", "plimsoll")
    }

    /// The records of who set what on an asset, as the collector hands them over, a line each.
    pub(crate) fn records(&self, asset: &str) -> String {
        let config = self.kubernetes.user(SCANNER, &[]);
        let settings = format!("kubeconfig = {config:?}\nname = \"estate\"\n");
        let collector = testkit::build(&plimsoll_kubernetes::REGISTRATION, &settings).unwrap();
        let context = testkit::context("estate");
        let harvest = testkit::run(testkit::harvest(collector.as_ref(), &context));
        let actions = harvest.actions.iter();
        let mut lines: Vec<String> = actions
            .filter(|action| action.asset.as_str() == asset)
            .map(|action| {
                let account = action.actor.as_ref().map(|actor| actor.account.as_str());
                let fields: Vec<&str> = action.fields.iter().map(|field| field.as_str()).collect();
                let account = account.unwrap_or_default();
                format!("  {account} {}: {}\n", action.what, fields.join(", "))
            })
            .collect();
        lines.sort();
        lines.concat()
    }

    /// The configuration that it has.
    pub(crate) fn source(kubeconfig: &Path) -> String {
        format!(
            "[[sources]]\nname = \"estate\"\ncollector = \"kubernetes\"\n\
             [sources.settings]\nkubeconfig = \"{}\"\nname = \"estate\"\n",
            kubeconfig.display()
        )
    }
}

/// Where the manifests are.
pub(crate) fn manifests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kubernetes_estate/manifests")
}

fn number(node: &str) -> u32 {
    node.bytes().map(u32::from).sum()
}
