//! What runs in a pod, as its template asks for it.

use plimsoll_model::Text;

use super::{Many, Map, Named, NumberOrWord, There, Whole};

/// A pod's specification.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PodSpec {
    pub(crate) containers: Many<Container>,
    pub(crate) init_containers: Many<Container>,
    /// What was put into a running pod; a template has none.
    pub(crate) ephemeral_containers: Many<Container>,
    pub(crate) volumes: Many<VolumeSource>,
    pub(crate) service_account_name: Option<Text>,
    pub(crate) automount_service_account_token: Option<bool>,
    pub(crate) host_network: Option<bool>,
    #[serde(rename = "hostPID")]
    pub(crate) host_pid: Option<bool>,
    #[serde(rename = "hostIPC")]
    pub(crate) host_ipc: Option<bool>,
    pub(crate) host_users: Option<bool>,
    pub(crate) restart_policy: Option<Text>,
    pub(crate) runtime_class_name: Option<Text>,
    pub(crate) node_selector: Map<Text>,
    pub(crate) image_pull_secrets: Many<Named>,
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) security_context: PodSecurity,
}

impl PodSpec {
    /// The containers that it declares, without what was put in later.
    pub(crate) fn declared(&self) -> impl Iterator<Item = &Container> {
        self.containers.iter().chain(self.init_containers.iter())
    }

    /// Fills in the AppArmor profiles that older manifests have as annotations, as the server does for pods.
    pub(crate) fn fill_in(&mut self, annotations: &Map<Text>) {
        const APPARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
        for (name, value) in annotations.iter() {
            let Some(container) = name.strip_prefix(APPARMOR) else {
                continue;
            };
            let (sort, file) = match value.as_str() {
                "unconfined" => ("Unconfined", None),
                "runtime/default" => ("RuntimeDefault", None),
                other => match other.strip_prefix("localhost/") {
                    Some(file) => ("Localhost", Some(file.into())),
                    None => continue,
                },
            };
            let all = self.containers.0.iter_mut();
            for one in all.chain(self.init_containers.0.iter_mut()) {
                let profile = &mut one.security_context.app_armor_profile;
                if one.name == container && profile.is_none() {
                    *profile = Some(Profile {
                        sort: Some(sort.into()),
                        localhost_profile: file.clone(),
                    });
                }
            }
        }
    }

    /// Takes a pod's own name out of what it is told, where its keeper writes it in: another pod in its place is told the same.
    pub(crate) fn forget_name(&mut self, pod: &str) {
        // A short name may be a word like any other.
        if pod.len() < 5 || !pod.contains('-') {
            return;
        }
        let forget = |text: &mut Text| {
            if text.contains(pod) {
                *text = text.replace(pod, "(pod)").into();
            }
        };
        let all = self.containers.0.iter_mut();
        for one in all.chain(self.init_containers.0.iter_mut()) {
            let values = one.env.0.iter_mut();
            values.filter_map(|one| one.value.as_mut()).for_each(forget);
            one.command.0.iter_mut().for_each(forget);
            one.args.0.iter_mut().for_each(forget);
        }
    }

    /// Takes out the volume with the token of the pod's account: the server puts it in, under a name of chance.
    pub(crate) fn forget_token(&mut self) {
        let is_token = |name: &str| name.starts_with(super::pod::TOKEN_VOLUME);
        self.volumes.0.retain(|volume| !is_token(&volume.name));
        let all = self.containers.0.iter_mut();
        let all = all.chain(self.init_containers.0.iter_mut());
        for one in all.chain(self.ephemeral_containers.0.iter_mut()) {
            one.volume_mounts.0.retain(|mount| !is_token(&mount.name));
        }
    }

    /// Leaves nothing but what tells how confined it is, and what it mounts; not by which claims of the pod's own.
    pub(crate) fn strip(&mut self, pod: &str) {
        let volumes = self.volumes.0.iter_mut();
        for claim in volumes.filter_map(|one| one.persistent_volume_claim.as_mut()) {
            if !pod.is_empty() && claim.claim_name.contains(pod) {
                claim.claim_name.clear();
            }
        }
        let all = self.containers.0.iter_mut();
        for one in all.chain(self.init_containers.0.iter_mut()) {
            *one = Container {
                name: std::mem::take(&mut one.name),
                image: one.image.take(),
                ports: std::mem::take(&mut one.ports),
                volume_mounts: std::mem::take(&mut one.volume_mounts),
                volume_devices: std::mem::take(&mut one.volume_devices),
                security_context: std::mem::take(&mut one.security_context),
                ..Container::default()
            };
        }
    }
}

/// What holds for all containers of a pod that do not say otherwise.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct PodSecurity {
    pub(crate) run_as_user: Option<i64>,
    pub(crate) run_as_non_root: Option<bool>,
    pub(crate) seccomp_profile: Option<Profile>,
    pub(crate) app_armor_profile: Option<Profile>,
}

/// A profile that confines.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Profile {
    #[serde(rename = "type")]
    pub(crate) sort: Option<Text>,
    pub(crate) localhost_profile: Option<Text>,
}

