//! Apps, and what hangs on one besides its machines.

use plimsoll_model::Text;
use serde::Deserialize;

use super::or_default;

/// An item of `GET /apps`.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct App {
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: Text,
    /// The platform's own: another app that is made under the same name has another.
    pub(crate) internal_numeric_id: Option<i64>,
    pub(crate) network: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) machine_count: Option<i64>,
    pub(crate) organization: Option<AppOrganisation>,
}

/// An app's organisation.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct AppOrganisation {
    pub(crate) slug: Option<Text>,
    pub(crate) name: Option<Text>,
    pub(crate) internal_numeric_id: Option<i64>,
}

/// An item of `GET /apps/{app}/ip_assignments`.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Address {
    #[serde(deserialize_with = "or_default")]
    pub(crate) ip: Text,
    pub(crate) region: Option<Text>,
    pub(crate) shared: Option<bool>,
    pub(crate) created_at: Option<Text>,
}

/// An item of `GET /apps/{app}/secrets`. There is no field for a value.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Secret {
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) digest: Text,
    pub(crate) created_at: Option<Text>,
    pub(crate) updated_at: Option<Text>,
}

/// An item of `GET /apps/{app}/certificates`.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Certificate {
    #[serde(deserialize_with = "or_default")]
    pub(crate) hostname: Text,
    pub(crate) status: Option<Text>,
    pub(crate) has_fly_certificate: Option<bool>,
    pub(crate) has_custom_certificate: Option<bool>,
    pub(crate) created_at: Option<Text>,
}

/// `GET /apps/{app}/certificates/{hostname}`.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct CertificateClosely {
    #[serde(deserialize_with = "super::lenient")]
    pub(crate) certificates: Vec<CertificateEntry>,
}

/// One of a host name's certificates.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct CertificateEntry {
    pub(crate) source: Option<Text>,
    pub(crate) status: Option<Text>,
    pub(crate) issuer: Option<Text>,
    pub(crate) expires_at: Option<Text>,
    #[serde(deserialize_with = "super::lenient")]
    pub(crate) issued: Vec<Issued>,
}

/// One key's part of a certificate.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Issued {
    pub(crate) expires_at: Option<Text>,
    pub(crate) certificate_authority: Option<Text>,
}

/// An item of `GET /orgs/{slug}/volumes`.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Volume {
    #[serde(deserialize_with = "or_default")]
    pub(crate) id: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) name: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) app_name: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) state: Text,
    pub(crate) size_gb: Option<i64>,
    pub(crate) region: Option<Text>,
    pub(crate) encrypted: Option<bool>,
    pub(crate) attached_machine_id: Option<Text>,
    pub(crate) created_at: Option<Text>,
    pub(crate) fstype: Option<Text>,
    pub(crate) snapshot_retention: Option<i64>,
    pub(crate) auto_backup_enabled: Option<bool>,
    pub(crate) host_status: Option<Text>,
}

/// An item of `GET /apps/{app}/volumes/{id}/snapshots`.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Snapshot {
    pub(crate) created_at: Option<Text>,
    pub(crate) status: Option<Text>,
}

/// An item of `GET /apps/{app}/releases` of the older interface.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Release {
    #[serde(deserialize_with = "or_default")]
    pub(crate) id: Text,
    pub(crate) version: Option<i64>,
    pub(crate) status: Option<Text>,
    pub(crate) strategy: Option<Text>,
    pub(crate) stable: Option<bool>,
    pub(crate) user: Option<Text>,
    pub(crate) created_at: Option<Text>,
    pub(crate) image_ref: Option<Text>,
}
