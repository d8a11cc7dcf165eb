//! The kinds that are read, and where the API has them.

use crate::client::Form;

/// One kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// The API group; empty for the core.
    pub(crate) group: &'static str,
    /// Its version.
    pub(crate) version: &'static str,
    /// Its name in paths and rights.
    pub(crate) plural: &'static str,
    /// In which form it is read.
    pub(crate) form: Form,
    /// Whether a server may well not know it: then it is absent, and no failure.
    pub(crate) optional: bool,
}

const fn core(plural: &'static str) -> Kind {
    of("", "v1", plural)
}

const fn of(group: &'static str, version: &'static str, plural: &'static str) -> Kind {
    Kind {
        group,
        version,
        plural,
        form: Form::Whole,
        optional: false,
    }
}

const fn names(kind: Kind) -> Kind {
    Kind {
        form: Form::Metadata,
        ..kind
    }
}

const fn optional(kind: Kind) -> Kind {
    Kind {
        optional: true,
        ..kind
    }
}

pub(crate) const NAMESPACES: Kind = core("namespaces");
pub(crate) const NODES: Kind = core("nodes");
pub(crate) const VOLUMES: Kind = core("persistentvolumes");
pub(crate) const CLASSES: Kind = of("storage.k8s.io", "v1", "storageclasses");
/// The leases of nodes; read in [`LEASES_IN`] alone.
pub(crate) const LEASES: Kind = of("coordination.k8s.io", "v1", "leases");
/// The namespace of the nodes' leases.
pub(crate) const LEASES_IN: &str = "kube-node-lease";

pub(crate) const PODS: Kind = core("pods");
pub(crate) const SERVICES: Kind = core("services");
pub(crate) const CLAIMS: Kind = core("persistentvolumeclaims");
pub(crate) const ACCOUNTS: Kind = core("serviceaccounts");
pub(crate) const CONFIG_MAPS: Kind = names(core("configmaps"));
pub(crate) const DEPLOYMENTS: Kind = of("apps", "v1", "deployments");
pub(crate) const STATEFUL_SETS: Kind = of("apps", "v1", "statefulsets");
pub(crate) const DAEMON_SETS: Kind = of("apps", "v1", "daemonsets");
/// Who owns them is all that is asked of most replica sets; those without an owner are read singly.
pub(crate) const REPLICA_SETS: Kind = names(of("apps", "v1", "replicasets"));
/// Read as replica sets are.
pub(crate) const CONTROLLERS: Kind = optional(names(core("replicationcontrollers")));
pub(crate) const ROLLOUTS: Kind = optional(of("argoproj.io", "v1alpha1", "rollouts"));
pub(crate) const DEPLOYMENT_CONFIGS: Kind =
    optional(of("apps.openshift.io", "v1", "deploymentconfigs"));
/// What is made anew for each run of something: whose run it is, is all that is asked.
pub(crate) const RUNS: [(&str, Kind); 3] = [
    (
        "Workflow",
        optional(names(of("argoproj.io", "v1alpha1", "workflows"))),
    ),
    (
        "PipelineRun",
        optional(names(of("tekton.dev", "v1", "pipelineruns"))),
    ),
    (
        "TaskRun",
        optional(names(of("tekton.dev", "v1", "taskruns"))),
    ),
];
pub(crate) const JOBS: Kind = of("batch", "v1", "jobs");
pub(crate) const CRON_JOBS: Kind = of("batch", "v1", "cronjobs");
pub(crate) const INGRESSES: Kind = of("networking.k8s.io", "v1", "ingresses");
/// Who keeps the ingresses of a class; a server before 1.19 has none.
pub(crate) const INGRESS_CLASSES: Kind = optional(of("networking.k8s.io", "v1", "ingressclasses"));
pub(crate) const POLICIES: Kind = of("networking.k8s.io", "v1", "networkpolicies");
pub(crate) const AUTOSCALERS: Kind = optional(of("autoscaling", "v2", "horizontalpodautoscalers"));
pub(crate) const CERTIFICATES: Kind = optional(of("cert-manager.io", "v1", "certificates"));