/// A container of a template.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Container {
    pub(crate) name: Text,
    #[serde(deserialize_with = "plimsoll_kit::image::read")]
    pub(crate) image: Option<Text>,
    pub(crate) command: Many<Text>,
    pub(crate) args: Many<Text>,
    pub(crate) env: Many<Variable>,
    pub(crate) env_from: Many<EnvSource>,
    pub(crate) ports: Many<ContainerPort>,
    pub(crate) volume_mounts: Many<Mount>,
    pub(crate) volume_devices: Many<Device>,
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) security_context: Security,
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) resources: Resources,
    pub(crate) liveness_probe: Option<Whole<Probe>>,
    pub(crate) readiness_probe: Option<Whole<Probe>>,
    pub(crate) startup_probe: Option<Whole<Probe>>,
    pub(crate) image_pull_policy: Option<Text>,
    pub(crate) restart_policy: Option<Text>,
}

/// A variable of a container's environment.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Variable {
    pub(crate) name: Text,
    pub(crate) value: Option<Text>,
    pub(crate) value_from: Option<Source>,
}

/// Where a variable's value comes from.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Source {
    pub(crate) secret_key_ref: Option<KeyRef>,
    pub(crate) config_map_key_ref: Option<KeyRef>,
    pub(crate) field_ref: Option<FieldRef>,
    pub(crate) resource_field_ref: Option<There>,
}

/// One key of a secret or config map.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct KeyRef {
    pub(crate) name: Option<Text>,
    pub(crate) key: Option<Text>,
}

/// A field of the pod itself.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct FieldRef {
    pub(crate) field_path: Option<Text>,
}

/// A secret or config map of which every key becomes a variable.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct EnvSource {
    pub(crate) prefix: Option<Text>,
    pub(crate) secret_ref: Option<Named>,
    pub(crate) config_map_ref: Option<Named>,
}

/// A port of a container.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ContainerPort {
    pub(crate) name: Option<Text>,
    pub(crate) container_port: Option<u16>,
    pub(crate) host_port: Option<u16>,
    #[serde(rename = "hostIP")]
    pub(crate) host_ip: Option<Text>,
    pub(crate) protocol: Option<Text>,
}

/// A volume in a container.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Mount {
    pub(crate) name: Text,
    pub(crate) mount_path: Text,
    pub(crate) read_only: Option<bool>,
    pub(crate) sub_path: Option<Text>,
}

/// A volume as a block device in a container.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Device {
    pub(crate) name: Text,
    pub(crate) device_path: Text,
}

/// What a container may do.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Security {
    pub(crate) privileged: Option<bool>,
    pub(crate) allow_privilege_escalation: Option<bool>,
    pub(crate) read_only_root_filesystem: Option<bool>,
    pub(crate) run_as_user: Option<i64>,
    pub(crate) run_as_non_root: Option<bool>,
    #[serde(deserialize_with = "super::or_default")]
    pub(crate) capabilities: Capabilities,
    pub(crate) seccomp_profile: Option<Profile>,
    pub(crate) app_armor_profile: Option<Profile>,
}

/// Capabilities beside those that the container runtime gives.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Capabilities {
    pub(crate) add: Many<Text>,
    pub(crate) drop: Many<Text>,
}

/// What a container asks for and is held to.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Resources {
    pub(crate) limits: Map<NumberOrWord>,
    pub(crate) requests: Map<NumberOrWord>,
}

/// A probe, by its sort: its command, headers and path may hold a secret.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Probe {
    exec: Option<There>,
    http_get: Option<There>,
    tcp_socket: Option<There>,
    grpc: Option<There>,
}

impl Probe {
    /// How it asks.
    pub(crate) fn sort(&self) -> &'static str {
        match self {
            Self {
                http_get: Some(_), ..
            } => "http",
            Self {
                tcp_socket: Some(_),
                ..
            } => "tcp",
            Self { grpc: Some(_), .. } => "grpc",
            Self { exec: Some(_), .. } => "exec",
            _ => "other",
        }
    }
}

/// A volume of a pod, and what it is.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct VolumeSource {
    pub(crate) name: Text,
    pub(crate) empty_dir: Option<EmptyDir>,
    pub(crate) host_path: Option<HostPath>,
    pub(crate) secret: Option<SecretVolume>,
    pub(crate) config_map: Option<Named>,
    pub(crate) persistent_volume_claim: Option<ClaimVolume>,
    pub(crate) projected: Option<Projected>,
    #[serde(rename = "downwardAPI")]
    pub(crate) downward_api: Option<There>,
    pub(crate) csi: Option<CsiVolume>,
    pub(crate) ephemeral: Option<There>,
    pub(crate) nfs: Option<There>,
    pub(crate) image: Option<There>,
}

/// A folder that lives as long as its pod.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct EmptyDir {
    pub(crate) medium: Option<Text>,
}

/// A folder of the node.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct HostPath {
    pub(crate) path: Text,
}

/// A secret as files.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SecretVolume {
    pub(crate) secret_name: Option<Text>,
}

/// A claim on storage.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ClaimVolume {
    pub(crate) claim_name: Text,
    pub(crate) read_only: Option<bool>,
}

/// Several sources as one volume.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Projected {
    pub(crate) sources: Many<ProjectedSource>,
}

/// One of several sources.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ProjectedSource {
    pub(crate) secret: Option<Named>,
    pub(crate) config_map: Option<Named>,
    pub(crate) service_account_token: Option<There>,
}

/// A volume that a driver makes for the pod.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct CsiVolume {
    pub(crate) driver: Text,
    pub(crate) node_publish_secret_ref: Option<Named>,
}
