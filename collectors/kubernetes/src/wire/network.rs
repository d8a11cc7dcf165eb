//! Services, ingresses and network policies.

use plimsoll_model::Text;

use super::{Many, Map, Meta, NumberOrWord, Selector, There};

/// A service.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Service {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: ServiceSpec,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) status: BalancedStatus,
}

/// What a service offers, and how far.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ServiceSpec {
    #[serde(rename = "type")]
    pub(crate) sort: Option<Text>,
    #[serde(rename = "clusterIP")]
    pub(crate) cluster_ip: Option<Text>,
    #[serde(rename = "externalIPs")]
    pub(crate) external_ips: Many<Text>,
    #[serde(rename = "loadBalancerIP")]
    pub(crate) load_balancer_ip: Option<Text>,
    pub(crate) external_name: Option<Text>,
    pub(crate) external_traffic_policy: Option<Text>,
    pub(crate) load_balancer_class: Option<Text>,
    pub(crate) load_balancer_source_ranges: Many<Text>,
    pub(crate) ports: Many<ServicePort>,
    pub(crate) selector: Map<Text>,
}

/// A port of a service.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ServicePort {
    pub(crate) name: Option<Text>,
    pub(crate) port: Option<u16>,
    pub(crate) node_port: Option<u16>,
    pub(crate) protocol: Option<Text>,
    pub(crate) target_port: Option<NumberOrWord>,
}

/// Where a balancer has put something.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct BalancedStatus {
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) load_balancer: Balancer,
}

/// A balancer's addresses.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Balancer {
    pub(crate) ingress: Many<BalancerAddress>,
}

/// One of a balancer's addresses.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct BalancerAddress {
    pub(crate) ip: Option<Text>,
    pub(crate) hostname: Option<Text>,
}

impl BalancerAddress {
    /// The address, whichever it is.
    pub(crate) fn text(&self) -> Option<&str> {
        let text = self.ip.as_deref().or(self.hostname.as_deref());
        text.filter(|text| !text.is_empty())
    }
}

/// An ingress.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Ingress {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: IngressSpec,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) status: BalancedStatus,
}

/// A class of ingresses.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct IngressClass {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: IngressClassSpec,
}

/// Who keeps the ingresses of a class.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct IngressClassSpec {
    pub(crate) controller: Option<Text>,
    pub(crate) parameters: Option<There>,
}

/// What an ingress lets in, and where to.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct IngressSpec {
    pub(crate) ingress_class_name: Option<Text>,
    pub(crate) default_backend: Option<Backend>,
    pub(crate) rules: Many<Rule>,
    pub(crate) tls: Many<Tls>,
}

/// What holds for one host name.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Rule {
    pub(crate) host: Option<Text>,
    pub(crate) http: Option<RulePaths>,
}

/// The paths of a rule.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct RulePaths {
    pub(crate) paths: Many<RulePath>,
}

/// One path of a rule.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct RulePath {
    pub(crate) path: Option<Text>,
    #[serde(rename = "pathType")]
    pub(crate) sort: Option<Text>,
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) backend: Backend,
}

/// Where something is sent.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Backend {
    pub(crate) service: Option<BackendService>,
    pub(crate) resource: Option<BackendResource>,
}

/// The service that something is sent to.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct BackendService {
    pub(crate) name: Text,
    pub(crate) port: Option<BackendPort>,
}

/// A port of a service, by its number or its name.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct BackendPort {
    pub(crate) number: Option<u16>,
    pub(crate) name: Option<Text>,
}

/// Another object that something is sent to.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct BackendResource {
    pub(crate) kind: Text,
    pub(crate) name: Text,
}

/// Which host names have TLS, by which secret.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Tls {
    pub(crate) hosts: Many<Text>,
    pub(crate) secret_name: Option<Text>,
}

/// A network policy.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Policy {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: PolicySpec,
}

/// What a policy lets through.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PolicySpec {
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) pod_selector: Selector,
    pub(crate) policy_types: Many<Text>,
    pub(crate) ingress: Many<PolicyRule>,
    pub(crate) egress: Many<PolicyRule>,
}

/// One thing that a policy lets through.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct PolicyRule {
    pub(crate) ports: Many<PolicyPort>,
    #[serde(alias = "from", alias = "to")]
    pub(crate) peers: Many<PolicyPeer>,
}

/// A port that a policy lets through.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PolicyPort {
    pub(crate) port: Option<NumberOrWord>,
    pub(crate) end_port: Option<u16>,
    pub(crate) protocol: Option<Text>,
}

/// Who a policy lets through.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PolicyPeer {
    pub(crate) pod_selector: Option<Selector>,
    pub(crate) namespace_selector: Option<Selector>,
    pub(crate) ip_block: Option<IpBlock>,
}

/// Addresses that a policy lets through.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct IpBlock {
    pub(crate) cidr: Text,
    pub(crate) except: Many<Text>,
}
