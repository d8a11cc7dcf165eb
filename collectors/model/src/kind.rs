//! The kinds of asset that collectors and baselines agree on. A source may bring kinds of its own.

/// A machine, virtual or not.
pub const HOST: &str = "host";
/// A container engine on a host.
pub const ENGINE: &str = "container-engine";
/// A container, by its name or its Compose project and service.
pub const CONTAINER: &str = "container";
/// A container image, by its reference on its host.
pub const IMAGE: &str = "image";
/// A network that workloads join.
pub const NETWORK: &str = "network";
/// A volume that holds a workload's data.
pub const VOLUME: &str = "volume";
/// A mounted file system.
pub const FILESYSTEM: &str = "filesystem";
/// A block device: a disk, a partition, a mapping.
pub const BLOCK_DEVICE: &str = "block-device";
/// A database server that a platform manages, or that a finding names.
pub const DATABASE: &str = "database";
/// A service that a finding names, without saying how it runs.
pub const SERVICE: &str = "service";
/// What a platform runs as one, whatever the number of its instances: a Kubernetes workload, a Fly process group, an Aptible service.
pub const WORKLOAD: &str = "workload";
/// What a platform deploys as one: a Fly app, an Aptible app. It contains workloads.
pub const APP: &str = "app";
/// A way in that a platform keeps: an ingress, a gateway or its route, an Aptible endpoint.
pub const ENDPOINT: &str = "endpoint";
/// A name and address for a workload inside its cluster, and outside where it says so: a Kubernetes service.
pub const NETWORK_SERVICE: &str = "network-service";
/// A Kubernetes cluster.
pub const CLUSTER: &str = "cluster";
/// A part of a cluster with names of its own.
pub const NAMESPACE: &str = "namespace";
/// An organisation or account on a platform.
pub const ORGANISATION: &str = "organisation";
/// What a platform calls an environment, and keeps apart: an Aptible environment.
pub const PLATFORM_ENVIRONMENT: &str = "platform-environment";
/// Machines and a network that a platform keeps for one or more customers: an Aptible stack.
pub const STACK: &str = "stack";
/// A rule of which traffic a cluster lets through.
pub const NETWORK_POLICY: &str = "network-policy";
/// A claim of a workload on storage.
pub const VOLUME_CLAIM: &str = "volume-claim";
/// How a cluster makes volumes.
pub const STORAGE_CLASS: &str = "storage-class";
/// A set of configuration, by its name: never its contents.
pub const CONFIGURATION: &str = "configuration";
/// A secret, by its name: never its contents.
pub const SECRET: &str = "secret";
/// An account that workloads act under.
pub const SERVICE_ACCOUNT: &str = "service-account";
/// A public address.
pub const ADDRESS: &str = "address";
/// A TLS certificate, by the name it is for.
pub const CERTIFICATE: &str = "certificate";
/// Where a platform sends logs.
pub const LOG_DRAIN: &str = "log-drain";
/// A backup, or a snapshot of a volume, that is kept as an asset of its own.
pub const BACKUP: &str = "backup";
/// A name in the DNS, as `dns-name:api.example.com`: the same asset whichever source speaks of it.
pub const DNS_NAME: &str = "dns-name";

/// Every kind above. A source may bring others.
pub const ALL: &[&str] = &[
    HOST,
    ENGINE,
    CONTAINER,
    IMAGE,
    NETWORK,
    VOLUME,
    FILESYSTEM,
    BLOCK_DEVICE,
    DATABASE,
    SERVICE,
    WORKLOAD,
    APP,
    ENDPOINT,
    NETWORK_SERVICE,
    CLUSTER,
    NAMESPACE,
    ORGANISATION,
    PLATFORM_ENVIRONMENT,
    STACK,
    NETWORK_POLICY,
    VOLUME_CLAIM,
    STORAGE_CLASS,
    CONFIGURATION,
    SECRET,
    SERVICE_ACCOUNT,
    ADDRESS,
    CERTIFICATE,
    LOG_DRAIN,
    BACKUP,
    DNS_NAME,
];

#[cfg(test)]
mod tests {
    #[test]
    fn list_of_all_misses_none() {
        let text = include_str!("kind.rs");
        let (text, _) = text.split_once("pub const ALL").unwrap();
        let names = text
            .lines()
            .filter(|line| line.starts_with("pub const ") && line.contains(": &str ="));
        assert_eq!(names.count(), super::ALL.len());
    }
}
