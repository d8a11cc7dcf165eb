//! What is mounted into a workload, and what it refers to by that.

use std::collections::BTreeMap;

use plimsoll_model::{Table, Text, Value};

use super::word;
use crate::wire::{PodSpec, VolumeSource};

/// Where the token of a service account is put by itself.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// What the volume with it is called, before five signs of chance.
const TOKEN_VOLUME: &str = "kube-api-access-";

/// The mounts, by where they are: those of the main container by their path, those of others behind its name. `claims` are the
/// names of volumes that each pod gets for itself: they go by these names, and not by that of one pod's claim.
pub(crate) fn table(specs: &[&PodSpec], main: Option<&str>, claims: &[&str]) -> Table {
    let mut table = Table::new();
    for spec in specs {
        let own = |volume: &&VolumeSource| !claims.contains(&volume.name.as_str());
        let volumes: BTreeMap<&str, &VolumeSource> = spec
            .volumes
            .iter()
            .filter(own)
            .map(|volume| (volume.name.as_str(), volume))
            .collect();
        let all = spec.declared().chain(spec.ephemeral_containers.iter());
        for container in all {
            let mut add = |path: &str, row: Table| {
                let key = match main {
                    Some(main) if container.name != main => {
                        word(&format!("{}:{path}", container.name))
                    }
                    _ => word(path),
                };
                // Of instances that differ, the one that opens the node's own folder.
                let opens = row.get("kind").and_then(Value::as_str) == Some("bind");
                if opens || !table.contains(&key) {
                    table.insert(key, Value::Table(row));
                }
            };
            for mount in container.volume_mounts.iter() {
                if mount.mount_path == TOKEN_PATH && mount.name.starts_with(TOKEN_VOLUME) {
                    // Put in by the server; `service-account.token` says it.
                    continue;
                }
                let volume = volumes.get(mount.name.as_str()).copied();
                let (kind, source, readonly) = what(volume, &mount.name);
                let mut row = Table::new();
                row.insert("kind", Value::Text(kind.into()));
                row.insert(
                    "readonly",
                    Value::Bool(readonly || mount.read_only == Some(true)),
                );
                row.insert("source", Value::Text(source));
                add(&mount.mount_path, row);
            }
            for device in container.volume_devices.iter() {
                let volume = volumes.get(device.name.as_str()).copied();
                let (kind, source, _) = what(volume, &device.name);
                let mut row = Table::new();
                row.insert("kind", Value::Text(kind.into()));
                row.insert("readonly", Value::Bool(false));
                row.insert("source", Value::Text(source));
                add(&device.device_path, row);
            }
        }
    }
    table
}

/// Kind, source, and whether it cannot be written to whoever mounts it. `volume` is said of what outlives its pod and of
/// nothing else.
fn what(volume: Option<&VolumeSource>, name: &str) -> (&'static str, Text, bool) {
    let named = |name: &Option<Text>| name.as_deref().map(word).unwrap_or_default();
    let Some(volume) = volume else {
        // A claim that a stateful set makes for each of its pods goes by the claim template's name.
        return ("volume", word(name), false);
    };
    if let Some(claim) = &volume.persistent_volume_claim {
        return (
            "volume",
            word(&claim.claim_name),
            claim.read_only == Some(true),
        );
    }
    if let Some(path) = &volume.host_path {
        return ("bind", word(&path.path), false);
    }
    if let Some(empty) = &volume.empty_dir {
        let memory = empty.medium.as_deref() == Some("Memory");
        return (
            if memory { "tmpfs" } else { "empty-dir" },
            Text::default(),
            false,
        );
    }
    if let Some(secret) = &volume.secret {
        return ("secret", named(&secret.secret_name), true);
    }
    if let Some(map) = &volume.config_map {
        return ("config-map", named(&map.name), true);
    }
    if volume.projected.is_some() {
        return ("projected", Text::default(), true);
    }
    if volume.downward_api.is_some() {
        return ("downward-api", Text::default(), true);
    }
    if let Some(csi) = &volume.csi {
        return ("csi", word(&csi.driver), false);
    }
    if volume.ephemeral.is_some() {
        return ("ephemeral", Text::default(), false);
    }
    if volume.nfs.is_some() {
        return ("nfs", Text::default(), false);
    }
    if volume.image.is_some() {
        return ("image", Text::default(), true);
    }
    // A kind that is newer than this file, or older: it may hold data.
    ("volume", word(name), false)
}

/// What a pod refers to by name in its namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct References {
    pub(crate) secrets: std::collections::BTreeSet<Text>,
    pub(crate) config_maps: std::collections::BTreeSet<Text>,
    pub(crate) claims: std::collections::BTreeSet<Text>,
}

impl References {
    /// All that specifications refer to, but for the volumes that each pod gets for itself.
    pub(crate) fn of(specs: &[&PodSpec], own: &[&str]) -> Self {
        let mut all = Self::default();
        for spec in specs {
            all.take(spec, own);
        }
        all
    }

