//! The Gateway API: gateways and routes.

use plimsoll_model::Text;

use super::{Many, Map, Meta, There, Whole};

/// A gateway.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Gateway {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: GatewaySpec,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) status: GatewayStatus,
}

/// What a gateway listens to.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct GatewaySpec {
    pub(crate) gateway_class_name: Option<Text>,
    pub(crate) listeners: Many<Listener>,
}

/// One port of a gateway.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Listener {
    pub(crate) name: Text,
    pub(crate) hostname: Option<Text>,
    pub(crate) port: Option<u16>,
    pub(crate) protocol: Text,
    pub(crate) tls: Option<ListenerTls>,
}

/// The TLS of a listener.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ListenerTls {
    pub(crate) mode: Option<Text>,
    pub(crate) certificate_refs: Many<Reference>,
    pub(crate) options: Map<Text>,
}

/// A reference to an object, in the same namespace where none is named.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) group: Option<Text>,
    pub(crate) kind: Option<Text>,
    pub(crate) name: Text,
    pub(crate) namespace: Option<Text>,
    pub(crate) section_name: Option<Text>,
    pub(crate) port: Option<u16>,
}

/// Where a gateway is.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct GatewayStatus {
    pub(crate) addresses: Many<GatewayAddress>,
}

/// An address of a gateway.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct GatewayAddress {
    #[serde(rename = "type")]
    pub(crate) sort: Option<Text>,
    pub(crate) value: Text,
}

/// A route of any kind.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Route {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: RouteSpec,
}

/// What a route sends where.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RouteSpec {
    pub(crate) parent_refs: Many<Reference>,
    pub(crate) hostnames: Many<Text>,
    pub(crate) rules: Many<Whole<RouteRule>>,
}

/// One rule of a route.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct RouteRule {
    pub(crate) backend_refs: Many<Reference>,
    pub(crate) filters: Many<Filter>,
}

/// What is done to a request on its way. What it says is not kept: headers may hold secrets.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Filter {
    #[serde(rename = "type")]
    pub(crate) sort: Option<Text>,
    pub(crate) request_redirect: Option<Redirect>,
    pub(crate) request_mirror: Option<There>,
}

/// Where a request is sent instead.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Redirect {
    pub(crate) scheme: Option<Text>,
}
