//! Machines, as an app's own list has them.
//!
//! No `Debug`: variables, commands and files are in here.

use plimsoll_model::Text;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Map, lenient, or_default};

/// An item of `GET /apps/{app}/machines`.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Machine {
    #[serde(deserialize_with = "or_default")]
    pub(crate) id: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) state: Text,
    pub(crate) region: Option<Text>,
    pub(crate) created_at: Option<Text>,
    pub(crate) host_status: Option<Text>,
    pub(crate) image_ref: Option<ImageRef>,
    /// Null where the host cannot be reached.
    pub(crate) config: Option<Config>,
    /// What is known of it then.
    pub(crate) incomplete_config: Option<Config>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) events: Vec<Event>,
}

/// The image that runs.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct ImageRef {
    pub(crate) registry: Option<Text>,
    pub(crate) repository: Option<Text>,
    pub(crate) digest: Option<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) labels: Map<Text>,
}

/// How a machine is set up.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Config {
    #[serde(deserialize_with = "plimsoll_kit::image::read")]
    pub(crate) image: Option<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) env: Map<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) metadata: Map<Text>,
    pub(crate) init: Option<Process>,
    pub(crate) guest: Option<Guest>,
    pub(crate) restart: Option<Restart>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) mounts: Vec<Mount>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) services: Vec<Service>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) checks: Map<IgnoredAny>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) files: Vec<File>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) processes: Vec<Process>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) containers: Vec<Process>,
    pub(crate) schedule: Option<Text>,
    pub(crate) auto_destroy: Option<bool>,
}

/// What is started, in the machine or in one of its containers.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Process {
    /// A container's.
    pub(crate) name: Option<Text>,
    /// A container's.
    #[serde(deserialize_with = "plimsoll_kit::image::read")]
    pub(crate) image: Option<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) cmd: Vec<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) entrypoint: Vec<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) exec: Vec<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) env: Map<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) files: Vec<File>,
    pub(crate) user: Option<Text>,
}

/// The size of a machine.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Guest {
    pub(crate) cpu_kind: Option<Text>,
    pub(crate) cpus: Option<i64>,
    pub(crate) memory_mb: Option<i64>,
    pub(crate) gpu_kind: Option<Text>,
}

/// When a machine is started again.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Restart {
    pub(crate) policy: Option<Text>,
}

/// A volume in a machine.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Mount {
    pub(crate) volume: Option<Text>,
    pub(crate) path: Option<Text>,
    pub(crate) name: Option<Text>,
    /// How full it is when the platform extends it, in percent; by how much; and up to which size.
    pub(crate) extend_threshold_percent: Option<i64>,
    pub(crate) add_size_gb: Option<i64>,
    pub(crate) size_gb_limit: Option<i64>,
}

/// A file that is put into a machine.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct File {
    pub(crate) guest_path: Option<Text>,
    pub(crate) raw_value: Option<Text>,
    pub(crate) secret_name: Option<Text>,
}

/// What the edge sends on to a machine.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Service {
    pub(crate) protocol: Option<Text>,
    pub(crate) internal_port: Option<i64>,
    /// A word, or a boolean in older ones.
    pub(crate) autostop: Option<serde_json::Value>,
    pub(crate) autostart: Option<bool>,
    pub(crate) min_machines_running: Option<i64>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) ports: Vec<Port>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) checks: Vec<IgnoredAny>,
}

/// A port of the edge.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Port {
    pub(crate) port: Option<i64>,
    pub(crate) start_port: Option<i64>,
    pub(crate) end_port: Option<i64>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) handlers: Vec<Text>,
    pub(crate) force_https: Option<bool>,
    pub(crate) tls_options: Option<TlsOptions>,
}

/// How the edge speaks TLS on it.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct TlsOptions {
    #[serde(deserialize_with = "or_default")]
    pub(crate) versions: Vec<Text>,
}

/// Something that happened to a machine.
#[derive(Clone, Deserialize, Default)]
#[serde(default)]
pub(crate) struct Event {
    #[serde(deserialize_with = "or_default")]
    pub(crate) id: Text,
    #[serde(rename = "type", deserialize_with = "or_default")]
    pub(crate) kind: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) source: Text,
    /// Milliseconds since 1970.
    pub(crate) timestamp: Option<i64>,
}
