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
