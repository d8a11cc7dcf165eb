//! The certificates of cert-manager.

use plimsoll_model::Text;

use super::node::Condition;
use super::{Many, Meta};

/// A certificate that cert-manager keeps.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Certificate {
    pub(crate) metadata: Meta,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) spec: CertificateSpec,
    #[serde(default, deserialize_with = "super::or_default")]
    pub(crate) status: CertificateStatus,
}

/// What is asked for.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CertificateSpec {
    pub(crate) secret_name: Option<Text>,
    pub(crate) dns_names: Many<Text>,
    pub(crate) common_name: Option<Text>,
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) issuer_ref: IssuerRef,
}

/// Who is to issue it.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct IssuerRef {
    pub(crate) name: Text,
    pub(crate) kind: Option<Text>,
}

/// What was got.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CertificateStatus {
    pub(crate) not_after: Option<Text>,
    pub(crate) conditions: Many<Condition>,
}