    fn take(&mut self, spec: &PodSpec, own: &[&str]) {
        let all = self;
        let put = |into: &mut std::collections::BTreeSet<Text>, name: Option<&Text>| {
            if let Some(name) = name.filter(|name| !name.is_empty()) {
                into.insert(word(name));
            }
        };
        for pull in spec.image_pull_secrets.iter() {
            put(&mut all.secrets, pull.name.as_ref());
        }
        for container in spec.containers.iter().chain(spec.init_containers.iter()) {
            for source in container
                .env
                .iter()
                .filter_map(|one| one.value_from.as_ref())
            {
                let secret = source.secret_key_ref.as_ref();
                put(&mut all.secrets, secret.and_then(|one| one.name.as_ref()));
                let map = source.config_map_key_ref.as_ref();
                put(&mut all.config_maps, map.and_then(|one| one.name.as_ref()));
            }
            for source in container.env_from.iter() {
                let secret = source.secret_ref.as_ref();
                put(&mut all.secrets, secret.and_then(|one| one.name.as_ref()));
                let map = source.config_map_ref.as_ref();
                put(&mut all.config_maps, map.and_then(|one| one.name.as_ref()));
            }
        }
        for volume in spec.volumes.iter() {
            if volume.name.starts_with(TOKEN_VOLUME) || own.contains(&volume.name.as_str()) {
                continue;
            }
            let secret = volume.secret.as_ref();
            put(
                &mut all.secrets,
                secret.and_then(|one| one.secret_name.as_ref()),
            );
            let map = volume.config_map.as_ref();
            put(&mut all.config_maps, map.and_then(|one| one.name.as_ref()));
            let claim = volume.persistent_volume_claim.as_ref();
            put(&mut all.claims, claim.map(|one| &one.claim_name));
            let csi = volume.csi.as_ref();
            let csi = csi.and_then(|one| one.node_publish_secret_ref.as_ref());
            put(&mut all.secrets, csi.and_then(|one| one.name.as_ref()));
            for source in volume.projected.iter().flat_map(|one| one.sources.iter()) {
                put(
                    &mut all.secrets,
                    source.secret.as_ref().and_then(|one| one.name.as_ref()),
                );
                let map = source.config_map.as_ref();
                put(&mut all.config_maps, map.and_then(|one| one.name.as_ref()));
            }
        }
    }
}

/// Whether a token is mounted by hand, whatever the account says.
pub(crate) fn token_by_hand(spec: &PodSpec) -> bool {
    let volumes = spec.volumes.iter();
    volumes
        .filter(|volume| !volume.name.starts_with(TOKEN_VOLUME))
        .flat_map(|volume| volume.projected.iter())
        .flat_map(|projected| projected.sources.iter())
        .any(|source| source.service_account_token.is_some())
}

/// The names of the claims that a stateful set makes for its pods: `TEMPLATE-SET-NUMBER`.
pub(crate) fn is_claim_of(claim: &str, template: &str, set: &str) -> bool {
    let number = claim
        .strip_prefix(template)
        .and_then(|rest| rest.strip_prefix('-'))
        .and_then(|rest| rest.strip_prefix(set))
        .and_then(|rest| rest.strip_prefix('-'));
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(json: &str) -> PodSpec {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn mounts_say_what_they_are() {
        let spec = spec(
            r#"{"volumes":[{"name":"d","persistentVolumeClaim":{"claimName":"data"}},{"name":"h","hostPath":{"path":"/run/containerd/containerd.sock"}},
            {"name":"t","emptyDir":{"medium":"Memory"}},{"name":"e","emptyDir":{}},{"name":"s","secret":{"secretName":"keys"}},
            {"name":"kube-api-access-x1y2z","projected":{"sources":[{"serviceAccountToken":{"path":"token"}}]}}],
            "containers":[{"name":"a","volumeMounts":[{"name":"d","mountPath":"/d"},{"name":"h","mountPath":"/h","readOnly":true},
            {"name":"t","mountPath":"/t"},{"name":"e","mountPath":"/e"},{"name":"s","mountPath":"/s"},{"name":"own","mountPath":"/own"},
            {"name":"kube-api-access-x1y2z","mountPath":"/var/run/secrets/kubernetes.io/serviceaccount","readOnly":true}]},
            {"name":"b","volumeMounts":[{"name":"d","mountPath":"/d"}]}]}"#,
        );
        let table = table(&[&spec], Some("a"), &[]);
        let rows: Vec<String> = table
            .iter()
            .map(|(at, row)| format!("{at}: {row}"))
            .collect();
        assert_eq!(
            rows,
            [
                "/d: kind=volume, readonly=no, source=data",
                "/e: kind=empty-dir, readonly=no, source=",
                "/h: kind=bind, readonly=yes, source=/run/containerd/containerd.sock",
                "/own: kind=volume, readonly=no, source=own",
                "/s: kind=secret, readonly=yes, source=keys",
                "/t: kind=tmpfs, readonly=no, source=",
                "b:/d: kind=volume, readonly=no, source=data",
            ]
        );
        assert!(!token_by_hand(&spec));
    }

    #[test]
    fn references_come_from_wherever_they_can_stand() {
        let spec = spec(
            r#"{"imagePullSecrets":[{"name":"pull"}],"volumes":[{"name":"p","projected":{"sources":[{"secret":{"name":"proj"}},{"configMap":{"name":"cm2"}},{"serviceAccountToken":{"path":"t"}}]}}],
            "containers":[{"name":"a","env":[{"name":"A","valueFrom":{"secretKeyRef":{"name":"env","key":"k"}}},{"name":"B","valueFrom":{"configMapKeyRef":{"name":"cm1","key":"k"}}}],
            "envFrom":[{"secretRef":{"name":"from"}}]}],"initContainers":[{"name":"i","envFrom":[{"configMapRef":{"name":"cm3"}}]}]}"#,
        );
        let found = References::of(&[&spec], &[]);
        let secrets: Vec<_> = found.secrets.iter().map(Text::as_str).collect();
        assert_eq!(secrets, ["env", "from", "proj", "pull"]);
        assert_eq!(found.config_maps.len(), 3);
        assert!(token_by_hand(&spec));
    }

    #[test]
    fn claims_of_a_stateful_set_end_in_a_number() {
        assert!(is_claim_of("data-db-0", "data", "db"));
        assert!(!is_claim_of("data-db-x", "data", "db"));
        assert!(!is_claim_of("data-db-2-0", "data", "db"));
        assert!(is_claim_of("data-db-2-0", "data", "db-2"));
    }
}