/// The group of the Gateway API.
pub(crate) const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";
/// Its versions that are read, best first.
pub(crate) const GATEWAY_VERSIONS: [&str; 4] = ["v1", "v1beta1", "v1alpha3", "v1alpha2"];
/// Gateways, in whatever version the server has them.
pub(crate) const GATEWAYS: Kind = optional(of(GATEWAY_GROUP, "v1", "gateways"));
/// The kinds of route.
pub(crate) const ROUTES: [(&str, Kind); 5] = [
    ("HTTPRoute", optional(of(GATEWAY_GROUP, "v1", "httproutes"))),
    ("GRPCRoute", optional(of(GATEWAY_GROUP, "v1", "grpcroutes"))),
    ("TLSRoute", optional(of(GATEWAY_GROUP, "v1", "tlsroutes"))),
    ("TCPRoute", optional(of(GATEWAY_GROUP, "v1", "tcproutes"))),
    ("UDPRoute", optional(of(GATEWAY_GROUP, "v1", "udproutes"))),
];

/// The cluster's own kinds, as `check` tries them.
pub(crate) const OF_CLUSTER: [Kind; 5] = [NAMESPACES, NODES, VOLUMES, CLASSES, INGRESS_CLASSES];
/// The kinds in namespaces that every server has, as `check` tries them.
pub(crate) const OF_NAMESPACE: [Kind; 14] = [
    PODS,
    SERVICES,
    CLAIMS,
    ACCOUNTS,
    CONFIG_MAPS,
    DEPLOYMENTS,
    STATEFUL_SETS,
    DAEMON_SETS,
    REPLICA_SETS,
    CONTROLLERS,
    JOBS,
    CRON_JOBS,
    INGRESSES,
    POLICIES,
];

impl Kind {
    /// The same kind in another version of its group.
    pub(crate) const fn at(self, version: &'static str) -> Self {
        Self { version, ..self }
    }

    /// The path of its list, of all namespaces or of one.
    pub(crate) fn path(&self, namespace: Option<&str>) -> String {
        let Self {
            group,
            version,
            plural,
            ..
        } = self;
        let root = match *group {
            "" => format!("/api/{version}"),
            group => format!("/apis/{group}/{version}"),
        };
        match namespace {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}"),
            None => format!("{root}/{plural}"),
        }
    }

    /// The right to list it, as a role names it.
    pub(crate) fn right(&self) -> String {
        match self.group {
            "" => format!("list {}", self.plural),
            group => format!("list {}.{group}", self.plural),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_rights_are_as_the_api_has_them() {
        assert_eq!(PODS.path(None), "/api/v1/pods");
        assert_eq!(
            DEPLOYMENTS.path(Some("shop")),
            "/apis/apps/v1/namespaces/shop/deployments"
        );
        assert_eq!(NODES.right(), "list nodes");
        assert_eq!(DEPLOYMENTS.right(), "list deployments.apps");
    }

    #[test]
    fn the_role_gives_what_is_read_and_no_more() {
        let file = include_str!("../clusterrole.yaml");
        let code: Vec<&str> = file.lines().filter(|line| !line.starts_with('#')).collect();
        let words = |line: &str| -> Vec<String> {
            let list = line.split_once(':').map_or(line, |(_, list)| list);
            let parts = list.split([',', '[', ']', '-']).map(str::trim);
            parts
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let mut granted = std::collections::BTreeSet::new();
        let (mut in_resources, mut resources) = (false, Vec::new());
        for line in &code {
            let line = line.trim();
            if line.starts_with("verbs:") {
                assert_eq!(words(line), ["get", "list"]);
            }
            if let Some(rest) = line.strip_prefix("resources:") {
                in_resources = true;
                resources.extend(words(rest));
            } else if let Some(item) = line.strip_prefix("- ").filter(|_| in_resources) {
                resources.push(item.to_owned());
            } else {
                in_resources = false;
            }
        }
        granted.extend(resources);
        let routes = ROUTES.iter().map(|(_, kind)| *kind);
        let more = [
            LEASES,
            AUTOSCALERS,
            CERTIFICATES,
            GATEWAYS,
            ROLLOUTS,
            DEPLOYMENT_CONFIGS,
        ];
        let all = OF_CLUSTER
            .into_iter()
            .chain(OF_NAMESPACE)
            .chain(more)
            .chain(RUNS.map(|(_, kind)| kind))
            .chain(routes);
        let read: std::collections::BTreeSet<String> =
            all.map(|kind| kind.plural.to_owned()).collect();
        assert_eq!(granted, read);
        assert!(!granted.contains("secrets") && !granted.contains("*"));
    }

    #[test]
    fn secrets_are_no_kind_and_config_maps_are_names() {
        let all = OF_CLUSTER.iter().chain(&OF_NAMESPACE);
        for kind in all {
            assert_ne!(kind.plural, "secrets");
        }
        assert_eq!(CONFIG_MAPS.form, Form::Metadata);
    }
}
