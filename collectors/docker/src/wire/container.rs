//! Containers, in the list and looked at closely.
//!
//! No `Debug`: environment and command are in here.

use plimsoll_model::{Labels, Text};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Map, labels, or_default};

/// An item of `GET /containers/json`.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Listed {
    pub(crate) id: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) names: Vec<Text>,
    #[serde(deserialize_with = "plimsoll_kit::image::read")]
    pub(crate) image: Option<Text>,
    #[serde(rename = "ImageID")]
    pub(crate) image_id: Option<Text>,
    /// Seconds since 1970.
    pub(crate) created: Option<i64>,
    pub(crate) state: Option<Text>,
    #[serde(deserialize_with = "labels")]
    pub(crate) labels: Labels,
    pub(crate) mounts: Option<Vec<Mount>>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) host_config: ListMode,
}

/// What the list says of a container's host configuration.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct ListMode {
    pub(crate) network_mode: Option<Text>,
}

/// `GET /containers/{id}/json`.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Inspect {
    pub(crate) id: Text,
    pub(crate) created: Option<Text>,
    /// The image's id.
    pub(crate) image: Option<Text>,
    pub(crate) state: Option<State>,
    pub(crate) host_config: Option<HostConfig>,
    pub(crate) config: Option<Config>,
    pub(crate) mounts: Option<Vec<Mount>>,
    pub(crate) network_settings: Option<NetworkSettings>,
    /// How often the engine has started it again by itself.
    pub(crate) restart_count: Option<i64>,
}

/// A container's state.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct State {
    pub(crate) status: Option<Text>,
    /// Podman before 4.1 calls it `Healthcheck`.
    #[serde(alias = "Healthcheck")]
    pub(crate) health: Option<Health>,
    pub(crate) exit_code: Option<i64>,
    /// Why it could not be started; may quote what it was started with.
    pub(crate) error: Option<Text>,
}

/// What the health check says.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Health {
    pub(crate) status: Option<Text>,
}

/// What was asked for when the container was made, as far as it touches the host.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct HostConfig {
    pub(crate) network_mode: Option<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) port_bindings: Map<Option<Vec<PortBinding>>>,
    pub(crate) publish_all_ports: Option<bool>,
    pub(crate) privileged: Option<bool>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) cap_add: Vec<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) cap_drop: Vec<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) security_opt: Vec<Text>,
    pub(crate) readonly_rootfs: Option<bool>,
    pub(crate) pid_mode: Option<Text>,
    pub(crate) ipc_mode: Option<Text>,
    #[serde(rename = "UTSMode")]
    pub(crate) uts_mode: Option<Text>,
    pub(crate) userns_mode: Option<Text>,
    pub(crate) cgroupns_mode: Option<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) devices: Vec<Device>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) device_requests: Vec<DeviceRequest>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) tmpfs: Map<IgnoredAny>,
    pub(crate) restart_policy: Option<RestartPolicy>,
    pub(crate) log_config: Option<LogConfig>,
}

/// Where a port of the container is published. Both are texts, and both may be empty.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct PortBinding {
    #[serde(deserialize_with = "or_default")]
    pub(crate) host_ip: Text,
    #[serde(deserialize_with = "or_default")]
    pub(crate) host_port: Text,
}

/// A device of the host.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Device {
    pub(crate) path_on_host: Option<Text>,
}

/// Devices by what they can do, such as graphics cards.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct DeviceRequest {
    pub(crate) driver: Option<Text>,
}

/// When the container is restarted.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct RestartPolicy {
    pub(crate) name: Option<Text>,
    pub(crate) maximum_retry_count: Option<i64>,
}

/// Where the container's logs go.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct LogConfig {
    #[serde(rename = "Type")]
    pub(crate) driver: Option<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) config: Map<Option<Text>>,
}

/// What was asked for when the container was made, as far as the host does not matter.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Config {
    pub(crate) user: Option<Text>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) env: Vec<Text>,
    pub(crate) cmd: Option<Vec<Text>>,
    pub(crate) entrypoint: Option<Words>,
    #[serde(deserialize_with = "plimsoll_kit::image::read")]
    pub(crate) image: Option<Text>,
    #[serde(deserialize_with = "labels")]
    pub(crate) labels: Labels,
    pub(crate) healthcheck: Option<Healthcheck>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) exposed_ports: Map<IgnoredAny>,
}

/// A list of words; Podman writes an entry point as one text.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Words {
    Many(Vec<Text>),
    One(Text),
}

/// A health check.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Healthcheck {
    #[serde(deserialize_with = "or_default")]
    pub(crate) test: Vec<Text>,
}

/// Something mounted into the container.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Mount {
    #[serde(rename = "Type")]
    pub(crate) kind: Option<Text>,
    pub(crate) name: Option<Text>,
    pub(crate) source: Option<Text>,
    pub(crate) destination: Option<Text>,
    #[serde(rename = "RW")]
    pub(crate) writable: Option<bool>,
}

/// What the container's network looks like now.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct NetworkSettings {
    #[serde(deserialize_with = "or_default")]
    pub(crate) ports: Map<Option<Vec<PortBinding>>>,
    #[serde(deserialize_with = "or_default")]
    pub(crate) networks: Map<Option<Joined>>,
}

/// A network that the container has joined.
#[derive(Clone, Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(crate) struct Joined {
    #[serde(rename = "NetworkID")]
    pub(crate) network_id: Option<Text>,
}
