//! All the lists but that of the pods.

use plimsoll_kit::Harvester;

use crate::client::Api;
use crate::collect::CLUSTER_SCOPE;
use crate::kinds::{self, Kind};
use crate::list::All;
use crate::read::{self, Read, Spaces};
use crate::surface::{Asked, Surface};
use crate::wire::{
    Account, Autoscaler, Certificate, Claim, Class, CronJob, Gateway, Ingress, IngressClass, Job,
    Lease, Link, Metadata, Node, Policy, Route, Run, Service, Volume, Workload,
};

/// Everything but the pods.
pub(crate) struct Estate {
    pub(crate) nodes: Read<All<Node>>,
    pub(crate) leases: Read<All<Lease>>,
    pub(crate) volumes: Read<All<Volume>>,
    pub(crate) classes: Read<All<Class>>,
    pub(crate) ingress_classes: Read<All<IngressClass>>,
    pub(crate) services: Read<All<Service>>,
    pub(crate) claims: Read<All<Claim>>,
    pub(crate) accounts: Read<All<Account>>,
    pub(crate) config_maps: Read<All<Metadata>>,
    pub(crate) deployments: Read<All<Workload>>,
    pub(crate) stateful_sets: Read<All<Workload>>,
    pub(crate) daemon_sets: Read<All<Workload>>,
    pub(crate) replica_sets: Read<All<Link>>,
    pub(crate) controllers: Read<All<Link>>,
    pub(crate) rollouts: Read<All<Workload>>,
    pub(crate) deployment_configs: Read<All<Workload>>,
    pub(crate) runs: Vec<(&'static str, Read<All<Run>>)>,
    pub(crate) jobs: Read<All<Job>>,
    pub(crate) cron_jobs: Read<All<CronJob>>,
    pub(crate) ingresses: Read<All<Ingress>>,
    pub(crate) policies: Read<All<Policy>>,
    pub(crate) autoscalers: Read<All<Autoscaler>>,
    pub(crate) certificates: Read<All<Certificate>>,
    pub(crate) gateways: Read<All<Gateway>>,
    pub(crate) routes: Vec<(&'static str, Read<All<Route>>)>,
}

impl Estate {
    /// Reads it all, as many lists at once as the client lets through.
    pub(crate) async fn read(
        api: &Api,
        surface: Option<&Surface>,
        spaces: &Spaces,
        most: usize,
    ) -> Self {
        let find = |kind: Kind| Asked::of(surface, kind);
        let routes = kinds::ROUTES.iter().map(|(name, kind)| async move {
            (*name, read::spaced(api, find(*kind), spaces, most).await)
        });
        let runs = kinds::RUNS.iter().map(|(name, kind)| async move {
            (*name, read::spaced(api, find(*kind), spaces, most).await)
        });
        let cluster = async {
            futures::join!(
                read::own(api, kinds::NODES, most),
                read::within(api, kinds::LEASES, kinds::LEASES_IN, most),
                read::own(api, kinds::VOLUMES, most),
                read::own(api, kinds::CLASSES, most),
                read::own(api, kinds::INGRESS_CLASSES, most),
            )
        };
        let workloads = async {
            futures::join!(
                read::spaced(api, find(kinds::DEPLOYMENTS), spaces, most),
                read::spaced(api, find(kinds::REPLICA_SETS), spaces, most),
                read::spaced(api, find(kinds::STATEFUL_SETS), spaces, most),
                read::spaced(api, find(kinds::DAEMON_SETS), spaces, most),
                read::spaced(api, find(kinds::JOBS), spaces, most),
                read::spaced(api, find(kinds::CRON_JOBS), spaces, most),
                read::spaced(api, find(kinds::AUTOSCALERS), spaces, most),
            )
        };
        let owners = async {
            futures::join!(
                read::spaced(api, find(kinds::CONTROLLERS), spaces, most),
                read::spaced(api, find(kinds::ROLLOUTS), spaces, most),
                read::spaced(api, find(kinds::DEPLOYMENT_CONFIGS), spaces, most),
                futures::future::join_all(runs),
            )
        };
        let network = async {
            futures::join!(
                read::spaced(api, find(kinds::SERVICES), spaces, most),
                read::spaced(api, find(kinds::INGRESSES), spaces, most),
                read::spaced(api, find(kinds::POLICIES), spaces, most),
                read::spaced(api, find(kinds::CERTIFICATES), spaces, most),
                read::spaced(api, find(kinds::GATEWAYS), spaces, most),
                futures::future::join_all(routes),
            )
        };
        let others = async {
            futures::join!(
                read::spaced(api, find(kinds::CLAIMS), spaces, most),
                read::spaced(api, find(kinds::ACCOUNTS), spaces, most),
                read::spaced(api, find(kinds::CONFIG_MAPS), spaces, most),
            )
        };
        let (cluster, workloads, owners, network, others) =
            futures::join!(cluster, workloads, owners, network, others);
        let (nodes, leases, volumes, classes, ingress_classes) = cluster;
        let (controllers, rollouts, deployment_configs, runs) = owners;
        let (deployments, replica_sets, stateful_sets, daemon_sets, jobs, cron_jobs, autoscalers) =
            workloads;
        let (services, ingresses, policies, certificates, gateways, routes) = network;
        let (claims, accounts, config_maps) = others;
        Self {
            nodes,
            leases,
            volumes,
            classes,
            ingress_classes,
            services,
            claims,
            accounts,
            config_maps,
            deployments,
            stateful_sets,
            daemon_sets,
            replica_sets,
            controllers,
            rollouts,
            deployment_configs,
            runs,
            jobs,
            cron_jobs,
            ingresses,
            policies,
            autoscalers,
            certificates,
            gateways,
            routes,
        }
    }

    /// Says what was not seen.
    pub(crate) fn report(&self, spaces: &Spaces, harvest: &mut Harvester) {
        let names = &spaces.names;
        self.nodes.report_to(CLUSTER_SCOPE, harvest);
        self.volumes.report_to(CLUSTER_SCOPE, harvest);
        self.classes.report_to(CLUSTER_SCOPE, harvest);
        self.ingress_classes.report_to(CLUSTER_SCOPE, harvest);
        if !self.leases.saw_all() {
            // Readings alone rest on them: the scope is as complete without.
            let right = kinds::LEASES.right();
            let space = kinds::LEASES_IN;
            let what = format!(
                "nothing says how the nodes' clocks stand: grant the right to {right} in the namespace {space}"
            );
            harvest.remark(CLUSTER_SCOPE, what);
        }
        self.services.report(names, harvest);
        self.claims.report(names, harvest);
        self.accounts.report(names, harvest);
        self.config_maps.report(names, harvest);
        self.deployments.report(names, harvest);
        self.stateful_sets.report(names, harvest);
        self.daemon_sets.report(names, harvest);
        self.replica_sets.report(names, harvest);
        self.controllers.report(names, harvest);
        self.rollouts.report(names, harvest);
        self.deployment_configs.report(names, harvest);
        for (_, runs) in &self.runs {
            runs.report(names, harvest);
        }
        self.jobs.report(names, harvest);
        self.cron_jobs.report(names, harvest);
        self.ingresses.report(names, harvest);
        self.policies.report(names, harvest);
        self.autoscalers.report(names, harvest);
        self.certificates.report(names, harvest);
        self.gateways.report(names, harvest);
        for (_, routes) in &self.routes {
            routes.report(names, harvest);
        }
    }
}
